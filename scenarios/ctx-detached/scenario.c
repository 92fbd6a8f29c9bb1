// ctx-detached: a child works on a root context, so the end of the request does not reach it.
//
// The client cancels, runs into its deadline, or gets its report or a shard's error; a shard is in
// trouble, slow for a good reason, or well; or another request is under way. Whatever happens, the
// request is over when serve_report returns, and its work must be.
#include "harness/scenario.h"
#include "core/run.h"
#include "exercise.h"

#include <stdatomic.h>

#define QUERY_TIME (20 * MILLISECOND)
#define SLOW_QUERY (28 * MILLISECOND)
#define YEARLY     (9 * HOUR)
#define IN_TROUBLE (24 * HOUR)
#define NEVER      (12 * HOUR)
#define HEAD_START (5 * MILLISECOND) // of the other request

// One course of a request.
struct course {
    int64_t shard_time;     // of the last shard; the others take QUERY_TIME
    int64_t client_cancels; // when the client goes away
    int64_t deadline;       // when the request's time is up
    err shard_error;        // of the last shard
    bool company;           // another request of the same course came HEAD_START before
};

static const struct course courses[] = {
    {IN_TROUBLE, 50 * MILLISECOND, NEVER, OK, false},
    {QUERY_TIME, NEVER, NEVER, OK, false},
    {QUERY_TIME, 10 * MILLISECOND, NEVER, OK, false},
    {IN_TROUBLE, NEVER, 50 * MILLISECOND, OK, false},
    {QUERY_TIME, NEVER, NEVER, ERR_RESET, false},
    {SLOW_QUERY, NEVER, NEVER, OK, true},
    {YEARLY, NEVER, NEVER, OK, false},
};

// Set before the requests, only read while they are served.
static int64_t shard_time[SHARDS];
static err shard_error;

// Queries so far, those under way, and the most at any moment. Relaxed: counts, not a way to order
// tasks.
static _Atomic int asked, queries, most_queries;

static long right_rows(int shard) {
    return 1000 + shard;
}

static void query_begins(void) {
    atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed);
    int now = atomic_fetch_add_explicit(&queries, 1, memory_order_relaxed) + 1;
    if (now > atomic_load_explicit(&most_queries, memory_order_relaxed))
        atomic_store_explicit(&most_queries, now, memory_order_relaxed);
}

err shard_rows(ctx *c, int shard, long *rows) {
    query_begins();
    err e = ctx_sleep(c, shard_time[shard]);
    atomic_fetch_sub_explicit(&queries, 1, memory_order_relaxed);
    if (e == OK && shard == SHARDS - 1)
        e = shard_error;
    if (e == OK)
        *rows = right_rows(shard);
    return e;
}

static void set_shards(int64_t last, err error) {
    for (int i = 0; i < SHARDS; i++)
        shard_time[i] = QUERY_TIME;
    shard_time[SHARDS - 1] = last;
    shard_error = error;
    atomic_store_explicit(&asked, 0, memory_order_relaxed);
    atomic_store_explicit(&queries, 0, memory_order_relaxed);
    atomic_store_explicit(&most_queries, 0, memory_order_relaxed);
}

TASK(client, ctx *request; int64_t leaves;) {
    if (ctx_sleep(a->request, a->leaves) == OK)
        ctx_cancel(a->request);
}

static void check_answer(const struct course *c, err e, long rows, int64_t took) {
    bool canceled = c->client_cancels < c->shard_time && c->client_cancels < c->deadline;
    bool late = !canceled && c->deadline < c->shard_time;
    err right = canceled ? ERR_CANCELED : late ? ERR_DEADLINE : c->shard_error;
    int64_t enough = canceled ? c->client_cancels : late ? c->deadline : c->shard_time;
    long sum = 0;
    for (int i = 0; i < SHARDS; i++)
        sum += right_rows(i);

    check(right != OK || (e == OK && rows == sum), "delivers the rows",
          "%ld rows and \"%s\" instead of %ld rows", rows, err_text(e), sum);
    check(right == OK || e == right, "says why it stopped", "\"%s\" instead of \"%s\"", err_text(e),
          err_text(right));
    check(took <= enough, "ends with the request", "after %lld ms instead of %lld",
          (long long)(took / MILLISECOND), (long long)(enough / MILLISECOND));
}

static void serve_and_check(const struct course *c) {
    ctx *request = ctx_with_timeout(ctx_background(), c->deadline);
    if (c->client_cancels < NEVER)
        go(client, .request = request, .leaves = c->client_cancels);

    long rows = -1;
    int64_t start = time_now();
    err e = serve_report(request, &rows);
    int64_t took = time_now() - start;
    bool ended = took < c->client_cancels && took < c->deadline && ctx_err(request) != OK;
    ctx_cancel(request); // as every server does when the answer is out
    check_answer(c, e, rows, took);
    check(!ended, "leaves the request to its owner", "it was ended after %lld ms",
          (long long)(took / MILLISECOND));
}

TASK(other_request, const struct course *course;) {
    serve_and_check(a->course);
}

static void check_queries(int right) {
    int most = atomic_load_explicit(&most_queries, memory_order_relaxed);
    int all = atomic_load_explicit(&asked, memory_order_relaxed);
    check(most == right, "asks all shards at once", "at most %d of %d", most, right);
    check(all == right, "asks each shard once", "%d queries instead of %d", all, right);
}

static void drive(void) {
    const struct course *c = &courses[choose(sizeof courses / sizeof *courses)];
    set_shards(c->shard_time, c->shard_error);
    if (c->company) {
        go(other_request, .course = c);
        task_sleep(HEAD_START);
    }
    serve_and_check(c);
    check_queries(c->company ? 2 * SHARDS : SHARDS);
    check(!run_was_pressed(), "waits without spinning",
          "time had to pass while a task did nothing but look again");
}

TASK(visit) {
    ctx *request = ctx_with_timeout(ctx_background(), 50 * MILLISECOND);
    defer(ctx_cancel, request);
    long rows;
    serve_report(request, &rows);
}

static void load_reports(load *l) {
    set_shards(IN_TROUBLE, OK);
    while (load_next(l))
        go(visit);
}

SCENARIO(.name = "ctx-detached", .number = 3, .title = "The query nobody calls off",
         .chapter = "context",
         .brief = "A report service asks all shards of a database at once. One does not\n"
                  "answer, the client loses patience and goes. The query for it goes on, for\n"
                  "ten hours.",
         .goal = "When a request ends, all work that was started for it must end.",
         .remember = "Hand the caller's context down: a fresh root context is deaf to its cancel.",
         .driver = drive, .load = load_reports, .load_every = 10 * MILLISECOND,
         .verdict = "outlives", .left = {{.name = "ask_shard", .reason = "select"}},
         .checks = {"delivers the rows", "says why it stopped", "ends with the request",
                    "leaves the request to its owner", "asks all shards at once",
                    "asks each shard once", "waits without spinning"},
         .kept = {"asks all shards at once", "waits without spinning"}, .slow = true,
         .timed = {"delivers the rows", "says why it stopped", "ends with the request",
                   "leaves the request to its owner", "asks all shards at once"},
         .grace = NANOSECOND);
