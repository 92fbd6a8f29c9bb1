// child: starts a runner, looks after it, and says in words how it ended.
//
// Invariants:
//   - nothing here waits without a bound; child_poll does not wait at all;
//   - the child leads its own process group, and before it is reaped the whole group is killed, so
//     no descendant survives it;
//   - what the parent needs to read the shared memory (size, capacity, ring) is kept on this side,
//     and memory where it was changed is never read again: that is `tampered`.
//
// A child that hangs is told from one that works by signs of life in the shared memory. Time without one is measured on
// the child's own CPU clock; a child that waits for something else than a CPU or a disk is given four times as long of
// real time, counted whenever it is looked at and found so. However busy the machine is, it kills nobody. In a grade
// such signs are not believed for ever: a run is bounded by its CPU time, and since no run ever sleeps, so is how often
// the child is found asleep. Then SIGXCPU tells it to say where it is, and end; once it has begun to say so, it is
// given some time for that.
//
// Rejected: RLIMIT_CPU as the only guard (whole seconds, and a sleeping child never meets it); a
// watchdog thread in the runner (it would be a thread in a process that must have one).
#include "harness/child.h"

#include "harness/clock.h"
#include "harness/hang.h"
#include "harness/judge.h"
#include "harness/launch.h"
#include "harness/seen.h"
#include "harness/text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    WHY = 300,
    TASKS = 10000,      // default tasks alive
    OUTPUT = 64 * 1024, // kept of what the process itself prints
};

static const int64_t PATIENCE = 3 * SECOND, TERM_GRACE = 200 * MILLISECOND, NAME_GRACE = 5 * SECOND,
                     LOOK_EVERY = 50 * MILLISECOND, IDLE_FACTOR = 4, RUN_FACTOR = 40;
static const size_t HEAP = (size_t)256 << 20, LIVE_HEAP = (size_t)2 << 30,
                    SANITIZED_RESIDENT = (size_t)4 << 30;

// Why the parent killed it.
enum kill_reason { KILL_NONE, KILL_ASKED, KILL_HANGS, KILL_MEMORY, KILL_TAMPERED };

struct child {
    struct shared *shared;
    size_t size;       // of the mapping
    uint32_t capacity; // of the log
    bool live, sanitized;
    int64_t patience;
    pid_t pid;
    int pidfd;           // -1: not supported here
    int output;          // read end of what it prints, -1: closed
    char text[OUTPUT];   // a ring of the last of it
    uint64_t text_bytes; // all it ever printed
    char *folder;        // its temporary folder
    enum child_state state;
    siginfo_t how; // once ended: how
    enum kill_reason kill_reason;
    int64_t term_at;   // real time of the SIGTERM, 0: not sent
    bool killed;       // SIGKILL was sent
    uint64_t life;     // the last sign of life
    int64_t life_cpu;  // the child's CPU time then
    int64_t idle;      // real ns that it waited since then, as far as was seen
    int64_t looked_at; // real time of the last look at its memory and its state
    bool doubted;      // what it says of itself is not all that counts:
    int64_t run_cpu;   // its CPU time at the end of its last run
    int64_t run_idle;  // real ns that it waited within runs, as far as was seen
    bool excused;      // not since the last look
};

static int64_t clock_ns(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t))
        return 0;
    return t.tv_sec * SECOND + t.tv_nsec;
}

// --- the shared memory --------------------------------------------------------------------------

static uint32_t power_of_two(uint32_t n) {
    uint32_t p = 64;
    while (p < n && p < UINT32_C(1) << 31)
        p *= 2;
    return p;
}

