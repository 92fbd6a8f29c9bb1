// tsan: the reports of ThreadSanitizer's runtime, in the runner that is linked with it.
//
// The runtime calls __tsan_on_report on the stack of the task that makes the second access, with its own
// locks held: nothing may be allocated there.
#include "harness/runner/runner.h"

#include <string.h>

#define WEAK __attribute__((weak, visibility("default")))
WEAK int __tsan_get_report_data(void *report, const char **description, int *count, int *stacks,
                                int *mops, int *locs, int *mutexes, int *threads, int *unique_tids,
                                void **sleep_trace, unsigned long trace_size);
WEAK int __tsan_get_report_mop(void *report, unsigned long i, int *tid, void **address, int *size,
                               int *write, int *atomic, void **trace, unsigned long trace_size);
WEAK int __tsan_get_report_thread(void *report, unsigned long i, int *tid, uint64_t *os_id,
                                  int *running, const char **name, int *parent, void **trace,
                                  unsigned long trace_size);
__attribute__((visibility("default"))) void __tsan_on_report(void *report);

static void task_of(void *report, int threads, int tid, struct race_access *a) {
    race_task(a, "a task");
    for (int i = 0; i < threads; i++) {
        int id, running, parent;
        uint64_t os_id;
        const char *name = NULL;
        void *trace[1];
        __tsan_get_report_thread(report, (unsigned long)i, &id, &os_id, &running, &name, &parent,
                                 trace, 1);
        if (id == tid && name && *name)
            race_task(a, name);
    }
}

static void *access_of(void *report, int threads, unsigned long i, struct race_access *a) {
    int tid, size, atomic, write;
    void *address = NULL;
    memset(a, 0, sizeof *a);
    __tsan_get_report_mop(report, i, &tid, &address, &size, &write, &atomic, a->frames,
                          RACE_FRAMES);
    a->write = write;
    a->events = RACE_WHENEVER;
    task_of(report, threads, tid, a);
    return address;
}

void __tsan_on_report(void *report) {
    const char *kind;
    int count, stacks, mops, locs, mutexes, threads, tids;
    void *trace[1];
    struct race_access now, before;
    if (!__tsan_get_report_data)
        return;
    __tsan_get_report_data(report, &kind, &count, &stacks, &mops, &locs, &mutexes, &threads, &tids,
                           trace, 1);
    if (mops < 2)
        return;
    void *address = access_of(report, threads, 0, &now);
    access_of(report, threads, 1, &before);
    race_add(address, &before, &now);
}
