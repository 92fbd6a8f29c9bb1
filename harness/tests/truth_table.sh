#!/bin/sh
# Every program of harness/tests/truth gets exactly the verdict that its first lines say, and every fixed
# twin none. The table is printed as comments. TAP; needs UNSTUCK_SRC and UNSTUCK_BUILD.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

sources=$UNSTUCK_SRC/harness/tests/truth
objects=$UNSTUCK_BUILD/tests/truth
table=$UNSTUCK_BUILD/tests/programs/truth_table
UNSTUCK_PREFIX=$UNSTUCK_BUILD
export UNSTUCK_PREFIX

if ! [ -x "$UNSTUCK_BUILD/libexec/unstuck/unstuck-runner-tsan" ]; then
    skip 'the table' 'unavailable: no ThreadSanitizer runtime here'
    plan
    exit 0
fi

"$table" "$sources" "$objects" >"$tmp/table" 2>"$tmp/why"
status=$?
result $status "everything is found, nothing is falsely reported"
sed 's/^/# /' "$tmp/table" "$tmp/why"
grep -Eq '^found ([0-9]+) of \1, false reports 0 of [0-9]+, mechanisms without a program 0' "$tmp/table"
result $? "the counts say so"

# What is expected is what decides: a lie about any of it is told.
lie() { # WHAT PROGRAM SED-SCRIPT WORDS: red, and these words below its row
    mkdir -p "$tmp/lie"
    sed "$3" "$sources/$2.c" >"$tmp/lie/$2.c"
    ! cmp -s "$sources/$2.c" "$tmp/lie/$2.c" &&
        ! "$table" "$tmp/lie" "$objects" "$2" >"$out" && grep -Fq "$4" "$out"
    result $? "a lie about $1 turns it red"
}
lie 'the verdict' send-no-receiver 's/expect: leak/expect: deadlock/' 'leak, expected deadlock'
lie 'a correct program' silent-grace 's/expect: PASS/expect: outlives/' 'PASS, expected outlives'
lie 'a broken program' race-counter 's/expect: race/expect: PASS/' 'race, expected PASS'
lie 'who is left' mix-send-under-lock '/^\/\/ left: receiver/d' 'left, not expected: receiver: sync.Mutex.Lock: mu'
lie 'how many are left' send-ncast 's/left: 2/left: 3/' '2 left, expected 3: replica: chan send: results'
lie 'the words of a panic' close-twice 's/says: close/says: open/' 'expected: open of closed channel'
plan
