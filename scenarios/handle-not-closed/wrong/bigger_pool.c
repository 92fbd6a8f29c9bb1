// idea: a client of its own with more connections
// caught by: leak
// comment: The pool lasts longer and the leak is the same: two tasks and a connection for every
//   link. A bigger bucket under a dripping tap.
#include "exercise.h"

TASK(check_link, http_client *client; const char *url; int *status; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    http_response response;
    if (http_get(a->client, ctx_background(), a->url, &response) != OK)
        return;
    *a->status = response.status;
}

void check_links(http_client *client, const char *const *urls, int count, int *statuses) {
    waitgroup pending = {0};
    client = http_client_make(.max_conns = 1000, .latency = 5 * MILLISECOND);
    for (int i = 0; i < count; i++) {
        statuses[i] = 0;
        waitgroup_add(&pending, 1);
        go(check_link, .client = client, .url = urls[i], .status = &statuses[i],
           .pending = &pending);
    }
    waitgroup_wait(&pending);
}
