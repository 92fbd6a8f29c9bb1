// fake: a course of a few cases whose examinations are done, for tests of the screens. The runs are
// logs written by hand and judged by the real judge; no child process is started.
#pragma once

#include "harness/judge.h"
#include "harness/tests/log_builder.h"
#include "tui/view.h"

#include <locale.h>
#include <stdio.h>

enum { FAKE_CASES = 7, FAKE_PATH = 600 };

struct fake {
    struct log_builder leak_log, fixed_log;
    struct answer leak, fixed;
    char source[FAKE_PATH];
    struct variant variants[3];
    struct scenario_info cases[FAKE_CASES];
    struct catalogue catalogue;
    struct ui ui;
};

// A file of the repository.
static inline const char *fake_path(const char *file, char *out, size_t size) {
    const char *root = getenv("UNSTUCK_SRC");
    snprintf(out, size, "%s/%s", root ? root : ".", file);
    return out;
}

// A caller waits at most 50 ms for an answer that takes `takes`; the channel has that much room.
static inline void fake_log(struct log_builder *b, uint32_t room, int64_t takes) {
    builder_start(b, 256);
    PUT(b, EVENT_CLOCK, GO, WAKES(0), .value = builder_string(b, "main"));
    builder_make(b, 0, 1, OBJECT_CHAN, "results", room, 19);
    builder_go(b, 0, 1, "worker", 20);
    PUT(b, 0, SELECT, .value = -1, PARKS, .line = 21);
    builder_arm(b, 0, 0, ARM_RECV, 1, 21);
    builder_arm(b, 0, 1, ARM_AFTER, 0, 21);
    PUT(b, 1, SLEEP, .value = takes, PARKS, .line = 10);
    b->now = 50 * MILLISECOND;
    PUT(b, EVENT_CLOCK, FIRE, WAKES(0), .value = 1, .line = 21);
    builder_check(b, 0, true, "answers within 50 ms", "");
    PUT(b, 0, EXIT, .line = 22);
    b->now = takes;
    PUT(b, EVENT_CLOCK, FIRE, WAKES(1), .line = 10);
    if (room) {
        PUT(b, 1, SEND, .object = 1, .line = 11);
        PUT(b, 1, EXIT, .line = 12);
    } else {
        PUT(b, 1, SEND, .object = 1, PARKS, .line = 11);
    }
    builder_finish(b, RUN_QUIESCENT);
}

static inline void fake_answer(struct answer *a, const event_log *log) {
    struct judge_terms terms = {.checks = {"answers within 50 ms"}};
    *a = (struct answer){.explored = 12, .exhaustive = true, .race = RACE_NONE, .log = log};
    a->engine[ENGINE_HOOKS].state = a->engine[ENGINE_TSAN].state = RACE_NONE;
    snprintf(a->schedule.name, sizeof a->schedule.name, "unheard-send");
    seen_init(&a->seen, log, 0);
    a->seen.record_touches = true;
    judge(&a->seen, &terms, &a->judgement);
    a->verdicts = a->judgement.verdicts;
    a->failing = a->verdicts ? 5 : 0;
    a->failing_schedule = a->verdicts != 0;
}

static inline void fake_cases(struct fake *f) {
    static const char *const names[] = {
        "unheard-send",     "endless-range", "cancel-nobody-hears", "two-locks-two-orders",
        "forgotten-unlock", "open-handle",   "ticker-unstopped"};
    static const char *const titles[] = {
        "The send nobody hears",         "The range that never ends",
        "The cancel that never came",    "The locks that two tasks take in two orders",
        "The unlock that was forgotten", "The answer left open",
        "The clock nobody stops"};
    static const char *const chapters[] = {"send", "receive",  "context", "lock",
                                           "lock", "resource", "time"};
    fake_path("tui/tests/golden/exercise.c", f->source, sizeof f->source);
    f->variants[0] = (struct variant){
        .kind = VARIANT_EXERCISE, .file = "exercise.c", .label = "exercise", .source = f->source};
    f->variants[1] = (struct variant){.kind = VARIANT_SOLUTION,
                                      .file = "buffer_of_one.c",
                                      .label = "solution:buffer_of_one.c",
                                      .source = f->source,
                                      .idea = "room for one value, so the send never waits"};
    f->variants[2] = (struct variant){.kind = VARIANT_WRONG,
                                      .file = "longer.c",
                                      .label = "wrong:longer.c",
                                      .source = f->source,
                                      .comment = "Waiting longer only moves the leak."};
    for (int i = 0; i < FAKE_CASES; i++)
        f->cases[i] = (struct scenario_info){
            .name = (char *)(uintptr_t)names[i],
            .title = (char *)(uintptr_t)titles[i],
            .chapter = (char *)(uintptr_t)chapters[i],
            .brief = "A caller gives up after 50 ms.\nThe worker it started was never told.",
            .goal = "When the caller gives up, the worker must still come to its end.",
            .remember = "Every send needs a receiver that outlives it.",
            .number = i + 1,
            .folder = f->source,
            .variants = f->variants,
            .variant_count = i ? 1 : 3,
        };
    f->catalogue = (struct catalogue){.scenarios = f->cases, .count = FAKE_CASES};
}

static inline void fake_open(struct fake *f, int rows, int cols, bool ascii) {
    setlocale(LC_CTYPE, "C.UTF-8");
    memset(f, 0, sizeof *f);
    fake_log(&f->leak_log, 0, 80 * MILLISECOND);
    fake_log(&f->fixed_log, 1, 80 * MILLISECOND);
    fake_answer(&f->leak, f->leak_log.log);
    fake_answer(&f->fixed, f->fixed_log.log);
    fake_cases(f);
    ui_init(&f->ui, &f->catalogue, ascii);
    for (int i = 0; i < FAKE_CASES; i++)
        lab_offer(lab_trial(&f->ui.lab, &f->cases[i], &f->variants[0]), &f->leak);
    lab_offer(lab_trial(&f->ui.lab, &f->cases[0], &f->variants[1]), &f->fixed);
    lab_offer(lab_trial(&f->ui.lab, &f->cases[0], &f->variants[2]), &f->leak);
    ui_resize(&f->ui, rows, cols);
    list_view_open(&f->ui);
}

static inline void fake_close(struct fake *f) {
    ui_close(&f->ui);
    judgement_free(&f->leak.judgement);
    judgement_free(&f->fixed.judgement);
    seen_free(&f->leak.seen);
    seen_free(&f->fixed.seen);
    builder_end(&f->leak_log);
    builder_end(&f->fixed_log);
}

// The frame as text; the caller frees it.
static inline char *fake_frame(struct fake *f) {
    ui_draw(&f->ui);
    return cells_text(&f->ui.cells);
}
