// Random programs under random schedules. Whatever they do, no message is lost, doubled or
// overtaken, nobody waits who could go on, and the log tells one consistent story.
#include "core/tests/world.h"

enum { TASKS = 6, CHANS = 3, OPERATIONS = 12, MESSAGES = TASKS * OPERATIONS * 2 };

static int_chan chans[CHANS];
static size_t capacities[CHANS];
static mutex locks[2];
static waitgroup wg;
static uint32_t program; // the seed of the program, and whether it closes channels
static bool closes;
static int next_message, sent_to[MESSAGES], received[MESSAGES];
static int inside[2];

static uint32_t below(uint32_t *state, uint32_t n) {
    *state = *state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)*state * n >> 32);
}

// --- the program --------------------------------------------------------------------------------------

// Every message is a number of its own, and knows its channel.
static int message_for(int channel) {
    EXPECT(next_message < MESSAGES);
    sent_to[next_message] = channel;
    return next_message++;
}

static void note_received(int channel, int message) {
    EXPECT(message >= 0 && message < next_message && sent_to[message] == channel);
    EXPECT(received[message]++ == 0);
}

static void select_two(uint32_t *r, int a, int b) {
    int in_a = -1, in_b = -1;
    bool ok_a = false, ok_b = false;
    switch (below(r, 4)) {
    case 0:
        switch (chan_select(RECV_OK(chans[a], &in_a, &ok_a), RECV_OK(chans[b], &in_b, &ok_b))) {
        case 0:
            if (ok_a)
                note_received(a, in_a);
            break;
        case 1:
            if (ok_b)
                note_received(b, in_b);
            break;
        }
        break;
    case 1:
        if (chan_select(SEND(chans[a], message_for(a)), RECV_OK(chans[b], &in_b, &ok_b)) == 1 &&
            ok_b)
            note_received(b, in_b);
        break;
    case 2:
        if (chan_select(RECV_OK(chans[a], &in_a, &ok_a), AFTER(1 + below(r, 3))) == 0 && ok_a)
            note_received(a, in_a);
        break;
    case 3:
        if (chan_poll(SEND(chans[a], message_for(a)), RECV_OK(chans[b], &in_b, &ok_b)) == 1 && ok_b)
            note_received(b, in_b);
        break;
    }
}

static void locked(uint32_t *r, int which) {
    mutex_lock(&locks[which]);
    EXPECT(inside[which]++ == 0);
    if (below(r, 2))
        task_yield();
    if (below(r, 4) == 0)
        task_sleep(1);
    inside[which]--;
    mutex_unlock(&locks[which]);
}

static void one_operation(uint32_t *r) {
    int c = (int)below(r, CHANS), v = -1;
    switch (below(r, 10)) {
    case 0:
    case 1:
        chan_send(chans[c], message_for(c));
        break;
    case 2:
    case 3:
        if (chan_recv(chans[c], &v))
            note_received(c, v);
        break;
    case 4:
    case 5:
        select_two(r, c, (int)below(r, CHANS));
        break;
    case 6:
        task_sleep(below(r, 3));
        break;
    case 7:
        locked(r, (int)below(r, 2));
        break;
    case 8:
        if (choose(3) == 1)
            task_yield();
        break;
    case 9:
        if (closes && below(r, 3) == 0)
            chan_close(chans[c]);
        break;
    }
}

TASK(actor, uint32_t number;) {
    defer(waitgroup_done, &wg);
    uint32_t r = program * 100 + a->number;
    for (int i = 0; i < OPERATIONS; i++)
        one_operation(&r);
}

// --- nobody waits who could go on -----------------------------------------------------------------------

static uint32_t waiting_senders[64], waiting_receivers[64];

static bool count_waiters(const task_info *t, void *user) {
    (void)user;
    EXPECT(t->object < 64);
    waiting_senders[t->object] += t->reason == WAIT_SEND;
    waiting_receivers[t->object] += t->reason == WAIT_RECV;
    return true;
}

// Long after everybody else has come to rest.
TASK(auditor, int unused;) {
    task_sleep(1000 * HOUR);
    memset(waiting_senders, 0, sizeof waiting_senders);
    memset(waiting_receivers, 0, sizeof waiting_receivers);
    inspect_tasks(count_waiters, NULL);
    for (int c = 0; c < CHANS; c++) {
        size_t length = chan_len(chans[c]);
        uint32_t id = ((struct object *)chans[c].raw)->id;
        EXPECT(length <= capacities[c]);
        EXPECT(!waiting_senders[id] || length == capacities[c]);
        EXPECT(!waiting_receivers[id] || length == 0);
        EXPECT(!waiting_senders[id] || !waiting_receivers[id]);
    }
}

