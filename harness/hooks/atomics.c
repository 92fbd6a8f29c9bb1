// atomics: the calls that compilers make in place of atomic operations.
//
// There is one OS thread, so the operations are plain ones; what is done here is their meaning between tasks,
// by C17 5.1.2.4: a release stores what its task knows, an acquire learns it, a read-modify-write goes on with
// the release sequence that it reads from, and so does a store of the task that began it. Fences: a release
// fence makes later atomic stores releases of what was known at it, an acquire fence makes earlier atomic
// loads acquires. There is one order of all of them, that of the run, so SEQ_CST adds nothing.
#include "harness/hooks/runtime.h"

enum order { RELAXED, CONSUME, ACQUIRE, RELEASE, ACQ_REL, SEQ_CST };

static bool acquires(int order) {
    return order != RELAXED && order != RELEASE;
}

static bool releases(int order) {
    return order == RELEASE || order == ACQ_REL || order == SEQ_CST;
}

static void take(struct cell *c, int order) {
    clock_join(acquires(order) ? &runtime.me->clock : &runtime.me->fence_acquire, &c->clock);
}

static void give(struct cell *c, int order, bool goes_on) {
    struct fiber *me = runtime.me;
    const struct clock *known = releases(order) ? &me->clock : &me->fence_release;
    if (!goes_on && (releases(order) || c->releaser != me->number))
        c->clock.length = 0;
    clock_join(&c->clock, known);
    c->releaser = me->number;
    if (releases(order))
        fiber_advance(me);
}

static bool is_task(void) {
    return runtime.me && runtime.me->number;
}

// Before the operation looks at anything: others may go first.
static void arrives(const volatile void *p, size_t size, unsigned how, void *pc) {
    if (unlikely(runtime.choosing))
        choice_point(p, size, how | ATOMIC, pc);
}

static void loaded(const volatile void *p, size_t size, int order, void *pc) {
    if (!is_task())
        return;
    access_record(p, size, ATOMIC, pc);
    take(cell_of(p), order);
}

static void stored(const volatile void *p, size_t size, int order, void *pc) {
    if (!is_task())
        return;
    access_record(p, size, ATOMIC | WRITES, pc);
    give(cell_of(p), order, false);
}

static void modified(const volatile void *p, size_t size, int order, void *pc) {
    if (!is_task())
        return;
    access_record(p, size, ATOMIC | WRITES, pc);
    struct cell *c = cell_of(p);
    take(c, order);
    give(c, order, true);
}

#define FETCH(bits, type, name, change)                                                            \
    HOOK type __tsan_atomic##bits##_##name(volatile type *p, type v, int order) {                  \
        arrives(p, sizeof *p, WRITES, CALLER);                                                     \
        modified(p, sizeof *p, order, CALLER);                                                     \
        type old = *p;                                                                             \
        *p = (type)(change);                                                                       \
        return old;                                                                                \
    }
// gcc calls the strong and the weak one, clang the one that returns what was there.
#define COMPARE(bits, type)                                                                        \
    static bool compare##bits(volatile type *p, type *expected, type v, int order, int failing,    \
                              void *pc) {                                                          \
        arrives(p, sizeof *p, WRITES, pc);                                                         \
        type old = *p;                                                                             \
        if (old == *expected) {                                                                    \
            modified(p, sizeof *p, order, pc);                                                     \
            *p = v;                                                                                \
            return true;                                                                           \
        }                                                                                          \
        loaded(p, sizeof *p, failing, pc);                                                         \
        *expected = old;                                                                           \
        return false;                                                                              \
    }                                                                                              \
    HOOK int __tsan_atomic##bits##_compare_exchange_strong(volatile type *p, type *expected,       \
                                                           type v, int order, int failing) {       \
        return compare##bits(p, expected, v, order, failing, CALLER);                              \
    }                                                                                              \
    HOOK int __tsan_atomic##bits##_compare_exchange_weak(volatile type *p, type *expected, type v, \
                                                         int order, int failing) {                 \
        return compare##bits(p, expected, v, order, failing, CALLER);                              \
    }                                                                                              \
    HOOK type __tsan_atomic##bits##_compare_exchange_val(volatile type *p, type expected, type v,  \
                                                         int order, int failing) {                 \
        compare##bits(p, &expected, v, order, failing, CALLER);                                    \
        return expected;                                                                           \
    }
#define ATOMICS(bits, type)                                                                        \
    HOOK type __tsan_atomic##bits##_load(const volatile type *p, int order) {                      \
        arrives(p, sizeof *p, 0, CALLER);                                                          \
        loaded(p, sizeof *p, order, CALLER);                                                       \
        return *p;                                                                                 \
    }                                                                                              \
    HOOK void __tsan_atomic##bits##_store(volatile type *p, type v, int order) {                   \
        arrives(p, sizeof *p, WRITES, CALLER);                                                     \
        stored(p, sizeof *p, order, CALLER);                                                       \
        *p = v;                                                                                    \
    }                                                                                              \
    FETCH(bits, type, exchange, v)                                                                 \
    FETCH(bits, type, fetch_add, old + v)                                                          \
    FETCH(bits, type, fetch_sub, old - v)                                                          \
    FETCH(bits, type, fetch_and, old &v)                                                           \
    FETCH(bits, type, fetch_or, old | v)                                                           \
    FETCH(bits, type, fetch_xor, old ^ v)                                                          \
    FETCH(bits, type, fetch_nand, ~(old & v))                                                      \
    COMPARE(bits, type)
ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
ATOMICS(128, unsigned __int128)

HOOK void __tsan_atomic_thread_fence(int order) {
    if (!is_task())
        return;
    if (acquires(order))
        clock_join(&runtime.me->clock, &runtime.me->fence_acquire);
    if (releases(order)) {
        clock_copy(&runtime.me->fence_release, &runtime.me->clock);
        fiber_advance(runtime.me);
    }
}

HOOK void __tsan_atomic_signal_fence(int order) {
    (void)order;
}
