// snapshot: a snapshot of the tasks that there are (--parked N); ns per task.
#include "core/bench/bench.h"

#include "core/inspect.h"

static bool count(const task_info *task, void *user) {
    *(int64_t *)user += task->state == TASK_PARKED;
    return true;
}

static void work(int64_t n) {
    for (int64_t seen = 0; seen < n;) {
        int64_t parked = 0;
        inspect_tasks(count, &parked);
        MUST(parked == bench_parked);
        seen += parked + 1;
    }
}

BENCH_MAIN(work, 2 * MILLION)
