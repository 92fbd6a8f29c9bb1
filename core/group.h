// group: tasks that do one job together, golang.org/x/sync/errgroup. The zero value is ready to use;
// it may not be copied.
//
//     GROUP_TASK(fetch, ctx *ctx; const char *url; reply *into;) {
//         return get(a->ctx, a->url, a->into);
//     }
//     ...
//     group g = {0};
//     ctx *ctx = group_with_ctx(&g, parent);
//     for (int i = 0; i < n; i++)
//         group_go(&g, fetch, .ctx = ctx, .url = urls[i], .into = &replies[i]);
//     err first = group_wait(&g);
//
// The first task that returns an error decides what group_wait returns, and ends the context, so
// that the others can stop early.
#pragma once

#include "core/base.h"
#include "core/ctx.h"
#include "core/task.h"
#include "core/wait.h"

typedef struct group {
    struct object object;
    ctx *ctx;                  // ended by the first error and by wait, NULL: none
    err first;                 // the first error, OK: none so far
    uint32_t active;           // tasks that have not returned
    uint32_t room;             // how many may be active, + 1; 0: any number
    bool waited;               // a wait has returned: the group is over
    struct wait_list starters; // tasks that wait for room, oldest first
    struct wait_list waiters;  // tasks in group_wait
    char *slots;               // ThreadSanitizer: a cell for each place in `room`, used in turn
    uint32_t taken, left;      // ... the next to take, the next to leave
} group;

// Its place before the arguments of a task of a group.
struct group_call {
    group *group;
};

// Declares a task's arguments and function, as TASK does. The function returns an err.
#define GROUP_TASK(name, ...)                                                                      \
    struct name##_args {                                                                           \
        __VA_ARGS__                                                                                \
    };                                                                                             \
    struct name##_call {                                                                           \
        struct group_call call;                                                                    \
        struct name##_args args;                                                                   \
    };                                                                                             \
    static err name(struct name##_args *a);                                                        \
    __attribute__((unused)) static void name##_task(void *call) {                                  \
        static site here_ = {__FILE__, #name, "", __LINE__, 0};                                    \
        struct name##_call *call_ = call;                                                          \
        defer_at(group_leave, leave_, &here_, call_->call.group);                                  \
        group_return_at(&call_->call, name(&call_->args), &here_);                                 \
    }                                                                                              \
    static err name(__attribute__((unused)) struct name##_args *a)

// Starts a task in the group. Parks while as many are active as the limit allows. After a wait has
// returned it is `misuse`: nobody may be waiting for that task.
#define group_go(g, name, ...)                                                                     \
    group_go_at((g), name##_task, #name, &(struct name##_call){.args = {__VA_ARGS__}}.call,        \
                sizeof(struct name##_call), HERE_OF(g))
void group_go_at(group *g, task_fn *fn, const char *name, struct group_call *call, size_t size,
                 site *at);

// The same if it need not park. True: started.
#define group_try_go(g, name, ...)                                                                 \
    group_try_go_at((g), name##_task, #name, &(struct name##_call){.args = {__VA_ARGS__}}.call,    \
                    sizeof(struct name##_call), HERE_OF(g))
bool group_try_go_at(group *g, task_fn *fn, const char *name, struct group_call *call, size_t size,
                     site *at);

// Parks until every task of the group has returned; then ends its context. Returns the first error
// that one of them returned, OK when there was none.
#define group_wait(g) group_wait_at((g), HERE_OF(g))
err group_wait_at(group *g, site *at);

// Gives the group a context, a child of `parent`: ended by the first error, which is its cause, or
// when wait returns. Before the first task.
#define group_with_ctx(g, parent) group_with_ctx_at((g), (parent), HERE_OF(g))
ctx *group_with_ctx_at(group *g, ctx *parent, site *at);

// At most n tasks active at once; negative: any number; 0: none can be started. Panics "errgroup:
// modify limit while N goroutines in the group are still active"; Go notices that only where there
// was a limit before, and else hangs later.
#define group_set_limit(g, n) group_set_limit_at((g), (n), HERE_OF(g))
void group_set_limit_at(group *g, int32_t n, site *at);

// What a task of a group does when its function has returned, and when it ends in whatever way.
void group_return_at(struct group_call *call, err e, site *at);
void group_leave_at(group *g, site *at);
DEFERRABLE(group_leave, group *)
