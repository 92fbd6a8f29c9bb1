// said: what a program that is run_main of a root says, and its exit code.
#pragma once

#include "core/main.h"
#include "core/tests/world.h"

#include <sys/wait.h>
#include <unistd.h>

// What a child process that runs `root` said on stderr; its exit code, or minus the signal.
static const char *said_by(task_fn *root, int *code) {
    static char said[4000];
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]), close(fds[1]);
        _exit(run_main(root, "argument"));
    }
    close(fds[1]);
    size_t size = 0;
    for (ssize_t n; (n = read(fds[0], said + size, sizeof said - 1 - size)) > 0;)
        size += (size_t)n;
    said[size] = 0;
    close(fds[0]);
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return said;
}

static bool lines_are(const char *text, const char *const *starts, size_t count) {
    for (size_t i = 0; i < count; i++, text = strchr(text, '\n') ? strchr(text, '\n') + 1 : "")
        if (strncmp(text, starts[i], strlen(starts[i])) != 0)
            return false;
    return !*text;
}

// The exit code, and how each line begins; none: nothing is said.
#define SAYS(root, expected, ...)                                                                  \
    do {                                                                                           \
        const char *const lines[] = {"" __VA_ARGS__};                                              \
        int code;                                                                                  \
        const char *said = said_by(root, &code);                                                   \
        cr_assert_eq(code, expected, "%d: %s", code, said);                                        \
        cr_assert(lines_are(said, lines, lines[0][0] ? sizeof lines / sizeof *lines : 0), "%s",    \
                  said);                                                                           \
    } while (0)
