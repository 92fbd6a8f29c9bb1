// place: which case the reader was at last time. Losing it costs nothing, so nothing here fails.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The name of the case. False: this is the first time.
bool place_read(char *name, size_t size);
void place_write(const char *name);
