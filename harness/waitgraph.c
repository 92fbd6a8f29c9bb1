// waitgraph: who waits for what, and who could end that, as one graph.
//
// How it is made, in this order, so that what matters most has room first:
//   1. cycles through owners (locks, onces, calls) are followed over all tasks: each has at most one
//      owner to wait for, so that is one walk; the first tasks of each get nodes;
//   2. the others are put into groups that wait alike (same name, place and reason);
//   3. they get nodes, large groups one for all;
//   4. each of those gets its objects, and those who could end its wait;
//   5. cycles through channels and the like are looked for among the nodes.
//
// Rejected: all tasks as nodes (a graph of ten thousand tells nobody anything, and reports are
// bounded); a layout in two dimensions (it breaks at 80 columns, and cannot be read aloud).
#include "harness/waitgraph.h"

#include "core/select.h"
#include "harness/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 100, PLACE = 64, SERVERS = 3, ARMS = 8 };

const char *graph_relation_word(enum graph_relation relation) {
    static const char *const words[] = {"waits-for", "held-by", "could-serve", "started-by"};
    return words[relation];
}

// Under construction.
struct maker {
    const struct seen *seen;
    const uint32_t *tasks;
    uint32_t count;
    struct waitgraph *g;
    // By the number of a task:
    uint32_t *group; // 1 + the first of those that wait like it; 0: not asked for; IN_CYCLE
    uint32_t *size;  // of the group that begins with it
    uint32_t hidden; // tasks of cycles that are too long to be shown
};

static const uint32_t IN_CYCLE = UINT32_MAX;

// --- groups ---------------------------------------------------------------------------------------

static bool alike(const struct seen_task *a, const struct seen_task *b) {
    return a->name == b->name && a->at == b->at && a->state == b->state && a->reason == b->reason;
}

static uint32_t alike_hash(const struct seen_task *t) {
    uint64_t key = ((uint64_t)t->name << 32 | (uint64_t)t->at << 16 | (uint64_t)t->reason << 8) +
                   t->state;
    return (uint32_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static void group_all(struct maker *m) {
    uint32_t room = 16;
    while (room < 2 * m->count)
        room *= 2;
    uint32_t *table = zero_alloc(room, sizeof *table);
    for (uint32_t i = 0; i < m->count; i++) {
        const struct seen_task *t = &m->seen->tasks[m->tasks[i]];
        if (m->group[t->number] == IN_CYCLE)
            continue;
        uint32_t at = alike_hash(t) & (room - 1);
        while (table[at] && !alike(&m->seen->tasks[table[at] - 1], t))
            at = (at + 1) & (room - 1);
        if (!table[at])
            table[at] = t->number + 1;
        m->group[t->number] = table[at];
        m->size[table[at] - 1]++;
    }
    free(table);
}

// --- nodes and edges ------------------------------------------------------------------------------

enum { NONE = UINT8_MAX };
_Static_assert((int)GRAPH_NODES < (int)NONE, "a node's number fits");

static uint8_t node_find(const struct waitgraph *g, bool is_task, uint32_t id) {
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].is_task == is_task && g->nodes[i].id == id)
            return (uint8_t)i;
    return NONE;
}

static uint8_t node_add(struct waitgraph *g, bool is_task, uint32_t id) {
    uint8_t known = node_find(g, is_task, id);
    if (known != NONE || g->node_count == GRAPH_NODES)
        return known;
    g->nodes[g->node_count] = (struct graph_node){.is_task = is_task, .id = id, .alike = 1};
    return (uint8_t)g->node_count++;
}

static struct graph_edge *edge_add(struct waitgraph *g, enum graph_relation relation, uint8_t from,
                                   uint8_t to, uint16_t at) {
    static struct graph_edge nowhere;
    if (from == NONE || to == NONE || g->edge_count == GRAPH_EDGES)
        return &nowhere;
    for (uint32_t i = 0; i < g->edge_count; i++) {
        struct graph_edge *e = &g->edges[i];
        if (e->relation == relation && e->from == from && e->to == to)
            return e;
    }
    struct graph_edge *e = &g->edges[g->edge_count++];
    *e = (struct graph_edge){.relation = relation, .from = from, .to = to, .at = at};
    return e;
}

// A task that the graph is about, alone or for all of its group.
static uint8_t left_add(struct maker *m, uint32_t task, bool for_group) {
    uint8_t n = node_add(m->g, true, task);
    if (n == NONE)
        return n;
    m->g->nodes[n].left = true;
    if (for_group)
        m->g->nodes[n].alike = m->size[task];
    return n;
}

