// A search that is followed from its tape is the search that was made; and what no runner writes is told, does
// no harm, and never ends in a count.
#pragma GCC diagnostic ignored "-Wunused-function" // of programs that others are compared with
#include "harness/tests/kernels.h"
#include "harness/tests/known_programs.h"
#include "harness/tests/random_program.h"
#include "harness/witness.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct shared *shared;
static struct witness *witness;
static struct search *mine, *theirs; // as the runner has it; as the witness does
static struct seen seen;
static struct judgement judgement;
static const struct witness_terms all_verdicts = {.counts = ~0u};

static void start(void) {
    shared = calloc(1, offsetof(struct shared, log));
    witness = witness_new(PROGRAM_EVENTS);
    mine = calloc(1, sizeof *mine);
    theirs = calloc(1, sizeof *theirs);
}

static void end(void) {
    witness_free(witness);
    seen_free(&seen);
    judgement_free(&judgement);
    free(shared);
    free(mine);
    free(theirs);
}

TestSuite(witness, .init = start, .fini = end, .timeout = 120);

static void tape_rewind(const event_log *log) {
    memset(&shared->tape, 0, offsetof(struct tape, cells));
    atomic_store(&shared->stop, 0);
    shared->tape.answered = 1; // nobody waits here for anybody
    tape_start(&shared->tape, log);
}

static void look(void) {
    while (witness_look(witness, shared))
        continue;
}

// --- the same search --------------------------------------------------------------------------------

static struct search_plan plan;

// What the runner's own judge says.
static unsigned judged(const event_log *log) {
    static const struct judge_terms terms = {.grace = 0};
    seen_init(&seen, log, 0);
    judge(&seen, &terms, &judgement);
    return judgement.verdicts;
}

static void run_taped(const event_log *log, enum run_end (*run)(struct policy *policy)) {
    enum run_end how = run(tape_run(&mine->policy));
    bool bounded = how == RUN_STEPS || how == RUN_LOG_FULL || run_was_pressed();
    bool counted = search_counts(mine);
    tape_end((bounded ? TAPE_BOUNDED : 0u) | (counted ? TAPE_LOGGED : 0u));
    look();
    unsigned verdicts = counted ? judged(log) : 0;
    if (counted)
        search_checks(mine, judgement_failed(&judgement));
    search_spend(mine, log->head, log->started);
    search_end(mine, verdicts, bounded);
}

static void make_search(const event_log *log, enum run_end (*run)(struct policy *policy)) {
    search_init(mine, &plan);
    search_init(theirs, &plan);
    tape_rewind(log);
    witness_begin(witness, theirs, &all_verdicts);
    while (search_begin(mine) && !witness_wrong(witness))
        run_taped(log, run);
    tape_searched();
    look();
}

// All that an answer is made of.
static bool same_search(void) {
    bool same = !memcmp(mine->runs, theirs->runs, sizeof mine->runs) &&
                !memcmp(mine->failing, theirs->failing, sizeof mine->failing) &&
                !memcmp(mine->finished, theirs->finished, sizeof mine->finished) &&
                mine->explored == theirs->explored && mine->again == theirs->again &&
                mine->cut == theirs->cut && mine->spent == theirs->spent &&
                mine->bounded == theirs->bounded && mine->diverged == theirs->diverged &&
                mine->verdicts == theirs->verdicts && mine->most_depth == theirs->most_depth &&
                mine->most_tasks == theirs->most_tasks && mine->found_count == theirs->found_count;
    for (uint32_t i = 0; i < mine->found_count && same; i++)
        same = !memcmp(&mine->found[i], &theirs->found[i], sizeof mine->found[i]);
    return same;
}

static void (*body)(void);

static enum run_end run_kernel(struct policy *policy) {
    return kernel_run(body, policy);
}

static void kernel_agrees(const char *name, void (*of)(void), uint64_t runs) {
    body = of;
    kernel_begin();
    plan = search_plan_of("kernel", runs, runs / 4);
    make_search(kernel_log, run_kernel);
    cr_expect_null(witness_wrong(witness), "%s: %s", name, witness_wrong(witness));
    cr_expect(witness_searched(witness), "%s", name);
    cr_expect(same_search(), "%s: %llu runs, %llu", name, (unsigned long long)mine->explored,
              (unsigned long long)theirs->explored);
    cr_expect_gt(theirs->explored, 0u, "%s", name);
}

