#!/bin/sh
# A learner's workspace from the command line: init, watch, reset, hint, and the other commands within.
# Prints TAP. Where a terminal is needed tmux gives one; each step waits for what it needs.
# shellcheck disable=SC2016 # the backticks are those of messages
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

somebody=$(mktemp -d /tmp/workspace-user-XXXXXX) || exit 1
socket=unstuck-workspace-$$
finish() {
    tmux -L "$socket" kill-server 2>/dev/null
    chmod -R u+w "$somebody" 2>/dev/null
    rm -rf "$somebody"
}

name=send-no-receiver
work="$tmp/my work" # a path that a shell would take apart
exercise="$work/exercises/$name.c"
progress="$work/.unstuck/progress.jsonl"
shipped=$UNSTUCK_SRC/scenarios/$name/exercise.c
fix=$UNSTUCK_SRC/solutions/$name/buffer_of_one.c
wrong_fix=$UNSTUCK_SRC/scenarios/$name/wrong/longer_patience.c

here=$tmp # until the workspace is entered

# Lines of the progress file that are attempts.
attempts() {
    counted=$(grep -c '"verdicts"' "$progress" 2>/dev/null)
    [ "${counted:-0}" -eq "$1" ] || complain "${counted:-0} attempts are kept, not $1"
}

races=true
[ -x "$UNSTUCK_BUILD/libexec/unstuck/unstuck-runner-tsan" ] ||
    [ -n "$("$UNSTUCK" explore "$name" --variant solution 2>/dev/null | grep '^PASS')" ] || races=false

# ---- init ----------------------------------------------------------------------------------------------

unstuck init
exits 2
says "$err" 'Usage: unstuck init DIR'
unstuck init --update
exits 2
says "$err" '. is no workspace; `unstuck init DIR` makes one'
unstuck watch
exits 2
says "$err" 'this is no workspace; `unstuck init DIR` makes one'
unstuck reset "$name"
exits 2
says "$err" 'this is no workspace; `unstuck init DIR` makes one'
ok "without a workspace each command says how one is made"

unstuck init 'my work'
exits 0
silent "$err"
says "$out" 'A workspace with 6 exercises. Go on with:'
says "$out" "  cd 'my work'"
says "$out" '  unstuck'
same "$exercise" "$shipped"
for file in README.md .gitignore .gitattributes .gitlab-ci.yml .github/workflows/unstuck.yml \
    compile_commands.json .unstuck/workspace.json; do
    [ -s "$work/$file" ] || complain "no $file"
done
[ "$(find "$work/exercises" -name '*.c' | wc -l)" -eq 6 ] || complain "not 6 exercises"
[ "$(wc -l <"$work/README.md")" -le 12 ] || complain "the README is long"
ok "init makes one, and says how to go on"

unstuck init 'my work'
exits 4
says "$err" 'is a workspace already; `unstuck init --update` there brings it forward'
unstuck init 'my work/deep/down'
exits 4
says "$err" 'is a workspace already'
[ ! -e "$work/deep" ] || complain "a folder was made in it"
mkdir "$tmp/empty" "$tmp/mine" "$tmp/taken" "$tmp/taken/exercises"
unstuck init empty
exits 0
echo 'my own' >"$tmp/mine/README.md"
unstuck init mine
exits 0
says "$out" 'kept     README.md: it is your own'
[ "$(cat "$tmp/mine/README.md")" = 'my own' ] || complain "somebody's README was written over"
echo 'int mine;' >"$tmp/taken/exercises/$name.c"
unstuck init taken
exits 4
says "$err" "taken/exercises/$name.c is there already, and is another file"
[ "$(ls -A "$tmp/taken")" = exercises ] || complain "something was made: $(ls -A "$tmp/taken")"
ok "twice, within, in an empty folder, beside and over files of somebody's own"

