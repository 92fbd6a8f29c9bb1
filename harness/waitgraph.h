// waitgraph: who waits for what, and who could end that, as one graph: task -> operation -> object
// -> who holds it or could serve it -> where each of those is now.
//
// The words of a report, the JSON member `graph`, the drawing in a terminal and the screen of the UI
// are all made from it. It is bounded: tasks that wait alike are one node with a count, and what
// finds no room is counted.
#pragma once

#include "harness/waits.h"

enum {
    GRAPH_NODES = 64,
    GRAPH_EDGES = 192,
    GRAPH_CYCLES = 4,
    GRAPH_CYCLE = 12, // tasks of a cycle that are shown
    GRAPH_ALIKE = 6,  // more tasks than this that wait alike are one node
    GRAPH_TEXT = 240,
};

enum graph_relation {
    GRAPH_WAITS_FOR,   // task -> object
    GRAPH_HELD_BY,     // object -> task
    GRAPH_COULD_SERVE, // object -> task
    GRAPH_STARTED_BY,  // task -> task
};

// "waits-for" and so on, as the JSON has it.
const char *graph_relation_word(enum graph_relation relation);

struct graph_node {
    bool is_task, left; // left: one of those that the graph is about
    uint32_t id;        // task or object
    uint32_t alike;     // left tasks that this one stands for, itself included
};

struct graph_edge {
    enum graph_relation relation;
    uint8_t from, to; // nodes
    uint8_t did;   // held, could serve: enum event_kind of what it last did there, EV_NONE: nothing
    bool sends;    // waits: of a channel, whether it is to send
    uint16_t at;   // where: the wait, what it last did, or the go
    uint32_t more; // held, could serve: so many others like this one find no room
};

// A way from a task over what it waits for, and who holds that, back to it. A long one is shown by
// its first tasks.
struct graph_cycle {
    uint32_t length;              // tasks in all
    uint8_t shown;                // of those, in `tasks`
    uint8_t tasks[GRAPH_CYCLE];   // nodes, in the order of the waits
    uint8_t objects[GRAPH_CYCLE]; // nodes: what each of them waits for
    bool held[GRAPH_CYCLE];       // whether the next one holds it, or only could serve it
};

struct waitgraph {
    uint32_t node_count, edge_count, cycle_count;
    uint32_t tasks;   // that the graph is about
    uint32_t omitted; // of those, that have no node, not even one that stands for them
    struct graph_node nodes[GRAPH_NODES];
    struct graph_edge edges[GRAPH_EDGES];
    struct graph_cycle cycles[GRAPH_CYCLES];
};

// The graph of these tasks (of a judgement: those left), as `s` knows them now; s->record_touches
// must have been set.
void waitgraph_build(const struct seen *s, const uint32_t *tasks, uint32_t count,
                     struct waitgraph *out);

// Every task that is parked now; malloc'ed, *count of them.
uint32_t *waitgraph_parked(const struct seen *s, uint32_t *count);

// "worker (#1), and 41 alike" or "results (chan#1)". Returns out.
const char *waitgraph_label(const struct seen *s, const struct graph_node *node, char *out,
                            size_t size);

// Where it is now, in words: "waits in chan send at exercise.c:11", "has ended"; of an object its
// state: "unbuffered", "2 of 3 buffered", "closed". Returns out.
const char *waitgraph_state(const struct seen *s, const struct graph_node *node, char *out,
                            size_t size);

// The drawing, line by line; deeper ones are indented. `line` is valid during the call.
enum graph_line { GRAPH_LINE_CYCLE, GRAPH_LINE_WAIT, GRAPH_LINE_SERVER, GRAPH_LINE_NOTE };
typedef void graph_put(void *user, enum graph_line kind, int indent, const char *line);
void waitgraph_draw(const struct seen *s, const struct waitgraph *g, graph_put *put, void *user);
