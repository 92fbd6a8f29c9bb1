#!/bin/sh
# Gradings of one workspace give one result file, byte for byte, the second half of them while both cores are kept
# busy by something else: 6 of them, with UNSTUCK_LONG 1,000. In it are solutions, a wrong fix, one that crashes, one
# that does not compile and one as it was shipped. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

times=6
[ -z "$sanitized" ] || times=2
[ -z "${UNSTUCK_LONG-}" ] || times=1000
ws=$tmp/ws
busy=
finish() {
    # shellcheck disable=SC2086 # a list
    [ -z "$busy" ] || kill $busy
}

unstuck init "$ws"
at=$ws/exercises
put() { # FOLDER NAME: the first of its sources
    for first in "$UNSTUCK_SRC/$1"/*.c; do cp "$first" "$at/$2.c" && return; done
}
put solutions/handle-not-closed handle-not-closed
put solutions/wg-undercount wg-undercount
put scenarios/ctx-detached/wrong ctx-detached
sed 's/cents = exchange_quote(a->symbol);/& *(volatile long *)8 = cents;/' \
    "$UNSTUCK_SRC/scenarios/send-no-receiver/exercise.c" >"$at/send-no-receiver.c"
echo 'int broken(' >"$at/recv-range-unclosed.c"

# grade_all FIRST LAST: each as the first of all.
grade_all() {
    i=$1
    while [ "$i" -le "$2" ]; do
        "$UNSTUCK" grade "$ws" --budget 30 --json >"$tmp/now" 2>"$err"
        [ -s "$tmp/first" ] || cp "$tmp/now" "$tmp/first"
        cmp -s "$tmp/first" "$tmp/now" || {
            complain "number $i differs: $(diff "$tmp/first" "$tmp/now" | head -n 5)"
            break
        }
        i=$((i + 1))
    done
}

grade_all 1 $((times / 2))
is_result "$tmp/first"
for verdict in race crash build; do says "$tmp/first" "\"$verdict\""; done
for status in fail error; do says "$tmp/first" "      \"status\": \"$status\","; done
ok "$((times / 2)) gradings, one and the same result"

(while :; do :; done) & busy=$!
(while :; do :; done) & busy="$busy $!"
grade_all $((times / 2 + 1)) "$times"
# shellcheck disable=SC2086
kill $busy
busy=
ok "$((times - times / 2)) more while the cores are busy, the same still"
plan
