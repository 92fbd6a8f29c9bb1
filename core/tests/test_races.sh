#!/bin/sh
# What ThreadSanitizer is told of tasks: it must see every race in one run, and none where channels,
# locks and the like order the accesses. The worlds are in programs/races.c.
set -u
program=$UNSTUCK_BUILD/tests/programs/races.tsan
if [ ! -x "$program" ]; then
    echo '1..0 # SKIP unavailable: this build has no ThreadSanitizer'
    exit 0
fi
export TSAN_OPTIONS='exitcode=66 atexit_sleep_ms=0'
out=$TMPDIR/out
n=0

# check WHAT EXPECTED-STATUS COMMAND...: a race must also be reported as one.
check() {
    what=$1 expected=$2
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

"$program" --list >"$TMPDIR/list"
while read -r name kind; do
    case $kind in
    race)
        check "$name: seen in one run" 66 "$program" "$name"
        check "$name: seen in one run, inline" 66 "$program" "$name" inline
        ;;
    live) check "$name: no false race in 20 runs" 0 "$program" "$name" ;;
    clean) check "$name: no false race under 300 seeds" 0 "$program" "$name" ;;
    esac
done <"$TMPDIR/list"
check '6,000 runs of all clean worlds in one process' 0 "$program" all_clean_in_turn
echo "1..$n"
