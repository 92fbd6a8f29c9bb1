// hostile: asks by itself, and waits as long as that takes
// gets: behaviour
#include "exercise.h"

bool price_of(int symbol, long *cents) {
    *cents = exchange_quote(symbol);
    return true;
}
