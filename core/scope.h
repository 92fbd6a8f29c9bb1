// scope: tasks that cannot outlive the block that started them. Structured concurrency.
//
//     SCOPE_TASK(fetch, const char *url; page *into;) {
//         return get(a->ctx, a->url, a->into);
//     }
//
//     err fetch_all(ctx *parent, const char **urls, page *pages, int n) {
//         SCOPE(s, parent);
//         for (int i = 0; i < n; i++)
//             scope_go(s, fetch, .url = urls[i], .into = &pages[i]);
//         return scope_wait(s);
//     }
//
// A scope owns the tasks that are started in it, and a context, which each of them finds in a->ctx.
//
//   - scope_wait is the way out when all goes well: it waits for all tasks and returns the first
//     error that one of them returned.
//   - Leaving the block in any other way (its end, return, break, goto, panic, goexit) cancels the
//     context and waits for all tasks. So no way leads out of the block past a task: there is
//     nothing to leak.
//   - The first task that returns an error cancels the others; so does one that panics, and its
//     panic goes on in the task that waits, or leaves. A goexit ends its own task alone.
//   - A scope within a task, whose parent is a->ctx, ends when the outer one does.
//
// Cancelling is asking: a task that does not heed its context keeps its scope waiting, and that is a
// `deadlock` which names it, not a leak.
//
// Taken from others: from Trio's nurseries, that the block waits for its tasks, the first failure
// cancels the rest and surfaces where they are joined, and who was cancelled on request has not
// failed; from libdill's bundles, that leaving is cancelling, and the scope ends with a variable;
// from Kotlin's coroutineScope, that tasks are born with the context of their scope.
// Rejected: waiting silently at the end of the block, as Trio and Kotlin do (C has no exceptions, so
// the errors of the tasks would go unseen; here the wait is a call with a result, and a block left
// without it means that its tasks are not wanted any more); cancelling by making the next blocking
// call fail, as libdill and Trio do (Go's functions are told by their context); a block made of a
// hidden loop (break and continue would mean something else in it); tasks that a scope does not
// wait for (that is `go`).
#pragma once

#include "core/base.h"
#include "core/ctx.h"
#include "core/panic.h"
#include "core/task.h"

typedef struct scope scope;

// Opens a scope whose context is a child of `parent`, to the end of the enclosing block. Declares
// `name`, a scope *. Tasks may be handed it, to start others beside them.
#define SCOPE(name, parent) SCOPE_(name, scope_open_at((parent), HERE_OF(name)))

// The same with a deadline `ns` from now, or at a time of the run's clock: then its context ends
// with ERR_DEADLINE. Tasks that heed that return it, and so does scope_wait.
#define SCOPE_TIMEOUT(name, parent, ns)                                                            \
    SCOPE_(name, scope_open_timeout_at((parent), (ns), HERE_OF(name)))
#define SCOPE_DEADLINE(name, parent, when)                                                         \
    SCOPE_(name, scope_open_deadline_at((parent), (when), HERE_OF(name)))

#define SCOPE_(name, opened)                                                                       \
    scope *const name = (opened);                                                                  \
    defer_at(scope_leave, name##_is_left_, HERE_OF(name), name)

scope *scope_open_at(ctx *parent, site *at);
scope *scope_open_timeout_at(ctx *parent, int64_t ns, site *at);
scope *scope_open_deadline_at(ctx *parent, int64_t when, site *at);

// Its place before the arguments of a task of a scope.
struct scope_call {
    scope *scope;
    site *at;   // of the task's function
    err result; // what it returned
};

// Declares a task's arguments and function, as TASK does. The function returns an err; its arguments
// begin with a->scope and a->ctx.
#define SCOPE_TASK(name, ...)                                                                      \
    struct name##_args {                                                                           \
        scope *scope;                                                                              \
        ctx *ctx;                                                                                  \
        __VA_ARGS__                                                                                \
    };                                                                                             \
    struct name##_call {                                                                           \
        struct scope_call call;                                                                    \
        struct name##_args args;                                                                   \
    };                                                                                             \
    static err name(struct name##_args *a);                                                        \
    __attribute__((unused)) static void name##_task(void *call) {                                  \
        static site site_ = {__FILE__, #name, "", __LINE__, 0};                                    \
        struct name##_call *call_ = call;                                                          \
        call_->call.at = &site_;                                                                   \
        deferring();                                                                               \
        defer_at(scope_return, return_, HERE, &call_->call);                                       \
        call_->call.result = name(&call_->args);                                                   \
    }                                                                                              \
    static err name(__attribute__((unused)) struct name##_args *a)

// Starts a task in the scope; never blocks. Once the scope is left (a wait or the leaving has
// returned) it is `misuse`, and the task is not started: nobody would wait for it.
#define scope_go(s, name, ...)                                                                     \
    ({                                                                                             \
        scope *const scope_ = (s);                                                                 \
        scope_go_at(scope_, name##_task, #name,                                                    \
                    &(struct name##_call){                                                         \
                        .args = {.scope = scope_, .ctx = scope_ctx(scope_), __VA_ARGS__}}          \
                         .call,                                                                    \
                    sizeof(struct name##_call), HERE_OF(s));                                       \
    })
void scope_go_at(scope *s, task_fn *fn, const char *name, struct scope_call *call, size_t size,
                 site *at);

// Parks until every task of the scope has ended; then the scope is left, and its context ended.
// Returns the first error that a task returned, OK when there was none. Panics with what a task
// panicked with. Again: the same error at once.
#define scope_wait(s) scope_wait_at((s), HERE_OF(s))
err scope_wait_at(scope *s, site *at);

// Ends the context of the scope, because its tasks are not wanted any more: when they return
// ERR_CANCELED now, that is no error. Never parks; scope_wait still waits for them.
#define scope_cancel(s) scope_cancel_at((s), HERE_OF(s))
void scope_cancel_at(scope *s, site *at);

// The context of the scope: for work that the block does itself, beside its tasks.
ctx *scope_ctx(scope *s);

// What the end of the block does, and the end of a task.
void scope_leave_at(scope *s, site *at);
DEFERRABLE(scope_leave, scope *)
void scope_return_at(struct scope_call *call, site *at);
DEFERRABLE(scope_return, struct scope_call *)
