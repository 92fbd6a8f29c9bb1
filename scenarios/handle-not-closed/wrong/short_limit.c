// idea: a request may take 50 ms, then its context ends it
// caught by: finds every status
// comment: Short enough that nothing piles up, and too short for a server that has to look for a
//   page: a link that works is noted as dead. There is no right number. A close knows when the
//   answer is here, a limit only guesses.
#include "exercise.h"

TASK(check_link, http_client *client; const char *url; int *status; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    ctx *request = ctx_with_timeout(ctx_background(), 50 * MILLISECOND);
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
