// shim: what an exercise calls libc for. Its objects are linked with --wrap for each of these
// names, so calls arrive here: memory is the run's, output goes into the log, in its place among
// the events, and nothing ends the process quietly.
#include "harness/runner/runner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 2048 };

#pragma GCC visibility push(default) // exercises are linked against these
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
int __wrap_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int __wrap_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
int __wrap_fprintf(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_vfprintf(FILE *f, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
int __wrap_puts(const char *s);
int __wrap_putchar(int c);
int __wrap_putc(int c, FILE *f);
int __wrap_fputc(int c, FILE *f);
int __wrap_fputs(const char *s, FILE *f);
size_t __wrap_fwrite(const void *p, size_t size, size_t count, FILE *f);
void __wrap_perror(const char *s);
int __wrap_fflush(FILE *f);
void __wrap_task_start_daemon_at(task_fn *fn, const char *name, const void *args, size_t size,
                                 site *at);
void __wrap_task_daemon_at(site *at);
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap_abort(void);
#pragma GCC visibility pop

// --- memory -------------------------------------------------------------------------------------

#define CALLER __builtin_return_address(0)

void *__wrap_malloc(size_t size) {
    return alloc_seen(run_alloc(size), size, CALLER);
}

void *__wrap_calloc(size_t count, size_t size) {
    return alloc_seen(run_calloc(count, size), count * size, CALLER);
}

void *__wrap_realloc(void *p, size_t size) {
    return alloc_seen(run_realloc(p, size), size, CALLER);
}

void __wrap_free(void *p) {
    run_free(p);
}

char *__wrap_strdup(const char *s) {
    return alloc_seen(run_strdup(s), strlen(s) + 1, CALLER);
}

char *__wrap_strndup(const char *s, size_t n) {
    size_t length = strnlen(s, n);
    char *copy = run_alloc(length + 1);
    memcpy(copy, s, length);
    return alloc_seen(copy, length + 1, CALLER);
}

// --- output -------------------------------------------------------------------------------------

static int stream_of(FILE *f) {
    if (f == stdout)
        return 1;
    if (f == stderr)
        return 2;
    panic("an exercise may print to stdout and stderr only, not to files");
}

int __wrap_vfprintf(FILE *f, const char *format, va_list args) {
    char line[LINE];
    int stream = stream_of(f);
    int n = vsnprintf(line, sizeof line, format, args);
    if (n > 0)
        note_print(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1, stream, NULL);
    return n;
}

int __wrap_vprintf(const char *format, va_list args) {
    return __wrap_vfprintf(stdout, format, args);
}

int __wrap_printf(const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = __wrap_vfprintf(stdout, format, args);
    va_end(args);
    return n;
}

int __wrap_fprintf(FILE *f, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = __wrap_vfprintf(f, format, args);
    va_end(args);
    return n;
}

int __wrap_puts(const char *s) {
    return __wrap_fprintf(stdout, "%s\n", s);
}

int __wrap_fputs(const char *s, FILE *f) {
    note_print(s, strlen(s), stream_of(f), NULL);
    return 1;
}

int __wrap_fputc(int c, FILE *f) {
    char text = (char)c;
    note_print(&text, 1, stream_of(f), NULL);
    return (unsigned char)c;
}

int __wrap_putc(int c, FILE *f) {
    return __wrap_fputc(c, f);
}

int __wrap_putchar(int c) {
    return __wrap_fputc(c, stdout);
}

size_t __wrap_fwrite(const void *p, size_t size, size_t count, FILE *f) {
    note_print(p, size * count, stream_of(f), NULL);
    return count;
}

void __wrap_perror(const char *s) {
    __wrap_fprintf(stderr, "%s\n", s && *s ? s : "error");
}

int __wrap_fflush(FILE *f) {
    (void)f;
    return 0;
}

// --- daemons --------------------------------------------------------------------------------------

// A leak that calls itself a daemon is a leak all the same.
static const char no_daemons[] =
    "only the environment has daemons: a task of an exercise must come to its end";

void __wrap_task_start_daemon_at(task_fn *fn, const char *name, const void *args, size_t size,
                                 site *at) {
    misuse_at(at, no_daemons);
    task_start_at(fn, name, args, size, at);
}

void __wrap_task_daemon_at(site *at) {
    misuse_at(at, no_daemons);
}

// --- ending the process ---------------------------------------------------------------------------

// The parent sees a process that ended without finishing its job: `ended-early`.
void __wrap_exit(int status) {
    _exit(status);
}

void __wrap__exit(int status) {
    _exit(status);
}

void __wrap_abort(void) {
    panic_fatal_at(HERE, "abort() called");
}
