// fault: before a signal kills the process, the parent is told what kind of end that is.
//
// Code that never calls the core again is not ended by anything in here: the parent, which sees no
// sign of life for so much CPU time, sends SIGXCPU. The handler walks the frame pointers of the
// stack that was interrupted and names the innermost source line of the program under test. If that goes
// wrong (a lock of the loader was held, a register was no frame pointer), the process ends all the
// same, and the parent says where the task called the core last.
#include "harness/runner/runner.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

enum { WORDS = 32, FRAMES = 24 };

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

struct registers {
    uintptr_t pc, frame, stack;
};

static struct registers registers_of(const ucontext_t *context) {
#if defined(__x86_64__)
    const greg_t *r = context->uc_mcontext.gregs;
    return (struct registers){(uintptr_t)r[REG_RIP], (uintptr_t)r[REG_RBP], (uintptr_t)r[REG_RSP]};
#elif defined(__aarch64__)
    const mcontext_t *m = &context->uc_mcontext;
    return (struct registers){m->pc, m->regs[29], m->sp};
#else
    (void)context;
    return (struct registers){0};
#endif
}

// What may be return addresses, innermost first: where it is (made to look like one: a place is
// looked up one byte before), then every word up to the next known frame, since functions of the C
// library have none, then those of the frames. A frame begins with the address of its caller's and
// the return address; frames lie upwards, within one stack.
__attribute__((no_sanitize("address"))) static int walk(const struct registers *r, void **frames) {
    const uintptr_t reach = 64 * 1024;
    uintptr_t frame = r->frame, below = r->stack;
    int count = 0;
    frames[count++] = (void *)(r->pc + 1);
    for (uintptr_t at = below; count <= WORDS && frame - at < reach && at < frame; at += sizeof at)
        frames[count++] = *(void *const *)at;
    while (count < WORDS + FRAMES && frame % sizeof frame == 0 && frame >= below &&
           frame - r->stack < reach) {
        const uintptr_t *f = (const uintptr_t *)frame;
        below = frame + sizeof frame;
        frame = f[0];
        frames[count++] = (void *)f[1];
    }
    return count;
}

static void on_hang(int signal_number, siginfo_t *info, void *context) {
    (void)info;
    void *frames[WORDS + FRAMES + 1];
    if (atomic_load(&told->state) == RUNNER_RUNNING) {
        struct registers r = registers_of(context);
        atomic_store(&told->hang.state, HANG_NAMING);
        struct place at = place_of_frames(frames, walk(&r, frames));
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
