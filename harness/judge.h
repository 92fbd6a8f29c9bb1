// judge: from the log of one run to its verdict. The one place where a run is judged; the worker,
// the parent, the UI and the grader all call it.
#pragma once

#include "harness/seen.h"

// X(NAME, "word", what it means in a few words)
#define VERDICTS(X)                                                                                \
    X(DEADLOCK, "deadlock", "the root task can never run again")                                   \
    X(LEAK, "leak", "tasks are parked for ever")                                                   \
    X(OUTLIVES, "outlives", "tasks still able to run after the scope that started them")           \
    X(PANIC, "panic", "a task panicked and nobody recovered")                                      \
    X(RACE, "race", "two unordered accesses to one location")                                      \
    X(RESOURCE, "resource", "something was never given back")                                      \
    X(BEHAVIOUR, "behaviour", "the job is not done as it must be")                                 \
    X(MISUSE, "misuse", "a rule of the core was broken")                                           \
    X(BUILD, "build", "the source does not compile")                                               \
    X(CRASH, "crash", "the process was killed by a signal")                                        \
    X(ENDED_EARLY, "ended-early", "the process ended without a complete log")                      \
    X(TIMEOUT, "timeout", "the run did not end within its budget")                                 \
    X(TAMPERED, "tampered", "the log contradicts itself")                                          \
    X(ENVIRONMENT, "environment", "this machine cannot run it")

enum verdict_bit {
#define X(name, word, meaning) VERDICT_##name##_BIT,
    VERDICTS(X)
#undef X
        VERDICT_COUNT
};
enum verdict {
#define X(name, word, meaning) VERDICT_##name = 1u << VERDICT_##name##_BIT,
    VERDICTS(X)
#undef X
};

// Those that are ERROR rather than FAIL.
#define VERDICT_ERRORS                                                                             \
    (VERDICT_BUILD | VERDICT_CRASH | VERDICT_ENDED_EARLY | VERDICT_TIMEOUT | VERDICT_TAMPERED |    \
     VERDICT_ENVIRONMENT)

const char *verdict_word(enum verdict_bit bit);
const char *verdict_meaning(enum verdict_bit bit);

// "pass", "fail" or "error" for a set.
const char *verdict_status(unsigned verdicts);

// "leak, behaviour" for a set, "PASS" for none. Returns out.
const char *verdict_list(unsigned verdicts, char *out, size_t size);

enum { JUDGE_CHECKS = 16, JUDGE_NOTE = 240 };

// What is asked of a run.
struct judge_terms {
    int64_t grace;                    // ns; 0: one minute
    const char *checks[JUDGE_CHECKS]; // names of the checks that every run must reach, then NULL
    uint32_t timed; // those of them that are about time, as a set of bits by place in `checks`
    bool
        slow; // it was a run of a slow machine: what is about time is not held against it, and passes
};

// The grace to set up `seen` with: on a slow machine only operations count, not time.
int64_t judge_grace(const struct judge_terms *terms);

enum check_state { CHECK_PASSED, CHECK_FAILED, CHECK_NOT_REACHED };

struct judged_check {
    const char *name;
    enum check_state state;
    char detail[JUDGE_NOTE]; // of the first failure
};

struct judgement {
    unsigned verdicts; // a set of enum verdict; 0: pass
    enum run_end end;
    uint32_t left_count; // tasks left behind
    uint32_t *left;      // their numbers, in creation order; owned, judgement_free
    uint32_t left_room;
    struct judged_check checks[JUDGE_CHECKS];
    uint32_t check_count;
    char note[JUDGE_NOTE]; // the one sentence for panic, misuse, race, crash ...; "" none
    uint16_t note_at;      // where, 0: nowhere
    uint32_t note_task;    // who, EVENT_NOBODY: nobody
    uint64_t
        refuted; // of the log's RACE events, a bit each: the log itself orders the accesses (before.h), so
                 // that one is no race, and its engine is not to be believed
    char refuted_note[JUDGE_NOTE]; // what the first of these says; "" there is none
};

// Judges the log that `seen` is (freshly) set up on; folds it to its end. `out` may be reused.
void judge(struct seen *seen, const struct judge_terms *terms, struct judgement *out);

// Of a run that was asked for its checks (verdict `behaviour`): which failed or were not reached, a bit for
// each check of the terms. 0: none, or it was not asked.
uint32_t judgement_failed(const struct judgement *j);

void judgement_free(struct judgement *j);
