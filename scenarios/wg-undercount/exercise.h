// exercise: the photo album. Every picture of a page needs a thumbnail before the page is shown.
#pragma once

#include "core/core.h"

// Yours. Makes thumbs[i] for each pictures[i], i in 0 .. count - 1: from the cache where it is
// there, else by rendering. All renderings run at once. Returns when every thumbnail is there.
void make_thumbnails(const int *pictures, int *thumbs, int count);

// The environment: looks into the cache. True: it was there and is in *thumb. Takes no time.
bool thumbnail_cached(int picture, int *thumb);

// The environment: renders a thumbnail. The calling task waits about 30 ms.
int render(int picture);
