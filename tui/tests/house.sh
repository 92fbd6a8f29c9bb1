#!/bin/sh
# The scenarios of the house teach what they claim: every row of `dev check` is green. Prints TAP.
set -u
: "${UNSTUCK:?the program}"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/house-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out
unset NO_COLOR CLICOLOR_FORCE CC UNSTUCK_PREFIX
cd "$tmp" || exit 1

"$UNSTUCK" dev check >"$out" 2>&1
code=$?
grep '^  --' "$out" | sed 's/^/# unavailable:/'
if [ $code -eq 0 ] && grep -q ' rows good, 0 broken, ' "$out"; then
    echo "ok 1 - every row of every scenario is green"
else
    echo "not ok 1 - every row of every scenario is green"
    grep -v '^  ok' "$out" | sed 's/^/#   /'
fi

looked_at=$(grep -c '^[a-z]' "$out")
there=$("$UNSTUCK" list --json | grep -c '"title"')
[ "$looked_at" -eq "$there" ] || printf 'not '
echo "ok 2 - no scenario was left out: $looked_at of $there"
echo 1..2
