// exercise: the photo album. Every picture of a page needs a thumbnail before the page is shown.
#pragma once

#include "core/core.h"

// Yours. Makes thumbs[i] for each pictures[i], i in 0 .. count - 1: from the cache where it is
// there, else by rendering it, once. All renderings run at once. Returns when the last one is
// done; no task that it started does anything after that.
//
// Several pages may be made at the same time, also of the same pictures, and none waits for
// another. As in every exercise, who waits is parked and does not look again and again, and no task
// is a daemon.
void make_thumbnails(const int *pictures, int *thumbs, int count);

// The environment: looks into the cache. True: it was there and is in *thumb. Takes no time. Any
// picture may be there, or none, and what was rendered for another page need not be.
bool thumbnail_cached(int picture, int *thumb);

// The environment: renders a thumbnail. The calling task waits about 30 ms, for some pictures more
// than for others.
int render(int picture);
