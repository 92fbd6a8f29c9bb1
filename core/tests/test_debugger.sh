#!/bin/sh
# What a debugger sees of tasks: gdb/unstuck-gdb.py on a process and on a core file, and the static
# probes. The program is programs/parked.c: its tasks rest, then it aborts.
set -u
program=$UNSTUCK_BUILD/tests/programs/parked
script=$UNSTUCK_SRC/core/gdb/unstuck-gdb.py
out=$TMPDIR/out
n=0
if ! command -v gdb >/dev/null || ! gdb --batch -nx -ex 'python print(6 * 7)' 2>/dev/null | grep -qx 42; then
    echo '1..0 # SKIP unavailable: needs gdb with Python (Debian: gdb)'
    exit 0
fi
cd "$TMPDIR" || exit 1

ok() {
    n=$((n + 1))
    echo "ok $n - $1"
}

not_ok() {
    n=$((n + 1))
    echo "not ok $n - $1"
    tail -n 40 "$out" | sed 's/^/# /'
}

skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP unavailable: $2"
}

# shows WHAT PATTERN...: lines of the output that match each of these, in this order.
shows() {
    what=$1
    shift
    for pattern in "$@"; do
        printf '%s\n' "$pattern"
    done >patterns
    if awk 'NR == FNR { want[++wants] = $0; next } got < wants && $0 ~ want[got + 1] { got++ }
        END { if (got < wants) print "nothing more matches: " want[got + 1]; exit got < wants }' \
        patterns "$out" >missing; then ok "$what"; else cat missing >>"$out"; not_ok "$what"; fi
}

# Runs gdb with the commands on stdin; what it says goes to $out.
debug() {
    cat >commands
    ASAN_OPTIONS=detect_leaks=0 timeout 100 gdb --batch -nx -iex 'set debuginfod enabled off' \
        -ex 'set pagination off' -ex 'set width 0' -ex 'set confirm off' "$@" -x commands >"$out" 2>&1 </dev/null
}

# What must be seen of the tasks at rest, live or dead.
looks() {
    shows "$1: info tasks tells why each waits, on what, where, and who started it" \
        '#0 +main +sync.WaitGroup.Wait +wg .waitgroup#6. +parked.c:[0-9]+ +[0-9.]+ [mun]?s +order=6$' \
        '#1 +courier +chan send +results .chan#1. +parked.c:[0-9]+ +#0 at parked.c:[0-9]+ .* order=6$' \
        '#2 +locker +sync.Mutex.Lock +mu .mutex#4. +parked.c:' \
        '#3 +chooser +select +parked.c:' \
        '#4 +clerk +net accept +127.0.0.1:0 .listener#5. .* daemon order=6$'
    shows "$1: task N bt walks the stack of a parked task to its end" \
        '^at task 1' '^#1 .* in ' ' in (chan_send_at|send_slowly) ' ' in deliver .*order=6.* at .*parked.c:' \
        ' courier .* at .*parked.c:' ' entry ' '^before'
    shows "$1: task N looks into the frame that called the core" '^price = 42'
    shows "$1: task apply all bt shows everybody" \
        '^Task #0 main: sync.WaitGroup.Wait on wg .waitgroup#6. at parked.c:' '^#[0-9]+ .* root ' \
        '^Task #1 courier: chan send on results' '^#[0-9]+ .* deliver ' '^Task #2 locker: ' \
        '^#[0-9]+ .* locker ' '^Task #3 chooser: ' '^#[0-9]+ .* chooser ' '^Task #4 clerk: ' \
        '^#[0-9]+ .* clerk '
    shows "$1: small stacks are walked too" \
        '#6 +dwarf +chan receive +left .chan#2. +parked.c:[0-9]+ +#0 at parked.c:' \
        '^Task #6 dwarf: ' ' (chan_recv_at|recv_slowly) ' '^#[0-9]+ .* dwarf .* at .*parked.c:' ' entry '
    shows "$1: from the room of a panic down to the small stack" \
        '^Task #7 unlucky: chan receive on left' ' mourns .* at .*parked.c:' ' panic_at ' \
        '^#[0-9]+ .* unlucky .* at .*parked.c:' ' entry '
    before=$(sed -n 's/^before //p' "$out") after=$(sed -n 's/^after //p' "$out")
    if [ -n "$before" ] && [ "$before" = "$after" ]; then
        ok "$1: the registers are as before"
    else
        not_ok "$1: the registers are as before"
    fi
}