Test(witness, a_search_is_the_one_that_was_made) {
    kernel_tasks = kernel_rounds = 3;
    kernel_agrees("lockers", lockers, 4000);
    kernel_agrees("lockers, too many", lockers, 400);
    kernel_agrees("abba", abba, 400);
    kernel_agrees("five_philosophers", five_philosophers, 4000);
    kernel_agrees("first_wins", first_wins, 400);
    kernel_agrees("pipeline", pipeline, 100);
}

Test(witness, so_it_is_without_reduction) {
    body = abba;
    kernel_begin();
    plan = search_plan_of("kernel", 4000, 0);
    plan.reduce = false;
    make_search(kernel_log, run_kernel);
    cr_assert_null(witness_wrong(witness));
    cr_assert(same_search());
    cr_assert(search_exhaustive(theirs));
}

static enum run_end run_program(struct policy *policy) {
    return program_run(policy);
}

static void program_agrees(const char *name, uint64_t runs) {
    plan = search_plan_of("p", runs, runs / 10);
    make_search(program_log, run_program);
    cr_expect_null(witness_wrong(witness), "%s: %s", name, witness_wrong(witness));
    cr_expect(same_search(), "%s: %llu runs, %llu", name, (unsigned long long)mine->explored,
              (unsigned long long)theirs->explored);
}

Test(witness, so_it_is_of_known_programs) {
    static struct outcomes none;
    outcomes_begin(&none);
    for (size_t i = 0; i < sizeof known_programs / sizeof *known_programs; i++) {
        cr_assert(program_read(known_programs[i].text));
        program_agrees(known_programs[i].name, 1000);
    }
}

Test(witness, so_it_is_of_random_programs) {
    static struct outcomes none;
    char name[40];
    uint64_t failing = 0, cut = 0;
    outcomes_begin(&none);
    for (uint64_t seed = 1; seed <= 400; seed++) {
        random_program(seed);
        snprintf(name, sizeof name, "program %llu", (unsigned long long)seed);
        program_agrees(name, 150);
        failing += theirs->all_failing;
        cut += theirs->cut;
    }
    cr_assert_gt(failing, 100u, "they are judged");
    cr_assert_gt(cut, 100u, "they are reduced");
}

// --- what is enough, and what was found ---------------------------------------------------------------

Test(witness, one_that_fails_may_be_enough) {
    body = abba;
    kernel_begin();
    plan = search_plan_of("kernel", 400, 0);
    search_init(mine, &plan);
    search_init(theirs, &plan);
    tape_rewind(kernel_log);
    witness_begin(witness, theirs, &(struct witness_terms){.counts = ~0u, .until = VERDICT_LEAK});
    while (search_begin(mine))
        run_taped(kernel_log, run_kernel);
    tape_searched();
    look();
    cr_assert_null(witness_wrong(witness));
    cr_assert(witness_searched(witness));
    cr_assert_eq(theirs->all_failing, 1u);
    cr_assert_lt(theirs->explored, mine->explored);
}

// A runner learns what was found, tries it, and what it then says it took is what is believed, if it fails.
static void try_again(struct policy *policy, bool first) {
    tape_trials(0, first, false);
    kernel_run(abba, tape_trial(policy));
    tape_end(TAPE_LOGGED);
    look();
}

Test(witness, what_was_found_is_made_shorter_only_by_what_fails) {
    struct policy_replay replay;
    kernel_agrees("abba", abba, 400);
    cr_assert_eq(shared->search.found_count, theirs->found_count);
    cr_assert_gt(theirs->found_count, 0u);
    const struct schedule before = theirs->found[0].schedule;
    cr_assert_gt(before.count, 0u);
    try_again(policy_default(), true);
    cr_assert_eq(theirs->found[0].schedule.count, before.count, "the default schedule holds");
    try_again(policy_replay_init(&replay, before.deviations, before.count), true);
    cr_assert_null(witness_wrong(witness));
    cr_assert_eq(memcmp(&theirs->found[0].schedule, &before, sizeof before), 0);
    try_again(policy_default(), false);
    cr_assert_eq(theirs->found[0].schedule.count, before.count);
}

