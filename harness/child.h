// child: a runner process under way, and what the parent may know of it at any moment.
//
// The parent maps the same memory as the runner, starts it in its own process group with limits, a
// temporary folder and no file descriptor but that memory, and never waits for it without a bound.
#pragma once

#include "harness/catalogue.h"
#include "harness/schedule.h"
#include "harness/shared.h"

struct child;

// Where a child is.
enum child_state {
    CHILD_RUNNING,
    CHILD_FINISHED, // did its job and said so
    CHILD_FAILED,   // see child_error
};

// Which runner, and which objects it loads.
enum engine {
    ENGINE_PLAIN,
    ENGINE_HOOKS, // judges races by our own runtime (harness/hooks)
    ENGINE_TSAN,  // ... by ThreadSanitizer's. Both load the objects that are instrumented for it
    ENGINES,
};

enum { CHILD_EVENTS = 1 << 17 }; // room in a log, unless said otherwise

// What to run, apart from the job itself.
struct child_config {
    const struct scenario_info *scenario;
    const struct variant *variant;
    enum engine engine;
    uint32_t log_events; // room in the log; 0: CHILD_EVENTS
    int64_t patience;    // ns of its CPU time without a sign of life before it is killed; 0: 3 s
    bool live;           // no bound on the whole time
    bool doubted;        // signs of life alone do not keep it from being killed (child_run_over)
    const struct search *search; // EXPLORE: where the search stands; copied, and gone on with
    const char *runner; // another program in place of the runner, for tests; NULL: the runner
};

// Starts it. NULL: `why` (at least 300 bytes) says why not.
struct child *child_start(const struct child_config *config, const struct job *job, char *why);

// Looks after it: reaps, enforces limits. Never blocks.
enum child_state child_poll(struct child *c);

// Blocks until it has ended or `ns` of real time passed.
enum child_state child_wait(struct child *c, int64_t ns);

// One that is doubted may take 40 times its patience of CPU time for a run, and sleep for 4 times its patience in
// all. Call child_run_over when it has finished a run, as the parent itself knows, and child_excuse when the parent
// has just kept it waiting.
void child_run_over(struct child *c);
void child_excuse(struct child *c);

// Ends it now, at any state: SIGTERM to the group, 200 ms, SIGKILL.
void child_kill(struct child *c);

// The memory it shares. Valid until child_free.
const struct shared *child_shared(const struct child *c);
struct shared *child_shared_mutable(struct child *c);

// FAILED: one of the ERROR verdicts, and in words what happened, where, what to do.
unsigned child_error(const struct child *c, char *out, size_t size);

// FAILED because nothing happened any more. If a task was busy then, the log has an end all the
// same, which says so (hang.h), and may be judged like another.
bool child_hung(const struct child *c);

// Resident bytes now, 0: unknown.
size_t child_resident(const struct child *c);

// Kills it if need be, removes its folder, unmaps.
void child_free(struct child *c);
