// claims: sentences about a search.
//
// A claim is made only where it holds: of bounded phases that came to their end, in searches that met no
// other bound and whose runs repeated; of PCT where no run had more choice points than it reckoned with.
// (Burckhardt and others prove its chance for one run; the runs of one search draw independently.)
#include "harness/claims.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { MILLION = 1000000 };

static void claim(struct claims *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void claim(struct claims *c, const char *format, ...) {
    va_list args;
    if (c->count == CLAIMS)
        return;
    va_start(args, format);
    vsnprintf(c->list[c->count++], CLAIM_TEXT, format, args);
    va_end(args);
}

// By squaring, and rounded up at each step, so never less than the truth.
static uint32_t power_up(uint64_t base, uint64_t exponent) {
    uint64_t result = MILLION;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = (result * base + MILLION - 1) / MILLION;
        base = (base * base + MILLION - 1) / MILLION;
    }
    return (uint32_t)result;
}

uint32_t claims_missed(uint32_t processes, uint32_t points, uint32_t depth, uint64_t runs) {
    uint64_t ways = processes;
    for (uint32_t i = 1; i < depth && ways <= MILLION; i++)
        ways *= points;
    if (ways == 0 || ways > MILLION)
        return MILLION;
    return power_up(MILLION - MILLION / ways, runs);
}

static bool sound(const struct search *s) {
    return !s->bounded && !s->diverged;
}

static const char *const preemptions[] = {
    [SEARCH_SERIAL] = "no preemption",
    [SEARCH_ONE] = "at most 1 preemption",
    [SEARCH_TWO] = "at most 2 preemptions",
};

// The largest bound of which all schedules were tried, and what was tried beyond it.
static void claim_preemptions(const struct search *s, struct claims *c) {
    static const enum search_phase phases[] = {SEARCH_TWO, SEARCH_ONE, SEARCH_SERIAL};
    for (int i = 0; i < 3; i++) {
        enum search_phase p = phases[i];
        if (s->finished[p] && sound(s)) {
            claim(c, "every schedule with %s: %" PRIu64, preemptions[p], s->runs[p]);
            return;
        }
        if (s->runs[p])
            claim(c, "%" PRIu64 " with %s, not all", s->runs[p], preemptions[p]);
    }
}

static const char *plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

static void claim_classes(const struct search *s, struct claims *c) {
    uint64_t n = s->runs[SEARCH_TREE];
    if (n && s->plan.reduce)
        claim(c, "one of each of %" PRIu64 " classes of schedules that cannot differ, not all", n);
    else if (n)
        claim(c, "%" PRIu64 " schedule%s, deviating as late as can be, not all", n, plural(n));
}

static void claim_random(const struct search *s, struct claims *c) {
    uint64_t n = s->runs[SEARCH_RANDOM];
    if (n)
        claim(c, "%" PRIu64 " random schedule%s, seed 0x%" PRIx64, n, plural(n), s->plan.seed);
}

// How many of the first n runs of PCT had this depth.
static uint64_t runs_of_depth(const struct search *s, uint64_t n, uint32_t depth) {
    uint64_t runs = 0, seed;
    for (uint64_t i = 0; i < n && i < 3; i++) {
        uint32_t d;
        search_pct_of(s, i, &seed, &d);
        runs += d == depth ? (n - i + 2) / 3 : 0;
    }
    return runs;
}

static void claim_pct(const struct search *s, struct claims *c) {
    uint64_t n = s->runs[SEARCH_PCT];
    uint32_t points = search_pct_steps(s->first_depth), processes = s->most_tasks + s->most_timers;
    bool holds = sound(s) && s->most_depth <= points;
    if (n)
        claim(c, "%" PRIu64 " by random priorities (PCT), seed 0x%" PRIx64 "%s", n, s->plan.seed,
              holds ? "" : ": with longer runs than it reckoned with, so without a bound");
    for (uint32_t depth = 2; n && holds && depth <= 4; depth++) {
        uint32_t missed = claims_missed(processes, points, depth, runs_of_depth(s, n, depth));
        if (missed < MILLION)
            claim(c,
                  "a failure that needs %" PRIu32 " steps in order, of %" PRIu32
                  " tasks and timers in %" PRIu32
                  " choices, is missed with a chance of at most %" PRIu32 ".%02" PRIu32 " %%",
                  depth, processes, points, missed / 10000, missed / 100 % 100);
    }
}

void claims_add_slow(const struct search *s, bool whole, struct claims *out) {
    bool all = search_exhaustive(s) && whole;
    if (!s->explored)
        claim(out, "no schedule of a slow machine: the budget was used up");
    else
        claim(out,
              "%s%" PRIu64 " schedule%s of a slow machine, time moving early at most %d times%s",
              all ? "all " : "", search_explored(s), plural(search_explored(s)), SCHEDULE_EARLY,
              all ? "" : ", not all");
}

void claims_of(const struct search *s, struct claims *out) {
    out->count = 0;
    if (!s->explored || search_exhaustive(s))
        return;
    claim_preemptions(s, out);
    claim_classes(s, out);
    claim_random(s, out);
    claim_pct(s, out);
}
