// witness: see witness.h.
//
// Invariants:
//   - the shared memory is read once, cell by cell into memory of our own, and only what is there is looked at;
//   - each cell is taken by the state that the ones before it led to; what does not belong there is wrong, and
//     after that nothing is read any more;
//   - what a count on the tape makes the parent do is bounded by what a run can hold: by the log for what is told
//     (TOLD_OF_EVENT), by CHOICES_MOST for ways, by the search's own budget for runs;
//   - a schedule that was found is only ever replaced by a shorter one whose run was judged here.
//
// Rejected: asking the parent at each choice (two switches of processes for each, a hundred for a run that takes
// less time than ten); the parent's verdict as an answer to each run (two for each run). The runner needs
// neither: which runs there are to be made depends on what happened in those before, never on their verdicts.
#include "harness/witness.h"

#include "harness/minimise.h"
#include "harness/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    BATCH = 256,            // cells copied at once
    LOOK_MOST = 1 << 15,    // cells in one look
    CHOICES_MOST = 1 << 20, // ways of one choice: 64 arms of each task that may be alive
    WAYS_OF_RUN = 1 << 30,  // ways and locks that wait, of all choices of a run
    TOLD_OF_EVENT = 64,     // tellings and choices of a run, for each of its events
};

// What is expected next on the tape.
enum expected { A_RUN, OF_RUN, BYTES, A_TRIAL, OF_TRIAL };

// Bytes that follow a cell, and where they go.
struct part {
    void *to;
    size_t left;
};
enum { PARTS = 4 };

struct witness {
    struct search *search; // the caller's
    struct witness_terms terms;
    struct trace *trace; // what is known of the run under way, for the reduction
    event_log *log;      // of that run, as far as it was copied
    uint32_t literals;   // bytes of the log's strings that stay
    struct seen seen;
    struct judgement judgement;

    uint64_t tail; // cells read
    enum expected expected;
    const char *wrong;
    bool enough;   // the rest of the runs does not matter
    bool stopped;  // nor does the caller want it
    bool searched; // there are no more of them
    bool answered; // ... and the runner knows what was found
    bool awaited;  // the tape was nearly full
    uint64_t runs; // that are over, trials as well
    struct tape_cell batch[BATCH];

    // The run under way.
    uint64_t told, looked; // tellings and choices; ways and locks that wait
    bool ended;            // the search has ended it
    struct tape_choice choice;
    struct tape_end end;
    struct tape_way *ways;
    struct choice *choices;
    uint32_t ways_room;
    struct part parts[PARTS];
    uint32_t part;
    void (*then)(struct witness *w); // once all parts are there

    // The trial under way.
    struct tape_trial trial;
    struct schedule taken;
    bool confirmed;        // the schedule at hand was seen to fail
    uint64_t trial_events; // of all trials
};

static void wrong(struct witness *w, const char *why) {
    if (!w->wrong)
        w->wrong = why;
}

struct witness *witness_new(uint32_t capacity) {
    struct witness *w = zero_alloc(1, sizeof *w);
    w->log = zero_alloc(1, event_log_size(capacity));
    event_log_init(w->log, capacity, false);
    w->trace = zero_alloc(1, reduce_size());
    return w;
}

void witness_free(struct witness *w) {
    if (!w)
        return;
    seen_free(&w->seen);
    judgement_free(&w->judgement);
    free(w->trace);
    free(w->ways);
    free(w->choices);
    free(w->log);
    free(w);
}

void witness_begin(struct witness *w, struct search *search, const struct witness_terms *terms) {
    w->search = search;
    w->terms = *terms;
    w->literals = 1;
    w->tail = 0;
    w->expected = A_RUN;
    w->wrong = NULL;
    w->enough = w->stopped = w->searched = w->answered = w->confirmed = false;
    w->trial_events = w->runs = 0;
    atomic_store_explicit(&w->log->site_count, 1, memory_order_relaxed);
    memset(w->log->strings, 0, sizeof w->log->strings);
}

// --- bytes that follow ------------------------------------------------------------------------------

static void parts_begin(struct witness *w, void (*then)(struct witness *w)) {
    memset(w->parts, 0, sizeof w->parts);
    w->part = 0;
    w->then = then;
    w->expected = BYTES;
}

