#!/bin/sh
# Nothing is lost and nothing is left half written when unstuck is killed at any moment, when the disk is full at
# any moment, on a disk that is full for good, and where nothing can be written. Prints TAP.
#
# The moments are counted, not timed: strace kills the program, or lets one call fail, at the k-th of the system
# calls that change something. Some of the k are tried, with UNSTUCK_LONG all of them.
# shellcheck disable=SC2016 # the backticks are those of messages
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

mounted=
finish() { [ -z "$mounted" ] || umount -l "$mounted"; }

name=send-no-receiver
other=wg-undercount
work=$tmp/work
formats='text json junit tap github classroom gradescope exercism sarif'
calls=write,pwrite64,fsync,rename,renameat2,mkdir,unlink,ftruncate
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" # which cannot be, with ptrace

# traced EXPRESSION ARGUMENT...: the program, in $here, under strace.
traced() {
    expression=$1
    shift
    (cd "$here" && exec strace -o "$tmp/trace" -e "trace=$calls" ${expression:+-e "$expression"} "$UNSTUCK" "$@") \
        >"$out" 2>"$err" </dev/null
    code=$?
}

# The calls at which to break it, one a line as `NAME ORDINAL FAULT...`, from the trace of a run that goes well: some, spread
# evenly from where it begins to put files in their places.
moments() {
    awk -v all="${UNSTUCK_LONG-}" '
        match($0, /^[a-z0-9]+\(/) {
            name = substr($0, 1, RLENGTH - 1)
            times[name]++
            calls[++count] = name " " times[name]
            said[count] = $0 ~ /^write\([12],/ # what is said goes to no disk
            if (!from && name == "rename") from = count > 6 ? count - 6 : 1
        }
        END {
            step = all ? 1 : (count - from) / 3
            for (k = all ? 1 : from; k < count + 0.5; k += step)
                if (!said[int(k)]) print calls[int(k)], all ? "kill full" : ++turn % 2 ? "kill" : "full"
        }' "$tmp/trace"
}

# everywhere NAME ARGUMENT...: with `prepare` before each, and `holds_NAME` after each that was broken, which may
# look at $fault: `kill`, or `full`.
everywhere() {
    what=$1
    shift
    prepare
    traced '' "$@"
    moments >"$tmp/moments"
    grep -q '^rename(' "$tmp/trace" && [ "$(wc -l <"$tmp/moments")" -gt 2 ] ||
        complain "$what puts nothing anywhere: $(some_of "$err")"
    while read -r call k faults; do
        for fault in $faults; do
            prepare
            case $fault:$call in
            kill:*) traced "inject=$call:signal=KILL:when=$k" "$@" ;;
            full:unlink) continue ;; # which needs no room
            full:*) traced "inject=$call:error=ENOSPC:when=$k" "$@" ;;
            esac
            before=$wrong
            "holds_$what"
            [ "$wrong" = "$before" ] || { complain "... $fault at $call $k: $(tail -n 2 "$tmp/trace")" && return; }
        done
    done <"$tmp/moments" 2>/dev/null # of the shell: Killed
}

# What cannot be done is told, with the reason and the place.
told() {
    [ "$fault" = kill ] || grep -q 'No space left on device' "$out" "$err" ||
        complain "nothing is said of the full disk: $(some_of "$err")"
}

