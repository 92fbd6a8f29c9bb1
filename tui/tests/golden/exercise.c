// The code that the screens of the tests show. It is never compiled; the
// lines that the logs of tests/fake.h name are where they say.
#include "exercise.h"

typedef chan_of(int) int_chan;

// Looks it up, which takes 40 or 80 ms, and hands over what it found.
TASK(worker, int_chan results;) {
    int found;
    found = slow_lookup(); /* 40 or 80 ms */
    chan_send(a->results, found);
}

// Gives up after 50 ms. Nobody tells the worker, who will have
// something to say at 80 ms.
int lookup(int *out) {
    int_chan results;

    chan_make(&results, 0);
    go(worker, .results = results);
    if (chan_select(RECV(results, out), AFTER(50 * MILLISECOND)) != 0)
        return -1;
    return 0;
}
