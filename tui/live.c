#include "tui/live.h"

#include "harness/text.h"

#include <stdlib.h>
#include <string.h>

enum { FEWEST_SAMPLES = 12, NOISE = 4, FIRST_ROOM = 1024, UNGROUPED = LIVE_GROUPS + 1 };
static const int64_t first_sample_every = 50 * MILLISECOND;

void live_init(struct live *l, const event_log *log, int64_t grace) {
    *l = (struct live){.log = log, .sample_every = first_sample_every, .most_rows = LIVE_ROWS};
    seen_init(&l->seen, log, grace);
}

void live_free(struct live *l) {
    if (l->log)
        seen_free(&l->seen);
    free(l->group_of);
    *l = (struct live){0};
}

// ---- groups ----

static struct live_group key_of(const struct seen *s, const struct seen_task *t) {
    uint32_t name = t->object && t->object < s->object_count ? s->objects[t->object].name : 0;
    return (struct live_group){.name = name, .at = t->at, .reason = (uint8_t)t->reason};
}

// The group of that key, entered when new; NULL: the table is full.
static struct live_group *group_find(struct live *l, struct live_group key) {
    uint32_t hash = key.name * 2654435761u ^ key.at * 40503u ^ key.reason * 2246822519u;
    for (uint32_t i = 0; i < LIVE_GROUPS; i++) {
        struct live_group *g = &l->groups[(hash + i) % LIVE_GROUPS];
        if (!g->used) {
            *g = key;
            g->used = true;
            return g;
        }
        if (g->name == key.name && g->at == key.at && g->reason == key.reason)
            return g;
    }
    return NULL;
}

// Where a task is counted now, as in group_of.
static uint16_t group_now(struct live *l, uint32_t task) {
    const struct seen_task *t = &l->seen.tasks[task];
    if (t->state != TASK_PARKED)
        return 0;
    const struct live_group *g = group_find(l, key_of(&l->seen, t));
    return (uint16_t)(g ? 1 + (g - l->groups) : UNGROUPED);
}

static uint32_t *count_of(struct live *l, uint16_t group) {
    return group == UNGROUPED ? &l->ungrouped : &l->groups[group - 1].count;
}

static void group_room(struct live *l, uint32_t tasks) {
    if (tasks <= l->group_room)
        return;
    uint32_t room = l->group_room ? l->group_room : FIRST_ROOM;
    while (room < tasks)
        room *= 2;
    l->group_of = more_memory(l->group_of, room, sizeof *l->group_of);
    memset(l->group_of + l->group_room, 0, (room - l->group_room) * sizeof *l->group_of);
    l->group_room = room;
}

// Counts a task where it is now, and no longer where it was.
static void regroup(struct live *l, uint32_t task) {
    if (task >= l->seen.task_count)
        return;
    group_room(l, l->seen.task_count);
    uint16_t before = l->group_of[task], now = group_now(l, task);
    if (before == now)
        return;
    if (before)
        --*count_of(l, before);
    if (now)
        ++*count_of(l, now);
    l->group_of[task] = now;
}

// Folds one event. Only its task and its peer can have changed their waits by it, but for the last:
// that tells of all how they are left.
static void fold_one(struct live *l) {
    struct seen *s = &l->seen;
    seen_fold(s, s->next + 1);
    event e =
        l->log->events[(s->next - 1) & (s->capacity - 1)]; // the one folded, not the one asked for
    regroup(l, e.task);
    regroup(l, e.peer);
    for (uint32_t task = 0; e.kind == EV_END && task < s->task_count; task++)
        regroup(l, task);
    l->approximate = s->lost;
    l->full = s->task_count >= l->most_rows || s->object_count >= l->most_rows;
}

// ---- reading ----

uint64_t live_read(struct live *l, uint64_t most) {
    if (!l->log || l->seen.capacity == 0)
        return 0;
    uint64_t head = atomic_load_explicit(&l->log->head, memory_order_acquire);
    for (uint64_t i = 0; i < most && l->seen.next < head && !l->full; i++)
        fold_one(l);
    return head > l->seen.next && !l->full ? head - l->seen.next : 0;
}

struct moment live_now(const struct live *l) {
    uint32_t waiting = 0, alive = atomic_load(&l->log->alive);
    uint32_t sleeping = atomic_load(&l->log->waiting[WAIT_SLEEP]);
    for (int reason = 0; reason < WAIT_REASON_COUNT; reason++)
        waiting += atomic_load(&l->log->waiting[reason]);
    uint32_t started = atomic_load(&l->log->started);
    return (struct moment){
        atomic_load(&l->log->now),
        {
            .runnable = alive > waiting ? alive - waiting : 0,
            .blocked = waiting > sleeping ? waiting - sleeping : 0,
            .sleeping = sleeping,
            .ended = started > alive ? started - alive : 0,
        },
    };
}

// ---- samples ----

static void thin_out(struct live *l) {
    for (size_t i = 0; 2 * i < l->sample_count; i++)
        l->samples[i] = l->samples[2 * i];
    l->sample_count = (l->sample_count + 1) / 2;
    l->sample_every *= 2;
}

bool live_sample(struct live *l, int64_t now) {
    if (!l->log || now < l->next_sample)
        return false;
    if (l->sample_count == LIVE_SAMPLES)
        thin_out(l);
    l->samples[l->sample_count++] = live_now(l);
    l->next_sample = now + l->sample_every;
    return true;
}

static const struct moment *lowest(const struct moment *from, size_t count) {
    const struct moment *low = from;
    for (size_t i = 1; i < count; i++)
        if (counts_alive(&from[i].counts) <= counts_alive(&low->counts))
            low = &from[i];
    return low;
}

int64_t live_growth(const struct live *l) {
    size_t third = l->sample_count / 3;
    if (l->sample_count < FEWEST_SAMPLES)
        return 0;
    const struct moment *early = lowest(l->samples + third, third);
    const struct moment *late = lowest(l->samples + l->sample_count - third, third);
    int64_t more = (int64_t)counts_alive(&late->counts) - (int64_t)counts_alive(&early->counts);
    int64_t span = late->time - early->time;
    if (more < NOISE || span < MILLISECOND)
        return 0;
    int64_t rate = (int64_t)((double)more * (double)SECOND / (double)span);
    return rate ? rate : 1;
}

static int more_tasks_first(const void *a, const void *b) {
    const struct live_group *x = a, *y = b;
    return (x->count < y->count) - (x->count > y->count);
}

int live_groups(const struct live *l) {
    int count = 0;
    for (int i = 0; i < LIVE_GROUPS; i++)
        count += l->groups[i].count > 0;
    return count;
}

int live_top(const struct live *l, struct live_group *out, int most) {
    struct live_group *all = malloc(sizeof l->groups);
    int count = 0;
    for (int i = 0; all && i < LIVE_GROUPS; i++)
        if (l->groups[i].used && l->groups[i].count)
            all[count++] = l->groups[i];
    if (count)
        qsort(all, (size_t)count, sizeof *all, more_tasks_first);
    count = count < most ? count : most;
    if (count)
        memcpy(out, all, (size_t)count * sizeof *out);
    free(all);
    return count;
}
