// panic: deferred calls, and the three ways besides return that make them: panic, recover, goexit.
//
// Invariants: a task's deferred calls are one list, newest first, of records that lie in the blocks
// that deferred them or in the run's memory; `deferring` puts a mark into it, above which are the
// calls of its function. Its panics under way are another, newest first, of records in the frames
// that panic; a goexit is one of them, with nothing to say. A deferred call is out of the list
// before it is made, so nobody makes it twice, and runs on top of the stack that panicked, so what
// it points to is still there. Recovering drops the panics that began after the function which now
// returns was entered: those are just the ones above `under`. When a goexit is among them it goes on
// instead, for nothing stops one.
//
// Sentences are made, and the deferred calls of a panic, where there is room for them (room.c).
//
// Who ends a task from outside (sched.c, at the end of a run) never comes here: no call is made. Nor
// does a panic that nobody could recover from anyway; so it needs no memory.
//
// Rejected: unwinding by the compiler's tables (-fexceptions runs cleanups for free, but every
// learner's file would need the flag, it takes microseconds a frame, the stack is gone when a
// deferred call runs, and C has nowhere to land); running the calls after the jump (those of blocks
// live in blocks that are left by then).
#include "core/panic.h"

#include "core/heap.h"
#include "core/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE = 400, LAST_WORDS = 800 };

// What somebody says, and about what. It is put into words where there is room for that.
struct saying {
    void *value; // what a panic is with
    site *at;
    const char *format;
    va_list args;
};

// A panic or a goexit under way; lives in the frame of raise or goexit_at.
struct panicking {
    struct panicking *older;   // under way when it began
    const panicked *what;      // NULL: a goexit
    struct deferred *call;     // the deferred call that it is making, NULL: none
    struct deferring *landing; // recovered: the function that returns
};

// --- deferred calls -------------------------------------------------------------------------------

static struct deferred *outside; // what is deferred in no task

static struct deferred **calls(void) {
    return run.current ? &run.current->top->deferred : &outside;
}

static void call_add(struct deferred *d) {
    struct deferred **list = calls();
    d->older = *list;
    *list = d;
}

// Takes it out, which is the newest but for calls deferred to the return of its function.
static void call_remove(struct deferred *d) {
    struct deferred **at = calls();
    while (*at && *at != d)
        at = &(*at)->older;
    if (*at)
        *at = d->older;
    d->made = true;
}

static void call_make(struct deferred *d) {
    call_remove(d);
    if (d->kind)
        d->kind->run(d);
    if (d->owner)
        run_free(d);
}

// Makes the calls of a function, newest first.
static void calls_make(struct deferring *f) {
    for (struct deferred *d; (d = *calls()) && d != &f->mark;)
        call_make(d);
}

// The function that deferred the call, if it is one that can be returned from.
static struct deferring *function_of(const struct deferred *d) {
    if (d->owner)
        return d->owner;
    struct deferred *mark = d->older;
    while (mark && mark->kind)
        mark = mark->older;
    return mark && mark->at->function == d->at->function ? (struct deferring *)mark : NULL;
}

// --- panicking ------------------------------------------------------------------------------------

static _Noreturn void goexit_go_on(struct panicking *p);

// The task goes on in the function whose deferred call has recovered: it makes the calls that are
// left and returns.
static _Noreturn void land(struct task *t, struct deferring *f) {
    for (struct panicking *p = t->top->panics; p != f->under; p = p->older)
        if (!p->what)
            goexit_go_on(p);
    t->top->panics = f->under;
    calls_make(f);
    room_leave(f);
    longjmp(f->landing, 1);
}

// Makes all deferred calls of the task. Returns when none is left and nobody has recovered.
static void make_all(struct task *t, struct panicking *p) {
    for (struct deferred *d; (d = t->top->deferred);) {
        p->call = d;
        call_make(d);
        p->call = NULL;
        if (p->landing)
            land(t, p->landing);
    }
}

// Makes the calls that are left and ends the task.
static _Noreturn void goexit_go_on(struct panicking *p) {
    struct task *t = run.current;
    t->top->panics = p;
    make_all(t, p);
    task_exit();
}

// The record of the end: what nobody has recovered, in Go's words.
static _Noreturn void die(uint32_t words, site *at) {
    event_write(EV_PANIC, 0, at, EVENT_NOBODY, words, 0);
    run_abandon(RUN_PANICKED);
}

static uint32_t words_of(const char *text) {
    return event_string(text, strlen(text));
}

static struct panicking *oldest_first(struct panicking *p) {
    struct panicking *done = NULL;
    while (p) {
        struct panicking *older = p->older;
        p->older = done;
        done = p;
        p = older;
    }
    return done;
}

// All panics under way and this one, as Go prints them, but for the first "panic: ".
static _Noreturn void die_of_all(struct panicking *newest) {
    char text[LAST_WORDS] = "";
    site *at = newest->what->at;
    size_t used = 0;
    for (const struct panicking *p = oldest_first(newest); p; p = p->older)
        if (p->what && used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%s",
                                     used ? "\n\tpanic: " : "", p->what->text,
                                     p->landing ? " [recovered]" : "");
    die(words_of(text), at);
}

// Makes the task's deferred calls on top of this frame; only who recovers keeps the run alive.
static _Noreturn void raise_panic(struct task *t, const panicked *what) {
    struct panicking p = {.older = t->top->panics, .what = what};
    t->top->panics = &p;
    event_write(EV_PANICKING, 0, what->at, EVENT_NOBODY, words_of(what->text), 0);
    make_all(t, &p);
    die_of_all(&p);
}

// --- what is panicked with ------------------------------------------------------------------------

