// switch where there is no assembly for the machine: POSIX ucontext. Slow (two system calls a
// switch) and only a fallback; the interface is the same, the "stack pointer" is a ucontext.
#include "core/switch.h"

#ifdef UNSTUCK_UCONTEXT

#include <ucontext.h>

struct start {
    ucontext_t context;
};

void ucontext_switch(struct resume *from, const struct resume *to) {
    ucontext_t here;
    from->sp = &here;
    swapcontext(&here, to->sp);
}

// The start record sits at the top of the new stack; the stack proper is what lies below it.
void ucontext_prepare(struct resume *r, void *top, void (*entry)(void)) {
    enum { USABLE = 48 * 1024 };
    struct start *s = (struct start *)(((uintptr_t)top - sizeof *s) & ~(uintptr_t)63);
    getcontext(&s->context);
    s->context.uc_stack.ss_sp = (char *)s - USABLE;
    s->context.uc_stack.ss_size = USABLE;
    s->context.uc_link = NULL;
    makecontext(&s->context, entry, 0);
    *r = (struct resume){.sp = &s->context};
}

#endif
