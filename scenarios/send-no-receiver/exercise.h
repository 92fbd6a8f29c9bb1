// exercise: the price desk. Customers ask what a share costs; the desk asks the exchange.
#pragma once

#include "core/core.h"

// How long a customer waits for a price.
#define PATIENCE (50 * MILLISECOND)

// Yours. Finds the price of `symbol` by asking the exchange, once and now: prices change. True: the
// price is in *cents, as soon as the exchange has answered. False: PATIENCE is over and it has not.
// Afterwards *cents belongs to the caller again, and nothing may be written there any more.
//
// Many customers come at the same time, and none waits for another. What was started for one may
// live until the exchange has answered and at most 100 ms longer. As in every exercise, who waits
// is parked and does not look again and again, and no task is a daemon.
bool price_of(int symbol, long *cents);

// The environment: asks the exchange, in cents. The calling task waits until the answer is here.
// That takes no time at all on a good day, 80 ms on a bad one and an hour on the worst, and it
// cannot be called off.
long exchange_quote(int symbol);
