# unstuck-gdb: tasks for gdb, in a live process and in a core file.
#
#     (gdb) source unstuck-gdb.py
#     (gdb) info tasks                   every task: state, why it waits, on what, where, who started it
#     (gdb) task 3                       the same for one
#     (gdb) task 3 bt                    its stack, whose frames count from 1
#     (gdb) task 3 info locals           any command, in the frame that called the core
#     (gdb) task apply all bt            one after the other
#     (gdb) task 3 select                from here on bt, up, info locals are those of task 3
#
# To have it loaded by itself, put it (or a link to it) beside the program as PROGRAM-gdb.py, and say
# once in ~/.config/gdb/gdbinit that gdb may: `add-auto-load-safe-path FOLDER-OF-THE-PROGRAM`. Or have
# it in every session: `source /usr/local/share/unstuck-core/gdb/unstuck-gdb.py` there.
#
# How it works: nothing in the process is changed, so it works on a core file too. While a command runs
# for a task, an unwinder of our own says that the innermost frame was called by the place where the
# task is parked; all frames from there on are gdb's doing.
#
# It replaces gdb's commands of these names, which are for Ada's tasks. It needs the core's debug
# information (-g), which every build of it has, and Python in gdb, which Debian's has.
import gdb
import gdb.unwinder

NOBODY = 0xFFFFFFFE


class Problem(gdb.GdbError):
    """What is shown to whoever typed the command, without a traceback."""


# --- what the core knows -------------------------------------------------------------------------------


def core(expression):
    """The value of an expression over the core's own names."""
    try:
        return gdb.parse_and_eval(expression)
    except gdb.MemoryError as e:
        raise Problem("the memory of the run cannot be read: %s" % e)
    except gdb.error as e:
        raise Problem("no unstuck core here, or no debug information of it (%s)" % e)


def the_run():
    run = core("'sched.c'::run")
    if not run["active"]:
        raise Problem("no run is under way")
    return run


def tasks(run):
    """All that have not ended, in the order in which they were started."""
    t = run["oldest"]
    while t:
        yield t.dereference()
        t = t["younger"]


def find(run, number):
    for t in tasks(run):
        if int(t["number"]) == number:
            return t
    raise Problem("there is no task %d (any more); `info tasks` shows those there are" % number)


def text(pointer):
    """A string of the program, "" for NULL."""
    return pointer.string(errors="replace") if pointer else ""


def word(function, index):
    """An entry of the table of texts in a function of the core."""
    entry = core("%s::words[%d]" % (function, index))
    if not entry.is_optimized_out:
        return text(entry)
    # clang has made it a table of distances from its own beginning, which only has a symbol.
    table = core("(char *)&'reltable.%s'" % function)
    distance = (table + 4 * index).cast(gdb.lookup_type("int").pointer()).dereference()
    return text(table + distance)


def is_current(run, t):
    """Its code runs on its own stack now; an operation announced is executed on the scheduler's."""
    return run["current"] == t.address and not run["executing"]


def state(run, t):
    """One word, or the words for why it waits."""
    if is_current(run, t):
        return "running"
    name = str(t["state"].cast(gdb.lookup_type("enum task_state")))
    if name == "TASK_PARKED":
        return word("wait_reason_text", int(t["reason"]))
    return name.replace("TASK_", "").lower()


def waits_on(t):
    """The object, as reports call it: "reply (chan#1)"; "" if there is none."""
    parked = int(t["state"]) == int(core("TASK_PARKED"))
    if not parked or not t["object"]:
        return ""
    o = t["object"].dereference()
    kind = word("object_word", int(o["kind"]))
    name = text(o["name"])
    return "%s (%s#%d)" % (name, kind, o["id"]) if name else "%s#%d" % (kind, o["id"])


def place(site):
    if not site:
        return ""
    return "%s:%d" % (text(site["file"]).rsplit("/", 1)[-1], int(site["line"]))


def origin(t):
    by = int(t["parent"])
    return "#%d at %s" % (by, place(t["started_at"])) if by < NOBODY and t["started_at"] else ""


def duration(ns):
    for unit, size in (("h", 3600 * 10**9), ("s", 10**9), ("ms", 10**6), ("us", 10**3)):
        if ns >= size:
            return "%.4g %s" % (ns / size, unit)
    return "%d ns" % ns


def labels(t):
    """All of its labels in words: "job=3, urgent"."""
    return text(t["labels"]["text"]) if t["labels"] else ""


# --- info tasks ------------------------------------------------------------------------------------------

COLUMNS = ("", "ID", "NAME", "STATE", "ON", "WHERE", "STARTED BY", "AGE", "")


def row(run, t):
    return (
        "*" if is_current(run, t) else "",
        "#%d" % int(t["number"]),
        text(t["name"]),
        state(run, t),
        waits_on(t),
        place(t["at"]),
        origin(t),
        duration(int(run["now"]) - int(t["born"])),
        " ".join(w for w in ("daemon" if t["daemon"] else "", labels(t)) if w),
    )


