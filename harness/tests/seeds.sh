#!/bin/sh
# Every input that the fuzz targets begin from, and every one that ever broke one of them (fuzz/seeds), is read
# once more; and for the target `log` the logs of real runs. With UNSTUCK_LONG the fuzzers look for new ones.
set -u
targets=$(cd "$UNSTUCK_SRC" && ls harness/fuzz/fuzz_*.c tui/fuzz/fuzz_*.c | sed 's/.*fuzz_//; s/\.c$//')
number=0

say() {
    number=$((number + 1))
    printf '%s %d - %s\n' "$1" "$number" "$2"
}

for target in $targets; do
    seeds=$(ls -d "$UNSTUCK_SRC"/*/fuzz/seeds/"$target")
    more=
    if [ "$target" = log ]; then
        more=$TMPDIR/logs
        mkdir "$more"
        "$UNSTUCK_BUILD/fuzz/logs" "$more" 60
    fi
    there=$(find "$seeds" ${more:+"$more"} -type f | wc -l)
    timeout 60 "$UNSTUCK_BUILD/fuzz/$target" "$seeds" ${more:+"$more"} >"$TMPDIR/read" 2>"$TMPDIR/said"
    status=$?
    read=$(wc -l <"$TMPDIR/read")
    if [ "$status" -eq 0 ] && [ "$read" -eq "$there" ] && [ "$there" -gt 0 ]; then
        say ok "$target: $read inputs are read"
    else
        say 'not ok' "$target: $read of $there inputs are read, then exit code $status"
        { tail -n 1 "$TMPDIR/read"; tail -n 30 "$TMPDIR/said"; } | sed 's/^/# /'
    fi
done

if [ -n "${UNSTUCK_LONG-}" ]; then
    if command -v clang-14 >/dev/null; then
        "$UNSTUCK_SRC/harness/fuzz/run" "${UNSTUCK_FUZZ_SECONDS-120}" >"$TMPDIR/fuzzed"
        sed -n 's/^#/#/p; s/^ok - /# /p' "$TMPDIR/fuzzed"
        while read -r line; do
            case $line in
            'ok - '*) say ok "fuzzed: ${line#ok - }" ;;
            'not ok - '*) say 'not ok' "fuzzed: ${line#not ok - }" ;;
            esac
        done <"$TMPDIR/fuzzed"
    else
        say ok 'fuzzed # SKIP unavailable: clang-14 is not installed'
    fi
fi
printf '1..%d\n' "$number"
