// task: stackful units of execution, started with go and switched by the scheduler.
//
//     TASK(worker, int_chan jobs; int_chan results; waitgroup *wg;) {
//         defer(waitgroup_done, a->wg);
//         int job;
//         while (chan_recv(a->jobs, &job))
//             chan_send(a->results, job * job);
//     }
//     ...
//     go(worker, .jobs = jobs, .results = results, .wg = &wg);
//
// TASK declares the argument struct and the function; inside, `a` points to the task's own copy
// of the arguments. go names each argument and copies it, so a child never shares a variable of
// its parent by accident (pass a pointer to share on purpose).
#pragma once

#include "core/base.h"
#include "core/panic.h"

typedef void task_fn(void *args);

#define TASK(name, ...)                                                                            \
    struct name##_args {                                                                           \
        __VA_ARGS__                                                                                \
    };                                                                                             \
    static void name(struct name##_args *a);                                                       \
    __attribute__((unused)) static void name##_task(void *args) {                                  \
        name(args);                                                                                \
    }                                                                                              \
    static void name(__attribute__((unused)) struct name##_args *a)

// Starts a task. Never blocks; the caller goes on and the child runs when the scheduler says so.
// Panics when the run's task limit is reached.
#define go(name, ...)                                                                              \
    task_start_at(name##_task, #name, &(struct name##_args){__VA_ARGS__},                          \
                  sizeof(struct name##_args), HERE)

// The same for a task that serves for ever by design: it is declared a daemon and is no leak. A run in
// which only daemons are left, all of them asleep, is over a minute of its time after the root's end.
#define go_daemon(name, ...)                                                                       \
    task_start_daemon_at(name##_task, #name, &(struct name##_args){__VA_ARGS__},                   \
                         sizeof(struct name##_args), HERE)

// The same for a task on a small stack: a million that wait take 2.1 GB instead of 4.1. All of such a
// task, the core's own record of it included, is 2,112 bytes, of which the deepest call of the core
// leaves at least 500 for the task's frames. So it is for tasks that call nothing but the core's
// primitives (tasks, channels, select, sync, contexts, timers), hold a few variables, and are
// compiled with optimisation. No function of libc such as printf, no HTTP, no signal handler without
// a stack of its own (SA_ONSTACK); and the program is linked with -z now, or the first call of each
// function in a library would need 1-3 KB.
//
// Who needs more is noticed at its next switch, or at a guard page further down: the process ends with
// "task NAME overflowed its 2 KB stack". Other tasks' frames may be broken by then, so it can do
// nothing else.
//
// A panic in such a task says its sentence, makes the deferred calls, which then have the room of an
// ordinary stack, and can be recovered from. So does goexit, but on the small stack.
//
// It is an ordinary stack after all in code compiled without optimisation, under a sanitizer or
// Valgrind, while schedules are explored, and where a switch is one of ucontext. Panics when the
// arguments are more than 256 bytes.
#define go_small(name, ...)                                                                        \
    TASK_START_SMALL_AT(name##_task, #name, &(struct name##_args){__VA_ARGS__},                    \
                        sizeof(struct name##_args), HERE)

// What go calls: runs fn(copy of args) as a new task. `name` is kept by pointer and must be static.
void task_start_at(task_fn *fn, const char *name, const void *args, size_t size, site *at);
void task_start_daemon_at(task_fn *fn, const char *name, const void *args, size_t size, site *at);
void task_start_small_at(task_fn *fn, const char *name, const void *args, size_t size, site *at);

#if defined(__OPTIMIZE__)
#define TASK_START_SMALL_AT task_start_small_at
#else
#define TASK_START_SMALL_AT task_start_at
#endif

// Lets another ready task run. Returns when the scheduler comes back to the caller.
#define task_yield() task_yield_at(HERE)
void task_yield_at(site *at);

// Parks the caller for `ns` of the run's time; zero or less only yields.
#define task_sleep(ns) task_sleep_at((ns), HERE)
void task_sleep_at(int64_t ns, site *at);

// The caller's creation number in this run; the root is 0. Stable for a given schedule.
uint32_t task_id(void);

// The name the caller was started under.
const char *task_name(void);

// Declares the caller a daemon: parked at the end of a run, it is not a leak.
#define task_daemon() task_daemon_at(HERE)
void task_daemon_at(site *at);

// The run's clock, in ns since the run began. Virtual unless the run is live.
int64_t time_now(void);

// One of n alternatives (0 .. n-1) that the environment, not the program, decides: how long a
// call takes, whether it fails, when a cancel comes. A choice point of the schedule; exploring
// tries each. n is 1 to 64.
#define choose(n) choose_at((n), HERE)
uint32_t choose_at(uint32_t n, site *at);

// --- labels -----------------------------------------------------------------------------------
//
// What a task works for ("request" = "42"), shown with it in snapshots, reports and the log, as
// runtime/pprof's are in profiles. A task has those that its starter had when it started it; what
// either sets later is its own. A set of labels never changes, so inheriting it costs one pointer.

// The caller has this label from here on, instead of one of the same key. Both texts are copied. A
// value of NULL makes a plain label, which is its key alone. Panics without a key.
#define task_label(key, value) task_label_at((key), (value), HERE)
void task_label_at(const char *key, const char *value, site *at);

// The same to the end of the enclosing block, then the labels are again what they were.
#define task_labels_with(key, value)                                                               \
    defer(task_labels_restore, task_labels_with_at((key), (value), HERE))

// The caller's value for the key, "" for a plain label. NULL: it has no such label.
const char *task_label_value(const char *key);

// All of the caller's labels in the order of their keys: "job=3, urgent". "" when it has none.
const char *task_labels(void);

// A set of labels, NULL: none. Belongs to the run.
struct labels;
const struct labels *task_labels_with_at(const char *key, const char *value, site *at);
void task_labels_restore_at(const struct labels *labels, site *at);
DEFERRABLE(task_labels_restore, const struct labels *)
