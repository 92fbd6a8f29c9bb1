// panic: misuse and broken expectations end the run with one fixed sentence.
//
// A panic nobody recovers ends the whole run at once, as it ends a Go process; the verdict is
// `panic`, with the sentence, the task and the site.
#pragma once

#include "core/base.h"

// Ends the run: "panic: " and the formatted sentence. Does not return.
#define panic(...) panic_at(HERE, __VA_ARGS__)
_Noreturn void panic_at(site *at, const char *format, ...) __attribute__((format(printf, 2, 3)));

// A rule of the core was broken in a way that Go would not notice. Recorded as `misuse`; returns.
void misuse_at(site *at, const char *format, ...) __attribute__((format(printf, 2, 3)));
