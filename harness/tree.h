// tree: the choices of the run under way, and at each what else is still to be tried.
//
// A node is a choice point; its options are who could go on there (a task, or one of the timers), each
// with its branches (ready arms of a select). A task's own choice has one option. Lives in shared memory:
// plain data, no pointers.
#pragma once

#include "harness/depend.h"

enum { TREE_DEPTH = 4096, TREE_OPTIONS = 1 << 14, TREE_USES = 6 };

// Who goes on: a task's number, or that of a timer with this bit.
#define TREE_TIMER (UINT64_C(1) << 63)

struct tree_option {
    uint64_t process;  // who, as said above
    uint64_t branches; // those that are not yet tried, as a set of bits
    uint32_t branch;   // of a timer: its branch; of a task: the lowest it has here
    bool wanted;       // to be tried here
    bool done;         // tried, all branches of it
    bool asleep;       // all that begins with it was tried elsewhere
    bool moves;        // time moves with it
    bool last;         // it may only happen when no task can go on

    // What its step uses, of all branches tried so far; while done or asleep it is what wakes it.
    bool all;
    uint8_t use_count;
    struct use uses[TREE_USES];
};

struct tree_node {
    uint32_t first, count; // its options
    uint32_t current;      // which of them is taken, from 0
    uint32_t ways;         // how many ways there were, with branches
    uint32_t check;        // a digest of all that led here
    uint32_t task, branch; // what is taken, for the schedule
    uint32_t preferred_task, preferred_branch;
    uint32_t cost; // what the path up to here has cost (see tree_limit)
    bool own;      // a task's own choice: nobody else could go instead
    bool free;     // whoever went last could not go on: any option is as good
};

// What a deviation from the default costs, where a search is bounded by that.
enum tree_limit {
    TREE_UNLIMITED,
    TREE_PREEMPTIONS, // 1 for another task while the last could go on
    TREE_DEVIATIONS,  // 1 for each choice that is not the preferred one
};

struct tree {
    uint32_t depth; // nodes of the path
    enum tree_limit limit;
    uint32_t most; // cost allowed
    bool strict;   // for the reduction: little commutes (see reduce.c)
    struct tree_node nodes[TREE_DEPTH];
    struct tree_option options[TREE_OPTIONS];
};

void tree_clear(struct tree *t, enum tree_limit limit, uint32_t most);

// Copies its path, and nothing behind it. `from` may hold anything: where its nodes, options and uses are not
// within bounds, `to` is an empty tree.
void tree_copy(struct tree *to, const struct tree *from);

// Whether there is room for another node with so many ways.
bool tree_has_room(const struct tree *t, size_t ways);

// Adds a node for these ways. Nothing in it is wanted yet; tree_take says what is taken.
struct tree_node *tree_grow(struct tree *t, const struct choice *ways, size_t count,
                            size_t preferred);

static inline struct tree_option *tree_option(struct tree *t, const struct tree_node *n,
                                              uint32_t i) {
    return &t->options[n->first + i];
}

// The process that a way is of.
uint64_t tree_process(const struct choice *way);

// The option of a process; NULL: it cannot go on there.
struct tree_option *tree_find(struct tree *t, const struct tree_node *n, uint64_t process);

// Takes an option at the last node, with its lowest branch that is not tried.
void tree_take(struct tree *t, struct tree_node *n, uint32_t option);

// The way that a node has taken, among the ways it has now. SIZE_MAX: these are others.
size_t tree_way(struct tree *t, const struct tree_node *n, const struct choice *ways, size_t count);

// What taking this way would cost at a node.
uint32_t tree_price(const struct tree *t, const struct tree_node *n, uint64_t process,
                    uint32_t branch);

// Wants every option (of a bounded search: every one that can be paid).
void tree_want_all(struct tree *t, const struct tree_node *n);

// Goes on to what is to be tried next, at the deepest node that has something. False: nothing is.
bool tree_advance(struct tree *t);

// Notes what the step taken at a node uses.
void tree_add_use(struct tree_option *o, struct use use);
