// panic: a task that cannot go on, what it still does on its way out, and who may stop that.
//
//     Go                                        here
//     -----------------------------------------------------------------------------------------
//     defer wg.Done()                           defer(waitgroup_done, wg);        // of this block
//     func f() {                                void f(void) {
//                                                   deferring();                  // f has a frame
//         for ... { defer g(x) }                    for (...) defer_to_return(g, x);
//     func f() (n int) {                        int f(void) { int n = 0; deferring(n);
//         return 5  // n = 5, then the calls        n = 5; return_named(n);
//     func f() int { return 5 }                     return 5; // evaluated first, then the calls
//     defer func() { ... n ... }()              DEFERRED(name, int *n;) { ... *a->n ... }
//                                               defer_to_return(name, .n = &n);
//     panic("no such key")                      panic("no such key");
//     panic(v)                                  panic_value(v, "words for v");
//     if r := recover(); r != nil { use(r) }    const panicked *r = recover(); if (r) use(r->value);
//     panic(r)                                  panic_again(r);
//     runtime.Goexit()                          goexit();
//
// A panic runs the task's deferred calls, newest first, on top of the stack that panicked. When one
// of them recovers, the function that deferred it makes its remaining calls and returns to its
// caller; when none does, the run ends with the verdict `panic`. goexit runs all of them and ends
// the task; nothing recovers from it. A panic within a deferred call takes the place of the one
// that runs it, and Go's words for the end tell both:
//
//     panic: no such key [recovered]
//         panic: closed twice
//
// Who is killed (the run is over, by whatever way) or waits for ever makes no deferred call. A panic
// that meets a call which waits for ever waits with it.
//
// What C makes different:
//   - `defer` belongs to its block, and its call is made when the block is left. On panic and goexit
//     both kinds of deferred calls are made in one order, newest first. Calls deferred to the return
//     of a function are made after those of its blocks, also where they are newer.
//   - only a function with `deferring` can be returned from by recover. It stands before the first
//     defer of the function. A deferred call of a function without it that recovers panics.
//   - what such a function returns then is the variable named in `deferring`; what a `return` has
//     evaluated already is lost. Other variables need not be volatile: nobody reads them.
//   - only calls made by `defer` and `defer_to_return` are made on panic. A cleanup attribute of
//     one's own is not, and a longjmp out of a block that has deferred calls is undefined.
//   - a recover counts when the function that it stands in is the very function that was deferred
//     and the panic (not a return) is calling it: not in a function called from there, not in a
//     further call of the same function. On machines other than x86-64 and aarch64 a recursive call
//     of the same function counts.
//   - what Go calls a fatal error (unlock of an unlocked mutex, no memory, too many tasks) makes
//     no deferred call and cannot be recovered from.
#pragma once

#include "core/base.h"

#include <setjmp.h>

// The only variables read after the jump to `deferring` are in memory, for their addresses were
// taken before it. gcc warns of all others, too.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wclobbered"
#endif

// --- panic, recover, goexit -----------------------------------------------------------------------

// A panic, as recover hands it over. It belongs to the run; run_free gives it back early.
typedef struct panicked {
    const char *text; // the sentence, without "panic: "; cut off after 400 bytes
    void *value;      // what panic_value was given, NULL for a sentence
    site *at;         // where
} panicked;

