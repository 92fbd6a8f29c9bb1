#!/bin/sh
# The scenarios of the house teach what they claim: every row of `dev check` is green. Under a sanitizer, those of one
# scenario. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

names=$(cd "$UNSTUCK_SRC/scenarios" && for path in */scenario.c; do echo "${path%/*}"; done)
[ -z "$sanitized" ] || names=race-unlocked-state
for name in $names; do
    unstuck dev check "$name"
    grep '^  --' "$out" | sed 's/^/# unavailable:/'
    exits 0
    says "$out" ' rows good, 0 broken, '
    [ "$code" -eq 0 ] || grep -v '^  ok' "$out" | sed 's/^/#   /'
    ok "$name: every row is green"
done
plan
