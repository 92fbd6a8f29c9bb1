// Our own runtime, told of accesses and synchronisation by hand, as compilers and the core tell it.
#include "harness/hooks/hooks.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

void *__tsan_create_fiber(unsigned flags);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);
void __tsan_set_fiber_name(void *fiber, const char *name);
void __tsan_acquire(void *cell);
void __tsan_release(void *cell);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void *unused);
#define HOOK(name) void __tsan_##name(void *p)
HOOK(read1);
HOOK(read2);
HOOK(read4);
HOOK(read8);
HOOK(write1);
HOOK(write2);
HOOK(write4);
HOOK(write8);
HOOK(write16);
HOOK(unaligned_write4);
HOOK(read_write4);
void __tsan_read_range(void *p, long size);
void __tsan_write_range(void *p, long size);
uint32_t __tsan_atomic32_load(const volatile void *p, int order);
void __tsan_atomic32_store(volatile void *p, uint32_t v, int order);
uint32_t __tsan_atomic32_fetch_add(volatile void *p, uint32_t v, int order);
uint32_t __tsan_atomic32_exchange(volatile void *p, uint32_t v, int order);
bool __tsan_atomic32_compare_exchange_strong(volatile void *p, void *expected, uint32_t v,
                                             int order, int failing);
bool __tsan_atomic32_compare_exchange_weak(volatile void *p, void *expected, uint32_t v, int order,
                                           int failing);
uint32_t __tsan_atomic32_compare_exchange_val(volatile void *p, uint32_t expected, uint32_t v,
                                              int order, int failing);
void __tsan_atomic_thread_fence(int order);

enum { RELAXED, CONSUME, ACQUIRE, RELEASE, ACQ_REL, SEQ_CST };

static void *a, *b, *c; // three tasks
static _Alignas(16) unsigned char memory[64];
static uint32_t flag, other_flag;
static struct hooks_access before, now;
static int reports;
static _Atomic uint64_t events;

static int notes; // what whoever is told writes down

static void raced(const struct hooks_access *first, const struct hooks_access *second) {
    before = *first;
    now = *second;
    reports++;
    __tsan_read4(&notes);
    __tsan_write4(&notes);
}

static void begin(void) {
    hooks_begin(&(struct hooks_config){.race = raced, .events = &events});
    if (!a) {
        a = __tsan_create_fiber(0);
        b = __tsan_create_fiber(0);
        c = __tsan_create_fiber(0);
        __tsan_set_fiber_name(a, "a (#1)");
        __tsan_set_fiber_name(b, "b (#2)");
    }
    reports = 0;
}

static void as(void *fiber) {
    __tsan_switch_to_fiber(fiber, 1);
}

TestSuite(hooks, .init = begin);

// --- which accesses race --------------------------------------------------------------------------------

Test(hooks, two_writes_race) {
    as(a);
    __tsan_write4(memory);
    as(b);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 1);
    cr_assert_eq(reports, 1);
    cr_assert_eq(before.address, (void *)memory);
    cr_assert(before.write && now.write);
    cr_assert_str_eq(before.task, "a (#1)");
    cr_assert_str_eq(now.task, "b (#2)");
}

// By two tasks in whose names it would race with itself.
Test(hooks, what_is_written_down_about_a_race_is_none) {
    as(a);
    __tsan_write4(memory);
    __tsan_write4(memory + 8);
    as(b);
    __tsan_write4(memory);
    as(c);
    __tsan_write4(memory + 8);
    cr_assert_eq(reports, 2);
    cr_assert_eq(hooks_races(), 2);
}

Test(hooks, a_read_and_a_write_race_either_way) {
    as(a);
    __tsan_read4(memory);
    __tsan_write4(memory + 8);
    as(b);
    __tsan_write4(memory);
    __tsan_read4(memory + 8);
    cr_assert_eq(hooks_races(), 2);
}

