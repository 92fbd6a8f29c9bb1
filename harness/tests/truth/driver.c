// driver: the environment that all programs of this folder have in common.
#include "harness/tests/truth/truth.h"

// What programs are linked with makes a daemon a misuse; this is the function behind it.
void __real_task_start_daemon_at(task_fn *fn, const char *name, const void *args, size_t size,
                                 site *at);

TASK(daemon, void (*run)(void);) {
    a->run();
}

void environment_daemon(void (*run)(void)) {
    struct daemon_args args = {run};
    __real_task_start_daemon_at(daemon_task, "daemon", &args, sizeof args, HERE);
}

SCENARIO(.name = "truth", .driver = program);
