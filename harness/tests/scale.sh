#!/bin/sh
# What a leak does to a service, at full size: the load driver leaks a hundred thousand tasks (with
# UNSTUCK_LONG a million) within bounds, and its fix stays flat. Prints TAP.
set -u
. "$UNSTUCK_SRC/harness/tests/tap.sh"

tasks=100000
megabytes=1024
# AddressSanitizer's shadow of so many stacks is larger than they are.
grep -q '^UNSTUCK_SANITIZE:STRING=address' "$UNSTUCK_BUILD/CMakeCache.txt" 2>/dev/null && tasks=5000

# Puts load on a variant until so many tasks are alive; its last line says what is left.
load() { # VARIANT TASKS
    "$UNSTUCK" live send-no-receiver --variant "$1" --tasks "$2" --for 1000h --pace 1000000000 | tail -n 1
}

leaks() { # TASKS MEGABYTES
    last=$(load exercise "$1")
    left=$(printf '%s\n' "$last" | sed -n 's/^The load is over\. \([0-9]*\) tasks.*/\1/p')
    used=$(printf '%s\n' "$last" | sed -n 's/.* in \([0-9]*\) MB\.$/\1/p')
    # The load stops near its limit; some of those alive then were only under way and come to an end.
    [ "${left:-0}" -gt $(($1 * 99 / 100)) ]
    result $? "about $1 tasks are left: $last"
    [ "${used:-$2}" -gt 0 ] && [ "${used:-$2}" -lt "$2" ]
    result $? "in less than $2 MB: ${used:-?}"
}

flat() { # SECONDS
    last=$("$UNSTUCK" live send-no-receiver --variant solution --tasks $tasks --for "$1s" --pace 1000000000 |
        tail -n 1)
    [ "$last" = 'The load is over, and so is every task.' ]
    result $? "a fix leaves nothing after $1 s of load: $last"
}

leaks $tasks $megabytes
flat 600
if [ -n "${UNSTUCK_LONG-}" ]; then
    leaks 1000000 $((megabytes * 6))
    flat 36000
fi
plan
