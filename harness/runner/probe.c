// probe: whether this runner's race engine would tell of a race, before its silence is taken for there being
// none.
//
// Two things can make it silent for ever: a runtime that does not see what happens (it was built by another
// compiler, or could not start), so a run that is known to race has to be told of first; and an exercise
// that was compiled without the hooks that the runtime lives from.
#include "core/core.h"
#include "core/run.h"
#include "harness/runner/runner.h"
#include "harness/scan.h"

#include <stdlib.h>

enum { EVENTS = 256 };

TASK(racer, int *value; waitgroup *both;) {
    racy_add(a->value);
    waitgroup_done(a->both);
}

static void root(void *unused) {
    (void)unused;
    int value = 0;
    waitgroup both = {0};
    waitgroup_add(&both, 2);
    go(racer, .value = &value, .both = &both);
    go(racer, .value = &value, .both = &both);
    waitgroup_wait(&both);
}

// In a log of its own: the parent's begins with what was asked for.
static bool known_race_is_told(void) {
    event_log *log = calloc(1, event_log_size(EVENTS));
    if (!log)
        return false;
    event_log_init(log, EVENTS, false);
    struct run_config config = {.log = log, .policy = policy_default()};
    races_probe(log);
    run_world(&config, root, NULL);
    races_end(log, false);
    free(log);
    return races_seen();
}

const char *probe_races(const char *driver, const char *exercise) {
    if (!racy_add)
        return NULL;
    if (!scan_is_hooked(driver) || !scan_is_hooked(exercise))
        return "The exercise or its driver was compiled without -fsanitize=thread, so no race in it could be "
               "seen. Build again with ./unstuck.";
    if (!known_race_is_told())
        return "This race engine does not tell of a race that is known to be one, so its silence would mean "
               "nothing. Build again with ./unstuck; `unstuck doctor` tells more.";
    return NULL;
}
