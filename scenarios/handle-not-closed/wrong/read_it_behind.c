// idea: nobody has to wait for the body if another task reads it
// caught by: leaves no work behind
// comment: The caller is quick and the bodies are read in the end. Until then each link has a task
//   more than before, for a page that nobody wants, and nobody waits for that task. Work that can
//   be left out should be left out, not put out of sight.
#include "exercise.h"

TASK(read_body, http_response response;) {
    char *body;
    size_t size;
    http_body_read_all(&a->response, &body, &size);
}

TASK(check_link, http_client *client; const char *url; int *status; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    http_response response;
    if (http_get(a->client, ctx_background(), a->url, &response) != OK)
        return;
    *a->status = response.status;
    go(read_body, .response = response);
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