// --- what cannot be ---------------------------------------------------------------------------------

static uint64_t written;

static void put(struct tape_cell c) {
    shared->tape.cells[written++ % TAPE_CELLS] = c;
    atomic_store(&shared->tape.head, written);
}

#define PUT(...) put((struct tape_cell){__VA_ARGS__})

// A witness of a search that begins; `tree`: without the schedules that are not reduced.
static void forge(bool tree) {
    plan = search_plan_of("kernel", 400, 0);
    if (tree)
        plan.runs[SEARCH_SERIAL] = 0;
    search_init(theirs, &plan);
    memset(&shared->tape, 0, offsetof(struct tape, cells));
    witness_begin(witness, theirs, &all_verdicts);
    written = 0;
}

static void is_told(const char *words) {
    look();
    cr_assert_not_null(witness_wrong(witness), "nothing is wrong");
    cr_assert_not_null(strstr(witness_wrong(witness), words), "%s", witness_wrong(witness));
    uint64_t tail = shared->tape.tail;
    PUT(.end = {.kind = TAPE_END});
    cr_assert_not(witness_look(witness, shared), "nothing more is read");
    cr_assert_eq(shared->tape.tail, tail);
}

static void begin_run(void) {
    PUT(.choice = {.kind = TAPE_RUN});
}

// A choice between the tasks 1 and 2.
static void put_ways(void) {
    PUT(.ways = {{.task = 1}, {.task = 2}});
}

static void begin_choice(void) {
    PUT(.choice = {.kind = TAPE_CHOICE, .count = 2});
    put_ways();
}

Test(witness, a_tape_that_grows_shorter) {
    forge(false);
    begin_run();
    look();
    atomic_store(&shared->tape.head, 0);
    is_told("shorter or longer");
}

Test(witness, a_tape_that_is_longer_than_it_is) {
    forge(false);
    atomic_store(&shared->tape.head, TAPE_CELLS + 1);
    look();
    cr_assert_not_null(witness_wrong(witness));
    forge(false);
    atomic_store(&shared->tape.head, UINT64_MAX);
    look();
    cr_assert_not_null(witness_wrong(witness));
}

Test(witness, what_happens_outside_of_a_run) {
    for (unsigned kind = 0; kind < 256; kind++) {
        if (kind == TAPE_RUN || kind == TAPE_SEARCHED)
            continue;
        forge(false);
        PUT(.telling = {.kind = (uint8_t)kind});
        is_told("outside of a run");
    }
}

Test(witness, what_is_no_part_of_a_run) {
    for (unsigned kind = TELL_KINDS; kind < 256; kind++) {
        if (kind == TAPE_CHOICE || kind == TAPE_END)
            continue;
        forge(false);
        begin_run();
        PUT(.telling = {.kind = (uint8_t)kind});
        is_told("no end");
    }
}

Test(witness, choices_that_are_none) {
    const struct tape_choice choices[] = {
        {.count = 0},
        {.count = 1},
        {.count = 2, .preferred = 2},
        {.count = 2, .preferred = UINT32_MAX},
        {.count = (1 << 20) + 1},
        {.count = UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        forge(false);
        begin_run();
        PUT(.choice = choices[i]);
        shared->tape.cells[1].choice.kind = TAPE_CHOICE;
        is_told("no such ways");
    }
}

Test(witness, another_way_than_the_search_takes) {
    const uint32_t taken[] = {1, 2, TAPE_STOP, TAPE_DIVERGED, 77};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        forge(false);
        begin_run();
        PUT(.choice = {.kind = TAPE_CHOICE, .count = 2, .taken = taken[i]});
        put_ways();
        is_told("another way");
    }
}