static bool in_large_group(const struct maker *m, uint32_t task) {
    uint32_t group = m->group[task];
    return group && group != IN_CYCLE && m->size[group - 1] > GRAPH_ALIKE;
}

// The node of somebody that a wait leads to. One of a large group is that group's, but for those
// who have a node already.
static uint8_t server_node(struct maker *m, uint32_t task) {
    uint8_t known = node_find(m->g, true, task);
    if (known != NONE)
        return known;
    if (in_large_group(m, task))
        return node_find(m->g, true, m->group[task] - 1);
    return node_add(m->g, true, task);
}

// --- cycles through owners ------------------------------------------------------------------------

// Whom alone it waits for, EVENT_NOBODY: nobody, or more than one.
static uint32_t owner_of_wait(const struct maker *m, uint32_t task) {
    const struct seen_task *t = &m->seen->tasks[task];
    struct server holder;
    if (t->state != TASK_PARKED || !t->object || t->reason == WAIT_SELECT ||
        waits_servers(m->seen, t, t->object, false, &holder, 1) != 1)
        return EVENT_NOBODY;
    return holder.relation == SERVER_HOLDS ? holder.task : EVENT_NOBODY;
}

static bool has_owner(enum wait_reason reason) {
    return reason == WAIT_MUTEX || reason == WAIT_WLOCK || reason == WAIT_RLOCK ||
           reason == WAIT_ONCE || reason == WAIT_FLIGHT;
}

static uint32_t next_by_owner(const struct maker *m, uint32_t task) {
    return has_owner(m->seen->tasks[task].reason) ? owner_of_wait(m, task) : EVENT_NOBODY;
}

static void owners_cycle_add(struct maker *m, uint32_t first) {
    struct waitgraph *g = m->g;
    if (g->cycle_count == GRAPH_CYCLES)
        return;
    struct graph_cycle *c = &g->cycles[g->cycle_count];
    *c = (struct graph_cycle){0};
    uint32_t task = first;
    do {
        c->length++;
        m->group[task] = IN_CYCLE;
        if (c->shown < GRAPH_CYCLE) {
            uint8_t t = left_add(m, task, false);
            uint8_t o = node_add(g, false, m->seen->tasks[task].object);
            c->tasks[c->shown] = t;
            c->objects[c->shown] = o;
            c->held[c->shown++] = true;
        }
        task = next_by_owner(m, task);
    } while (task != first);
    m->hidden += c->length - c->shown;
    g->cycle_count++;
}

// `state` of a task: 0 not looked at, else the round in which it was. A walk that comes to a task of
// its own round has found a cycle.
static void cycles_by_owner(struct maker *m) {
    uint32_t *round = zero_alloc(m->seen->task_count, sizeof *round);
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t task = m->tasks[i];
        while (task < m->seen->task_count && !round[task]) {
            round[task] = i + 1;
            task = next_by_owner(m, task);
        }
        if (task < m->seen->task_count && round[task] == i + 1 &&
            next_by_owner(m, task) < m->seen->task_count)
            owners_cycle_add(m, task);
    }
    free(round);
}

// --- the waits of a task ----------------------------------------------------------------------------

static void add_servers(struct maker *m, const struct seen_task *t, uint8_t object, bool sends) {
    struct server servers[SERVERS];
    uint32_t id = m->g->nodes[object].id;
    uint32_t count = waits_servers(m->seen, t, id, sends, servers, SERVERS);
    struct graph_edge *last = NULL;
    for (uint32_t i = 0; i < count && i < SERVERS; i++) {
        bool holds = servers[i].relation == SERVER_HOLDS;
        last = edge_add(m->g, holds ? GRAPH_HELD_BY : GRAPH_COULD_SERVE, object,
                        server_node(m, servers[i].task), servers[i].at);
        last->did = servers[i].did;
    }
    if (last && count > SERVERS)
        last->more = count - SERVERS;
}

static void add_wait(struct maker *m, uint8_t task, uint32_t id, bool sends) {
    const struct seen_task *t = &m->seen->tasks[m->g->nodes[task].id];
    if (!id || id >= m->seen->object_count)
        return;
    uint8_t object = node_add(m->g, false, id);
    if (object == NONE)
        return;
    edge_add(m->g, GRAPH_WAITS_FOR, task, object, t->at)->sends = sends;
    add_servers(m, t, object, sends);
}

