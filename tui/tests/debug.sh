#!/bin/sh
# `unstuck debug ID`: gdb at the line where a task is blocked, its commands from stdin. Prints TAP.
# shellcheck disable=SC2016 # the backticks are those of messages
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

# debug ARGUMENT...: what it says is in $out and $err.
debug() {
    timeout 100 "$UNSTUCK" debug "$@" >"$out" 2>"$err"
    code=$?
}

# ---- before gdb comes in -------------------------------------------------------------------------------

# The commands it takes to compile and to look for gdb, but no gdb.
mkdir "$tmp/bin"
ln -s "$(command -v sh)" "$(command -v timeout)" "$tmp/bin/"
PATH="$tmp/bin" debug send-no-receiver@x1 </dev/null
exits 4
one_line "$err"
says "$err" 'apt-get install gdb'
printf '#!/bin/sh\necho "Python scripting is not supported in this copy of GDB."\n' >"$tmp/bin/gdb"
chmod +x "$tmp/bin/gdb"
PATH="$tmp/bin" debug send-no-receiver@x1 </dev/null
exits 4
one_line "$err"
says "$err" 'gdb with Python'
ok "without a gdb that knows Python it says what to install, exit 4"

debug nonsense </dev/null
exits 2
one_line "$err"
debug no-such-case@x1 </dev/null
exits 2
one_line "$err"
ok "an id that is none is a usage error"

if ! command -v gdb >/dev/null || ! gdb --batch -nx -ex 'python print(6 * 7)' 2>/dev/null | grep -qx 42; then
    echo "ok $((number + 1)) - gdb # SKIP unavailable: needs gdb with Python (Debian: gdb)"
    echo "1..$((number + 1))"
    exit 0
fi
if ! gdb --batch -nx -ex run /bin/true 2>&1 | grep -q 'exited normally'; then
    echo "ok $((number + 1)) - gdb # SKIP unavailable: nothing may be traced here"
    echo "1..$((number + 1))"
    exit 0
fi

# ---- in gdb --------------------------------------------------------------------------------------------

debug send-no-receiver@x1 <<'END'
echo selected:\n
frame
info tasks
bt
up
echo after up:\n
frame
echo again:\n
blocked
print 6 * 7
END
exits 0
says "$out" 'FAIL leak  send-no-receiver  exercise'
says "$out" 'Task #1 ask_exchange: chan send on reply (chan#1) at exercise.c:13'
says "$out" 'in ask_exchange (a=0x'
matches "$out" '^13[[:space:]]+chan_send\(a->reply, cents\);'
matches "$out" '^11[[:space:]]+TASK\(ask_exchange'
says "$out" 'Look around: info tasks, task N bt, bt, up, info locals;'
matches "$out" '#1 +ask_exchange +chan send +reply \(chan#1\) +exercise.c:13'
matches "$out" '^#[0-9]+ .*entry \(\)'
matches "$out" '= 42$'
[ "$(grep -cE '^13[[:space:]]+chan_send' "$out")" -ge 4 ] || complain "the line was not shown by frame and by blocked"
lacks "$err" Traceback
ok "it stands at the blocked line, with the task's stack for every command"

debug send-no-receiver@x1 <<'END'
task 1 bt 1
task 99 bt
echo still:\n
frame
END
exits 0
says "$err" 'there is no task 99'
sed -n '/still:/,$p' "$out" >"$tmp/after"
says "$tmp/after" 'chan_send(a->reply, cents);'
ok "a look at another task does not lose the selected one"

debug wg-undercount@x1 </dev/null
exits 0
says "$out" 'Task #0 main: sync.WaitGroup.Wait on pending (waitgroup#1) at exercise.c:23'
matches "$out" '^23[[:space:]]+waitgroup_wait\(&pending\);'
ok "a deadlock is shown where the root waits"

debug ctx-detached@x1 </dev/null
exits 0
says "$out" 'FAIL outlives'
says "$out" 'Task #3 ask_shard: '
says "$out" 'ctx-detached/exercise.c:'
lacks "$err" Traceback
ok "a task that ends later is shown where its scope's grace is over"

debug race-unlocked-state@x1 </dev/null
exits 0
says "$out" 'No task is left at the end of this run'
lacks "$err" Traceback
ok "where no task is left it says so"

debug send-no-receiver@x1.99:7 </dev/null
exits 2
says "$err" 'does not fit this code'
debug send-no-receiver@r1.7 --variant wrong:longer_patience --source 00000000 </dev/null
exits 0
says "$err" 'has changed since this schedule was found in it'
ok "an id that does not fit is told, and so is another source"

cat >"$tmp/it's mine.c" <<'END'
#include "exercise.h"
TASK(sleeper, chan *never;) { chan_recv((typeof(chan_of(int))){.raw = a->never}, &(int){0}); }
bool price_of(int symbol, long *cents) {
    *cents = exchange_quote(symbol);
    chan_of(int) never;
    chan_make(&never, 0);
    go(sleeper, .never = never.raw);
    return true;
}
END
debug send-no-receiver@x1 --variant "$tmp/it's mine.c" </dev/null
exits 0
says "$out" 'sleeper: chan receive on '
says "$out" "it's mine.c:2"
[ -z "$(ls -A "$TMPDIR")" ] || complain "left behind: $(ls -A "$TMPDIR")"
ok "a learner's file is debugged like an exercise, whatever its name"

printf '#include "exercise.h"\nbool price_of(int symbol, long *cents) { return *(volatile int *)(long)(symbol + 8) && cents; }\n' >"$tmp/crash.c"
debug send-no-receiver@x1 --variant "$tmp/crash.c" </dev/null
exits 0
says "$out" 'ERROR crash'
says "$out" 'in price_of'
says "$out" 'did not come to its end'
lacks "$err" Traceback
ok "a crash is shown where it happens"

debug first-answer@x1 --pack "$UNSTUCK_SRC/harness/tests/pack" </dev/null
exits 0
says "$out" 'Task #2 ask: chan send on answers (chan#1) at exercise.c:6'
matches "$out" '^6[[:space:]]+chan_send\(a->answers'
ok "a pack's scenario is debugged like any other"

plan
