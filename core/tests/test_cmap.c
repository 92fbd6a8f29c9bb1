// Concurrent maps: one test per rule; against a plain array; and under every schedule.
#include "core/cmap.h"

#include "core/tests/aftermath.h"
#include "core/tests/every_schedule.h"

typedef cmap_of(int, int) int_map;
typedef cmap_of(const char *, double) text_map;

static int_map m;
static text_map t;

static void reset(void) {
    m = (int_map){0};
    t = (text_map){.raw.keys = &cmap_text};
}

// --- each operation -----------------------------------------------------------------------------------

static void each_root(void *arg) {
    (void)arg;
    reset();
    int v = 7;
    EXPECT(!cmap_load(&m, 1, &v) && v == 7);
    cmap_store(&m, 1, 10);
    EXPECT(cmap_load(&m, 1, &v) && v == 10 && cmap_load(&m, 1, NULL));
    EXPECT(cmap_load_or_store(&m, 1, 20, &v) && v == 10);
    EXPECT(!cmap_load_or_store(&m, 2, 20, &v) && v == 20);
    EXPECT(cmap_swap(&m, 2, 21, &v) && v == 20);
    EXPECT(!cmap_swap(&m, 3, 30, &v) && v == 20);
    EXPECT(!cmap_compare_and_swap(&m, 2, 20, 22) && !cmap_compare_and_swap(&m, 9, 0, 1));
    EXPECT(cmap_compare_and_swap(&m, 2, 21, 22) && cmap_load(&m, 2, &v) && v == 22);
    EXPECT(!cmap_compare_and_delete(&m, 2, 21) && cmap_compare_and_delete(&m, 2, 22));
    EXPECT(!cmap_load(&m, 2, &v));
    EXPECT(cmap_load_and_delete(&m, 3, &v) && v == 30 && !cmap_load_and_delete(&m, 3, &v));
    cmap_delete(&m, 1);
    cmap_delete(&m, 1);
    EXPECT(!cmap_load(&m, 1, &v));
    cmap_store(&m, -5, 50);
    cmap_clear(&m);
    EXPECT(!cmap_load(&m, -5, &v));
    cmap_store(&m, -5, 51);
    EXPECT(cmap_load(&m, -5, &v) && v == 51);
}

