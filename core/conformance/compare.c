// compare: whether the rules do in Go what they do here.
//
// A run of a rule in Go is a process: what it says comes by file 3, what the runtime says of its end by
// standard error. There the runtime's own clock (-tags faketime) puts a header before each write: a
// mark of 4 bytes, the time in 8 and the length in 4.
//
// Rejected: doing this in Go (its libraries would have to be built a second time, without that clock).
#include "core/conformance/compare.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEARCHES = 50, TEXT = 1 << 16 };
enum { PATIENCE = 30 * 1000 }; // ms for one run

static char said[TEXT], errors[TEXT]; // of the last run
static char outcome[TEXT];
static int number, failures; // tests so far
static int times;            // each is tried, on one processor and on several

// --- running a rule in Go -----------------------------------------------------------------------------

// Zeros, for one who maps it instead of writing to it.
static int file_in_memory(off_t size) {
    int fd = memfd_create("outcome", 0);
    if (fd < 0 || ftruncate(fd, size)) {
        printf("Bail out! no file in memory\n");
        exit(1);
    }
    return fd;
}

// Up to the last byte that is not zero.
static size_t read_all(int fd, char *text) {
    ssize_t n = pread(fd, text, TEXT - 1, 0);
    while (n > 0 && !text[n - 1])
        n--;
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

static _Noreturn void become(const char *program, const char *rule, int said_to, int errors_to) {
    dup2(errors_to, 2);
    dup2(said_to, 3);
    execl(program, program, rule, (char *)NULL);
    _exit(127);
}

// Returns the exit status, -1: killed, as is one that has not ended in time.
static int wait_for(pid_t child) {
    struct pollfd end = {.fd = pidfd_open(child, 0), .events = POLLIN};
    int status;
    if (end.fd < 0) {
        printf("Bail out! no way to wait for a process with a limit: %s\n", strerror(errno));
        exit(1);
    }
    if (poll(&end, 1, PATIENCE) == 0)
        kill(child, SIGKILL);
    close(end.fd);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Takes the headers away, and with them all zeros.
static void drop_headers(char *text, size_t length) {
    static const char mark[4] = "\0\0PB";
    char *to = text;
    for (size_t i = 0; i < length;) {
        if (length - i >= 16 && !memcmp(text + i, mark, 4))
            i += 16;
        else
            *to++ = text[i++];
    }
    *to = '\0';
}

static int run_in_go(const char *program, const char *rule, const char *processors) {
    int said_to = file_in_memory(TEXT), errors_to = file_in_memory(0);
    setenv("GOMAXPROCS", processors, 1);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        become(program, rule, said_to, errors_to);
    int status = wait_for(child);
    read_all(said_to, said);
    drop_headers(errors, read_all(errors_to, errors));
    return status;
}

// --- its outcome --------------------------------------------------------------------------------------

__attribute__((format(printf, 1, 2))) static void outcome_add(const char *format, ...) {
    size_t used = strlen(outcome);
    va_list args;
    va_start(args, format);
    vsnprintf(outcome + used, sizeof outcome - used, format, args);
    va_end(args);
}

// Where "goroutine 1 [chan receive]:" says what the root waits for. Go 1.23 has no words of its own for
// a wait group.
static void add_wait_reason(void) {
    const char *root = strstr(errors, "\ngoroutine 1 ");
    const char *reason = root ? strchr(root, '[') : NULL;
    if (!reason)
        outcome_add("deadlock\n");
    else if (!strncmp(reason, "[semacquire", 11))
        outcome_add("deadlock: sync.WaitGroup.Wait\n");
    else
        outcome_add("deadlock: %.*s\n", (int)strcspn(reason + 1, ",]\n"), reason + 1);
}

static const char *earlier(const char *one, const char *other) {
    return one && (!other || one < other) ? one : other;
}

// The sentence of the panic or fatal error that ended the program, NULL: there is none.
static const char *last_words(void) {
    return earlier(strstr(errors, "panic: "), strstr(errors, "fatal error: "));
}

static bool begins_with(const char *text, const char *start) {
    return !strncmp(text, start, strlen(start));
}

// Up to the stacks: those of the goroutines, or the one that a single flight puts into its panic.
static int sentence_length(const char *words) {
    const char *stacks = earlier(strstr(words, "\n\ngoroutine "),
                                 strstr(words, "\n\t\n\truntime/debug.Stack()"));
    return stacks ? (int)(stacks - words) : -1;
}

// What the runtime said at the end, in our words.
static void add_end(void) {
    const char *words = last_words();
    if (!words)
        outcome_add("%s", errors);
    else if (begins_with(words, "fatal error: all goroutines are asleep"))
        add_wait_reason();
    else if (begins_with(words, "fatal error: no goroutines (main called runtime.Goexit)"))
        outcome_add("deadlock: the root has exited\n");
    else
        outcome_add("%.*s\n", sentence_length(words), words);
}

// --- verdicts, as TAP -----------------------------------------------------------------------------------

static void print_comment(const char *what, const char *text) {
    printf("# %s:\n", what);
    while (*text) {
        size_t length = strcspn(text, "\n");
        printf("#   | %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void verdict(bool holds, const char *name, const char *what) {
    failures += !holds;
    printf("%s %d - %s%s\n", holds ? "ok" : "not ok", ++number, name, what);
}

static void unavailable(const char *what, const char *why) {
    printf("ok %d - %s # SKIP unavailable: %s\n", ++number, what, why);
}

// --- the comparisons ------------------------------------------------------------------------------------

static bool same_outcome(const struct rule *r, const char *program, const char *processors) {
    const char *expected = r->go ? r->go : r->expected;
    for (int i = 0; i < times; i++) {
        int status = run_in_go(program, r->name, processors);
        outcome[0] = '\0';
        outcome_add("%s", said);
        add_end();
        if (outcome_index(expected, outcome) >= 0)
            continue;
        verdict(false, r->name, "");
        printf("# on %s processors, exit status %d\n", processors, status);
        print_comment("expected", expected);
        print_comment("was", outcome);
        print_comment("standard error", errors);
        return false;
    }
    return true;
}

static bool race_reported(void) {
    return strstr(errors, "WARNING: DATA RACE");
}

static void orders_in_go(const struct rule *r, const char *program) {
    for (int i = 0; i < times; i++) {
        run_in_go(program, r->name, "4");
        if (!race_reported())
            continue;
        verdict(false, r->name, ": no race");
        print_comment("standard error", errors);
        return;
    }
    verdict(true, r->name, ": no race");
}

// A race is reported where the two accesses happened to meet, so not each time.
static void races_in_go(const struct rule *r, const char *program) {
    bool seen = false;
    for (int i = 0; i < SEARCHES && !seen; i++) {
        run_in_go(program, r->name, "4");
        seen = race_reported();
    }
    verdict(seen, r->name, ": a race");
}

static bool in_go(const struct rule *r, bool x_sync) {
    return !r->broken && (!r->differs || r->go) && (x_sync || !r->x_sync);
}

// Every rule that Go has is one here, too.
static void nothing_else_in_go(struct rule *first, const char *program, bool x_sync) {
    bool same = run_in_go(program, "--list", "1") == 0;
    for (char *name = strtok(said, "\n"); name; name = strtok(NULL, "\n")) {
        const struct rule *r = first;
        while (r && (strcmp(r->name, name) || !in_go(r, x_sync)))
            r = r->next;
        if (!r)
            printf("# only in Go: %s\n", name);
        same &= r != NULL;
    }
    verdict(same, "Go has no rule that is not here", "");
}

int compare_with_go(struct rule *first, const char *program, const char *racing, bool x_sync) {
    const char *thorough = getenv("UNSTUCK_LONG");
    times = thorough && *thorough ? 20 : 1;
    nothing_else_in_go(first, program, x_sync);
    for (const struct rule *r = first; r; r = r->next)
        if (in_go(r, x_sync) && same_outcome(r, program, "1") && same_outcome(r, program, "4"))
            verdict(true, r->name, "");
    if (!x_sync)
        unavailable("groups, semaphores and single flights",
                    "no golang.org/x/sync (Debian: golang-golang-x-sync-dev)");
    bool has_detector = access(racing, X_OK) == 0;
    if (!has_detector)
        unavailable("races", "this Go cannot build with -race");
    for (const struct rule *r = first; r && has_detector; r = r->next) {
        if (in_go(r, x_sync) && r->orders && !r->go_unaware)
            orders_in_go(r, racing);
        else if (in_go(r, x_sync) && (r->races || r->go_unaware))
            races_in_go(r, racing);
    }
    printf("1..%d\n", number);
    return failures;
}