// Those that are complete are done with.
static void parts_settle(struct witness *w) {
    while (w->part < PARTS && !w->parts[w->part].left)
        w->part++;
    if (w->part == PARTS)
        w->then(w);
}

static void take_bytes(struct witness *w, const struct tape_cell *c) {
    struct part *p = &w->parts[w->part];
    size_t n = p->left < sizeof c->bytes ? p->left : sizeof c->bytes;
    memcpy(p->to, c->bytes, n);
    p->to = (char *)p->to + n;
    p->left -= n;
    parts_settle(w);
}

// --- a choice ---------------------------------------------------------------------------------------

static struct choice choice_of(const struct tape_way *w) {
    return (struct choice){.task = w->task,
                           .branch = w->branch,
                           .timer = w->timer,
                           .local = w->flags & TAPE_LOCAL,
                           .goes_on = w->flags & TAPE_GOES_ON,
                           .moves = w->flags & TAPE_MOVES,
                           .last = w->flags & TAPE_LAST};
}

static uint32_t word_of(size_t taken) {
    return taken == POLICY_STOP       ? TAPE_STOP
           : taken == POLICY_DIVERGED ? TAPE_DIVERGED
                                      : (uint32_t)taken;
}

static void take_ways(struct witness *w) {
    uint32_t count = w->choice.count;
    struct policy *policy = &w->search->policy;
    w->expected = OF_RUN;
    if (w->enough)
        return;
    for (uint32_t i = 0; i < count; i++)
        w->choices[i] = choice_of(&w->ways[i]);
    size_t taken = policy->pick(policy, w->choices, count, w->choice.preferred);
    w->ended = taken >= count;
    if (word_of(taken) != w->choice.taken)
        wrong(w, "a run takes another way than the search asks for");
}

static void ways_reserve(struct witness *w, uint32_t count) {
    if (count <= w->ways_room)
        return;
    while (w->ways_room < count)
        w->ways_room = w->ways_room ? 2 * w->ways_room : 64;
    free(w->ways);
    free(w->choices);
    w->ways = zero_alloc(w->ways_room, sizeof *w->ways);
    w->choices = zero_alloc(w->ways_room, sizeof *w->choices);
}

static void take_choice(struct witness *w, const struct tape_cell *c) {
    const struct tape_choice *choice = &c->choice;
    w->looked += choice->count;
    if (choice->count < 2 || choice->count > CHOICES_MOST || choice->preferred >= choice->count ||
        w->looked > WAYS_OF_RUN) {
        wrong(w, "a choice has no such ways");
        return;
    }
    if (w->ended) {
        wrong(w, "a run goes on after its end");
        return;
    }
    w->choice = *choice;
    ways_reserve(w, (choice->count + 1) / 2 * 2);
    parts_begin(w, take_ways);
    w->parts[0] = (struct part){w->ways, (choice->count + 1) / 2 * 2 * sizeof *w->ways};
}

// --- what is told -----------------------------------------------------------------------------------

static void take_telling(struct witness *w, const struct telling *t) {
    if (t->kind == TELL_WAITS)
        w->looked++;
    if (w->enough)
        return;
    if (w->looked > WAYS_OF_RUN || !w->search->policy.watch || !reduce_can_be(t))
        wrong(w, "a run tells what cannot be");
    else
        reduce_hear(t);
}

// --- the end of a run ---------------------------------------------------------------------------------

static unsigned judge_log(struct witness *w) {
    event_log *log = w->log;
    atomic_store_explicit(&log->site_count, log->site_count + w->end.sites, memory_order_relaxed);
    atomic_store_explicit(&log->string_bytes, TAPE_STRINGS + w->end.texts, memory_order_relaxed);
    atomic_store_explicit(&log->head, w->end.events, memory_order_relaxed);
    log->strings[TAPE_STRINGS - 1] = log->strings[LOG_STRING_BYTES - 1] = '\0';
    w->literals += w->end.literals;
    seen_init(&w->seen, log, judge_grace(&w->terms.judge));
    judge(&w->seen, &w->terms.judge, &w->judgement);
    // Where races are looked for, a report that the log refutes ends the search too: the run is then made again,
    // to be told of.
    bool reported = w->terms.counts == VERDICT_RACE && w->judgement.refuted;
    return (w->judgement.verdicts & w->terms.counts) | (reported ? VERDICT_RACE : 0);
}

