// sanitize: telling ThreadSanitizer, AddressSanitizer and Valgrind about stacks they cannot see.
//
// The core itself is never instrumented. The sanitizers' runtimes, where the program was linked
// with one, are reached through weak symbols, and Valgrind by instructions that do nothing
// elsewhere, so one core object serves every build.
//
// ThreadSanitizer sees each task as a fiber. A switch is no synchronisation (flag 1): tasks are
// ordered only by what they do with channels, locks and the like, which announce it by
// acquire and release on their cells. Three traps shape this file: an operation executed by the
// scheduler for a task must run as that task's fiber (the fiber can be switched without the
// stack); a task killed at the end of a run must leave through longjmp, or its shadow call stack
// leaks; and stacks and heap that a next run uses again look like races unless a barrier between
// the runs orders everything of the old before everything of the new.
//
// Invariants: without a sanitizer nothing here does more than look at one flag; the fiber that is
// current is that of the task whose code runs, or in whose name an operation is executed.
//
// Rejected: building the core a second time with instrumentation (its stacks and the operations
// that are executed for others would be full of races that are none).
#include "core/internal.h"

#include <stdio.h>
#include <stdlib.h>

// The types are those that gcc has built in, where they differ from the runtime's.
#define WEAK __attribute__((weak))
WEAK void *__tsan_get_current_fiber(void);
WEAK void *__tsan_create_fiber(unsigned flags);
WEAK void __tsan_switch_to_fiber(void *fiber, unsigned flags);
WEAK void __tsan_set_fiber_name(void *fiber, const char *name);
WEAK void __tsan_acquire(void *cell);
WEAK void __tsan_release(void *cell);
WEAK void __tsan_write_range(void *p, long size);
WEAK void __tsan_func_entry(void *caller);
WEAK void __tsan_func_exit(void *unused);
WEAK void __sanitizer_start_switch_fiber(void **fake, const void *low, size_t size);
WEAK void __sanitizer_finish_switch_fiber(void *fake, const void **low, size_t *size);
WEAK void __asan_unpoison_memory_region(const volatile void *p, size_t size);
WEAK void __asan_poison_memory_region(const volatile void *p, size_t size);

enum { NO_SYNC = 1, FIBERS = 4096 };

bool sanitize_threads;
static void *scheduler_fiber;
static void *fibers[FIBERS];      // by slot; made at first use, kept for the next runs
static uint32_t fibers_used;      // slots [0, fibers_used) were used in this run
static char run_barrier;          // what orders one run before the next
static void *scheduler_fake;      // AddressSanitizer's fake stack of the scheduler
static const void *scheduler_low; // bounds of the stack the scheduler runs on
static size_t scheduler_size;

void sanitize_run_begin(void) {
    sanitize_threads = __tsan_create_fiber != NULL;
    if (sanitize_threads)
        scheduler_fiber = __tsan_get_current_fiber();
    fibers_used = 0;
}

// "worker (#3)": reports of races name each task as all others do.
static void fiber_name(const struct task *t) {
    char name[64];
    snprintf(name, sizeof name, "%s (#%u)", t->name, t->number);
    __tsan_set_fiber_name(t->top->fiber, name);
}

// Gives the task the fiber of its slot, ordered after the former run. Slots are not reused within
// a run, so no two tasks of a run share a fiber.
bool sanitize_task_made(struct task *t) {
    if (likely(!sanitize_threads))
        return true;
    if (t->slot >= FIBERS)
        return false;
    void *me = __tsan_get_current_fiber();
    bool reused = fibers[t->slot] != NULL;
    if (!reused)
        fibers[t->slot] = __tsan_create_fiber(0);
    t->top->fiber = fibers[t->slot];
    fiber_name(t);
    if (t->slot >= fibers_used)
        fibers_used = t->slot + 1;
    __tsan_release(&t->top->sync_in);
    __tsan_switch_to_fiber(fibers[t->slot], NO_SYNC);
    if (reused)
        __tsan_acquire(&run_barrier);
    __tsan_acquire(&t->top->sync_in);
    __tsan_switch_to_fiber(me, NO_SYNC);
    return true;
}

void sanitize_as(struct task *t) {
    if (unlikely(sanitize_threads))
        __tsan_switch_to_fiber(t ? t->top->fiber : scheduler_fiber, NO_SYNC);
}

