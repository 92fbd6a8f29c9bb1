#!/bin/sh
# What is said of races where an engine is missing, cannot start, or could not see any. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

case=send-no-receiver
if ! [ -x "$UNSTUCK_BUILD/libexec/unstuck/unstuck-runner-tsan" ] ||
    ! [ -x "$UNSTUCK_BUILD/libexec/unstuck/unstuck-runner-hooks" ]; then
    skip 'race engines' 'unavailable: this build lacks one of them'
    plan
    exit
fi

# A program like the one under test, whose engines can be taken away.
home=$tmp/like
mkdir -p "$home/bin" "$home/libexec/unstuck" "$home/lib/unstuck/scenarios/$case"
cp "$UNSTUCK_BUILD/bin/unstuck" "$home/bin/"
UNSTUCK=$home/bin/unstuck
ln -s "$UNSTUCK_BUILD/share" "$home/"
again() {
    rm -f "$home"/libexec/unstuck/* "$home/lib/unstuck/scenarios/$case"/*
    ln -s "$UNSTUCK_BUILD"/libexec/unstuck/* "$home/libexec/unstuck/"
    ln -s "$UNSTUCK_BUILD/lib/unstuck/scenarios/$case"/* "$home/lib/unstuck/scenarios/$case/"
}
solution() { unstuck explore $case --variant solution:buffer_of_one.c; }

again
solution
exits 0
matches "$out" '^PASS '
lacks "$out" 'alone'
ok 'with both it is a pass, and no more words'

rm "$home/libexec/unstuck/unstuck-runner-tsan"
solution
exits 0
matches "$out" '^PASS '
says "$out" 'by our own race engine alone; ThreadSanitizer is unavailable'
ok 'without ThreadSanitizer it says who has judged'

printf '#!/bin/sh\nexit 1\n' >"$home/libexec/unstuck/unstuck-runner-tsan"
chmod +x "$home/libexec/unstuck/unstuck-runner-tsan"
solution
exits 0
says "$out" 'ThreadSanitizer is unavailable'
ok 'so it does where ThreadSanitizer cannot start'

again
rm "$home/libexec/unstuck/unstuck-runner-hooks"
solution
exits 0
says "$out" 'by ThreadSanitizer alone'
ok 'without our own, too'

rm "$home/libexec/unstuck/unstuck-runner-tsan"
solution
exits 4
matches "$out" '^ERROR environment '
says "$out" 'without this check it is no PASS'
ok 'without either it is no pass'

again
ln -sf "$UNSTUCK_BUILD/lib/unstuck/scenarios/$case/solution-buffer_of_one.so" \
    "$home/lib/unstuck/scenarios/$case/solution-buffer_of_one.tsan.so"
solution
exits 4
matches "$out" '^ERROR environment '
says "$out" 'compiled without -fsanitize=thread'
ok 'code in which no race could be seen is no pass'

plan
