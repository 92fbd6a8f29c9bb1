// raced: what the log tells of a race: both accesses with their stacks, and what they were made to.
//
// A race engine's report is one RACE event. Its numbers are for who checks it (before.h); its two texts are for
// people: a sentence, and the stacks, line by line as the runner wrote them (harness/runner/races.c), each
// beginning with one of the letters below.
#pragma once

#include "harness/seen.h"

// o OBJECT, then for each access, the earlier one first: r or w TASK, and its frames, innermost first: f LINE
// FUNCTION FILE.
enum { RACED_OBJECT = 'o', RACED_READ = 'r', RACED_WRITE = 'w', RACED_FRAME = 'f' };

// Frames of an access; bytes of a name, of an object's, and of the text of all.
enum { RACED_FRAMES = 8, RACED_NAME = 120, RACED_TEXT = 2400, RACED_MOST = 8 };

struct raced_frame {
    char function[48], file[RACED_NAME];
    uint32_t line;
};

struct raced_access {
    uint32_t task;  // EVENT_NOBODY: not known
    uint64_t event; // how many events there were; RACE_WHENEVER: not known
    bool write;
    char name[64];                           // of its task, "worker (#3)"
    struct raced_frame frames[RACED_FRAMES]; // innermost first
    uint32_t frame_count;
};

struct raced {
    char object[RACED_NAME];         // what they accessed, in words; "" not known
    struct raced_access accesses[2]; // the earlier one first
};

// Reads the RACE event number n. Whatever the log holds, the result is within its bounds.
void raced_read(const struct seen *s, uint64_t n, struct raced *out);

// "counter.c:12 in add", of a frame. Returns out.
const char *raced_frame_words(const struct raced_frame *f, char *out, size_t size);
