// exercise: the price desk. Customers ask what a share costs; the desk asks the exchange.
#pragma once

#include "core/core.h"

// How long a customer waits for a price.
#define PATIENCE (50 * MILLISECOND)

// Yours. Finds the price of `symbol`. True: it is in *cents. False: the exchange did not answer
// within PATIENCE. Never takes longer than that.
bool price_of(int symbol, long *cents);

// The environment: asks the exchange, in cents. The calling task waits until the answer is here.
// That takes no time at all on a good day and 80 ms on a bad one, and it cannot be called off.
long exchange_quote(int symbol);
