// hostile: defines a function of the core
// gets: tampered
// says: task_start_at
#include "exercise.h"

void task_start_at(task_fn *fn, const char *name, const void *args, size_t size, site *at) {
    (void)fn, (void)name, (void)args, (void)size, (void)at;
}

bool price_of(int symbol, long *cents) {
    (void)symbol, (void)cents;
    return false;
}
