// tape: writing. See tape.h.
//
// Invariant: a cell is complete before `head` says that it is there, so that what a run did before it killed its
// process is on the tape. What has been written is counted here, not in the shared memory.
#include "harness/tape.h"

#include "harness/search.h"

#include <string.h>
#include <time.h>

static struct {
    struct tape *tape;
    const event_log *log;
    uint64_t head;
    uint32_t sites, literals; // of the log, that are on the tape
    struct policy policy;
    struct policy *inner;
    struct tape_trial trial;
    uint32_t depth; // choices of the trial under way
} out;

static void nap(void) {
    struct timespec little = {.tv_nsec = 50000};
    nanosleep(&little, NULL);
}

static void put(const struct tape_cell *c) {
    while (out.head - atomic_load_explicit(&out.tape->tail, memory_order_acquire) >= TAPE_CELLS)
        nap();
    out.tape->cells[out.head % TAPE_CELLS] = *c;
    atomic_store_explicit(&out.tape->head, ++out.head, memory_order_release);
}

static void put_bytes(const void *from, size_t size) {
    const unsigned char *bytes = from;
    for (size_t at = 0; at < size; at += sizeof(struct tape_cell)) {
        struct tape_cell c = {0};
        size_t left = size - at;
        memcpy(&c, bytes + at, left < sizeof c ? left : sizeof c);
        put(&c);
    }
}

void tape_start(struct tape *t, const event_log *log) {
    out.tape = t;
    out.log = log;
    out.head = 0;
    out.sites = out.literals = 1;
}

// --- a run ------------------------------------------------------------------------------------------

static void put_telling(void *user, const struct telling *t) {
    (void)user;
    put(&(struct tape_cell){.telling = *t});
}

static struct tape_way way_of(const struct choice *c) {
    return (struct tape_way){.task = c->task,
                             .branch = c->branch,
                             .timer = (uint32_t)c->timer,
                             .flags = (c->local ? TAPE_LOCAL : 0u) |
                                      (c->goes_on ? TAPE_GOES_ON : 0u) |
                                      (c->moves ? TAPE_MOVES : 0u) | (c->last ? TAPE_LAST : 0u)};
}

static uint32_t word_of(size_t taken) {
    return taken == POLICY_STOP       ? TAPE_STOP
           : taken == POLICY_DIVERGED ? TAPE_DIVERGED
                                      : (uint32_t)taken;
}

static void put_choice(const struct choice *ways, size_t count, size_t preferred, size_t taken) {
    put(&(struct tape_cell){.choice = {.kind = TAPE_CHOICE,
                                       .count = (uint32_t)count,
                                       .preferred = (uint32_t)preferred,
                                       .taken = word_of(taken)}});
    for (size_t i = 0; i < count; i += 2)
        put(&(struct tape_cell){.ways = {way_of(&ways[i]), i + 1 < count ? way_of(&ways[i + 1])
                                                                         : (struct tape_way){0}}});
}

static size_t pick_run(struct policy *self, const struct choice *ways, size_t count,
                       size_t preferred) {
    (void)self;
    size_t taken = out.inner->pick(out.inner, ways, count, preferred);
    put_choice(ways, count, preferred, taken);
    return taken;
}

static struct policy *wrap(struct policy *inner,
                           size_t (*pick)(struct policy *, const struct choice *, size_t, size_t)) {
    out.inner = inner;
    out.policy = (struct policy){.announce = true, .pick = pick, .watch = inner->watch};
    return &out.policy;
}

struct policy *tape_run(struct policy *inner) {
    tell_also(put_telling, NULL);
    put(&(struct tape_cell){.choice = {.kind = TAPE_RUN}});
    return wrap(inner, pick_run);
}

// --- a trial ----------------------------------------------------------------------------------------

static size_t pick_trial(struct policy *self, const struct choice *ways, size_t count,
                         size_t preferred) {
    (void)self;
    size_t taken = out.inner->pick(out.inner, ways, count, preferred);
    if (taken < count && taken != preferred)
        put(&(struct tape_cell){.took = {.kind = TAPE_TOOK,
                                         .step = out.depth,
                                         .task = ways[taken].task,
                                         .branch = ways[taken].branch}});
    out.depth++;
    return taken;
}

void tape_trials(uint32_t found, bool first, bool bounded) {
    out.trial = (struct tape_trial){
        .kind = TAPE_TRIAL, .found = found, .first = first, .bounded = bounded};
}

struct policy *tape_trial(struct policy *inner) {
    out.depth = 0;
    put(&(struct tape_cell){.trial = out.trial});
    out.trial.first = false;
    return wrap(inner, pick_trial);
}

// --- the end of either ------------------------------------------------------------------------------

// The strings that stay lie one behind the other, none of them empty.
static uint32_t literals_end(void) {
    uint32_t at = out.literals;
    while (at < TAPE_STRINGS && out.log->strings[at])
        at += (uint32_t)strnlen(out.log->strings + at, TAPE_STRINGS - 1 - at) + 1;
    return at;
}

static uint32_t texts_end(void) {
    uint32_t end = atomic_load_explicit(&out.log->string_bytes, memory_order_relaxed);
    return end > TAPE_STRINGS ? end : TAPE_STRINGS;
}

static void put_log(struct tape_end end) {
    uint32_t sites = atomic_load_explicit(&out.log->site_count, memory_order_relaxed);
    uint32_t literals = literals_end();
    end.sites = sites - out.sites;
    end.literals = literals - out.literals;
    end.texts = texts_end() - TAPE_STRINGS;
    put(&(struct tape_cell){.end = end});
    put_bytes(out.log->sites + out.sites, end.sites * sizeof *out.log->sites);
    put_bytes(out.log->strings + out.literals, end.literals);
    put_bytes(out.log->strings + TAPE_STRINGS, end.texts);
    put_bytes(out.log->events, end.events * sizeof *out.log->events);
    out.sites = sites;
    out.literals = literals;
}

void tape_end(unsigned flags) {
    struct tape_end end = {
        .kind = TAPE_END,
        .flags = (uint8_t)flags,
        .depth = out.depth,
        .tasks = atomic_load_explicit(&out.log->started, memory_order_relaxed),
        .events = atomic_load_explicit(&out.log->head, memory_order_relaxed),
    };
    tell_also(NULL, NULL);
    if (flags & TAPE_LOGGED)
        put_log(end);
    else
        put(&(struct tape_cell){.end = end});
}

void tape_searched(void) {
    put(&(struct tape_cell){.choice = {.kind = TAPE_SEARCHED}});
    while (!atomic_load_explicit(&out.tape->answered, memory_order_acquire))
        nap();
}
