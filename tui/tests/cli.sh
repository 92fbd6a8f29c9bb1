#!/bin/sh
# The command line as people and scripts meet it: every command, every exit code, and whatever can
# be wrong with what it is given. Prints TAP.
# shellcheck disable=SC2016 # the backticks are those of messages
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

conforms=$UNSTUCK_BUILD/tests/programs/conforms

# How many scenarios of the document in $out have this status.
count_status() {
    grep -c "^      \"status\": \"$1\",\$" "$out"
}

no_pass() {
    [ "$(count_status pass)" -eq 0 ] || complain "a pass"
}

# ---- about the program --------------------------------------------------------------------------------

unstuck --version
exits 0
matches "$out" '^unstuck [0-9]+\.[0-9]+\.[0-9]+$'
one_line "$out"
ok "--version is one line"

unstuck --help
exits 0
for command in list run explore replay debug live hint guide doctor; do
    says "$out" "unstuck $command"
done
[ "$(awk '{ if (length($0) > w) w = length($0) } END { print w }' "$out")" -le 80 ] ||
    complain "wider than 80 columns"
ok "--help names every command within 80 columns"

for command in list run explore replay debug live hint guide doctor; do
    unstuck "$command" --help
    exits 0
    says "$out" "unstuck $command"
    says "$out" "--color"
    cp "$out" "$tmp/first"
    unstuck help "$command"
    cmp -s "$out" "$tmp/first" || complain "help $command differs from $command --help"
done
ok "each command has help of its own, reached both ways"

unstuck
exits 0
says "$out" "send-no-receiver"
says "$out" "No screens here"
says "$out" "unstuck --help"
ok "without a terminal, no command means the list and a word on how to go on"

# ---- list ---------------------------------------------------------------------------------------------

unstuck list
exits 0
silent "$err"
for name in send-no-receiver recv-range-unclosed ctx-detached wg-undercount handle-not-closed \
    race-unlocked-state; do
    says "$out" " $name "
done
[ "$(awk '{ if (length($0) > w) w = length($0) } END { print w }' "$out")" -le 80 ] ||
    complain "wider than 80 columns"
ok "list names the scenarios within 80 columns"

unstuck list --json
exits 0
says "$out" '"schema": "unstuck-list/v1"'
says "$out" '"id": "send-no-receiver"'
tr -d '\n' <"$out" >"$tmp/line"
echo >>"$tmp/line"
"$conforms" <"$tmp/line" || complain "no JSON"
ok "list --json is one document"

# ---- the README shows what there is --------------------------------------------------------------------

LC_ALL=C.UTF-8 "$UNSTUCK" --snapshot 80x24 --keys enter >"$out"
awk '/^```/ { if (inside) exit; inside = 1; next } inside' "$UNSTUCK_SRC/README.md" >"$tmp/shown"
cmp -s "$tmp/shown" "$out" || complain "the first block of README.md is not the screen: $(diff "$tmp/shown" "$out" | head -n 8 | tr '\n' '~')"
ok_with_races "the screen in the README is the program's"

unstuck explore send-no-receiver --variant solution:buffer_of_one
shown=$(sed -n 's/^    PASS .* \([0-9]* of [0-9]* schedules, exhaustive\)$/\1/p' "$UNSTUCK_SRC/README.md")
says "$out" "${shown:-(no verdict in README.md)}"
ok_with_races "the verdict in the README is the program's"

# ---- what is not there gets the nearest name ----------------------------------------------------------

refuses 'no command `rnu`; the nearest is `run`' rnu
refuses 'no command `expolre`; the nearest is `explore`' expolre all
refuses 'no command `frobnicate`' frobnicate
refuses 'no command ``' ''
ok "an unknown command gets the nearest"

refuses 'no scenario `send-no-reciever`; the nearest is `send-no-receiver`' run send-no-reciever
refuses 'the nearest is `wg-undercount`' explore wg-undrecount
refuses 'the nearest is `ctx-detached`' hint ctx
refuses 'the nearest is `handle-not-closed`' guide handle-not-close
refuses 'the nearest is `recv-range-unclosed`' live recv-range
refuses 'the nearest is `send-no-receiver`' replay send-no-reciever@x1
refuses 'no scenario `zzzzzz`; `unstuck list` shows those there are' run zzzzzz
ok "an unknown scenario gets the nearest, whatever the command"

