#!/bin/sh
# grade, verify and merge: the same points whatever the machine does, nothing taken from a folder but its
# exercises, and result files that those who read them accept. Prints TAP.
# shellcheck disable=SC2016 # the backticks are those of messages
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

schemas=$UNSTUCK_SRC/harness/grade/schemas
# Memory errors do not depend on how many take part.
jobs_tried='-j1 -j2 -j=7' shards_tried='1 3 7'
[ -z "$sanitized" ] || jobs_tried=-j2 shards_tried=3
names='send-no-receiver recv-range-unclosed ctx-detached wg-undercount handle-not-closed race-unlocked-state'

# ---- workspaces ---------------------------------------------------------------------------------------

# A folder with every exercise as it was shipped.
workspace() {
    mkdir -p "$1/exercises"
    for name in $names; do
        cp "$UNSTUCK_SRC/scenarios/$name/exercise.c" "$1/exercises/$name.c"
    done
}

workspace "$tmp/ws"
ws=$tmp/ws

solve() { for first in "$UNSTUCK_SRC/solutions/$1"/*.c; do cp "$first" "$ws/exercises/$1.c" && return; done; }

# points NAME: of the document in $out, "score of max_score".
points() {
    awk -v name="\"$1\"," '/^      "id":/ { at = $2 } at == name && /^      "score":/ { score = $2 }
        at == name && /^      "max_score":/ { print score $2 }' "$out" | tr -d '\n'
}

# Where it is about one exercise, it and another are judged: those that are number 1 and 4.
unstuck_two() { unstuck verify send-no-receiver wg-undercount --dir "$ws" --json; }

gets() { [ "$(points "$1")" = "$2" ] || complain "$1 gets $(points "$1"), not $2"; }

# ---- points -------------------------------------------------------------------------------------------

(cd "$ws" && find . -type f -exec cksum {} + | sort) >"$tmp/before"
unstuck grade "$ws" --json
exits 1
is_result
silent "$err"
cp "$out" "$tmp/whole.json"
[ "$(grep -c '^      "status": "fail",$' "$out")" -eq 6 ] || complain "not every shipped exercise fails"
matches "$out" '^  "max_score": 60,$'
for name in $names; do
    says "$out" "\"variant\": \"exercises/$name.c\""
done
[ "$(grep -c '^      "changed": false,$' "$out")" -eq 6 ] || complain "something is called changed"
lacks "$out" "$tmp"
(cd "$ws" && find . -type f -exec cksum {} + | sort) >"$tmp/after"
same "$tmp/before" "$tmp/after"
clean
ok_with_races "the shipped exercises fail, and nothing in their folder changes"

unstuck grade "$ws" --json --budget 30
cp "$out" "$tmp/small.json"
for jobs in $jobs_tried; do
    unstuck grade "$ws" --json --budget 30 "$jobs"
    same "$out" "$tmp/small.json"
done
(cd "$ws" && "$UNSTUCK" grade --json --budget 30 >"$out" 2>"$err")
same "$out" "$tmp/small.json"
ok "the same bytes with any number of jobs, and from within the folder"

for name in $names; do solve "$name"; done
unstuck grade "$ws" --json
exits 0
is_result
matches "$out" '^  "score": 60,$'
matches "$out" '^  "status": "pass",$'
[ "$(grep -c '^      "changed": true,$' "$out")" -eq 6 ] || complain "something is called unchanged"
unstuck grade "$ws"
exits 0
says "$out" "Score: 60/60"
lacks "$out" FAIL
ok_with_races "solutions get all points, exit 0"

# One of each scenario at a time, until there are no more; or once, since each is judged in house.sh too.
# shellcheck disable=SC2012 # their names are ours
nth() { ls -- "$UNSTUCK_SRC/scenarios/$1"/wrong/*.c | sed -n "$2p"; }
i=1
wrongs=0
while :; do
    put=
    for name in $names; do
        solve "$name"
        file=$(nth "$name" $i)
        [ -n "$file" ] || continue
        cp "$file" "$ws/exercises/$name.c"
        put="$put $name"
    done
    [ -n "$put" ] || break
    unstuck grade "$ws" --json
    exits 1
    for name in $put; do
        wrongs=$((wrongs + 1))
        case $(points "$name") in
        10,10,) complain "$(nth "$name" $i) gets all points" ;;
        *,10,) ;;
        *) complain "$(nth "$name" $i) has no points" ;;
        esac
    done
    i=$((i + 1))
    [ -n "${UNSTUCK_LONG-}" ] || break
done
for name in $names; do solve "$name"; done
[ "$wrongs" -ge 6 ] || complain "only $wrongs wrong fixes"
ok_with_races "no wrong fix gets all points"

printf '#include "exercise.h"\nbool price_of(int symbol, long *cents) {\n    (void)symbol, (void)cents;\n    return false;\n}\n' >"$ws/exercises/send-no-receiver.c"
unstuck_two
exits 1
gets send-no-receiver 1,10,
gets wg-undercount 10,10,
says "$out" "the job is not done on any schedule"
ok_with_races "doing nothing is worth that it compiles"

solve send-no-receiver
sed 's/^#include "exercise.h"/&\nstatic int unused_one;/' "$ws/exercises/send-no-receiver.c" >"$tmp/edited"
cp "$tmp/edited" "$ws/exercises/send-no-receiver.c"
unstuck_two
exits 1
gets send-no-receiver 9,10,
says "$out" 'unused_one'
lacks "$out" "$tmp"
ok_with_races "a warning costs a point and is shown"

# ---- what is wrong with a submission ------------------------------------------------------------------

echo 'int broken(' >"$ws/exercises/send-no-receiver.c"
unstuck grade "$ws" --json
exits 3
is_result
gets send-no-receiver 0,10,
gets wg-undercount 10,10,
says "$out" 'exercises/send-no-receiver.c:1'
lacks "$out" "$tmp"
ok "what does not compile gets nothing, the rest is graded: exit 3"

rm "$ws/exercises/send-no-receiver.c"
unstuck_two
exits 3
gets send-no-receiver 0,10,
says "$out" 'send-no-receiver.c is missing'
ok "a missing file gets nothing"

ln -s "$UNSTUCK_SRC/solutions/send-no-receiver/buffer_of_one.c" "$ws/exercises/send-no-receiver.c"
unstuck_two
exits 5
is_result
gets send-no-receiver 0,10,
says "$out" '"tampered"'
says "$out" 'symbolic link'
rm "$ws/exercises/send-no-receiver.c"
ok "a link out of the folder is tampering: exit 5"

for stolen in solutions/send-no-receiver/buffer_of_one.c harness/judge.h core/../solutions/send-no-receiver/buffer_of_one.c; do
    printf '#include "%s"\n' "$stolen" >"$ws/exercises/send-no-receiver.c"
    unstuck_two
    case $stolen in
    *buffer_of_one.c) exits 5 ;;
    *) [ "$code" -eq 5 ] || [ "$code" -eq 3 ] || complain "exit code $code" ;;
    esac
    gets send-no-receiver 0,10,
done
printf '#include "%s"\n' "$ws/exercises/../secret.c" >"$ws/exercises/send-no-receiver.c"
cp "$UNSTUCK_SRC/solutions/send-no-receiver/buffer_of_one.c" "$ws/secret.c"
unstuck_two
exits 5
gets send-no-receiver 0,10,
ok "an exercise that includes what is not its own is tampering"

printf '#include "exercise.h"\n#include <string.h>\n#include <core/core.h>\n' >"$tmp/edited"
grep -v '#include' "$UNSTUCK_SRC/solutions/send-no-receiver/buffer_of_one.c" >>"$tmp/edited"
sed 's/$/\r/' "$tmp/edited" >"$ws/exercises/send-no-receiver.c"
unstuck_two
exits 0
gets send-no-receiver 10,10,
ok_with_races "headers of the system and the core may be included, and lines may end in CR LF"

mkdir "$tmp/empty"
unstuck grade "$tmp/empty" --json
exits 3
is_result
matches "$out" '^  "score": 0,$'
matches "$out" '^  "max_score": 60,$'
says "$out" 'no folder exercises'
ok "a folder without exercises is graded with nothing"

# ---- verify -------------------------------------------------------------------------------------------

(cd "$ws/exercises" && "$UNSTUCK" verify COUNTER >"$out" 2>"$err"); code=$?
exits 0
says "$out" 'Score: 10/10'
lacks "$out" 'send-no-receiver'
unstuck verify --dir "$ws" 4 send
says "$out" 'wg-undercount'
says "$out" 'send-no-receiver'
lacks "$out" 'ctx-detached'
says "$out" 'Score: 20/20'
ok_with_races "verify judges what is named by a part of its name or title, or by its number"

(cd / && "$UNSTUCK" verify >"$out" 2>"$err"); code=$?
exits 2
one_line "$err"
says "$err" '--dir DIR'
refuses 'the nearest is wg-undercount' verify wg-undrecount --dir "$ws"
refuses 'no folder with exercises/' verify --dir "$tmp/nowhere"
ok "verify says where it looked, and what is near"

workspace "$ws"
unstuck verify send --dir "$ws"
grep -A1 ': FAIL' "$out" | sed -n 2p >"$tmp/line"
matches "$tmp/line" '^    unstuck replay send-no-receiver@x1'
(cd "$ws" && eval "$(sed 's/^ *unstuck/"$UNSTUCK"/' "$tmp/line")" >"$out" 2>"$err"); code=$?
exits 1
silent "$err"
says "$out" 'ask_exchange'
ok "the first line of a failure is a command that shows it again"

# ---- seeds and shards ---------------------------------------------------------------------------------

for of in $shards_tried; do
    files=
    i=1
    while [ $i -le $of ]; do
        unstuck grade "$ws" --json --budget 30 --shard $i/$of
        is_result
        cp "$out" "$tmp/shard$i"
        files="$tmp/shard$i $files"
        i=$((i + 1))
    done
    # shellcheck disable=SC2086 # a list
    unstuck merge $files --json
    exits 1
    same "$out" "$tmp/small.json"
done
ok "shards merge into the same bytes, however many there are"

unstuck grade "$ws" --json --seed 7 --seeds 2 --budget 30
cp "$out" "$tmp/seeds.json"
is_result
says "$out" '"samplings"'
unstuck grade "$ws" --json --seed 7 --seeds 2 --budget 30 --shard 1/2 -j1
cp "$out" "$tmp/shard1"
unstuck grade "$ws" --json --seed 0x7 --seeds 2 --budget 30 --shard 2/2
cp "$out" "$tmp/shard2"
unstuck merge "$tmp/shard1" "$tmp/shard2" --json
same "$out" "$tmp/seeds.json"
unstuck grade "$ws" --json --seed 8 --seeds 2 --budget 30 -j 2
cmp -s "$out" "$tmp/seeds.json" && complain "another seed makes no difference"
ok "seeds are split between shards too, and another seed is another grade"

refuses '--shard needs I/N' grade "$ws" --shard 3/2
refuses '--shard needs I/N' grade "$ws" --shard 0/2
refuses '--shard needs I/N' grade "$ws" --shard 2
refuses '--budget needs a number' grade "$ws" --budget 2s
refuses '-j needs' grade "$ws" -j0
refuses '--seeds needs' grade "$ws" --seeds 0
refuses 'no format `junt`; the nearest is `junit`' grade "$ws" --format junt
refuses 'names no file' grade "$ws" --format tap=
refuses 'one of them at most' grade "$ws" --format tap --json
refuses 'no folder to grade' grade "$tmp/nowhere"
refuses 'is one of 2 shards' merge "$tmp/shard1"
refuses 'another file is already' merge "$tmp/shard1" "$tmp/shard1"
refuses 'is no shard' merge "$tmp/whole.json"
refuses 'cannot be read' merge "$tmp/nowhere"
refuses 'line ' merge "$UNSTUCK_SRC/README.md"
ok "what cannot be asked for is refused in one line"

# ---- formats ------------------------------------------------------------------------------------------

# Everything that a student says in here must stay what a student says.
cat >"$tmp/head" <<'END'
#warning ::error file=x,line=1::forged
#warning ]]> <b> ## forged | `code` # TODO
END
cat "$tmp/head" "$UNSTUCK_SRC/scenarios/send-no-receiver/exercise.c" >"$ws/exercises/send-no-receiver.c"
export GITHUB_STEP_SUMMARY="$tmp/summary.md" GITHUB_OUTPUT="$tmp/step-output"
echo 'from another step' >"$GITHUB_STEP_SUMMARY"
unstuck grade "$ws" --budget 30 --format json="$tmp/r.json" --format text="$tmp/r.txt" --format junit="$tmp/r.xml" \
    --format tap="$tmp/r.tap" --format gradescope="$tmp/gs.json" --format exercism="$tmp/ex.json" \
    --format sarif="$tmp/r.sarif" --format classroom="$tmp/cl.json" --format github
exits 1
silent "$err"
cp "$out" "$tmp/gh.txt"
is_result "$tmp/r.json"
conforms_to "$schemas/gradescope.json" "$tmp/gs.json"
conforms_to "$schemas/exercism.json" "$tmp/ex.json"
conforms_to "$schemas/sarif.json" "$tmp/r.sarif"
conforms_to "$schemas/classroom.json" "$tmp/cl.json"
[ ! -e "$GITHUB_OUTPUT" ] || complain "the step's output, though there is a file"
for file in "$tmp"/*unstuck-new*; do [ ! -e "$file" ] || complain "a half-written file is left"; done
ok "every format at once, each in its file and as its schema says"

awk '/^::stop-commands::/ { word = substr($0, 18); stopped = 1; next }
    stopped && $0 == "::" word "::" { stopped = 0; next }
    stopped { seen += /forged/; next }
    /^::/ && !/^::(error file=exercises\/|group::|endgroup::)/ { print "obeyed: " $0 }
    END { if (stopped || !seen) print "never stopped, or nothing quoted" }' "$tmp/gh.txt" >"$tmp/obeyed"
silent "$tmp/obeyed"
matches "$tmp/gh.txt" '^::error file=exercises/send-no-receiver.c,line=15,title=01 no_leak::unstuck replay send-no-receiver@x1'
says "$tmp/summary.md" 'from another step'
says "$tmp/summary.md" '| scenario | status | points |'
says "$tmp/summary.md" '<details><summary>send-no-receiver</summary>'
ok "github: no line of a student is obeyed, and the summary goes behind what is there"

if command -v xmllint >/dev/null; then
    xmllint --noout --schema "$schemas/junit.xsd" "$tmp/r.xml" 2>"$tmp/why" || complain "$(head -n 3 "$tmp/why")"
    for what in tests:testcase failures:failure errors:error; do
        said=$(xmllint --xpath "string(/testsuites/@${what%:*})" "$tmp/r.xml")
        there=$(xmllint --xpath "count(//${what#*:})" "$tmp/r.xml")
        [ "$said" = "$there" ] || complain "$said ${what%:*}, and $there elements"
        sum=$(xmllint --xpath "sum(/testsuites/testsuite/@${what%:*})" "$tmp/r.xml")
        [ "$said" = "$sum" ] || complain "$said ${what%:*}, and $sum in the suites"
    done
    ok "junit: the schema accepts it, and it counts right"
else
    skip "junit: the schema accepts it, and it counts right" "unavailable: no xmllint"
fi

if command -v prove >/dev/null; then
    # prove knows nothing past 13, whose syntax is the same here
    sed '1s/14/13/' "$tmp/r.tap" >"$tmp/r13.tap"
    prove -e cat "$tmp/r13.tap" >"$tmp/proved" 2>&1 && complain "prove found nothing failed"
    lacks "$tmp/proved" 'Parse errors'
    failed=$(grep -c '^not ok' "$tmp/r.tap")
    matches "$tmp/proved" "Failed: $failed\\)"
    for name in $names; do solve "$name"; done
    "$UNSTUCK" grade "$ws" --format tap=/dev/stdout >"$out" 2>"$err"
    sed '1s/14/13/' "$out" >"$tmp/r13.tap"
    prove -e cat "$tmp/r13.tap" >"$tmp/proved" 2>&1 || complain "$(head -n 5 "$tmp/proved" | tr '\n' '~')"
    ok_with_races "tap: a parser finds what failed, and nothing in a pass"
else
    skip "tap: a parser finds what failed, and nothing in a pass" "unavailable: no prove"
fi

workspace "$ws"
unstuck grade "$ws" --budget 30 --format classroom
says "$out" '::notice title=Autograding complete::Points '
matches "$out" '^::notice title=Autograding report::\{"totalPoints":[0-9]+,"maxPoints":60\}$'
sed -n 's/^result=//p' "$GITHUB_OUTPUT" | base64 -d >"$tmp/cl2.json" || complain "no base64"
conforms_to "$schemas/classroom.json" "$tmp/cl2.json"
ok "classroom: a step's output in base64, and the two notices"
unset GITHUB_STEP_SUMMARY GITHUB_OUTPUT

unstuck grade "$ws" --budget 30 --format exercism
exits 0
echo 'int broken(' >"$ws/exercises/send-no-receiver.c"
unstuck verify send --dir "$ws" --format exercism
exits 0
conforms_to "$schemas/exercism.json" "$out"
says "$out" '"status": "error"'
says "$out" 'send-no-receiver.c:1'
ok "exercism: exit 0 whatever is found, and what does not compile is an error with a message"

# ---- many submissions ---------------------------------------------------------------------------------

mkdir "$tmp/cohort"
workspace "$tmp/cohort/ann"
workspace "$tmp/cohort/bob"
workspace "$tmp/cohort/=1+1"
cp "$UNSTUCK_SRC/solutions/send-no-receiver/buffer_of_one.c" "$tmp/cohort/ann/exercises/send-no-receiver.c"
rm -r "$tmp/cohort/bob/exercises"
cd "$tmp/cohort" || exit 1
unstuck grade ann bob =1+1 --seed 4 --budget 30 --format json="$tmp/each/%.json" --format csv --format json="$tmp/table.json"
exits 3
conforms_to "$schemas/cohort.json" "$tmp/table.json"
cp "$out" "$tmp/table.csv"
[ "$(wc -l <"$out")" -eq 4 ] || complain "not a head and three rows"
matches "$out" '^submission,status,score,max_score,"send-no-receiver",'
matches "$out" '^"ann",fail,[0-9]+,60,10,'
matches "$out" '^"bob",error,0,60,0,0,0,0,0,0'
matches "$out" "^\"'=1\+1\",fail,"
for name in ann bob =1+1; do is_result "$tmp/each/$name.json"; done
unstuck verify --dir ann --seed 4 --budget 30 --json
sed 's/"mode": "verify"/"mode": "grade"/' "$out" >"$tmp/alone.json"
same "$tmp/alone.json" "$tmp/each/ann.json"
for i in 1 2 3 4; do
    unstuck grade ann bob =1+1 --seed 4 --budget 30 --json --shard $i/4
    cp "$out" "$tmp/part$i"
done
unstuck merge "$tmp/part1" "$tmp/part2" "$tmp/part3" "$tmp/part4"
exits 3
same "$out" "$tmp/table.csv"
unstuck merge "$tmp/part4" "$tmp/part2" "$tmp/part3" "$tmp/part1" --json
same "$out" "$tmp/table.json"
ok "many submissions make a table, a row each, from shards too"

refuses 'FORMAT=FILE with a %' grade ann bob --format tap
refuses 'FORMAT=FILE with a %' grade ann bob --format junit=one.xml
refuses 'name their folders' grade --format csv
refuses 'parts of a table' merge "$tmp/part1" "$tmp/part2" "$tmp/part3" "$tmp/part4" --format tap
refuses 'is of another grade' merge "$tmp/shard1" "$tmp/part2"
cd / || exit 1
ok "a table is no single result, and the other way round"

# ---- where it cannot be written -----------------------------------------------------------------------

echo before >"$tmp/kept"
for file in /dev/full /proc/result.json "$tmp/kept/below"; do
    unstuck verify counter --dir "$ws" --format json="$file"
    exits 4
    matches "$err" "^unstuck: $file|^unstuck: $tmp/kept"
done
[ "$(cat "$tmp/kept")" = before ] || complain "what was there is gone"
"$UNSTUCK" verify counter --dir "$ws" --json >/dev/full 2>"$err"
code=$?
exits 4
ok "a full disk, and what cannot be written, is told: exit 4"

"$UNSTUCK" grade "$ws" --format gradescope="$tmp/early.json" >/dev/null 2>&1 &
pid=$!
while [ ! -s "$tmp/early.json" ] && kill -0 $pid 2>/dev/null; do sleep 0.01; done
kill -9 $pid
wait $pid 2>/dev/null
conforms_to "$schemas/gradescope.json" "$tmp/early.json"
ok "gradescope finds a result even if the grader is killed"
rm -rf "${TMPDIR:?}"/*

chmod -R a-w "$ws"
unstuck grade "$ws" --json --budget 30
exits 3
is_result
chmod -R u+w "$ws"
clean
ok "a folder that cannot be written is graded all the same"

plan
