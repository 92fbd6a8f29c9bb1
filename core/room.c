// room: where a task on a small stack goes for what needs more.
//
// To make a sentence takes more than a small stack has, so the core's words are made on a stack that
// is kept for them. It is nobody's: whoever speaks hands over to no other task meanwhile. What a panic
// leads to may do anything, so that goes on upon an ordinary stack, which the task has until it lands
// on its own again, or ends. The frames stay where they are and point to each other as ever.
//
// Invariants: nobody parks on the spare stack, so one is enough; both of these stacks lie below the
// small ones. To a debugger, or to a longjmp that looks, a task has one stack that grows
// down.
//
// Rejected: making words on the scheduler's stack, above where it rests (it lies above the small ones,
// and a debugger takes stacks that grow the wrong way for corrupt).
#include "core/internal.h"
#include "core/panic.h"

static _Alignas(16) char spare[STACK_USABLE];

// Whether the caller's frame is on a small stack. (Its task may have left it, and an operation may be
// executed for it on the scheduler's.)
static bool is_on_small(const struct task *t, const void *frame) {
    void *low;
    size_t size;
    if (!t || !t->is_small)
        return false;
    stack_bounds(t, &low, &size);
    return (uintptr_t)frame - (uintptr_t)low < size;
}

#define HAS_ROOM (!is_on_small(run.current, __builtin_frame_address(0)))

void room_call(void (*fn)(void *arg), void *arg) {
    if (HAS_ROOM)
        fn(arg);
    else
        stack_call(spare + sizeof spare, fn, arg);
}

static struct task *roomy_take(struct task *t) {
    struct task *roomy = stack_take(false);
    if (!roomy)
        panic_fatal_at(t->at, "out of memory: no stack for the panic of task %u", t->number);
    roomy->name = t->name;
    roomy->number = t->number;
    return roomy;
}

void room_call_parking(void (*fn)(void *arg), void *arg) {
    if (HAS_ROOM) {
        fn(arg);
        return;
    }
    struct task *t = run.current;
    struct task *roomy = t->top->roomy = roomy_take(t);
    stack_call((void *)((uintptr_t)roomy->top & ~(uintptr_t)15), fn, arg);
}

void room_leave(const void *frame) {
    struct task *t = run.current;
    struct stack_top *top = t->top;
    if (!top->roomy || !is_on_small(t, frame))
        return;
    stack_give(top->roomy);
    top->roomy = NULL;
}
