// raced: what the log tells of a race. The text is the runner's, which ran a learner's code: nothing in it
// is believed to be well-formed, and what is not is left out.
#include "harness/raced.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The words up to the end of the line, as many as fit.
static void take_words(char *out, size_t size, const char *from, size_t length) {
    snprintf(out, size, "%.*s", (int)length, from);
}

// LINE FUNCTION FILE; the function may be empty, and the file may hold spaces.
static void read_frame(struct raced_access *a, const char *line, size_t length) {
    char *rest;
    const char *end = line + length;
    if (a->frame_count == RACED_FRAMES)
        return;
    unsigned long number = strtoul(line, &rest, 10);
    if (rest == line || rest >= end || *rest != ' ' || number > INT32_MAX)
        return;
    const char *function = rest + 1;
    const char *space = memchr(function, ' ', (size_t)(end - function));
    if (!space)
        return;
    struct raced_frame *f = &a->frames[a->frame_count++];
    f->line = (uint32_t)number;
    take_words(f->function, sizeof f->function, function, (size_t)(space - function));
    take_words(f->file, sizeof f->file, space + 1, (size_t)(end - space - 1));
}

// `a` is the access whose lines follow, NULL: none has begun.
static struct raced_access *read_line(struct raced *r, struct raced_access *a, const char *line,
                                      size_t length) {
    const char *words = line + 1;
    switch (*line) {
    case RACED_OBJECT:
        take_words(r->object, sizeof r->object, words, length - 1);
        return a;
    case RACED_READ:
    case RACED_WRITE:
        if (a == &r->accesses[1])
            return a;
        a = a ? &r->accesses[1] : &r->accesses[0];
        a->write = *line == RACED_WRITE;
        take_words(a->name, sizeof a->name, words, length - 1);
        return a;
    case RACED_FRAME:
        if (a)
            read_frame(a, words, length - 1);
        return a;
    default:
        return a;
    }
}

void raced_read(const struct seen *s, uint64_t n, struct raced *out) {
    const event *e = &s->log->events[n & (s->capacity - 1)];
    struct raced_access *a = NULL;
    char text[RACED_TEXT + 1];
    *out = (struct raced){0};
    out->accesses[0].task = e->peer;
    out->accesses[0].event = (uint64_t)e->value >> 32;
    out->accesses[1].task = e->task;
    out->accesses[1].event = n;
    snprintf(text, sizeof text, "%s", event_log_string(s->log, e->object));
    for (char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        if (length)
            a = read_line(out, a, line, length);
        line += length + (line[length] == '\n');
    }
}

const char *raced_frame_words(const struct raced_frame *f, char *out, size_t size) {
    const char *slash = strrchr(f->file, '/');
    snprintf(out, size, "%s:%" PRIu32 "%s%s", slash ? slash + 1 : f->file, f->line,
             *f->function ? " in " : "", f->function);
    return out;
}