Test(hooks, reads_do_not_race) {
    as(a);
    __tsan_read8(memory);
    as(b);
    __tsan_read8(memory);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, a_task_does_not_race_with_itself) {
    as(a);
    __tsan_write4(memory);
    __tsan_read4(memory);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, neighbours_do_not_race) {
    as(a);
    __tsan_write1(memory);
    __tsan_write2(memory + 2);
    __tsan_write4(memory + 4);
    as(b);
    __tsan_write1(memory + 1);
    __tsan_write8(memory + 8);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, one_byte_is_enough) {
    as(a);
    __tsan_write4(memory + 4);
    as(b);
    __tsan_unaligned_write4(memory + 1); // bytes 1 to 4
    cr_assert_eq(hooks_races(), 1);
    cr_assert_eq(before.address, (void *)(memory + 4));
}

Test(hooks, what_lies_across_two_granules) {
    as(a);
    __tsan_write1(memory + 8);
    as(b);
    __tsan_unaligned_write4(memory + 5); // bytes 5 to 8
    cr_assert_eq(hooks_races(), 1);
    __tsan_write16(memory + 16);
    as(c);
    __tsan_write1(memory + 31);
    cr_assert_eq(hooks_races(), 2);
}

Test(hooks, ranges) {
    as(a);
    __tsan_write_range(memory + 3, 20); // bytes 3 to 22
    as(b);
    __tsan_read_range(memory, 3);
    __tsan_read_range(memory + 23, 9);
    cr_assert_eq(hooks_races(), 0);
    __tsan_read1(memory + 22);
    cr_assert_eq(hooks_races(), 1);
    __tsan_read_range(memory, 0);
}

Test(hooks, a_read_and_write_is_a_write) {
    as(a);
    __tsan_read4(memory);
    as(b);
    __tsan_read_write4(memory);
    cr_assert_eq(hooks_races(), 1);
}

// A history of four accesses, which libtsan keeps, would have forgotten the first.
Test(hooks, of_many_readers_none_is_forgotten) {
    void *readers[40];
    as(a);
    __tsan_read4(memory);
    for (int i = 0; i < 40; i++) {
        readers[i] = __tsan_create_fiber(0);
        as(readers[i]);
        __tsan_read4(memory);
        __tsan_release(&flag);
    }
    as(b);
    __tsan_acquire(&flag); // knows of all but the first
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 1);
    cr_assert_str_eq(before.task, "a (#1)");
}

Test(hooks, what_a_write_stands_for_is_not_lost) {
    as(a);
    __tsan_read4(memory);
    __tsan_release(&flag);
    as(b);
    __tsan_acquire(&flag);
    __tsan_write4(memory); // after the read, which it stands for from here on
    as(c);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 1);
    cr_assert_str_eq(before.task, "b (#2)");
}

Test(hooks, of_a_record_only_the_bytes_that_are_overwritten_are_forgotten) {
    as(a);
    __tsan_write8(memory);
    __tsan_release(&flag);
    as(b);
    __tsan_acquire(&flag);
    __tsan_write4(memory);
    as(c);
    __tsan_read1(memory + 5); // a's
    cr_assert_eq(hooks_races(), 1);
    cr_assert_str_eq(before.task, "a (#1)");
}

Test(hooks, the_scheduler_does_not_count) {
    void *scheduler = NULL;
    __tsan_write4(memory);
    as(a);
    __tsan_write4(memory);
    (void)scheduler;
    cr_assert_eq(hooks_races(), 0);
}

// --- what orders them -----------------------------------------------------------------------------------

Test(hooks, a_switch_orders_nothing) {
    as(a);
    __tsan_write4(memory);
    as(b);
    as(a);
    as(b);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 1);
}

Test(hooks, a_release_orders_whoever_acquires) {
    as(a);
    __tsan_write4(memory);
    __tsan_release(&flag);
    as(b);
    __tsan_acquire(&flag);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, but_not_what_comes_after_it) {
    as(a);
    __tsan_release(&flag);
    __tsan_write4(memory);
    as(b);
    __tsan_acquire(&flag);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 1);
}

Test(hooks, nor_by_another_address) {
    as(a);
    __tsan_write4(memory);
    __tsan_release(&flag);
    as(b);
    __tsan_acquire(&other_flag);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 1);
}

