#!/bin/sh
# The examples print what they say they print, and what README.md and the manual page name is there.
set -u
core=$UNSTUCK_SRC/core
out=$TMPDIR/out
n=0

# check WHAT: by the status of the command before it.
check() {
    status=$?
    n=$((n + 1))
    if [ $status -eq 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed 's/^/# /' "$out"
    fi
}

for source in "$core"/examples/*.c; do
    name=$(basename "$source" .c)
    sed -n 's|^// prints: ||p' "$source" >"$TMPDIR/expected"
    timeout 60 "$UNSTUCK_BUILD/examples/$name" >"$out" 2>&1 && [ -s "$TMPDIR/expected" ] &&
        cmp -s "$TMPDIR/expected" "$out"
    check "$name"
    [ "$(wc -l <"$source")" -lt 60 ] || wc -l "$source" >"$out"
    [ "$(wc -l <"$source")" -lt 60 ]
    check "$name fits on a screen"
done

# The words of the table's column of C: in backquotes, as far as they are names of the core's style.
headers=$(find "$core" -maxdepth 1 -name '*.h')
sed -n '/^| Go | here/,/^$/p' "$core/README.md" >"$TMPDIR/table"
awk -F ' [|] ' '{ n = split($2, part, "`"); for (i = 2; i <= n; i += 2) print part[i] }' "$TMPDIR/table" |
    grep -oE '\b[a-z]+(_[a-z]+)+\b' | sort -u | grep -vx 't_chan' >"$TMPDIR/names"
: >"$out"
while read -r name; do
    # shellcheck disable=SC2086 # a list of files
    grep -qw "$name" $headers || echo "no header has $name" >>"$out"
done <"$TMPDIR/names"
[ "$(wc -l <"$TMPDIR/names")" -gt 80 ] && ! [ -s "$out" ]
check 'every name in the table from Go to C is in a header'

# Every header that is meant for users has its place in the table and in the manual page, but for those
# that others are made of (and core.h, which is all of them).
: >"$out"
for header in $headers; do
    name=$(basename "$header")
    case $name in core.h | wait.h | table.h | internal.h | switch.h) continue ;; esac
    ! grep -qE 'Private to the core|#include "core/internal.h"' "$header" || continue
    grep -q "\`$name\`" "$core/README.md" || echo "core/README.md does not mention $name" >>"$out"
    case $name in base.h | watch.h | access.h) continue ;; esac
    grep -q "core/$name" "$core/unstuck-core.3" || echo "unstuck-core.3 does not mention core/$name" >>"$out"
done
! [ -s "$out" ]
check 'every public header is in the README and in the manual page'

if command -v man >/dev/null && command -v groff >/dev/null; then
    man --warnings -l "$core/unstuck-core.3" 2>"$out" >"$TMPDIR/page" && ! [ -s "$out" ] &&
        grep -q 'run_main' "$TMPDIR/page"
    check 'the manual page is well-formed'
else
    n=$((n + 1))
    echo "ok $n - the manual page is well-formed # SKIP unavailable: needs man and groff"
fi

echo "1..$n"