Test(cmap, each_operation_does_what_syncs_map_does) {
    EVERY_WORLD(each_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void text_root(void *arg) {
    (void)arg;
    reset();
    char a[] = "alice", b[] = "alice";
    double v = 0;
    cmap_store(&t, a, 1.5);
    EXPECT(cmap_load(&t, b, &v) && v == 1.5);
    EXPECT(!cmap_load(&t, "alic", &v) && !cmap_load(&t, "alicea", &v));
    cmap_store(&t, b, 2.5);
    EXPECT(cmap_load(&t, a, &v) && v == 2.5 && t.raw.table.live == 1);
    cmap_of(const char *, int) by_address = {0};
    cmap_store(&by_address, a, 1);
    EXPECT(cmap_load(&by_address, a, NULL) && !cmap_load(&by_address, b, NULL));
}

Test(cmap, keys_are_compared_as_it_is_told) {
    EVERY_WORLD(text_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- against a plain array ----------------------------------------------------------------------------

enum { KEYS = 50, ROUNDS = 3000 };

static void walk(const int *values, const int *order) {
    cmap_cursor at = {0};
    int key = -1, value = 0, last = 0, seen = 0, live = 0;
    while (cmap_next(&m, &at, &key, &value)) {
        EXPECT(values[key] == value && order[key] > last);
        last = order[key];
        seen++;
    }
    for (int i = 0; i < KEYS; i++)
        live += values[i] != 0;
    EXPECT(seen == live);
    EXPECT(!cmap_next(&m, &at, &key, NULL));
}

static void model_root(void *arg) {
    (void)arg;
    reset();
    uint64_t random = *(const uint64_t *)world.config.user;
    int values[KEYS] = {0}, order[KEYS] = {0}, stored = 0;
    for (int i = 0; i < ROUNDS; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int key = (int)(random >> 33) % KEYS, value = 1 + (int)(random >> 40) % 5, was = 0;
        switch ((random >> 60) % 4) {
        case 0:
        case 1:
            EXPECT(cmap_swap(&m, key, value, &was) == (values[key] != 0));
            order[key] = values[key] ? order[key] : ++stored;
            EXPECT(was == values[key]);
            values[key] = value;
            break;
        case 2:
            EXPECT(cmap_load_and_delete(&m, key, &was) == (values[key] != 0));
            EXPECT(was == values[key]);
            values[key] = 0;
            break;
        case 3:
            EXPECT(cmap_load(&m, key, &was) == (values[key] != 0) && was == values[key]);
        }
        if (i % 100 == 0)
            walk(values, order);
    }
}

Test(cmap, it_holds_what_a_plain_array_holds) {
    for (uint64_t start = 0; start < 30; start++) {
        world.config.user = &start;
        world_default(model_root);
        cr_assert(world_finished(), "start %" PRIu64, start);
    }
}

static void bounded_root(void *arg) {
    (void)arg;
    reset();
    size_t before = 0;
    for (int i = 0; i < 4000; i++) {
        cmap_store(&m, i, i);
        if (i >= 10)
            cmap_delete(&m, i - 10);
        if (i == 100)
            before = run_heap_used();
    }
    EXPECT(run_heap_used() <= before);
    EXPECT(m.raw.table.live == 10);
}

Test(cmap, what_was_deleted_needs_no_memory) {
    EVERY_WORLD(bounded_root, 1) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- walking ------------------------------------------------------------------------------------------

static void changing_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 10; i++)
        cmap_store(&m, i, i);
    cmap_cursor at = {0};
    int key, seen = 0, sum = 0;
    while (cmap_next(&m, &at, &key, NULL)) {
        seen++;
        sum += key;
        cmap_delete(&m, key);        // where it stands
        cmap_delete(&m, key + 1);    // where it would go
        cmap_store(&m, key, 1);      // comes back, but not in this walk
        for (int i = 0; i < 50; i++) // it moves in memory
            cmap_store(&m, 100 + 50 * key + i, 1);
    }
    EXPECT(seen == 5 && sum == 0 + 2 + 4 + 6 + 8);
    cmap_cursor over = {0};
    cmap_next(&m, &over, &key, NULL);
    cmap_clear(&m);
    EXPECT(!cmap_next(&m, &over, &key, NULL));
}

Test(cmap, a_walk_survives_what_changes_the_map) {
    EVERY_WORLD(changing_root, 3) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

// --- under every schedule -------------------------------------------------------------------------------

static int stored_by, deleted_by, swapped;

TASK(competes, int number;) {
    int v = 0;
    if (!cmap_load_or_store(&m, 1, a->number, &v))
        stored_by += a->number;
    EXPECT(v == stored_by);
    if (cmap_compare_and_swap(&m, 2, 0, a->number))
        swapped++;
    if (cmap_load_and_delete(&m, 3, NULL))
        deleted_by += a->number;
}

static void compete_root(void *arg) {
    (void)arg;
    reset();
    stored_by = deleted_by = swapped = 0;
    cmap_store(&m, 2, 0);
    cmap_store(&m, 3, 0);
    go(competes, .number = 1);
    go(competes, .number = 2);
}

Test(cmap, one_alone_stores_swaps_and_deletes_under_every_schedule) {
    int by[3] = {0};
    EVERY_SCHEDULE(compete_root, 50000) {
        cr_assert(world_finished(), "schedule %d", schedules.runs);
        cr_assert(stored_by == 1 || stored_by == 2);
        cr_assert(deleted_by == 1 || deleted_by == 2);
        cr_assert_eq(swapped, 1);
        by[stored_by]++;
    }
    cr_assert(by[1] && by[2]);
}

static int lost;

TASK(checks_then_stores, int unused;) {
    if (!cmap_load(&m, 1, NULL)) {
        if (cmap_swap(&m, 1, 1, NULL))
            lost++;
    }
}

static void check_then_act_root(void *arg) {
    (void)arg;
    reset();
    lost = 0;
    go(checks_then_stores, .unused = 0);
    go(checks_then_stores, .unused = 0);
}

Test(cmap, a_load_and_a_store_are_two_steps) {
    int lost_ones = 0, runs = 0;
    EVERY_SCHEDULE(check_then_act_root, 5000) {
        lost_ones += lost;
        runs++;
    }
    cr_assert(lost_ones > 0 && lost_ones < runs);
}

// --- in vain ------------------------------------------------------------------------------------------

TASK(stores, int key; int value;) {
    task_sleep(1);
    cmap_store(&m, a->key, a->value);
}

static void spins_root(void *arg) {
    (void)arg;
    int v = 0;
    reset();
    go(stores, .key = 1, .value = 1);
    while (!cmap_load(&m, 1, NULL))
        continue;
    go(stores, .key = 1, .value = 2);
    while (cmap_load(&m, 1, &v) && v == 1)
        continue;
    go(stores, .key = 2, .value = 0);
    while (!cmap_compare_and_swap(&m, 2, 0, 5))
        continue;
    cmap_cursor at = {0};
    go(stores, .key = 3, .value = 0);
    while (!cmap_load_and_delete(&m, 3, NULL))
        continue;
    EXPECT(cmap_next(&m, &at, &v, NULL) && v == 1);
    cmap_clear(&m);
    go(stores, .key = 4, .value = 0);
    for (at = (cmap_cursor){0}; !cmap_next(&m, &at, &v, NULL);)
        at = (cmap_cursor){0};
    EXPECT(v == 4);
}

Test(cmap, who_looks_for_ever_lets_others_and_the_clock_go_on) {
    EVERY_WORLD(spins_root, 100) {
        cr_assert(world_finished(), "%s", world_name());
    }
}

static void reads_root(void *arg) {
    (void)arg;
    reset();
    for (int i = 0; i < 300; i++)
        cmap_store(&m, i, i);
    ctx *c = ctx_with_timeout(ctx_background(), SECOND);
    int sum = 0, v = 0;
    for (int i = 0; i < 600; i++)
        sum += cmap_load(&m, i, &v) ? v : 0;
    EXPECT(sum == 299 * 150 && ctx_err(c) == OK && time_now() == 0);
    ctx_cancel(c);
}

Test(cmap, reading_many_keys_is_work_and_takes_no_time) {
    EVERY_WORLD(reads_root, 10) {
        cr_assert(world_finished(), "%s", world_name());
        cr_assert_not(run_was_pressed(), "%s", world_name());
    }
}