static void add_waits(struct maker *m, uint8_t node) {
    const struct seen_task *t = &m->seen->tasks[m->g->nodes[node].id];
    if (t->reason == WAIT_SELECT)
        for (int i = 0; i < t->arm_count && i < ARMS; i++) {
            if (t->arm_kinds[i] <= ARM_SEND)
                add_wait(m, node, t->arms[i], t->arm_kinds[i] == ARM_SEND);
        }
    else if (t->reason != WAIT_NONE)
        add_wait(m, node, t->object, t->reason == WAIT_SEND);
}

static void add_starter(struct maker *m, uint8_t node) {
    const struct seen_task *t = &m->seen->tasks[m->g->nodes[node].id];
    if (t->parent < m->seen->task_count)
        edge_add(m->g, GRAPH_STARTED_BY, node, server_node(m, t->parent), t->started_at);
}

// --- cycles among the nodes -------------------------------------------------------------------------

// The way that is walked: tasks and what each waits for.
struct way {
    struct waitgraph *g;
    uint8_t tasks[GRAPH_CYCLE], objects[GRAPH_CYCLE];
    bool held[GRAPH_CYCLE];
    uint8_t depth;
    bool done[GRAPH_NODES]; // nothing new is found from there
};

static bool known_cycle(const struct waitgraph *g, uint8_t node) {
    for (uint32_t i = 0; i < g->cycle_count; i++)
        for (uint32_t k = 0; k < g->cycles[i].shown; k++)
            if (g->cycles[i].tasks[k] == node)
                return true;
    return false;
}

static void way_closes(struct way *w, uint8_t node) {
    uint8_t from = 0;
    while (from < w->depth && w->tasks[from] != node)
        from++;
    if (from == w->depth || w->g->cycle_count == GRAPH_CYCLES || known_cycle(w->g, node))
        return;
    struct graph_cycle *c = &w->g->cycles[w->g->cycle_count++];
    *c = (struct graph_cycle){0};
    for (; from < w->depth; from++) {
        c->tasks[c->shown] = w->tasks[from];
        c->objects[c->shown] = w->objects[from];
        c->held[c->shown++] = w->held[from];
        c->length += w->g->nodes[w->tasks[from]].alike;
    }
}

static void walk(struct way *w, uint8_t node);

static void walk_over(struct way *w, uint8_t node, uint8_t object) {
    const struct waitgraph *g = w->g;
    for (uint32_t i = 0; i < g->edge_count; i++) {
        const struct graph_edge *e = &g->edges[i];
        bool serves = e->relation == GRAPH_HELD_BY || e->relation == GRAPH_COULD_SERVE;
        if (!serves || e->from != object || !g->nodes[e->to].left)
            continue;
        w->tasks[w->depth] = node;
        w->objects[w->depth] = object;
        w->held[w->depth++] = e->relation == GRAPH_HELD_BY;
        way_closes(w, e->to);
        walk(w, e->to);
        w->depth--;
    }
}

// Depth first; no deeper than a cycle that can be shown.
static void walk(struct way *w, uint8_t node) {
    const struct waitgraph *g = w->g;
    if (w->depth == GRAPH_CYCLE || w->done[node])
        return;
    w->done[node] = true;
    for (uint32_t i = 0; i < g->edge_count; i++)
        if (g->edges[i].relation == GRAPH_WAITS_FOR && g->edges[i].from == node)
            walk_over(w, node, g->edges[i].to);
}

static void cycles_among_nodes(struct waitgraph *g) {
    struct way w = {.g = g};
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].left)
            walk(&w, (uint8_t)i);
}

// --- all of it --------------------------------------------------------------------------------------

static uint32_t nodes_of_left(const struct waitgraph *g) {
    uint32_t shown = 0;
    for (uint32_t i = 0; i < g->node_count; i++)
        shown += g->nodes[i].left ? g->nodes[i].alike : 0;
    return shown;
}

// Half of the nodes are kept for objects and for who could serve.
static void add_tasks(struct maker *m) {
    for (uint32_t i = 0; i < m->count && m->g->node_count < GRAPH_NODES / 2; i++) {
        uint32_t task = m->tasks[i];
        bool large = in_large_group(m, task), first = m->group[task] == task + 1;
        if (m->group[task] != IN_CYCLE && (!large || first))
            left_add(m, task, large);
    }
}

