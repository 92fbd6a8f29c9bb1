// hostile: does nothing
// gets: behaviour
#include "exercise.h"

bool price_of(int symbol, long *cents) {
    (void)symbol, (void)cents;
    return false;
}
