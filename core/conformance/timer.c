// Time: sleeps, timers, functions called later and tickers, with the meaning of Go 1.23.
#include "core/conformance/conformance.h"

static int milliseconds(void) {
    return (int)(time_now() / MILLISECOND);
}

static int since_start(int64_t time) {
    return (int)(time / MILLISECOND);
}

// Receives a time and says which it is.
static void say_time(time_chan c) {
    int64_t time;
    chan_recv(c, &time);
    say("%d ms", since_start(time));
}

// The time that is there now, if any.
static void say_time_now(time_chan c) {
    int64_t time;
    if (chan_poll(RECV(c, &time)) == 0)
        say("%d ms", since_start(time));
    else
        say("nothing");
}

// --- sleep --------------------------------------------------------------------------------------------

RULE(sleep_takes_its_time, "A sleep takes the time that it was asked for.", "5 ms\n") {
    sleep_ms(5);
    say("%d ms", milliseconds());
}

RULE(sleep_of_nothing, "A sleep of nothing or less takes no time.", "0 ms\n") {
    task_sleep(0);
    task_sleep(-SECOND);
    say("%d ms", milliseconds());
}

TASK(sleeps_and_says, int ms;) {
    sleep_ms(a->ms);
    say("%d", a->ms);
}

RULE(sleep_in_order, "Sleeps end in the order of their ends.", "1\n2\n3\n") {
    go(sleeps_and_says, .ms = 3);
    go(sleeps_and_says, .ms = 1);
    go(sleeps_and_says, .ms = 2);
    sleep_ms(5);
}

TASK(sleeps_five, waitgroup *wg;) {
    sleep_ms(5);
    waitgroup_done(a->wg);
}

RULE(sleep_at_once, "Sleeps at the same time take the time of one.", "5 ms\n") {
    waitgroup wg = {0};
    waitgroup_add(&wg, 100);
    for (int i = 0; i < 100; i++)
        go(sleeps_five, .wg = &wg);
    waitgroup_wait(&wg);
    say("%d ms", milliseconds());
}

TASK(echoes, int_chan from; int_chan to;) {
    int value;
    while (chan_recv(a->from, &value))
        chan_send(a->to, value);
}

RULE(time_stands_still, "What tasks do among themselves takes no time.", "0 ms\n") {
    int_chan there, back;
    chan_make(&there, 0);
    chan_make(&back, 0);
    go(echoes, .from = there, .to = back);
    for (int i = 0; i < ROUNDS; i++) {
        chan_send(there, i);
        chan_recv(back, NULL);
    }
    chan_close(there);
    say("%d ms", milliseconds());
}

// --- timers: firing -----------------------------------------------------------------------------------

RULE(timer_fires, "A timer gives the time at which it was due.", "5 ms\n") {
    say_time(timer_chan(timer_start(5 * MILLISECOND)));
}

RULE(timer_fires_once, "A timer gives one time.", "5 ms\ndeadlock: chan receive\n") {
    timer *t = timer_start(5 * MILLISECOND);
    say_time(timer_chan(t));
    chan_recv(timer_chan(t), NULL);
}

RULE(timer_received_late, "Received late it is still the time at which it was due.",
     "5 ms\n9 ms\n") {
    timer *t = timer_start(5 * MILLISECOND);
    sleep_ms(9);
    say_time(timer_chan(t));
    say("%d ms", milliseconds());
}

RULE(timer_of_nothing, "A timer of nothing or less is due at once.", "0 ms\n0 ms\n") {
    say_time_now(timer_chan(timer_start(0)));
    say_time_now(timer_chan(timer_start(-SECOND)));
}

RULE(timer_not_yet, "Before its time there is nothing to receive.", "nothing\n5 ms\n") {
    timer *t = timer_start(5 * MILLISECOND);
    sleep_ms(4);
    say_time_now(timer_chan(t));
    sleep_ms(2);
    say_time_now(timer_chan(t));
}

RULE(timer_has_no_buffer, "A timer's channel has length and capacity 0, also when it is due.",
     "0 of 0\n") {
    timer *t = timer_start(MILLISECOND);
    sleep_ms(2);
    say("%zu of %zu", chan_len(timer_chan(t)), chan_cap(timer_chan(t)));
}

RULE(timer_for_nobody, "A timer that nobody waits for keeps no run going.",
     "deadlock: chan receive\n") {
    int_chan c;
    chan_make(&c, 0);
    timer_start(HOUR);
    chan_recv(c, NULL);
}

TASK(receives_time, time_chan c; int_chan told;) {
    chan_recv(a->c, NULL);
    chan_send(a->told, 1);
}

