# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # much of this is for those who source it
# tap: what the shell tests share. To be sourced before anything else:
#
#     . "$UNSTUCK_SRC/harness/tests/tap.sh"
#     unstuck list                      runs the program: its words in $out and $err, its exit code in $code
#     exits 0                           an assertion notes what is wrong
#     says "$out" wg-undercount
#     ok "the scenarios are listed"     prints the test's line, with all that was noted since the last one
#     plan                              at the end
#
# $tmp is a folder of the test's own that goes when it ends, and what the program keeps is kept there: temporary
# files, the cache, the state, the home. Who has more to clean up defines `finish`.
: "${UNSTUCK:?the program}" "${UNSTUCK_SRC:?the sources}" "${UNSTUCK_BUILD:?the build tree}"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/test-XXXXXX") || exit 1
finish() { :; }
tap_end() {
    finish
    chmod -R u+w "$tmp" 2>/dev/null
    rm -rf "$tmp"
}
trap tap_end EXIT
trap 'exit 1' INT TERM HUP

mkdir "$tmp/tmp" "$tmp/home"
export TMPDIR="$tmp/tmp" XDG_CACHE_HOME="$tmp/cache" XDG_STATE_HOME="$tmp/state" HOME="$tmp/home"
unset NO_COLOR CLICOLOR_FORCE CC UNSTUCK_PREFIX GITHUB_STEP_SUMMARY GITHUB_OUTPUT VISUAL EDITOR
# A program with an AddressSanitizer of its own is several times as slow, and judges no differently: where every
# scenario or every schedule is gone through, it goes through some.
sanitized=
! grep -q __asan_init "$UNSTUCK" || sanitized=yes
out=$tmp/out
err=$tmp/err
here=.
number=0
wrong=

# In the folder $here.
unstuck() {
    (cd "$here" && exec "$UNSTUCK" "$@") >"$out" 2>"$err" </dev/null
    code=$?
}

# ---- a test's line ------------------------------------------------------------------------------------

complain() {
    wrong="$wrong
#   $(printf '%s' "$*" | tr '\n' '~')"
}

ok() {
    number=$((number + 1))
    if [ -z "$wrong" ]; then echo "ok $number - $1"; else echo "not ok $number - $1$wrong"; fi
    wrong=
}

# skip NAME WHY: `unavailable: ...` where this machine lacks something.
skip() {
    number=$((number + 1))
    wrong=
    echo "ok $number - $1 # SKIP $2"
}

# For what must PASS, which takes a build that can judge races.
ok_with_races() {
    if [ -x "$UNSTUCK_BUILD/libexec/unstuck/unstuck-runner-tsan" ]; then
        ok "$1"
    else
        skip "$1" "unavailable: this build has no ThreadSanitizer"
    fi
}

# result STATUS NAME: of a command just run; what it left in $out says why not.
result() {
    [ "$1" -eq 0 ] || complain "exit code $1: $(tail -n 20 "$out" 2>/dev/null)"
    ok "$2"
}

plan() { echo "1..$number"; }

# ---- assertions ---------------------------------------------------------------------------------------

some_of() { head -c 1500 "$1"; }
exits() { [ "$code" -eq "$1" ] || complain "exit code $code, not $1: $(some_of "$err")"; }
says() { grep -qF -e "$2" "$1" || complain "no \`$2\` in: $(some_of "$1")"; }
lacks() { ! grep -qF -e "$2" "$1" || complain "\`$2\` in: $(some_of "$1")"; }
matches() { grep -qE -e "$2" "$1" || complain "no match of \`$2\` in: $(some_of "$1")"; }
silent() { [ ! -s "$1" ] || complain "something was said: $(some_of "$1")"; }
one_line() { [ "$(wc -l <"$1")" -eq 1 ] || complain "not one line: $(some_of "$1")"; }
same() { cmp -s "$1" "$2" || complain "$1 and $2 differ: $(diff "$1" "$2" | head -n 4)"; }
clean() { [ -z "$(ls -A "$TMPDIR")" ] || complain "left behind: $(ls -A "$TMPDIR")"; }

# refuses TEXT ARGUMENT...: a usage error is exit 2, one line on stderr that says TEXT, nothing on stdout.
refuses() {
    text=$1
    shift
    unstuck "$@"
    exits 2
    one_line "$err"
    says "$err" "$text"
    silent "$out"
}

# conforms_to SCHEMA FILE; is_result [FILE]: of an unstuck-result/v1.
conforms_to() {
    "$UNSTUCK_BUILD/tests/programs/conforms" "$1" <"$2" 2>"$tmp/why" || complain "$2: $(cat "$tmp/why")"
}
is_result() { conforms_to "$UNSTUCK_SRC/harness/result.schema.json" "${1-$out}"; }
