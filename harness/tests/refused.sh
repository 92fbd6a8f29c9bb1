#!/bin/sh
# An exercise that asks the machine for anything is refused before it runs, with its line and what to use
# instead. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

exercise=$UNSTUCK_SRC/scenarios/send-no-receiver/exercise.c

# The exercise with another first line and something more to do; exit code and words as they must be.
runs() { # NAME FIRST-LINE STATEMENT EXIT WORDS
    { echo "$2"; sed "s|cents = exchange_quote(a->symbol);|& $3|" "$exercise"; } >"$tmp/$1.c"
    "$UNSTUCK" run send-no-receiver --variant "$tmp/$1.c" >"$out" 2>&1
    [ $? -eq "$4" ] && tr -s ' \n' '  ' <"$out" | grep -Fq -- "$5"
    result $? "$1: $5"
}
line=$(($(grep -n 'cents = exchange_quote' "$exercise" | cut -d : -f 1) + 1))

runs time '#include <time.h>' 'cents += time(NULL) > 0;' 3 "time.c:$line: error: time() is refused"
runs rand '#include <stdlib.h>' 'cents += rand();' 3 'Use choose(n)'
runs thread '#include <pthread.h>' 'pthread_t t; pthread_create(\&t, NULL, NULL, \&t);' 3 'Use go(task, ...)'
runs file '#include <stdio.h>' 'cents += !fopen("/etc/passwd", "r");' 3 'a run has no files'
runs own '_Thread_local int mine;' 'mine++;' 3 '_Thread_local'
runs unknown '#include <sys/prctl.h>' 'prctl(1, 2, 3, 4, 5);' 3 'the source calls prctl()'
runs computing '#include <string.h>' 'char b[9]; memset(b, 1, cents \& 7); cents += strnlen(b, 4);' 1 'FAIL leak'
"$UNSTUCK" run send-no-receiver --variant "$tmp/unknown.c" --json >"$out" 2>&1
grep -q '"build"' "$out"
result $? 'as JSON the verdict is build'
plan
