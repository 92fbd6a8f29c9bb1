// exercise: the link checker. It asks for every link of a page and notes what the server said.
#pragma once

#include "core/core.h"

// Yours. Asks for urls[0 .. count), all at once, and puts the HTTP status of each into statuses[i]:
// 200, 404, ..., or 0 where no server could be reached. Returns when all answers are there. Only
// the status is wanted; pages can be long, so this does not wait for their bodies.
void check_links(http_client *client, const char *const *urls, int count, int *statuses);
