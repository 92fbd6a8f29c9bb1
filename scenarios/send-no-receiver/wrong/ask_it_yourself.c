// idea: no helper task, no leak
// caught by: answers within 50 ms
// comment: Without the helper nothing is left behind, but now the customer stands in the queue of
//   the exchange and cannot give up. The task was there for a reason.
#include "exercise.h"

bool price_of(int symbol, long *cents) {
    *cents = exchange_quote(symbol);
    return true;
}