void waitgraph_build(const struct seen *s, const uint32_t *tasks, uint32_t count,
                     struct waitgraph *out) {
    struct maker m = {.seen = s, .tasks = tasks, .count = count, .g = out};
    *out = (struct waitgraph){.tasks = count};
    m.group = zero_alloc(s->task_count + 1, sizeof *m.group);
    m.size = zero_alloc(s->task_count + 1, sizeof *m.size);
    cycles_by_owner(&m);
    group_all(&m);
    add_tasks(&m);
    for (uint32_t i = 0; i < out->node_count; i++)
        if (out->nodes[i].left)
            add_waits(&m, (uint8_t)i);
    for (uint32_t i = 0; i < out->node_count; i++)
        if (out->nodes[i].left)
            add_starter(&m, (uint8_t)i);
    cycles_among_nodes(out);
    uint32_t shown = nodes_of_left(out) + m.hidden;
    out->omitted = count > shown ? count - shown : 0;
    free(m.group);
    free(m.size);
}

uint32_t *waitgraph_parked(const struct seen *s, uint32_t *count) {
    uint32_t *tasks = zero_alloc(s->task_count + 1, sizeof *tasks);
    *count = 0;
    for (uint32_t i = 0; i < s->task_count; i++)
        if (s->tasks[i].state == TASK_PARKED && !s->tasks[i].daemon)
            tasks[(*count)++] = i;
    return tasks;
}

// --- in words -----------------------------------------------------------------------------------------

const char *waitgraph_label(const struct seen *s, const struct graph_node *node, char *out,
                            size_t size) {
    char label[LABEL];
    if (!node->is_task)
        seen_object_label(s, node->id, out, size);
    else if (node->alike > 1)
        snprintf(out, size, "%s and %" PRIu32 " alike",
                 seen_task_label(s, node->id, label, sizeof label), node->alike - 1);
    else
        seen_task_label(s, node->id, out, size);
    return out;
}

static void object_state(const struct seen *s, const struct seen_object *o, char *out,
                         size_t size) {
    if (o->closed)
        snprintf(out, size, "%s", o->kind == OBJECT_CTX ? "ended" : "closed");
    else if (o->kind == OBJECT_CHAN && o->capacity == 0)
        snprintf(out, size, "unbuffered");
    else if (o->kind == OBJECT_CHAN && o->vague)
        snprintf(out, size, "room for %" PRIu32, o->capacity);
    else if (o->kind == OBJECT_CHAN)
        snprintf(out, size, "%" PRIu32 " of %" PRIu32 " buffered", o->length, o->capacity);
    else if (o->owner < s->task_count)
        snprintf(out, size, "%s", o->kind == OBJECT_ONCE ? "running" : "locked");
    else if (o->kind == OBJECT_WAITGROUP)
        snprintf(out, size, "counter at %" PRId32, o->count);
    else if (o->kind == OBJECT_RWMUTEX)
        snprintf(out, size, "%" PRId32 " reading", o->count);
    else if (o->kind == OBJECT_SEMA)
        snprintf(out, size, "%" PRId64 " of %" PRIu32 " permits taken", o->held, o->capacity);
    else if (o->kind == OBJECT_GROUP || o->kind == OBJECT_SCOPE)
        snprintf(out, size, "%" PRId32 " not returned", o->count);
    else
        snprintf(out, size, "%s", object_word(o->kind));
}

static void task_state_words(const struct seen *s, const struct seen_task *t, char *out,
                             size_t size) {
    char place[PLACE];
    seen_site_label(s, t->at, place, sizeof place);
    const char *at = *place ? " at " : "";
    if (t->state == TASK_ENDED)
        snprintf(out, size, "has ended%s%s", *place ? ", last seen at " : "", place);
    else if (t->state == TASK_PARKED)
        snprintf(out, size, "waits in %s%s%s", wait_reason_text(t->reason), at, place);
    else
        snprintf(out, size, "can run%s%s", at, place);
}

const char *waitgraph_state(const struct seen *s, const struct graph_node *node, char *out,
                            size_t size) {
    if (node->is_task)
        task_state_words(s, &s->tasks[node->id], out, size);
    else
        object_state(s, &s->objects[node->id], out, size);
    return out;
}

// --- the drawing --------------------------------------------------------------------------------------

struct drawing {
    const struct seen *s;
    const struct waitgraph *g;
    graph_put *put;
    void *user;
};

__attribute__((format(printf, 4, 5))) static void
draw(const struct drawing *d, enum graph_line kind, int indent, const char *format, ...) {
    char line[GRAPH_TEXT + LABEL];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    d->put(d->user, kind, indent, line);
}

static const char *operation_of(const struct drawing *d, uint8_t task) {
    return wait_reason_text(d->s->tasks[d->g->nodes[task].id].reason);
}

