// tell: from the core's operations to tellings.
//
// What is told depends on the operation and on what is followed (reduce_listens, reduce_wants_waiting) alone,
// so that two who follow the same run are told the same.
#include "harness/tell.h"

#include "core/internal.h"
#include "harness/reduce.h"

static struct {
    struct operands about; // of the operation that the step under way began with
    void (*also)(void *user, const struct telling *t);
    void *user;
} telling;

static bool tell(struct telling t) {
    if (telling.also)
        telling.also(telling.user, &t);
    return reduce_hear(&t);
}

static uint16_t flag(bool said, enum telling_flag f) {
    return said ? (uint16_t)f : 0;
}

static uint16_t early(void) {
    return flag(run.config.early > 0, TELLING_EARLY);
}

// Locks that wait; `all`, after a panic, also one that could have gone on by now: the step that let it has
// ended the run.
static void tell_waiting(bool all) {
    struct operands about;
    for (struct task *t = run.announced_first; t; t = t->top->after) {
        if (!depend_is_lock(t->op) || (t->op->kind->enabled(t->op) && !all))
            continue;
        depend_operands(t->op, &about);
        if (about.count)
            tell((struct telling){.kind = TELL_WAITS, .task = t->number, .key = about.list[0].key});
    }
}

static bool tell_timer(const struct choice *way) {
    if (way->moves && reduce_wants_waiting())
        tell_waiting(false);
    return tell((struct telling){.kind = TELL_TIMER,
                                 .flags = flag(way->moves, TELLING_MOVES) |
                                          flag(way->last, TELLING_LAST) | early(),
                                 .key = way->timer});
}

static bool tell_task(const struct choice *way) {
    const struct op *op = way->op;
    depend_operands(op, &telling.about);
    return tell((struct telling){.kind = TELL_TASK,
                                 .how = (uint8_t)op->kind->event,
                                 .flags = flag(depend_is_lock(op), TELLING_LOCK),
                                 .task = way->task,
                                 .other = op->object ? op->object->id : 0,
                                 .key = telling.about.count ? telling.about.list[0].key : 0});
}

static bool watch_step(struct watch *w, const struct choice *way) {
    (void)w;
    return way->task == CHOICE_CLOCK ? tell_timer(way) : tell_task(way);
}

static void tell_uses(const struct uses *uses, bool looks) {
    if (uses->all)
        tell((struct telling){.kind = TELL_ALL});
    for (uint32_t i = 0; i < uses->count; i++)
        tell((struct telling){.kind = TELL_USE,
                              .how = uses->list[i].how,
                              .flags = flag(looks, TELLING_LOOKS),
                              .key = uses->list[i].key});
}

// What a local operation does it does at some moment of its task's code.
static void did_between(const struct op *op) {
    struct operands about;
    struct uses uses;
    depend_operands(op, &about);
    depend_did(op, &about, &uses);
    if (uses.all)
        tell((struct telling){.kind = TELL_ALL});
    for (uint32_t i = 0; i < uses.count; i++)
        tell((struct telling){.kind = TELL_ACTED,
                              .how = uses.list[i].how,
                              .task = op->task->number,
                              .key = uses.list[i].key});
}

static uint16_t enters(const struct op *op) {
    int by = depend_enters(op);
    return flag(by > 0, TELLING_ENTERS) | flag(by < 0, TELLING_LEAVES);
}

static void watch_did(struct watch *w, const struct op *op, bool parked) {
    (void)w;
    struct uses uses;
    if (!reduce_listens())
        return;
    if (!run.executing) {
        did_between(op);
        return;
    }
    depend_did(op, &telling.about, &uses);
    tell_uses(&uses, !parked);
    if (enters(op))
        tell((struct telling){.kind = TELL_ENTER,
                              .flags = enters(op) | flag(parked, TELLING_PARKED),
                              .task = op->task->number,
                              .other = op->object ? op->object->id : 0});
    tell((struct telling){.kind = TELL_DID,
                          .flags = flag(depend_exhausts(op), TELLING_EXHAUSTS) |
                                   flag(depend_takes(op), TELLING_TAKES) |
                                   flag(depend_is_summed(op), TELLING_SUMMED) |
                                   flag(depend_awaits_sum(op) && !parked, TELLING_AWAITS)});
}

static void watch_woke(struct watch *w, const struct op *op) {
    (void)w;
    struct uses uses;
    if (!reduce_listens())
        return;
    depend_woke(op, &uses);
    tell_uses(&uses, false);
    tell((struct telling){.kind = TELL_WOKE,
                          .flags = enters(op) | flag(depend_awaits_sum(op), TELLING_AWAITS),
                          .task = op->task->number,
                          .other = op->object ? op->object->id : 0});
}

static void watch_passed(struct watch *w, uint32_t task, const void *place) {
    (void)w;
    if (reduce_listens())
        tell((struct telling){.kind = TELL_PASSED, .task = task, .key = operand_at(place)});
}

static void watch_met(struct watch *w, uint32_t task, uint32_t parked) {
    (void)w;
    if (reduce_listens())
        tell((struct telling){.kind = TELL_MET, .task = task, .other = parked});
}

static void watch_started(struct watch *w, uint32_t task, uint32_t by) {
    (void)w;
    tell((struct telling){.kind = TELL_STARTED, .task = task, .other = by});
}

// Who the code between operations belongs to; EVENT_NOBODY: it is the step itself.
static uint32_t toucher(void) {
    return run.current && !run.executing ? run.current->number : EVENT_NOBODY;
}

static void watch_touched(struct watch *w, struct operand what) {
    (void)w;
    if (reduce_listens())
        tell((struct telling){.kind = TELL_TOUCHED,
                              .how = depend_touched(what.role),
                              .task = toucher(),
                              .key = what.key});
}

static void watch_timer_set(struct watch *w, uint64_t timer, bool due) {
    (void)w;
    tell((struct telling){
        .kind = TELL_SET, .flags = due ? early() : 0, .task = toucher(), .key = timer});
}

static void watch_timer_cleared(struct watch *w, uint64_t timer) {
    (void)w;
    tell((struct telling){.kind = TELL_CLEARED, .flags = early(), .key = timer});
}

static void watch_ended(struct watch *w, enum run_end end) {
    (void)w;
    tell_waiting(end == RUN_PANICKED);
    tell((struct telling){.kind = TELL_ENDED,
                          .flags = flag(end == RUN_PANICKED, TELLING_PANICKED) | early()});
}

struct watch *tell_watch(void) {
    static struct watch watch = {.step = watch_step,
                                 .did = watch_did,
                                 .woke = watch_woke,
                                 .passed = watch_passed,
                                 .met = watch_met,
                                 .started = watch_started,
                                 .touched = watch_touched,
                                 .timer_set = watch_timer_set,
                                 .timer_cleared = watch_timer_cleared,
                                 .ended = watch_ended};
    return &watch;
}

void tell_also(void (*hear)(void *user, const struct telling *t), void *user) {
    telling.also = hear;
    telling.user = user;
}