RULE(timer_for_one, "Of two who wait for a timer one gets its time.", "1\n", .left = 1) {
    timer *t = timer_start(5 * MILLISECOND);
    int_chan told;
    chan_make(&told, 2);
    go(receives_time, .c = timer_chan(t), .told = told);
    go(receives_time, .c = timer_chan(t), .told = told);
    sleep_ms(9);
    say("%zu", chan_len(told));
}

RULE(after_gives_a_time, "after gives a channel with a timer behind it.", "5 ms\n") {
    say_time(after(5 * MILLISECOND));
}

// --- timers: stop -------------------------------------------------------------------------------------

RULE(timer_stopped, "A stopped timer does not fire; stop says that it ran.",
     "true\ndeadlock: chan receive\n") {
    timer *t = timer_start(5 * MILLISECOND);
    say("%s", yes_no(timer_stop(t)));
    chan_recv(timer_chan(t), NULL);
}

RULE(timer_stopped_when_due,
     "Stopped after its time but before it is received, nothing is received.", "true\nnothing\n") {
    timer *t = timer_start(5 * MILLISECOND);
    sleep_ms(9);
    say("%s", yes_no(timer_stop(t)));
    say_time_now(timer_chan(t));
}

RULE(timer_stopped_when_received, "After its time was received stop says that it did not run.",
     "5 ms\nfalse\n") {
    timer *t = timer_start(5 * MILLISECOND);
    say_time(timer_chan(t));
    say("%s", yes_no(timer_stop(t)));
}

RULE(timer_stopped_twice, "A second stop says that it did not run.", "true false\n") {
    timer *t = timer_start(5 * MILLISECOND);
    bool first = timer_stop(t);
    say("%s %s", yes_no(first), yes_no(timer_stop(t)));
}

RULE(timer_stopped_under_receiver, "Who waits for a timer that is stopped waits for ever.",
     "true\n0\n", .left = 1) {
    timer *t = timer_start(5 * MILLISECOND);
    int_chan told;
    chan_make(&told, 1);
    go(receives_time, .c = timer_chan(t), .told = told);
    sleep_ms(1);
    say("%s", yes_no(timer_stop(t)));
    sleep_ms(9);
    say("%zu", chan_len(told));
}

RULE(timer_stop_uninitialized, "Stopping what is no timer panics.",
     "panic: time: Stop called on uninitialized Timer\n") {
    timer_stop((timer *)NULL);
}

// --- timers: reset ------------------------------------------------------------------------------------

RULE(timer_reset_running, "Reset before its time it fires at the new one only.",
     "true\n8 ms\ndeadlock: chan receive\n") {
    timer *t = timer_start(5 * MILLISECOND);
    sleep_ms(2);
    say("%s", yes_no(timer_reset(t, 6 * MILLISECOND)));
    say_time(timer_chan(t));
    chan_recv(timer_chan(t), NULL);
}

RULE(timer_reset_earlier, "A reset may bring its time forward.", "true\n3 ms\n") {
    timer *t = timer_start(HOUR);
    sleep_ms(1);
    say("%s", yes_no(timer_reset(t, 2 * MILLISECOND)));
    say_time(timer_chan(t));
}

RULE(timer_reset_when_due, "Reset after its time but before it is received, the old time is gone.",
     "true\nnothing\n12 ms\n") {
    timer *t = timer_start(5 * MILLISECOND);
    sleep_ms(9);
    say("%s", yes_no(timer_reset(t, 3 * MILLISECOND)));
    say_time_now(timer_chan(t));
    say_time(timer_chan(t));
}

RULE(timer_reset_when_received, "After its time was received it can be used again.",
     "5 ms\nfalse\n8 ms\n") {
    timer *t = timer_start(5 * MILLISECOND);
    say_time(timer_chan(t));
    say("%s", yes_no(timer_reset(t, 3 * MILLISECOND)));
    say_time(timer_chan(t));
}

RULE(timer_reset_when_stopped, "After a stop it can be used again.", "true\nfalse\n3 ms\n") {
    timer *t = timer_start(5 * MILLISECOND);
    say("%s", yes_no(timer_stop(t)));
    say("%s", yes_no(timer_reset(t, 3 * MILLISECOND)));
    say_time(timer_chan(t));
}

RULE(timer_reset_under_receiver, "Who waits for a timer that is reset gets the new time.",
     "true\n8 ms\n") {
    timer *t = timer_start(5 * MILLISECOND);
    int_chan told;
    chan_make(&told, 1);
    go(receives_time, .c = timer_chan(t), .told = told);
    sleep_ms(1);
    say("%s", yes_no(timer_reset(t, 7 * MILLISECOND)));
    chan_recv(told, NULL);
    say("%d ms", milliseconds());
}

