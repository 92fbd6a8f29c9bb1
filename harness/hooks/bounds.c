// bounds: where loaded code stores.
//
// Whoever knows the memory of the run says which range a store lies in; that is kept, so that the next one
// there costs a comparison. Ranges are never taken back: what was a stack or the arena in one run is so in
// the next.
//
// Rejected: asking at every store (the question costs more than the record of it); a list of what must not
// be written (there is always something more in a process).
#include "harness/hooks/runtime.h"

enum { RANGES = 16 };
static struct hooks_range ranges[RANGES];
static uint32_t range_count;

static bool is_within(const struct hooks_range *r, const char *at, size_t size) {
    return at >= r->at && at < r->end && size <= (size_t)(r->end - at);
}

static __attribute__((noinline, cold)) void ask(const char *at, size_t size, void *pc) {
    struct hooks_range in = {0};
    const char *code = pc;
    if (!runtime.config.bounds ||
        (code >= runtime.config.program && code < runtime.config.program_end) ||
        !runtime.config.bounds(at, size, pc, &in) || !in.at)
        return;
    ranges[range_count++ % RANGES] = in;
}

void bounds_check(const volatile void *address, size_t size, void *pc) {
    const char *at = (const char *)(uintptr_t)address;
    for (uint32_t i = 0; i < RANGES && ranges[i].at; i++)
        if (likely(is_within(&ranges[i], at, size)))
            return;
    ask(at, size, pc);
}
