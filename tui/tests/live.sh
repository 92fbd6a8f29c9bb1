#!/bin/sh
# When a load in plain text ends, and what it says of that. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"
program=$UNSTUCK

# The virtual time of the last counts, in whole seconds; they are below a minute.
last_second() {
    sed -n 's/^ *\([0-9]*\)[0-9. ]* s  alive .*/\1/p' "$out" | tail -n 1
}

"$program" live send-no-receiver --variant solution --pace 1000 >"$out" 2>&1
last=$(last_second)
grep -q ', for 10 s$' "$out" && [ "${last:-0}" -ge 9 ] && [ "${last:-99}" -le 11 ]
result $? 'where stdout is no terminal it goes on for ten seconds, and says so'

"$program" live send-no-receiver --variant solution --pace 1000 --for 20s >"$out" 2>&1
grep -q ', for 20 s$' "$out" && ! grep -q 'A load ends after' "$out"
result $? 'what is asked for stands in its place'

"$program" live send-no-receiver --variant solution --pace 1000000 --for 100000h >"$out" 2>&1
started=$(sed -n 's/.* of \([0-9]*\) started .*/\1/p' "$out" | tail -n 1)
grep -q '^A load ends after 1,000,000 tasks: ' "$out" &&
    grep -q 'The load is over, and so is every task' "$out" &&
    [ "${started:-0}" -ge 1000000 ] && [ "${started:-0}" -lt 1000100 ]
result $? 'a load that leaks nothing ends after a million tasks, and says so'

# Exact at the end, when nothing runs any more.
"$program" live send-no-receiver --pace 1000 --for 20s >"$out" 2>&1
alive=$(sed -n 's/^The load is over. \([0-9]*\) tasks are still there.*/\1/p' "$out")
[ "${alive:-0}" -gt 100 ] && grep -q "^leaked $alive (decided by reachability)$" "$out" &&
    grep -q "^  $alive ask_exchange in chan send at exercise.c:" "$out"
result $? 'who is leaked is named, and how that was decided'

# Meanwhile some requests are still under way, and they are none.
"$program" live send-no-receiver --variant solution --pace 10 --for 20s >"$out" 2>&1
! grep -q 'leaked [1-9]' "$out"
result $? 'nobody who may still go on is called leaked'

# What every channel can still be found by is no proof that somebody will.
sed -e 's/^typedef chan_of(long) price_chan;/&\nprice_chan kept[1000000];\nstatic int count;/' \
    -e 's/^    go(ask_exchange/    kept[count++] = reply;\n&/' \
    "$UNSTUCK_SRC/scenarios/send-no-receiver/exercise.c" >"$tmp/kept.c"
"$program" live send-no-receiver --variant "$tmp/kept.c" --pace 1000 --for 20s >"$out" 2>&1
grep -q '^leaked 0 (decided by reachability), [0-9]* held by globals: ' "$out"
result $? 'who a global leads to is not called leaked, and what holds them is said'

"$program" live send-no-receiver --variant "$tmp/kept.c" --pace 1000 --for 20s --ignore-globals >"$out" 2>&1
alive=$(sed -n 's/^The load is over. \([0-9]*\) tasks are still there.*/\1/p' "$out")
[ "${alive:-0}" -gt 100 ] && grep -q "^leaked $alive (decided by reachability, globals ignored)$" "$out"
result $? 'unless globals are to be ignored, which is said too'

plan
