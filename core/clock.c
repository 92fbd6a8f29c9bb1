// clock: what time means in a run: virtual, virtual at a human's pace, or the wall's.
//
// Virtual time is run.now and moves only when the scheduler says so. Wall time moves by itself:
// run.now is then what was last read of it, anew at each look of the scheduler, at each deadline
// that is set, and whenever somebody asks for the time.
//
// Invariants: time never goes back; a task that parks until `when` goes on at `when` exactly, or,
// live, at the first look after it.
//
// Rejected: a thread for the time (what it did would be in no schedule); one look at the wall's clock
// per operation (20 ns, which is more than most operations).
#include "core/internal.h"
#include "core/poll.h"

#include <time.h>

static const int64_t NAP = 20 * MILLISECOND; // how long the parent may have to wait for a tick

static int64_t real_start; // when the run began

static int64_t real_now(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec;
}

void clock_begin(void) {
    real_start = real_now();
}

static void set_now(int64_t now) {
    run.now = now;
    atomic_store_explicit(&run.log->now, now, memory_order_relaxed);
}

int64_t clock_now(void) {
    if (run_is_live())
        set_now(real_now() - real_start);
    return run.now;
}

// Sleeps until virtual `when` is due in real time, looking in at the parent meanwhile.
static void pace_until(int64_t when) {
    double pace = run.config.pace > 0 ? (double)run.config.pace : (double)SECOND;
    int64_t due = real_start + (int64_t)((double)when / pace * (double)SECOND);
    for (int64_t left; !run.stopping && (left = due - real_now()) > 0;) {
        nanosleep(&(struct timespec){.tv_nsec = left < NAP ? left : NAP}, NULL);
        run_tick();
    }
}

void clock_reach(int64_t when) {
    if (run.config.clock == CLOCK_PACED)
        pace_until(when);
    if (when > run.now)
        set_now(when);
}

// Whether anybody waits for a socket whose wait could still matter: when the root has ended, a
// daemon's does not.
static bool somebody_polls(void) {
    return run.io_waits[false] || (run.io_waits[true] && !run.root_ended);
}

// Until some task is ready, or `when`.
static void wait_until(int64_t when) {
    int64_t left = when - clock_now();
    do {
        int64_t nap = run.config.tick && left > NAP ? NAP : left;
        poll_wait(when == INT64_MAX && !run.config.tick ? INT64_MAX : nap > 0 ? nap : 0);
        left = when - clock_now();
        if (!run_has_ready() && left > 0)
            run_tick();
    } while (!run_has_ready() && !run.stopping && left > 0);
}

bool clock_live_step(void) {
    int64_t when = timer_next(false);
    if (!run_has_ready() && when == INT64_MAX && !somebody_polls())
        return false;
    wait_until(run_has_ready() ? run.now : when);
    for (int64_t now = run.now; timer_next(false) <= now;) {
        run.clock_moves++;
        timer_fire_tie(0);
    }
    return true;
}