# As the editor's tools run it: each command compiles its file as it stands there.
here=$work
if command -v python3 >/dev/null; then
    (cd "$work" && python3 - <<'EOF') >"$out" 2>"$err" || complain "$(head -c 600 "$err")"
import json, subprocess
commands = json.load(open("compile_commands.json"))
assert len(commands) == 6, len(commands)
for c in commands:
    subprocess.run(c["arguments"] + ["-fsyntax-only"], cwd=c["directory"], check=True)
EOF
    ok "compile_commands.json compiles every exercise"
else
    skip "compile_commands.json compiles every exercise" "unavailable: no python3"
fi

# ---- watch, once ---------------------------------------------------------------------------------------

unstuck watch --once
exits 1
silent "$err"
says "$out" '1  The send nobody hears'
says "$out" 'Goal: When the customer gives up'
says "$out" "File: $exercise"
says "$out" "!! $name: leak in the usual run, after 0."
says "$out" "FAIL leak  $name  exercise  47 of 79 schedules, exhaustive"
says "$out" 'All of it, after'
lacks "$out" 'q quit'
lacks "$out" 'Since the last attempt'
lacks "$out" 'Next:'
[ ! -e "$progress" ] || complain "what nobody tried was kept"
clean
ok "as shipped it fails, and nothing is kept of that"

cp "$wrong_fix" "$exercise"
unstuck watch --once
exits 1
says "$out" 'FAIL leak, behaviour'
says "$out" 'It fails as this one does: wait long enough for any answer.'
[ "$(awk 'length > 80 && !/^File: /' "$out" | wc -l)" -eq 0 ] || complain "a line is too long"
lacks "$out" 'Since the last attempt'
attempts 1
says "$progress" '"verdicts":["leak","behaviour"]'
[ -n "$(ls "$work/.unstuck/history/$name")" ] || complain "nothing in the history"
unstuck watch --once
exits 1
attempts 1
ok "a wrong fix is known by how it fails; judged again it is no new attempt"

# An old time, as after a copy with times or out of an archive.
cp "$fix" "$exercise"
touch -d '2001-01-01' "$exercise"
unstuck watch --once "$name"
exits 0
says "$out" "ok $name: PASS in the usual run"
says "$out" "PASS  $name  exercise  79 of 79 schedules, exhaustive"
says "$out" 'Since the last attempt: what failed before passes.'
says "$out" "The schedule that failed before, $name@x1: passes now."
matches "$out" '^    yours +79 +3 '
matches "$out" '^    buffer_of_one.c +79 '
matches "$out" '^    sender_hears_the_end.c +[0-9,]+ '
says "$out" 'Remember: Every send needs a receiver that outlives it'
says "$out" 'Next: recv-range-unclosed (n)'
attempts 2
says "$progress" '"status":"pass"'
ok_with_races "a solution passes: what failed before, the solutions beside it, the rule, what is next"

if $races; then
    unstuck watch --once
    exits 1
    says "$out" '2  '
    says "$out" 'recv-range-unclosed'
fi
ok_with_races "watch goes on with the next that is not solved"

echo 'int oops = nowhere;' >"$exercise"
unstuck watch --once "$name"
exits 3
says "$out" "$name.c:1:12: error:"
says "$out" 'ERROR build: it does not compile, after'
says "$out" 'new: build'
kept=$(grep -c '"verdicts"' "$progress")
echo 'int oops = nowhere_else;' >"$exercise"
unstuck watch --once "$name"
exits 3
attempts $((kept + 1))
clean
ok "what does not compile shows the compiler's words"

unstuck watch no-such
exits 2
says "$err" 'no-such'
ok "an exercise that there is not is told"

# ---- the other commands within -------------------------------------------------------------------------

