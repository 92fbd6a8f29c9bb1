// hostile: includes by an absolute path
// gets: tampered
// says: /etc/passwd
#include "exercise.h"

#if 0
#include "/etc/passwd"
#endif
bool price_of(int symbol, long *cents) {
    return symbol > 1 && cents;
}
