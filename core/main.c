// main: a live run in a log of its own, and what is to be said when it is over.
//
// Invariants: whatever is said is said while the tasks are still there to be shown. What was set up
// for the process (the handlers of faults) is as it was when run_main returns.
//
// Rejected: ending all tasks when the root returns, as Go does (who is left behind then is what this
// library is there to show); a log with room for all that happens (a server runs for months: it is a
// ring, of which only the last record is read).
#include "core/main.h"

#include "core/inspect.h"
#include "core/internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS = 1 << 12, CLEAN = 0, LEFT = 1, BROKEN = 2, FAULT_STACK = 1 << 16, SHOWN = 1000 };

struct outcome {
    uint32_t left; // tasks that can never run again, daemons apart
    bool root;     // ... and the root is one
    int code;      // what run_main returns
};

struct fault_watch {
    struct sigaction segv, bus; // the handlers before
    stack_t stack;              // the stack for handlers before
};

// --- a stack that overflows -----------------------------------------------------------------------

static struct fault_watch before;

static void say(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; // nobody can be told
}

static void say_number(uint32_t n) {
    char digits[11] = {0}, *first = digits + sizeof digits - 1;
    do
        *--first = (char)('0' + n % 10);
    while (n /= 10);
    say(first);
}

// Only what is async-signal-safe. The fault then happens again, under the handler there was before.
static void on_fault(int number, siginfo_t *info, void *context) {
    (void)number, (void)context;
    const char *name;
    uint32_t task, kilobytes;
    if (stack_fault(info->si_addr, &name, &task, &kilobytes)) {
        say("fatal error: stack overflow\n\tin task ");
        say_number(task);
        say(" (");
        say(name);
        say(")\n");
    }
    sigaction(SIGSEGV, &before.segv, NULL);
    sigaction(SIGBUS, &before.bus, NULL);
}

static void faults_watch(void) {
    static char room[FAULT_STACK];
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&(stack_t){.ss_sp = room, .ss_size = sizeof room}, &before.stack);
    sigaction(SIGSEGV, &action, &before.segv);
    sigaction(SIGBUS, &action, &before.bus);
}

static void faults_leave(void) {
    sigaction(SIGSEGV, &before.segv, NULL);
    sigaction(SIGBUS, &before.bus, NULL);
    sigaltstack(&before.stack, NULL);
}

// --- what is said at the end ----------------------------------------------------------------------

static bool count_left(const task_info *t, void *user) {
    struct outcome *o = user;
    if (!t->daemon)
        o->left++;
    if (t->number == 0)
        o->root = true;
    return true;
}

// Where a run ended by a panic, that is its last record but END.
static void print_panic(const event_log *log) {
    const event *e = &log->events[(log->head - 2) & (log->capacity - 1)];
    log_site at = event_log_site(log, e->site);
    fprintf(stderr, "panic: %s\n", event_log_string(log, (uint32_t)e->value));
    fprintf(stderr, "\tin task %u, at %s:%u\n\n", e->task, event_log_string(log, at.file), at.line);
}

// A line each; of very many, how many wait for what.
static void print_tasks(void) {
    if (run.alive <= SHOWN) {
        inspect_print(stderr);
        return;
    }
    fprintf(stderr, "%u tasks are there; of those that wait:\n", run.alive);
    for (int reason = WAIT_NONE + 1; reason < WAIT_REASON_COUNT; reason++)
        if (run.log->waiting[reason])
            fprintf(stderr, "%9u  %s\n", run.log->waiting[reason], wait_reason_text(reason));
}

static void report(enum run_end end, void *user) {
    struct outcome *o = user;
    inspect_tasks(count_left, o);
    o->code = end == RUN_PANICKED || o->root ? BROKEN : o->left ? LEFT : CLEAN;
    if (end == RUN_PANICKED)
        print_panic(run.log);
    else if (o->root)
        fputs("fatal error: all tasks are asleep - deadlock!\n\n", stderr);
    else if (o->left)
        fprintf(stderr, "%u tasks can never run again\n\n", o->left);
    if (o->code != CLEAN)
        print_tasks();
}

// --- public ---------------------------------------------------------------------------------------

int run_main(task_fn *root, void *arg) {
    struct outcome outcome = {.code = BROKEN};
    struct run_config config = {
        .clock = CLOCK_WALL,
        .max_tasks = STACKS_MAX - 1,
        .max_steps = UINT64_MAX,
        .grace_steps = UINT64_MAX,
        .heap_quota = (size_t)16 << 30,
        .ended = report,
        .user = &outcome,
        .log = calloc(1, event_log_size(EVENTS)),
    };
    if (!config.log) {
        fputs("out of memory: no room for the run's log\n", stderr);
        return BROKEN;
    }
    event_log_init(config.log, EVENTS, true);
    faults_watch();
    run_world(&config, root, arg);
    faults_leave();
    free(config.log);
    return outcome.code;
}
