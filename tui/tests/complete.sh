#!/bin/sh
# Completion in bash, zsh and fish, the manual page, and that all of it comes from the program's own tables.
# Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"
unset -f unstuck # it is called by its name here

cd "$tmp" || exit 1
mkdir bin
ln -s "$UNSTUCK" bin/unstuck
PATH=$tmp/bin:$PATH
export UNSTUCK_PREFIX=$UNSTUCK_BUILD

offers() { # WORD... -- CANDIDATE...: exactly these, in this order
    words=
    while [ "$1" != -- ]; do
        words="$words '$1'"
        shift
    done
    shift
    got=$(eval "unstuck dev complete --$words" | cut -f1 | tr '\n' ' ')
    [ "$got" = "$* " ] || [ "$got" = "$*" ] || complain "for$words: $got, not $*"
}

offers r -- run replay reset
offers explore -- explore
offers '' -- "$(unstuck --help | sed -n 's/^  unstuck \([a-z]\{1,\}\) .*/\1/p' | grep -v '^the$' | tr '\n' ' ' | sed 's/ $//')"
ok "the commands"

scenarios=$(unstuck list | awk '$1 ~ /^[0-9]+$/ {print $2}' | tr '\n' ' ')
# shellcheck disable=SC2086 # a list
{
    offers run '' -- ${scenarios}all
    offers hint '' -- $scenarios
    offers run all '' --
    offers replay wg -- wg-undercount@x1
}
ok "the scenarios, where there is one to be named"

for command in $(unstuck dev complete -- '' | cut -f1); do
    takes=$(unstuck "$command" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p' | sort | tr '\n' ' ')
    got=$(unstuck dev complete -- "$command" -- | cut -f1 | sort | tr '\n' ' ')
    [ "$got" = "$takes" ] || complain "$command: $got, not $takes"
done
ok "the flags of each command are those of its help"

offers run send-no-receiver --variant solution:b -- solution:buffer_of_one.c
offers run --variant exe -- exercise
offers explore wg-undercount --color '' -- auto always never
offers run --schedule ctx -- ctx-detached@x1
offers dev completion '' -- bash zsh fish
offers nonsense '' --
offers run send-no-receiver --budget '' --
ok "the values of flags"

written=$UNSTUCK_BUILD/share
for file in man/man1/unstuck.1 bash-completion/completions/unstuck zsh/site-functions/_unstuck \
    fish/vendor_completions.d/unstuck.fish; do
    [ -s "$written/$file" ] || complain "$written/$file is not there"
done
unstuck dev completion tcsh >out 2>err
[ $? -eq 2 ] || complain "tcsh is not refused"
grep -q 'for bash, zsh or fish; not `tcsh`' err || complain "$(cat err)"
ok "what is installed is there, and no other shell"

for command in $(unstuck dev complete -- '' | cut -f1); do
    grep -q "^\.B $command" "$written/man/man1/unstuck.1" || complain "no $command"
done
if command -v groff >/dev/null; then
    warned=$(groff -man -Tutf8 -ww "$written/man/man1/unstuck.1" 2>&1 >page)
    [ -z "$warned" ] || complain "groff: $warned"
    grep -q -e '--variant' page || complain "no --variant"
fi
ok "the manual page has every command, and nothing that groff warns of"

if command -v bash >/dev/null; then
    in_bash() { # LINE WORD...: the line as typed, and as bash breaks it
        line=$1
        shift
        # shellcheck disable=SC2016 # bash's own
        bash -c '. "$0"; COMP_LINE=$1; COMP_POINT=${#1}; shift; COMP_WORDS=("$@")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _unstuck; echo "${COMPREPLY[@]}"' \
            "$written/bash-completion/completions/unstuck" "$line" "$@"
    }
    [ "$(in_bash 'unstuck rep' unstuck rep)" = replay ] || complain "rep: $(in_bash 'unstuck rep' unstuck rep)"
    got=$(in_bash 'unstuck run send-no-receiver --variant solution:b' unstuck run send-no-receiver --variant \
        solution : b)
    [ "$got" = buffer_of_one.c ] || complain "behind a colon: $got"
    got=$(in_bash 'unstuck replay wg-undercount@' unstuck replay wg-undercount @)
    [ "$got" = x1 ] || complain "behind an at: $got"
    ok "bash"
else
    skip "bash" "unavailable: bash is not installed"
fi

if command -v zsh >/dev/null; then
    zsh -n "$written/zsh/site-functions/_unstuck" 2>err || complain "$(cat err)"
    # shellcheck disable=SC2016 # zsh's own
    got=$(zsh -fc '_describe() { print -l -- ${(P)2%%:*} }; compdef() { :; }; . "$0"
        words=(unstuck rep); CURRENT=2; _unstuck' "$written/zsh/site-functions/_unstuck")
    [ "$got" = replay ] || complain "$got"
    ok "zsh"
else
    skip "zsh" "unavailable: zsh is not installed"
fi

if command -v fish >/dev/null; then
    got=$(HOME=$tmp fish --no-config -c "source '$written/fish/vendor_completions.d/unstuck.fish'
        complete -C 'unstuck rep'" | cut -f1)
    [ "$got" = replay ] || complain "$got"
    ok "fish"
else
    skip "fish" "unavailable: fish is not installed"
fi
plan
