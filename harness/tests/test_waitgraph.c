// The wait graph: who waits for what, who could end that, and that it stays small.
#include "harness/judge.h"
#include "harness/tests/log_builder.h"
#include "harness/text.h"
#include "harness/waitgraph.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct log_builder b;
static struct seen s;
static struct judgement j;
static struct waitgraph g;
static struct text drawn;

static void begin(void) {
    builder_start(&b, 1 << 15);
}

static void end(void) {
    text_free(&drawn);
    judgement_free(&j);
    seen_free(&s);
    builder_end(&b);
}

TestSuite(waitgraph, .init = begin, .fini = end);

static void put(void *user, enum graph_line kind, int indent, const char *line) {
    (void)kind;
    text_addf(user, "%*s%s\n", 2 * indent, "", line);
}

// What holds for every graph: edges join nodes of the right kinds, and all tasks are told of.
static void sound(void) {
    uint32_t told = g.omitted;
    for (uint32_t i = 0; i < g.node_count; i++)
        told += g.nodes[i].left ? g.nodes[i].alike : 0;
    for (uint32_t i = 0; i < g.cycle_count; i++)
        if (g.nodes[g.cycles[i].tasks[0]].alike == 1)
            told += g.cycles[i].length - g.cycles[i].shown;
    cr_assert_eq(told, g.tasks, "%u of %u", told, g.tasks);
    for (uint32_t i = 0; i < g.edge_count; i++) {
        const struct graph_edge *e = &g.edges[i];
        bool from_task = e->relation == GRAPH_WAITS_FOR || e->relation == GRAPH_STARTED_BY;
        cr_assert_lt(e->from, g.node_count);
        cr_assert_lt(e->to, g.node_count);
        cr_assert_eq(g.nodes[e->from].is_task, from_task);
        cr_assert_eq(g.nodes[e->to].is_task, e->relation != GRAPH_WAITS_FOR);
    }
}

// Ends the log, judges it and draws the graph of who is left.
static void graph(void) {
    struct judge_terms terms = {0};
    builder_finish(&b, RUN_QUIESCENT);
    s.record_touches = true;
    seen_init(&s, b.log, 0);
    judge(&s, &terms, &j);
    cr_assert_neq(j.verdicts, VERDICT_TAMPERED, "%s", j.note);
    waitgraph_build(&s, j.left, j.left_count, &g);
    sound();
    waitgraph_draw(&s, &g, put, &drawn);
}

static void draws(const char *want) {
    cr_assert_str_eq(drawn.data, want);
}

static uint32_t edges_of(enum graph_relation relation) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < g.edge_count; i++)
        count += g.edges[i].relation == relation;
    return count;
}

Test(waitgraph, a_send_that_nobody_hears) {
    builder_unheard_send(&b);
    graph();
    draws("worker (#1) --chan send--> results (chan#1), unbuffered, at exercise.c:11\n"
          "  could be served by main (#0) (recv at exercise.c:21), which has ended, last seen at "
          "exercise.c:21\n");
    cr_assert_eq(edges_of(GRAPH_STARTED_BY), 1);
    cr_assert_eq(g.cycle_count, 0);
}

Test(waitgraph, nobody_ever_came) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "jobs", 2, 3);
    builder_go(&b, 0, 1, "worker", 4);
    PUT(&b, 1, RECV, .object = 1, PARKS, .line = 9);
    PUT(&b, 0, EXIT, .line = 5);
    graph();
    draws("worker (#1) --chan receive--> jobs (chan#1), 0 of 2 buffered, at exercise.c:9\n"
          "  could be served by nobody\n");
}

Test(waitgraph, no_object_at_all) {
    builder_go(&b, 0, 1, "worker", 4);
    PUT(&b, 1, SEND, PARKS, .line = 9);
    PUT(&b, 0, EXIT, .line = 5);
    graph();
    draws("worker (#1) waits in chan send (nil chan) at exercise.c:9\n");
}

