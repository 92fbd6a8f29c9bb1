// reduction: compares the outcomes of the reduced search with those of every order, program by program.
//
//     reduction known                    the programs that once told the two apart (known_programs.h)
//     reduction FIRST COUNT [DIFFERING]  random ones, by seed, until so many differ; 0 or none: all of them
//
// Prints each program that differs at once, made as short as it can be, and the totals every 10,000 programs and
// at the end. Exit code 1 if any differed.
#include "harness/tests/known_programs.h"
#include "harness/tests/random_program.h"

static struct outcomes all, reduced;

enum { PROGRAMS_BETWEEN_TOTALS = 10000 };

struct totals {
    uint64_t compared, slow, skipped, differ, runs, reduced, cut;
};

static enum comparison compare(void) {
    return program_compare(&all, &reduced, RUNS_MOST);
}

static void drop_op(int task, int at) {
    program.lengths[task]--;
    for (int i = at; i < program.lengths[task]; i++)
        program.ops[task][i] = program.ops[task][i + 1];
}

// Leaves out one operation if the searches still disagree without it.
static bool shrink_once(void) {
    for (int task = 0; task < TASKS_ALL; task++)
        for (int at = 0; at < program.lengths[task]; at++) {
            __typeof__(program) before = program;
            drop_op(task, at);
            if (compare() == DIFFERS)
                return true;
            program = before;
        }
    return false;
}

static void show(void) {
    while (shrink_once())
        continue;
    compare();
    program_print(stdout);
    printf("    %u outcomes in %llu runs, reduced %u in %llu (%llu cut)%s\n", all.count,
           (unsigned long long)all.runs, reduced.count, (unsigned long long)reduced.runs,
           (unsigned long long)reduced.cut, reduced.all ? "" : ", not exhaustive");
    fflush(stdout);
}

static void count(struct totals *t) {
    enum comparison c = compare();
    if (c == TOO_MANY) {
        t->skipped++;
        return;
    }
    t->compared++;
    t->slow += program.slow;
    t->runs += all.runs;
    t->reduced += reduced.runs;
    t->cut += reduced.cut;
    t->differ += c == DIFFERS;
    if (c == DIFFERS)
        show();
}

static void count_known(struct totals *t) {
    for (size_t i = 0; i < sizeof known_programs / sizeof *known_programs; i++) {
        if (!program_read(known_programs[i].text))
            exit(2);
        count(t);
    }
}

static void show_totals(const struct totals *t) {
    printf(
        "%llu programs (%llu on a slow machine), %llu skipped, %llu differ; %llu runs, reduced %llu "
        "and %llu cut, %llu fallbacks\n",
        (unsigned long long)t->compared, (unsigned long long)t->slow,
        (unsigned long long)t->skipped, (unsigned long long)t->differ, (unsigned long long)t->runs,
        (unsigned long long)t->reduced, (unsigned long long)t->cut,
        (unsigned long long)reduce_fallbacks());
    fflush(stdout);
}

static void count_random(struct totals *t, uint64_t first, uint64_t programs, uint64_t differing) {
    for (uint64_t seed = first; seed < first + programs; seed++) {
        uint64_t differ = t->differ;
        random_program(seed);
        count(t);
        if (t->differ > differ)
            printf("    seed %llu\n", (unsigned long long)seed);
        if (differing && t->differ == differing)
            return;
        uint64_t done = seed - first + 1;
        if (done < programs && (done % PROGRAMS_BETWEEN_TOTALS == 0 || t->differ > differ))
            show_totals(t);
    }
}

int main(int argc, char **argv) {
    struct totals t = {0};
    if (argc == 2 && strcmp(argv[1], "known") == 0)
        count_known(&t);
    else if (argc == 3 || argc == 4)
        count_random(&t, strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10),
                     argc == 4 ? strtoull(argv[3], NULL, 10) : 0);
    else
        return 2;
    show_totals(&t);
    return t.differ != 0;
}