// Returns the memory's descriptor, -1: errno says why not.
static int shared_make(struct child *c) {
    int fd = memfd_create("unstuck", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    c->size = offsetof(struct shared, log) + event_log_size(c->capacity);
    if (!ftruncate(fd, (off_t)c->size) &&
        !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
        c->shared = mmap(NULL, c->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (c->shared != MAP_FAILED)
            return fd;
    }
    c->shared = NULL;
    int bad = errno;
    close(fd);
    errno = bad;
    return -1;
}

static void shared_fill(struct child *c, const struct child_config *config, const struct job *job) {
    struct shared *s = c->shared;
    s->magic = SHARED_MAGIC;
    s->size = c->size;
    s->job = *job;
    if (config->search) {
        search_copy(&s->search, config->search);
        s->search.policy = s->search.pct.policy = (struct policy){.pick = NULL}; // ours
    }
    event_log_init(&s->log, c->capacity, config->live);
}

// Whether what the parent relies on is still as it left it.
static bool shared_intact(const struct child *c) {
    const struct shared *s = c->shared;
    return s->magic == SHARED_MAGIC && s->size == c->size && s->log.magic == LOG_MAGIC &&
           s->log.capacity == c->capacity && s->log.ring == c->live;
}

static void shared_mend(struct child *c) {
    c->shared->log.magic = LOG_MAGIC;
    c->shared->log.capacity = c->capacity;
    c->shared->log.ring = c->live;
}

// --- starting -----------------------------------------------------------------------------------

static char *runner_path(const struct child_config *config) {
    if (config->runner)
        return text_copy(config->runner);
    static const char *const suffixes[ENGINES] = {"", "-hooks", "-tsan"};
    char *prefix = catalogue_prefix();
    char *path = text_format("%s/libexec/unstuck/unstuck-runner%s", prefix ? prefix : "",
                             suffixes[config->engine]);
    free(prefix);
    return path;
}

static char *folder_make(char *why) {
    const char *where = getenv("TMPDIR");
    char *path = text_format("%s/unstuck-XXXXXX", where && *where ? where : "/tmp");
    if (mkdtemp(path))
        return path;
    snprintf(why, WHY,
             "%.200s: cannot make a temporary folder: %s. Point TMPDIR at a folder that "
             "can be written.",
             path, strerror(errno));
    free(path);
    return NULL;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)type, (void)where;
    remove(path);
    return 0;
}

static void folder_remove(char *path) {
    if (path)
        nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}

static char *driver_of(const struct child_config *config) {
    const struct scenario_info *s = config->scenario;
    return config->engine == ENGINE_PLAIN ? s->driver : s->driver_tsan;
}

static char *object_of(const struct child_config *config) {
    const struct variant *v = config->variant;
    return config->engine == ENGINE_PLAIN ? v->object : v->tsan;
}

static bool is_sanitized(const struct child_config *config) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return true;
#endif
#endif
    return config->engine != ENGINE_PLAIN; // their tables are large, and hardly touched
}

static struct limits limits_of(const struct child_config *config, const struct job *job) {
    uint32_t tasks = (job->max_tasks ? job->max_tasks : TASKS) + 2000;
    size_t heap = job->limits.heap_quota ? job->limits.heap_quota : config->live ? LIVE_HEAP : HEAP;
    return limits_for_runner(is_sanitized(config), config->live, tasks, heap);
}

// Returns 0, or the errno of what failed.
static int start(struct child *c, const struct child_config *config, const struct job *job,
                 int memory, char *runner) {
    char *argv[] = {runner, (char[]){"--fd"}, (char[]){"3"}, driver_of(config), object_of(config),
                    NULL};
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), out[2];
    if (null < 0)
        return errno;
    int bad = pipe2(out, O_CLOEXEC | O_NONBLOCK) ? errno : 0;
    if (!bad) {
        fcntl(out[1], F_SETFL, 0); // the child writes as to any pipe
        bad = launch(&(struct launch){.argv = argv,
                                      .folder = c->folder,
                                      .input = null,
                                      .output = out[1],
                                      .memory = memory,
                                      .limits = limits_of(config, job)},
                     &c->pid);
        c->output = out[0];
        close(out[1]);
    }
    close(null);
    return bad;
}

static bool objects_there(const struct child_config *config, char *why) {
    if (driver_of(config) && object_of(config))
        return true;
    snprintf(why, WHY, "%.60s, %.100s: not built%s. Build again with ./unstuck.",
             config->scenario->name, config->variant->label,
             config->engine == ENGINE_PLAIN ? "" : " for the race checks");
    return false;
}

