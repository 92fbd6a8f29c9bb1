// engine: our own runtime as the race engine of the runner that is linked with it.
#include "harness/hooks/hooks.h"
#include "harness/runner/runner.h"

#include <string.h>

static struct race_access access_of(const struct hooks_access *from) {
    struct race_access a = {.write = from->write};
    race_task(&a, from->task);
    memcpy(a.frames, from->frames, sizeof a.frames);
    return a;
}
_Static_assert((int)HOOKS_FRAMES == (int)RACE_FRAMES, "frames are copied as they are");

static void raced(const struct hooks_access *before, const struct hooks_access *now) {
    struct race_access first = access_of(before), second = access_of(now);
    race_add(now->address, &first, &second);
}

static void begin(const event_log *log) {
    hooks_begin(&(struct hooks_config){.race = raced, .events = &log->head});
}

__attribute__((constructor)) static void offer(void) {
    static const struct race_engine engine = {begin, hooks_end};
    race_engine = &engine;
}