Test(hooks, order_is_passed_on) {
    as(a);
    __tsan_write4(memory);
    __tsan_release(&flag);
    as(b);
    __tsan_acquire(&flag);
    __tsan_release(&other_flag);
    as(c);
    __tsan_acquire(&other_flag);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, releases_of_one_address_add_up) {
    as(a);
    __tsan_write1(memory);
    __tsan_release(&flag);
    as(b);
    __tsan_write1(memory + 1);
    __tsan_release(&flag);
    as(c);
    __tsan_acquire(&flag);
    __tsan_write2(memory);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, each_run_begins_with_nothing) {
    as(a);
    __tsan_write4(memory);
    __tsan_release(&flag);
    hooks_end();
    __tsan_write4(memory);
    begin();
    as(b);
    __tsan_write4(memory);
    cr_assert_eq(hooks_races(), 0);
    as(a);
    __tsan_write4(memory + 8);
    as(b);
    __tsan_acquire(&flag); // of the run before
    __tsan_write4(memory + 8);
    cr_assert_eq(hooks_races(), 1);
}

Test(hooks, a_million_granules_and_a_thousand_tasks) {
    static char large[8 << 20];
    as(a);
    __tsan_write_range(large, sizeof large);
    for (int i = 0; i < 1000; i++) {
        as(__tsan_create_fiber(0));
        __tsan_write1(large + 8000L * i);
    }
    cr_assert_eq(hooks_races(), 1000);
    begin();
    as(b);
    __tsan_write_range(large, sizeof large);
    cr_assert_eq(hooks_races(), 0);
}

// --- atomics --------------------------------------------------------------------------------------------

Test(hooks, atomics_do_not_race_with_each_other) {
    as(a);
    __tsan_atomic32_store(&flag, 1, RELAXED);
    as(b);
    cr_assert_eq(__tsan_atomic32_load(&flag, RELAXED), 1);
    __tsan_atomic32_fetch_add(&flag, 2, RELAXED);
    cr_assert_eq(flag, 3);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, but_with_what_is_not_atomic) {
    as(a);
    __tsan_atomic32_store(&flag, 1, SEQ_CST);
    as(b);
    __tsan_read4(&flag);
    cr_assert_eq(hooks_races(), 1);
    cr_assert(before.atomic && !now.atomic);
}

static uint64_t published_by(int release, int acquire) {
    begin();
    as(a);
    __tsan_write4(memory);
    __tsan_atomic32_store(&flag, 1, release);
    as(b);
    __tsan_atomic32_load(&flag, acquire);
    __tsan_read4(memory);
    return hooks_races();
}

Test(hooks, a_flag_publishes_only_by_release_and_acquire) {
    cr_expect_eq(published_by(RELEASE, ACQUIRE), 0);
    cr_expect_eq(published_by(SEQ_CST, SEQ_CST), 0);
    cr_expect_eq(published_by(RELAXED, ACQUIRE), 1);
    cr_expect_eq(published_by(RELEASE, RELAXED), 1);
}

Test(hooks, a_read_modify_write_goes_on_with_a_release_sequence) {
    as(a);
    __tsan_write4(memory);
    __tsan_atomic32_store(&flag, 1, RELEASE);
    as(b);
    __tsan_atomic32_fetch_add(&flag, 1, RELAXED);
    as(c);
    __tsan_atomic32_load(&flag, ACQUIRE);
    __tsan_read4(memory);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, a_store_of_another_ends_it) {
    as(a);
    __tsan_write4(memory);
    __tsan_atomic32_store(&flag, 1, RELEASE);
    as(b);
    __tsan_atomic32_store(&flag, 2, RELAXED);
    as(c);
    __tsan_atomic32_load(&flag, ACQUIRE);
    __tsan_read4(memory);
    cr_assert_eq(hooks_races(), 1);
}

Test(hooks, fences_make_relaxed_ones_release_and_acquire) {
    as(a);
    __tsan_write4(memory);
    __tsan_atomic_thread_fence(RELEASE);
    __tsan_atomic32_store(&flag, 1, RELAXED);
    as(b);
    __tsan_atomic32_load(&flag, RELAXED);
    __tsan_atomic_thread_fence(ACQUIRE);
    __tsan_read4(memory);
    cr_assert_eq(hooks_races(), 0);
}

