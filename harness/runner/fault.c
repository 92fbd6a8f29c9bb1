// fault: before a crash kills the process, the parent is told what kind it was.
#include "harness/runner/runner.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct shared *told;

// Only stores and async-signal-safe calls: any lock may be held here.
static void on_fault(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    const char *name;
    uint32_t number, kilobytes;
    if (stack_fault(info->si_addr, &name, &number, &kilobytes)) {
        told->fault_task = number;
        told->fault_kilobytes = kilobytes;
        for (size_t i = 0; i + 1 < sizeof told->fault_name && name[i]; i++)
            told->fault_name[i] = name[i];
    }
    told->fault_address = (uint64_t)(uintptr_t)info->si_addr;
    atomic_store(&told->fault_signal, signal_number);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void fault_watch(struct shared *shared) {
    static char stack[64 * 1024];
    told = shared;
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}