# shellcheck disable=SC2016 # gdb's own variables
commands='
info tasks
printf "before %lx %lx\n", $sp, $pc
echo at task 1\n
task 1 bt
printf "before\n"
task 1 info locals
task apply all bt
printf "after %lx %lx\n", $sp, $pc
task 2
task 99 bt
'

# --- a process --------------------------------------------------------------------------------------------

debug -x "$script" "$program" <<END
info tasks
END
shows 'before the start there is no run' '^no run is under way$'

printf 'run\n%s\n' "$commands" >in
debug -x "$script" "$program" <in
looks 'a process'
shows 'a task alone is told in a line' '^Task #2 locker: sync.Mutex.Lock on mu .mutex#4. at parked.c:'
debug -x "$script" "$program" <<END
run
task 99 bt
END
shows 'a task that is not there is no traceback' '^.*there is no task 99'

debug -x "$script" "$program" <<END
break deliver
run
info tasks
task 1 bt
task 0 bt
task 4 bt
continue
info tasks
END
shows 'the running task is marked, and the process goes on undisturbed' \
    '^\* +#1 +courier +running' '#0 +deliver ' ' root .*parked.c:' 'SIGABRT' '#1 +courier +chan send'

cp "$program" ./copy && cp "$script" ./copy-gdb.py
debug -iex "add-auto-load-safe-path $PWD" ./copy <<END
run
info tasks
END
shows 'beside a program it is loaded by itself' '#1 +courier +chan send'

debug -x "$script" /bin/true <<END
info tasks
END
shows 'without a core it says so' 'no unstuck core here'

# --- a core file ------------------------------------------------------------------------------------------

rm -f core*
# shellcheck disable=SC3045 # dash has it
(ulimit -c unlimited && ASAN_OPTIONS=disable_coredump=0:unmap_shadow_on_exit=0 "$program") >"$out" 2>&1
dead=$(find . -name 'core*' | head -n 1)
if [ -z "$dead" ]; then
    skip 'a core file' "none is written here ($(cat /proc/sys/kernel/core_pattern))"
else
    printf '%s\n' "$commands" >in
    debug -x "$script" "$program" "$dead" <in
    looks 'a core file'
    # But for a sanitizer's shadow: not the gigabytes that are reserved for stacks.
    du -k "$dead" >"$out"
    if [ "$(cut -f 1 "$out")" -lt 200000 ]; then ok 'a core file is small'; else not_ok 'a core file is small'; fi
fi

# --- probes -----------------------------------------------------------------------------------------------

if ! grep -q '^UNSTUCK_SDT:INTERNAL=1' "$UNSTUCK_BUILD/CMakeCache.txt"; then
    skip 'probes' 'built without <sys/sdt.h> (Debian: systemtap-sdt-dev)'
else
    if command -v readelf >/dev/null; then
        readelf -n "$program" 2>/dev/null | grep -A1 'Provider: unstuck' | sed -n 's/ *Name: //p' | sort -u >"$out"
        shows 'the probes are noted in the program' '^task_create$' '^task_exit$' '^task_park$' '^task_ready$'
    else
        skip 'the probes are noted in the program' 'needs readelf'
    fi
    debug "$program" <<'END'
info probes stap unstuck
break -probe-stap unstuck:task_create
commands
silent
printf "create %d %u %s\n", $_probe_arg0, $_probe_arg1, $_probe_arg2
continue
end
break -probe-stap unstuck:task_park
commands
silent
printf "park %d %s %d %s:%d\n", $_probe_arg0, $_probe_arg1, $_probe_arg2, $_probe_arg3, $_probe_arg4
continue
end
break -probe-stap unstuck:task_ready
commands
silent
printf "ready %d %u\n", $_probe_arg0, $_probe_arg1
continue
end
break -probe-stap unstuck:task_exit
commands
silent
printf "exit %d\n", $_probe_arg0
continue
end
run
END
    shows 'gdb finds them' 'unstuck +task_create ' 'unstuck +task_park '
    shows 'their arguments are what they are said to be' \
        '^create 1 0 courier$' '^ready 1 0$' '^create 5 0 passer_by$' '^park 0 sync.WaitGroup.Wait 6 .*parked.c:[0-9]+$' \
        '^park 1 chan send 1 .*parked.c:[0-9]+$' '^park 3 select 0 .*parked.c:' '^park 4 net accept 5 ' '^exit 5$'
fi

echo "1..$n"
