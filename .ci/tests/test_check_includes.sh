#!/bin/sh
# .ci/check-includes on made-up sources.
set -u

tree=$TMPDIR/tree
n=0

# check VERDICT FILE INCLUDE: a FILE that says #include INCLUDE is right, or wrong.
check() {
    n=$((n + 1))
    rm -rf "$tree"
    mkdir -p "$tree/${2%/*}"
    printf '\n#include %s\n' "$3" >"$tree/$2"
    if said=$("$UNSTUCK_SRC/.ci/check-includes" "$tree"); then found=right; else found=wrong; fi
    case $found,$said in
    "$1,"*"$2:2: "* | "$1,") printf 'ok %d - %s: %s is %s\n' "$n" "$2" "$3" "$1" ;;
    *) printf 'not ok %d - %s: %s is %s\n# found %s: %s\n' "$n" "$2" "$3" "$1" "$found" "$said" ;;
    esac
}

check right core/a.c '"core/b.h"'
check right core/a.c '<stdio.h>'
check wrong core/a.c '"harness/a.h"'
check wrong core/tests/a.c '"../../tui/a.h"'
check right harness/a.c '"core/b.h"'
check wrong harness/runner/a.c '"tui/a.h"'
check wrong harness/a.c '<scenarios/x/exercise.h>'
check right tui/a.c '"harness/a.h"'
check wrong tui/a.c '"solutions/x/a.c"'
check right scenarios/x/scenario.c '"harness/scenario.h"'
check right scenarios/x/exercise.c '"exercise.h"'
check right scenarios/x/wrong/a.c '<sys/types.h>'
check wrong scenarios/x/scenario.c '"harness/judge.h"'
check wrong scenarios/x/scenario.c '"core/../harness/judge.h"'
check wrong scenarios/x/exercise.c '"scenarios/y/exercise.h"'
check wrong solutions/x/a.c '"helpers.h"'
check right solutions/x/a.c '"core/core.h"'
echo "1..$n"