refuses 'no flag `--varient` here; the nearest is `--variant`' run all --varient exercise
refuses 'the nearest is `--json`' list --jsno
refuses 'no flag `--step`' run all --step
refuses 'no flag `-x`' list -x
refuses 'the nearest is `--version`' --versoin
ok "an unknown flag gets the nearest this command takes"

refuses 'the nearest is `solution:buffer_of_one.c`' run send-no-receiver --variant solution:bufer_of_one
refuses 'the nearest is `solution:' run send-no-receiver --variant solution:zzz
refuses 'the nearest is `wrong:' run send-no-receiver --variant wrong:zzz
refuses 'no variant `solutoin`' explore send-no-receiver --variant solutoin
ok "an unknown variant gets the nearest of its kind"

# ---- arguments ----------------------------------------------------------------------------------------

refuses 'Usage: unstuck run NAME|all' run
refuses 'Usage: unstuck replay ID' replay
refuses 'from `more` on' list more
refuses 'from `b` on' run a b
refuses 'too many arguments' list a b c d e f
ok "too few and too many arguments show the usage"

refuses '--seed needs a number' run all --seed
refuses 'not `-1`' run all --seed -1
refuses 'not `99999999999999999999`' run all --seed 99999999999999999999
refuses 'not `0x`' run all --seed 0x
refuses '--budget needs' explore all --budget 0
refuses '--budget needs' explore all --budget 2parsecs
refuses '--budget needs' explore all --budget 99999999999999h
refuses '--for needs' live send-no-receiver --for 5
refuses '--pace needs' live send-no-receiver --pace 0
refuses '--tasks needs' live send-no-receiver --tasks 0
refuses '--color needs auto, always or never' list --color=sometimes
refuses '--json takes no value' list --json=yes
refuses '--variant needs' run all --variant=
ok "a value of the wrong kind is shown beside what is wanted"

refuses 'exclude each other' run send-no-receiver --json --events
refuses 'exclude each other' run send-no-receiver --seed 1 --schedule send-no-receiver@x1
refuses 'exclude each other' explore send-no-receiver --exhaustive --budget 5
refuses 'exclude each other' replay send-no-receiver@x1 --step --text
refuses 'name the one scenario' run all --variant mine.c
refuses '--events shows one variant' run all --events
refuses '--keys needs --snapshot' tui --keys j
ok "flags that contradict each other are refused"

refuses 'no scenario' run "$(printf 'two\nlines \033[31m')"
lacks "$err" "$(printf '\033')"
refuses 'no scenario' run "$(head -c 100000 /dev/zero | tr '\0' x)"
refuses 'no scenario' run -- --json
ok "odd arguments make one clean line"

# ---- schedule ids -------------------------------------------------------------------------------------

for id in x '' @ @x1 send-no-receiver send-no-receiver@ send-no-receiver@x2 send-no-receiver@x1. \
    send-no-receiver@x1.0 send-no-receiver@x1.0: send-no-receiver@x1.0:1/ send-no-receiver@x1.1:1.0:1 \
    send-no-receiver@x1.99999999999:1 send-no-receiver@r1 send-no-receiver@r1.x send-no-receiver@x1y; do
    refuses 'character' replay "$id"
done
ok "a malformed schedule id says at which character"

refuses 'the schedule is of wg-undercount' run send-no-receiver --schedule wg-undercount@x1
ok "a schedule of another scenario is refused"

for id in send-no-receiver@x1.0:77 send-no-receiver@x1.90000:1; do
    unstuck replay "$id"
    exits 2
    matches "$err" 'step [0-9]+'
    unstuck run send-no-receiver --schedule "$id"
    exits 2
    one_line "$err"
    matches "$err" 'step [0-9]+'
done
ok "a schedule that does not fit says at which step, exit 2"

# ---- hint and guide -----------------------------------------------------------------------------------

for name in send-no-receiver recv-range-unclosed ctx-detached wg-undercount handle-not-closed \
    race-unlocked-state; do
    for rung in 1 2 3 4 5; do
        unstuck hint "$name" "$rung"
        exits 0
        says "$out" "Hint $rung of 5"
        [ "$(wc -l <"$out")" -ge 3 ] || complain "$name $rung is empty"
    done
    unstuck guide "$name"
    exits 0
    lacks "$out" '```'
    [ "$(wc -m <"$out")" -gt 1000 ] || complain "the chapter of $name is short"
