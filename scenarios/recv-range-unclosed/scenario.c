// recv-range-unclosed: workers that take from a channel until it is closed, and nobody closes it.
//
// One batch of three lines, or an empty one: idle shippers are left behind by both.
#include "harness/scenario.h"
#include "exercise.h"

#include <stdatomic.h>

enum { LINES = 3 };

#define PUT_TIME (10 * MILLISECOND)

static const int lines[LINES] = {100, 101, 102};

// How often each line has arrived. Relaxed: a count, not a way to order the shippers.
static _Atomic int arrived[LINES];

void collector_put(int line) {
    env_call("collector", PUT_TIME);
    int i = line - lines[0];
    if (i >= 0 && i < LINES)
        atomic_fetch_add_explicit(&arrived[i], 1, memory_order_relaxed);
}

static int arrivals(int i) {
    return atomic_load_explicit(&arrived[i], memory_order_relaxed);
}

static void drive(void) {
    int count = choose(2) == 0 ? LINES : 0;
    for (int i = 0; i < LINES; i++)
        atomic_store_explicit(&arrived[i], 0, memory_order_relaxed);

    int64_t start = time_now();
    ship(lines, count);
    int64_t took = time_now() - start;

    bool all = true;
    bool none_twice = env_calls("collector") <= count;
    for (int i = 0; i < count; i++) {
        all = all && arrivals(i) >= 1;
        none_twice = none_twice && arrivals(i) <= 1;
    }
    int64_t enough = (count + SHIPPERS - 1) / SHIPPERS * PUT_TIME;
    check(all, "every line has arrived when ship returns", "lines 0, 1, 2 arrived %d, %d, %d times",
          arrivals(0), arrivals(1), arrivals(2));
    check(none_twice, "no line arrives twice", "%d lines, the collector was called %d times", count,
          env_calls("collector"));
    check(count == 0 || env_most("collector") == SHIPPERS, "two lines are on their way at once",
          "at most %d", env_most("collector"));
    check(took <= enough, "a batch takes no longer than its lines", "took %lld ms instead of %lld",
          (long long)(took / MILLISECOND), (long long)(enough / MILLISECOND));
}

TASK(batch) {
    ship(lines, LINES);
}

static void load_batches(load *l) {
    while (load_next(l))
        go(batch);
}

SCENARIO(.name = "recv-range-unclosed", .number = 2, .title = "The queue that never says goodbye",
         .chapter = "receive",
         .brief = "A log shipper gives each batch two tasks that take lines from a queue for\n"
                  "as long as there are any. The last line is shipped. The two go on waiting\n"
                  "for the next.",
         .goal = "After a batch its shippers must end, however many lines it had.",
         .remember =
             "A loop that receives until the channel is closed needs somebody who closes it.",
         .driver = drive, .load = load_batches, .load_every = 20 * MILLISECOND, .verdict = "leak",
         .left = {{.name = "shipper", .reason = "chan receive", .object = "queue", .count = 2}},
         .checks = {"every line has arrived when ship returns", "no line arrives twice",
                    "two lines are on their way at once", "a batch takes no longer than its lines"},
         .grace = MILLISECOND);
