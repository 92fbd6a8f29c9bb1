#!/bin/sh
# The core on aarch64, by a cross compiler and qemu (Debian: gcc-aarch64-linux-gnu, qemu-user), at each level
# of optimisation, for what a stack switch must not lose depends on what the compiler keeps where. Skipped
# where they are not installed.
set -u
core=$UNSTUCK_SRC/core
out=$TMPDIR/out
n=0

skip() {
    echo "1..0 # SKIP $1"
    exit 0
}
command -v aarch64-linux-gnu-gcc >"$out" || skip "no aarch64-linux-gnu-gcc (Debian: gcc-aarch64-linux-gnu)"
command -v qemu-aarch64 >"$out" || skip "no qemu-aarch64 (Debian: qemu-user)"

# build LEVEL: the core, as for this machine.
build() {
    mkdir -p "$TMPDIR/$1" && cd "$TMPDIR/$1" &&
        aarch64-linux-gnu-gcc "$1" -g -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -fno-omit-frame-pointer \
            -I"$UNSTUCK_SRC" -c "$core"/*.c && cd - >"$out"
}

# run LEVEL SOURCE: prints what it prints.
run() {
    aarch64-linux-gnu-gcc "$1" -g -std=gnu17 -D_GNU_SOURCE -I"$UNSTUCK_SRC" -static -o "$TMPDIR/program" \
        "$core/$2" "$TMPDIR/$1"/*.o && timeout 100 qemu-aarch64 "$TMPDIR/program"
}

# check WHAT: by the status of the command before it.
check() {
    status=$?
    n=$((n + 1))
    if [ $status -eq 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed 's/^/# /' "$out"
    fi
}

for level in -O1 -O2; do
    build $level >"$out" 2>&1
    check "$level: the core compiles without a warning"
    for example in sieve fan_in pipeline; do
        run $level examples/$example.c >"$out" 2>&1
        sed -n 's|^// prints: ||p' "$core/examples/$example.c" | cmp -s - "$out"
        check "$level: $example"
    done
    for work in pingpong select8 mutex_contended spawn_join; do
        run $level bench/$work.c >"$out" 2>&1
        check "$level: $work, a hundred thousand switches"
    done
done
echo "1..$n"
