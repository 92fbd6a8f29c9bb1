// What the core writes and what is read from it agree: thousands of random programs, in which the
// tasks themselves compare the core's own snapshot of every task with the world as the log tells
// it, and whose logs are never a contradiction.
#include "core/core.h"
#include "core/inspect.h"
#include "core/run.h"
#include "harness/explain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANS = 4, MUTEXES = 2, LOG_EVENTS = 1 << 14 };

typedef chan_of(int) int_chan;

// The world of one program. Channel 3 is nil.
static struct {
    int_chan chans[CHANS];
    mutex mutexes[MUTEXES];
    waitgroup wg;
    ctx *scope;
    resource thing;
    uint32_t tasks;
} world;

static event_log *event_log_memory;
static struct seen seen;
static struct judgement judgement;
static uint64_t compared, disagreed;
static bool inlined; // run without announcing

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

// --- the comparison -----------------------------------------------------------------------------

static bool same(const task_info *real, const struct seen_task *told) {
    bool parked = real->state == TASK_PARKED;
    if (parked != (told->state == TASK_PARKED) || real->reason != told->reason ||
        real->daemon != told->daemon)
        return false;
    return !parked || real->reason == WAIT_SELECT || real->object == told->object;
}

static bool compare_one(const task_info *real, void *user) {
    (void)user;
    const struct seen_task *told = real->number < seen.task_count ? &seen.tasks[real->number]
                                                                  : NULL;
    compared++;
    if (!told || told->state == TASK_ENDED || !same(real, told)) {
        disagreed++;
        fprintf(stderr, "task %u: %d %s #%u, but told: %d %s #%u\n", real->number, real->state,
                wait_reason_text(real->reason), real->object, told ? (int)told->state : -1,
                told ? wait_reason_text(told->reason) : "", told ? told->object : 0);
    }
    return true;
}

static void compare_now(void) {
    seen_init(&seen, event_log_memory, 0);
    seen_fold(&seen, UINT64_MAX);
    inspect_tasks(compare_one, NULL);
}

// --- one task: a random walk over everything the core can do ------------------------------------

static void spawn(uint64_t *state, int depth);

static void use_channel(uint64_t *state) {
    int_chan a = world.chans[next_random(state) % CHANS], b = world.chans[next_random(state) % 3];
    int value = 0;
    bool ok;
    switch (next_random(state) % 12) {
    case 0:
    case 1:
        chan_send(b, 1);
        break;
    case 2:
    case 3:
        chan_recv(b, &value);
        break;
    case 4:
        chan_select(RECV(a, &value), SEND(b, 2));
        break;
    case 5:
        chan_select(SEND(a, 3), AFTER((int64_t)(next_random(state) % 3) * MILLISECOND));
        break;
    case 6:
        chan_select(RECV_OK(a, &value, &ok), RECV(ctx_done(world.scope), NULL), RECV(b, &value));
        break;
    case 7:
        chan_poll(RECV(a, &value), SEND(b, 4));
        break;
    case 8:
        chan_len(b);
        break;
    case 9:
        chan_select(RECV(b, &value), RECV(b, NULL), SEND(a, 5), AFTER(MILLISECOND));
        break;
    case 10:
        chan_recv(after(MILLISECOND), NULL);
        break;
    default:
        if (next_random(state) % 8 == 0)
            chan_close(b);
        break;
    }
}

static void use_lock(uint64_t *state) {
    mutex *m = &world.mutexes[next_random(state) % MUTEXES];
    if (next_random(state) % 3 == 0 && !mutex_trylock(m))
        return;
    else if (next_random(state) % 2)
        mutex_lock(m);
    else
        return;
    if (next_random(state) % 2)
        task_yield();
    if (next_random(state) % 8)
        mutex_unlock(m);
}

static void use_count(uint64_t *state) {
    switch (next_random(state) % 4) {
    case 0:
        waitgroup_add(&world.wg, (int32_t)(next_random(state) % 3));
        break;
    case 1:
        waitgroup_add(&world.wg, 1);
        waitgroup_done(&world.wg);
        break;
    case 2:
        waitgroup_wait(&world.wg);
        break;
    default:
        if (next_random(state) % 4 == 0)
            waitgroup_done(&world.wg);
        break;
    }
}

