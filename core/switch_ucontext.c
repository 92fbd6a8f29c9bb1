// switch where there is no assembly for the machine: POSIX ucontext. Slow (two system calls a
// switch) and only a fallback.
//
// Invariants: the "stack pointer" is a ucontext; it lies on the stack that it belongs to, so it is
// there as long as somebody may switch to it.
//
// Rejected: setjmp and longjmp after a first makecontext (glibc mangles what they keep, and looks at
// where they jump when it is fortified).
#include "core/switch.h"

#ifdef UNSTUCK_UCONTEXT

#include <ucontext.h>

// What a new stack begins with.
struct start {
    ucontext_t context; // until its first switch
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