// Everything up to the running process. False: `why` says what failed.
static bool set_up(struct child *c, const struct child_config *config, const struct job *job,
                   char *why) {
    c->folder = folder_make(why);
    if (!c->folder)
        return false;
    int memory = shared_make(c);
    if (memory < 0) {
        snprintf(why, WHY, "cannot make %zu bytes of shared memory: %s. Free some memory.", c->size,
                 strerror(errno));
        return false;
    }
    shared_fill(c, config, job);
    char *runner = runner_path(config);
    int bad = start(c, config, job, memory, runner);
    if (bad)
        snprintf(why, WHY, "%.200s: cannot be started: %s.%s", runner, strerror(bad),
                 bad == ENOENT ? " Build again with ./unstuck." : "");
    free(runner);
    close(memory);
    return !bad;
}

struct child *child_start(const struct child_config *config, const struct job *job, char *why) {
    if (!objects_there(config, why))
        return NULL;
    struct child *c = zero_alloc(1, sizeof *c);
    c->live = config->live;
    c->doubted = config->doubted;
    c->sanitized = is_sanitized(config);
    c->patience = config->patience > 0 ? config->patience : PATIENCE;
    c->capacity = power_of_two(config->log_events ? config->log_events : CHILD_EVENTS);
    c->pidfd = c->output = -1;
    c->state = CHILD_FAILED; // as long as there is no process to look after
    if (!set_up(c, config, job, why)) {
        child_free(c);
        return NULL;
    }
    c->pidfd = pidfd_open(c->pid, 0);
    c->state = CHILD_RUNNING;
    c->looked_at = clock_now();
    return c;
}

// --- looking after it -----------------------------------------------------------------------------

// Keeps the last of what it printed, so that a child that floods its output is not blocked by it
// and fills nothing. A bounded amount each time: polling never takes long.
static void output_read(struct child *c) {
    char piece[4096];
    for (int i = 0; c->output >= 0 && i < 64; i++) {
        ssize_t n = read(c->output, piece, sizeof piece);
        if (n < 0)
            return;
        for (ssize_t k = 0; k < n; k++)
            c->text[c->text_bytes++ % OUTPUT] = piece[k];
        if (n == 0) {
            close(c->output);
            c->output = -1;
        }
    }
}

static void send_term(struct child *c, enum kill_reason reason) {
    if (c->term_at)
        return;
    c->kill_reason = reason;
    c->term_at = clock_now();
    kill(-c->pid, reason == KILL_HANGS ? SIGXCPU : SIGTERM);
}

static int64_t grace_of(const struct child *c) {
    bool naming = c->kill_reason == KILL_HANGS &&
                  atomic_load(&c->shared->hang.state) == HANG_NAMING;
    return naming ? NAME_GRACE : TERM_GRACE;
}

static void send_kill(struct child *c) {
    c->killed = true;
    kill(-c->pid, SIGKILL);
}

static uint64_t sign_of_life(const struct shared *s) {
    uint64_t steps = atomic_load_explicit(&s->log.steps, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&s->log.head, memory_order_relaxed);
    uint64_t state = atomic_load_explicit(&s->state, memory_order_relaxed);
    return ((steps * 31 + head) * 31 + s->search.explored) * 31 + state;
}

static int64_t cpu_time(const struct child *c) {
    clockid_t clock;
    return clock_getcpuclockid(c->pid, &clock) ? 0 : clock_ns(clock);
}

// Every limit is on what the child itself did, however busy the machine is: what it waits for a CPU counts nowhere.
static void watch_life(struct child *c) {
    uint64_t life = sign_of_life(c->shared);
    int64_t cpu = cpu_time(c);
    if (life != c->life) {
        c->life = life;
        c->life_cpu = cpu;
        c->idle = 0;
    }
    bool too_long = cpu - c->life_cpu > c->patience || c->idle > IDLE_FACTOR * c->patience;
    if (c->doubted)
        too_long |= cpu - c->run_cpu > RUN_FACTOR * c->patience ||
                    c->run_idle > IDLE_FACTOR * c->patience;
    if (too_long)
        send_term(c, KILL_HANGS);
}

