#!/bin/sh
# The scenarios of the house teach what they claim: every row of `dev check` is green. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

cd "$tmp" || exit 1

"$UNSTUCK" dev check >"$out" 2>"$err"
code=$?
grep '^  --' "$out" | sed 's/^/# unavailable:/'
exits 0
says "$out" ' rows good, 0 broken, '
[ "$code" -eq 0 ] || grep -v '^  ok' "$out" | sed 's/^/#   /'
ok "every row of every scenario is green"

looked_at=$(grep -c '^[a-z]' "$out")
there=$("$UNSTUCK" list --json | grep -c '"title"')
[ "$looked_at" -eq "$there" ]
result $? "no scenario was left out: $looked_at of $there"
plan
