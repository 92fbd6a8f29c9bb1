// handle-not-closed: responses whose body nobody closes keep their connection and its two tasks.
//
// A page and one that has moved, at once; a host that does not answer and a page; a page that is
// gone; one that the server looks for so long that no time limit is right; or a page while somebody
// else has the only connection of the pool. The head of an answer comes soon, the body much later,
// so that waiting for it shows.
#include "harness/scenario.h"
#include "core/inspect.h"
#include "core/run.h"
#include "exercise.h"

#include <string.h>

enum { LINKS = 2, POOL = 10 };

#define LATENCY    (5 * MILLISECOND)
#define FINDING    (10 * MILLISECOND) // how long the server looks for a page that is there,
#define MISSING    (12 * MILLISECOND) // ... for one that is not,
#define DIGGING    (10 * SECOND)      // ... and for one in the archive
#define BODY_AFTER (100 * MILLISECOND)
#define READING    (50 * MILLISECOND) // how long somebody else keeps the connection
#define SETTLING   (BODY_AFTER + 20 * MILLISECOND)

struct page_case {
    const char *urls[LINKS];
    int status[LINKS]; // what is right
    int count;         // links on the page
    int reached;       // ... that have a server
    int64_t search;    // how long the server looks, at most
    bool pool_taken;   // a pool of one connection, and somebody else has it
};
static const struct page_case pages[] = {
    {{"http://shop/index", "http://shop/moved"}, {200, 301}, 2, 2, MISSING, false},
    {{"http://nobody/index", "http://shop/index"}, {0, 200}, 2, 1, FINDING, false},
    {{"http://shop/gone"}, {404}, 1, 1, MISSING, false},
    {{"http://shop/archive"}, {200}, 1, 1, DIGGING, false},
    {{"http://shop/index"}, {200}, 1, 1, FINDING, true},
};

// What the server says about a path. Only the one that has moved has no body.
static const struct {
    const char *path;
    int status;
    int64_t search;
    const char *body;
} answers[] = {{"/index", 200, FINDING, "Welcome to the shop."},
               {"/moved", 301, MISSING, ""},
               {"/gone", 404, MISSING, "It is not here any more."},
               {"/archive", 200, DIGGING, "Welcome to the old shop."}};

static void answer(const struct http_request *request, struct http_reply *reply, void *user) {
    (void)user;
    size_t i = 0;
    while (i < sizeof answers / sizeof *answers - 1 && strcmp(request->path, answers[i].path) != 0)
        i++;
    env_call("shop", answers[i].search);
    reply->status = answers[i].status;
    reply->body = answers[i].body;
    reply->body_size = strlen(reply->body);
    reply->body_after = BODY_AFTER;
}

TASK(reader, http_response response;) {
    task_sleep(READING);
    http_body_close(&a->response);
}

// Somebody else reads a page of the shop.
static void take_the_pool(http_client *client) {
    http_response response;
    if (http_get(client, ctx_background(), "http://shop/index", &response) == OK)
        go(reader, .response = response);
}

static void check_statuses(const struct page_case *page, const int *statuses) {
    int i = 0;
    while (i < page->count - 1 && statuses[i] == page->status[i])
        i++;
    check(statuses[i] == page->status[i], "finds every status", "%d instead of %d for %s",
          statuses[i], page->status[i], page->urls[i]);
}

static void check_time(const struct page_case *page, int64_t took) {
    int64_t enough = 3 * LATENCY + page->search; // connect, ask, search, answer
    check(page->pool_taken || took <= enough, "does not wait for a body", "%lld ms instead of %lld",
          (long long)(took / MILLISECOND), (long long)(enough / MILLISECOND));
    check(!page->pool_taken || took > READING, "uses the client's connections and no others",
          "an answer after %lld ms, the connection was taken for %lld",
          (long long)(took / MILLISECOND), (long long)(READING / MILLISECOND));
}

// Tasks of the exercise, that is: not the root, none of a connection, not the driver's reader.
static bool count_task(const task_info *task, void *tasks) {
    if (task->number != 0 && strncmp(task->name, "http.", 5) != 0 && strcmp(task->name, "reader"))
        ++*(int *)tasks;
    return true;
}

static void check_work(const struct page_case *page) {
    int tasks = 0, right = page->reached + page->pool_taken;
    inspect_tasks(count_task, &tasks);
    check(tasks == 0, "leaves no work behind", "%d tasks are under way", tasks);
    check(env_most("shop") == page->reached, "asks for all links at once", "at most %d of %d",
          env_most("shop"), page->reached);
    check(env_calls("shop") == right, "asks for each link once", "%d requests instead of %d",
          env_calls("shop"), right);
}

static void drive(void) {
    const struct page_case *page = &pages[choose(sizeof pages / sizeof *pages)];
    http_serve("shop", answer, NULL);
    http_client *client = http_client_make(.max_conns = page->pool_taken ? 1 : LINKS,
                                           .latency = LATENCY);
    if (page->pool_taken)
        take_the_pool(client);
    int *statuses = run_calloc(LINKS, sizeof *statuses);
    for (int i = 0; i < LINKS; i++)
        statuses[i] = -1;

    int64_t start = time_now();
    check_links(client, page->urls, page->count, statuses);
    int64_t took = time_now() - start;
    check_statuses(page, statuses);
    check_time(page, took);

    // What has been given back is in the pool by the end; what was not is what is judged.
    task_sleep(MILLISECOND);
    check_work(page);
    check(!run_was_pressed(), "waits without spinning",
          "time had to pass while a task did nothing but look again");
    task_sleep(SETTLING);
    http_client_close_idle(client);
}

TASK(check_page, http_client *client;) {
    static const char *const urls[LINKS] = {"http://shop/index", "http://shop/gone"};
    int statuses[LINKS];
    check_links(a->client, urls, LINKS, statuses);
}

static void load_pages(load *l) {
    listener *shop = http_serve("shop", answer, NULL);
    http_client *client = http_client_make(.max_conns = POOL, .latency = LATENCY);
    while (load_next(l))
        go(check_page, .client = client);

    // The end of the day: what is still there then was forgotten.
    task_sleep(SECOND);
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
         .left = {{.name = "http.read_loop", .reason = "select"},
                  {.name = "http.write_loop", .reason = "select"}},
         .checks = {"finds every status", "does not wait for a body", "asks for all links at once",
                    "leaves no work behind", "asks for each link once",
                    "uses the client's connections and no others", "waits without spinning"},
         .kept = {"asks for all links at once", "waits without spinning"},
         .grace = 50 * MILLISECOND);
