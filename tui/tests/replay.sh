#!/bin/sh
# Stepping through a run in plain text: what each table of tasks says of who runs and where. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"
program=$UNSTUCK

# Each event and the table after it, for two runs that call their environment and check.
for name in race-unlocked-state send-no-receiver; do
    yes '' | head -n 500 | "$program" replay "$name@x1" --step
done >"$tmp/steps" 2>&1

# What is no operation: whoever does that runs, and is where it is done.
# shellcheck disable=SC2016 # awk's own variables
awk '
    match($0, /[^ ]+ \(#[0-9]+\)/) { who = substr($0, RSTART, RLENGTH) }
    /^ *[0-9]+  / {
        acts = /  (make |check "|environment call )/
        actor = who
        place = ""
        if (match($0, /[^ ]+\.[ch]:[0-9]+/)) place = substr($0, RSTART, RLENGTH)
        next
    }
    acts && /^       / && who == actor && index($0, who) == 8 {
        seen++
        if ($0 !~ / running /) { print "not running: " $0; bad = 1 }
        if (place != "" && index($0, " " place " ") == 0) { print "not at " place ": " $0; bad = 1 }
    }
    END { if (seen < 10) { print "only " seen + 0 " such events"; bad = 1 } exit bad }
' "$tmp/steps" >"$out"
result $? 'whoever makes, calls or checks something is shown running, at that place'

# shellcheck disable=SC2016
awk '
    /^       TASK / { where = index($0, " WHERE"); rows = 1; next }
    /^$/ { rows = 0 }
    rows {
        seen++
        if (substr($0, where, 2) !~ /^ [^ ]/) { print "out of column " where + 1 ": " $0; bad = 1 }
    }
    END { if (seen < 10) { print "only " seen + 0 " rows"; bad = 1 } exit bad }
' "$tmp/steps" >"$out"
result $? 'the columns of the table stand below their headings'

# Its arms have records of their own, so it is not complete from the first.
grep -q ' select  *reply|time ' "$tmp/steps"
status=$?
grep ' select ' "$tmp/steps" >"$out"
result $status 'a select says what it waits on'

plan
