// pingpong: what a message between two tasks costs, from a bare switch up.
#include "core/bench/bench.h"

typedef chan_of(int) int_chan;

enum { ROUNDS = 200000 };
static struct run_config config;
static size_t capacity;

TASK(echo, int_chan in; int_chan out;) {
    int v;
    while (chan_recv(a->in, &v))
        chan_send(a->out, v);
}

static void pingpong_root(void *arg) {
    (void)arg;
    int_chan there, back;
    chan_make(&there, capacity);
    chan_make(&back, capacity);
    go(echo, .in = there, .out = back);
    for (int i = 0; i < ROUNDS; i++) {
        chan_send(there, i);
        chan_recv(back, NULL);
    }
    chan_close(there);
}

static void alone_root(void *arg) {
    (void)arg;
    int_chan c;
    chan_make(&c, 1);
    for (int i = 0; i < ROUNDS; i++) {
        chan_send(c, i);
        chan_recv(c, NULL);
    }
}

static void lock_root(void *arg) {
    (void)arg;
    mutex mu = {0};
    for (int i = 0; i < ROUNDS; i++) {
        mutex_lock(&mu);
        mutex_unlock(&mu);
    }
}

static task_fn *root;

static void run(void) {
    if (run_world(&config, root, NULL) != RUN_QUIESCENT)
        abort();
}

static void measure(const char *what, task_fn *fn, struct policy *policy, size_t room,
                    double floor) {
    root = fn;
    capacity = room;
    config.policy = policy;
    bench_print(what, bench_median(run, 2.0 * ROUNDS), floor);
}

int main(void) {
    double floor = bench_floor();
    config = bench_config();
    bench_print("bare stack_switch", floor, floor);
    measure("inline: unbuffered message", pingpong_root, policy_fifo(), 0, floor);
    measure("inline: buffered message, two tasks", pingpong_root, policy_fifo(), 1, floor);
    measure("inline: send or receive without a switch", alone_root, policy_fifo(), 0, floor);
    measure("inline: lock or unlock", lock_root, policy_fifo(), 0, floor);
    measure("announced: unbuffered message", pingpong_root, policy_default(), 0, floor);
    measure("announced: lock or unlock", lock_root, policy_default(), 0, floor);
}
