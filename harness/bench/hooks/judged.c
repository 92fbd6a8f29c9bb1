// judged: each run of search_rate with our own race runtime, as in unstuck-runner-hooks.
#include "core/run.h"
#include "harness/hooks/hooks.h"

enum run_end __real_run_world(const struct run_config *config, task_fn *root, void *arg);
enum run_end __wrap_run_world(const struct run_config *config, task_fn *root, void *arg);

enum run_end __wrap_run_world(const struct run_config *config, task_fn *root, void *arg) {
    hooks_begin(&(struct hooks_config){.events = &config->log->head});
    enum run_end end = __real_run_world(config, root, arg);
    hooks_end();
    return end;
}