// Each takes its own lock, then wants that of the next.
static void philosophers(uint32_t count) {
    for (uint32_t i = 1; i <= count; i++)
        builder_make(&b, 0, i, OBJECT_MUTEX, "fork", 0, 3);
    for (uint32_t i = 1; i <= count; i++)
        builder_go(&b, 0, i, "philosopher", 4);
    for (uint32_t i = 1; i <= count; i++)
        PUT(&b, i, LOCK, .object = i, .line = 9);
    for (uint32_t i = 1; i <= count; i++)
        PUT(&b, i, LOCK, .object = i % count + 1, PARKS, .line = 10);
    PUT(&b, 0, EXIT, .line = 6);
}

Test(waitgraph, a_cycle_of_locks) {
    philosophers(3);
    graph();
    draws("a cycle of 3 tasks, each waits for the next:\n"
          "  philosopher (#1) --sync.Mutex.Lock--> fork (mutex#2), held by philosopher (#2)\n"
          "  philosopher (#2) --sync.Mutex.Lock--> fork (mutex#3), held by philosopher (#3)\n"
          "  philosopher (#3) --sync.Mutex.Lock--> fork (mutex#1), held by philosopher (#1)\n");
    cr_assert_eq(edges_of(GRAPH_HELD_BY), 3);
}

Test(waitgraph, a_cycle_of_a_thousand) {
    philosophers(1000);
    graph();
    cr_assert_eq(g.cycle_count, 1);
    cr_assert_eq(g.cycles[0].length, 1000);
    cr_assert_eq(g.cycles[0].shown, GRAPH_CYCLE);
    cr_assert_eq(g.omitted, 0);
    cr_assert(strstr(drawn.data, "fork (mutex#13), held by the next\n"), "%s", drawn.data);
    cr_assert(strstr(drawn.data, "  ... and so on, 988 more, until the first again\n"), "%s",
              drawn.data);
}

Test(waitgraph, a_lock_taken_twice) {
    builder_make(&b, 0, 1, OBJECT_MUTEX, "mu", 0, 3);
    PUT(&b, 0, LOCK, .object = 1, .line = 4);
    PUT(&b, 0, LOCK, .object = 1, PARKS, .line = 5);
    graph();
    draws("a cycle of one task, which waits for itself:\n"
          "  main (#0) --sync.Mutex.Lock--> mu (mutex#1), held by main (#0)\n");
}

// Behind a cycle others wait, who are in none themselves.
Test(waitgraph, who_waits_for_a_cycle_is_not_in_it) {
    philosophers(2);
    b.log->head--; // the root goes on
    builder_go(&b, 0, 3, "guest", 5);
    PUT(&b, 3, LOCK, .object = 1, PARKS, .line = 12);
    PUT(&b, 0, EXIT, .line = 6);
    graph();
    cr_assert_eq(g.cycle_count, 1);
    cr_assert_eq(g.cycles[0].length, 2);
    cr_assert(strstr(drawn.data, "guest (#3) --sync.Mutex.Lock--> fork (mutex#1), locked, at "
                                 "exercise.c:12\n"
                                 "  held by philosopher (#1) (lock at exercise.c:9), which waits "
                                 "in sync.Mutex.Lock at exercise.c:10\n"),
              "%s", drawn.data);
}

Test(waitgraph, two_that_wait_for_each_other_through_channels) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "a", 0, 1);
    builder_make(&b, 0, 2, OBJECT_CHAN, "b", 0, 2);
    builder_go(&b, 0, 1, "left", 3);
    PUT(&b, 1, SEND, .object = 1, PARKS, .line = 10);
    PUT(&b, 0, RECV, .object = 1, WAKES(1), .line = 4);
    PUT(&b, 1, RECV, .object = 2, PARKS, .line = 11);
    PUT(&b, 0, SEND, .object = 2, WAKES(1), .line = 5);
    PUT(&b, 1, SEND, .object = 1, PARKS, .line = 12);
    PUT(&b, 0, SEND, .object = 2, PARKS, .line = 6);
    graph();
    draws("a cycle of 2 tasks, each waits for the next:\n"
          "  main (#0) --chan send--> b (chan#2), to be served by left (#1)\n"
          "  left (#1) --chan send--> a (chan#1), to be served by main (#0)\n");
}