cp "$fix" "$exercise"
unstuck run "$name"
says "$out" "  $name  exercise"
lacks "$out" FAIL
lacks "$out" leak
unstuck replay "$name@x1"
lacks "$out" 'leak'
here=$work/exercises
unstuck run "$name"
lacks "$out" FAIL
sed 's/$/\r/' "$wrong_fix" >"$exercise"
unstuck run "$name"
exits 1
says "$out" 'FAIL behaviour'
unstuck replay "$name@x1"
exits 1
says "$out" "$name.c:16 make reply (chan#1), unbuffered"
unstuck explore "$name" --json
exits 1
says "$out" '"failing": 28,'
lacks "$out" "$tmp"
here=$work
ok "run, replay and explore judge the workspace's file, from within any of its folders, CRLF or not"

here=$tmp
unstuck run "$name" --variant "$exercise"
exits 1
says "$out" 'FAIL behaviour'
unstuck run "$name"
exits 1
says "$out" 'FAIL leak  '
here=$work
ok "outside of it the shipped exercise is judged"

hints() { grep -c '"hint"' "$progress" 2>/dev/null; }
unstuck hint "$name"
exits 0
says "$out" 'In your own run: behaviour: "answers within 50 ms" failed: the customer waited'
says "$out" 'Run it with a slow exchange'
[ "$(hints)" -eq 1 ] || complain "$(hints) hints are kept, not 1"
unstuck hint "$name" 3
exits 0
lacks "$out" 'In your own run'
unstuck hint "$name" 2
[ "$(hints)" -eq 2 ] || complain "$(hints) hints are kept, not 2"
says "$progress" '"hint":3'
clean
echo 'int oops = nowhere;' >"$exercise"
unstuck hint "$name"
exits 0
lacks "$out" 'In your own run'
says "$out" 'Run it with a slow exchange'
says "$err" "$name.c:1:12: error:"
here=$tmp
unstuck hint "$name"
exits 0
lacks "$out" 'In your own run'
here=$work
ok "the first hint begins with what the learner's own run shows; what was opened is kept"

# ---- reset, update, moved ------------------------------------------------------------------------------

cp "$wrong_fix" "$exercise"
unstuck reset "$name"
exits 0
says "$out" "$name is as shipped again. Yours is kept in $work/.unstuck/history/$name/"
same "$exercise" "$shipped"
same "$(sed -n 's/.*Yours is kept in //p' "$out")" "$wrong_fix"
unstuck reset "$name"
exits 0
says "$out" "$name is as shipped."
rm "$exercise"
unstuck reset "$name"
exits 0
same "$exercise" "$shipped"
unstuck reset
exits 2
unstuck reset no-such
exits 2
ok "reset puts back what was shipped and keeps the learner's version"

cp "$wrong_fix" "$exercise"
unstuck init --update
exits 0
says "$out" 'is as this unstuck makes it.'
lacks "$out" 'kept '
same "$exercise" "$wrong_fix"
rm "$work/exercises/ctx-detached.c"
echo '// of an older unstuck' | tee "$work/exercises/wg-undercount.c" >"$work/.unstuck/shipped/exercises/wg-undercount.c"
echo '// of an older unstuck' >"$work/.unstuck/shipped/exercises/$name.c"
here=$tmp
unstuck init --update "$work/exercises"
exits 0
says "$out" 'made     exercises/ctx-detached.c'
says "$out" 'renewed  exercises/wg-undercount.c'
says "$out" "kept     exercises/$name.c: it is your own"
same "$exercise" "$wrong_fix"
same "$work/exercises/wg-undercount.c" "$UNSTUCK_SRC/scenarios/wg-undercount/exercise.c"
here=$work
printf '{"format": "unst' >"$work/.unstuck/workspace.json"
unstuck watch --once "$name"
exits 4
says "$err" 'workspace.json cannot be read; `unstuck init --update` writes it anew'
unstuck init --update
exits 0
unstuck run "$name"
exits 1
ok "init --update brings it forward and leaves edits alone"