// Begins to panic with the formatted sentence. Does not return: the caller's function ends, as do
// those that called it, up to the one that recovers. Outside of a run it aborts the process.
#define panic(...) panic_at(HERE, __VA_ARGS__)
_Noreturn void panic_at(site *at, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The same with a value for whoever recovers, kept by pointer: it must not lie in a function that
// the panic ends. The sentence says in words what Go would print of it.
#define panic_value(value, ...) panic_value_at((value), HERE, __VA_ARGS__)
_Noreturn void panic_value_at(void *value, site *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Panics with what was recovered: the same sentence and value, from here.
#define panic_again(p) panic_again_at((p), HERE)
_Noreturn void panic_again_at(const panicked *p, site *at);

// Ends the run at once, as Go's fatal errors do: no deferred call is made, nobody recovers.
_Noreturn void panic_fatal_at(site *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// In a deferred call that a panic is making: stops the panic and returns it. The function that
// deferred the call returns to its caller once the call has returned. Anywhere else, a second time,
// and while goexit makes the calls: NULL. Panics when the function that deferred the call has no
// `deferring`.
#define recover() recover_at(__builtin_frame_address(0), HERE)
const panicked *recover_at(void *frame, site *at);

// Makes all deferred calls of the task, then ends it. A panic under way is forgotten. A root that
// ends so never counts as ended: when all other tasks have, that is a deadlock.
#define goexit() goexit_at(HERE)
_Noreturn void goexit_at(site *at);

// A rule of the core was broken in a way that Go would not notice. Recorded as `misuse`; returns.
void misuse_at(site *at, const char *format, ...) __attribute__((format(printf, 2, 3)));

// --- what can be deferred -------------------------------------------------------------------------

// Declares a function to be deferred, as TASK declares one to be started: inside, `a` points to the
// arguments, which were evaluated when the call was deferred. End each argument with a semicolon.
#define DEFERRED(name, ...)                                                                        \
    struct name##_args {                                                                           \
        __VA_ARGS__                                                                                \
    };                                                                                             \
    static void name(struct name##_args *a);                                                       \
    DEFERRABLE_(name, #name, struct name##_args, name(&d->args))                                   \
    __attribute__((noinline)) static void name(__attribute__((unused)) struct name##_args *a)

// Makes a function void fn_at(type arg, site *at) deferrable under the name fn.
#define DEFERRABLE(fn, type)                                                                       \
    struct fn##_args {                                                                             \
        type arg;                                                                                  \
    };                                                                                             \
    DEFERRABLE_(fn, #fn "_at", struct fn##_args, fn##_at(d->args.arg, d->call.at))

#define DEFERRABLE_(fn, name, arguments, ...)                                                      \
    struct fn##_deferred {                                                                         \
        struct deferred call;                                                                      \
        arguments args;                                                                            \
    };                                                                                             \
    __attribute__((unused)) static void fn##_run_deferred(struct deferred *call) {                 \
        struct fn##_deferred *d = (struct fn##_deferred *)call;                                    \
        call->frame = __builtin_frame_address(0);                                                  \
        __VA_ARGS__;                                                                               \
        __asm__ volatile(""); /* no tail call: recover looks for this frame */                     \
    }                                                                                              \
    __attribute__((unused)) static inline void fn##_leave_block(struct fn##_deferred *d) {         \
        if (deferred_leave(&d->call))                                                              \
            fn##_run_deferred(&d->call);                                                           \
    }                                                                                              \
    __attribute__((unused)) static const struct deferred_kind fn##_deferred_kind = {               \
        fn##_run_deferred, name};

// --- deferring ------------------------------------------------------------------------------------

// Calls fn with these arguments when the enclosing block is left: by its end, break, return, panic
// or goexit. The arguments are evaluated now. Takes a few ns and no memory; parks only if fn does.
#define defer(fn, ...)                                                                             \
    defer_at(fn, DEFER_NAME(deferred_, __COUNTER__), HERE_TEXT(#__VA_ARGS__), __VA_ARGS__)
#define defer_at(fn, variable, where, ...)                                                         \
    __attribute__((cleanup(fn##_leave_block), unused)) struct fn##_deferred variable = {           \
        .call = {.kind = &fn##_deferred_kind}, .args = {__VA_ARGS__}};                             \
    deferred_enter(&variable.call, (where))
#define DEFER_NAME(prefix, number)  DEFER_NAME_(prefix, number)
#define DEFER_NAME_(prefix, number) prefix##number

// Stands at the top of a function that uses defer_to_return or recovers; costs about 10 ns. The
// argument is the variable (any type; none for void) that the function returns when one of its
// deferred calls recovers, read after the last of them.
#define deferring(...)                                                                             \
    __attribute__((cleanup(deferring_leave))) struct deferring deferring_frame;                    \
    deferring_enter(&deferring_frame, HERE);                                                       \
    __VA_OPT__(__asm__ volatile("" : : "r"(&(__VA_ARGS__)) : "memory");)                           \
    if (setjmp(deferring_frame.landing))                                                           \
    return __VA_ARGS__

// Calls fn with these arguments when the function returns, panics or the task ends by goexit. In a
// loop the calls add up, in the run's memory; so only inside of a run.
#define defer_to_return(fn, ...)                                                                   \
    deferring_add(                                                                                 \
        &deferring_frame,                                                                          \
        &(struct fn##_deferred){.call = {.kind = &fn##_deferred_kind}, .args = {__VA_ARGS__}}      \
             .call,                                                                                \
        sizeof(struct fn##_deferred), HERE_TEXT(#__VA_ARGS__))

// Makes the function's deferred calls, those of its blocks too, then evaluates `result` and returns
// it: what Go does where results have names.
#define return_named(result)                                                                       \
    do {                                                                                           \
        deferring_run(&deferring_frame);                                                           \
        return result;                                                                             \
    } while (0)

// --- what the macros use ----------------------------------------------------------------------------

// One deferred call. A block's lives in the block, a function's in the run's memory.
struct deferred {
    const struct deferred_kind *kind; // NULL: no call, but the mark of a function with `deferring`
    site *at;                         // where it was deferred
    struct deferred *older;           // deferred before it by the same task, NULL: none
    struct deferring *owner;          // the function's that it was deferred to, NULL: a block's
    void *frame;                      // while it is made: the stack frame of `run`
    bool made;                        // in the task's list no more
};

// What is called.
struct deferred_kind {
    void (*run)(struct deferred *d);
    const char *function; // its __func__
};

// The frame of a function with `deferring`.
struct deferring {
    struct deferred mark;    // its place among the deferred calls: above it are the function's
    struct panicking *under; // the panic under way when it was entered, NULL: none
    jmp_buf landing;         // where the function returns from when one of its calls has recovered
};

// Adds a block's call to those of the task, and takes it out. True: it has not been made. (The site
// is no part of the initialiser: where that is constant, clang 14 leaves the site empty.)
void deferred_enter(struct deferred *d, site *at);
bool deferred_leave(struct deferred *d);

void deferring_enter(struct deferring *f, site *at);
void deferring_add(struct deferring *f, const struct deferred *d, size_t size, site *at);
void deferring_run(struct deferring *f);
void deferring_leave(struct deferring *f);