Test(waitgraph, each_arm_of_a_select) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "in", 0, 1);
    builder_make(&b, 0, 2, OBJECT_CHAN, "out", 0, 2);
    builder_go(&b, 0, 1, "relay", 3);
    PUT(&b, 1, SELECT, .value = -1, PARKS, .line = 10);
    builder_arm(&b, 1, 0, ARM_RECV, 1, 10);
    builder_arm(&b, 1, 1, ARM_SEND, 2, 10);
    PUT(&b, 0, EXIT, .line = 6);
    graph();
    draws("relay (#1) --select--> in (chan#1), unbuffered, at exercise.c:10\n"
          "  could be served by nobody\n"
          "relay (#1) --select--> out (chan#2), unbuffered, at exercise.c:10\n"
          "  could be served by nobody\n");
}

// 3,000 senders, each on a channel of its own, are one node.
Test(waitgraph, thousands_that_wait_alike_are_one_node) {
    enum { SENDERS = 3000 };
    int64_t name = builder_string(&b, "sender");
    for (uint32_t i = 1; i <= SENDERS; i++) {
        builder_make(&b, 0, i, OBJECT_CHAN, "reply", 0, 3);
        PUT(&b, 0, GO, WAKES(i), .value = name, .line = 4);
        PUT(&b, i, SEND, .object = i, PARKS, .line = 9);
    }
    PUT(&b, 0, EXIT, .line = 5);
    graph();
    cr_assert_eq(g.tasks, SENDERS);
    draws("sender (#1) and 2999 alike --chan send--> reply (chan#1), unbuffered, at "
          "exercise.c:9\n"
          "  could be served by nobody\n");
}

Test(waitgraph, what_finds_no_room_is_counted) {
    for (uint32_t i = 1; i <= 100; i++) {
        char name[20];
        snprintf(name, sizeof name, "task%u", i);
        builder_make(&b, 0, i, OBJECT_CHAN, "reply", 0, 3);
        builder_go(&b, 0, i, name, 4);
        PUT(&b, i, SEND, .object = i, PARKS, .line = 9);
    }
    PUT(&b, 0, EXIT, .line = 5);
    graph();
    cr_assert_eq(g.omitted, 100 - GRAPH_NODES / 2);
    cr_assert(strstr(drawn.data, "and 68 more tasks\n"), "%s", drawn.data);
}

// More who could serve than are shown.
Test(waitgraph, many_servers_are_counted) {
    builder_make(&b, 0, 1, OBJECT_CHAN, "c", 8, 1);
    for (uint32_t i = 1; i <= 5; i++) {
        builder_go(&b, 0, i, "sender", 2);
        PUT(&b, i, SEND, .object = 1, .line = 7);
        PUT(&b, i, EXIT, .line = 7);
    }
    for (int i = 0; i < 5; i++)
        PUT(&b, 0, RECV, .object = 1, .line = 8);
    PUT(&b, 0, RECV, .object = 1, PARKS, .line = 8);
    graph();
    cr_assert_eq(edges_of(GRAPH_COULD_SERVE), 3);
    cr_assert(strstr(drawn.data, "  ... and 2 more\n"), "%s", drawn.data);
}

// At any moment of a run, not only at its end.
Test(waitgraph, of_who_is_parked_now) {
    builder_unheard_send(&b);
    s.record_touches = true;
    seen_init(&s, b.log, 0);
    seen_fold(&s, 6);
    uint32_t count, *tasks = waitgraph_parked(&s, &count);
    cr_assert_eq(count, 2);
    waitgraph_build(&s, tasks, count, &g);
    free(tasks);
    sound();
    waitgraph_draw(&s, &g, put, &drawn);
    draws("main (#0) --select--> results (chan#1), unbuffered, at exercise.c:21\n"
          "  could be served by nobody\n"
          "worker (#1) waits in sleep at exercise.c:10\n");
}
