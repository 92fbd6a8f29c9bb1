// main: a root function as a program of its own, for what uses the core without a harness.
//
//     static void root(void *arg) { ... }
//
//     int main(void) {
//         return run_main(root, NULL);
//     }
#pragma once

#include "core/task.h"

// Runs root(arg) by the wall's clock, with real sockets (CLOCK_WALL in run.h), until nothing can
// happen any more. With no limits but the machine's: 1,048,575 tasks at once, 16 GB for the run. What
// goes wrong is said on stderr as Go says it, and in the result, which is meant as an exit code:
//   0  every task has ended (daemons may be left)
//   1  tasks are left that can never run again: a table of them
//   2  a panic, or the root can never run again: the deadlock, with the table
// Of more than 1,000 tasks the table tells how many wait for what. A task that overflows its stack is
// named, and the process dies of its SIGSEGV (a small one, of SIGABRT too). The handlers of SIGSEGV
// and SIGBUS, and the stack for handlers, are the run's meanwhile.
int run_main(task_fn *root, void *arg);
