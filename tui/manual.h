// manual: the manual page unstuck(1), from the tables of commands and options.
#pragma once

#include <stdio.h>

// Writes it as roff.
void manual_page(FILE *out);
