#!/bin/sh
# Scenarios kept outside of the repository: --pack DIR, whose scenarios behave like those that are built
# in, its cache, and whatever can be wrong with it. Prints TAP. The pack is harness/tests/pack.
# shellcheck disable=SC2016 # the backticks are those of messages
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

# The pack, at a path that a shell would take apart, its sources as if written some time ago.
pack="$tmp/my pack"
cp -R "$UNSTUCK_SRC/harness/tests/pack" "$pack"
age() { find "$1" -type f -exec touch -d "${2-1 hour ago}" {} +; }
age "$pack"
exercise="$pack/scenarios/first-answer/exercise.c"

for command in list run explore replay debug live hint guide tui; do
    unstuck "$command" --help
    exits 0
    says "$out" '--pack DIR'
done
unstuck --help
says "$out" '--pack DIR'
ok "the help of every command that names scenarios tells of it"

# ---- it is a scenario like any other -------------------------------------------------------------------

unstuck list --pack "$pack"
exits 0
silent "$err"
[ "$(sed -n '/ first-answer /=' "$out")" -gt "$(sed -n '/ race-unlocked-state /=' "$out")" ] ||
    complain "not behind those that are built in: $(tr '\n' '~' <"$out")"
unstuck list
lacks "$out" first-answer
unstuck list --pack "$pack" --json
exits 0
says "$out" '"id": "first-answer"'
says "$out" "\"file\": \"$exercise\""
says "$out" "\"pack\": \"$pack\""
ok "list shows the scenarios of a pack behind the built-in ones"

unstuck run first-answer --pack "$pack"
exits 1
says "$out" 'FAIL leak  first-answer  exercise'
says "$out" 'ask (#2) waits in chan send on answers (chan#1) at exercise.c:6'
says "$out" "again: unstuck replay first-answer@x1 --pack '$pack' --source "
says "$out" "hint:  unstuck hint first-answer --pack '$pack'"
silent "$err"
again=$(sed -n 's/^ *again: unstuck //p' "$out")
eval "unstuck $again"
exits 1
says "$out" 'FAIL leak  first-answer  exercise'
silent "$err"
ok "run judges it, and the command it prints replays that run"

unstuck explore first-answer --pack "$pack"
exits 1
says "$out" '2 of 2 schedules, exhaustive'
unstuck explore first-answer --pack "$pack" --variant solution
exits 0
says "$out" 'PASS  first-answer  solution:room_for_all.c  2 of 2 schedules, exhaustive'
says "$out" 'PASS  first-answer  solution:told_to_go.c  2 of 2 schedules, exhaustive'
unstuck explore first-answer --pack "$pack" --variant wrong:ask_one
exits 1
says "$out" 'check failed: asks all mirrors at the same time'
ok_with_races "explore tells right fixes from wrong ones under all schedules"

unstuck run all --pack "$pack" --json
exits 1
says "$out" '"id": "send-no-receiver"'
says "$out" '"id": "first-answer"'
is_result
ok "all are those of the pack too"

unstuck hint first-answer 5 --pack "$pack"
exits 0
says "$out" 'chan_make(&answers, MIRRORS)'
unstuck hint first-answer --pack "$pack"
says "$out" "Next: unstuck hint first-answer 2 --pack '$pack'"
unstuck guide first-answer --pack "$pack"
exits 0
says "$out" 'Two tasks send, one receive is made.'
ok "hints and guide are those of the pack"

unstuck live first-answer --pack "$pack" --for 100ms --pace 100
exits 0
matches "$out" 'chan send [1-9]'
ok "live puts its load on it"

LC_ALL=C.UTF-8 unstuck --snapshot 80x24 --pack "$pack"
exits 0
says "$out" 'The answer that came second'
LC_ALL=C.UTF-8 unstuck tui first-answer --snapshot 80x24 --pack "$pack"
exits 0
says "$out" 'FAIL leak  fails on 2 of 2 schedules, exhaustive'
says "$out" 'chan_send(a->answers'
ok "the screens show it, with its source"

cp "$pack/solutions/first-answer/room_for_all.c" "$tmp/mine.c"
unstuck explore first-answer --pack "$pack" --variant "$tmp/mine.c"
exits 0
says "$out" "PASS  first-answer  $tmp/mine.c  2 of 2 schedules, exhaustive"
echo 'oops' >"$tmp/mine.c"
unstuck explore first-answer --pack "$pack" --variant "$tmp/mine.c"
exits 3
says "$err" 'mine.c:1'
clean
ok_with_races "a learner's file is judged against it"

