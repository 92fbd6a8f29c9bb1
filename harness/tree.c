// tree: depth first over choices.
//
// Invariants: the options of a node lie behind those of the node before it; at each node but the last
// `current` is what the path went by; an option is done once it was taken with each of its branches,
// and then the uses it has collected are those of all of them.
#include "harness/tree.h"

#include <string.h>

void tree_clear(struct tree *t, enum tree_limit limit, uint32_t most) {
    t->depth = 0;
    t->limit = limit;
    t->most = most;
    t->strict = false;
}

// Where the options of the next node begin.
static uint32_t options_end(const struct tree *t) {
    const struct tree_node *n = t->depth ? &t->nodes[t->depth - 1] : NULL;
    return n ? n->first + n->count : 0;
}

static bool nodes_fit(const struct tree *t) {
    for (uint32_t i = 0; i < t->depth; i++) {
        const struct tree_node *n = &t->nodes[i];
        if (n->first > TREE_OPTIONS || n->count > TREE_OPTIONS - n->first || n->current >= n->count)
            return false;
    }
    return true;
}

static bool uses_fit(const struct tree *t) {
    for (uint32_t i = 0; i < options_end(t); i++)
        if (t->options[i].use_count > TREE_USES)
            return false;
    return true;
}

void tree_copy(struct tree *to, const struct tree *from) {
    memcpy(to, from, offsetof(struct tree, nodes));
    if (to->depth > TREE_DEPTH)
        to->depth = 0;
    memcpy(to->nodes, from->nodes, to->depth * sizeof *to->nodes);
    if (!nodes_fit(to))
        to->depth = 0;
    memcpy(to->options, from->options, options_end(to) * sizeof *to->options);
    if (!uses_fit(to))
        to->depth = 0;
}

bool tree_has_room(const struct tree *t, size_t ways) {
    return t->depth < TREE_DEPTH && ways <= TREE_OPTIONS - options_end(t);
}

uint64_t tree_process(const struct choice *way) {
    return way->task == CHOICE_CLOCK ? TREE_TIMER | way->timer : way->task;
}

// Ways of one process stand together; branches of a task fit a set of 64.
static void add_way(struct tree *t, struct tree_node *n, const struct choice *way) {
    uint64_t process = tree_process(way);
    struct tree_option *o = n->count ? tree_option(t, n, n->count - 1) : NULL;
    if (!o || o->process != process) {
        o = tree_option(t, n, n->count++);
        memset(o, 0, offsetof(struct tree_option, uses));
        o->process = process;
        o->branch = way->branch;
        o->moves = way->moves;
        o->last = way->last;
    }
    o->branches |= UINT64_C(1) << way->branch % 64;
}

struct tree_node *tree_grow(struct tree *t, const struct choice *ways, size_t count,
                            size_t preferred) {
    uint32_t first = options_end(t);
    const struct tree_node *before = t->depth ? &t->nodes[t->depth - 1] : NULL;
    uint32_t cost = before ? before->cost +
                                 tree_price(t, before,
                                            tree_option(t, before, before->current)->process,
                                            before->branch)
                           : 0;
    struct tree_node *n = &t->nodes[t->depth++];
    *n = (struct tree_node){.first = first,
                            .ways = (uint32_t)count,
                            .preferred_task = ways[preferred].task,
                            .preferred_branch = ways[preferred].branch,
                            .cost = cost,
                            .own = ways[0].local,
                            .free = !ways[preferred].goes_on};
    for (size_t i = 0; i < count; i++)
        add_way(t, n, &ways[i]);
    return n;
}

struct tree_option *tree_find(struct tree *t, const struct tree_node *n, uint64_t process) {
    for (uint32_t i = 0; i < n->count; i++)
        if (tree_option(t, n, i)->process == process)
            return tree_option(t, n, i);
    return NULL;
}

// Of a set that is not empty; of an empty one, which only ways that cannot be lead to, 0.
static uint32_t lowest(uint64_t set) {
    return set ? (uint32_t)__builtin_ctzl(set) : 0;
}

static void go_by(struct tree *t, struct tree_node *n, uint32_t option, uint32_t branch) {
    struct tree_option *o = tree_option(t, n, option);
    bool timer = o->process & TREE_TIMER;
    n->current = option;
    n->task = timer ? CHOICE_CLOCK : (uint32_t)o->process;
    n->branch = timer ? o->branch : branch;
    o->branches &= ~(UINT64_C(1) << n->branch % 64);
}

void tree_take(struct tree *t, struct tree_node *n, uint32_t option) {
    go_by(t, n, option, lowest(tree_option(t, n, option)->branches));
}

size_t tree_way(struct tree *t, const struct tree_node *n, const struct choice *ways,
                size_t count) {
    uint64_t process = tree_option(t, n, n->current)->process;
    if (n->ways != count)
        return SIZE_MAX;
    for (size_t i = 0; i < count; i++)
        if (tree_process(&ways[i]) == process && ways[i].branch == n->branch)
            return i;
    return SIZE_MAX;
}

uint32_t tree_price(const struct tree *t, const struct tree_node *n, uint64_t process,
                    uint32_t branch) {
    uint32_t task = process & TREE_TIMER ? CHOICE_CLOCK : (uint32_t)process;
    switch (t->limit) {
    case TREE_PREEMPTIONS:
        return !n->free && !n->own && task != n->preferred_task;
    case TREE_DEVIATIONS:
        return task != n->preferred_task || branch != n->preferred_branch;
    default:
        return 0;
    }
}

// Branches that cannot be paid are given up.
static void want(struct tree *t, const struct tree_node *n, struct tree_option *o) {
    for (uint64_t left = o->branches; left; left &= left - 1) {
        uint32_t branch = o->process & TREE_TIMER ? o->branch : lowest(left);
        if (n->cost + tree_price(t, n, o->process, branch) > t->most && t->limit)
            o->branches &= ~(left & -left);
    }
    o->wanted |= o->branches != 0;
}

void tree_want_all(struct tree *t, const struct tree_node *n) {
    for (uint32_t i = 0; i < n->count; i++)
        want(t, n, tree_option(t, n, i));
}

// The next that is to be tried at a node. False: nothing is left there.
static bool next_of(struct tree *t, struct tree_node *n) {
    struct tree_option *o = tree_option(t, n, n->current);
    if (o->branches) {
        tree_take(t, n, n->current);
        return true;
    }
    o->done = true;
    for (uint32_t i = 0; i < n->count; i++) {
        o = tree_option(t, n, i);
        if (o->wanted && !o->done && !o->asleep) {
            tree_take(t, n, i);
            return true;
        }
    }
    return false;
}

bool tree_advance(struct tree *t) {
    while (t->depth && !next_of(t, &t->nodes[t->depth - 1]))
        t->depth--;
    return t->depth;
}

void tree_add_use(struct tree_option *o, struct use use) {
    for (uint32_t i = 0; i < o->use_count; i++) {
        if (o->uses[i].key == use.key) {
            o->uses[i].how |= use.how;
            return;
        }
    }
    if (o->use_count < TREE_USES)
        o->uses[o->use_count++] = use;
    else
        o->all = true;
}