mv "$work" "$tmp/moved"
here=$tmp/moved
unstuck watch --once "$name"
exits 1
says "$out" "File: $tmp/moved/exercises/$name.c"
unstuck init --update
exits 0
says "$tmp/moved/compile_commands.json" "$tmp/moved/exercises"
lacks "$tmp/moved/compile_commands.json" "$work"
mv "$tmp/moved" "$work"
here=$work
ok "it can be moved"

if command -v git >/dev/null; then
    git() { command git -C "$work" -c user.name=learner -c user.email=learner@example.org "$@" >>"$tmp/git" 2>&1; }
    : >"$tmp/git"
    git init -q -b one && git add -A && git commit -q -m made || complain "git: $(tail -n 3 "$tmp/git")"
    git checkout -q -b two
    unstuck hint wg-undercount 4
    git commit -q -a -m two
    git checkout -q one
    unstuck hint wg-undercount 5
    git commit -q -a -m one
    git merge -q two -m both || complain "git merge: $(tail -n 3 "$tmp/git")"
    says "$progress" '"exercise":"wg-undercount"'
    [ "$(grep -c wg-undercount "$progress")" -eq 2 ] || complain "a side of the merge is lost"
    command git -C "$work" ls-files >"$out"
    lacks "$out" compile_commands.json
    lacks "$out" .lock
    says "$out" .unstuck/shipped/README.md
    unset -f git
    ok "two copies of it are joined by git without a conflict"
else
    skip "two copies of it are joined by git without a conflict" "unavailable: no git"
fi

printf '<<<<<<< HEAD\n' >>"$progress"
cp "$wrong_fix" "$exercise"
echo >>"$exercise"
unstuck watch --once "$name"
exits 1
says "$err" '1 line of .unstuck/progress.jsonl cannot be read and was left out'
[ -s "$progress.broken-1" ] || complain "nothing was put aside"
lacks "$progress" '<<<<'
unstuck watch --once "$name"
silent "$err"
ok "a broken progress file is told once, mended and put aside"

# ---- read-only, installed, an ordinary user ------------------------------------------------------------

