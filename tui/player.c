#include "tui/player.h"

#include "harness/text.h"

#include <stdlib.h>
#include <string.h>

// A person follows four events a second, and does not wait longer than this for a whole run.
static const int64_t usual_interval = 250 * MILLISECOND, longest_run = 12 * SECOND;
enum { MOST_DOUBLINGS = 10, MOST_EVENTS = 1 << 22, MOST_LEFT_STEPS = 1 << 24 };

static uint32_t power_of_two(uint64_t least) {
    uint32_t n = 1;
    while (n < least)
        n *= 2;
    return n;
}

// The log may be damaged: its numbers are taken no further than its own bounds.
static event_log *copy_log(const event_log *from, uint64_t *length) {
    uint64_t n = atomic_load(&from->head);
    n = n < from->capacity ? n : from->capacity;
    n = n < MOST_EVENTS ? n : MOST_EVENTS;
    uint32_t capacity = power_of_two(n);
    event_log *log = zero_alloc(1, event_log_size(capacity));
    event_log_init(log, capacity, false);
    uint32_t sites = atomic_load(&from->site_count);
    sites = sites < LOG_MAX_SITES ? sites : LOG_MAX_SITES;
    memcpy(log->sites, from->sites, sites * sizeof *from->sites);
    memcpy(log->strings, from->strings, sizeof log->strings - 1);
    memcpy(log->events, from->events, n * sizeof *from->events);
    atomic_store(&log->site_count, sites);
    atomic_store(&log->string_bytes, LOG_STRING_BYTES);
    atomic_store(&log->head, n);
    *length = n;
    return log;
}

static uint32_t sum_waiting(const struct seen *s) {
    uint32_t sum = 0;
    for (int reason = 0; reason < WAIT_REASON_COUNT; reason++)
        sum += s->waiting[reason];
    return sum;
}

static uint32_t minus(uint32_t a, uint32_t b) {
    return a > b ? a - b : 0;
}

static struct moment moment_of(const struct seen *s) {
    uint32_t waiting = sum_waiting(s), sleeping = s->waiting[WAIT_SLEEP];
    return (struct moment){
        s->now,
        {
            .runnable = minus(s->alive, waiting),
            .sleeping = sleeping,
            .blocked = minus(waiting, sleeping),
            .ended = s->ended,
        },
    };
}

static struct left_span span_of(const struct player *p, const struct seen_task *t) {
    bool ended = t->state == TASK_ENDED;
    if (!ended && !t->outlived)
        return (struct left_span){(uint64_t)t->since_event + 1, p->length};
    return (struct left_span){p->end.root_end_event + 1, ended ? t->since_event : p->length};
}

static void find_left(struct player *p, const struct judgement *j) {
    p->left = zero_alloc(p->end.task_count, sizeof *p->left);
    for (uint32_t i = 0; j && i < j->left_count; i++)
        if (j->left[i] < p->end.task_count) {
            p->left[j->left[i]] = span_of(p, &p->end.tasks[j->left[i]]);
            p->left_count++;
        }
}

// Which of the counts a task is in.
static uint32_t *count_of(struct counts *c, const struct seen_task *t) {
    if (t->state != TASK_PARKED)
        return &c->runnable;
    return t->reason == WAIT_SLEEP ? &c->sleeping : &c->blocked;
}

// Counts those that are left by themselves; as many as the time for it allows.
static void count_left(struct player *p, struct counts *c, const uint32_t *left, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (left[i] >= p->now.task_count || !player_is_left(p, left[i]))
            continue;
        const struct seen_task *t = &p->now.tasks[left[i]];
        uint32_t *from = count_of(c, t);
        if (t->state != TASK_ENDED && *from) {
            --*from;
            c->left++;
        }
    }
}

static void fold_moments(struct player *p, const struct judgement *j, int64_t grace) {
    p->moments = zero_alloc(p->length + 1, sizeof *p->moments);
    seen_init(&p->now, p->log, grace);
    uint64_t most = MOST_LEFT_STEPS / (p->length + 1), left = j ? j->left_count : 0;
    for (p->position = 0; p->position <= p->length; p->position++) {
        seen_fold(&p->now, p->position);
        struct moment *m = &p->moments[p->position];
        *m = moment_of(&p->now);
        if (left)
            count_left(p, &m->counts, j->left, (uint32_t)(left < most ? left : most));
    }
    p->position = 0;
    seen_init(&p->now, p->log, grace);
}

static bool event_is_bad(const event *e) {
    if (e->kind == EV_CHECK)
        return (e->value >> 32) == 0;
    return e->kind == EV_PANIC || e->kind == EV_MISUSE || e->kind == EV_RACE;
}

static uint64_t find_first_bad(const struct player *p) {
    for (uint64_t k = 1; k <= p->length; k++)
        if (p->moments[k].counts.left || event_is_bad(&p->log->events[k - 1]))
            return k;
    return 0;
}

void player_load(struct player *p, const event_log *log, const struct judgement *j, int64_t grace) {
    int speed = p->speed;
    player_free(p);
    p->speed = speed;
    p->log = copy_log(log, &p->length);
    seen_init(&p->end, p->log, grace);
    p->end.record_touches = true;
    seen_fold(&p->end, p->length);
    find_left(p, j);
    fold_moments(p, j, grace);
    p->first_bad = find_first_bad(p);
}

void player_free(struct player *p) {
    if (p->log) {
        seen_free(&p->now);
        seen_free(&p->end);
    }
    free(p->log);
    free(p->moments);
    free(p->left);
    *p = (struct player){0};
}

static void show(struct player *p, uint64_t k) {
    if (k < p->position)
        seen_init(&p->now, p->log, p->now.grace);
    seen_fold(&p->now, k);
    p->position = k;
    if (k > p->furthest)
        p->furthest = k;
}

void player_seek(struct player *p, uint64_t k) {
    p->playing = false;
    if (p->log)
        show(p, k < p->length ? k : p->length);
}

int64_t player_interval(const struct player *p) {
    int64_t interval = usual_interval;
    if (p->length && longest_run / (int64_t)p->length < interval)
        interval = longest_run / (int64_t)p->length;
    interval = p->speed < 0 ? interval << -p->speed : interval >> p->speed;
    return interval ? interval : 1;
}

void player_hurry(struct player *p, int doublings) {
    p->speed += doublings;
    p->speed = p->speed > MOST_DOUBLINGS ? MOST_DOUBLINGS : p->speed;
    p->speed = p->speed < -MOST_DOUBLINGS / 2 ? -MOST_DOUBLINGS / 2 : p->speed;
}

void player_play(struct player *p, int64_t now) {
    if (!p->log)
        return;
    if (p->position == p->length)
        show(p, 0);
    p->playing = true;
    p->due = now + player_interval(p);
}

bool player_tick(struct player *p, int64_t now) {
    if (!p->playing || now < p->due)
        return false;
    int64_t interval = player_interval(p);
    uint64_t steps = 1 + (uint64_t)((now - p->due) / interval);
    p->due += (int64_t)steps * interval;
    uint64_t room = p->length - p->position;
    show(p, p->position + (steps < room ? steps : room));
    p->playing = p->position < p->length;
    return true;
}

bool player_ever_left(const struct player *p, uint32_t task) {
    return task < p->end.task_count && p->left[task].from > 0;
}

bool player_is_left(const struct player *p, uint32_t task) {
    return player_ever_left(p, task) && p->position >= p->left[task].from &&
           p->position <= p->left[task].to;
}

const event *player_event_at(const struct player *p, uint64_t n) {
    return n >= 1 && n <= p->length ? &p->log->events[n - 1] : NULL;
}
