// idea: tasks fetch, the one who started them closes
//
// Responses are gathered in one place, and one loop closes them all: those that were never opened
// are zero, and closing them does nothing. One owner, one line to check. The price: each
// connection is held until the slowest link has answered.
#include "exercise.h"

TASK(ask, http_client *client; const char *url; http_response *response; waitgroup *pending;) {
    defer(waitgroup_done, a->pending);
    http_get(a->client, ctx_background(), a->url, a->response);
}

void check_links(http_client *client, const char *const *urls, int count, int *statuses) {
    http_response *responses = run_calloc((size_t)count, sizeof *responses);
    waitgroup pending = {0};
    for (int i = 0; i < count; i++) {
        waitgroup_add(&pending, 1);
        go(ask, .client = client, .url = urls[i], .response = &responses[i], .pending = &pending);
    }
    waitgroup_wait(&pending);

    for (int i = 0; i < count; i++) {
        statuses[i] = responses[i].status;
        http_body_close(&responses[i]);
    }
    run_free(responses);
}
