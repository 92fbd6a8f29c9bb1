// idea: end the request's context when its answer is known
//
// A response lives no longer than the context of its request. The cancel closes the connection
// instead of giving it back, so the next link must connect anew; in return it also ends a request
// that is still under way, and nothing of it can be forgotten.
#include "exercise.h"

TASK(check_link, http_client *client; const char *url; int *status; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    ctx *request = ctx_with_cancel(ctx_background());
    defer(ctx_cancel, request);
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