RULE(timer_reset_uninitialized, "Resetting what is no timer panics.",
     "panic: time: Reset called on uninitialized Timer\n") {
    timer_reset((timer *)NULL, SECOND);
}

// --- timers: races ------------------------------------------------------------------------------------

TASK(stops_at, timer *t; int ms; int_chan told;) {
    sleep_ms(a->ms);
    chan_send(a->told, timer_stop(a->t));
}

// Whatever is first, what stop says and what is received agree.
RULE(timer_stop_races, "Stopped at its very time, either it was stopped, or its time is received.",
     "stopped 1, received 0\nor\nstopped 0, received 1\n") {
    timer *t = timer_start(5 * MILLISECOND);
    int_chan told, stopped;
    chan_make(&told, 1);
    chan_make(&stopped, 1);
    go(receives_time, .c = timer_chan(t), .told = told);
    go(stops_at, .t = t, .ms = 5, .told = stopped);
    int did;
    chan_recv(stopped, &did);
    sleep_ms(1);
    say("stopped %d, received %zu", did, chan_len(told));
    timer_reset(t, 0); // lets go who may still wait
}

TASK(resets_at, timer *t; int ms; int_chan told;) {
    sleep_ms(a->ms);
    chan_send(a->told, timer_reset(a->t, 3 * MILLISECOND));
}

RULE(timer_reset_races, "Reset at its very time, its old time is received, or did not come about.",
     "ran 1: 8 ms\nor\nran 0: 5 ms 8 ms\n") {
    timer *t = timer_start(5 * MILLISECOND);
    int_chan reset;
    chan_make(&reset, 1);
    go(resets_at, .t = t, .ms = 5, .told = reset);
    int64_t first, second;
    int ran;
    chan_recv(timer_chan(t), &first);
    chan_recv(reset, &ran);
    if (!ran)
        chan_recv(timer_chan(t), &second);
    if (ran)
        say("ran 1: %d ms", since_start(first));
    else
        say("ran 0: %d ms %d ms", since_start(first), since_start(second));
}

// --- functions called later ---------------------------------------------------------------------------

TASK(says_time, int unused;) {
    say("called at %d ms", milliseconds());
}

RULE(after_func_calls, "after_func calls its function in a task of its own, at its time.",
     "called at 5 ms\nroot at 9 ms\n") {
    after_func(5 * MILLISECOND, says_time, .unused = 0);
    sleep_ms(9);
    say("root at %d ms", milliseconds());
}

RULE(after_func_of_nothing, "after_func with nothing or less calls at once.",
     "called at 0 ms\ncalled at 0 ms\n") {
    after_func(0, says_time, .unused = 0);
    after_func(-SECOND, says_time, .unused = 0);
    sleep_ms(1);
}

RULE(after_func_stopped, "Stopped before its time the function is not called.", "true\n") {
    timer *t = after_func(5 * MILLISECOND, says_time, .unused = 0);
    sleep_ms(4);
    say("%s", yes_no(timer_stop(t)));
    sleep_ms(9);
}

RULE(after_func_stopped_late, "Stop says when the function was called.",
     "called at 5 ms\nfalse\n") {
    timer *t = after_func(5 * MILLISECOND, says_time, .unused = 0);
    sleep_ms(6);
    say("%s", yes_no(timer_stop(t)));
}

RULE(after_func_reset, "Reset the function is called at the new time, also once more.",
     "true\ncalled at 5 ms\nfalse\ncalled at 9 ms\n") {
    timer *t = after_func(HOUR, says_time, .unused = 0);
    say("%s", yes_no(timer_reset(t, 5 * MILLISECOND)));
    sleep_ms(6);
    say("%s", yes_no(timer_reset(t, 3 * MILLISECOND)));
    sleep_ms(6);
}

RULE(after_func_has_no_channel, "The channel of after_func is nil.", "nothing\n") {
    timer *t = after_func(HOUR, says_time, .unused = 0);
    timer_stop(t);
    say_time_now(timer_chan(t));
}

TASK(tells, int_chan told;) {
    chan_send(a->told, 1);
}

RULE(after_func_stop_races, "Stopped at its very time, either it was stopped, or it is called.",
     "stopped 1, called 0\nor\nstopped 0, called 1\n") {
    int_chan told, stopped;
    chan_make(&told, 1);
    chan_make(&stopped, 1);
    timer *t = after_func(5 * MILLISECOND, tells, .told = told);
    go(stops_at, .t = t, .ms = 5, .told = stopped);
    int did;
    chan_recv(stopped, &did);
    sleep_ms(1);
    say("stopped %d, called %zu", did, chan_len(told));
}