cat >"$tmp/racy.c" <<'END'
#include "exercise.h"
TASK(ask, int mirror; int *answer;) {
    *a->answer = mirror_ask(a->mirror);
}
int first_answer(void) {
    static int answers[2], both;
    go(ask, .mirror = 0, .answer = &both);
    go(ask, .mirror = 1, .answer = &both);
    task_sleep(10 * MILLISECOND);
    return answers[0] + both;
}
END
unstuck run first-answer --pack "$pack" --variant "$tmp/racy.c"
exits 1
matches "$out" '^FAIL [a-z, ]*race'
ok_with_races "its races are found"

mkdir -p "$tmp/second/scenarios"
cp -R "$pack/scenarios/first-answer" "$tmp/second/scenarios/other-answer"
sed -i 's/"first-answer"/"other-answer"/' "$tmp/second/scenarios/other-answer/scenario.c"
(cd "$tmp" && "$UNSTUCK" list --pack "$pack" --pack=second >"$out" 2>"$err")
code=$?
exits 0
says "$out" ' first-answer '
says "$out" ' other-answer '
(cd "$tmp" && "$UNSTUCK" replay other-answer@x1 --pack "$pack" --pack second >"$out" 2>"$err")
code=$?
exits 1
ok "several packs are one course, and a path may be relative"

# ---- the cache ----------------------------------------------------------------------------------------

# A compiler that counts how often it is called to make an object.
printf '#!/bin/sh\ncase " $* " in *" -E "*) ;; *) echo >>"%s/calls" ;; esac\nexec gcc "$@"\n' "$tmp" >"$tmp/cc"
chmod +x "$tmp/cc"
calls() {
    called=0
    [ ! -e "$tmp/calls" ] || called=$(wc -l <"$tmp/calls")
    [ "$called" -eq "$1" ] ||
        complain "the compiler was called $called times, not $1: $2"
    rm -f "$tmp/calls"
}
export CC="$tmp/cc"
unstuck list --pack "$pack"
calls 4 'driver and exercise, plain and for races'
unstuck list --pack "$pack"
calls 0 'nothing has changed'
unstuck run first-answer --pack "$pack" --variant solution:told_to_go
calls 2 'a solution'
unstuck explore first-answer --pack "$pack" --variant solution:told_to_go
calls 0 'the same again'
sed -i 's/int answer = 0;/int answer = -1;/' "$exercise"
age "$pack" '2 hours ago'
unstuck run first-answer --pack "$pack"
calls 2 'other content counts, whatever its time'
sed -i 's/int answer = -1;/int answer = 0;/' "$exercise"
unstuck run first-answer --pack "$pack"
calls 0 'what was there before is there still'
echo '// changed' >>"$pack/scenarios/first-answer/exercise.h"
age "$pack"
unstuck run first-answer --pack "$pack"
calls 4 'a header counts for all that include it'
touch "$exercise"
unstuck run first-answer --pack "$pack"
calls 0 'a time is no content'
unset CC
clean
ok "nothing is compiled twice, and nothing stale is run"

rm -rf "$XDG_CACHE_HOME"
for i in 1 2 3 4; do
    "$UNSTUCK" run first-answer --pack "$pack" >"$tmp/out.$i" 2>&1 &
done
wait
for i in 1 2 3 4; do
    cmp -s "$tmp/out.1" "$tmp/out.$i" || complain "run $i differs: $(head -c 300 "$tmp/out.$i" | tr '\n' '~')"
done
says "$tmp/out.1" 'FAIL leak'
left=$(find "$XDG_CACHE_HOME" -name '*new-*')
[ -z "$left" ] || complain "left behind: $left"
[ "$(find "$XDG_CACHE_HOME" -name driver.so | wc -l)" -eq 1 ] || complain "more than one driver in the cache"
ok "several at once share an empty cache"

for nowhere in /dev/null/cache relative; do
    (cd "$tmp" && HOME=/dev/null XDG_CACHE_HOME=$nowhere "$UNSTUCK" explore first-answer --pack "$pack" \
        --variant solution:told_to_go >"$out" 2>"$err")
    code=$?
    exits 0
    says "$out" 'PASS'
    silent "$err"
    clean
done
[ ! -e "$tmp/relative" ] || complain "a cache at a relative path"
ok_with_races "a cache that cannot be written only costs time"

printf '#!/bin/sh\ntouch "%s/compiling"\nexec sleep 1000\n' "$tmp" >"$tmp/slow-cc"
chmod +x "$tmp/slow-cc"
CC="$tmp/slow-cc" "$UNSTUCK" list --pack "$pack" >"$out" 2>"$err" &
pid=$!
while ! [ -e "$tmp/compiling" ] && kill -0 $pid 2>/dev/null; do sleep 0.05; done
kill -TERM $pid
wait $pid
code=$?
exits 143
clean
left=$(find "$XDG_CACHE_HOME" -name 'new-*')
[ -z "$left" ] || complain "left behind: $left"
ok "a signal ends the building of a pack and leaves nothing behind"

