#!/bin/sh
# The programs of known_programs.h are worth their place: each mutant of the relation, or of the search, is told
# by one of them. A mutant that no program tells would be a rule that nothing holds. TAP.
#
#     mutants.sh [FIRST COUNT]    looks among random programs instead, and prints the first that tells it
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

if [ -n "$sanitized" ]; then # the mutants are compiled without
    echo '1..0 # SKIP left to the plain build'
    exit
fi

cd "$UNSTUCK_SRC" || exit 1
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$UNSTUCK_BUILD/CMakeCache.txt")
core=$UNSTUCK_BUILD/core/libcore.a
sources='depend tell trace race reduce tree search schedule'

compile() { # SOURCE OBJECT
    "$cc" -O1 -std=gnu17 -D_GNU_SOURCE -I. -c "$1" -o "$2"
}

link() { # PROGRAM
    "$cc" -o "$1" "$TMPDIR/reduction.o" $(for s in $sources; do echo "$TMPDIR/$s.o"; done) "$core" -ldl -lm
}

# mutant NAME SOURCE SED-SCRIPT: the script must change the source, the source must compile, and a program must
# have other outcomes then.
mutant() {
    sed -E "$3" "harness/$2.c" >"$TMPDIR/$2.c"
    if cmp -s "harness/$2.c" "$TMPDIR/$2.c"; then
        result 1 "$1: there is nothing to change any more in $2.c"
        return
    fi
    cp "$TMPDIR/$2.o" "$TMPDIR/right.o"
    compile "$TMPDIR/$2.c" "$TMPDIR/$2.o" && link "$TMPDIR/mutant"
    built=$?
    mv "$TMPDIR/right.o" "$TMPDIR/$2.o"
    [ $built -eq 0 ] || { result 1 "$1: does not compile"; return; }
    timeout 60 "$TMPDIR/mutant" ${search-known} >"$TMPDIR/out" 2>&1
    [ $? -eq 1 ]
    result $? "$1"
    [ -z "${search-}" ] || cat "$TMPDIR/out"
}

[ $# -eq 2 ] && search="$1 $2 1"
for s in $sources; do
    compile "harness/$s.c" "$TMPDIR/$s.o" || exit 1
done
compile harness/tests/programs/reduction.c "$TMPDIR/reduction.o" || exit 1
link "$TMPDIR/right" && "$TMPDIR/right" known >"$TMPDIR/out"
result $? 'all known programs have the outcomes that they should have'

# The five that were once made by hand.
mutant 'what met is past of the step, not only of what follows' reduce \
    's|^    note_uses\(\);|    for (uint32_t i = 0; i < trace->doing_count; i++) if (trace->doings[i].kind == MET \&\& trace->last_step[trace->doings[i].other] != NONE) past_join_step(trace->past[step], trace->last_step[trace->doings[i].other]);\n&|'
mutant 'close commutes with sends' depend 's/\[EV_CLOSE\] = USE_CHANGE/[EV_CLOSE] = USE_RECV/'
mutant 'waits commute with adds' depend 's/\{USE_WAIT, USE_ADD \| /{USE_WAIT, /; s/\{USE_ADD, USE_WAIT \| /{USE_ADD, /'
mutant 'what conflicts with a wait is not tried in the other order' race \
    's/if \(is_reversible\(near\[i\]\)\)/if (is_reversible(near[i]) \&\& !(trace->mains[0].how \& USE_WAIT))/'
mutant 'locks that wait in a run that was cut are not looked at' reduce \
    '/^static void hear_ended/,/^}/s/^    race_of_all_waiting\(\);/    if (!trace->cut)\n    &/'
mutant 'who sleeps does not hear that time has moved early' reduce \
    's/ && \(!taken->moves \|\| o->moves\)\)/)/'

# Found since.
mutant 'locks that could go on after a panic are not looked at' tell \
    's/ && !all\)\)$/))/'
mutant 'the order of waking does not matter' reduce 's/^    trace->unordered \|= .*$//'
mutant 'who is woken with the one that panics goes on before it' reduce 's/trace->panicked && went_on > 1/0/'
mutant 'who meets does not conflict in what it does then' reduce 's/ && is_partner\(near\[i\]\);/ \&\& 0;/'
mutant 'what a woken task does is in the past of whoever heard of the waker' trace \
    's/^            trace->unordered \|= is_detour.*$/            ;/'
mutant 'readers conflict like writers in the strict relation' race \
    's/how & \(USE_SHARE \| USE_LOOK\)/how \& USE_CHANGE ? 0 : 1/'
mutant 'what keeps the clock from moving may change places' reduce \
    '/^static void hear_set/,/^}/s/^    trace->step\.all \|= .*$//'
mutant 'clearing a timer may change places on a slow machine' reduce \
    '/^static void hear_cleared/,/^}/s/^    trace->step\.all \|= .*$//'
mutant 'only the last before an arrival was in its way' race \
    's/^        find_before_last\(\);$//'
mutant 'a panic is no conflict' depend 's/^    if \(op->panic\)$/    if (0)/'
mutant 'a panic conflicts with nothing' reduce 's/^    trace->step\.all \|= trace->panicked;$//'
mutant 'the last done lets others sleep' depend 's/\(int32_t\)op->value == 0;/0;/'
mutant 'what woke a select changes its own channel alone' depend \
    's/^        depend_did\(op, &about, out\);$//'
mutant 'leaving a lock that one has not entered commutes' reduce \
    's/^    lock->odd \|= .*$//'
mutant 'sends commute' depend 's/\{USE_SEND, USE_SEND \| /{USE_SEND, /'
mutant 'receives commute' depend 's/\{USE_RECV, USE_RECV \| /{USE_RECV, /'
mutant 'sleepers never wake' reduce 's/if \(!wakes\(&trace->tree->options\[trace->sleepers\[i\]\]\)\)//'
plan