// --- tickers ------------------------------------------------------------------------------------------

RULE(ticker_ticks, "A ticker gives a time each interval.", "5 ms\n10 ms\n15 ms\n") {
    ticker *t = ticker_start(5 * MILLISECOND);
    for (int i = 0; i < 3; i++)
        say_time(ticker_chan(t));
    ticker_stop(t);
}

RULE(ticker_drops, "Ticks that nobody receives in time are dropped, but for one.",
     "5 ms\nnothing\n20 ms\n") {
    ticker *t = ticker_start(5 * MILLISECOND);
    sleep_ms(18);
    say_time_now(ticker_chan(t));
    say_time_now(ticker_chan(t));
    say_time(ticker_chan(t));
    ticker_stop(t);
}

RULE(ticker_stopped, "A stopped ticker gives nothing, and its channel is not closed.",
     "5 ms\ndeadlock: chan receive\n") {
    ticker *t = ticker_start(5 * MILLISECOND);
    say_time(ticker_chan(t));
    ticker_stop(t);
    chan_recv(ticker_chan(t), NULL);
}

RULE(ticker_stopped_when_due, "A tick that is there when it is stopped is gone.", "nothing\n") {
    ticker *t = ticker_start(5 * MILLISECOND);
    sleep_ms(9);
    ticker_stop(t);
    ticker_stop(t);
    say_time_now(ticker_chan(t));
}

RULE(ticker_reset_interval, "Reset a ticker begins a new interval.", "5 ms\n9 ms\n11 ms\n") {
    ticker *t = ticker_start(5 * MILLISECOND);
    say_time(ticker_chan(t));
    sleep_ms(2);
    ticker_reset(t, 2 * MILLISECOND);
    say_time(ticker_chan(t));
    say_time(ticker_chan(t));
    ticker_stop(t);
}

RULE(ticker_reset_when_stopped, "Reset a stopped ticker ticks again.", "9 ms\n12 ms\n") {
    ticker *t = ticker_start(5 * MILLISECOND);
    ticker_stop(t);
    sleep_ms(6);
    ticker_reset(t, 3 * MILLISECOND);
    say_time(ticker_chan(t));
    say_time(ticker_chan(t));
    ticker_stop(t);
}

RULE(ticker_reset_when_due, "A tick that is there when it is reset is gone.", "nothing\n12 ms\n") {
    ticker *t = ticker_start(5 * MILLISECOND);
    sleep_ms(9);
    ticker_reset(t, 3 * MILLISECOND);
    say_time_now(ticker_chan(t));
    say_time(ticker_chan(t));
    ticker_stop(t);
}

RULE(ticker_has_no_buffer, "A ticker's channel has length and capacity 0, also when it is due.",
     "0 of 0\n") {
    ticker *t = ticker_start(MILLISECOND);
    sleep_ms(2);
    say("%zu of %zu", chan_len(ticker_chan(t)), chan_cap(ticker_chan(t)));
    ticker_stop(t);
}

TASK(receives_ticks, time_chan c; int_chan told;) {
    for (int i = 0; i < 2; i++) {
        chan_recv(a->c, NULL);
        chan_send(a->told, 1);
    }
}

RULE(ticker_for_one_each, "Each tick goes to one of those who wait.", "1\n2\n3\n4\n") {
    ticker *t = ticker_start(5 * MILLISECOND);
    int_chan told;
    chan_make(&told, 4);
    go(receives_ticks, .c = ticker_chan(t), .told = told);
    go(receives_ticks, .c = ticker_chan(t), .told = told);
    sleep_ms(1);
    for (int i = 0; i < 4; i++) {
        sleep_ms(5);
        say("%zu", chan_len(told));
    }
    ticker_stop(t);
}

RULE(ticker_of_nothing, "A ticker without an interval panics.",
     "panic: non-positive interval for NewTicker\n") {
    ticker_start(0);
}

RULE(ticker_reset_to_nothing, "Resetting a ticker to no interval panics.",
     "panic: non-positive interval for Ticker.Reset\n") {
    ticker_reset(ticker_start(SECOND), -SECOND);
}

RULE(ticker_reset_uninitialized, "Resetting what is no ticker panics.",
     "panic: time: Reset called on uninitialized Ticker\n") {
    ticker_reset((ticker *)NULL, SECOND);
}

RULE(ticker_stop_uninitialized, "Stopping what is no ticker does nothing.", "stopped\n") {
    ticker_stop((ticker *)NULL);
    say("stopped");
}
