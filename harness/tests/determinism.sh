#!/bin/sh
# A run is a function of its schedule: the same seed gives the same events, byte for byte, and the
# same examination gives the same document. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

runs=20
documents=exercise
[ -z "$sanitized" ] || runs=4
[ -z "${UNSTUCK_LONG-}" ] || runs=100 documents='exercise solution wrong'
cases='send-no-receiver recv-range-unclosed ctx-detached wg-undercount handle-not-closed race-unlocked-state'
# shellcheck disable=SC2086
set -- $cases

# Different checksums among $runs runs with these arguments: 1 when all are alike and not empty.
distinct() {
    i=0
    while [ "$i" -lt "$runs" ]; do
        "$UNSTUCK" run "$@" --events | cksum
        i=$((i + 1))
    done | sort -u | wc -l
}

for case in "$@"; do
    bytes=$("$UNSTUCK" run "$case" --seed 42 --events | wc -c)
    [ "$bytes" -gt 500 ] && [ "$(distinct "$case" --seed 42)" -eq 1 ]
    result $? "$case: $runs runs with one seed give the same $bytes bytes"
done

# Not because every seed gave the same run: some case must differ between seeds.
for case in "$@"; do
    seeds=$(for seed in 1 2 3 4 5 6 7 8; do
        "$UNSTUCK" run "$case" --seed "$seed" --events | cksum
    done | sort -u | wc -l)
    [ "$seeds" -gt 1 ]
    result $? "$case: $seeds of 8 seeds differ"
done

for variant in $documents; do
    first=$("$UNSTUCK" explore all --variant "$variant" --json | cksum)
    second=$("$UNSTUCK" explore all --variant "$variant" --json | cksum)
    [ "$first" = "$second" ]
    result $? "explore all --variant $variant: the same document twice"
done
plan
