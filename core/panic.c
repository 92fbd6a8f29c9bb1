// panic: how misuse ends a run, and how the core says that it is itself wrong.
#include "core/panic.h"

#include "core/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SENTENCE = 400 };

static uint32_t sentence(const char *format, va_list args) {
    char text[SENTENCE];
    int n = vsnprintf(text, sizeof text, format, args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    return event_string(text, length);
}

void panic_at(site *at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (!run.active) {
        fputs("panic outside of a run: ", stderr);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
        abort();
    }
    uint32_t text = sentence(format, args);
    va_end(args);
    event_write(EV_PANIC, 0, at, EVENT_NOBODY, text, 0);
    run_abandon(RUN_PANICKED);
}

void misuse_at(site *at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    event_write(EV_MISUSE, 0, at, EVENT_NOBODY, sentence(format, args), 0);
    va_end(args);
}

void bug(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("unstuck core: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}