// Whether it neither runs, nor waits for a CPU or for a disk: asleep, stopped.
static bool is_idle(const struct child *c) {
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)c->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, line, sizeof line - 1);
    close(fd);
    const char *name_end = n > 0 ? strrchr(line, ')') : NULL;
    return name_end && name_end[1] == ' ' && name_end[2] && !strchr("RD", name_end[2]);
}

static void watch_closely(struct child *c, int64_t now) {
    int64_t since = now - c->looked_at;
    if (since < LOOK_EVERY)
        return;
    c->looked_at = now;
    if (!c->excused && is_idle(c)) {
        int64_t seen = since < 2 * LOOK_EVERY ? since : 2 * LOOK_EVERY;
        c->idle += seen;
        if (atomic_load(&c->shared->state) == RUNNER_RUNNING)
            c->run_idle += seen;
    }
    c->excused = false;
    if (c->sanitized && child_resident(c) > SANITIZED_RESIDENT)
        send_term(c, KILL_MEMORY);
}

// Reaps it if it has ended. The rest of its group goes before its number can be used again.
static bool reap(struct child *c) {
    siginfo_t how = {0};
    if (waitid(P_PID, (id_t)c->pid, &how, WEXITED | WNOHANG | WNOWAIT) || how.si_pid == 0)
        return false;
    kill(-c->pid, SIGKILL);
    waitid(P_PID, (id_t)c->pid, &c->how, WEXITED);
    output_read(c);
    if (!shared_intact(c) && c->kill_reason != KILL_TAMPERED) {
        c->kill_reason = KILL_TAMPERED;
        shared_mend(c);
    }
    uint32_t state = atomic_load(&c->shared->state);
    if (c->kill_reason == KILL_HANGS && state == RUNNER_RUNNING)
        hang_end_log(&c->shared->log, c->capacity, &c->shared->hang);
    bool done = state == RUNNER_DONE;
    c->state = done && c->kill_reason == KILL_NONE ? CHILD_FINISHED : CHILD_FAILED;
    return true;
}

enum child_state child_poll(struct child *c) {
    if (c->state != CHILD_RUNNING)
        return c->state;
    output_read(c);
    if (reap(c))
        return c->state;
    int64_t now = clock_now();
    if (c->term_at) {
        if (!c->killed && now - c->term_at > grace_of(c))
            send_kill(c);
        return c->state;
    }
    if (!shared_intact(c)) {
        send_term(c, KILL_TAMPERED);
        shared_mend(c);
        return c->state;
    }
    watch_closely(c, now);
    watch_life(c);
    return c->state;
}

enum child_state child_wait(struct child *c, int64_t ns) {
    int64_t start_at = clock_now();
    for (;;) {
        enum child_state state = child_poll(c);
        int64_t left = ns - (clock_now() - start_at);
        if (state != CHILD_RUNNING || left <= 0)
            return state;
        struct pollfd watched[] = {{.fd = c->pidfd, .events = POLLIN},
                                   {.fd = c->output, .events = POLLIN}};
        int64_t look = c->pidfd < 0 || c->term_at ? 5 * MILLISECOND : LOOK_EVERY;
        poll(watched, 2, (int)((left < look ? left : look) / MILLISECOND) + 1);
    }
}

void child_run_over(struct child *c) {
    c->run_cpu = c->state == CHILD_RUNNING ? cpu_time(c) : 0;
}

void child_excuse(struct child *c) {
    c->excused = true;
}

void child_kill(struct child *c) {
    if (c->state != CHILD_RUNNING)
        return;
    send_term(c, KILL_ASKED);
    if (child_wait(c, TERM_GRACE) != CHILD_RUNNING)
        return;
    send_kill(c);
    child_wait(c, SECOND);
}

