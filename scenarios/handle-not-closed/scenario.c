// handle-not-closed: responses whose body nobody closes keep their connection and its two tasks.
//
// Two links: a page and one that has moved away, or a page and a host that does not answer. The
// head of an answer comes soon, the body much later, so that waiting for it shows.
#include "harness/scenario.h"
#include "exercise.h"

#include <string.h>

enum { LINKS = 2, POOL = 10 };

#define LATENCY    (5 * MILLISECOND)
#define FINDING    (10 * MILLISECOND) // how long the server looks for a page that is there
#define MISSING    (12 * MILLISECOND) // ... and for one that is not
#define BODY_AFTER (100 * MILLISECOND)
#define SETTLING   SECOND

static const char *const moved_away[LINKS] = {"http://shop/index", "http://shop/gone"};
static const char *const dead_host[LINKS] = {"http://shop/index", "http://nobody/index"};

static void answer(const struct http_request *request, struct http_reply *reply, void *user) {
    (void)user;
    bool gone = strcmp(request->path, "/gone") == 0;
    env_call("shop", gone ? MISSING : FINDING);
    reply->status = gone ? 404 : 200;
    reply->body = gone ? "It is not here any more." : "Welcome to the shop.";
    reply->body_size = strlen(reply->body);
    reply->body_after = BODY_AFTER;
}

static void drive(void) {
    bool dead = choose(2) == 1;
    int second = dead ? 0 : 404;
    int reached = dead ? 1 : 2;
    http_serve("shop", answer, NULL);
    http_client *client = http_client_make(.max_conns = LINKS, .latency = LATENCY);
    int *statuses = run_calloc(LINKS, sizeof *statuses);

    int64_t start = time_now();
    check_links(client, dead ? dead_host : moved_away, LINKS, statuses);
    int64_t took = time_now() - start;
    int64_t enough = 3 * LATENCY + (dead ? FINDING : MISSING); // connect, ask, search, answer

    check(statuses[0] == 200 && statuses[1] == second, "finds every status",
          "%d and %d instead of 200 and %d", statuses[0], statuses[1], second);
    check(took <= enough, "does not wait for a body", "%lld ms instead of %lld",
          (long long)(took / MILLISECOND), (long long)(enough / MILLISECOND));
    check(env_most("shop") == reached, "asks for all links at once", "at most %d of %d",
          env_most("shop"), reached);

    // What has been given back is in the pool by now; what was not is what is judged.
    task_sleep(SETTLING);
    http_client_close_idle(client);
}

TASK(check_page, http_client *client;) {
    int statuses[LINKS];
    check_links(a->client, moved_away, LINKS, statuses);
}

static void load_pages(load *l) {
    listener *shop = http_serve("shop", answer, NULL);
    http_client *client = http_client_make(.max_conns = POOL, .latency = LATENCY);
    while (load_next(l))
        go(check_page, .client = client);

    // The end of the day: what is still there then was forgotten.
    task_sleep(SETTLING);
    http_client_close_idle(client);
    listener_close(shop);
}

SCENARIO(.name = "handle-not-closed", .number = 5, .title = "The answer left open",
         .chapter = "resource",
         .brief = "A link checker asks for pages and looks at the status. The page itself it\n"
                  "leaves lying there, open. Behind each open page a connection is held, and\n"
                  "two tasks with it.",
         .goal = "When a link is checked its connection must go back to the pool or be closed.",
         .remember = "What you open you close, on every way out: also what you never read.",
         .driver = drive, .load = load_pages, .load_every = 50 * MILLISECOND,
         .verdict = "leak,resource",
         .left = {{.name = "http.read_loop", .reason = "select", .count = 2},
                  {.name = "http.write_loop", .reason = "select", .count = 2}},
         .checks = {"finds every status", "does not wait for a body", "asks for all links at once"},
         .grace = SECOND);
