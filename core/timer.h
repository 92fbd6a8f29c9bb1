// timer: one-shot timers of the run's clock.
#pragma once

#include "core/chan.h"

typedef chan_of(int64_t) time_chan;

typedef struct timer timer;

// Starts a timer that sends the time on its channel (capacity 1) after `ns`.
#define timer_start(ns) timer_start_at((ns), HERE)
timer *timer_start_at(int64_t ns, site *at);

// The channel it sends on.
time_chan timer_chan(timer *t);

// Keeps it from firing. True: it had not fired; then nothing will ever arrive on its channel.
#define timer_stop(t) timer_stop_at((t), HERE_OF(t))
bool timer_stop_at(timer *t, site *at);

// A channel that gets the time once, `ns` from now (Go's time.After).
#define after(ns) timer_chan(timer_start(ns))
