// exercise: the log shipper. A service hands over its log lines in batches; they go to a collector
// in another town.
#pragma once

#include "core/core.h"

// How many lines of a batch may be on their way at once.
enum { SHIPPERS = 2 };

// Yours. Ships lines[0 .. count), in this order and each once, SHIPPERS at a time: as soon as one
// has arrived the next is on its way. `count` may be 0. Returns when the collector has them all. At
// that moment every task that was started for the batch comes to its end, without waiting for
// anything more, be it only a moment.
//
// Several batches may be shipped at the same time, and none waits for another. As in every
// exercise, who waits is parked and does not look again and again, and no task is a daemon.
void ship(const int *lines, int count);

// The environment: puts one line into the collector; any number from 0 on is a line. The calling
// task waits about 10 ms, now and then longer.
void collector_put(int line);
