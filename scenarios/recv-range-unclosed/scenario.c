// recv-range-unclosed: workers that take from a channel until it is closed, and nobody closes it.
//
// A batch of three lines, none, one or five; one whose first line is slow, so that neither a fixed
// time nor a fixed share is right; or two batches at the same time.
#include "harness/scenario.h"
#include "core/run.h"
#include "exercise.h"

#include <stdatomic.h>

enum { LINES = 5, LOAD_LINES = 3 };

#define PUT_TIME (10 * MILLISECOND)
#define SLOW     (25 * MILLISECOND)
#define LATER    (5 * MILLISECOND) // when the other batch comes

struct batch {
    int count;
    int64_t first;  // how long the first line of all takes; the others take PUT_TIME
    int64_t enough; // how long the batch may take
    bool another;   // a batch of one line comes LATER
};
static const struct batch batches[] = {
    {3, PUT_TIME, 2 * PUT_TIME, false}, {0, PUT_TIME, 0, false}, {1, PUT_TIME, PUT_TIME, false},
    {5, PUT_TIME, 3 * PUT_TIME, false}, {3, SLOW, SLOW, false},  {3, PUT_TIME, 2 * PUT_TIME, true},
};

static const int lines[LINES] = {0, 1, 2, 3, 4};

// Set before the batch, only read afterwards.
static int64_t first_line_takes;

// How often each line has arrived. Relaxed: a count, not a way to order the shippers.
static _Atomic int arrived[LINES];

void collector_put(int line) {
    env_call("collector", line == lines[0] ? first_line_takes : PUT_TIME);
    if (line >= 0 && line < LINES)
        atomic_fetch_add_explicit(&arrived[line], 1, memory_order_relaxed);
}

static int arrivals(int line) {
    return atomic_load_explicit(&arrived[line], memory_order_relaxed);
}

// Ships the `count` lines from `first` on.
static void ship_and_check(int first, int count, int64_t enough) {
    int64_t start = time_now();
    ship(lines + first, count);
    int64_t took = time_now() - start;

    int missing = 0;
    for (int i = first; i < first + count; i++)
        missing += arrivals(i) == 0;
    check(missing == 0, "every line has arrived when ship returns", "%d of %d lines are missing",
          missing, count);
    check(took <= enough, "a batch takes no longer than its lines", "took %lld ms instead of %lld",
          (long long)(took / MILLISECOND), (long long)(enough / MILLISECOND));
}

TASK(another_batch, int first;) {
    task_sleep(LATER);
    ship_and_check(a->first, 1, PUT_TIME);
}

static void check_lines(int count, int at_once) {
    bool none_twice = env_calls("collector") <= count;
    for (int i = 0; i < LINES; i++)
        none_twice = none_twice && arrivals(i) <= 1;
    check(none_twice, "no line arrives twice", "%d lines, the collector was called %d times", count,
          env_calls("collector"));
    check(env_most("collector") == at_once, "two lines are on their way at once",
          "at most %d instead of %d", env_most("collector"), at_once);
}

static void drive(void) {
    const struct batch *b = &batches[choose(sizeof batches / sizeof *batches)];
    for (int i = 0; i < LINES; i++)
        atomic_store_explicit(&arrived[i], 0, memory_order_relaxed);
    first_line_takes = b->first;

    if (b->another)
        go(another_batch, .first = b->count);
    ship_and_check(0, b->count, b->enough);
    check_lines(b->count + b->another, (b->count < SHIPPERS ? b->count : SHIPPERS) + b->another);
    check(!run_was_pressed(), "waits without spinning",
          "time had to pass while a task did nothing but look again");
}

TASK(batch) {
    ship(lines, LOAD_LINES);
}

static void load_batches(load *l) {
    first_line_takes = PUT_TIME;
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
         .checks = {"every line has arrived when ship returns",
                    "a batch takes no longer than its lines", "no line arrives twice",
                    "two lines are on their way at once", "waits without spinning"},
         .kept = {"two lines are on their way at once", "waits without spinning"}, .slow = true,
         .timed = {"a batch takes no longer than its lines", "two lines are on their way at once"},
         .grace = NANOSECOND);
