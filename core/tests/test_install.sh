#!/bin/sh
# The core alone: a copy of its folder builds, tests and installs itself, and other projects use what
# is installed, found by CMake and by pkg-config, also after it was moved.
set -u
out=$TMPDIR/out
alone=$TMPDIR/alone
n=0
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$UNSTUCK_BUILD/CMakeCache.txt")

# A build under AddressSanitizer changes nothing of this.
case $(sed -n 's/^UNSTUCK_SANITIZE:[A-Z]*=//p' "$UNSTUCK_BUILD/CMakeCache.txt") in
address)
    echo '1..0 # SKIP left to the plain build'
    exit
    ;;
esac

# check WHAT: by the status of the command before it.
check() {
    status=$?
    n=$((n + 1))
    if [ $status -eq 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        tail -n 40 "$out" | sed 's/^/# /'
    fi
}

finish() {
    echo "1..$n"
    exit 0
}

# The variables of the build that runs this test are not for the one in here.
unset UNSTUCK DESTDIR CFLAGS LDFLAGS

# --- build, test, install -----------------------------------------------------------------------------------

mkdir "$alone" && cp -R "$UNSTUCK_SRC/core" "$alone/core"
cmake -S "$alone/core" -B "$alone/build" -G Ninja "-DCMAKE_C_COMPILER=$cc" >"$out" 2>&1 &&
    ninja -C "$alone/build" >>"$out" 2>&1
check 'a copy of the folder builds by itself'
[ -f "$alone/build/libunstuck-core.a" ] || finish

if grep -q 'UNSTUCK_CRITERION:FILEPATH=/' "$alone/build/CMakeCache.txt"; then
    ninja -C "$alone/build" core_chan core_heap example-sieve >"$out" 2>&1 &&
        ctest --test-dir "$alone/build" -R 'core_(chan|heap)$' >>"$out" 2>&1 &&
        grep -q '100% tests passed, 0 tests failed out of 2' "$out"
    check 'ctest runs its tests'
    # What ctest would do with a shell test that fails.
    printf '#!/bin/sh\necho "ok 1 - a"\necho "not ok 2 - b"\necho 1..2\n' >"$alone/core/tests/test_races.sh"
    ! ctest --test-dir "$alone/build" -R 'core_races.sh$' >"$out" 2>&1 && grep -q 'Failed' "$out"
    check 'ctest sees a shell test fail'
else
    n=$((n + 1))
    echo "ok $n - ctest runs its tests # SKIP unavailable: needs Criterion"
fi

cmake --install "$alone/build" --prefix "$alone/first" >"$out" 2>&1
check 'it installs'
mkdir -p "$alone/moved" && mv "$alone/first" "$alone/moved/prefix" && rm -rf "$alone/core" "$alone/build"
prefix=$alone/moved/prefix
for file in include/unstuck/core/core.h share/man/man3/unstuck-core.3 share/unstuck-core/gdb/unstuck-gdb.py; do
    [ -f "$prefix/$file" ] || echo "$file is missing" >>"$out"
done
! grep 'is missing' "$out" >/dev/null
check 'headers, manual page and the script for gdb are there'

# --- a project of somebody else -----------------------------------------------------------------------------

mkdir "$alone/user" && cd "$alone/user" || exit 1
awk '/^\.nf$/ { nf++ } nf == 3' "$UNSTUCK_SRC/core/unstuck-core.3" | sed -n '/^#include/,/^\.fi/p' |
    sed '/^\.fi/d; s/\\en/\\n/g' >program.c
printf '1\n4\n9\n' >expected
cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
find_package(unstuck-core 0.1 REQUIRED)
add_executable(program program.c)
target_link_libraries(program PRIVATE unstuck::core)
target_compile_options(program PRIVATE -Wall -Wextra -Werror)
END
cmake -S . -B build -G Ninja "-DCMAKE_C_COMPILER=$cc" "-DCMAKE_PREFIX_PATH=$prefix" >"$out" 2>&1 &&
    cmake --build build >>"$out" 2>&1 && build/program >said 2>>"$out" && cmp expected said >>"$out" 2>&1
check 'find_package: the program of the manual page builds and runs'

sed 's/unstuck-core 0.1/unstuck-core 7/' CMakeLists.txt >wrong && mkdir wrong-version &&
    mv wrong wrong-version/CMakeLists.txt
! cmake -S wrong-version -B wrong-build -G Ninja "-DCMAKE_C_COMPILER=$cc" "-DCMAKE_PREFIX_PATH=$prefix" >"$out" 2>&1 &&
    grep -q 'compatible with requested' "$out"
check 'find_package: another version is not taken for it'

if command -v pkg-config >/dev/null; then
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name unstuck-core.pc)")
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2046 # lists of flags
    "$cc" -std=gnu17 -Wall -Wextra -Werror -o program program.c \
        $(pkg-config --cflags --libs unstuck-core) >"$out" 2>&1 &&
        ./program >said 2>>"$out" && cmp expected said >>"$out" 2>&1
    check 'pkg-config: the same'
    [ "$(pkg-config --modversion unstuck-core 2>"$out")" = 0.1.0 ]
    check 'pkg-config: the version'
else
    n=$((n + 1))
    echo "ok $n - pkg-config # SKIP unavailable: needs pkg-config"
fi

: >"$out"
for header in "$prefix"/include/unstuck/core/*.h; do
    printf '#include "core/%s"\n' "$(basename "$header")" |
        "$cc" -std=gnu17 -Wall -Wextra -Werror -fsyntax-only "-I$prefix/include/unstuck" -xc - >>"$out" 2>&1 ||
        echo "$header" >>"$out"
done
! [ -s "$out" ]
check 'each header that is installed stands on its own'

finish
