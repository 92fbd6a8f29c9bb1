// conformance: rules of the core, each a small program with the one outcome that it may have.
//
//     RULE(chan_send_closed, "A send on a closed channel panics.",
//          "panic: send on closed channel\n") {
//         int_chan c;
//         chan_make(&c, 1);
//         chan_close(c);
//         chan_send(c, 1);
//     }
//
// What follows the braces is the root task. The outcome is what it and its tasks say, line by line,
// and how the run ended:
//
//     misuse: SENTENCE            a rule was broken in a way that Go would not notice
//     panic: SENTENCE             a task panicked, and nobody recovered
//     deadlock: WAIT REASON       the root waits for ever, and for what
//     left: N                     the root ended, and N tasks wait for ever (other than `left` says)
//
// It is the same under every schedule. Where a rule leaves a choice, its outcomes are listed with a
// line "or" between them; each must then come about under some seed, and no other under any.
//
// The same rules stand in go/, under the same names, with the same outcomes: a rule says where C
// differs, and why.
//
// Times are small, since outside of the run's clock they would have to be waited for.
#pragma once

#include "core/core.h"

struct rule {
    const char *name;
    const char *sentence; // what must hold
    const char *expected; // the outcome, or several with "or" between them
    void (*root)(void);
    const char *file;
    uint32_t left;       // tasks that wait for ever once the root has ended
    bool fair;           // its outcomes are equally likely
    bool orders;         // about what happens before what: no schedule races
    bool races;          // ... what does not: a race detector must say so
    bool by_chance;      // holds where chance decides; the default schedule has a fixed order
    bool x_sync;         // its Go needs golang.org/x/sync
    bool go_unaware;     // orders, but nobody told Go's race detector, which sees a race
    bool broken;         // does not hold: shows that those who look for faults find some
    const char *go;      // the outcome in Go, where it is another, ...
    const char *differs; // ... and why; without `go`: why Go has no such rule
    struct rule *next;   // in the order of files and lines
};

// What follows the outcome are further fields: .left = 1, .orders = true.
#define RULE(rule_name, rule_sentence, rule_expected, ...)                                         \
    static void rule_name(void);                                                                   \
    __attribute__((constructor)) static void rule_name##_register(void) {                          \
        static struct rule rule = {.name = #rule_name,                                             \
                                   .sentence = (rule_sentence),                                    \
                                   .expected = (rule_expected),                                    \
                                   .root = rule_name,                                              \
                                   .file = __FILE__,                                               \
                                   __VA_ARGS__};                                                   \
        rule_register(&rule);                                                                      \
    }                                                                                              \
    static void rule_name(void)

// Enters the rule behind all others.
void rule_register(struct rule *r);

// Adds a line to the outcome. Orders nothing: tasks that are not ordered otherwise may both say
// something, though then the outcome depends on the schedule.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Says "fair" when each was taken about as often as the others, else how often.
void say_fair(const int *taken, int arms);

// What many rules need: a channel of int, and how often to do what must hold each time.
typedef chan_of(int) int_chan;
enum { ROUNDS = 200 };

static inline const char *yes_no(bool b) {
    return b ? "true" : "false";
}

static inline void sleep_ms(int ms) {
    task_sleep(ms * MILLISECOND);
}