// A fiber that ends passes NULL, so that its fake stack is freed.
void sanitize_leave(struct task *from, struct task *to) {
    sanitize_as(to);
    if (likely(!__sanitizer_start_switch_fiber))
        return;
    void *low = (void *)(uintptr_t)scheduler_low;
    size_t size = scheduler_size;
    if (to)
        stack_bounds(to, &low, &size);
    void **fake = from ? &from->top->fake_stack : &scheduler_fake;
    __sanitizer_start_switch_fiber(from && from->state == TASK_ENDED ? NULL : fake, low, size);
}

// The first arrival of a task comes from the scheduler or another task; the bounds of the
// scheduler's stack are learned when a task that it started arrives.
void sanitize_arrive(struct task *me) {
    if (likely(!__sanitizer_finish_switch_fiber))
        return;
    const void *low;
    size_t size;
    __sanitizer_finish_switch_fiber(me ? me->top->fake_stack : scheduler_fake, &low, &size);
    if (!scheduler_low) {
        scheduler_low = low;
        scheduler_size = size;
    }
}

void sanitize_run_end(void) {
    if (likely(!sanitize_threads))
        return;
    for (uint32_t slot = 0; slot < fibers_used; slot++) {
        __tsan_switch_to_fiber(fibers[slot], NO_SYNC);
        __tsan_release(&run_barrier);
    }
    __tsan_switch_to_fiber(scheduler_fiber, NO_SYNC);
    __tsan_acquire(&run_barrier);
    __tsan_release(&run_barrier);
}

void sanitize_acquire_(void *cell) {
    __tsan_acquire(cell);
}

void sanitize_release_(void *cell) {
    __tsan_release(cell);
}

// The core is not on ThreadSanitizer's shadow call stack; its caller is put there by hand.
void sanitize_wrote_(void *p, size_t size, void *caller) {
    __tsan_func_entry(caller);
    __tsan_write_range(p, (long)size);
    __tsan_func_exit(NULL);
}

// --- addresses: AddressSanitizer or Valgrind --------------------------------------------------------

// What valgrind.h and memcheck.h would send. The sequence and the numbers are Valgrind's stable
// interface; it works without the headers, which a machine that builds the core need not have.
enum valgrind_request {
    VALGRIND_RUNNING = 0x1001,
    VALGRIND_STACK_REGISTER = 0x1501,
    MEMCHECK_NOACCESS = 'M' << 24 | 'C' << 16,
    MEMCHECK_DEFINED = MEMCHECK_NOACCESS + 2,
};

// 0 where Valgrind does not run the program, and on machines whose sequence is not here.
static uintptr_t valgrind(enum valgrind_request request, const void *p, uintptr_t size_or_end) {
    volatile uintptr_t args[6] = {request, (uintptr_t)p, size_or_end};
    uintptr_t result = 0;
#if defined(__x86_64__)
    __asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n\t"
                     "xchgq %%rbx, %%rbx"
                     : "=d"(result)
                     : "a"(args), "0"(result)
                     : "cc", "memory");
#elif defined(__aarch64__)
    __asm__ volatile("mov x3, %1; mov x4, %2\n\t"
                     "ror x12, x12, #3; ror x12, x12, #13; ror x12, x12, #51; ror x12, x12, #61\n\t"
                     "orr x10, x10, x10; mov %0, x3"
                     : "=r"(result)
                     : "r"(result), "r"(args)
                     : "cc", "memory", "x3", "x4");
#else
    (void)args;
#endif
    return result;
}

static bool on_valgrind(void) {
    static int known; // 1: yes, -1: no
    if (unlikely(!known))
        known = valgrind(VALGRIND_RUNNING, NULL, 0) ? 1 : -1;
    return known > 0;
}

// Valgrind takes a stack pointer that jumps for a frame of that size, unless it knows both ends as
// stacks of their own.
void sanitize_stack_made(const void *low, size_t size) {
    if (unlikely(on_valgrind()))
        valgrind(VALGRIND_STACK_REGISTER, low, (uintptr_t)low + size);
}

void sanitize_unpoison(void *p, size_t size) {
    if (unlikely(__asan_unpoison_memory_region != NULL))
        __asan_unpoison_memory_region(p, size);
    if (unlikely(on_valgrind()))
        valgrind(MEMCHECK_DEFINED, p, size);
}

void sanitize_poison(void *p, size_t size) {
    if (unlikely(__asan_poison_memory_region != NULL))
        __asan_poison_memory_region(p, size);
    if (unlikely(on_valgrind()))
        valgrind(MEMCHECK_NOACCESS, p, size);
}

bool sanitize_addresses(void) {
    return __asan_poison_memory_region != NULL || on_valgrind();
}
