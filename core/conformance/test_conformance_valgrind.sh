#!/bin/sh
# Every rule under Valgrind, which is told of the tasks' stacks and of the run's memory: nothing is
# suppressed.
set -u
conformance=$UNSTUCK_BUILD/tests/programs/conformance
if ! command -v valgrind >/dev/null; then
    echo '1..0 # SKIP unavailable: valgrind is not installed'
    exit 0
fi
out=$TMPDIR/out
n=0
seeds=3
[ -z "${UNSTUCK_LONG-}" ] || seeds=100

# check EXPECTED-STATUS WHAT SAID OPTIONS...
check() {
    expected=$1 what=$2 said=$3
    shift 3
    n=$((n + 1))
    valgrind --quiet --error-exitcode=99 "$conformance" "$@" >"$out" 2>&1
    status=$?
    if [ $status -eq "$expected" ] && grep -q "$said" "$out"; then
        echo "ok $n - $what"
        return
    fi
    echo "not ok $n - $what"
    echo "# exit code $status, expected $expected; must say: $said"
    head -n 60 "$out" | sed 's/^/# /'
}

check 0 'no rule does what Valgrind would report' 'rules hold' --fifo --restless --default --seeds $seeds
check 99 'freed memory of the run is known as such' 'Invalid read' --default broken_freed
check 99 'what a task has not set on its stack is known as such' 'uninitialised' --default broken_unset
echo "1..$n"
