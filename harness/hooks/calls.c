// calls: the call stack of each fiber, of which every access keeps one number.
//
// All stacks that were ever seen are one tree: a node is a call made in the stack that is its parent. An
// instrumented function tells when it is entered and left; what is left by longjmp (a recovered panic)
// tells nothing, so each call also keeps where its frame was: stacks grow downwards, and a frame that lies
// below the one at hand, on the same stack, is gone.
//
// Rejected: walking frame pointers at each access (ten times as long); keeping whole stacks.
#include "harness/hooks/runtime.h"

enum { NODES = 1 << 20 };
static const uintptr_t SAME_STACK = 64 << 10;

struct node {
    void *pc; // return address of the call
    uint32_t parent, child, sibling;
};
static struct node *nodes; // NODES of them; [0] is the stack without a call
static uint32_t node_count;

static uint32_t node_add(uint32_t parent, void *pc) {
    if (!nodes) {
        nodes = reserve(NODES * sizeof *nodes);
        node_count = 1;
    }
    if (node_count == NODES) // reports show the callers that are known
        return parent;
    nodes[node_count] = (struct node){.pc = pc, .parent = parent, .sibling = nodes[parent].child};
    nodes[parent].child = node_count;
    return node_count++;
}

static uint32_t node_of(uint32_t parent, void *pc) {
    if (nodes)
        for (uint32_t n = nodes[parent].child; n; n = nodes[n].sibling)
            if (nodes[n].pc == pc)
                return n;
    return node_add(parent, pc);
}

void calls_frames(uint32_t stack, void *pc, void *frames[HOOKS_FRAMES]) {
    int count = 0;
    frames[count++] = pc;
    for (; stack && count < HOOKS_FRAMES; stack = nodes[stack].parent)
        frames[count++] = nodes[stack].pc;
    while (count < HOOKS_FRAMES)
        frames[count++] = NULL;
}

void *calls_caller(uint32_t stack) {
    return stack ? nodes[stack].pc : NULL;
}

static bool is_below(const struct fiber *f, uintptr_t frame) {
    if (f->depth > CALLS_DEEP)
        return false;
    uintptr_t top = f->calls[f->depth - 1].frame;
    return top < frame && frame - top < SAME_STACK;
}

HOOK void __tsan_func_entry(void *caller) {
    struct fiber *f = runtime.me;
    if (unlikely(!f))
        return;
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    while (f->depth && is_below(f, frame + 1))
        f->depth--;
    uint32_t under = calls_now(f);
    if (likely(f->depth < CALLS_DEEP))
        f->calls[f->depth] = (struct call){node_of(under, caller), frame};
    f->depth++;
}

HOOK void __tsan_func_exit(void) {
    struct fiber *f = runtime.me;
    if (unlikely(!f))
        return;
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    while (f->depth && is_below(f, frame))
        f->depth--;
    if (f->depth)
        f->depth--;
}
