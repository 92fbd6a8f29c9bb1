// The reduced search: it finds all that can come of a program, and runs each class of schedules once.
#include "harness/tests/kernels.h"
#include "harness/tests/known_programs.h"
#include "harness/tests/random_program.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

// --- kernels ----------------------------------------------------------------------------------------

#define CLASSES(name, count)                                                                       \
    Test(reduction, classes_of_##name) {                                                           \
        struct kernel_counts c = kernel_explore(name, true, 1000000);                              \
        cr_assert(c.exhaustive);                                                                   \
        cr_assert_eq(c.runs, count, "%llu runs", (unsigned long long)c.runs);                      \
        cr_assert_eq(reduce_fallbacks(), 0);                                                       \
    }

CLASSES(three_lockers, 6)
CLASSES(three_philosophers, 7)
CLASSES(five_philosophers, 31)
CLASSES(abba, 10)
CLASSES(pipeline, 18)
CLASSES(first_wins, 6)
CLASSES(independent_pairs, 1)

static uint64_t factorial(int n) {
    return n < 2 ? 1 : (uint64_t)n * factorial(n - 1);
}

static uint64_t orders_of_one_lock(int tasks, int rounds) {
    uint64_t orders = factorial(tasks * rounds);
    for (int i = 0; i < tasks; i++)
        orders /= factorial(rounds);
    return orders;
}

Test(reduction, one_lock_has_a_class_for_each_order_of_taking_it) {
    for (kernel_tasks = 1; kernel_tasks <= 4; kernel_tasks++) {
        for (kernel_rounds = 1; kernel_rounds <= 3; kernel_rounds++) {
            uint64_t orders = orders_of_one_lock(kernel_tasks, kernel_rounds);
            if (orders > 40000)
                continue;
            struct kernel_counts c = kernel_explore(lockers, true, 1000000);
            cr_assert(c.exhaustive);
            cr_assert_eq(c.runs, orders, "%d tasks, %d rounds: %llu runs", kernel_tasks,
                         kernel_rounds, (unsigned long long)c.runs);
        }
    }
}

Test(reduction, without_it_every_schedule_is_run) {
    cr_assert_eq(kernel_explore(abba, false, 1000000).runs, 26);
    cr_assert_eq(kernel_explore(first_wins, false, 1000000).runs, 24);
}

// --- programs ---------------------------------------------------------------------------------------

static struct outcomes all, reduced;

Test(reduction, finds_what_can_come_of_known_programs) {
    for (size_t i = 0; i < sizeof known_programs / sizeof *known_programs; i++) {
        const char *name = known_programs[i].name;
        cr_assert(program_read(known_programs[i].text), "%s", name);
        enum comparison c = program_compare(&all, &reduced, RUNS_MOST);
        cr_assert_neq(c, TOO_MANY, "%s", name);
        cr_expect_eq(c, SAME, "%s: %u outcomes of %u", name, reduced.count, all.count);
    }
}

static void compare_random(uint64_t first, uint64_t count) {
    uint64_t compared = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        random_program(seed);
        enum comparison c = program_compare(&all, &reduced, RUNS_MOST);
        cr_expect_neq(c, DIFFERS, "program %llu: %u outcomes of %u", (unsigned long long)seed,
                      reduced.count, all.count);
        compared += c != TOO_MANY;
    }
    cr_assert_gt(compared, count / 2);
}

#ifdef __SANITIZE_ADDRESS__
enum { PROGRAMS = 250 };
#else
enum { PROGRAMS = 1000 };
#endif

// More of them, and with UNSTUCK_LONG very many, are in tests/reduction.sh.
#define RANDOM(first)                                                                              \
    Test(reduction, finds_what_can_come_of_random_programs_##first) {                              \
        compare_random(first, PROGRAMS);                                                           \
    }

RANDOM(1)
RANDOM(1001)
RANDOM(2001)

Test(reduction, a_program_reads_as_it_is_printed) {
    char text[2000], again[2000];
    for (uint64_t seed = 1; seed < 200; seed++) {
        memset(text, 0, sizeof text);
        memset(again, 0, sizeof again);
        FILE *out = fmemopen(text, sizeof text, "w");
        random_program(seed);
        program_print(out);
        fclose(out);
        cr_assert(program_read(text), "%s", text);
        out = fmemopen(again, sizeof again, "w");
        program_print(out);
        fclose(out);
        cr_assert(eq(str, text, again));
    }
    cr_assert_not(program_read("CHAN/1 CHAN/2 ; 0.1(2>0)"));
    cr_assert_not(program_read("CHAN/1 CHAN/2 CHAN/3 ; 0.1(2)"));
    cr_assert_not(program_read("CHAN/1 CHAN/2 NONE/3 ;"));
}