static void draw_cycle(const struct drawing *d, const struct graph_cycle *c) {
    char who[LABEL], what[LABEL], next[LABEL];
    if (c->length == 1)
        draw(d, GRAPH_LINE_CYCLE, 0, "a cycle of one task, which waits for itself:");
    else
        draw(d, GRAPH_LINE_CYCLE, 0,
             "a cycle of %" PRIu32 " tasks, each waits for the next:", c->length);
    for (uint8_t i = 0; i < c->shown; i++) {
        uint8_t after = c->tasks[(i + 1) % c->shown];
        bool cut = i + 1 == c->shown && c->length > c->shown && d->g->nodes[after].alike == 1;
        draw(d, GRAPH_LINE_CYCLE, 1, "%s --%s--> %s, %s %s",
             waitgraph_label(d->s, &d->g->nodes[c->tasks[i]], who, sizeof who),
             operation_of(d, c->tasks[i]),
             waitgraph_label(d->s, &d->g->nodes[c->objects[i]], what, sizeof what),
             c->held[i] ? "held by" : "to be served by",
             cut ? "the next" : waitgraph_label(d->s, &d->g->nodes[after], next, sizeof next));
        if (cut)
            draw(d, GRAPH_LINE_NOTE, 1, "... and so on, %" PRIu32 " more, until the first again",
                 c->length - c->shown);
    }
}

// What somebody did there, in one word: "recv".
static void draw_server(const struct drawing *d, const struct graph_edge *e) {
    char who[LABEL], now[GRAPH_TEXT], place[PLACE];
    const struct graph_node *n = &d->g->nodes[e->to];
    seen_site_label(d->s, e->at, place, sizeof place);
    waitgraph_label(d->s, n, who, sizeof who);
    waitgraph_state(d->s, n, now, sizeof now);
    const char *relation = e->relation == GRAPH_HELD_BY ? "held by" : "could be served by";
    if (e->did != EV_NONE && *place)
        draw(d, GRAPH_LINE_SERVER, 1, "%s %s (%s at %s), which %s", relation, who,
             event_word(e->did), place, now);
    else
        draw(d, GRAPH_LINE_SERVER, 1, "%s %s, which %s", relation, who, now);
    if (e->more)
        draw(d, GRAPH_LINE_NOTE, 1, "... and %" PRIu32 " more", e->more);
}

static void draw_wait(const struct drawing *d, const struct graph_edge *wait) {
    char who[LABEL], what[LABEL], state[GRAPH_TEXT], place[PLACE];
    const struct graph_node *object = &d->g->nodes[wait->to];
    uint32_t servers = 0;
    seen_site_label(d->s, wait->at, place, sizeof place);
    draw(d, GRAPH_LINE_WAIT, 0, "%s --%s--> %s, %s%s%s",
         waitgraph_label(d->s, &d->g->nodes[wait->from], who, sizeof who),
         operation_of(d, wait->from), waitgraph_label(d->s, object, what, sizeof what),
         waitgraph_state(d->s, object, state, sizeof state), *place ? ", at " : "", place);
    for (uint32_t i = 0; i < d->g->edge_count; i++) {
        const struct graph_edge *e = &d->g->edges[i];
        bool serves = e->relation == GRAPH_HELD_BY || e->relation == GRAPH_COULD_SERVE;
        if (serves && e->from == wait->to &&
            (e->to != wait->from || e->relation == GRAPH_HELD_BY)) {
            draw_server(d, e);
            servers++;
        }
    }
    if (!servers)
        draw(d, GRAPH_LINE_SERVER, 1, "could be served by nobody");
}

static void draw_task(const struct drawing *d, uint8_t node) {
    char who[LABEL], now[GRAPH_TEXT];
    uint32_t waits = 0;
    for (uint32_t i = 0; i < d->g->edge_count; i++)
        if (d->g->edges[i].relation == GRAPH_WAITS_FOR && d->g->edges[i].from == node) {
            draw_wait(d, &d->g->edges[i]);
            waits++;
        }
    if (!waits)
        draw(d, GRAPH_LINE_WAIT, 0, "%s %s",
             waitgraph_label(d->s, &d->g->nodes[node], who, sizeof who),
             waitgraph_state(d->s, &d->g->nodes[node], now, sizeof now));
}

void waitgraph_draw(const struct seen *s, const struct waitgraph *g, graph_put *put, void *user) {
    struct drawing d = {s, g, put, user};
    for (uint32_t i = 0; i < g->cycle_count; i++)
        draw_cycle(&d, &g->cycles[i]);
    for (uint32_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].left && !known_cycle(g, (uint8_t)i))
            draw_task(&d, (uint8_t)i);
    if (g->omitted)
        draw(&d, GRAPH_LINE_NOTE, 0, "and %" PRIu32 " more task%s", g->omitted,
             g->omitted == 1 ? "" : "s");
}