# Permissions hold for root, too.
bound() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    else
        setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search "$@"
    fi
}
if [ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null; then
    echo "$(cat "$wrong_fix")//" >"$exercise"
    cp "$progress" "$tmp/progress"
    chmod -R a-w "$work"
    (cd "$work" && bound "$UNSTUCK" watch --once "$name") >"$out" 2>"$err" </dev/null
    code=$?
    exits 1
    says "$out" 'FAIL leak, behaviour'
    says "$out" 'This attempt is not kept:'
    says "$out" 'Permission denied'
    (cd "$work" && bound "$UNSTUCK" reset "$name") >"$out" 2>"$err" </dev/null
    code=$?
    exits 4
    says "$err" 'Permission denied'
    (cd "$work" && bound "$UNSTUCK" hint "$name" 5) >"$out" 2>"$err" </dev/null
    code=$?
    exits 0
    says "$err" 'This hint is not kept:'
    chmod -R u+w "$work"
    same "$progress" "$tmp/progress"
    mkdir "$tmp/locked"
    chmod a-w "$tmp/locked"
    (cd "$tmp" && bound "$UNSTUCK" init locked) >"$out" 2>"$err" </dev/null
    code=$?
    exits 4
    says "$err" 'Permission denied'
    [ -z "$(ls -A "$tmp/locked")" ] || complain "something was made"
    ok "what cannot be written is told, and judged all the same"
else
    skip "what cannot be written is told, and judged all the same" "unavailable: needs setpriv"
fi

# Runs it as somebody who may do nothing but in their own folder.
ordinary() {
    if [ "$(id -u)" -ne 0 ]; then
        env HOME="$somebody" TMPDIR="$somebody/tmp" "$@"
    else
        setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$somebody" TMPDIR="$somebody/tmp" "$@"
    fi >"$out" 2>"$err" </dev/null
    code=$?
}
about="an installed program makes one for an ordinary user, who learns with it"
if [ "$(id -u)" -eq 0 ] && ! command -v setpriv >/dev/null; then
    skip "$about" "unavailable: needs setpriv (Debian: util-linux)"
elif ! cmake --install "$UNSTUCK_BUILD" --prefix "$somebody/opt" >"$out" 2>&1; then
    complain "cmake --install: $(tail -n 3 "$out" | tr '\n' '~')"
    ok "$about"
else
    mkdir "$somebody/tmp" "$somebody/mine"
    chmod 755 "$somebody"
    [ "$(id -u)" -ne 0 ] || chown 65534:65534 "$somebody/tmp" "$somebody/mine"
    unset XDG_CACHE_HOME XDG_STATE_HOME
    installed=$somebody/opt/bin/unstuck
    ordinary "$installed" init "$somebody/mine/course"
    exits 0
    ordinary sh -c 'cd "$1/mine/course" && exec "$1/opt/bin/unstuck" watch --once' sh "$somebody"
    exits 1
    says "$out" "FAIL leak  $name  exercise  47 of 79 schedules, exhaustive"
    ordinary cp "$fix" "$somebody/mine/course/exercises/$name.c" ||
        cp "$fix" "$somebody/mine/course/exercises/$name.c"
    cat "$fix" >"$somebody/mine/course/exercises/$name.c"
    ordinary sh -c 'cd "$1/mine/course" && exec "$1/opt/bin/unstuck" watch --once send-no-receiver' sh "$somebody"
    # an ASan build races in a tree of its own, which is not installed
    ! [ -x "$somebody/opt/libexec/unstuck/unstuck-runner-hooks" ] || exits 0
    says "$out" 'ok send-no-receiver: PASS in the usual run'
    lacks "$out" 'not kept'
    [ -s "$somebody/mine/course/.unstuck/progress.jsonl" ] || complain "no attempt was kept"
    [ -z "$(ls -A "$somebody/tmp")" ] || complain "left behind: $(ls -A "$somebody/tmp")"
    ok "$about"
fi

# ---- watch on a terminal -------------------------------------------------------------------------------

deadline=${UNSTUCK_TERMINAL_DEADLINE-30} # seconds that one step may take
log=$tmp/log

tm() { tmux -L "$socket" -f /dev/null "$@"; }

# Waits until what was printed since `mark` holds the words.
mark() { printed=$(wc -c <"$log"); }
since() { tail -c +"$((printed + 1))" "$log" | tr -d '\r' | sed "s/$(printf '\033')\\[[0-9;]*m//g"; }
shows() {
    tries=$((deadline * 20))
    while ! since | grep -qF -e "$1"; do
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ]; then
            complain "\`$1\` is not shown: $(since | tail -c 900 | tr '\n' '~')"
            return 1
        fi
        sleep 0.05
    done
}
keys() { tm send-keys "$@"; }

if ! command -v tmux >/dev/null 2>&1; then
    skip "watch on a terminal" "unavailable: no tmux"
    echo "1..$number"
    exit
fi
export XDG_CACHE_HOME="$tmp/cache" XDG_STATE_HOME="$tmp/state" TMUX_TMPDIR="$tmp"
cp "$shipped" "$exercise"
rm -f "$progress"
: >"$log"
printf '#!/bin/sh\ncp "%s" "$1"\n' "$fix" >"$tmp/my-editor"
chmod +x "$tmp/my-editor"
mark
tm new-session -d -x 100 -y 40 -c "$work" "env -u NO_COLOR LC_ALL=C.UTF-8 PS1='READY> ' sh"
tm pipe-pane -o "cat >>'$log'"
keys "cd '$work'; EDITOR='$tmp/my-editor' '$UNSTUCK' watch; echo code \$?; stty -a" Enter
shows "FAIL leak" && shows 'save it and it is judged.'
ok "watch judges the exercise at once, and tells its keys"