static void use_time(uint64_t *state) {
    switch (next_random(state) % 6) {
    case 0:
        task_sleep((int64_t)(next_random(state) % 4) * MILLISECOND);
        break;
    case 1:
        ctx_sleep(world.scope, MILLISECOND);
        break;
    case 2:
        timer_stop(timer_start(MILLISECOND));
        break;
    case 3:
        ctx_err(ctx_with_timeout(world.scope, MILLISECOND));
        break;
    case 4:
        if (next_random(state) % 4 == 0)
            ctx_cancel(world.scope);
        break;
    default:
        task_yield();
        break;
    }
}

static void walk(uint64_t state, int depth) {
    for (uint64_t steps = 2 + next_random(&state) % 6; steps > 0; steps--) {
        if (next_random(&state) % 3 == 0)
            compare_now();
        switch (next_random(&state) % 12) {
        case 0:
        case 1:
            use_lock(&state);
            break;
        case 2:
        case 3:
            use_count(&state);
            break;
        case 4:
        case 5:
            use_time(&state);
            break;
        case 6:
            spawn(&state, depth);
            break;
        case 7:
            choose(3);
            break;
        default:
            use_channel(&state);
            break;
        }
    }
}

TASK(walker, uint64_t state; int depth;) {
    if (a->state % 16 == 0)
        task_daemon();
    walk(a->state, a->depth);
}

static void spawn(uint64_t *state, int depth) {
    if (depth == 0 || world.tasks++ >= 6)
        return;
    if (next_random(state) % 8)
        go(walker, .state = next_random(state), .depth = depth - 1);
    else
        go_daemon(walker, .state = next_random(state), .depth = depth - 1);
}

static void program(void *seed) {
    uint64_t state = *(uint64_t *)seed;
    memset(&world, 0, sizeof world);
    for (int i = 0; i < 3; i++)
        chan_make(&world.chans[i], (size_t)i);
    world.scope = next_random(&state) % 2 ? ctx_with_cancel(ctx_background())
                                          : ctx_with_timeout(ctx_background(), 5 * MILLISECOND);
    if (next_random(&state) % 4 == 0)
        resource_open_at(&world.thing, "thing", HERE);
    for (int i = 0; i < 3; i++)
        spawn(&state, 2);
    walk(next_random(&state), 2);
}

// --- many programs, many schedules --------------------------------------------------------------

static void explain_all(void) {
    char text[400];
    struct explanation why;
    for (uint32_t i = 0; i < judgement.left_count; i++) {
        explain_task(&seen, judgement.left[i], &why);
        cr_assert_gt(why.count, 0);
    }
    explain_verdict(&seen, &judgement, text, sizeof text);
    for (uint64_t n = 0; n < seen.next; n++)
        cr_assert_gt(strlen(seen_event_text(&seen, n, text, sizeof text)), 0);
}

static unsigned run_and_judge(uint64_t seed, uint64_t schedule) {
    struct policy_random random;
    struct judge_terms terms = {0};
    inlined = schedule == 0;
    struct run_config config = {.policy = inlined ? policy_fifo()
                                                  : policy_random_init(&random, schedule),
                                .log = event_log_memory};
    run_world(&config, program, &seed);
    seen_init(&seen, event_log_memory, 0);
    seen.record_touches = true;
    judge(&seen, &terms, &judgement);
    cr_assert_eq(judgement.verdicts & (VERDICT_TAMPERED | VERDICT_ENDED_EARLY), 0,
                 "program %lu, schedule %lu: %s", (unsigned long)seed, (unsigned long)schedule,
                 judgement.note);
    if (seed % 20 == 0)
        explain_all();
    return judgement.verdicts;
}

Test(truth, random_programs, .timeout = 120) {
    unsigned verdicts = 0;
    uint32_t passed = 0;
    event_log_memory = calloc(1, event_log_size(LOG_EVENTS));
    event_log_init(event_log_memory, LOG_EVENTS, false);
    for (uint64_t seed = 1; seed <= 4000; seed++)
        for (uint64_t schedule = 0; schedule <= 3; schedule++) {
            unsigned v = run_and_judge(seed, schedule);
            verdicts |= v;
            passed += v == 0;
        }
    cr_assert_eq(disagreed, 0, "%lu of %lu", (unsigned long)disagreed, (unsigned long)compared);
    cr_assert_gt(compared, 10000);
    cr_assert_gt(passed, 0);
    unsigned expected = VERDICT_DEADLOCK | VERDICT_LEAK | VERDICT_PANIC | VERDICT_RESOURCE;
    cr_assert_eq(verdicts & expected, expected, "the programs are too tame");
    seen_free(&seen);
    judgement_free(&judgement);
    free(event_log_memory);
}
