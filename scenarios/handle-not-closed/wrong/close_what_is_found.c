// idea: close the page when there is one
// caught by: leak
// comment: A page that is not there has a body as well: the one that says so. Every answer must
//   be closed, whatever its status; only an error means that there is none.
#include "exercise.h"

TASK(check_link, http_client *client; const char *url; int *status; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    http_response response;
    if (http_get(a->client, ctx_background(), a->url, &response) != OK)
        return;
    *a->status = response.status;
    if (response.status == 200)
        http_body_close(&response);
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
