// idea: one link at a time, each closed before the next
// caught by: asks for all links at once
// comment: Closed they are, all of them. But the links of a page now wait for each other, and one
//   slow server holds up the rest.
#include "exercise.h"

void check_links(http_client *client, const char *const *urls, int count, int *statuses) {
    for (int i = 0; i < count; i++) {
        statuses[i] = 0;
        http_response response;
        if (http_get(client, ctx_background(), urls[i], &response) != OK)
            continue;
        defer(http_body_close, &response);
        statuses[i] = response.status;
    }
}