// Whether what the search says of the run just over is what the runner said.
static bool counts(struct witness *w) {
    bool logged = w->end.flags & TAPE_LOGGED;
    if (search_counts(w->search) != logged)
        wrong(w, "a run that counts has no log");
    return logged && !w->wrong;
}

static bool met_a_bound(const struct witness *w) {
    return w->end.flags & TAPE_BOUNDED || w->judgement.end == RUN_STEPS ||
           w->judgement.end == RUN_LOG_FULL;
}

static void run_over(struct witness *w) {
    struct search *s = w->search;
    w->expected = A_RUN;
    if (w->enough)
        return;
    unsigned verdicts = 0;
    bool bounded = w->end.flags & TAPE_BOUNDED;
    if (counts(w)) {
        verdicts = judge_log(w);
        bounded = met_a_bound(w);
        search_checks(s, judgement_failed(&w->judgement));
    }
    if (w->wrong)
        return;
    search_spend(s, w->end.events, w->end.tasks);
    search_end(s, verdicts, bounded);
    w->enough = verdicts & w->terms.until;
}

static void take_log(struct witness *w, const struct tape_end *end,
                     void (*then)(struct witness *)) {
    event_log *log = w->log;
    w->end = *end;
    w->runs++;
    if (end->events > log->capacity || end->sites > LOG_MAX_SITES - log->site_count ||
        end->literals > TAPE_STRINGS - w->literals || end->texts > TAPE_STRINGS) {
        wrong(w, "a log is longer than there is room for");
        return;
    }
    parts_begin(w, then);
    if (end->flags & TAPE_LOGGED) {
        w->parts[0] = (struct part){log->sites + log->site_count, end->sites * sizeof *log->sites};
        w->parts[1] = (struct part){log->strings + w->literals, end->literals};
        w->parts[2] = (struct part){log->strings + TAPE_STRINGS, end->texts};
        w->parts[3] = (struct part){log->events, end->events * sizeof *log->events};
    }
    parts_settle(w);
}

// For a run of so many events, or of as many as there may be.
static bool tells_too_much(const struct witness *w, uint64_t events) {
    uint64_t most = w->log->capacity;
    return w->told > TOLD_OF_EVENT * ((events < most ? events : most) + 1);
}

static void take_of_run(struct witness *w, const struct tape_cell *c) {
    uint8_t kind = c->telling.kind;
    w->told++;
    if (tells_too_much(w, UINT64_MAX) || (kind == TAPE_END && tells_too_much(w, c->end.events)))
        wrong(w, "a run tells more than can happen in it");
    else if (kind < TELL_KINDS)
        take_telling(w, &c->telling);
    else if (kind == TAPE_CHOICE)
        take_choice(w, c);
    else if (kind == TAPE_END)
        take_log(w, &c->end, run_over);
    else
        wrong(w, "a run has no end");
}

// --- between runs -----------------------------------------------------------------------------------

static void run_begins(struct witness *w) {
    w->told = w->looked = 0;
    w->ended = false;
    w->expected = OF_RUN;
    if (!w->enough && !search_begin(w->search))
        wrong(w, "there is a run more than the search has");
}

static void search_over(struct witness *w) {
    if (!w->enough && !w->stopped && search_begin(w->search))
        wrong(w, "the search ended before all of its runs were made");
    w->searched = true;
    w->expected = A_TRIAL;
}

static void take_between(struct witness *w, const struct tape_cell *c) {
    if (c->telling.kind == TAPE_RUN)
        run_begins(w);
    else if (c->telling.kind == TAPE_SEARCHED)
        search_over(w);
    else
        wrong(w, "something happens outside of a run");
}

// --- trials -----------------------------------------------------------------------------------------

static void take_trial(struct witness *w, const struct tape_cell *c) {
    if (c->telling.kind != TAPE_TRIAL || c->trial.found >= w->search->found_count ||
        w->trial_events >= 2 * MINIMISE_EVENTS) {
        wrong(w, "a schedule is tried that was not found");
        return;
    }
    w->trial = c->trial;
    w->confirmed &= !c->trial.first;
    w->taken = (struct schedule){.count = 0};
    w->expected = OF_TRIAL;
}

