// debug: the one place where a debugger waits for a run.
//
// A task that outlives its scope may well come to its end later on, so a run can also be stopped where its
// log has so many events: before what follows happens, with every task where it stands.
#include "core/watch.h"
#include "harness/runner/runner.h"

// Not to be left out or put into its caller: gdb knows it by its name.
__attribute__((noinline)) void debugger_stops_here(void) {
    __asm__ volatile("" ::: "memory");
}

static struct {
    struct watch watch;
    const event_log *log;
    uint64_t event; // stop before this one; 0: at the end
} stop;

static bool step(struct watch *w, const struct choice *way) {
    (void)w, (void)way;
    if (stop.event && atomic_load_explicit(&stop.log->head, memory_order_relaxed) >= stop.event) {
        stop.event = 0;
        debugger_stops_here();
    }
    return true;
}

static void ended(struct watch *w, enum run_end end) {
    (void)w, (void)end;
    debugger_stops_here();
}

// Nothing else is of interest, but whoever watches hears all of it.
static void did(struct watch *w, const struct op *op, bool parked) {
    (void)w, (void)op, (void)parked;
}

static void woke(struct watch *w, const struct op *op) {
    (void)w, (void)op;
}

static void passed(struct watch *w, uint32_t task, const void *place) {
    (void)w, (void)task, (void)place;
}

static void met(struct watch *w, uint32_t task, uint32_t other) {
    (void)w, (void)task, (void)other;
}

static void touched(struct watch *w, struct operand what) {
    (void)w, (void)what;
}

static void timer_set(struct watch *w, uint64_t which, bool due) {
    (void)w, (void)which, (void)due;
}

static void timer_cleared(struct watch *w, uint64_t which) {
    (void)w, (void)which;
}

struct watch *debug_watch(const event_log *log, uint64_t events) {
    stop.watch = (struct watch){.step = step,
                                .did = did,
                                .woke = woke,
                                .passed = passed,
                                .met = met,
                                .started = met,
                                .touched = touched,
                                .timer_set = timer_set,
                                .timer_cleared = timer_cleared,
                                .ended = ended};
    stop.log = log;
    stop.event = events;
    return &stop.watch;
}