# ---- what is wrong with a pack as a whole --------------------------------------------------------------

# no_pack TEXT DIR: exit 2 and one line.
no_pack() {
    for command in list 'run all' 'replay first-answer@x1'; do
        # shellcheck disable=SC2086 # words
        unstuck $command --pack "$2"
        exits 2
        one_line "$err"
        says "$err" "$1"
        silent "$out"
    done
}
no_pack 'No such file or directory. A pack is a folder with scenarios/NAME/' "$tmp/nowhere"
no_pack 'Not a directory' "$exercise"
mkdir "$tmp/empty"
no_pack "$tmp/empty/scenarios: No such file or directory" "$tmp/empty"
mkdir -p "$tmp/empty/scenarios/notes"
no_pack 'there is no scenario in it' "$tmp/empty"
unstuck list --pack
exits 2
one_line "$err"
ok "what is no pack is told in one line"

# ---- what is wrong with one scenario of it -------------------------------------------------------------

bad="$tmp/bad"
mkdir -p "$bad/scenarios" "$bad/solutions"
cp -R "$pack/scenarios/first-answer" "$bad/scenarios/first-answer"
cp -R "$pack/solutions/first-answer" "$bad/solutions/first-answer"

# A scenario of that name, right until it is spoiled.
another() {
    cp -R "$pack/scenarios/first-answer" "$bad/scenarios/$1"
    sed -i "s/\"first-answer\"/\"$1\"/" "$bad/scenarios/$1/scenario.c"
}

# faulty NAME EXIT TEXT: it is told what is wrong with it, and the others are as they were.
faulty() {
    unstuck run "$1" --pack "$bad"
    exits "$2"
    cat "$out" >>"$err"
    says "$err" "$3"
    unstuck list --pack "$bad"
    exits "$2"
    one_line "$err"
    says "$err" "$bad/scenarios/$1"
    says "$out" ' first-answer '
    lacks "$out" " $1 "
    unstuck replay "$1@x1" --pack "$bad"
    exits "$2"
    unstuck run all --pack "$bad" --json
    exits "$2"
    says "$out" "\"id\": \"$1\""
    says "$out" '"status": "error"'
    unstuck run first-answer --pack "$bad"
    exits 1
    says "$out" 'FAIL leak  first-answer'
    silent "$err"
    rm -rf "$bad/scenarios/$1"
    clean
}

another no-driver
echo 'oops' >>"$bad/scenarios/no-driver/scenario.c"
faulty no-driver 3 'scenario.c:'
another no-exercise
echo 'oops' >"$bad/scenarios/no-exercise/exercise.c"
faulty no-exercise 3 'exercise.c:1'
another undefined
echo '#include "exercise.h"' >"$bad/scenarios/undefined/exercise.c"
faulty undefined 3 'does not define first_answer'
ok "a scenario that does not compile is told with the compiler's words"

another lost-file
rm "$bad/scenarios/lost-file/exercise.c"
faulty lost-file 3 'lost-file/exercise.c: No such file or directory. A scenario begins with'
another lost-driver
rm "$bad/scenarios/lost-driver/scenario.c"
faulty lost-driver 3 'lost-driver/scenario.c: No such file or directory. A scenario begins with'
ok "a missing file is named"

another misnamed
sed -i 's/"misnamed"/"somebody"/' "$bad/scenarios/misnamed/scenario.c"
faulty misnamed 3 'does not describe `misnamed`: the name in it is `somebody`. Mend its SCENARIO'
another misjudged
sed -i 's/.verdict = "leak"/.verdict = "leek"/' "$bad/scenarios/misjudged/scenario.c"
faulty misjudged 3 '`leek` is no verdict'
another undeclared
sed -i 's/^SCENARIO(/static SCENARIO_GONE(/; s/.driver = drive,//' "$bad/scenarios/undeclared/scenario.c"
sed -i 's/static SCENARIO_GONE(/SCENARIO(/' "$bad/scenarios/undeclared/scenario.c"
faulty undeclared 3 'declares no SCENARIO with a driver'
ok "a broken declaration is told"

another crashes
echo '__attribute__((constructor)) static void early(void) { __builtin_trap(); }' >>"$bad/scenarios/crashes/exercise.c"
faulty crashes 3 'What runs before main in it must do no harm'
another talks
printf '#include <unistd.h>\n__attribute__((constructor)) static void early(void) { if (write(1, "{", 1)) return; }\n' \
    >>"$bad/scenarios/talks/scenario.c"
