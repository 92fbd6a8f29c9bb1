// idea: a request may take half a minute, then its context ends it
// caught by: outlives
// comment: Everything is given back, half a minute late. Until then each link keeps its
//   connection, and a pool of ten serves ten links in half a minute. A limit is for what goes
//   wrong, not for what is done.
#include "exercise.h"

TASK(check_link, http_client *client; const char *url; int *status; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    ctx *request = ctx_with_timeout(ctx_background(), 30 * SECOND);
    http_response response;
    if (http_get(a->client, request, a->url, &response) != OK)
        return;
    *a->status = response.status;
}

void check_links(http_client *client, const char *const *urls, int count, int *statuses) {
    waitgroup pending = {0};
    for (int i = 0; i < count; i++) {
        statuses[i] = 0;
        waitgroup_add(&pending, 1);
        go(check_link, .client = client, .url = urls[i], .status = &statuses[i],
           .pending = &pending);
    }
    waitgroup_wait(&pending);
}
