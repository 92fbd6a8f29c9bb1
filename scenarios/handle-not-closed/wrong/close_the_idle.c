// idea: close the connections of the client after each page
// caught by: leak
// comment: That closes connections that are idle, in the pool. These are in use: as long as a
//   response is open its connection is not idle, and nobody may take it away from the one who could
//   still read.
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
    for (int i = 0; i < count; i++) {
        statuses[i] = 0;
        waitgroup_add(&pending, 1);
        go(check_link, .client = client, .url = urls[i], .status = &statuses[i],
           .pending = &pending);
    }
    waitgroup_wait(&pending);
    http_client_close_idle(client);
}
