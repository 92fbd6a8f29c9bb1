// idea: read the body to its end, then the connection is free
// caught by: does not wait for a body
// comment: It is free then, that is true. But a checker that wants three digits now waits for
//   every page to arrive, and the longest page of the site decides how long. Close says the same
//   without the wait.
#include "exercise.h"

TASK(check_link, http_client *client; const char *url; int *status; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    http_response response;
    if (http_get(a->client, ctx_background(), a->url, &response) != OK)
        return;
    *a->status = response.status;
    char *body;
    size_t size;
    http_body_read_all(&response, &body, &size);
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
