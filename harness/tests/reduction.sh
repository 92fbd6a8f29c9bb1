#!/bin/sh
# The reduced search against every order of random programs: 1,000 of them, with UNSTUCK_LONG 300,000. TAP.
# tests/test_reduction.c has 3,000 others. Prints the programs that differ, made short, and the totals.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

programs=1000
first=1000000
[ -z "$sanitized" ] || programs=200
[ -z "${UNSTUCK_LONG-}" ] || programs=300000
half=$((programs / 2))
program=$UNSTUCK_BUILD/tests/programs/reduction

compare() { # NUMBER FIRST
    "$program" "$2" $half >"$TMPDIR/$1.out" 2>&1
    echo $? >"$TMPDIR/$1.status"
}

compare 1 $first &
compare 2 $((first + half))
wait
for i in 1 2; do
    result "$(cat "$TMPDIR/$i.status")" "all of $half programs"
    sed 's/^/# /' "$TMPDIR/$i.out"
done
plan