const struct shared *child_shared(const struct child *c) {
    return c->shared;
}

struct shared *child_shared_mutable(struct child *c) {
    return c->shared;
}

size_t child_resident(const struct child *c) {
    if (c->state != CHILD_RUNNING)
        return 0;
    char path[64], line[128] = "";
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)c->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, line, sizeof line - 1);
    close(fd);
    if (n <= 0 || sscanf(line, "%*u %llu", &pages) != 1)
        return 0;
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

// --- how it ended, in words ---------------------------------------------------------------------

// ", in worker (#1), last seen at exercise.c:11", as far as it is known. The log's last_site may be
// that of a task which ran before the one that was woken since.
static void say_whereabouts(const struct child *c, char *out, size_t size) {
    const event_log *log = &c->shared->log;
    struct seen s = {0};
    char who[80], place[64];
    uint32_t task = atomic_load_explicit(&log->current, memory_order_relaxed);
    uint32_t last = atomic_load_explicit(&log->last_site, memory_order_relaxed);
    seen_init(&s, log, 0);
    seen_fold(&s, UINT64_MAX);
    bool known = task < s.task_count;
    uint16_t at = known && s.tasks[task].at ? s.tasks[task].at : (uint16_t)last;
    seen_task_label(&s, task, who, sizeof who);
    seen_site_label(&s, at, place, sizeof place);
    snprintf(out, size, "%s%s%s%s", known ? ", in " : "", known ? who : "",
             *place ? ", last seen at " : "", place);
    seen_free(&s);
}

// The last line it printed, made harmless; "" when it printed nothing.
static void last_words(const struct child *c, char *out, size_t size) {
    char line[200];
    size_t length = 0;
    uint64_t end = c->text_bytes, start_at = end > OUTPUT ? end - OUTPUT : 0;
    while (end > start_at && c->text[(end - 1) % OUTPUT] == '\n')
        end--;
    uint64_t from = end;
    while (from > start_at && c->text[(from - 1) % OUTPUT] != '\n')
        from--;
    for (uint64_t i = from; i < end && length < sizeof line - 1; i++)
        line[length++] = c->text[i % OUTPUT];
    line[length] = 0;
    char *clean = text_clean(line);
    snprintf(out, size, "%s%.200s", *clean ? " It said: " : "", clean);
    free(clean);
}

static const char *signal_meaning(int number) {
    switch (number) {
    case SIGSEGV:
    case SIGBUS:
        return "it used memory that is not its own; look for a pointer that is NULL, freed or past "
               "the end";
    case SIGABRT:
        return "it gave itself up; look for an assertion or a double free";
    case SIGFPE:
        return "look for a division by zero";
    case SIGILL:
    case SIGTRAP:
        return "it ran into an instruction that is a trap; look for a function without a return";
    case SIGKILL:
        return "somebody else killed it, perhaps the system for want of memory";
    case SIGXFSZ:
        return "it wrote a file that is too large";
    default:
        return "it was ended from outside";
    }
}

static const char *overflow_advice(uint32_t kilobytes) {
    return kilobytes < 64
               ? "It was started with go_small: start it with go, or let it call only the core."
               : "Look for a recursion without an end or a large local array.";
}

static unsigned say_signal(const struct child *c, int number, char *out, size_t size) {
    const struct shared *s = c->shared;
    char where[200], words[260];
    const char *abbreviation = sigabbrev_np(number);
    say_whereabouts(c, where, sizeof where);
    last_words(c, words, sizeof words);
    if (number == SIGXCPU) {
        snprintf(out, size, "The process used up its CPU time%s. Look for a loop without an end.",
                 where);
        return VERDICT_TIMEOUT;
    }
    if (s->fault_name[0])
        snprintf(out, size, "task %.*s (#%" PRIu32 ") overflowed its %" PRIu32 " KB stack%s. %s",
                 (int)strnlen(s->fault_name, sizeof s->fault_name), s->fault_name, s->fault_task,
                 s->fault_kilobytes, where, overflow_advice(s->fault_kilobytes));
    else
        snprintf(out, size, "The process was killed by SIG%s%s: %s.%s",
                 abbreviation ? abbreviation : "?", where, signal_meaning(number), words);
    return VERDICT_CRASH;
}

