# unstuck-debug: what `unstuck debug` tells gdb, once it knows tasks (core/gdb/unstuck-gdb.py).
#
# The runner is run up to the end of the run, where nothing can go on any more and every task that is left
# still stands where it waits. Then the task that is asked for is selected, in its frame of the source that
# is judged.
#
# UNSTUCK_TASK is the number of the task, "" for none; UNSTUCK_SOURCE the path of the source.
import os

import gdb

END_OF_RUN = "debugger_stops_here"
ASKED = {name: os.environ.pop(name, "") for name in ("UNSTUCK_TASK", "UNSTUCK_SOURCE")}


def is_source(frame):
    """Whether the code of the frame is of the source that is judged."""
    table = frame.find_sal().symtab
    return bool(table) and os.path.realpath(table.fullname()) == os.path.realpath(ASKED["UNSTUCK_SOURCE"])


def frame_of_source():
    """The innermost frame of that source from the selected one on; None: there is none."""
    frame = gdb.selected_frame()
    while frame and not is_source(frame):
        frame = frame.older()
    return frame


class Blocked(gdb.Command):
    """Go to the line where the task is blocked that the run was stopped for: in the exercise, where it has
one in its stack."""

    def __init__(self):
        super().__init__("blocked", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        if not ASKED["UNSTUCK_TASK"]:
            raise gdb.GdbError("no task is left in this run; `unstuck replay` shows how it came to its end")
        gdb.execute("task %s" % ASKED["UNSTUCK_TASK"])
        gdb.execute("task %s select" % ASKED["UNSTUCK_TASK"])
        frame = frame_of_source()
        if frame:
            frame.select()
        gdb.execute("frame")
        gdb.execute("list")


def at_end():
    try:
        return gdb.newest_frame().name() == END_OF_RUN
    except gdb.error:
        return False


def run_to_end():
    """Says what gdb says only where the run does not come that far. False: it does not."""
    gdb.Breakpoint(END_OF_RUN, internal=True).silent = True
    said = gdb.execute("run", to_string=True)
    if at_end():
        return True
    gdb.write(said + "The run did not come to its end; it stopped here.\n")
    return False


for name in ASKED:
    gdb.execute("unset environment %s" % name)
Blocked()
if run_to_end() and ASKED["UNSTUCK_TASK"]:
    gdb.execute("blocked")
elif at_end():
    gdb.write("No task is left at the end of this run; `unstuck replay` shows how it came there.\n")
gdb.write(
    "Look around: info tasks, task N bt, bt, up, info locals; `blocked` comes back here, `quit` leaves.\n"
)
