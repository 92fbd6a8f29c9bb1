#!/bin/sh
# What happens before what: ThreadSanitizer, told of the tasks, sees no race in any rule but in those
# that are about what is not ordered, and sees it there in one run.
set -u
conformance=$UNSTUCK_BUILD/tests/programs/conformance.tsan
if [ ! -x "$conformance" ]; then
    echo '1..0 # SKIP unavailable: this build has no ThreadSanitizer'
    exit 0
fi
export TSAN_OPTIONS='exitcode=66 atexit_sleep_ms=0'
out=$TMPDIR/out
n=0

# check EXPECTED-STATUS WHAT COMMAND...: a race must also be reported as one.
check() {
    expected=$1 what=$2
    shift 2
    n=$((n + 1))
    "$@" >"$out" 2>&1
    status=$?
    if [ $status -eq "$expected" ] && { [ "$expected" -eq 0 ] || grep -q 'data race' "$out"; }; then
        echo "ok $n - $what"
        return
    fi
    echo "not ok $n - $what"
    echo "# exit code $status, expected $expected"
    head -n 60 "$out" | sed 's/^/# /'
}

check 0 'no rule races' "$conformance" --fifo --restless --default --seeds 20
for rule in $("$conformance" --names races) broken_race; do
    check 66 "$rule: seen in one run" "$conformance" --default "$rule"
    check 66 "$rule: seen in one run, inline" "$conformance" --fifo "$rule"
done
echo "1..$n"
