// minimise: delta debugging over the deviations of a schedule (Zeller and Hildebrandt, Simplifying
// and Isolating Failure-Inducing Input, TSE 2002).
//
// Invariant: `best` is always a schedule that was run and got exactly the wanted verdicts. Leaving
// out a deviation shifts what the later ones mean, so many candidates do not fit or pass; that is
// the algorithm's "unresolved" and costs one run. What a candidate really did is kept rather than
// what it was asked to do: deviations past the end of its run are gone at once.
#include "harness/minimise.h"

#include "harness/judge.h"

#include <string.h>

struct hunt {
    struct schedule best;
    struct schedule candidate;
    struct schedule as_run;
    unsigned verdicts;
    minimise_try *attempt;
    void *user;
    uint32_t tries;
};

// Runs the candidate; keeps what it did if that fails in the same way with fewer deviations.
static bool try_candidate(struct hunt *h) {
    if (h->tries == MINIMISE_TRIES)
        return false;
    h->tries++;
    if (h->attempt(h->user, &h->candidate, &h->as_run) != h->verdicts ||
        h->as_run.count >= h->best.count)
        return false;
    h->best = h->as_run;
    return true;
}

// The deviations [from, to) of the best schedule alone, or all but those.
static void candidate_part(struct hunt *h, uint32_t from, uint32_t to, bool without) {
    h->candidate = h->best;
    h->candidate.count = 0;
    for (uint32_t i = 0; i < h->best.count; i++)
        if ((i >= from && i < to) != without)
            h->candidate.deviations[h->candidate.count++] = h->best.deviations[i];
}

// Tries each of `parts` parts, alone or left out. The best schedule shrinks with the first success.
static bool try_parts(struct hunt *h, uint32_t parts, bool without) {
    uint32_t count = h->best.count;
    for (uint32_t i = 0; i < parts; i++) {
        candidate_part(h, count * i / parts, count * (i + 1) / parts, without);
        if (try_candidate(h))
            return true;
    }
    return false;
}

// One schedule out of reach of any single part is retried in finer parts, down to single ones.
static void reduce(struct hunt *h) {
    uint32_t parts = 2;
    while (h->best.count >= 2 && h->tries < MINIMISE_TRIES) {
        if (try_parts(h, parts, false)) {
            parts = 2;
        } else if (parts > 2 && try_parts(h, parts, true)) {
            parts = parts - 1 > 2 ? parts - 1 : 2;
        } else {
            if (parts >= h->best.count)
                break;
            parts *= 2;
        }
        if (parts > h->best.count)
            parts = h->best.count;
    }
}

// Leaves out single deviations until none can go, the empty schedule included.
static void drop_singles(struct hunt *h) {
    while (h->best.count && try_parts(h, h->best.count, true))
        continue;
}

static bool can_be_tried(const struct schedule *s, unsigned verdicts) {
    return s->kind == SCHEDULE_DEFAULT && s->count <= SCHEDULE_DEVIATIONS && verdicts &&
           !(verdicts & VERDICT_ERRORS);
}

bool minimise(struct schedule *s, unsigned verdicts, minimise_try *attempt, void *user) {
    if (!can_be_tried(s, verdicts))
        return false;
    struct hunt h = {.candidate = *s, .verdicts = verdicts, .attempt = attempt, .user = user};
    h.tries++;
    if (attempt(user, &h.candidate, &h.as_run) != verdicts)
        return false;
    h.best = h.as_run;
    h.candidate.count = 0;
    if (h.best.count && !try_candidate(&h)) {
        reduce(&h);
        drop_singles(&h);
    }
    *s = h.best;
    return true;
}
