// hostile: gives back what it was given
// gets: behaviour
#include "exercise.h"

bool price_of(int symbol, long *cents) {
    *cents = 1000 * (symbol + 1);
    return true;
}