Test(hooks, a_failed_exchange_is_a_load) {
    uint32_t expected = 5;
    flag = 7;
    as(a);
    cr_assert_eq(__tsan_atomic32_compare_exchange_strong(&flag, &expected, 9, SEQ_CST, ACQUIRE), 0);
    cr_assert_eq(expected, 7);
    cr_assert_eq(flag, 7);
    as(b);
    __tsan_read4(&flag);
    cr_assert_eq(hooks_races(), 0);
    cr_assert_eq(__tsan_atomic32_compare_exchange_strong(&flag, &expected, 9, SEQ_CST, ACQUIRE), 1);
    cr_assert_eq(flag, 9);
    as(c);
    __tsan_read4(&flag);
    cr_assert_eq(hooks_races(), 1);
}

Test(hooks, the_exchange_that_clang_calls_returns_what_was_there) {
    flag = 7;
    as(a);
    cr_assert_eq(__tsan_atomic32_compare_exchange_val(&flag, 5, 9, SEQ_CST, ACQUIRE), 7);
    cr_assert_eq(flag, 7);
    cr_assert_eq(__tsan_atomic32_compare_exchange_val(&flag, 7, 9, SEQ_CST, ACQUIRE), 7);
    cr_assert_eq(flag, 9);
}

// --- what is told ---------------------------------------------------------------------------------------

static __attribute__((noinline)) void written_by(void *where) {
    __tsan_func_entry(where);
    __tsan_write4(memory);
    __tsan_func_exit(NULL);
}

Test(hooks, both_stacks) {
    as(a);
    __tsan_func_entry((void *)0x1000);
    written_by((void *)0x2000);
    __tsan_func_exit(NULL);
    as(b);
    written_by((void *)0x3000);
    cr_assert_eq(reports, 1);
    cr_assert_eq(before.frames[0], now.frames[0]);
    cr_assert_eq(before.frames[1], (void *)0x2000);
    cr_assert_eq(before.frames[2], (void *)0x1000);
    cr_assert_null(before.frames[3]);
    cr_assert_eq(now.frames[1], (void *)0x3000);
    cr_assert_null(now.frames[2]);
}

// Enters functions and leaves them by no exit, as longjmp does.
static __attribute__((noinline)) void left_by_longjmp(int depth) {
    volatile char room[64];
    room[0] = (char)depth;
    __tsan_func_entry((void *)(uintptr_t)(0x100 + depth));
    if (depth)
        left_by_longjmp(depth - 1);
    __asm__ volatile("" ::"r"(room) : "memory");
}

Test(hooks, frames_that_were_jumped_over_are_gone) {
    as(a);
    __tsan_func_entry((void *)0x1000);
    left_by_longjmp(5);
    written_by((void *)0x2000);
    as(b);
    __tsan_write4(memory);
    cr_assert_eq(before.frames[1], (void *)0x2000);
    cr_assert_eq(before.frames[2], (void *)0x1000);
    cr_assert_null(before.frames[3]);
}

Test(hooks, a_pair_of_places_is_reported_once_and_counted_each_time) {
    for (int i = 0; i < 3; i++) {
        as(a);
        written_by(NULL);
        __tsan_release(&flag);
        as(b);
        written_by(NULL);
        __tsan_release(&other_flag);
    }
    cr_assert_eq(reports, 1);
    cr_assert_eq(hooks_races(), 5);
}

// --- choices --------------------------------------------------------------------------------------------

static int chosen, touched;
static int64_t told;
static const void *chosen_address, *chosen_pc;

static int64_t *choice(const void *address, size_t size, bool writes, void *pc) {
    (void)size;
    chosen += writes ? 10 : 1;
    chosen_pc = pc;
    chosen_address = address;
    return &told;
}

static void touch(const void *address, size_t size, bool writes) {
    (void)address, (void)size, (void)writes;
    touched++;
}

