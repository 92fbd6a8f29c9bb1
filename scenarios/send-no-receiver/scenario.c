// send-no-receiver: a caller that gives up leaves its helper sending to nobody.
//
// Two customers, one after the other. The exchange answers the first late, in time, in the very
// moment the customer gives up, or at once; and the second always in time, so that a late answer
// to the first has somebody to be given to by mistake.
#include "harness/scenario.h"
#include "exercise.h"

enum { ACME, INITECH, SYMBOLS };

#define IN_TIME (40 * MILLISECOND)
#define LATE    (80 * MILLISECOND)

// Set before any customer comes, only read afterwards.
static int64_t delay_of[SYMBOLS];

static long right_price(int symbol) {
    return 1000 * (symbol + 1) + 99;
}

long exchange_quote(int symbol) {
    env_call("exchange", delay_of[symbol]);
    return right_price(symbol);
}

static void serve_customer(int symbol) {
    long cents = -1;
    int64_t start = time_now();
    bool found = price_of(symbol, &cents);
    int64_t waited = time_now() - start;

    check(waited <= PATIENCE, "answers within 50 ms", "the customer waited %lld ms",
          (long long)(waited / MILLISECOND));
    check(found || delay_of[symbol] >= PATIENCE, "delivers a price that comes in time",
          "the exchange answered after %lld ms, the customer got nothing",
          (long long)(delay_of[symbol] / MILLISECOND));
    check(!found || cents == right_price(symbol), "delivers the right price",
          "got %ld cents instead of %ld", cents, right_price(symbol));
}

static void drive(void) {
    static const int64_t delays[] = {LATE, IN_TIME, PATIENCE, 0};
    delay_of[ACME] = delays[choose(4)];
    delay_of[INITECH] = IN_TIME;

    serve_customer(ACME);
    serve_customer(INITECH);
}

TASK(customer, int symbol;) {
    long cents;
    price_of(a->symbol, &cents);
}

static void load_desk(load *l) {
    delay_of[ACME] = LATE;
    delay_of[INITECH] = IN_TIME;
    while (load_next(l))
        go(customer, .symbol = load_count(l) % 2 ? ACME : INITECH);
}

SCENARIO(.name = "send-no-receiver", .number = 1, .title = "The send nobody hears",
         .chapter = "send",
         .brief = "A price desk asks the exchange in a task of its own and gives up after\n"
                  "50 ms. When the exchange is slow the customer goes away; the task with the\n"
                  "answer does not.",
         .goal = "When the customer gives up, the task that asked the exchange must still come "
                 "to its end.",
         .remember = "Every send needs a receiver that outlives it, or a place to put the value.",
         .driver = drive, .load = load_desk, .load_every = 10 * MILLISECOND, .verdict = "leak",
         .left = {{.name = "ask_exchange", .reason = "chan send", .object = "reply"}},
         .checks = {"answers within 50 ms", "delivers a price that comes in time",
                    "delivers the right price"});
