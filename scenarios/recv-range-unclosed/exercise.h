// exercise: the log shipper. A service hands over its log lines in batches; they go to a collector
// in another town.
#pragma once

#include "core/core.h"

// How many lines may be on their way at once.
enum { SHIPPERS = 2 };

// Yours. Ships lines[0 .. count), SHIPPERS at a time. Returns when the collector has them all.
void ship(const int *lines, int count);

// The environment: puts one line into the collector. The calling task waits about 10 ms.
void collector_put(int line);
