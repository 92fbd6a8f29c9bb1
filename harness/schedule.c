// schedule: reading and writing schedule ids.
//
// Invariant: what is written can be read again and gives the same schedule; an id that is accepted
// has rising steps, so there is one id for one schedule but for leading zeros and "/0".
#include "harness/schedule.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHY = 160 };

// An id being read. The first complaint is kept in `why`.
struct cursor {
    const char *text;
    const char *at;
    char *why;
};

static bool complain(const struct cursor *c, const char *what) {
    snprintf(c->why, WHY, "character %d of the schedule id: %s", (int)(c->at - c->text) + 1, what);
    return false;
}

static bool accept(struct cursor *c, char wanted) {
    if (*c->at != wanted)
        return false;
    c->at++;
    return true;
}

static int digit_of(char ch, unsigned base) {
    int digit = isdigit((unsigned char)ch)    ? ch - '0'
                : isxdigit((unsigned char)ch) ? tolower((unsigned char)ch) - 'a' + 10
                                              : -1;
    return digit >= 0 && (unsigned)digit < base ? digit : -1;
}

static bool read_number(struct cursor *c, uint64_t most, uint64_t *out, const char *wanted) {
    bool hex = c->at[0] == '0' && c->at[1] == 'x' && digit_of(c->at[2], 16) >= 0;
    unsigned base = hex ? 16 : 10;
    const char *p = hex ? c->at + 2 : c->at;
    if (digit_of(*p, base) < 0)
        return complain(c, wanted);
    uint64_t n = 0;
    for (; digit_of(*p, base) >= 0; p++) {
        uint64_t digit = (uint64_t)digit_of(*p, base);
        if (n > (most - digit) / base)
            return complain(c, "the number is too large");
        n = n * base + digit;
    }
    c->at = p;
    *out = n;
    return true;
}

static bool read_name(struct cursor *c, struct schedule *s) {
    size_t length = strspn(c->at, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    if (length == 0)
        return complain(c, "expected the name of a scenario");
    if (length >= SCHEDULE_NAME)
        return complain(c, "the scenario's name is too long");
    memcpy(s->name, c->at, length);
    c->at += length;
    if (!accept(c, '@'))
        return complain(c, "expected @ after the scenario's name");
    return true;
}

// STEP:TASK[/BRANCH], the dot before it is read.
static bool read_deviation(struct cursor *c, struct schedule *s) {
    struct deviation *d = &s->deviations[s->count];
    uint64_t step, task = CHOICE_CLOCK, branch = 0;
    if (s->count == SCHEDULE_DEVIATIONS)
        return complain(c, "more deviations than a schedule can hold");
    const char *start = c->at;
    if (!read_number(c, UINT32_MAX, &step, "expected the number of a step"))
        return false;
    if (s->count && step <= d[-1].step) {
        c->at = start;
        return complain(c, "steps must rise from one deviation to the next");
    }
    if (!accept(c, ':'))
        return complain(c, "expected : between step and task");
    if (!accept(c, 't') &&
        !read_number(c, EVENT_NOBODY - 1, &task, "expected the number of a task, or t"))
        return false;
    if (accept(c, '/') && !read_number(c, UINT32_MAX, &branch, "expected the number of a branch"))
        return false;
    *d = (struct deviation){(uint32_t)step, (uint32_t)task, (uint32_t)branch};
    s->count++;
    return true;
}

static bool read_deviations(struct cursor *c, struct schedule *s) {
    s->slow = accept(c, 't');
    s->memory = accept(c, 'm');
    while (accept(c, '.'))
        if (!read_deviation(c, s))
            return false;
    return *c->at == 0 || complain(c, "expected . and a deviation (STEP:TASK), or the end");
}

static bool read_seed(struct cursor *c, struct schedule *s) {
    if (!accept(c, '.'))
        return complain(c, "expected . and a seed after r1 or p1");
    return read_number(c, UINT64_MAX, &s->seed, "expected a seed");
}

static bool read_depth(struct cursor *c, struct schedule *s) {
    uint64_t depth;
    if (!accept(c, '.'))
        return complain(c, "expected . and a depth after the seed");
    const char *start = c->at;
    if (!read_number(c, UINT32_MAX, &depth, "expected a depth"))
        return false;
    s->depth = (uint32_t)depth;
    c->at = depth >= 1 && depth <= PCT_DEPTH_MOST ? c->at : start;
    return c->at != start || complain(c, "the depth must be from 1 to 8");
}

static bool read_end(const struct cursor *c, const char *wanted) {
    return *c->at == 0 || complain(c, wanted);
}

bool schedule_parse(const char *text, struct schedule *s, char *why) {
    struct cursor c = {text, text, why};
    memset(s, 0, sizeof *s);
    if (!read_name(&c, s))
        return false;
    if (strncmp(c.at, "x1", 2) == 0) {
        c.at += 2;
        return read_deviations(&c, s);
    }
    if (strncmp(c.at, "r1", 2) == 0) {
        c.at += 2;
        s->kind = SCHEDULE_RANDOM;
        return read_seed(&c, s) && read_end(&c, "expected the end after the seed");
    }
    if (strncmp(c.at, "p1", 2) == 0) {
        c.at += 2;
        s->kind = SCHEDULE_PCT;
        return read_seed(&c, s) && read_depth(&c, s) &&
               read_end(&c, "expected the end after the depth");
    }
    return complain(&c, "expected x1 (deviations), r1 (a seed) or p1 (seed and depth) after @");
}

// Writes one deviation at out + used; returns the new length, as if there were always room.
static size_t write_deviation(const struct deviation *d, char *out, size_t size, size_t used) {
    char task[16] = "t", branch[16] = "";
    if (d->task != CHOICE_CLOCK)
        snprintf(task, sizeof task, "%" PRIu32, d->task);
    if (d->branch)
        snprintf(branch, sizeof branch, "/%" PRIu32, d->branch);
    bool room = used < size;
    int n = snprintf(room ? out + used : NULL, room ? size - used : 0, ".%" PRIu32 ":%s%s", d->step,
                     task, branch);
    return used + (size_t)n;
}

size_t schedule_format(const struct schedule *s, char *out, size_t size) {
    if (s->kind == SCHEDULE_RANDOM)
        return (size_t)snprintf(out, size, "%s@r1.%" PRIu64, s->name, s->seed);
    if (s->kind == SCHEDULE_PCT)
        return (size_t)snprintf(out, size, "%s@p1.%" PRIu64 ".%" PRIu32, s->name, s->seed,
                                s->depth);
    size_t used = (size_t)snprintf(out, size, "%s@x1%s%s", s->name, s->slow ? "t" : "",
                                   s->memory ? "m" : "");
    uint32_t count = s->count < SCHEDULE_DEVIATIONS ? s->count : SCHEDULE_DEVIATIONS;
    for (uint32_t i = 0; i < count; i++)
        used = write_deviation(&s->deviations[i], out, size, used);
    return used;
}

void schedule_copy(struct schedule *to, const struct schedule *from) {
    *to = *from;
    to->name[SCHEDULE_NAME - 1] = 0;
    if (to->count > SCHEDULE_DEVIATIONS)
        to->count = SCHEDULE_DEVIATIONS;
}
