#!/bin/sh
# A run is a function of its schedule: the same seed gives the same events, byte for byte, and the
# same examination gives the same document. TAP; needs UNSTUCK, the program.
set -u

runs=20
[ -z "${UNSTUCK_LONG-}" ] || runs=100
cases='send-no-receiver recv-range-unclosed ctx-detached wg-undercount handle-not-closed race-unlocked-state'
# shellcheck disable=SC2086
set -- $cases
echo "1..$(($# * 2 + 2))"

number=0
report() { # OK? NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

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
    report $? "$case: $runs runs with one seed give the same $bytes bytes"
done

# Not because every seed gave the same run: some case must differ between seeds.
for case in "$@"; do
    seeds=$(for seed in 1 2 3 4 5 6 7 8; do
        "$UNSTUCK" run "$case" --seed "$seed" --events | cksum
    done | sort -u | wc -l)
    [ "$seeds" -gt 1 ]
    report $? "$case: $seeds of 8 seeds differ"
done

for variant in exercise solution; do
    first=$("$UNSTUCK" explore all --variant "$variant" --json | cksum)
    second=$("$UNSTUCK" explore all --variant "$variant" --json | cksum)
    [ "$first" = "$second" ]
    report $? "explore all --variant $variant: the same document twice"
done
