#!/bin/sh
# Stepping through a run in plain text: what each table of tasks says of who runs and where. Prints TAP.
set -u
program=${UNSTUCK:?the path of the program}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
failed=0

# result STATUS NAME: one line of TAP; a failure shows what awk complained of.
result() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
        return
    fi
    echo "not ok $count - $2"
    failed=$((failed + 1))
    sed 's/^/# /' "$work/why"
}

# Each event and the table after it, for two runs that call their environment and check.
for name in race-unlocked-state send-no-receiver; do
    yes '' | head -n 500 | "$program" replay "$name@x1" --step
done >"$work/steps" 2>&1

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
' "$work/steps" >"$work/why"
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
' "$work/steps" >"$work/why"
result $? 'the columns of the table stand below their headings'

# Its arms have records of their own, so it is not complete from the first.
grep -q ' select  *reply|time ' "$work/steps"
status=$?
grep ' select ' "$work/steps" >"$work/why"
result $status 'a select says what it waits on'

echo "1..$count"
[ "$failed" = 0 ]
