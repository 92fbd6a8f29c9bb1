// fault: before a signal kills the process, the parent is told what kind of end that is.
//
// Code that never calls the core again is not ended by anything in here: the parent, which sees no
// sign of life for so much CPU time, sends SIGXCPU. The handler unwinds the stack that was interrupted
// and names the innermost source line of the program under test. If that goes wrong (a lock of the loader
// was held), the process ends all the same, and the parent says where the task called the core last.
//
// Rejected: following frame pointers. The C library has none, and among the words of its frames lie return
// addresses of earlier calls, which name a line that is long past.
#include "harness/runner/runner.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unwind.h>

enum { FRAMES = 64 };

static struct shared *told;

// --- crashes ------------------------------------------------------------------------------------------

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

// --- where it computes --------------------------------------------------------------------------------

struct stack_walk {
    void **frames;
    int count;
};

// Every place is looked up one byte before, since most are where a call returns to.
static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *user) {
    struct stack_walk *w = user;
    int exact = 0;
    uintptr_t pc = _Unwind_GetIPInfo(context, &exact);
    w->frames[w->count++] = (void *)(pc + (exact ? 1 : 0));
    return w->count < FRAMES ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void on_hang(int signal_number, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    void *frames[FRAMES];
    struct stack_walk walk = {.frames = frames};
    if (atomic_load(&told->state) == RUNNER_RUNNING) {
        atomic_store(&told->hang.state, HANG_NAMING);
        _Unwind_Backtrace(note_frame, &walk);
        struct place at = place_of_frames(frames, walk.count);
        memcpy(told->hang.file, at.file, sizeof told->hang.file);
        memcpy(told->hang.function, at.function, sizeof told->hang.function);
        told->hang.line = at.line;
        atomic_store(&told->hang.state, HANG_NAMED);
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void fault_watch(struct shared *shared) {
    static char stack[256 * 1024];
    told = shared;
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
    action.sa_sigaction = on_hang;
    sigaction(SIGXCPU, &action, NULL);
}