static void stress_root(void *arg) {
    (void)arg;
    uint32_t r = program;
    next_message = 0;
    wg = (waitgroup){0};
    memset(locks, 0, sizeof locks);
    memset(inside, 0, sizeof inside);
    memset(received, 0, sizeof received);
    for (int c = 0; c < CHANS; c++) {
        capacities[c] = below(&r, 3);
        chan_make(&chans[c], capacities[c]);
    }
    go(auditor, .unused = 0);
    for (uint32_t i = 0; i < TASKS; i++) {
        waitgroup_add(&wg, 1);
        go(actor, .number = i);
    }
    waitgroup_wait(&wg);
}

// --- the log tells one story --------------------------------------------------------------------------

static enum wait_reason parked[1 + 1 + TASKS];
static uint32_t known_tasks;
static bool ended[1 + 1 + TASKS];

static void wake(uint32_t task, uint64_t at) {
    cr_assert_lt(task, known_tasks, "%s, record %" PRIu64, world_name(), at);
    cr_assert_neq(parked[task], WAIT_NONE, "%s: record %" PRIu64 " wakes task %u, which runs",
                  world_name(), at, task);
    parked[task] = WAIT_NONE;
}

// Who acts is awake; only a waiting lock is ended by its own record, and arms follow their select.
static void acts(const event *e, uint64_t at) {
    cr_assert_lt(e->task, known_tasks, "%s, record %" PRIu64, world_name(), at);
    cr_assert_not(ended[e->task], "%s, record %" PRIu64, world_name(), at);
    if (parked[e->task] == WAIT_MUTEX && e->kind == EV_LOCK)
        parked[e->task] = WAIT_NONE;
    if (e->kind != EV_ARM)
        cr_assert_eq(parked[e->task], WAIT_NONE, "%s: record %" PRIu64 " is by a parked task",
                     world_name(), at);
    if (e->flags & EVENT_PARKED)
        parked[e->task] = event_wait_reason(e);
}

static void read_record(const event *e, uint64_t at) {
    if (e->kind == EV_WAKE)
        wake(e->task, at);
    else if (e->task != EVENT_CLOCK)
        acts(e, at);
    if (e->kind == EV_GO)
        cr_assert_eq(e->peer, known_tasks++);
    else if (e->kind != EV_MAKE && e->peer < EVENT_NOBODY)
        wake(e->peer, at);
    if (e->kind == EV_EXIT)
        ended[e->task] = true;
}

static void check_log(void) {
    memset(parked, 0, sizeof parked);
    memset(ended, 0, sizeof ended);
    known_tasks = 1;
    int64_t time = 0;
    uint32_t waits[WAIT_REASON_COUNT] = {0}, alive = 0;
    for (uint64_t i = 0; i < world.log->head; i++) {
        const event *e = &world.log->events[i];
        cr_assert_geq(e->time, time, "%s, record %" PRIu64, world_name(), i);
        time = e->time;
        cr_assert_eq(e->kind == EV_END, i == world.log->head - 1);
        read_record(e, i);
    }
    for (uint32_t t = 0; t < known_tasks; t++) {
        waits[parked[t]]++;
        alive += !ended[t];
    }
    cr_assert_eq(alive, world.log->alive, "%s", world_name());
    cr_assert_eq(known_tasks, world.log->started);
    if (world.end == RUN_PANICKED) // who was woken to try a lock again has not come to it
        waits[WAIT_MUTEX] = world_waiting(WAIT_MUTEX);
    for (int r = 1; r < WAIT_REASON_COUNT; r++)
        cr_assert_eq(waits[r], world_waiting(r), "%s: %s", world_name(), wait_reason_text(r));
}

static void stress(int64_t schedule) {
    world_seed(stress_root, schedule);
    check_log();
    if (world.end == RUN_PANICKED)
        cr_assert(closes, "%s: %s", world_name(), world_panic());
    else
        cr_assert_eq(world.end, RUN_QUIESCENT, "%s", world_name());
}

Test(stress, a_thousand_random_programs, .timeout = 120) {
    for (program = 0; program < 1000; program++) {
        closes = program % 2;
        for (int64_t schedule = WORLD_RESTLESS; schedule < 8; schedule++)
            stress(schedule);
    }
}

Test(stress, one_program_under_a_thousand_schedules, .timeout = 120) {
    static event first[2048];
    program = 4;
    for (int64_t seed = 0; seed < 1000; seed++) {
        stress(seed);
        uint64_t head = world.log->head;
        cr_assert_leq(head, 2048);
        memcpy(first, world.log->events, head * sizeof(event));
        stress(seed);
        cr_assert_eq(world.log->head, head, "%s", world_name());
        cr_assert_arr_eq(world.log->events, first, head * sizeof(event), "%s", world_name());
    }
}
