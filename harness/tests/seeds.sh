#!/bin/sh
# Every input that the fuzz targets begin from, and every one that ever broke one of them (fuzz/seeds), is read
# once more; and for the target `log` the logs of real runs. With UNSTUCK_LONG the fuzzers look for new ones.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"
targets=$(cd "$UNSTUCK_SRC" && ls harness/fuzz/fuzz_*.c tui/fuzz/fuzz_*.c | sed 's/.*fuzz_//; s/\.c$//')

for target in $targets; do
    seeds=$(ls -d "$UNSTUCK_SRC"/*/fuzz/seeds/"$target")
    more=
    if [ "$target" = log ]; then
        more=$TMPDIR/logs
        mkdir "$more"
        "$UNSTUCK_BUILD/fuzz/logs" "$more" 60
    fi
    there=$(find "$seeds" ${more:+"$more"} -type f | wc -l)
    timeout 60 "$UNSTUCK_BUILD/fuzz/$target" "$seeds" ${more:+"$more"} >"$tmp/read" 2>"$err"
    status=$?
    read=$(wc -l <"$tmp/read")
    [ "$status" -eq 0 ] || complain "exit code $status for $(tail -n 1 "$tmp/read"): $(grep -m 3 -E 'ERROR|runtime error|does not hold|    #[0-4] ' "$err")"
    [ "$read" -eq "$there" ] && [ "$there" -gt 0 ] || complain "$read of $there inputs were read"
    ok "$target: $there inputs are read"
done

if [ -n "${UNSTUCK_LONG-}" ]; then
    if command -v clang-14 >/dev/null; then
        "$UNSTUCK_SRC/harness/fuzz/run" "${UNSTUCK_FUZZ_SECONDS-120}" >"$tmp/fuzzed" 2>&1
        while read -r line; do
            case $line in
            'not ok - '*) complain "${line#not ok - }" ;;
            esac
            case $line in
            *'ok - '*) ok "fuzzed: ${line#*ok - }" ;;
            *) echo "# $line" ;;
            esac
        done <"$tmp/fuzzed"
        [ "$(grep -c '^ok - ' "$tmp/fuzzed")" -eq "$(echo "$targets" | wc -l)" ] || complain "not every target was run"
        ok 'every target was run'
    else
        skip 'fuzzed' 'unavailable: clang-14 is not installed'
    fi
fi
plan
