// exercise: the link checker. It asks for every link of a page and notes what the server said.
#pragma once

#include "core/core.h"

// Yours. Asks for urls[0 .. count), each once and all at once, and puts the HTTP status of each
// into statuses[i]: 200, 404, ..., or 0 where no server could be reached. Returns when all answers
// are there, however long a server looks for one. Only the status is wanted; pages can be long, so
// this does not wait for their bodies.
//
// It asks through `client`, whose connections it shares with others: a link waits while all of them
// are in use. When it returns, no task of its own is at work any more, and every connection is on
// its way back to the pool or closed. As in every exercise, who waits is parked and does not look
// again and again, and no task is a daemon.
void check_links(http_client *client, const char *const *urls, int count, int *statuses);
