#!/bin/sh
# `unstuck dev bench` on programs whose figures are known: what the table and the JSON make of them.
# Prints TAP. Environment: UNSTUCK the program.
set -u
: "${UNSTUCK:?the program}"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/bench-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
programs=$tmp/libexec/unstuck/bench
mkdir -p "$programs"
number=0

# program NAME: reads the body from standard input.
program() {
    { echo '#!/bin/sh' && cat; } >"$programs/$1"
    chmod +x "$programs/$1"
}

bench() {
    UNSTUCK_PREFIX=$tmp "$UNSTUCK" dev bench "$@" >"$tmp/out" 2>"$tmp/err"
    code=$?
}

# test NAME CONDITION...: a condition is a command.
ok() {
    number=$((number + 1))
    name=$1
    shift
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/#   /' "$tmp/out" "$tmp/err" | head -40
    fi
}

row() {
    sed -n "s/^$1  *//p" "$tmp/out" | head -1 | tr -s ' '
}
row_is() {
    [ "$(row "$1")" = "$2" ]
}
fails_saying() {
    [ "$code" -eq "$1" ] && grep -q "$2" "$tmp/err"
}
fields_are() {
    tr -d ' \n' <"$tmp/out" | grep -qF "$1"
}

bench
ok "without programs it says where to run it" fails_saying 4 "from a checkout's build"

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
ok "it ends well" [ "$code" -eq 0 ]
ok "a row: median, spread, Go, ratio, aim, threads, price of the log" \
    row_is pingpong "25.0 120% 100 0.250 0.13! 200 1000 25.0 0%"
ok "a program that fails leaves its figure out" row_is yield2 "7.00 0% 100 0.070 0.06! 200 1000 - -"
ok "and is named" grep -q "no figure from.*yield2.no-log" "$tmp/err"
ok "where Go has no figure there is no ratio" row_is select2 "7.00 0% - - 0.13 - 1000 - -"
ok "threads are not asked for a million" row_is sleepers_1m "7.00 0% 100 0.070 0.40 200 - - -"
ok "the floor is told" grep -q "A bare switch of stacks takes 7.00 ns" "$tmp/out"
ok "the version of Go is told" grep -q "go1.23.4" "$tmp/out"
ok "no line is wider than a terminal" [ "$(tail -n +2 "$tmp/out" | wc -L)" -le 80 ]
sed -i '/^tasks parked/,$!d' "$tmp/out"
ok "beside parked tasks" row_is pingpong "60.0 1050 100050 1000050"

rm "$programs/times"
bench --json --rounds 2
ok "JSON is an array of rows" fields_are \
    '{"name":"pingpong","ns":15.0,"go_ns":100.0,"ratio":0.15,"rounds":2,"spread":0.66666'
ok "a row without Go has no ratio" fields_are '{"name":"select2","ns":7.0,"rounds":2,"spread":0.0}'

echo 'case $1 in version) echo go1.19.8 ;; *) echo 100 ;; esac' | program go
bench --json --rounds 1
ok "an old Go gives no ratio" fields_are '{"name":"yield2","ns":7.0,"rounds":1,"spread":0.0}'

bench --rounds 0
ok "no rounds is refused" fails_saying 2 "rounds takes 1 to 99"
UNSTUCK_PREFIX=$tmp "$UNSTUCK" dev brew >"$tmp/out" 2>"$tmp/err"
code=$?
ok "an unknown command is refused" fails_saying 2 "no command .dev brew.; the nearest is .dev new."
UNSTUCK_PREFIX=$tmp "$UNSTUCK" dev >"$tmp/out" 2>"$tmp/err"
code=$?
ok "so is none" fails_saying 2 "dev needs to be told what. Usage: unstuck dev PART"
echo "1..$number"
