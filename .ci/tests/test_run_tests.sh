#!/bin/sh
# .ci/run-tests on made-up suites: what it counts, and that no way for a suite to end is lost.
set -u

fake=$TMPDIR/fake
suite=$fake/suite
mkdir -p "$fake/tests"
n=0

# counts NAME BODY LAST-LINE: a shell suite of this body must lead to that last line.
counts() {
    n=$((n + 1))
    printf '#!/bin/sh\n%s\n' "$2" >"$suite"
    chmod +x "$suite"
    printf 'shell made-up %s\n' "$suite" >"$fake/tests/list.txt"
    said=$(UNSTUCK_TEST_TIMEOUT=1 "$UNSTUCK_SRC/.ci/run-tests" "$fake" 2>&1)
    last=$(printf '%s\n' "$said" | tail -n 1)
    if [ "$last" = "$3" ]; then
        printf 'ok %d - %s\n' "$n" "$1"
    else
        printf 'not ok %d - %s\n# wanted: %s\n' "$n" "$1" "$3"
        printf '%s\n' "$said" | sed 's/^/# /'
    fi
}

counts 'passed and failed' 'echo 1..3; echo ok 1; echo not ok 2 - x; echo ok 3; exit 1' '2 passed, 1 failed'
counts 'skipped apart' 'echo 1..2; echo ok 1; echo "ok 2 - x # SKIP slow"' '1 passed, 0 failed, 1 skipped'
counts 'unavailable is neither' 'echo 1..2; echo ok 1; echo "ok 2 # SKIP unavailable: no x"' \
    '1 passed, 0 failed'
counts 'a suite may be skipped whole' 'echo "1..0 # SKIP slow"' '0 passed, 0 failed, 1 skipped'
counts 'a suite without tests' 'exit 0' '0 passed, 1 failed'
counts 'fewer tests than planned' 'echo 1..3; echo ok 1' '1 passed, 1 failed'
counts 'no plan' 'echo ok 1' '1 passed, 1 failed'
counts 'exit code without a failed test' 'echo 1..1; echo ok 1; exit 3' '1 passed, 1 failed'
counts 'a signal' 'echo 1..1; echo ok 1; kill -SEGV $$' '1 passed, 1 failed'
counts 'a hang' 'echo 1..1; echo ok 1; sleep 60' '1 passed, 1 failed'
counts 'bailing out' 'echo 1..1; echo Bail out! no disk; exit 1' '0 passed, 2 failed'
counts 'a program that is not there' "rm '$suite'; exec '$suite'" '0 passed, 1 failed'
echo "1..$n"
