// engine: our own runtime as the race engine of the runner that is linked with it.
#include "harness/hooks/hooks.h"

#include "core/access.h"
#include "core/run.h"
#include "harness/runner/runner.h"

#include <errno.h>
#include <string.h>

// Where the code of this program begins and ends: of the linker's making.
extern const char __executable_start[], etext[];

// Places that have raced and are no choice points yet.
enum { RACED_MOST = 1024 };
static void *raced_at[RACED_MOST][HOOKS_FRAMES];
static uint32_t raced_count, place_count;

static struct race_access access_of(const struct hooks_access *from) {
    struct race_access a = {.write = from->write, .events = (uint32_t)from->event};
    race_task(&a, from->task);
    memcpy(a.frames, from->frames, sizeof a.frames);
    return a;
}
_Static_assert((int)HOOKS_FRAMES == (int)RACE_FRAMES, "frames are copied as they are");

static void remember(const struct hooks_access *a) {
    for (uint32_t i = 0; i < raced_count; i++)
        if (!memcmp(raced_at[i], a->frames, 2 * sizeof(void *)))
            return;
    if (raced_count < RACED_MOST)
        memcpy(raced_at[raced_count++], a->frames, sizeof a->frames);
}

static void raced(const struct hooks_access *before, const struct hooks_access *now) {
    struct race_access first = access_of(before), second = access_of(now);
    if (!races_are_probed()) {
        remember(before);
        remember(now);
    }
    race_add(now->address, &first, &second);
}

static int64_t *choice(const void *address, size_t size, bool writes, void *pc) {
    int64_t *value = access_announce(&(struct access){address, (uint32_t)size, writes});
    if (value)
        access_add((const event *)((const char *)value - offsetof(event, value)), address, pc);
    return value;
}

static void touched(const void *address, size_t size, bool writes) {
    access_touch(&(struct access){address, (uint32_t)size, writes});
}

static bool is_within(const char *at, size_t of, const void *address, size_t size,
                      struct hooks_range *in) {
    const char *first = address;
    if (first < at || first >= at + of || size > (size_t)(at + of - first))
        return false;
    *in = (struct hooks_range){at, at + of};
    return true;
}

// Stacks, the arena, the globals of exercise and driver, and errno.
static bool may_store(const void *address, size_t size, void *pc, struct hooks_range *in) {
    struct run_memory memory[RUN_MEMORY];
    size_t count = run_memory_ranges(memory), statics;
    const struct reach_range *globals = statics_ranges(&statics);
    for (size_t i = 0; i < count; i++)
        if (is_within(memory[i].at, memory[i].size, address, size, in))
            return true;
    for (size_t i = 0; i < statics; i++)
        if (is_within(globals[i].at, globals[i].size, address, size, in))
            return true;
    if (is_within((const char *)&errno, sizeof errno, address, size, in))
        return true;
    stray_store(address, size, pc);
    return false;
}

static uint32_t reveal(void) {
    hooks_choose();
    for (uint32_t i = 0; i < raced_count; i++)
        place_count += hooks_choice_add(raced_at[i]);
    raced_count = 0;
    return place_count;
}

static void begin(const event_log *log) {
    hooks_begin(&(struct hooks_config){.race = raced,
                                       .events = &log->head,
                                       .choice = choice,
                                       .touch = touched,
                                       .bounds = may_store,
                                       .program = __executable_start,
                                       .program_end = etext});
}

__attribute__((constructor)) static void offer(void) {
    static const struct race_engine engine = {begin, hooks_end, reveal};
    race_engine = &engine;
}
