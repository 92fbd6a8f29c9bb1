// ctx-detached: a child works on a root context, so the end of the request does not reach it.
//
// The client cancels, runs into its deadline, or gets its report; a shard is in trouble or both
// are well. Whatever happens, the request is over when serve_report returns, and its work must be.
#include "harness/scenario.h"
#include "exercise.h"

#include <stdatomic.h>

#define QUERY_TIME (20 * MILLISECOND)
#define IN_TROUBLE (24 * HOUR)
#define NEVER      HOUR

// One course of a request.
struct course {
    int64_t shard_time;     // of the last shard; the others take QUERY_TIME
    int64_t client_cancels; // when the client goes away
    int64_t deadline;       // when the request's time is up
};

static const struct course courses[] = {
    {IN_TROUBLE, 50 * MILLISECOND, NEVER},
    {QUERY_TIME, NEVER, NEVER},
    {QUERY_TIME, 10 * MILLISECOND, NEVER},
    {IN_TROUBLE, NEVER, 50 * MILLISECOND},
};

// Set before the request, only read while it is served.
static int64_t shard_time[SHARDS];

// Queries under way, and the most at any moment. Relaxed: counts, not a way to order tasks.
static _Atomic int queries, most_queries;

static long right_rows(int shard) {
    return 1000 + shard;
}

err shard_rows(ctx *c, int shard, long *rows) {
    int now = atomic_fetch_add_explicit(&queries, 1, memory_order_relaxed) + 1;
    if (now > atomic_load_explicit(&most_queries, memory_order_relaxed))
        atomic_store_explicit(&most_queries, now, memory_order_relaxed);
    err e = ctx_sleep(c, shard_time[shard]);
    atomic_fetch_sub_explicit(&queries, 1, memory_order_relaxed);
    if (e == OK)
        *rows = right_rows(shard);
    return e;
}

static void set_shards(int64_t last) {
    for (int i = 0; i < SHARDS; i++)
        shard_time[i] = QUERY_TIME;
    shard_time[SHARDS - 1] = last;
}

TASK(client, ctx *request; int64_t leaves;) {
    if (ctx_sleep(a->request, a->leaves) == OK)
        ctx_cancel(a->request);
}

static void check_answer(const struct course *c, err e, long rows, int64_t took) {
    bool canceled = c->client_cancels < c->shard_time && c->client_cancels < c->deadline;
    bool late = !canceled && c->deadline < c->shard_time;
    err right = canceled ? ERR_CANCELED : late ? ERR_DEADLINE : OK;
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
    int most = atomic_load_explicit(&most_queries, memory_order_relaxed);
    check(most == SHARDS, "asks all shards at once", "at most %d of %d", most, SHARDS);
}

static void drive(void) {
    const struct course *c = &courses[choose(sizeof courses / sizeof *courses)];
    set_shards(c->shard_time);
    atomic_store_explicit(&queries, 0, memory_order_relaxed);
    atomic_store_explicit(&most_queries, 0, memory_order_relaxed);
    ctx *request = ctx_with_timeout(ctx_background(), c->deadline);
    if (c->client_cancels < NEVER)
        go(client, .request = request, .leaves = c->client_cancels);

    long rows = -1;
    int64_t start = time_now();
    err e = serve_report(request, &rows);
    int64_t took = time_now() - start;
    ctx_cancel(request); // as every server does when the answer is out
    check_answer(c, e, rows, took);
}

TASK(visit) {
    ctx *request = ctx_with_timeout(ctx_background(), 50 * MILLISECOND);
    defer(ctx_cancel, request);
    long rows;
    serve_report(request, &rows);
}

static void load_reports(load *l) {
    set_shards(IN_TROUBLE);
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
                    "asks all shards at once"},
         .grace = MILLISECOND);