mark
cp "$wrong_fix" "$exercise"
shows "$name: building" && shows 'FAIL leak, behaviour' && shows 'It fails as this one does' && shows 'q quit'
ok "a save in place is judged"

mark
cp "$fix" "$exercise.new"
mv "$exercise.new" "$exercise"
shows "$name: building" && shows "in the usual run"
if $races; then shows 'PASS' && shows 'Next: recv-range-unclosed (n)'; fi
ok "a save by rename is judged"

mark
cp "$UNSTUCK_SRC/scenarios/$name/wrong/close_behind_you.c" "$exercise"
shows "$name: building"
cp "$shipped" "$exercise.new"
mv "$exercise.new" "$exercise"
shows "FAIL leak  $name" && shows 'q quit'
[ "$(since | grep -c ': building')" -eq 2 ] || complain "not two builds: $(since)"
ok "a new save ends what is under way"

mark
keys r
shows ': building' && shows "FAIL leak  $name" && shows 'q quit'
ok "r judges it again"

mark
keys h
shows 'Hint 1 of 5' && shows 'In your own run: leak: 1 task can never run again.'
mark
keys h
shows 'Hint 2 of 5'
grep -q '"hint":2' "$progress" || complain "no hint is kept"
ok "h opens one hint after the other"

mark
keys n
shows '2  ' && shows 'recv-range-unclosed' && shows 'q quit'
mark
keys p
shows '1  The send nobody hears' && shows 'q quit'
mark
keys p
shows 'This is the first exercise.'
ok "n and p go from one to the next"

mark
keys e
shows ': building' && shows 'in the usual run'
cmp -s "$fix" "$exercise" || complain "the editor had another file"
ok "e runs the editor on the file, and what it saved is judged"

mark
keys x
shows 'save it and it is judged.'
keys q
shows 'code 0' && shows ' icanon' && shows ' echo '
since | grep -q -e '-icanon' -e '-echo ' && complain "the terminal is left as it was not"
ok "q leaves, and the terminal is sane"

mark
keys "'$UNSTUCK' watch" Enter
shows 'save it and it is judged.'
keys C-c
shows 'READY>'
keys 'clear; stty -a' Enter
shows ' icanon'
since | grep -q -e '-icanon' && complain "the terminal is left as it was not"
clean
ok "ctrl-c leaves as well, and nothing stays behind"

# ---- the screens on a terminal -------------------------------------------------------------------------

# Waits until the screen holds the words, on one line or broken at their spaces.
screen() {
    tries=$((deadline * 20))
    while ! tm capture-pane -p | tr -s '\n ' '  ' | grep -qF -e "$1"; do
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ]; then
            complain "\`$1\` is not on the screen: $(tm capture-pane -p | tr '\n' '~')"
            return 1
        fi
        sleep 0.05
    done
}

keys "clear; cd '$tmp'; HOME='$HOME' EDITOR='$tmp/my-editor' '$UNSTUCK'" Enter
screen 'Welcome.' && screen 'FAIL leak'
keys e
screen 'e again makes a workspace for them in' && [ ! -e "$HOME/unstuck" ] || complain "made without being asked"
keys e
screen 'This is your workspace now:'
if $races; then screen 'PASS'; fi
cmp -s "$fix" "$HOME/unstuck/exercises/$name.c" || complain "the editor had another file"
keys q
if $races; then screen 'done 1 of 6'; fi
keys q
screen 'READY>'
ok "e makes a workspace when it is asked for, edits there, and what was saved is judged"

keys "clear; cd '$HOME/unstuck/exercises'; EDITOR=/no/such/editor '$UNSTUCK'" Enter
if $races; then screen 'recv-range-unclosed'; fi
screen 'FAIL'
keys e
screen 'ended with a failure; is EDITOR right?'
keys q
screen 'SCENARIO'
keys q
screen 'READY>'
ok_with_races "in a workspace the screens open at the next exercise; an editor that fails is told"

plan
