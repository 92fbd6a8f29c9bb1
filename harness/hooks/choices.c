// choices: accesses that are choice points.
//
// Which they are is said by places in the code, not by addresses: a place is the same in every run, whatever
// was allocated before it, and an instruction that takes part in one race may do so with any object.
//
// What this program itself does in the name of loaded code (a receive into the caller's variable, a printf) is
// known by who called it, and cannot wait any more: whoever explores is told that it was done.
//
// The value that a write has written is there when the fiber gets to its next access, or is left.
#include "harness/hooks/runtime.h"

enum { PLACES = 1 << 12 };
static void *places[PLACES];
static uint32_t place_count;

static void **place_of(void *pc) {
    size_t i = (size_t)((uintptr_t)pc * UINT64_C(0x9e3779b97f4a7c15) >> 40) & (PLACES - 1);
    while (places[i] && places[i] != pc)
        i = (i + 1) & (PLACES - 1);
    return &places[i];
}

static bool is_own(const void *pc) {
    const char *at = pc;
    return at >= runtime.config.program && at < runtime.config.program_end;
}

void hooks_choose(void) {
    runtime.choosing = true;
}

bool hooks_choice_add(void *const frames[HOOKS_FRAMES]) {
    void *pc = is_own(frames[0]) ? frames[1] : frames[0];
    void **place = place_of(pc);
    if (!pc || *place || place_count >= PLACES / 2)
        return false;
    *place = pc;
    place_count++;
    return true;
}

void tell_stored(void) {
    struct stored s = runtime.stored;
    int64_t value = 0;
    runtime.stored.at = NULL;
    switch (s.size) {
    case 1:
        value = *(const int8_t *)s.address;
        break;
    case 2:
        value = *(const int16_t *)s.address;
        break;
    case 4:
        value = *(const int32_t *)s.address;
        break;
    case 8:
        value = *(const int64_t *)s.address;
        break;
    default:
        return;
    }
    *s.at = value;
}

void choice_point(const volatile void *address, size_t size, unsigned how, void *pc) {
    const struct fiber *me = runtime.me;
    if (!me || !me->number || !size)
        return;
    if (runtime.stored.at)
        tell_stored();
    bool own = is_own(pc);
    void *place = own ? calls_caller(calls_now(me)) : pc;
    if (!(how & ATOMIC) && (!place || !*place_of(place)))
        return;
    const void *at = (const void *)(uintptr_t)address;
    if (own) {
        runtime.config.touch(at, size, how & WRITES);
        return;
    }
    int64_t *told = runtime.config.choice(at, size, how & WRITES, pc);
    if (told && how & WRITES)
        runtime.stored = (struct stored){at, size, told};
}
