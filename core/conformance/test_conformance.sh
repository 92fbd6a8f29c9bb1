#!/bin/sh
# Every rule under every kind of schedule; and that what does not hold is found out.
set -u
conformance=$UNSTUCK_BUILD/tests/programs/conformance
here=$UNSTUCK_SRC/core/conformance
out=$TMPDIR/out
n=0
seeds=1000 recorded=200
[ -z "${UNSTUCK_LONG-}" ] || seeds=10000 recorded=1000
sanitizer=$(sed -n 's/^UNSTUCK_SANITIZE:STRING=//p' "$UNSTUCK_BUILD/CMakeCache.txt")

# check EXPECTED-STATUS WHAT COMMAND...
check() {
    expected=$1 what=$2
    shift 2
    n=$((n + 1))
    "$@" >"$out" 2>&1
    status=$?
    if [ $status -eq "$expected" ]; then
        echo "ok $n - $what"
        return
    fi
    echo "not ok $n - $what"
    echo "# exit code $status, expected $expected"
    head -n 60 "$out" | sed 's/^/# /'
}

check 0 'first in, first out' "$conformance" --fifo
check 0 'giving way at every step' "$conformance" --restless
check 0 'the default schedule' "$conformance" --default
check 0 "$seeds seeds" "$conformance" --seeds $seeds
check 0 "$recorded seeds, replayed from their deviations" "$conformance" --record $recorded

for rule in $("$conformance" --names broken); do
    case $rule in broken_race | broken_freed | broken_unset) continue ;; esac # need a tool to be seen
    check 1 "$rule is found out" "$conformance" --fifo --restless --default --seeds 200 "$rule"
done

if [ "$sanitizer" = address ]; then
    check 1 'broken_freed is found out by AddressSanitizer' "$conformance" --default broken_freed
fi

check 2 'a rule that does not exist' "$conformance" --fifo send_on_sunday
check 2 'a schedule that cannot be read' "$conformance" --replay 1:2:3 send_nil
check 1 'a schedule that does not fit' "$conformance" --replay 0:9 recv_half_beside_ready
check 0 'a schedule that fits' "$conformance" --replay 1:0/1 recv_half_beside_ready

# What a task of the core can panic with, or be told of: the texts given to whatever raises it, and the
# constants that are, each as what it may read.
sentences() {
    grep -hv '^ *//\|^ *#' "$@" | awk '{ text = text $0 " " }
        END {
            while (match(text, /((panic|panic_fatal|misuse)_at|op_panic|op_fatal|panic|panic =)[ (][^;]*;|\[\] = "net: [^;]*;/)) {
                call = substr(text, RSTART, RLENGTH)
                text = substr(text, RSTART + RLENGTH)
                gsub(/"  *"/, "", call) # one text in two pieces
                while (match(call, /"[^"]*"/)) {
                    print substr(call, RSTART + 1, RLENGTH - 2)
                    call = substr(call, RSTART + RLENGTH)
                }
            }
        }' | grep '[a-z] [a-z%]' | sed 's/%[a-z]*/.*/g' | sort -u
}

# These would need a machine that refuses what the run may have, or one with an address to refuse.
elsewhere='out of memory: the machine|out of memory: no (stack|room for timer)|too many timers|too many tasks: .*never|net: cannot listen on'

sentences "$UNSTUCK_SRC"/core/*.[ch] | grep -Ev "^($elsewhere)" >"$TMPDIR/sentences"
"$conformance" --outcomes >"$TMPDIR/outcomes"
while read -r sentence; do
    grep -q -- "$sentence" "$TMPDIR/outcomes" || printf '%s\n' "$sentence"
done <"$TMPDIR/sentences" >"$TMPDIR/missing"
check 0 'every sentence of the core is in a rule' diff /dev/null "$TMPDIR/missing"
check 0 '... and they were found' grep -qx 'send on closed channel' "$TMPDIR/sentences"

"$conformance" --table >"$TMPDIR/table"
sed '1,/^<!-- conformance --table -->$/d' "$here/README.md" >"$TMPDIR/readme"
check 0 'README.md has the table of all rules' diff "$TMPDIR/table" "$TMPDIR/readme"
echo "1..$n"
