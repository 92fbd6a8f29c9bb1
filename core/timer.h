// timer: timers, tickers and functions called later, all on the run's clock. Go's, as of 1.23.
//
//     timer *t = timer_start(2 * SECOND);              // time.NewTimer
//     timer *t = after_func(MINUTE, expire, .s = s);   // time.AfterFunc: a task of its own
//     ticker *t = ticker_start(SECOND);                // time.NewTicker
//     defer(ticker_stop, t);
//     switch (chan_select(RECV(ticker_chan(t), NULL), RECV(ctx_done(ctx), NULL))) { ...
//
// The channel of a timer or ticker is unbuffered: a value is there from its time on, until it is
// received, or the timer is stopped or reset. So after stop or reset has returned nobody ever
// receives a value of before.
//
// The clock does not stop for what nobody waits for: a timer that no task is parked on keeps no run
// going, and its value is found when somebody looks.
//
// Different from Go: a ticker must be stopped, and one that is not is a `resource` verdict. (Go 1.23
// leaves it to the garbage collector. So there is no time.Tick, whose ticker nobody could stop.) And
// the channel is a channel like any other, on which a task could send; nothing good comes of it.
#pragma once

#include "core/chan.h"
#include "core/task.h"

typedef chan_of(int64_t) time_chan;

typedef struct timer timer;

// Starts a timer that has its time to give on its channel `ns` from now; zero or less: at once. It
// belongs to the run.
#define timer_start(ns) timer_start_at((ns), HERE)
timer *timer_start_at(int64_t ns, site *at);

// Starts task `name` (declared with TASK) with a copy of these arguments, `ns` from now. The timer
// has no channel. What led to after_func or the last reset happens before the task.
#define after_func(ns, name, ...)                                                                  \
    after_func_at((ns), name##_task, #name, &(struct name##_args){__VA_ARGS__},                    \
                  sizeof(struct name##_args), HERE)
timer *after_func_at(int64_t ns, task_fn *fn, const char *name, const void *args, size_t size,
                     site *at);

// The channel that gives the time at which the timer was due, once. Of after_func: nil.
time_chan timer_chan(timer *t);

// Keeps it from firing. True: it ran, and now nothing will be received or started any more; false:
// it had been stopped, or its value received, or its task started (which may still be running).
// Panics "time: Stop called on uninitialized Timer" on NULL.
#define timer_stop(t) timer_stop_at((t), HERE_OF(t))
bool timer_stop_at(timer *t, site *at);
DEFERRABLE(timer_stop, timer *)

// Makes it fire (once more) `ns` from now, whatever it did before. True as for stop: it ran until
// now. Panics "time: Reset called on uninitialized Timer" on NULL.
#define timer_reset(t, ns) timer_reset_at((t), (ns), HERE_OF(t))
bool timer_reset_at(timer *t, int64_t ns, site *at);

// A channel that gets the time once, `ns` from now (Go's time.After).
#define after(ns) timer_chan(timer_start(ns))

typedef struct ticker ticker;

// Starts a ticker: its channel has a time to give every `ns`. While one is not received, those
// after it are dropped, so a slow receiver misses ticks and never gets two at once. Must be stopped.
// Panics "non-positive interval for NewTicker".
#define ticker_start(ns) ticker_start_at((ns), HERE)
ticker *ticker_start_at(int64_t ns, site *at);

// The channel on which the ticks come. Stopping does not close it, as in Go.
time_chan ticker_chan(ticker *t);

// No tick is received from here on. Stopping it again does nothing.
#define ticker_stop(t) ticker_stop_at((t), HERE_OF(t))
void ticker_stop_at(ticker *t, site *at);
DEFERRABLE(ticker_stop, ticker *)

// The next tick comes `ns` from now, and then one every `ns`. A stopped ticker runs again, and must
// be stopped again. Panics "non-positive interval for Ticker.Reset", and "time: Reset called on
// uninitialized Ticker" on NULL.
#define ticker_reset(t, ns) ticker_reset_at((t), (ns), HERE_OF(t))
void ticker_reset_at(ticker *t, int64_t ns, site *at);