// Whether nobody can recover: it is half an operation, which nothing may go on from, or no task's
// panic, or has no deferred call to make.
static bool is_hopeless(const struct task *t) {
    if (!t || run.attempting || run.executing)
        return true;
    const struct deferred *d = t->top->deferred;
    while (d && !d->kind)
        d = d->older;
    return !d;
}

static void say(char text[SENTENCE], struct saying *s) {
    if (vsnprintf(text, SENTENCE, s->format, s->args) < 0)
        text[0] = 0;
}

static void say_to_stderr(const char *before, struct saying *s) {
    fputs(before, stderr);
    vfprintf(stderr, s->format, s->args);
    fputc('\n', stderr);
}

// No memory is asked for.
static void die_at_once(void *saying) {
    struct saying *s = saying;
    char text[SENTENCE];
    say(text, s);
    panicked what = {text, NULL, s->at};
    die_of_all(
        &(struct panicking){.older = run.current ? run.current->top->panics : NULL, .what = &what});
}

// A function of its own: deferred calls are made on top of what panics, so that is kept small.
__attribute__((noinline)) static const panicked *panicked_make(struct saying *s) {
    char text[SENTENCE];
    say(text, s);
    size_t size = strlen(text) + 1;
    panicked *p = run_alloc(sizeof *p + size);
    char *copy = (char *)(p + 1);
    for (size_t i = 0; i < size; i++)
        copy[i] = text[i];
    *p = (panicked){copy, s->value, s->at};
    return p;
}

static void begin_to_panic(void *saying) {
    raise_panic(run.current, panicked_make(saying));
}

static void die_outside(void *saying) {
    say_to_stderr("panic outside of a run: ", saying);
    abort();
}

static _Noreturn void panic_with(struct saying *s) {
    if (!run.active)
        die_outside(s);
    run_check();
    if (is_hopeless(run.current))
        room_call(die_at_once, s);
    else
        room_call_parking(begin_to_panic, s);
    __builtin_unreachable();
}

static void die_fatally(void *saying) {
    struct saying *s = saying;
    char text[SENTENCE];
    if (!run.active)
        die_outside(s);
    say(text, s);
    die(words_of(text), s->at);
}

static void note_misuse(void *saying) {
    struct saying *s = saying;
    char text[SENTENCE];
    say(text, s);
    event_write(EV_MISUSE, 0, s->at, EVENT_NOBODY, words_of(text), 0);
}

static void give_up(void *saying) {
    say_to_stderr("unstuck core: ", saying);
    abort();
}

// --- public ---------------------------------------------------------------------------------------

void panic_at(site *at, const char *format, ...) {
    struct saying s = {.at = at, .format = format};
    va_start(s.args, format);
    panic_with(&s);
}

void panic_value_at(void *value, site *at, const char *format, ...) {
    struct saying s = {.value = value, .at = at, .format = format};
    va_start(s.args, format);
    panic_with(&s);
}

void panic_again_at(const panicked *p, site *at) {
    if (!p)
        panic_at(at, "panic_again: there is nothing to panic with");
    panic_value_at(p->value, at, "%s", p->text);
}

void panic_fatal_at(site *at, const char *format, ...) {
    struct saying s = {.at = at, .format = format};
    va_start(s.args, format);
    room_call(die_fatally, &s);
    __builtin_unreachable();
}

// Whether the function with this frame is the one that was deferred, called by the panic itself.
static bool is_called_by_panic(const struct panicking *p, const char *function, void *frame) {
    const struct deferred *d = p->call;
    if (!d || strcmp(d->kind->function, function))
        return false;
#if defined(__x86_64__) || defined(__aarch64__)
    return frame == d->frame || *(void **)frame == d->frame; // the frame's first word: its caller's
#else
    (void)frame;
    return true;
#endif
}

const panicked *recover_at(void *frame, site *at) {
    struct panicking *p = run.current ? run.current->top->panics : NULL;
    if (!p || !p->what || p->landing || !is_called_by_panic(p, at->function, frame))
        return NULL;
    p->landing = function_of(p->call);
    if (!p->landing)
        panic_at(at, "recover: %s has no deferring() before the defer of this call",
                 p->call->at->function);
    event_write(EV_RECOVER, 0, at, EVENT_NOBODY, words_of(p->what->text), 0);
    return p->what;
}

void goexit_at(site *at) {
    struct panicking p = {.older = run.current ? run.current->top->panics : NULL};
    if (!run.current)
        bug("goexit called outside of a task");
    run_check();
    event_write(EV_GOEXIT, 0, at, EVENT_NOBODY, 0, 0);
    goexit_go_on(&p);
}

void misuse_at(site *at, const char *format, ...) {
    struct saying s = {.at = at, .format = format};
    va_start(s.args, format);
    room_call(note_misuse, &s);
    va_end(s.args);
}

void bug(const char *format, ...) {
    struct saying s = {.format = format};
    va_start(s.args, format);
    room_call(give_up, &s);
    __builtin_unreachable();
}

void deferred_enter(struct deferred *d, site *at) {
    d->at = at;
    call_add(d);
}

bool deferred_leave(struct deferred *d) {
    if (d->made)
        return false;
    call_remove(d);
    return true;
}

void deferring_enter(struct deferring *f, site *at) {
    f->mark = (struct deferred){.at = at};
    f->under = run.current ? run.current->top->panics : NULL;
    call_add(&f->mark);
}

void deferring_add(struct deferring *f, const struct deferred *d, size_t size, site *at) {
    struct deferred *copy = run_alloc(size);
    for (size_t i = 0; i < size; i++)
        ((char *)copy)[i] = ((const char *)d)[i];
    copy->owner = f;
    copy->at = at;
    call_add(copy);
}

void deferring_run(struct deferring *f) {
    calls_make(f);
}

void deferring_leave(struct deferring *f) {
    calls_make(f);
    call_remove(&f->mark);
}
