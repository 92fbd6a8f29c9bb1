// parked: a live run that comes to rest with tasks parked in every usual way, for debuggers to look
// at. Once it rests it aborts, which stops it in a debugger and else leaves a core file.
#include "core/core.h"
#include "core/inspect.h"
#include "core/run.h"

#include <stdlib.h>

typedef chan_of(int) int_chan;

static mutex mu;

// Not inlined, not left by a jump, and with locals that are needed after the call: frames for a
// debugger to show.
__attribute__((noinline)) static int deliver(int_chan results, int order) {
    int price = order * 7;
    chan_send(results, price);
    __asm__ volatile("" : : "r"(price), "r"(order));
    return price + order;
}

TASK(courier, int_chan results; int order;) {
    int total = deliver(a->results, a->order);
    if (total)
        task_yield();
}

TASK(locker, int unused;) {
    mutex_lock(&mu);
    mutex_unlock(&mu);
}

TASK(chooser, int_chan left; int_chan right;) {
    chan_select(RECV(a->left, NULL), RECV(a->right, NULL));
}

TASK(clerk, listener *l;) {
    conn *c;
    net_accept(a->l, &c);
}

TASK(passer_by, int unused;) {
}

TASK(dwarf, int_chan left;) {
    chan_recv(a->left, NULL);
}

DEFERRED(mourns, int_chan left;) {
    chan_recv(a->left, NULL);
}

// A small stack, and on top of it a roomy one.
TASK(unlucky, int_chan left;) {
    defer(mourns, a->left);
    panic("no luck");
}

static void root(void *arg) {
    (void)arg;
    int_chan results, left, right;
    chan_make(&results, 0);
    chan_make(&left, 0);
    chan_make(&right, 0);
    mutex_lock(&mu);
    task_label("order", "6");
    go(courier, .results = results, .order = 6);
    go(locker, .unused = 0);
    go(chooser, .left = left, .right = right);
    go_daemon(clerk, .l = net_listen("127.0.0.1:0"));
    go(passer_by, .unused = 0);
    go_small(dwarf, .left = left);
    go_small(unlucky, .left = left);
    waitgroup wg = {0};
    waitgroup_add(&wg, 1);
    waitgroup_wait(&wg);
}

static bool count_awake(const task_info *t, void *user) {
    *(int *)user += t->state != TASK_PARKED;
    return true;
}

// Called while the run waits for something to happen.
static bool abort_at_rest(void *user) {
    (void)user;
    int awake = 0;
    inspect_tasks(count_awake, &awake);
    if (awake == 0)
        abort();
    return true;
}

int main(void) {
    enum { EVENTS = 1024 };
    struct run_config config = {
        .clock = CLOCK_WALL, .log = calloc(1, event_log_size(EVENTS)), .tick = abort_at_rest};
    if (!config.log)
        return 2;
    event_log_init(config.log, EVENTS, true);
    return (int)run_world(&config, root, NULL);
}
