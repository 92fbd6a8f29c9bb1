#!/bin/sh
# Submissions that would rather pass than be right, and such that break whatever they can: hostile/*.c.
# Each gets the verdict that its first lines name, none passes, and nothing outside of its folder is other
# than before. Prints TAP; needs UNSTUCK, UNSTUCK_SRC and UNSTUCK_BUILD.
#
#     // hostile: what it does
#     // gets: the verdicts of its grade, all of them and no others; `or` parts several such sets
#     // clang: the same where clang compiles it, if it differs; then says does not count
#     // says: words in what is said about it
#     // long                                              (it takes a minute)
#
# hostile.sh NAME... grades those alone. All are graded by the compiler and the user at hand; with UNSTUCK_LONG those that take long too, by gcc
# and clang, as this user and, for root, as nobody.
set -u
: "${UNSTUCK:?the program}" "${UNSTUCK_SRC:?the sources}" "${UNSTUCK_BUILD:?the build tree}"

work=$(mktemp -d "${TMPDIR:-/tmp}/hostile-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
[ "$(id -u)" -ne 0 ] || chmod 711 "$work"
unset NO_COLOR CLICOLOR_FORCE UNSTUCK_PREFIX
scenario=send-no-receiver
number=0

report() { # GOOD NAME [WHY-NOT]
    number=$((number + 1))
    if [ "$1" = yes ]; then echo "ok $number - $2"; else
        echo "not ok $number - $2"
        printf '%s\n' "${3-}" | sed 's/^/#   /' | head -20
    fi
}

# The value of a line `// KEY: VALUE` at the top of a file.
declared() { sed -n "1,6s|^// $1: ||p" "$2"; }

# ---- one grade ------------------------------------------------------------------------------------------

# Grades FILE in a workspace of its own under $where; leaves NAME.json, and NAME.left if it changed anything.
cat >"$work/one" <<'ONE'
file=$1 where=$2
name=$(basename "$file" .c)
mine=$where/$name
mkdir -p "$mine/tmp" "$mine/home" "$mine/workspace/exercises" "$mine/workspace/.github/workflows"
cp "$file" "$mine/workspace/exercises/send-no-receiver.c"
# What a submission may bring along without anybody reading it.
mkdir "$mine/workspace/exercises/core" "$mine/workspace/scenarios"
echo '#error another core.h was read' >"$mine/workspace/exercises/core/core.h"
echo '#error another exercise.h was read' >"$mine/workspace/exercises/exercise.h"
echo 'int driver;' >"$mine/workspace/exercises/scenario.c"
echo 'jobs: {grade: {steps: [{run: "exit 0"}]}}' >"$mine/workspace/.github/workflows/unstuck.yml"
state() { (cd "$mine" && find workspace -printf '%p %y %m %s %T@\n' && find home tmp -mindepth 1) | sort; }
state >"$mine/before"
TMPDIR=$mine/tmp HOME=$mine/home XDG_CACHE_HOME=$mine/home/cache \
    timeout -k 5 900 "$UNSTUCK" grade "$mine/workspace" --json -j1 --budget 300 >"$mine.json" 2>"$mine.err" </dev/null
echo $? >"$mine.exit"
rm -rf "$mine/home/cache" # the program's own
state >"$mine/after"
diff "$mine/before" "$mine/after" >"$mine.left" && rm "$mine.left"
ONE

# The entry of the one scenario that was handed in, a verdict a line, from canonical JSON.
verdicts_of() {
    awk -v id="\"$scenario\"" '
        /^      "id":/ { mine = index($0, id) }
        mine && /"verdicts": \[\]/ { next }
        mine && /"verdicts": \[/ { list = 1; next }
        list && /\]/ { list = 0 }
        list { gsub(/[ ",]/, ""); print }' "$1" | sort | tr '\n' ' '
}

# Whether one of the sets on stdin, a line each, is this one, which is sorted.
is_one_of() {
    while read -r set; do
        # shellcheck disable=SC2086 # words
        [ "$(printf '%s\n' $set | sort | tr '\n' ' ')" != "$1" ] || return 0
    done
    return 1
}

judge() { # FILE WHERE CLANG
    name=$(basename "$1" .c)
    wanted=$(declared gets "$1")
    says=$(declared says "$1")
    if [ -n "$3" ] && [ -n "$(declared clang "$1")" ]; then
        wanted=$(declared clang "$1")
        says=
    fi
    got=$(verdicts_of "$2/$name.json")
    why="verdicts: $got, not $wanted"
    ! printf '%s\n' "$wanted" | sed 's/ or /\n/g' | is_one_of "$got" || why=
    case $(cat "$2/$name.exit") in 1 | 3 | 4 | 5) ;; *) why="$why exit code $(cat "$2/$name.exit"): $(cat "$2/$name.err")" ;; esac
    grep -qF -e "$says" "$2/$name.json" || why="$why; \`$says\` is not said"
    [ ! -e "$2/$name.left" ] || why="$why; changed or left: $(cat "$2/$name.left")"
    if [ -z "$why" ]; then report yes "$4$name: $(declared hostile "$1")"; else report no "$4$name: $(declared hostile "$1")" "$why"; fi
}

# ---- all of them ----------------------------------------------------------------------------------------

# Everything that grades share: no grade changes it.
shared_state() {
    find "$UNSTUCK_BUILD/bin" "$UNSTUCK_BUILD/libexec" "$UNSTUCK_BUILD/lib" "$UNSTUCK_BUILD/share" \
        "$UNSTUCK_SRC/harness" "$UNSTUCK_SRC/scenarios" "$UNSTUCK_SRC/solutions" "$UNSTUCK_SRC/core" \
        -printf '%p %y %m %s %T@\n' | sort | cksum
}

# Processes that work in the folder, but for this one.
left_running() {
    for process in /proc/[0-9]*; do
        case $(readlink "$process/cwd") in "$1"*) echo "${process#/proc/}: $(tr '\0' ' ' <"$process/cmdline")" ;; esac
    done 2>/dev/null
}

# Where the program has an AddressSanitizer of its own, a crash is told in other words: there what is
# refused before it runs is graded.
sanitized=
grep -q __asan_init "$UNSTUCK" && sanitized=yes
chosen() { # NAME...
    for file in "$UNSTUCK_SRC"/harness/tests/hostile/*.c; do
        [ $# -eq 0 ] || case " $* " in *" $(basename "$file" .c) "*) ;; *) continue ;; esac
        ! grep -q '^// long' "$file" || [ -n "${UNSTUCK_LONG-}" ] || continue
        case $(declared gets "$file") in build | tampered) ;; *) [ -z "$sanitized" ] || continue ;; esac
        echo "$file"
    done
}
chosen "$@" >"$work/list"

grade_all() { # WORDS CC USER-COMMAND...
    words=$1 compiler=$2
    shift 2
    where=$work/$(echo "$words" | tr -dc a-z)x
    mkdir "$where"
    [ $# -eq 0 ] || chmod 777 "$where"
    before=$(shared_state)
    (
        [ -z "$compiler" ] || { CC=$compiler && export CC; }
        tr '\n' '\0' <"$work/list" | "$@" xargs -0 -r -n 1 -P 2 sh -c 'sh "$0" "$2" "$1"' "$work/one" "$where"
    )
    case $compiler in *clang*) clang=yes ;; *) clang= ;; esac
    while read -r file; do judge "$file" "$where" "$clang" "$words"; done <"$work/list"
    if [ "$(shared_state)" = "$before" ]; then report yes "${words}the installation is as before"; else report no "${words}the installation is as before"; fi
    running=$(left_running "$where")
    report "$([ -z "$running" ] && echo yes)" "${words}no process is left" "$running"
}

each=$(($(wc -l <"$work/list") + 2))
nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
[ "$(id -u)" -eq 0 ] && $nobody true 2>/dev/null || nobody=
clang=$(command -v clang-14 || command -v clang)
if [ -z "${UNSTUCK_LONG-}" ]; then
    echo "1..$each"
    grade_all '' "${CC-}"
    exit
fi
echo "1..$((each * (1 + (${#clang} > 0)) * (1 + (${#nobody} > 0))))"
for compiler in gcc $clang; do
    grade_all "$(basename "$compiler"): " "$compiler"
    # shellcheck disable=SC2086 # a command of words
    [ -z "$nobody" ] || grade_all "$(basename "$compiler") as nobody: " "$compiler" $nobody
done
