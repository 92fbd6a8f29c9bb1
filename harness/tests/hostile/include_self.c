// hostile: includes itself, to be looked at as another
// gets: tampered
// says: send-no-receiver.c
#include "exercise.h"

#ifndef AGAIN
#define AGAIN
#include "send-no-receiver.c"
#else
__attribute__((constructor)) static void first(void) {
}
bool price_of(int symbol, long *cents) {
    return symbol > 1 && cents;
}
#endif
