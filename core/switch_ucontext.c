// switch where there is no assembly for the machine: POSIX ucontext. Slow (two system calls a
// switch) and only a fallback; the interface is the same, the "stack pointer" is a ucontext.
#include "core/switch.h"

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

struct start {
    ucontext_t context;
    void (*entry)(void *);
    void *arg;
};

// makecontext passes ints: the pointer travels in two halves.
static void trampoline(unsigned high, unsigned low) {
    struct start *s = (struct start *)(((uintptr_t)high << 32) | low);
    s->entry(s->arg);
}

void stack_switch(void **save, void *to) {
    ucontext_t here;
    *save = &here;
    swapcontext(&here, to);
}

// The start record sits at the top of the new stack; the stack proper is the 48 KB below it.
void *stack_prepare(void *top, void (*entry)(void *), void *arg) {
    enum { USABLE = 48 * 1024 };
    struct start *s = (struct start *)(((uintptr_t)top - sizeof *s) & ~(uintptr_t)63);
    getcontext(&s->context);
    s->entry = entry;
    s->arg = arg;
    s->context.uc_stack.ss_sp = (char *)s - USABLE;
    s->context.uc_stack.ss_size = USABLE;
    s->context.uc_link = NULL;
    uintptr_t p = (uintptr_t)s;
    makecontext(&s->context, (void (*)(void))trampoline, 2, (unsigned)(p >> 32), (unsigned)p);
    return &s->context;
}
