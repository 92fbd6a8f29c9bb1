// hostile: waits by looking again and again
// gets: behaviour race
#include "exercise.h"

static bool answered;

TASK(ask_exchange, int symbol; long *cents;) {
    *a->cents = exchange_quote(a->symbol);
    answered = true;
}

bool price_of(int symbol, long *cents) {
    int64_t end = time_now() + PATIENCE;
    answered = false;
    go(ask_exchange, .symbol = symbol, .cents = cents);
    while (!answered && time_now() < end)
        task_yield();
    return answered;
}
