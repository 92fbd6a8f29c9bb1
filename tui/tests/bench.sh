#!/bin/sh
# `unstuck dev bench` on programs whose figures are known: what the table and the JSON make of them.
# Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

programs=$tmp/libexec/unstuck/bench
mkdir -p "$programs"

# program NAME: reads the body from standard input.
program() {
    { echo '#!/bin/sh' && cat; } >"$programs/$1"
    chmod +x "$programs/$1"
}

bench() {
    UNSTUCK_PREFIX=$tmp "$UNSTUCK" dev bench "$@" >"$out" 2>"$err"
    code=$?
}

# is NAME CONDITION...: a condition is a command.
is() {
    name=$1
    shift
    "$@" || complain "$(cat "$out" "$err")"
    ok "$name"
}

row() {
    sed -n "s/^$1  *//p" "$out" | head -1 | tr -s ' '
}
row_is() {
    [ "$(row "$1")" = "$2" ]
}
fails_saying() {
    [ "$code" -eq "$1" ] && grep -q "$2" "$err"
}
fields_are() {
    tr -d ' \n' <"$out" | grep -qF "$1"
}

bench
is "without programs it says where to run it" fails_saying 4 "from a checkout's build"

for name in yield2 buffered128 select2 select8 spawn_join spawn_batch fanin1000 mutex_free \
    mutex_contended sleepers_1m parked_1m snapshot switch; do
    echo 'echo 7' | program $name
done
# A figure more each time, and beside N parked tasks N more.
program pingpong <<'END'
[ "${1-}" = --parked ] && exec expr 50 + "$2"
echo x >>"$(dirname "$0")/times"
expr 10 '*' "$(wc -l <"$(dirname "$0")/times")"
END
echo 'echo 25' | program pingpong.no-log
echo 'exit 1' | program yield2.no-log
program go <<'END'
case $1 in
version) echo go1.23.4 ;;
select2) exit 3 ;;
*) [ "${GOMAXPROCS-}" = 1 ] && echo 100 || echo 200 ;;
esac
END
echo 'echo 1000' | program threads

bench --rounds 4
is "it ends well" [ "$code" -eq 0 ]
is "a row: median, spread, Go, ratio, aim, threads, price of the log" \
    row_is pingpong "25.0 120% 100 0.250 0.13! 200 1000 25.0 0%"
is "a program that fails leaves its figure out" row_is yield2 "7.00 0% 100 0.070 0.06! 200 1000 - -"
is "and is named" grep -q "no figure from.*yield2.no-log" "$err"
is "where Go has no figure there is no ratio" row_is select2 "7.00 0% - - 0.13 - 1000 - -"
is "threads are not asked for a million" row_is sleepers_1m "7.00 0% 100 0.070 0.40 200 - - -"
is "the floor is told" grep -q "A bare switch of stacks takes 7.00 ns" "$out"
is "the version of Go is told" grep -q "go1.23.4" "$out"
is "no line is wider than a terminal" [ "$(tail -n +2 "$out" | wc -L)" -le 80 ]
sed -i '/^tasks parked/,$!d' "$out"
is "beside parked tasks" row_is pingpong "60.0 1050 100050 1000050"

rm "$programs/times"
bench --json --rounds 2
is "JSON is an array of rows" fields_are \
    '{"name":"pingpong","ns":15.0,"go_ns":100.0,"ratio":0.15,"rounds":2,"spread":0.66666'
is "a row without Go has no ratio" fields_are '{"name":"select2","ns":7.0,"rounds":2,"spread":0.0}'

echo 'case $1 in version) echo go1.19.8 ;; *) echo 100 ;; esac' | program go
bench --json --rounds 1
is "an old Go gives no ratio" fields_are '{"name":"yield2","ns":7.0,"rounds":1,"spread":0.0}'

bench --rounds 0
is "no rounds is refused" fails_saying 2 "rounds takes 1 to 99"
UNSTUCK_PREFIX=$tmp "$UNSTUCK" dev brew >"$out" 2>"$err"
code=$?
is "an unknown command is refused" fails_saying 2 "no command .dev brew.; the nearest is .dev new."
UNSTUCK_PREFIX=$tmp "$UNSTUCK" dev >"$out" 2>"$err"
code=$?
is "so is none" fails_saying 2 "dev needs to be told what. Usage: unstuck dev PART"
plan
