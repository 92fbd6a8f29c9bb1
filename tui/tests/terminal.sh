#!/bin/sh
# The screens on a real terminal: tmux gives the window, types the keys and says what it shows.
# Prints TAP. Nothing sleeps a fixed time: each step waits for what it needs, with a deadline.
set -u
if ! command -v tmux >/dev/null 2>&1; then
    echo 'ok 1 - screens on a real terminal # SKIP unavailable: no tmux'
    echo '1..1'
    exit 0
fi
program=${UNSTUCK:?the path of the program}
deadline=${UNSTUCK_TERMINAL_DEADLINE-30} # seconds that one step may take
work=$(mktemp -d)
export TMUX_TMPDIR="$work" # its sockets go with it
windows=0
socket=unstuck-terminal-$$-0
count=0
failed=0

tm() {
    tmux -L "$socket" -f /dev/null "$@"
}

finish() {
    tm kill-server 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# result STATUS NAME: one line of TAP; a failure shows the screen.
result() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
        return
    fi
    echo "not ok $count - $2"
    failed=$((failed + 1))
    tm capture-pane -p 2>/dev/null | sed 's/^/# /'
}

# shows NEEDLE: waits until the screen holds it.
shows() {
    tries=$((deadline * 20))
    while [ "$tries" -gt 0 ]; do
        if tm capture-pane -p 2>/dev/null | grep -qF -- "$1"; then
            return 0
        fi
        sleep 0.05
        tries=$((tries - 1))
    done
    return 1
}

expect() {
    shows "$1"
    result $? "$2"
}

keys() {
    tm send-keys "$@"
}

# A fresh window with a shell in it, on a server of its own: one that is ending cannot be asked for
# the next. $1: where the program keeps its place.
window() {
    tm kill-server 2>/dev/null
    windows=$((windows + 1))
    socket=unstuck-terminal-$$-$windows
    tm new-session -d -x 80 -y 24 \
        "env -u NO_COLOR -u LINES -u COLUMNS LC_ALL=C.UTF-8 XDG_STATE_HOME='$1' PS1='READY> ' sh"
    tm set-option -g status off >/dev/null
    shows 'READY>' || echo '# the shell did not come up'
}

# The terminal's modes, asked in its own shell after the program ended; the screen is the usual one and
# the cursor is there.
sane() {
    keys 'clear; stty -a | tr " ;" "\n\n" | grep -xE "icanon|echo|isig" | sort | tr "\n" " "; echo modes' Enter
    shows 'echo icanon isig modes' && [ "$(tm display-message -p '#{alternate_on}#{cursor_flag}')" = 01 ]
    result $? "$1"
}

# listed [SETTING...]: starts the program in the window and waits for the list. Its process id is in
# $work/pid then.
listed() {
    keys "env $* sh -c 'echo \$\$ >$work/pid; exec $program'" Enter
    shows 'THE EXERCISE AS IT IS' && shows '!!'
}

mkdir -p "$work/known/unstuck"
echo 'send-no-receiver' >"$work/known/unstuck/place"

window "$work/fresh"
keys "'$program'" Enter
expect 'Welcome.' 'the first time the first case is on the screen at once'
expect 'FAIL leak' 'and its leak is found without a key'
keys q
expect 'SCENARIO' 'q goes back to the list'
keys q
expect 'READY>' 'and from there leaves'
sane 'the terminal is sane afterwards'
if [ -s "$work/fresh/unstuck/place" ]; then known=0; else known=1; fi
result $known 'the place is remembered'

window "$work/known"
keys "'$program'" Enter
expect 'SCENARIO' 'later the list comes first'
keys Home Enter
expect 'FAIL leak' 'enter opens the case, which leaks'
expect 'WHERE' 'its tasks are shown'
keys End
expect '1 left' 'the curve ends with the task that is left'
keys 2
expect 'PASS' 'one key shows a fix, which passes'
keys End
expect '0 left' 'and its curve ends at zero'
keys '?'
expect 'KEYS of the run screen' 'the keys are explained'
keys Escape
expect 'PASS' 'esc goes back'
tm resize-window -x 120 -y 40
expect 'EVENT' 'a larger window is used'
tm resize-window -x 40 -y 10
expect 'this window is 40x10' 'a window too small says so'
tm resize-window -x 80 -y 24
expect 'PASS' 'and back again'
keys C-z
shows 'READY>' && keys 'clear; fg' Enter && shows 'PASS'
result $? 'ctrl-z and fg come back to the same screen'
keys q q
expect 'READY>' 'q and q leave'
sane 'the terminal is sane after all that'

for signal in TERM HUP INT SEGV ABRT; do
    window "$work/known"
    if listed A=1; then
        kill -s "$signal" "$(cat "$work/pid")"
        shows 'READY>'
        sane "SIG$signal leaves a sane terminal"
    else
        result 1 "SIG$signal leaves a sane terminal"
    fi
done

window "$work/known"
if ! command -v prlimit >/dev/null 2>&1 || grep -q __asan_init "$program"; then
    count=$((count + 1)) # a sanitizer ends a program without memory in its own way
    echo "ok $count - running out of memory leaves a sane terminal # SKIP unavailable here"
else
    # The first case is judged already; to show its run takes memory, which is not there any more.
    listed A=1 && keys Home && prlimit --pid "$(cat "$work/pid")" --as=4096
    keys Enter
    shows 'READY>'
    sane 'running out of memory leaves a sane terminal'
fi

window "$work/known"
if listed NO_COLOR=1 && ! tm capture-pane -pe | grep -qE "$(printf '\033')\\[[0-9;]*3[1-7]m"; then
    result 0 'NO_COLOR is obeyed'
else
    result 1 'NO_COLOR is obeyed'
fi

window "$work/known"
if listed A=1 && tm capture-pane -pe | grep -qE "$(printf '\033')\\[[0-9;]*3[1-7]m"; then
    result 0 'without it there are colours'
else
    result 1 'without it there are colours'
fi

window "$work/known"
if listed LC_ALL=C && ! tm capture-pane -p | LC_ALL=C grep -q '[^ -~]'; then
    result 0 'the C locale gets ASCII only'
else
    result 1 'the C locale gets ASCII only'
fi

echo "1..$count"
[ "$failed" = 0 ]
