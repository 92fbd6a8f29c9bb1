// The run's memory: zeroed, aligned, used again, checked, at the same addresses in every run.
#include "core/internal.h"
#include "core/tests/world.h"

#include <sys/resource.h>

enum { COUNT = 2000 };
static void *blocks[COUNT], *before[COUNT];
static size_t sizes[COUNT];

static uint32_t random_state;

static uint32_t random_below(uint32_t n) {
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

static bool is_filled(const void *p, size_t size, int with) {
    const unsigned char *b = p;
    for (size_t i = 0; i < size; i++)
        if (b[i] != with)
            return false;
    return true;
}

// --- allocating -------------------------------------------------------------------------------------

static void alloc_root(void *arg) {
    (void)arg;
    random_state = 1;
    for (int i = 0; i < COUNT; i++) {
        sizes[i] = i < 600 ? (size_t)i : 1 + random_below(5000);
        blocks[i] = run_alloc(sizes[i]);
        EXPECT((uintptr_t)blocks[i] % 16 == 0);
        EXPECT(is_filled(blocks[i], sizes[i], 0));
        memset(blocks[i], 0xee, sizes[i]);
    }
    for (int i = 0; i < COUNT; i++) // nobody wrote into anybody else
        EXPECT(is_filled(blocks[i], sizes[i], 0xee));
}

Test(heap, blocks_are_zeroed_aligned_and_apart) {
    EVERY_WORLD(alloc_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

Test(heap, addresses_are_the_same_in_every_run) {
    world_default(alloc_root);
    memcpy(before, blocks, sizeof blocks);
    for (int i = 0; i < 5; i++) {
        world_seed(alloc_root, i);
        cr_assert_arr_eq(blocks, before, sizeof blocks);
    }
}

static void churn_root(void *arg) {
    (void)arg;
    random_state = 3;
    memset(blocks, 0, sizeof blocks);
    for (int i = 0; i < 20000; i++) {
        uint32_t k = random_below(200);
        if (blocks[k]) {
            EXPECT(is_filled(blocks[k], sizes[k], (int)k));
            run_free(blocks[k]);
        }
        sizes[k] = 1 + random_below(random_below(4000) + 1);
        blocks[k] = run_alloc(sizes[k]);
        EXPECT(is_filled(blocks[k], sizes[k], 0));
        memset(blocks[k], (int)k, sizes[k]);
    }
}

Test(heap, what_is_freed_is_zeroed_before_it_is_used_again) {
    EVERY_WORLD(churn_root, 1) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_leq(run_heap_used(), 200 * 6000);
    }
}

static void reuse_root(void *arg) {
    (void)arg;
    void *p = run_alloc(100);
    size_t used = run_heap_used();
    EXPECT(used >= 100);
    run_free(p);
    EXPECT(run_heap_used() == 0 && run_heap_peak() == used);
    void *q = run_alloc(100);
    EXPECT((p == q) != sanitize_addresses()); // a sanitizer's blocks are never handed out twice
    run_free(NULL);
}

Test(heap, a_freed_block_is_handed_out_again) {
    world_default(reuse_root);
    cr_assert(world_finished());
}

static void large_root(void *arg) {
    (void)arg;
    char *p = run_alloc((size_t)20 << 20);
    EXPECT(is_filled(p, (size_t)20 << 20, 0));
    memset(p, 1, (size_t)20 << 20);
}

Test(heap, a_large_run_leaves_nothing_behind) {
    for (int i = 0; i < 3; i++) {
        world_default(large_root);
        cr_assert(world_finished());
    }
}

// --- resizing -------------------------------------------------------------------------------------------

static void realloc_root(void *arg) {
    (void)arg;
    unsigned char *p = run_realloc(NULL, 10);
    size_t size = 10;
    random_state = 9;
    memset(p, 1, size);
    for (int i = 0; i < 500; i++) {
        size_t next = 1 + random_below(300);
        p = run_realloc(p, next);
        size_t kept = size < next ? size : next;
        EXPECT(is_filled(p, kept, 1));
        EXPECT(is_filled(p + kept, next - kept, 0));
        memset(p, 1, next);
        size = next;
    }
    run_free(p);
    EXPECT(run_heap_used() == 0);
}

Test(heap, a_resized_block_keeps_its_bytes_and_new_ones_are_zero) {
    world_default(realloc_root);
    cr_assert(world_finished());
}

static void strdup_root(void *arg) {
    (void)arg;
    char *s = run_strdup("thirteen chars");
    EXPECT(strcmp(s, "thirteen chars") == 0);
    EXPECT(strcmp(run_strdup(""), "") == 0);
    int64_t *a = run_calloc(10, sizeof *a);
    EXPECT(is_filled(a, 10 * sizeof *a, 0));
}

Test(heap, copies_strings_and_makes_arrays) {
    world_default(strdup_root);
    cr_assert(world_finished());
}

// --- misuse ---------------------------------------------------------------------------------------------

static void double_free_root(void *arg) {
    (void)arg;
    void *p = run_alloc(10);
    run_free(p);
    run_free(p);
}

Test(heap, a_double_free_panics) {
    world_default(double_free_root);
    cr_assert_str_eq(world_panic(), "double free");
}

static void *foreign;

static void foreign_root(void *arg) {
    (void)arg;
    char *p = run_alloc(100);
    run_free(foreign ? foreign : p + 32);
}

Test(heap, freeing_what_the_run_did_not_allocate_panics) {
    static int64_t variable[4];
    void *const pointers[] = {variable, NULL, (void *)16, (void *)~(uintptr_t)15};
    for (size_t i = 0; i < 4; i++) {
        foreign = pointers[i];
        world_default(foreign_root);
        cr_assert_str_eq(world_panic(), "free of memory that the run did not allocate");
    }
}

static void quota_root(void *arg) {
    (void)arg;
    for (;;)
        run_alloc(100000);
}

Test(heap, the_quota_panics) {
    world.config.heap_quota = (size_t)5 << 20;
    world_default(quota_root);
    cr_assert_str_eq(world_panic(), "out of memory: the run's 5 MB are used up");
    cr_assert_leq(run_heap_peak(), (size_t)5 << 20);
    world.config.heap_quota = 0;
    world_default(quota_root);
    cr_assert_str_eq(world_panic(), "out of memory: the run's 256 MB are used up");
}

static void overflow_root(void *arg) {
    (void)arg;
    run_calloc(SIZE_MAX / 2, 3);
}

static void too_large_root(void *arg) {
    (void)arg;
    run_alloc(SIZE_MAX);
}

Test(heap, sizes_beyond_memory_panic) {
    world_default(overflow_root);
    cr_assert_eq(world.end, RUN_PANICKED);
    world_default(too_large_root);
    cr_assert_eq(world.end, RUN_PANICKED);
}

#if !WORLD_ASAN // whose shadow counts as well

// The limit holds for the process from here on, which is this test's own.
static void refused_root(void *arg) {
    (void)arg;
    setrlimit(RLIMIT_DATA, &(struct rlimit){(size_t)64 << 20, (size_t)64 << 20});
    for (;;)
        run_alloc(100000);
}

Test(heap, a_machine_that_refuses_more_is_told) {
    uint32_t had = 0;
    world_default(refused_root);
    cr_assert_eq(
        sscanf(world_panic(), "out of memory: the machine refuses more than the %u MB", &had), 1,
        "%s", world_panic());
    cr_assert(had >= 16 && had <= 64, "%u", had);
    log_site at = event_log_site(world.log, world_event(EV_PANIC, 0)->site);
    cr_assert_str_eq(event_log_string(world.log, at.function), "refused_root");
}
#endif