static bool is_better(const struct witness *w, const struct search_found *f) {
    if (f->died || (w->trial.bounded && w->end.depth > SEARCH_DEPTH))
        return false;
    return w->trial.first || (w->confirmed && w->taken.count < f->schedule.count);
}

static void trial_over(struct witness *w) {
    struct search_found *f = &w->search->found[w->trial.found];
    w->expected = A_TRIAL;
    w->trial_events += w->end.events + 1;
    if (!(w->end.flags & TAPE_LOGGED) || judge_log(w) != f->verdicts || !is_better(w, f))
        return;
    w->confirmed = true;
    f->schedule.count = w->taken.count;
    memcpy(f->schedule.deviations, w->taken.deviations, sizeof w->taken.deviations);
}

static void take_of_trial(struct witness *w, const struct tape_cell *c) {
    const struct tape_took *took = &c->took;
    struct schedule *s = &w->taken;
    if (took->kind == TAPE_END)
        take_log(w, &c->end, trial_over);
    else if (took->kind != TAPE_TOOK ||
             (s->count && took->step <= s->deviations[s->count - 1].step))
        wrong(w, "a schedule that is tried is none");
    else if (s->count < SCHEDULE_DEVIATIONS)
        s->deviations[s->count++] = (struct deviation){took->step, took->task, took->branch};
}

// --- reading ----------------------------------------------------------------------------------------

static void take(struct witness *w, const struct tape_cell *c) {
    static void (*const takers[])(struct witness * w, const struct tape_cell *c) = {
        [A_RUN] = take_between, [OF_RUN] = take_of_run,     [BYTES] = take_bytes,
        [A_TRIAL] = take_trial, [OF_TRIAL] = take_of_trial,
    };
    takers[w->expected](w, c);
}

// Copies what there is, as far as it fits. Returns how many cells that was.
static uint32_t copy(struct witness *w, const struct tape *t) {
    uint64_t head = atomic_load_explicit(&t->head, memory_order_acquire);
    if (head < w->tail || head - w->tail > TAPE_CELLS) {
        wrong(w, "it is shorter or longer than it can be");
        return 0;
    }
    w->awaited |= head - w->tail > TAPE_CELLS / 2;
    uint32_t count = head - w->tail < BATCH ? (uint32_t)(head - w->tail) : BATCH;
    for (uint32_t i = 0; i < count; i++)
        memcpy(&w->batch[i], &t->cells[(w->tail + i) % TAPE_CELLS], sizeof *w->batch);
    return count;
}

// What was found is what the runner is to make shorter.
static void answer(struct witness *w, struct shared *shared) {
    if (w->wrong || w->answered)
        return;
    w->answered = true;
    if (!w->stopped)
        atomic_store(&shared->stop, 0);
    memcpy(shared->search.found, w->search->found, sizeof shared->search.found);
    shared->search.found_count = w->search->found_count;
    atomic_store_explicit(&shared->tape.answered, 1, memory_order_release);
}

bool witness_look(struct witness *w, struct shared *shared) {
    uint32_t read = 0, count = 1;
    w->awaited = false;
    reduce_use(w->trace);
    while (!w->wrong && read < LOOK_MOST && (count = copy(w, &shared->tape))) {
        for (uint32_t i = 0; i < count && !w->wrong; i++)
            take(w, &w->batch[i]);
        w->tail += count;
        read += count;
        atomic_store_explicit(&shared->tape.tail, w->tail, memory_order_release);
    }
    reduce_use(NULL);
    if (w->enough && !w->searched)
        atomic_store(&shared->stop, 1);
    if (w->searched)
        answer(w, shared);
    return read;
}

bool witness_was_awaited(const struct witness *w) {
    return w->awaited;
}

uint64_t witness_runs(const struct witness *w) {
    return w->runs;
}

void witness_stop(struct witness *w) {
    w->stopped = true;
}

bool witness_searched(const struct witness *w) {
    return w->searched;
}

const char *witness_wrong(const struct witness *w) {
    return w->wrong;
}