def print_table(rows):
    rows = [COLUMNS] + rows
    widths = [max(len(r[i]) for r in rows) for i in range(len(COLUMNS))]
    for r in rows:
        gdb.write("  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip() + "\n")


class InfoTasks(gdb.Command):
    """Show every task: its state, why it waits and on what, where, who started it, its age.

The one whose code runs is marked with a star."""

    def __init__(self):
        super().__init__("info tasks", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        run = the_run()
        print_table([row(run, t) for t in tasks(run)])


# --- task N COMMAND --------------------------------------------------------------------------------------

# Names of the stack pointer, the frame pointer and the program counter: what stack_switch keeps of a
# parked task. Everything else is where the frames themselves have saved it.
MACHINES = {"i386:x86-64": ("rsp", "rbp", "rip"), "aarch64": ("sp", "x29", "pc")}


def machine():
    name = gdb.selected_inferior().architecture().name()
    if name not in MACHINES:
        raise Problem("stacks of tasks are not known on %s" % name)
    return MACHINES[name]


def saved_registers(t):
    """What the registers will be where the task goes on, by name."""
    sp, fp, pc = machine()
    resume = t["resume"]
    return {sp: int(resume["sp"]), fp: int(resume["fp"]), pc: int(resume["pc"])}


class FrameId:
    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class Parked(gdb.unwinder.Unwinder):
    """Says that the innermost frame was called by a task that is parked, while there is one to show."""

    def __init__(self):
        super().__init__("unstuck parked tasks")
        self.innermost = self.caller = None

    def __call__(self, frame):
        if self.caller is None:
            return None
        sp, _, pc = machine()
        if (int(frame.read_register(sp)), int(frame.read_register(pc))) != self.innermost:
            return None
        # Below the frames to come: gdb takes stacks that grow the wrong way for corrupt.
        address = gdb.lookup_type("unsigned long")
        info = frame.create_unwind_info(
            FrameId(gdb.Value(self.caller[sp] - 1).cast(address), gdb.Value(self.innermost[1]).cast(address))
        )
        for name, value in self.caller.items():
            like = frame.read_register(name).type
            info.add_saved_register(name, gdb.Value(value).cast(like))
        return info

    def show(self, caller):
        """From here on the innermost frame has this caller; None: its own."""
        if caller:
            frame = gdb.newest_frame()
            sp, _, pc = machine()
            self.innermost = (int(frame.read_register(sp)), int(frame.read_register(pc)))
        self.caller = caller
        gdb.invalidate_cached_frames()


parked = Parked()
gdb.unwinder.register_unwinder(None, parked, replace=True)


def backtrace(command):
    """A backtrace without frame 0, which is none of the task's."""
    words = command.split()
    if words[-1].isdigit():
        words[-1] = str(int(words[-1]) + 1)
    skipping = False
    for line in gdb.execute(" ".join(words), to_string=True).splitlines(keepends=True):
        if line.startswith("#"):
            skipping = line.startswith("#0 ")
        if not skipping:
            gdb.write(line)


def is_backtrace(command):
    return command.split(None, 1)[0] in ("bt", "backtrace", "where")


def select_caller(t):
    """The frame that called the core, by the name of its function; the innermost if there is none."""
    innermost = frame = gdb.newest_frame().older()
    wanted = text(t["at"]["function"]) if t["at"] else ""
    while frame and frame.name() != wanted:
        frame = frame.older()
    (frame or innermost).select()


def run_in(run, t, command):
    """Runs a command of gdb as if the task had stopped the program."""
    if is_current(run, t):
        gdb.execute(command)
        return
    selected, shown = gdb.selected_frame().level(), parked.caller
    parked.show(saved_registers(t))
    try:
        if is_backtrace(command):
            backtrace(command)
        else:
            select_caller(t)
            gdb.execute(command)
    finally:
        parked.show(shown)
        gdb.execute("frame %d" % selected, to_string=True)


def select(run, t):
    """Shows the task's stack to every command, until the program goes on or another one is selected."""
    if is_current(run, t):
        parked.show(None)
        gdb.newest_frame().select()
    else:
        parked.show(saved_registers(t))
        select_caller(t)


def print_title(run, t):
    words = [w for w in (state(run, t), "on " + waits_on(t) if waits_on(t) else "", "at " + place(t["at"])) if w]
    gdb.write("Task #%d %s: %s\n" % (int(t["number"]), text(t["name"]), " ".join(words)))


class Task(gdb.Command):
    """Run a command of gdb for a task: task NUMBER COMMAND, task apply all COMMAND.

    (gdb) task 3 bt
    (gdb) task 3 info locals     in the frame that called the core
    (gdb) task apply all bt 5

With `select` for a command, its stack is what bt, up and info locals show from then on, until the program
goes on. Without a command the task is shown in one line. The process itself is not changed."""

    def __init__(self):
        super().__init__("task", gdb.COMMAND_STACK, gdb.COMPLETE_COMMAND)

    def invoke(self, argument, from_tty):
        words = argument.split(None, 2)
        if words[:2] == ["apply", "all"] and len(words) == 3:
            self.apply(words[2])
        elif words and words[0].lstrip("#").isdigit():
            run = the_run()
            t = find(run, int(words[0].lstrip("#")))
            if len(words) == 1:
                print_title(run, t)
            elif words[1:] == ["select"]:
                select(run, t)
            else:
                run_in(run, t, argument.split(None, 1)[1])
        else:
            raise Problem("task NUMBER [COMMAND], or task apply all COMMAND")

    def apply(self, command):
        run = the_run()
        for t in tasks(run):
            print_title(run, t)
            run_in(run, t, command)
            gdb.write("\n")


InfoTasks()
Task()
