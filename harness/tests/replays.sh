#!/bin/sh
# Every failure that is found has an id, and the id replays: the same events, byte for byte, and the same
# verdict, each time; and whatever compiler built it, since the ids are written here. With UNSTUCK_LONG
# 100 times each, the wrong fixes too. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

runs=3
[ -z "${UNSTUCK_LONG-}" ] || runs=100

# The exercises, and what each of their failures is called.
found='ctx-detached@x1
handle-not-closed@x1
race-unlocked-state@x1
race-unlocked-state@x1m.9:t.10:3
recv-range-unclosed@x1
send-no-receiver@x1
wg-undercount@x1'

# replays ID VERDICTS [FLAG...]: each time the same text, which ends in verdicts of those, since on other schedules a
# variant may fail in other ways too. An exercise fails in but one way.
replays() {
    id=$1 verdicts=$2
    shift 2
    "$UNSTUCK" replay "$id" "$@" --text >"$tmp/first" 2>&1
    shown=$(awk '/^FAIL / { split($0, part, /  +/); print substr(part[1], 6) }' "$tmp/first")
    case $2 in
    exercise) [ "$shown" = "$verdicts" ] || complain "$shown, not $verdicts" ;;
    esac
    [ -n "$shown" ] || complain "it does not fail: $(tail -n 5 "$tmp/first")"
    [ "$verdicts" = any ] || for verdict in $(echo "$shown" | tr -d ,); do
        case ", $verdicts," in *" $verdict,"*) ;; *) complain "$verdict is none of $verdicts" ;; esac
    done
    i=1
    while [ "$i" -lt "$runs" ]; do
        i=$((i + 1))
        "$UNSTUCK" replay "$id" "$@" --text >"$out" 2>&1
        cmp -s "$tmp/first" "$out" || complain "number $i differs: $(diff "$tmp/first" "$out" | head -n 20)"
    done
}

# What `explore` says of each failure, a line each: ID, VARIANT and the verdicts. What a race leads to has an
# id of its own, and may be anything.
# shellcheck disable=SC2016 # awk's own variables
failures() {
    awk '
        /^FAIL / { split($0, part, /  +/); verdicts = substr(part[1], 6); variant = part[3] }
        /^  again: |^    step by step: / { match($0, /[^ ]+@[^ ]+/)
            print substr($0, RSTART, RLENGTH), variant, /again/ ? verdicts : variant == "exercise" ? "race, behaviour" : "any" }'
}

list=$tmp/failures
"$UNSTUCK" explore all | failures >"$list"
[ "$(cut -d ' ' -f 1 "$list" | sort)" = "$found" ]
result $? 'each exercise fails, by the same id as ever'
if [ -n "${UNSTUCK_LONG-}" ]; then
    "$UNSTUCK" explore all --variant wrong | failures >>"$list"
fi

while read -r id variant verdicts; do
    replays "$id" "$verdicts" --variant "$variant" </dev/null
    ok "$id of $variant: $verdicts, $runs times of $runs"
done <"$list"
plan