done
ok "every scenario has a chapter and five hints"

unstuck hint send-no-receiver
says "$out" "Hint 1 of 5"
says "$out" "unstuck hint send-no-receiver 2"
unstuck hint send-no-receiver 5
lacks "$out" "Next:"
refuses 'hints go from 1 to 5' hint send-no-receiver 6
refuses 'hints go from 1 to 5' hint send-no-receiver 0
refuses 'is no number' hint send-no-receiver two
ok "hints come one at a time and say where they end"

# ---- run ----------------------------------------------------------------------------------------------

unstuck run send-no-receiver
exits 1
matches "$out" '^FAIL leak  send-no-receiver  exercise  '
says "$out" "chan send"
says "$out" "exercise.c:"
says "$out" "unstuck replay send-no-receiver@x1"
lacks "$out" "$(printf '\033')"
ok "run shows the leak, why, and how to see it again"

unstuck run all --json
exits 1
is_result
[ "$(count_status fail)" -eq "$(grep -c '"variant": "exercise"' "$out")" ] || complain "not all fail"
[ "$(count_status fail)" -ge 6 ] || complain "fewer than six"
silent "$err"
ok_with_races "run all --json is one document in which every exercise fails"

unstuck run all --variant solution --json
exits 0
is_result
[ "$(count_status pass)" -eq "$(grep -c '"variant": "solution:' "$out")" ] || complain "not all pass"
[ "$(count_status pass)" -ge 12 ] || complain "fewer than two solutions a scenario"
ok_with_races "run all --variant solution passes with every solution of each"

here=$UNSTUCK_SRC
unstuck run send-no-receiver --variant solutions/send-no-receiver/buffer_of_one.c
exits 0
says "$out" 'solutions/send-no-receiver/buffer_of_one.c'
here=.
ok_with_races "a file is one wherever it lies, in a folder called solutions too"

unstuck run send-no-receiver --variant solution:buffer_of_one
exits 0
matches "$out" '^PASS  send-no-receiver  solution:buffer_of_one\.c  '
one_line "$out"
ok_with_races "a solution that passes is one line"

unstuck run race-unlocked-state
exits 1
matches "$out" '^FAIL .*race'
ok_with_races "a race is found in one run"

unstuck run send-no-receiver --seed 7
cp "$out" "$tmp/first"
unstuck run send-no-receiver --seed 0x7
cmp -s "$out" "$tmp/first" || complain "the same seed differs"
ok "a seed is a seed in either notation"

for name in send-no-receiver ctx-detached handle-not-closed; do
    unstuck run $name --events --seed 3
    exits 1
    cp "$out" "$tmp/first"
    "$conforms" <"$out" || complain "a line is no JSON"
    says "$out" '"kind":"end"'
    for again in 1 2 3 4; do
        unstuck run $name --events --seed 3
        cmp -s "$out" "$tmp/first" || complain "$name: run $again differs"
    done
done
ok "--events is JSON Lines, the same bytes each time"

# ---- explore ------------------------------------------------------------------------------------------

unstuck explore all --json
exits 1
is_result
cp "$out" "$tmp/explored"
unstuck list --json
awk '/"id":/ { id = $2 } /"verdicts": \[/ { want = 1; next } want { print id, $1; want = 0 }' \
    "$out" >"$tmp/declared"
awk '/^      "id":/ { id = $2 } /"verdicts": \[/ { want = 1; next } want { print id, $1; want = 0 }' \
    "$tmp/explored" >"$tmp/found"
cmp -s "$tmp/declared" "$tmp/found" || complain "$(diff "$tmp/declared" "$tmp/found" | tr '\n' '~')"
ok_with_races "explore finds in each exercise what the scenario declares"

unstuck explore all --json
cmp -s "$out" "$tmp/explored" || complain "the second answer differs"
ok "exploring twice gives the same bytes"

grep -o '"schedule": "[^"]*"' "$tmp/explored" | cut -d'"' -f4 >"$tmp/ids"
[ "$(wc -l <"$tmp/ids")" -ge 5 ] || complain "too few failing schedules"
while read -r id; do
    unstuck replay "$id"
    exits 1
    says "$out" "$id"
    matches "$out" '^FAIL '
done <"$tmp/ids"
ok "every failing schedule replays to a failure"

cat >"$tmp/forks.c" <<'END'
#include "exercise.h"
static mutex forks[2];
TASK(philosopher, int n; waitgroup *wg;) {
    defer(waitgroup_done, a->wg);
    mutex_lock(&forks[a->n]);
    task_sleep(MILLISECOND);
    mutex_lock(&forks[1 - a->n]);
}
bool price_of(int symbol, long *cents) {
    waitgroup wg = {0};
    *cents = symbol;
    waitgroup_add(&wg, 2);
    for (int i = 0; i < 2; i++)
        go(philosopher, .n = i, .wg = &wg);
    waitgroup_wait(&wg);
    return true;
}
END
unstuck run send-no-receiver --variant "$tmp/forks.c"
exits 1
says "$out" 'who waits for whom:'
says "$out" 'a cycle of 2 tasks, each waits for the next:'
says "$out" 'philosopher (#1) --sync.Mutex.Lock--> forks[a->n] (mutex#'
unstuck run send-no-receiver --variant "$tmp/forks.c" --json
exits 1
is_result
says "$out" '"relation": "held-by"'
says "$out" '"way": ['
ok "a deadlock shows its wait graph with the cycle, in text and in JSON"

unstuck explore send-no-receiver --variant solution --json
exits 0
is_result
[ "$(count_status pass)" -ge 2 ] || complain "too few solutions"
says "$out" '"exhaustive": true'
ok_with_races "every solution of a scenario holds under every schedule"

unstuck explore send-no-receiver --variant wrong --json
exits 1
[ "$(count_status fail)" -eq "$(grep -c '"variant": "wrong:' "$out")" ] || complain "a wrong fix passed"
ok "every wrong fix of a scenario fails"

unstuck explore send-no-receiver --budget 2 --variant solution:buffer_of_one
exits 0
says "$out" "not exhaustive"
for runs in 1 50; do
    unstuck explore handle-not-closed --budget $runs --variant solution:close_by_defer --json
    exits 0
    says "$out" "\"explored\": $runs,"
done
unstuck explore send-no-receiver --exhaustive --variant solution:buffer_of_one
exits 0
says "$out" ", exhaustive"
unstuck explore recv-range-unclosed --exhaustive --variant solution:call_it_a_day
exits 0
says "$out" ", exhaustive"
says "$out" "21000 schedules of a slow machine"
unstuck explore send-no-receiver --budget 20s
exits 1
says "$out" "FAIL leak"
ok_with_races "budgets bound the search and the answer says so"

# ---- a warning ----------------------------------------------------------------------------------------

# Two tasks that take two locks in opposite orders, beside a job well done.
sed -e '/^bool price_of/i\
static mutex ledger, prices;\
TASK(books, mutex *first; mutex *second;) {\
    mutex_lock(a->first);\
    mutex_lock(a->second);\
    mutex_unlock(a->second);\
    mutex_unlock(a->first);\
}' -e '/chan_make/i\
    go(books, .first = \&ledger, .second = \&prices);\
    go(books, .first = \&prices, .second = \&ledger);' \
    "$UNSTUCK_SRC/solutions/send-no-receiver/buffer_of_one.c" >"$tmp/orders.c"
unstuck run send-no-receiver --variant "$tmp/orders.c"
exits 0
says "$out" 'PASS  send-no-receiver'
says "$out" 'warning: locks are taken in opposite orders'
matches "$out" 'books \(#1\) takes a->first \(mutex#3\) at orders.c:'
unstuck run send-no-receiver --variant "$tmp/orders.c" --json
exits 0
is_result
says "$out" '"kind": "lock-order"'
ok "locks taken in opposite orders are a warning, not a verdict"

unstuck explore send-no-receiver --variant "$tmp/orders.c"
exits 1
says "$out" 'books'
says "$out" 'sync.Mutex.Lock'
lacks "$out" 'opposite orders'
ok "where every schedule was tried there is no need to warn"

# ---- replay -------------------------------------------------------------------------------------------

unstuck replay send-no-receiver@x1
exits 1
says "$out" "EVENT"
says "$out" "the run is over"
matches "$out" '^FAIL leak'
ok "replay tells the run event by event"

events=$(sed -n '1s/.*  \([0-9]*\) events$/\1/p' "$out")
unstuck replay send-no-receiver@x1 --at 3
matches "$out" '^    3 '
says "$out" "after event 3"
says "$out" "STATE"
unstuck replay send-no-receiver@x1 --at "$events"
says "$out" "after event $events"
refuses_at() {
    unstuck replay send-no-receiver@x1 --at "$1"
    exits 2
    one_line "$err"
    says "$err" "events 1 to $events"
}
refuses_at 0
refuses_at $((events + 1))
refuses_at 18446744073709551615
ok "--at shows the state after an event, and knows the last"

printf '\n\n\n\nb\nb\n2\nzebra\nq\n' >"$tmp/steps"
"$UNSTUCK" replay send-no-receiver@x1 --step <"$tmp/steps" >"$out" 2>"$err"
grep -o 'after event [0-9]*' "$out" | tr '\n' ',' >"$tmp/walked"
says "$tmp/walked" "after event 1,after event 2,after event 3,after event 4,after event 5,after event 4,after event 3,after event 2,after event 2,"
awk '/after event 3/ { n++ } n == 1' "$out" | sed -n '1,/^$/p' >"$tmp/there"
awk '/after event 3/ { n++ } n == 2' "$out" | sed -n '1,/^$/p' >"$tmp/back"
cmp -s "$tmp/there" "$tmp/back" || complain "going back shows another state"
says "$out" "enter, b, q or a number"
ok "--step goes on, back and anywhere, and the state is the same from either side"

"$UNSTUCK" replay send-no-receiver@x1 --step </dev/null >"$out" 2>"$err"
says "$out" "after event 1"
ok "--step ends with its input"

# ---- live ---------------------------------------------------------------------------------------------

unstuck live send-no-receiver --for 2s --pace 1000 --tasks 100000
exits 0
says "$out" "send-no-receiver  exercise"
grep alive "$out" | tail -n 1 >"$tmp/last"
matches "$tmp/last" 'alive [0-9]+ of [0-9]+ started'
matches "$tmp/last" 'chan send [0-9]+'
matches "$out" '^The load is over. [0-9]+ tasks are still there, in [0-9]+ MB.$'
leaked=$(sed -n 's/.*alive \([0-9]*\) of.*/\1/p' "$tmp/last")
unstuck live send-no-receiver --variant solution --for 2s --pace 1000
exits 0
says "$out" "The load is over, and so is every task."
grep alive "$out" | tail -n 1 >"$tmp/last"
kept=$(sed -n 's/.*alive \([0-9]*\) of.*/\1/p' "$tmp/last")
[ "${leaked:-0}" -gt 50 ] || complain "only ${leaked:-none} tasks after 2 s of load"
[ "${kept:-1000}" -lt 30 ] || complain "${kept:-?} tasks alive with the fix"
lacks "$tmp/last" 'chan send'
ok "live: tasks pile up with the exercise and not with its fix"

# ---- a learner's file ---------------------------------------------------------------------------------

cat >"$tmp/broken.c" <<'END'
#include "exercise.h"
bool price_of(int symbol, long *cents) {
    return nowhere;
}
END
unstuck run send-no-receiver --variant "$tmp/broken.c"
exits 3
matches "$err" 'broken\.c:3:[0-9]+: error: .*nowhere'
matches "$out" '^ERROR build  send-no-receiver  '
unstuck run send-no-receiver --variant "$tmp/broken.c" --json
exits 3
is_result
says "$out" '"build"'
says "$out" "nowhere"
unstuck replay send-no-receiver@x1 --variant "$tmp/broken.c"
exits 3
says "$err" "nowhere"
ok "what does not compile: the compiler's own text, exit 3"

cat >"$tmp/misnamed.c" <<'END'
#include "exercise.h"
bool price_off(int symbol, long *cents);
bool price_off(int symbol, long *cents) {
    return symbol && cents;
}
END
unstuck run send-no-receiver --variant "$tmp/misnamed.c"
exits 3
matches "$out" '^ERROR build  send-no-receiver  '
says "$out" "the source does not define price_of, which exercise.h asks for"
lacks "$out" "chan"
unstuck run send-no-receiver --variant "$tmp/misnamed.c" --json
exits 3
is_result
says "$out" "the source does not define price_of"
ok "a source without the function that is asked for: said by its name, exit 3"

cat >"$tmp/two_ways.c" <<'END'
#include "exercise.h"
typedef chan_of(long) price_chan;
TASK(ask_exchange, int symbol; price_chan reply;) {
    chan_send(a->reply, exchange_quote(a->symbol));
}
bool price_of(int symbol, long *cents) {
    price_chan reply;
    chan_make(&reply, 0);
    go(ask_exchange, .symbol = symbol, .reply = reply);
    if (chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0)
        return true;
    if (symbol)
        panic("no price");
    return false;
}
END
unstuck explore send-no-receiver --variant "$tmp/two_ways.c"
exits 1
matches "$out" '^  also [a-z, ]+: send-no-receiver@x1'
other=$(sed -n 's/^  also \(.*\): \(send-no-receiver@.*\)$/\1 \2/p' "$out" | head -n 1)
unstuck replay "${other##* }" --variant "$tmp/two_ways.c"
exits 1
says "$out" "FAIL ${other% *}"
ok "each way of failing has a schedule of its own, which replays it"

cp "$UNSTUCK_SRC/scenarios/send-no-receiver/exercise.c" "$tmp/older.c"
unstuck run send-no-receiver --variant "$tmp/older.c"
again=$(sed -n 's/^  again: unstuck replay //p' "$out")
matches "$out" ' --source [0-9a-f]{8}$'
# shellcheck disable=SC2086 # words
unstuck replay $again
exits 1
silent "$err"
echo "// a comment more" >>"$tmp/older.c"
# shellcheck disable=SC2086 # words
unstuck replay $again
exits 1
one_line "$err"
says "$err" "older.c has changed since this schedule was found in it (source ${again##* } then, "
says "$out" "FAIL leak"
ok "replay says when the source is no longer that of its schedule"

cp "$UNSTUCK_SRC/solutions/send-no-receiver/buffer_of_one.c" "$tmp/my fix.c"
unstuck explore send-no-receiver --variant "$tmp/my fix.c"
exits 0
says "$out" "PASS  send-no-receiver  $tmp/my fix.c"
(cd "$tmp" && "$UNSTUCK" run send-no-receiver --variant "my fix.c" >"$out" 2>"$err") || complain "relative path"
ok_with_races "a file of one's own is judged"

unstuck run send-no-receiver --variant "$tmp/nowhere.c"
exits 2
one_line "$err"
says "$err" "nowhere.c"
unstuck run send-no-receiver --variant "$tmp/"
exits 2
one_line "$err"
ok "a file that is not there, or no file, is one line"

# A learner's version of price_of with this body.
learner() {
    {
        printf '#include "exercise.h"\n#include <stdlib.h>\n#include <stdio.h>\n#include <unistd.h>\n'
        cat
    } >"$tmp/learner.c"
    unstuck run send-no-receiver --variant "$tmp/learner.c" --json
    is_result
}

learner <<'END'
bool price_of(int symbol, long *cents) { volatile int on = 1; while (on) {} return symbol && cents; }
END
exits 1
says "$out" '"timeout"'
ok "an endless loop is a timeout"

learner <<'END'
bool price_of(int symbol, long *cents) { return *(volatile int *)(long)(symbol + 8) && cents; }
END
exits 1
says "$out" '"crash"'
says "$out" '"error":'
ok "a crash is a crash"

learner <<'END'
static int deep(volatile int *up) { volatile int here[64] = {*up}; return *up == 7 ? 1 : deep(here) + here[1]; }
bool price_of(int symbol, long *cents) { return deep(&symbol) && cents; }
END
exits 1
says "$out" '"crash"'
says "$out" 'overflowed its 64 KB stack'
ok "a stack overflow says whose stack"

learner <<'END'
bool price_of(int symbol, long *cents) { if (symbol >= 0 || cents) exit(0); return true; }
END
[ "$code" -eq 1 ] || [ "$code" -eq 5 ] || complain "exit code $code"
no_pass
ok "exit(0) is no pass"

learner <<'END'
bool price_of(int symbol, long *cents) { for (;;) printf("%d %p again\n", symbol, (void *)cents); }
END
[ "$code" -ne 0 ] || complain "exit code 0"
[ "$(wc -c <"$out")" -lt 200000 ] || complain "the document has $(wc -c <"$out") bytes"
ok "endless output is bounded"

learner <<'END'
bool price_of(int symbol, long *cents) { size_t n = 1; for (;;) { char *p = malloc(n *= 2); *p = (char)symbol; *cents = *p; } }
END
[ "$code" -ne 0 ] || complain "exit code 0"
no_pass
ok "a memory bomb ends within its quota"

learner <<'END'
bool price_of(int symbol, long *cents) { for (;;) if (fork() < 0) return symbol && cents; }
END
[ "$code" -ne 0 ] || complain "exit code 0"
no_pass
ok "a fork bomb starts nothing"

learner <<'END'
TASK(two, mutex *a; mutex *b;) { mutex_lock(a->a); task_yield(); mutex_lock(a->b); }
bool price_of(int symbol, long *cents) {
    static mutex x, y;
    go(two, .a = &x, .b = &y);
    mutex_lock(&y);
    task_yield();
    mutex_lock(&x);
    return symbol && cents;
}
END
exits 1
matches "$out" '"(deadlock|leak)"'
ok "a deadlock of everything is a verdict"

[ -z "$(ls -A "$TMPDIR")" ] || complain "left behind: $(ls -A "$TMPDIR")"
ok "no temporary file is left behind"

# ---- an exercise changed since it was built -----------------------------------------------------------

mkdir -p "$tmp/prefix/share/unstuck/scenarios"
for part in bin lib libexec; do
    ln -s "$UNSTUCK_BUILD/$part" "$tmp/prefix/$part"
done
for part in core harness solutions guide; do
    ln -s "$UNSTUCK_SRC/$part" "$tmp/prefix/share/unstuck/$part"
done
cp -R "$UNSTUCK_SRC/scenarios/send-no-receiver" "$tmp/prefix/share/unstuck/scenarios/"
for other in "$UNSTUCK_SRC"/scenarios/*/; do
    other=$(basename "$other")
    [ "$other" = send-no-receiver ] ||
        ln -s "$UNSTUCK_SRC/scenarios/$other" "$tmp/prefix/share/unstuck/scenarios/$other"
done
mine=$tmp/prefix/share/unstuck/scenarios/send-no-receiver/exercise.c
cp "$UNSTUCK_SRC/solutions/send-no-receiver/buffer_of_one.c" "$mine"
touch -d '2099-01-01' "$mine"
export UNSTUCK_PREFIX="$tmp/prefix"
unstuck run send-no-receiver
exits 0
matches "$out" '^PASS  send-no-receiver  exercise'
echo 'oops' >"$mine"
touch -d '2099-01-01' "$mine"
unstuck run send-no-receiver
exits 3
says "$err" 'exercise.c:1'
ok_with_races "an edited exercise is judged as it is, not as it was built"
unset UNSTUCK_PREFIX

# ---- the machine --------------------------------------------------------------------------------------

UNSTUCK_PREFIX=$tmp/nowhere unstuck list
exits 4
one_line "$err"
says "$err" "$tmp/nowhere"
says "$err" "UNSTUCK_PREFIX"
UNSTUCK_PREFIX=$tmp/nowhere unstuck doctor
exits 4
says "$out" "unusable"
ok "an installation that is not there is told, exit 4"

unstuck doctor
exits 0
says "$out" "a run of send-no-receiver came to its end"
matches "$out" 'stack overflows are caught by: (guard page|canary)'
unstuck doctor --json
exits 0
says "$out" '"schema": "unstuck-doctor/v1"'
tr -d '\n' <"$out" >"$tmp/line"
echo >>"$tmp/line"
"$conforms" <"$tmp/line" || complain "no JSON"
ok "doctor finds this machine usable"

CC=no-such-compiler unstuck run send-no-receiver --variant "$tmp/my fix.c"
exits 4
matches "$out" '^ERROR environment  send-no-receiver  '
says "$out" "no-such-compiler"
CC=no-such-compiler unstuck run send-no-receiver
exits 1
CC=no-such-compiler unstuck doctor
exits 0
says "$out" "no-such-compiler"
ok "without a compiler what is built still runs"

TMPDIR=/nowhere unstuck run send-no-receiver --variant "$tmp/my fix.c"
exits 4
says "$out" "TMPDIR"
TMPDIR=/nowhere unstuck doctor
exits 4
says "$out" "TMPDIR"
ok "without a temporary folder it says which one it wanted"

# The same build without its runner for ThreadSanitizer.
mkdir -p "$tmp/bare/libexec/unstuck"
ln -s "$UNSTUCK_BUILD/lib" "$tmp/bare/lib"
ln -s "$UNSTUCK_BUILD/share" "$tmp/bare/share"
cp "$UNSTUCK_BUILD/libexec/unstuck/unstuck-runner" "$tmp/bare/libexec/unstuck/"
export UNSTUCK_PREFIX="$tmp/bare"
unstuck run send-no-receiver --variant solution --json
exits 4
is_result
no_pass
says "$out" '"race": "unavailable'
unstuck run send-no-receiver
exits 1
says "$out" "FAIL leak"
says "$out" "races: unavailable"
unstuck doctor
exits 0
says "$out" "limited"
ok "without ThreadSanitizer leaks are still found, and nothing is a PASS"
unset UNSTUCK_PREFIX

if [ -w /dev/full ]; then
    "$UNSTUCK" list >/dev/full 2>"$err"
    code=$?
    exits 4
    one_line "$err"
    says "$err" "could not be written"
    "$UNSTUCK" run send-no-receiver --json >/dev/full 2>"$err"
    code=$?
    exits 4
    one_line "$err"
    "$UNSTUCK" list >&- 2>"$err"
    code=$?
    exits 4
    one_line "$err"
    ok "a full disk is told"
else
    skip "a full disk is told" "no /dev/full"
fi

mkdir "$tmp/readonly"
chmod 555 "$tmp/readonly"
(cd "$tmp/readonly" && "$UNSTUCK" run send-no-receiver >"$out" 2>"$err")
code=$?
exits 1
says "$out" "FAIL leak"
ok "a read-only folder is no obstacle"

LC_ALL=C unstuck run send-no-receiver
exits 1
says "$out" "FAIL leak"
! LC_ALL=C grep -q '[^ -~]' "$out" || complain "bytes beyond ASCII: $(LC_ALL=C grep '[^ -~]' "$out" | head -n 3)"
ok "verdicts are ASCII"

# ---- colour -------------------------------------------------------------------------------------------

escape=$(printf '\033')
unstuck run send-no-receiver --color=always
says "$out" "$escape"
CLICOLOR_FORCE=1 unstuck run send-no-receiver
says "$out" "$escape"
CLICOLOR_FORCE=0 unstuck run send-no-receiver
lacks "$out" "$escape"
CLICOLOR_FORCE=1 NO_COLOR=1 unstuck run send-no-receiver
lacks "$out" "$escape"
NO_COLOR=1 unstuck run send-no-receiver --color always
says "$out" "$escape"
CLICOLOR_FORCE=1 unstuck run send-no-receiver --color=never
lacks "$out" "$escape"
CLICOLOR_FORCE=1 unstuck run send-no-receiver --json
lacks "$out" "$escape"
ok "colour honours --color, then NO_COLOR, then CLICOLOR_FORCE"

# ---- interruption -------------------------------------------------------------------------------------

printf '#include "exercise.h"\nbool price_of(int symbol, long *cents) { return symbol && cents; }\n' >"$tmp/slow.c"
printf '#!/bin/sh\ntouch "%s/compiling"\nexec sleep 1000\n' "$tmp" >"$tmp/slow-cc"
chmod +x "$tmp/slow-cc"
CC="$tmp/slow-cc" "$UNSTUCK" run send-no-receiver --variant "$tmp/slow.c" --json >"$out" 2>"$err" &
pid=$!
while ! [ -e "$tmp/compiling" ] && kill -0 $pid 2>/dev/null; do sleep 0.05; done
kill -TERM $pid
wait $pid
code=$?
exits 143
silent "$out"
says "$err" 'Interrupted: 0 of 1 judged, so no document was written'
[ -z "$(ls -A "$TMPDIR")" ] || complain "left behind: $(ls -A "$TMPDIR")"
ok "a signal ends it and leaves nothing behind"

plan
