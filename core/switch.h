// switch: from one stack to another. The whole machine-dependent part of the core.
//
// The switch is inline assembly that declares every register as changed: the compiler then saves
// around it what it still needs, where it needs it, and the frame of whoever parked is an ordinary
// one, which debuggers walk by its own unwind tables from `pc`, `sp` and `fp`.
//
// It leaves by an indirect jump. Tasks that all park in one function all go on at one address, which
// is predicted; a `ret` to another stack than the call came from is not (10 ns a switch where it was
// measured; the functions above it, whose returns are as little predictable, cost that as it is).
// The floating-point control words (MXCSR, x87) are not saved: no task of ours changes them, and
// saving costs more than the rest.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Where a stack that is not running goes on.
struct resume {
    void *sp;
    void *fp; // the frame pointer, 0 in the first frame: parked stacks are walked from here
    void *pc;
};

// Goes on at *to, and notes in *from where the caller will go on when somebody switches to it.
static inline void stack_switch(struct resume *from, const struct resume *to);

// Fills in *r so that the first switch to it calls entry(), which must not return, on the stack
// whose highest usable address is `top`, a multiple of 16.
static inline void stack_prepare(struct resume *r, void *top, void (*entry)(void));

// Calls fn(arg) on the stack whose highest usable address is `top`, a multiple of 16, and comes back
// to this one. The caller needs a frame pointer: by it debuggers walk from there to here.
static inline void stack_call(void *top, void (*fn)(void *arg), void *arg);

// STACK_BOTTOM comes first in `entry`: it has no caller, and every walk of the stack ends there.
//
// REGISTERS_FORGET before it calls anything else: what the task that ran before left in registers
// that functions save would stay on the new stack, and count as known to this task (reach.c).

#if defined(UNSTUCK_UCONTEXT)

void ucontext_switch(struct resume *from, const struct resume *to);
void ucontext_prepare(struct resume *r, void *top, void (*entry)(void));

#define STACK_BOTTOM     ((void)0)
#define REGISTERS_FORGET ((void)0)

static inline void stack_switch(struct resume *from, const struct resume *to) {
    ucontext_switch(from, to);
}

static inline void stack_prepare(struct resume *r, void *top, void (*entry)(void)) {
    ucontext_prepare(r, top, entry);
}

// There are no small stacks here, so nobody needs another.
static inline void stack_call(void *top, void (*fn)(void *arg), void *arg) {
    (void)top;
    fn(arg);
}

#elif defined(__x86_64__)

#ifdef __CET__
#define LANDING "endbr64\n\t"
#else
#define LANDING ""
#endif

// What there is besides where the core is compiled for such a machine.
#ifdef __AVX512F__
#define WIDE_REGISTERS                                                                             \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",    \
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6",  \
        "k7"
#else
#define WIDE_REGISTERS
#endif

#define STACK_BOTTOM __asm__ volatile(".cfi_undefined rip")
#define REGISTERS_FORGET                                                                           \
    __asm__ volatile("xorl %%ebx, %%ebx\n\t"                                                       \
                     "xorl %%r12d, %%r12d\n\t"                                                     \
                     "xorl %%r13d, %%r13d\n\t"                                                     \
                     "xorl %%r14d, %%r14d\n\t"                                                     \
                     "xorl %%r15d, %%r15d" ::                                                      \
                         : "rbx", "r12", "r13", "r14", "r15", "cc")

// rbp cannot be declared as changed where it is the frame pointer; it is swapped by hand.
__attribute__((always_inline)) static inline void stack_switch(struct resume *from,
                                                               const struct resume *to) {
    __asm__ volatile("movq %%rsp, 0(%0)\n\t"
                     "movq %%rbp, 8(%0)\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "movq %%rax, 16(%0)\n\t"
                     "movq 0(%1), %%rsp\n\t"
                     "movq 8(%1), %%rbp\n\t"
                     "jmpq *16(%1)\n"
                     "1:\n\t" LANDING
                     : "+D"(from), "+S"(to)
                     :
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc",
                       "memory" WIDE_REGISTERS);
}

// As a call would leave it: the return address, here 0, below a multiple of 16.
static inline void stack_prepare(struct resume *r, void *top, void (*entry)(void)) {
    uintptr_t *sp = (uintptr_t *)top - 1;
    *sp = 0;
    *r = (struct resume){.sp = sp, .fp = NULL, .pc = (void *)(uintptr_t)entry};
}

__attribute__((always_inline)) static inline void stack_call(void *top, void (*fn)(void *arg),
                                                             void *arg) {
    __asm__ volatile("movq %%rsp, %%rbx\n\t"
                     "movq %[top], %%rsp\n\t"
                     "callq *%[fn]\n\t"
                     "movq %%rbx, %%rsp"
                     : "+D"(arg), [top] "+S"(top), [fn] "+a"(fn)
                     :
                     : "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2",
                       "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
                       "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
}

#elif defined(__aarch64__)

#define STACK_BOTTOM __asm__ volatile(".cfi_undefined x30")
#define REGISTERS_FORGET                                                                           \
    __asm__ volatile("mov x19, xzr\n\tmov x20, xzr\n\tmov x21, xzr\n\tmov x22, xzr\n\t"            \
                     "mov x23, xzr\n\tmov x24, xzr\n\tmov x25, xzr\n\tmov x26, xzr\n\t"            \
                     "mov x27, xzr\n\tmov x28, xzr" ::                                             \
                         : "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28")

// x16 and x17 are what a branch to a function may come from (BTI); x29 is swapped by hand.
__attribute__((always_inline)) static inline void stack_switch(struct resume *from,
                                                               const struct resume *to) {
    register struct resume *x0 __asm__("x0") = from;
    register const struct resume *x1 __asm__("x1") = to;
    __asm__ volatile("mov x16, sp\n\t"
                     "adr x17, 1f\n\t"
                     "stp x16, x29, [x0]\n\t"
                     "str x17, [x0, #16]\n\t"
                     "ldp x16, x29, [x1]\n\t"
                     "ldr x17, [x1, #16]\n\t"
                     "mov sp, x16\n\t"
                     "br x17\n"
                     "1:\n\t"
                     "hint #36\n\t" // bti j
                     : "+r"(x0), "+r"(x1)
                     :
                     : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
                       "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24",
                       "x25", "x26", "x27", "x28", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6",
                       "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17",
                       "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",
                       "v29", "v30", "v31", "cc", "memory");
}

static inline void stack_prepare(struct resume *r, void *top, void (*entry)(void)) {
    *r = (struct resume){.sp = top, .fp = NULL, .pc = (void *)(uintptr_t)entry};
}

__attribute__((always_inline)) static inline void stack_call(void *top, void (*fn)(void *arg),
                                                             void *arg) {
    register void *x0 __asm__("x0") = arg;
    register void *x1 __asm__("x1") = top;
    register void (*x2)(void *) __asm__("x2") = fn;
    __asm__ volatile("mov x19, sp\n\t"
                     "mov sp, x1\n\t"
                     "blr x2\n\t"
                     "mov sp, x19"
                     : "+r"(x0), "+r"(x1), "+r"(x2)
                     :
                     : "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
                       "x15", "x16", "x17", "x19", "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6",
                       "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17",
                       "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",
                       "v29", "v30", "v31", "cc", "memory");
}

#else
#error "no stack switch for this machine: build with -DUNSTUCK_SWITCH=ucontext"
#endif
