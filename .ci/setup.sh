# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # $root comes from the scripts, the lists go to them
# Set-up and build, shared by ./unstuck and ./test, which source this file with $root set.
#
# What these functions say goes to stderr: stdout belongs to the program (`unstuck run --json`).

# The Debian 12 packages, named here and nowhere else. libgcc-12-dev (it comes with gcc) brings
# libasan, libtsan and libbacktrace.
run_packages='gcc libc6-dev cmake ninja-build libncurses-dev libjansson-dev libmd4c-dev libseccomp-dev libxml2-dev'
test_packages="$run_packages libcriterion-dev clang-14 libclang-rt-14-dev clang-format-14 strace tmux libmicrohttpd-dev libxml2-utils perl"

# What a change of means that the program is no longer up to date. The guide is read as it is.
sources='CMakeLists.txt CMakePresets.json core harness tui scenarios solutions'

say() {
    printf 'unstuck: %s\n' "$*" >&2
}

# Nothing the program itself did: it could not be made ready. 4 is its code for an unusable environment.
give_up() {
    say "$@"
    exit 4
}

# make_ready PRESET PACKAGES TARGET...: what both scripts do before they start what they are for.
make_ready() {
    preset=$1
    packages=$2
    shift 2
    build=$root/build/$preset
    if ! mkdir -p "$build" 2>/dev/null || ! [ -w "$build" ]; then
        give_up "cannot write to $build; build as the user who owns it, or in a copy of your own"
    fi
    # Two builds in one folder at once would spoil it. Without flock(1) there is no such guard.
    if command -v flock >/dev/null; then
        exec 9>"$build/lock"
        flock -n 9 || { say "waiting for another build in $build"; flock 9; }
    fi
    install_packages "$packages"
    compile "$@"
    exec 9>&-
}

# Installs those of the packages that are missing. The list that was checked is kept, so that dpkg is
# asked again only when the list changes.
install_packages() {
    checked=$root/build/packages
    if [ -f "$checked" ]; then
        while read -r line; do
            [ "$line" = "$1" ] && return
        done <"$checked"
    fi

    if ! command -v dpkg-query >/dev/null; then
        say "this is not a Debian or Ubuntu system; going on as if these packages were there: $1"
        return
    fi
    missing=$(missing_packages "$1")
    if [ -n "$missing" ]; then
        say "these Debian packages are missing: $missing"
        sudo=
        if [ "$(id -u)" -ne 0 ]; then
            sudo=sudo
            command -v sudo >/dev/null || give_up "as root, do: apt-get install -y $missing"
        fi
        by_hand="to do it yourself: ${sudo:+sudo }apt-get install -y $missing"
        agreed || give_up "nothing was installed; $by_hand"
        say 'installing them'
        log=$root/build/apt.log
        # shellcheck disable=SC2086 # lists of words
        if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
            cat "$log" >&2
            give_up "that failed; $by_hand"
        fi
    fi
    printf '%s\n' "$1" >>"$checked"
    # Whatever CMake did not find before may be there now.
    rm -f "$root"/build/*/configured
}

missing_packages() {
    # shellcheck disable=SC2016,SC2086 # dpkg's own variables; a list of words
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $1 2>/dev/null)
    list=
    for package in $1; do
        case "
$installed
" in
        *"
installed $package
"*) ;;
        *) list="$list${list:+ }$package" ;;
        esac
    done
    printf '%s\n' "$list"
}

# Asks, where there is somebody to ask.
agreed() {
    if [ -n "${yes-}" ] || [ -n "${CI-}" ] || [ ! -t 0 ]; then
        return 0
    fi
    printf 'unstuck: install them with %s now? [Y/n] ' "${sudo:+sudo }apt-get" >&2
    read -r answer || return 1
    case $answer in
    '' | [Yy]*) return 0 ;;
    *) return 1 ;;
    esac
}

# Is everything in $1 newer than every source? A file that was added or removed makes its folder newer.
# This costs a millisecond or two, where asking ninja costs ten or more times that.
up_to_date() {
    [ -f "$1" ] || return 1
    # shellcheck disable=SC2086 # a list of words
    [ -z "$(cd "$root" && find $sources -newer "$1" -print -quit 2>/dev/null)" ]
}

# Brings the targets up to date in $build. One line of progress; a compiler's complaints in full.
compile() {
    # As old as the sources that are read below: an edit made during the build is not missed.
    : >"$build/started"
    configure
    log=$build/build.log
    if [ -t 2 ]; then
        (cd "$build" && NINJA_STATUS='unstuck: building [%f/%t] ' ninja "$@") >&2
    else
        say "building $preset"
        ninja -C "$build" --quiet "$@" >"$log" 2>&1 || { cat "$log" >&2; false; }
    fi || {
        program_alone "$@" || give_up 'the build failed'
        say 'a case does not compile, see above; going on with the rest'
        return
    }
    mv "$build/started" "$build/built"
}

# An exercise that somebody is working on may not compile. That is no reason not to start the program,
# which says so in its own words: $lenient asks for it, and all that does compile is built.
program_alone() {
    [ -n "${lenient-}" ] || return 1
    ninja -C "$build" --quiet unstuck unstuck-runner >"$log" 2>&1 || return 1
    ninja -C "$build" --quiet -k 0 "$@" >"$log" 2>&1
    return 0
}

# Runs CMake when it has not run yet, when files came or went (it lists the sources only when it runs),
# and when what it reads changed (ninja would see that too, but not a preset, and not quietly).
configure() {
    # shellcheck disable=SC2086 # a list of words
    (
        cd "$root" && pwd # CMake keeps absolute paths: a tree that was moved is configured anew
        find $sources .ci/tests -type f \( -name '*.[chS]' -o -name '*.sh' \) 2>/dev/null | sort
    ) >"$build/listing"
    if [ -f "$build/build.ninja" ] && cmp -s "$build/listing" "$build/configured" &&
        [ -z "$(cd "$root" && find CMake* core harness tui scenarios \( -name 'CMake*' -o -name '*.txt' \) \
            -newer "$build/configured" -print -quit 2>/dev/null)" ]; then
        return
    fi
    say "configuring $preset"
    log=$build/configure.log
    # --fresh forgets what CMake found before, for a tree that was moved or a compiler that is gone.
    if ! { (cd "$root" && cmake --preset "$preset") >"$log" 2>&1 ||
        (cd "$root" && cmake --fresh --preset "$preset") >"$log" 2>&1; }; then
        cat "$log" >&2
        give_up 'CMake failed'
    fi
    grep '^unstuck: ' "$log" >&2 # what our own CMakeLists have to say
    mv "$build/listing" "$build/configured"
}