faulty talks 3 'scenario.c: line 1'
another writes
printf '#include <fcntl.h>\n__attribute__((constructor)) static void early(void) { open("%s/written", O_CREAT | O_WRONLY, 0600); }\n' \
    "$tmp" >>"$bad/scenarios/writes/scenario.c"
unstuck list --pack "$bad"
[ ! -e "$tmp/written" ] || complain "it wrote a file"
rm -rf "$bad/scenarios/writes"
ok "code of a pack that crashes, chatters or writes files does no harm"

another 'Bad Name'
unstuck list --pack "$bad"
exits 4
one_line "$err"
says "$err" 'Rename the folder'
rm -rf "$bad/scenarios/Bad Name"
cp -R "$pack/scenarios/first-answer" "$bad/scenarios/wg-undercount"
sed -i 's/"first-answer"/"wg-undercount"/' "$bad/scenarios/wg-undercount/scenario.c"
unstuck list --pack "$bad"
exits 4
one_line "$err"
says "$err" 'there is a scenario of this name already, in the house itself, and that one counts. Rename'
[ "$(grep -c wg-undercount "$out")" -eq 1 ] || complain "listed twice"
unstuck run wg-undercount --pack "$bad"
exits 1
says "$out" 'FAIL deadlock  wg-undercount'
one_line "$err"
says "$err" 'and that one counts'
rm -rf "$bad/scenarios/wg-undercount"
unstuck list --pack "$bad" --pack "$pack"
exits 4
one_line "$err"
says "$err" "$pack/scenarios/first-answer: there is a scenario of this name already, in $bad"
ok "a name can only be had once"

CC=no-such-compiler unstuck list --pack "$pack"
exits 4
says "$err" no-such-compiler
says "$out" send-no-receiver
another new-one
TMPDIR=/nowhere XDG_CACHE_HOME=/dev/null/x unstuck list --pack "$bad"
exits 4
says "$err" TMPDIR
says "$out" send-no-receiver
rm -rf "$bad/scenarios/new-one"
ok "without a compiler or a place for objects the built-in ones are still there"

# ---- installed anywhere, as an ordinary user -----------------------------------------------------------

# Runs it as somebody who may do nothing but in their own folder.
ordinary() {
    if [ "$(id -u)" -ne 0 ]; then
        env HOME="$somebody" TMPDIR="$somebody" "$@"
    else
        setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$somebody" TMPDIR="$somebody" "$@"
    fi >"$out" 2>"$err" </dev/null
    code=$?
}
somebody=$(mktemp -d /tmp/pack-user-XXXXXX)
trap 'rm -rf "$tmp" "$somebody"' EXIT
unset XDG_CACHE_HOME
if ! command -v setpriv >/dev/null; then
    skip "an installed program reads packs as an ordinary user" "unavailable: needs setpriv (Debian: util-linux)"
elif ! cmake --install "$UNSTUCK_BUILD" --prefix "$somebody/opt" >"$out" 2>&1; then
    complain "cmake --install: $(tail -n 3 "$out" | tr '\n' '~')"
    ok "an installed program reads packs as an ordinary user"
else
    cp -R "$bad" "$somebody/pack"
    chmod -R go-w "$somebody/pack"
    chmod 755 "$somebody"
    mkdir "$somebody/pack/scenarios/secret"
    [ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$somebody"
    chmod 000 "$somebody/pack/scenarios/secret"
    installed=$somebody/opt/bin/unstuck
    ordinary "$installed" run first-answer --pack "$somebody/pack"
    exits 1
    says "$out" 'FAIL leak  first-answer  exercise'
    ordinary "$installed" explore first-answer --pack "$somebody/pack" --variant solution:told_to_go
    says "$out" 'first-answer  solution:told_to_go.c  2 of 2 schedules'
    [ -d "$somebody/.cache/unstuck" ] || complain "nothing in ~/.cache/unstuck"
    ordinary "$installed" list --pack "$somebody/pack"
    exits 3
    one_line "$err"
    says "$err" 'secret/scenario.c: Permission denied'
    says "$out" first-answer
    chmod 000 "$somebody/pack/scenarios"
    ordinary "$installed" list --pack "$somebody/pack"
    exits 2
    one_line "$err"
    says "$err" 'Permission denied'
    chmod 755 "$somebody/pack/scenarios" "$somebody/pack/scenarios/secret"
    ok "an installed program reads packs as an ordinary user, and says what it cannot read"
fi

plan
