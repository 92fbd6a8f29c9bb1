// inspect: the snapshot of all tasks.
#include "core/tests/world.h"

static int_chan c;
static mutex mu;
static waitgroup wg;
static task_info infos[16];
static size_t info_count;

static bool collect(const task_info *t, void *user) {
    (void)user;
    EXPECT(info_count < 16);
    infos[info_count++] = *t;
    return true;
}

static void snapshot(void) {
    info_count = 0;
    inspect_tasks(collect, NULL);
}

TASK(receiver, int unused;) {
    chan_recv(c, NULL);
}

TASK(locker, int unused;) {
    mutex_lock(&mu);
}

TASK(waiter_task, int unused;) {
    waitgroup_wait(&wg);
}

TASK(sleeper, int unused;) {
    task_sleep(HOUR);
}

TASK(selector, int unused;) {
    chan_select(RECV(c, NULL), AFTER(HOUR));
}

TASK(ready_task, int unused;) {
    chan_len(c);
}

TASK(parent, int unused;) {
    task_sleep(SECOND);
    go(receiver, .unused = 0);
    task_daemon();
    chan_recv(c, NULL);
}

static void snapshot_root(void *arg) {
    (void)arg;
    mu = (mutex){0};
    wg = (waitgroup){0};
    chan_make(&c, 0);
    mutex_lock(&mu);
    waitgroup_add(&wg, 1);
    go(receiver, .unused = 0);
    go(locker, .unused = 0);
    go(waiter_task, .unused = 0);
    go(sleeper, .unused = 0);
    go(selector, .unused = 0);
    go(parent, .unused = 0);
    task_sleep(3 * SECOND);
    go(ready_task, .unused = 0);
    snapshot();
}

static void check_task(size_t i, const char *name, enum task_state state, enum wait_reason reason) {
    cr_assert_eq(infos[i].number, i, "%s, %s", name, world_name());
    cr_assert_str_eq(infos[i].name, name, "%s", world_name());
    cr_assert_eq(infos[i].state, state, "%s, %s", name, world_name());
    cr_assert_eq(infos[i].reason, reason, "%s, %s", name, world_name());
}

Test(inspect, shows_every_task_with_its_state_and_reason) {
    EVERY_WORLD(snapshot_root, 50) {
        cr_assert_eq(info_count, 9, "%s", world_name());
        check_task(0, "main", TASK_RUNNING, WAIT_NONE);
        check_task(1, "receiver", TASK_PARKED, WAIT_RECV);
        check_task(2, "locker", TASK_PARKED, WAIT_MUTEX);
        check_task(3, "waiter_task", TASK_PARKED, WAIT_WAITGROUP);
        check_task(4, "sleeper", TASK_PARKED, WAIT_SLEEP);
        check_task(5, "selector", TASK_PARKED, WAIT_SELECT);
        check_task(6, "parent", TASK_PARKED, WAIT_RECV);
        check_task(7, "receiver", TASK_PARKED, WAIT_RECV);
        check_task(8, "ready_task", TASK_READY, WAIT_NONE);
    }
}

Test(inspect, shows_on_what_since_when_and_from_where) {
    world_default(snapshot_root);
    cr_assert_eq(infos[0].parent, EVENT_NOBODY);
    cr_assert_null(infos[0].started_at);
    cr_assert_eq(infos[0].age, 3 * SECOND);
    cr_assert_eq(infos[1].parent, 0);
    cr_assert_eq(infos[1].object_kind, OBJECT_CHAN);
    cr_assert_str_eq(infos[1].object_name, "c");
    cr_assert_gt(infos[1].object, 0);
    cr_assert_str_eq(infos[1].started_at->function, "snapshot_root");
    cr_assert_str_eq(infos[1].at->function, "receiver");
    cr_assert_eq(infos[1].since, 3 * SECOND);
    cr_assert_eq(infos[2].object_kind, OBJECT_MUTEX);
    cr_assert_str_eq(infos[2].object_name, "mu");
    cr_assert_eq(infos[3].object_kind, OBJECT_WAITGROUP);
    cr_assert_eq(infos[4].object, 0);
    cr_assert_str_eq(infos[4].object_name, "");
    cr_assert(infos[6].daemon && !infos[7].daemon);
    cr_assert_eq(infos[7].parent, 6);
    cr_assert_eq(infos[7].age, 2 * SECOND);
    cr_assert_eq(infos[7].since, 2 * SECOND);
}

static bool collect_one(const task_info *t, void *user) {
    collect(t, user);
    return false;
}

static void stops_root(void *arg) {
    (void)arg;
    go(sleeper, .unused = 0);
    info_count = 0;
    inspect_tasks(collect_one, NULL);
    EXPECT(info_count == 1);
}

Test(inspect, stops_when_told) {
    world_default(stops_root);
    cr_assert(world_finished());
}

Test(inspect, shows_nothing_between_runs) {
    info_count = 0;
    inspect_tasks(collect, NULL);
    cr_assert_eq(info_count, 0);
    world_default(stops_root);
    info_count = 0;
    inspect_tasks(collect, NULL);
    cr_assert_eq(info_count, 0);
}

static char *table;
static size_t table_size;

static void print_root(void *arg) {
    (void)arg;
    chan_make(&c, 0);
    go(receiver, .unused = 0);
    task_sleep(1500 * MICROSECOND);
    inspect_print((FILE *)world.config.user);
}

Test(inspect, prints_a_table) {
    FILE *out = open_memstream(&table, &table_size);
    world.config.user = out;
    world_default(print_root);
    fclose(out);
    static const char *const parts[] = {"id  name",        "0  main",      "running",
                                        "1  receiver",     "chan receive", " c",
                                        "test_inspect.c:", "by #0",        "age 1.500 ms"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_assert_not_null(strstr(table, parts[i]), "'%s' is not in:\n%s", parts[i], table);
    free(table);
}