// All choices are made by the path that the search wants; the second run's is not that of the first.
Test(witness, a_run_that_was_made_before) {
    forge(false);
    for (int i = 0; i < 2; i++) {
        begin_run();
        PUT(.choice = {.kind = TAPE_CHOICE, .count = 2});
        PUT(.ways = {{.task = 1}, {.task = 2}});
        PUT(.end = {.kind = TAPE_END, .flags = TAPE_LOGGED});
    }
    is_told("another way");
    cr_assert_eq(theirs->explored, 1u);
    cr_assert_eq(theirs->verdicts, (unsigned)VERDICT_ENDED_EARLY, "a log without an end");
}

Test(witness, tellings_that_are_none) {
    const struct telling tellings[] = {
        {.kind = TELL_TASK, .task = 4096},        {.kind = TELL_TASK, .task = UINT32_MAX},
        {.kind = TELL_MET, .other = UINT32_MAX},  {.kind = TELL_PASSED, .task = 1 << 20},
        {.kind = TELL_WOKE, .task = UINT32_MAX},  {.kind = TELL_ACTED, .task = EVENT_NOBODY},
        {.kind = TELL_TOUCHED, .task = 4096},     {.kind = TELL_SET, .task = UINT32_MAX},
        {.kind = TELL_STARTED, .other = 4096},    {.kind = TELL_WAITS, .task = 4096},
        {.kind = TELL_ENTER, .task = UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof tellings / sizeof *tellings; i++) {
        forge(true);
        begin_run();
        PUT(.telling = tellings[i]);
        is_told("cannot be");
    }
    forge(false);
    begin_run();
    PUT(.telling = {.kind = TELL_TASK});
    is_told("cannot be");
}

// No room in what follows a run is ever used up.
Test(witness, numbers_at_random_do_no_harm) {
    uint64_t state = 1;
    for (int i = 0; i < 300; i++) {
        forge(true);
        begin_run();
        for (int k = 0; k < 3000 && !witness_wrong(witness); k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            uint64_t r = state >> 16;
            struct telling t = {.kind = (uint8_t)(r % TELL_KINDS),
                                .how = (uint8_t)(r >> 8),
                                .flags = (uint16_t)(r >> 20),
                                .task = r >> 12 & 1 ? (uint32_t)k : (uint32_t)(r >> 30) % 4096,
                                .other = (uint32_t)(r >> 24) % 4096,
                                .key = r >> 13 & 1 ? state : r >> 33 & 8191};
            if (r % 11 == 0)
                begin_choice();
            else
                put((struct tape_cell){.telling = t});
            look();
        }
    }
}

static void tell_for_ever(struct telling t) {
    for (uint64_t i = 0; !witness_wrong(witness); i++) {
        put((struct tape_cell){.telling = t});
        if (i % 1000 == 0)
            witness_look(witness, shared);
        cr_assert_lt(i, 100u * PROGRAM_EVENTS);
    }
}

Test(witness, tellings_without_end) {
    const struct telling tellings[] = {{.kind = TELL_USE, .how = 1, .key = 5},
                                       {.kind = TELL_TASK, .how = 2},
                                       {.kind = TELL_TIMER, .flags = TELLING_MOVES},
                                       {.kind = TELL_STARTED, .task = 5}};
    for (size_t i = 0; i < sizeof tellings / sizeof *tellings; i++) {
        forge(true);
        begin_run();
        tell_for_ever(tellings[i]);
        is_told("more than can happen");
    }
}

Test(witness, more_told_than_its_log_has_events_for) {
    forge(true);
    begin_run();
    for (int i = 0; i < 200; i++)
        PUT(.telling = {.kind = TELL_USE, .how = 1, .key = 5});
    PUT(.end = {.kind = TAPE_END, .flags = TAPE_LOGGED, .events = 1});
    is_told("more than can happen");
}

Test(witness, logs_that_do_not_fit) {
    const struct tape_end ends[] = {
        {.events = PROGRAM_EVENTS + 1},
        {.events = UINT64_MAX},
        {.sites = LOG_MAX_SITES},
        {.sites = UINT32_MAX},
        {.literals = LOG_STRING_BYTES / 2},
        {.literals = UINT32_MAX},
        {.texts = LOG_STRING_BYTES / 2 + 1},
        {.texts = UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        forge(false);
        begin_run();
        struct tape_cell c = {.end = ends[i]};
        c.end.kind = TAPE_END;
        c.end.flags = TAPE_LOGGED;
        put(c);
        is_told("longer than there is room");
    }
}

Test(witness, a_run_that_counts_and_says_it_does_not) {
    forge(false);
    begin_run();
    PUT(.end = {.kind = TAPE_END, .events = 3});
    is_told("no log");
    cr_assert_eq(theirs->explored, 0u);
}

Test(witness, a_search_that_ends_too_early) {
    forge(false);
    PUT(.choice = {.kind = TAPE_SEARCHED});
    is_told("before all of its runs");
}

Test(witness, one_that_was_asked_to_may_end_too_early) {
    forge(false);
    witness_stop(witness);
    PUT(.choice = {.kind = TAPE_SEARCHED});
    look();
    cr_assert_null(witness_wrong(witness));
    cr_assert(witness_searched(witness));
}

Test(witness, a_run_more_than_there_are) {
    body = abba;
    kernel_begin();
    plan = search_plan_of("kernel", 400, 0);
    make_search(kernel_log, run_kernel);
    written = shared->tape.head - 1; // in place of its end
    witness_begin(witness, theirs, &all_verdicts);
    memset(&shared->tape, 0, offsetof(struct tape, cells));
    written = 0;
    begin_run();
    is_told("more than the search has");
}

Test(witness, trials_of_nothing) {
    kernel_agrees("first_wins", first_wins, 400);
    written = shared->tape.head;
    PUT(.trial = {.kind = TAPE_TRIAL, .found = theirs->found_count});
    is_told("was not found");
}

Test(witness, trials_that_go_backwards) {
    kernel_agrees("abba", abba, 400);
    written = shared->tape.head;
    PUT(.trial = {.kind = TAPE_TRIAL, .first = true});
    PUT(.took = {.kind = TAPE_TOOK, .step = 4});
    PUT(.took = {.kind = TAPE_TOOK, .step = 4});
    is_told("is none");
}

Test(witness, trials_without_end) {
    kernel_agrees("abba", abba, 400);
    written = shared->tape.head;
    for (int i = 0; i < 20000000 && !witness_wrong(witness); i++) {
        PUT(.trial = {.kind = TAPE_TRIAL});
        PUT(.end = {.kind = TAPE_END, .events = PROGRAM_EVENTS});
        if (i % 1000 == 0)
            look();
    }
    is_told("was not found");
}

// --- damage -----------------------------------------------------------------------------------------

// Whatever is changed on a tape: it is read to its end, or found wrong.
static void replay(const struct tape_cell *cells, uint64_t count) {
    forge(true);
    for (uint64_t i = 0; i < count && !witness_wrong(witness); i++) {
        put(cells[i]);
        if (i % 100 == 0 || i + 1 == count)
            look();
    }
}

Test(witness, a_damaged_tape_does_no_harm) {
    body = abba;
    kernel_begin();
    forge(true);
    make_search(kernel_log, run_kernel);
    cr_assert_null(witness_wrong(witness));
    uint64_t count = shared->tape.head, right = theirs->explored, told = 0, state = 3;
    cr_assert_lt(count, TAPE_CELLS);
    struct tape_cell *cells = malloc(count * sizeof *cells),
                     *damaged = malloc(count * sizeof *cells);
    memcpy(cells, shared->tape.cells, count * sizeof *cells);
    replay(cells, count);
    cr_assert_null(witness_wrong(witness));
    cr_assert_eq(theirs->explored, right);
    for (int i = 0; i < 3000; i++) {
        memcpy(damaged, cells, count * sizeof *cells);
        for (int k = 0; k < 3; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            ((unsigned char *)damaged)[(state >> 20) % (count * sizeof *cells)] ^=
                (unsigned char)(1 << (state >> 60) % 8);
        }
        replay(damaged, count);
        told += witness_wrong(witness) != NULL;
    }
    cr_assert_gt(told, 500u, "%llu", (unsigned long long)told);
    free(cells);
    free(damaged);
}