static void begin_choosing(const char *program, const char *program_end) {
    begin();
    hooks_begin(&(struct hooks_config){.race = raced,
                                       .choice = choice,
                                       .touch = touch,
                                       .program = program,
                                       .program_end = program_end});
    hooks_choose();
    chosen = touched = 0;
}

static __attribute__((noinline)) void write_one(uint32_t *where, uint32_t value) {
    __tsan_write4(where);
    *(volatile uint32_t *)where = value;
}

static __attribute__((noinline)) void write_other(uint32_t *where, uint32_t value) {
    __tsan_write4(where);
    *(volatile uint32_t *)where = value + 1;
}

Test(hooks, a_place_that_races_becomes_a_choice_point) {
    uint32_t x = 0, y = 0;
    begin_choosing(NULL, NULL);
    as(a);
    write_one(&x, 1);
    as(b);
    write_one(&x, 2);
    cr_assert_eq(chosen, 0);
    cr_assert(hooks_choice_add(before.frames));
    cr_assert_not(hooks_choice_add(before.frames), "it is one already");
    write_one(&x, 7);
    cr_assert_eq(chosen, 10);
    cr_assert_eq(chosen_address, &x);
    write_other(&x, 3);
    cr_assert_eq(chosen, 10, "another place is none");
    cr_assert_eq(told, 7, "what was written is told by the next access");
    write_one(&y, 9);
    as(a);
    cr_assert_eq(told, 9, "or when the task is left");
}

Test(hooks, every_atomic_access_is_a_choice_point) {
    uint32_t expected = 5;
    begin_choosing(NULL, NULL);
    as(a);
    __tsan_atomic32_load(&flag, RELAXED);
    cr_assert_eq(chosen, 1);
    __tsan_atomic32_fetch_add(&flag, 1, SEQ_CST);
    __tsan_atomic32_store(&flag, 4, SEQ_CST);
    __tsan_atomic32_compare_exchange_strong(&flag, &expected, 9, SEQ_CST, SEQ_CST);
    cr_assert_eq(chosen, 31);
    cr_assert_eq(expected, 4);
}

static __attribute__((noinline)) void exchange(int form) {
    uint32_t expected = 1;
    if (form == 0)
        __tsan_atomic32_compare_exchange_strong(&flag, &expected, 2, SEQ_CST, SEQ_CST);
    else if (form == 1)
        __tsan_atomic32_compare_exchange_weak(&flag, &expected, 2, SEQ_CST, SEQ_CST);
    else
        __tsan_atomic32_compare_exchange_val(&flag, 1, 2, SEQ_CST, SEQ_CST);
}

// Else it would pass for something that this program does in its caller's name, which cannot wait.
Test(hooks, an_exchange_in_any_form_is_a_choice_point_of_its_caller) {
    for (int form = 0; form < 3; form++) {
        begin_choosing(NULL, NULL);
        as(a);
        exchange(form);
        cr_assert_eq(chosen, 10);
        uintptr_t from = (uintptr_t)exchange, at = (uintptr_t)chosen_pc;
        cr_assert(at > from && at < from + 1000, "form %d: %p", form, chosen_pc);
    }
}

Test(hooks, what_the_program_does_itself_is_told_by_who_called_it) {
    begin_choosing(NULL, (const char *)UINTPTR_MAX); // every place is its own
    void *frames[HOOKS_FRAMES] = {(void *)0x1, (void *)0x2000};
    cr_assert(hooks_choice_add(frames));
    as(a);
    __tsan_func_entry((void *)0x2000);
    __tsan_write4(memory);
    __tsan_func_exit(NULL);
    cr_assert_eq(touched, 1);
    cr_assert_eq(chosen, 0);
    __tsan_func_entry((void *)0x3000);
    __tsan_write4(memory);
    __tsan_func_exit(NULL);
    cr_assert_eq(touched, 1);
}

Test(hooks, when_it_was) {
    events = 12;
    as(a);
    __tsan_write4(memory);
    events = 30;
    as(b);
    __tsan_write4(memory);
    cr_assert_eq(before.event, 12);
    cr_assert_eq(now.event, 30);
}