# Every file of the folder is that of the same name in one of the others, but for what was begun.
whole() { # FOLDER OTHER...
    folder=$1
    shift
    : >"$tmp/others"
    for one; do # a file that is in none of them as it is here is counted as often as there are others
        diff -rq -x '*.unstuck-new-*' -x '*.lock' "$folder" "$one" |
            sed -n "s|^Only in $folder\(.*\): |\1/|p; s|^Files $folder\(/.*\) and .* differ\$|\1|p" >>"$tmp/others"
    done
    half=$(sort "$tmp/others" | uniq -c | awk -v all=$# '$1 == all { print $2 }')
    [ -z "$half" ] || complain "half of something: $half"
}

same_folder() {
    diff -r -x '*.lock' "$1" "$2" >"$tmp/diff" || complain "the folders differ: $(head -n 3 "$tmp/diff")"
}

# ---- by system call --------------------------------------------------------------------------------------

unstuck init "$work"
exits 0
cp -R "$work" "$tmp/new"
# As an older unstuck made it, with one exercise that the learner has changed.
cp -R "$work" "$tmp/old"
for file in exercises/$other.c .unstuck/shipped/exercises/$other.c README.md .unstuck/shipped/README.md; do
    echo '// as it was once' >"$tmp/old/$file"
done
mine=$tmp/old/exercises/$name.c
cp "$UNSTUCK_SRC/solutions/$name/buffer_of_one.c" "$mine"
progress=$work/.unstuck/progress.jsonl
printf '%s\n' '{"exercise":"send-no-receiver","at":"2026-01-02T03:04:05Z","hint":1}' \
    '{"exercise":"send-no-receiver","at":"2026-01-02T03:05:05Z","verdicts":["leak"],"checks":[]}' >"$tmp/lines"
cp "$tmp/lines" "$tmp/old/.unstuck/progress.jsonl"
cp -R "$tmp/old" "$tmp/updated"
cp "$tmp/new/README.md" "$tmp/updated/"
cp "$tmp/new/exercises/$other.c" "$tmp/updated/exercises/"
rm -rf "$tmp/updated/.unstuck/shipped"
cp -R "$tmp/new/.unstuck/shipped" "$tmp/updated/.unstuck/"

renew() {
    rm -rf "$work"
    cp -R "$tmp/old" "$work"
}

prepare() { rm -rf "$work"; }
holds_init() {
    [ -d "$work" ] || { told; return; }
    whole "$work" "$tmp/new"
    [ -e "$work/.unstuck/workspace.json" ] || told
    unstuck init "$work"
    [ $code -eq 0 ] || unstuck init --update "$work"
    exits 0
    same_folder "$tmp/new" "$work"
}

holds_update() {
    same "$work/exercises/$name.c" "$mine"
    whole "$work" "$tmp/old" "$tmp/updated"
    diff -r -x '*.lock' "$tmp/updated" "$work" >/dev/null || told
    unstuck init --update "$work"
    exits 0
    same_folder "$tmp/updated" "$work"
}

# The learner's version is where it was, or in the history.
kept() {
    cmp -s "$1" "$mine" && return
    for version in "$work/.unstuck/history/$name"/*.c; do
        cmp -s "$version" "$mine" && return
    done
    complain 'the learner'\''s version is gone'
}

holds_reset() {
    kept "$work/exercises/$name.c"
    cmp -s "$work/exercises/$name.c" "$mine" || same "$work/exercises/$name.c" "$tmp/new/exercises/$name.c"
    cmp -s "$work/exercises/$name.c" "$tmp/new/exercises/$name.c" || told
    unstuck reset $name
    exits 0
    kept "$tmp/nothing"
    same "$work/exercises/$name.c" "$tmp/new/exercises/$name.c"
    [ -z "$(find "$work" -name '*.unstuck-new-*')" ] || complain 'what was begun is left'
}

# The progress as it was, and perhaps one whole line more.
holds_progress() {
    head -n 2 "$progress" | cmp -s - "$tmp/lines" || complain "lines are gone: $(cat "$progress")"
    tail -c 1 "$progress" | od -c | grep -q '\\n' || complain 'half a line'
    [ "$(wc -l <"$progress")" -gt 2 ] || told
    unstuck hint $name 3
    exits 0
    says "$progress" '"hint":3'
    head -n 2 "$progress" | cmp -s - "$tmp/lines" || complain 'lines are gone after the next'
}
holds_hint() { holds_progress; }
holds_watch() { holds_progress; }
holds_screen() { holds_progress; }

# What was broken is in its place or aside, as it was.
broken() {
    renew
    { echo '<<<<<<< mine'; cat "$tmp/lines"; echo '>>>>>>> theirs'; } >"$progress"
    cp "$progress" "$tmp/conflict"
}
holds_conflict() {
    cmp -s "$progress" "$tmp/conflict" || cmp -s "$progress.broken-1" "$tmp/conflict" ||
        complain 'what was in conflict is gone'
    unstuck hint $name 3
    exits 0
    head -n 2 "$progress" | cmp -s - "$tmp/lines" || complain 'the good lines are gone'
    same "$progress.broken-1" "$tmp/conflict"
}

results=$tmp/results
results() {
    rm -rf "$results"
    mkdir "$results"
    for format in $formats; do echo before >"$results/$format"; done
}
written() { # FORMAT...: the flags
    for format; do printf ' --format %s=%s' "$format" "$results/$format"; done
}

# Each is as before, or whole: as without the fault, or as the fault says, which is then no pass.
holds_results() {
    for format in $formats; do
        file=$results/$format
        cmp -s "$file" "$tmp/whole/$format" || [ "$(cat "$file")" = before ] && continue
        case $format in
        json) is_result "$file" ;;
        classroom | gradescope | exercism | sarif) conforms_to "$UNSTUCK_SRC/harness/grade/schemas/$format.json" "$file" ;;
        junit) [ "$(tail -n 1 "$file")" = '</testsuites>' ] || complain 'junit: half of it' ;;
        text) tail -n 1 "$file" | grep -q '^Score: ' || complain 'text: half of it' ;;
        tap) [ "$(head -n 1 "$file")" = 'TAP version 14' ] || complain 'tap: not from its begin' ;;
        esac
    done
    [ "$fault" = kill ] || [ "$(cat "$results/json")" != before ] || { exits 4; told; }
    [ "$fault" = kill ] || [ -z "$(find "$results" -name '*.unstuck-new-*')" ] || complain 'what was begun is left'
}
holds_grade() { holds_results; }
holds_merge() { holds_results; }

holds_new() {
    [ ! -d "$tmp/pack" ] || whole "$tmp/pack" "$tmp/whole-pack"
    diff -r "$tmp/whole-pack" "$tmp/pack" >/dev/null 2>&1 || told
    [ ! -d "$tmp/pack" ] || unstuck dev new my-case "$tmp/pack"
    mkdir -p "$tmp/pack"
    diff -r "$tmp/whole-pack" "$tmp/pack" >/dev/null 2>&1 || {
        unstuck dev new my-case "$tmp/pack"
        exits 0
        same_folder "$tmp/whole-pack" "$tmp/pack"
    }
}

if strace -o "$tmp/trace" -e trace=none true 2>/dev/null; then
    everywhere init init "$work"
    ok 'init: every file whole, and once more makes the rest'
    prepare() { renew; }
    everywhere update init --update "$work"
    ok 'init --update: every file whole, the learner'\''s untouched'
    here=$work
    everywhere reset reset $name
    ok 'reset: the learner'\''s version is in its place or in the history'
    everywhere hint hint $name 2
    ok 'hint: every line is kept'
    everywhere watch watch $name --once
    ok 'watch: every attempt is kept'
    if [ -n "${UNSTUCK_LONG-}" ]; then
        everywhere screen --snapshot 80x24 --keys h,h
        ok 'the screens: every line is kept'
    fi
    prepare() { broken; }
    everywhere conflict hint $name 2
    ok 'a progress file in conflict is kept aside, whole'

    here=.
    renew
    cp "$work/exercises/$other.c" "$tmp/other"
    results
    # shellcheck disable=SC2046 # words
    unstuck verify $name --dir "$work" --budget 20 $(written $formats)
    cp -R "$results" "$tmp/whole"
    prepare() { results; }
    # shellcheck disable=SC2046
    everywhere grade verify $name --dir "$work" --budget 20 $(written $formats)
    ok 'results in all nine formats: each as before or whole'
    for i in 1 2; do
        unstuck grade "$work" --budget 20 --shard $i/2 --json
        cp "$out" "$tmp/shard$i"
    done
    results
    # shellcheck disable=SC2046
    unstuck merge "$tmp/shard1" "$tmp/shard2" $(written $formats)
    rm -rf "$tmp/whole"
    cp -R "$results" "$tmp/whole"
    # shellcheck disable=SC2046
    everywhere merge merge "$tmp/shard1" "$tmp/shard2" $(written $formats)
    ok 'merge: each result as before or whole'

    unstuck dev new my-case "$tmp/whole-pack"
    prepare() { rm -rf "$tmp/pack"; }
    everywhere new dev new my-case "$tmp/pack"
    ok 'dev new: every file whole, and once more makes the rest'
else
    skip 'killed, or without room, at any moment' 'unavailable: no strace, or it may not trace here'
fi

# ---- a disk that is full for good -------------------------------------------------------------------------

mkdir "$tmp/disk"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=40k none "$tmp/disk" 2>/dev/null; then
    mounted=$tmp/disk
    unstuck init "$tmp/disk/ws"
    exits 4
    one_line "$err"
    says "$err" 'No space left on device'
    [ -z "$(find "$tmp/disk" -name '*.unstuck-new-*')" ] || complain 'what was begun is left'
    mount -o remount,size=4m "$tmp/disk"
    unstuck init "$tmp/disk/ws"
    exits 0
    cp "$mine" "$tmp/disk/ws/exercises/$name.c"
    cp "$tmp/lines" "$tmp/disk/ws/.unstuck/progress.jsonl"
    ok 'init on a full disk says so; with room again it goes on'

    dd if=/dev/zero of="$tmp/disk/filler" bs=4k >/dev/null 2>&1
    here=$tmp/disk/ws
    unstuck reset $name
    exits 4
    one_line "$err"
    says "$err" 'No space left on device'
    same "$here/exercises/$name.c" "$mine"
    unstuck hint $name 2
    exits 0
    says "$err" 'No space left on device'
    same "$here/.unstuck/progress.jsonl" "$tmp/lines"
    unstuck watch $name --once
    grep -q 'No space left on device' "$out" "$err" || complain "watch says nothing of it: $(some_of "$out")"
    same "$here/.unstuck/progress.jsonl" "$tmp/lines"
    results="$tmp/disk/ws"
    for format in gradescope exercism; do # which must be there before all else
        unstuck verify $name --budget 20 --format "$format=$results/$format"
        exits 4
        says "$err" 'No space left on device'
    done
    # shellcheck disable=SC2046 # words
    unstuck verify $name --budget 20 $(written text json junit tap github classroom sarif)
    exits 4
    [ "$(grep -c 'No space left on device' "$err")" -eq 7 ] || complain "not each is told: $(some_of "$err")"
    for format in $formats; do
        [ ! -e "$results/$format" ] || complain "something of $format is there: $(some_of "$results/$format")"
    done
    [ -z "$(find "$tmp/disk" -name '*.unstuck-new-*')" ] || complain 'what was begun is left'
    rm "$tmp/disk/filler"
    unstuck reset $name
    exits 0
    cp "$mine" "$here/exercises/$name.c"
    ok 'nothing is lost on a full disk, and each command says so'

    mount -o remount,ro "$tmp/disk"
    unstuck reset $name
    exits 4
    says "$err" 'Read-only file system'
    unstuck init --update
    exits 0 # there is nothing to renew
    unstuck hint $name 2
    exits 0
    says "$err" 'Read-only file system'
    unstuck verify $name --budget 20 --format json="$tmp/disk/result"
    exits 4
    says "$err" 'Read-only file system'
    unstuck init "$tmp/disk/second"
    exits 4
    says "$err" 'Read-only file system'
    unstuck dev new my-case "$tmp/disk/pack"
    exits 4
    says "$err" 'Read-only file system'
    ok 'a disk that is read-only: what cannot be kept is told'
else
    skip 'a disk that is full or read-only' 'unavailable: this user may not mount one'
fi
plan