static unsigned say_exit(const struct child *c, int status, char *out, size_t size) {
    char where[200], words[260];
    last_words(c, words, sizeof words);
    if (atomic_load(&c->shared->state) == RUNNER_STARTING) {
        snprintf(out, size, "The runner ended with status %d before it could load anything.%s",
                 status, words);
        return VERDICT_ENVIRONMENT;
    }
    say_whereabouts(c, where, sizeof where);
    snprintf(out, size,
             "The process ended with status %d before the run was over%s. Do not call exit() or "
             "_exit(): return instead.%s",
             status, where, words);
    return VERDICT_ENDED_EARLY;
}

// A task that was busy is named with its line; who was not, where it was last.
static void say_hang(const struct child *c, const char *where, char *out, size_t size) {
    struct seen s = {0};
    char who[80], place[64];
    seen_init(&s, &c->shared->log, 0);
    seen_fold(&s, UINT64_MAX);
    bool known = s.hung < s.task_count;
    if (known)
        seen_site_label(&s, s.tasks[s.hung].at, place, sizeof place);
    if (known && atomic_load(&c->shared->hang.state) == HANG_NAMED && c->shared->hang.line > 0)
        snprintf(out, size, "%s is busy at %s and never calls the core again.",
                 seen_task_label(&s, s.hung, who, sizeof who), place);
    else
        snprintf(out, size, "Nothing happened for too long%s.", where);
    seen_free(&s);
    size_t used = strlen(out);
    snprintf(out + used, size - used,
             " Look for a loop that never calls the core, or a system call that waits.");
}

static unsigned say_killed(const struct child *c, char *out, size_t size) {
    char where[200];
    say_whereabouts(c, where, sizeof where);
    switch (c->kill_reason) {
    case KILL_HANGS:
        say_hang(c, where, out, size);
        return VERDICT_TIMEOUT;
    case KILL_MEMORY:
        snprintf(out, size, "The process used more than %zu GB of memory%s and was killed.",
                 SANITIZED_RESIDENT >> 30, where);
        return VERDICT_CRASH;
    case KILL_TAMPERED:
        snprintf(out, size,
                 "The process changed the memory it reports in, which the core never "
                 "does. Look for a pointer that runs wild.");
        return VERDICT_TAMPERED;
    case KILL_ASKED:
    case KILL_NONE:
        break;
    }
    snprintf(out, size, "The run was stopped before its end.");
    return VERDICT_ENDED_EARLY;
}

unsigned child_error(const struct child *c, char *out, size_t size) {
    const struct shared *s = c->shared;
    snprintf(out, size, "%s", "");
    if (c->state != CHILD_FAILED)
        return 0;
    if (c->kill_reason != KILL_NONE)
        return say_killed(c, out, size);
    if (atomic_load(&s->state) == RUNNER_REFUSED) {
        snprintf(out, size, "%.*s", (int)strnlen(s->refusal, sizeof s->refusal), s->refusal);
        if (s->refused_store)
            return VERDICT_TAMPERED;
        return s->refused_source ? VERDICT_BUILD : VERDICT_ENVIRONMENT;
    }
    if (c->how.si_code == CLD_EXITED)
        return say_exit(c, c->how.si_status, out, size);
    return say_signal(c, c->how.si_status, out, size);
}

bool child_hung(const struct child *c) {
    return c->state == CHILD_FAILED && c->kill_reason == KILL_HANGS;
}

void child_free(struct child *c) {
    if (!c)
        return;
    child_kill(c);
    if (c->output >= 0)
        close(c->output);
    if (c->pidfd >= 0)
        close(c->pidfd);
    if (c->shared)
        munmap(c->shared, c->size);
    folder_remove(c->folder);
    free(c);
}
