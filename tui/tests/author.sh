#!/bin/sh
# For authors: a new scenario has every row green as it is made, and breaking any one row on purpose turns that
# row red. That those of the house are green is in house.sh. Prints TAP.
# shellcheck disable=SC2016 # the backticks are those of messages
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

made=$tmp/made
unstuck dev new my-case "$made"
exits 0
says "$out" "$made/scenarios/my-case/scenario.c"
says "$out" "unstuck dev check my-case --pack $made"
unstuck dev check my-case --pack "$made"
exits 0
says "$out" ' rows good, 0 broken, '
rows=$(grep -c '^  ok' "$out")
ok "a new one is green as it is made"

unstuck dev check my-case --pack "$made" --json
exits 0
says "$out" '"schema": "unstuck-check/v1"'
says "$out" '"status": "pass"'
[ "$(grep -c '"state": "good"' "$out")" -eq "$rows" ] || complain "other rows than as text"
ok "the same as JSON"

unstuck dev new my-case "$made"
exits 4
says "$err" 'there is a scenario `my-case` already'
unstuck dev new send-no-receiver "$made"
exits 4
for name in '' all Up a/b -x x- 'a b' ../up; do
    unstuck dev new "$name" "$made"
    [ "$code" -ne 0 ] || complain "\`$name\` is taken for a name"
done
cd "$tmp/home" || exit 1
unstuck dev new other
exits 2
says "$err" 'there is no scenarios/ here'
unstuck dev new
exits 2
unstuck dev check no-such --pack "$made"
exits 2
ok "bad names, names that are taken, and no place for it are refused"

if [ -n "$sanitized" ]; then # which row turns red is no matter of memory
    clean
    ok "nothing is left behind"
    plan
    exit
fi

# All at one path, so that only what was changed is compiled again.
cp -R "$made" "$tmp/kept"
mend() {
    rm -rf "$made"
    cp -R "$tmp/kept" "$made"
}

change() { # FILE SED-SCRIPT
    cp "$made/$1" "$tmp/before"
    sed -i "$2" "$made/$1"
    ! cmp -s "$tmp/before" "$made/$1" || complain "nothing was changed in $1 by $2"
}

# Breaks it, and wants that row red, and the exit code to say so.
broken() { # ROW FILE SED-SCRIPT
    mend
    change "$2" "$3"
    unstuck dev check my-case --pack "$made"
    exits 1
    grep -qF -e "  !!  $1" "$out" || complain "not red: $1; but $(grep -e '!!' "$out" | tr '\n' '~')"
    ok "red when broken: $1"
}

at=scenarios/my-case

# Words need no runs, so all of theirs are broken at once.
change $at/scenario.c 's/The answer that came second/This title goes on and on and on, far too long/'
change $at/scenario.c 's/Two mirrors are asked, the first answer is taken./1\\n2\\n3\\n4\\n5\\n6\\n7/'
change $at/scenario.c 's/must come to an end as well\./must end. And soon./'
change $at/scenario.c 's/or a place to put the value\./or a place/'
change guide/my-case.md 's/^# .*/&\n\nSee [that](nowhere.md)./'
change guide/my-case.md 's/^2\. .*/2. One\n   two\n   three\n   four\n   five/'
change guide/my-case.md 's/^3\. Lines 13 and 16/3. Lines 13 and 160/'
change guide/my-case.md '/^5\. /,$d'
rm "$made/$at/wrong/take_all.c"
unstuck dev check my-case --pack "$made"
exits 1
for row in 'title: a few words' 'brief: at most' 'goal: one sentence' 'remember: one sentence' \
    'guide: a chapter' 'hint 2' 'hint 3' 'hint 5' 'three wrong fixes, at least'; do
    grep -qF -e "  !!  $row" "$out" || complain "not red: $row"
    ok "red when broken: $row"
done
[ "$(grep -c '^  !!' "$out")" -eq 9 ] || complain "others are red: $(grep -e '!!' "$out" | tr '\n' '~')"
ok "and no other row"

# The same for what is run: each of these rows has runs of its own.
mend
change $at/scenario.c 's/\.verdict = "leak"/.verdict = "deadlock"/'
change $at/scenario.c 's/\.name = "ask", /.name = "ask", .count = 2, /'
change solutions/my-case/room_for_all.c 's/answers, MIRRORS/answers, 0/'
change solutions/my-case/told_to_go.c 's/chan_close(over);//'
change $at/wrong/ask_one.c 's/^.. caught by: .*/\/\/ caught by: leak/'
change $at/wrong/close_it.c 's/chan_make(&answers, 0)/chan_make(\&answers, MIRRORS)/;s/chan_close(answers);//'
change $at/wrong/take_all.c '/^.. comment:/,/^#/{/^#/!d}'
unstuck dev check my-case --pack "$made"
exits 1
for row in 'exercise: fails as declared' 'exercise: leaves the declared tasks' \
    'solution:room_for_all.c: passes' 'solution:told_to_go.c: passes' 'wrong:ask_one.c: is caught' \
    'wrong:close_it.c: is caught' 'wrong:take_all.c: is caught'; do
    grep -qF -e "  !!  $row" "$out" || complain "not red: $row"
    ok "red when broken: $row"
done
[ "$(grep -c '^  !!' "$out")" -eq 7 ] || complain "others are red: $(grep -e '!!' "$out" | tr '\n' '~')"
ok "and no other row of those"

mend
rm "$made/solutions/my-case"/*
unstuck dev check my-case --pack "$made"
exits 1
says "$out" '  !!  a solution, at least'
ok "red when broken: a solution, at least"

# A driver that never calls the exercise.
broken 'an empty file: fails' $at/scenario.c 's/int answer = first_answer();/int answer = 100 + (int)first;/
    s/env_most("mirror") == MIRRORS/true/
    s/^    first_answer();/    (void)0;/'

# Too many choices make the space explode; in the exercise alone, as the others would take as long.
broken 'exercise: explored within the budget' $at/exercise.c 's/^    chan_make(&answers, 0);/&\n    for (int i = 0; i < 40; i++)\n        choose(3);/'

# A verdict that hangs on something that is no choice differs from seed to seed.
mend
mkdir "$made/$at/cheat"
cat >"$made/$at/cheat/say_nothing.c" <<'END'
// idea: return what the driver expects
// caught by: asks all mirrors at the same time
#include "exercise.h"

int first_answer(void) {
    return 100;
}
END
unstuck dev check my-case --pack "$made"
exits 0
says "$out" '  ok  cheat:say_nothing.c: is blocked by asks all mirrors at the same time'
ok "a cheat that is blocked"
cp -R "$made/$at/cheat" "$tmp/kept/$at/"
broken 'cheat:say_nothing.c: is blocked' $at/cheat/say_nothing.c 's/^.. caught by: .*/\/\/ caught by: race/'
sed -i 's/caught by: .*/caught by: build/; s/return 100;/return exit(0), 100;/' "$made/$at/cheat/say_nothing.c"
printf '#include <stdlib.h>\n#include <time.h>\nlong cheat(void) { return time(0); }\n' >>"$made/$at/cheat/say_nothing.c"
unstuck dev check my-case --pack "$made"
says "$out" '  ok  cheat:say_nothing.c: is blocked by build'
ok "a cheat that does not even build"

clean
ok "nothing is left behind"
plan
