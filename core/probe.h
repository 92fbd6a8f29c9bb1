// probe: static tracepoints (USDT) where a task is made, parks, becomes ready and ends, for
// SystemTap, bpftrace, perf and gdb. Provider `unstuck`:
//
//     task_create  number, parent's number, name
//     task_park    number, why it waits (Go's words), id of the object (0: none), file, line
//     task_ready   number, number of the task whose doing it was (4294967295: the clock's)
//     task_exit    number
//
//     bpftrace -e 'usdt:./program:unstuck:task_park { @[str(arg1), str(arg3), arg4] = count(); }'
//     (gdb) break -probe-stap unstuck:task_park
//
// One that nobody listens to costs a load and a branch. Where <sys/sdt.h> is missing when the core
// is configured (Debian: systemtap-sdt-dev) there are none. Private to the core.
#pragma once

#include "core/internal.h"

#ifdef UNSTUCK_PROBES

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

#pragma GCC visibility push(hidden)
// Who listens, counted by the listeners. sdt.h finds each by its name.
extern unsigned short unstuck_task_create_semaphore, unstuck_task_park_semaphore,
    unstuck_task_ready_semaphore, unstuck_task_exit_semaphore;
#pragma GCC visibility pop

#define PROBE(name, count, ...)                                                                    \
    do {                                                                                           \
        if (unlikely(*(volatile unsigned short *)&unstuck_##name##_semaphore))                     \
            DTRACE_PROBE##count(unstuck, name, __VA_ARGS__);                                       \
    } while (0)

#else
#define PROBE(name, count, ...) ((void)0)
#endif

static inline void probe_create(const struct task *t) {
    (void)t;
    PROBE(task_create, 3, t->number, t->parent, t->name);
}

static inline void probe_park(const struct task *t, enum wait_reason reason, const struct op *op) {
    (void)t, (void)reason, (void)op;
    PROBE(task_park, 5, t->number, wait_reason_text(reason), op->object ? op->object->id : 0,
          op->at->file, op->at->line);
}

static inline void probe_ready(const struct task *t) {
    (void)t;
    PROBE(task_ready, 2, t->number, run.current ? run.current->number : EVENT_CLOCK);
}

static inline void probe_exit(const struct task *t) {
    (void)t;
    PROBE(task_exit, 1, t->number);
}
