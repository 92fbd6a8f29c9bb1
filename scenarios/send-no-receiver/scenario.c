// send-no-receiver: a caller that gives up leaves its helper sending to nobody.
//
// Two customers. The exchange answers the first late, in time, in the very moment the customer
// gives up, at once, or when nobody remembers the question. The second comes when the first has
// left, or while it waits, and asks for another share or for the same one, so that a late answer to
// the first has somebody to be given to by mistake; or it has to give up as well, or has its answer
// first. No two quotes are equal, so that a price tells which question it answers.
#include "harness/scenario.h"
#include "core/run.h"
#include "exercise.h"

#include <stdatomic.h>

enum { ACME, INITECH };
enum { CUSTOMERS = 2, NOTED = -1 };

#define IN_TIME   (40 * MILLISECOND)
#define LATE      (80 * MILLISECOND)
#define MEANWHILE (20 * MILLISECOND) // when the second customer comes while the first one waits

// How long the exchange takes for its first question, its second, and then over again. Set before
// any customer comes, only read afterwards.
static int64_t delays[CUSTOMERS];

// Questions asked so far. Relaxed: a number for each, not a way to order those who ask.
static _Atomic int questions;

static long right_price(int symbol, int question) {
    return 1000 * (symbol + 1) + question;
}

long exchange_quote(int symbol) {
    int question = atomic_fetch_add_explicit(&questions, 1, memory_order_relaxed);
    env_call("exchange", delays[question % CUSTOMERS]);
    return right_price(symbol, question);
}

// How long customer `number` has to wait, be it for a price or in vain.
static int64_t right_wait(int number) {
    return delays[number] < PATIENCE ? delays[number] : PATIENCE;
}

// Customer `number` has the question of that number: nobody gives up before it was asked. It notes
// the price down; what is written into *cents then was not meant for it.
static void serve_customer(int number, int symbol, long *cents) {
    int64_t start = time_now();
    bool found = price_of(symbol, cents);
    int64_t waited = time_now() - start;

    check(waited <= PATIENCE, "answers within 50 ms", "the customer waited %lld ms",
          (long long)(waited / MILLISECOND));
    check(found || delays[number] >= PATIENCE, "delivers a price that comes in time",
          "the exchange answered after %lld ms, the customer got nothing",
          (long long)(delays[number] / MILLISECOND));
    check(waited == right_wait(number), "waits for the price, or for 50 ms",
          "%lld ms instead of %lld", (long long)(waited / MILLISECOND),
          (long long)(right_wait(number) / MILLISECOND));
    check(!found || *cents == right_price(symbol, number), "delivers the right price",
          "got %ld cents instead of %ld", *cents, right_price(symbol, number));
    *cents = NOTED;
}

TASK(second_customer, int symbol;) {
    long *cents = run_alloc(sizeof *cents);
    task_sleep(MEANWHILE);
    serve_customer(1, a->symbol, cents);
}

// Both come and go, and the exchange answers whatever was asked.
static void serve_both(int symbol, bool meanwhile, long *cents) {
    if (meanwhile)
        go(second_customer, .symbol = symbol);
    serve_customer(0, ACME, &cents[0]);
    int64_t second_comes = meanwhile ? MEANWHILE : time_now();
    if (!meanwhile)
        serve_customer(1, symbol, &cents[1]);

    int64_t last_answer = second_comes + delays[1];
    if (delays[0] > last_answer)
        last_answer = delays[0];
    if (last_answer > time_now())
        task_sleep(last_answer + MILLISECOND - time_now());
}

static void drive(void) {
    static const int64_t first[] = {LATE, IN_TIME, PATIENCE, 0, HOUR};
    static const struct {
        int symbol;
        int64_t delay;
    } second[] = {{INITECH, IN_TIME}, {ACME, IN_TIME}, {INITECH, LATE}, {INITECH, 0}};
    atomic_store_explicit(&questions, 0, memory_order_relaxed);
    delays[0] = first[choose(5)];
    uint32_t next = choose(4);
    delays[1] = second[next].delay;
    long *cents = run_calloc(CUSTOMERS, sizeof *cents);
    cents[0] = cents[1] = NOTED;

    serve_both(second[next].symbol, choose(2) == 1, cents);
    check(env_calls("exchange") == CUSTOMERS, "asks the exchange once for each customer",
          "%d customers, the exchange was asked %d times", CUSTOMERS, env_calls("exchange"));
    check(cents[0] == NOTED && cents[1] == NOTED, "leaves *cents alone when it has returned",
          "a price of %ld cents came afterwards", cents[0] == NOTED ? cents[1] : cents[0]);
    check(!run_was_pressed(), "waits without spinning",
          "time had to pass while a task did nothing but look again");
}

TASK(customer, int symbol;) {
    long cents;
    price_of(a->symbol, &cents);
}

static void load_desk(load *l) {
    delays[0] = LATE;
    delays[1] = IN_TIME;
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
                    "waits for the price, or for 50 ms", "delivers the right price",
                    "asks the exchange once for each customer",
                    "leaves *cents alone when it has returned", "waits without spinning"},
         .kept = {"waits without spinning"}, .slow = true,
         .timed = {"answers within 50 ms", "delivers a price that comes in time",
                   "waits for the price, or for 50 ms"},
         .grace = 100 * MILLISECOND);
