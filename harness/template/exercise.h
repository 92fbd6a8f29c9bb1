// exercise: two mirrors hold the same file; whoever answers first is good enough.
#pragma once

#include "core/core.h"

enum { MIRRORS = 2 };

// Yours. Asks every mirror at the same time and returns the first answer.
int first_answer(void);

// The environment: asks a mirror. The calling task waits until the answer is here.
int mirror_ask(int mirror);
