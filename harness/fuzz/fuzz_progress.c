// Progress files: edited by hand, merged by git, cut off by a full disk. Whatever is in one, what is added
// is there afterwards, and what was there is there still or aside.
#include "harness/file.h"
#include "harness/fuzz/fuzz.h"
#include "harness/guide.h"
#include "harness/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST = 1 << 20 };

static char why[FILE_WHY];

static void ask(const struct progress *p) {
    for (size_t i = 0; i < p->attempt_count; i++) {
        const struct attempt *a = &p->attempts[i];
        const struct attempt *last = progress_last(p, a->exercise);
        fuzz_must(last >= a, "the last attempt is none before this one");
        fuzz_must(progress_solved(p, a->exercise) == !last->verdicts, "solved is of the last");
        fuzz_must(progress_failures(p, a->exercise) <= p->attempt_count, "failures are attempts");
        free(attempt_change(&p->attempts[i ? i - 1 : 0], a));
    }
    for (size_t i = 0; i < p->hint_count; i++) {
        int most = progress_hints(p, p->hints[i].exercise);
        fuzz_must(most >= p->hints[i].rung && most <= GUIDE_RUNGS, "no hint but those there are");
    }
}

// After a hint was added: all that counted counts, and the file as it was is there if any of it did not.
static void added(const struct progress *before, const char *path, const uint8_t *data,
                  size_t size) {
    struct progress after;
    size_t length;
    fuzz_must(progress_open(&after, path, why), "it can be read again");
    fuzz_must(after.broken == 0, "what was written is whole");
    fuzz_must(after.attempt_count == before->attempt_count, "no attempt is lost");
    fuzz_must(after.hint_count == before->hint_count + 1, "the hint is there");
    ask(&after);
    progress_close(&after);
    char *aside = text_format("%s.broken-1", path);
    char *kept = text_file_bytes(aside, LARGEST, &length);
    fuzz_must(!kept == !before->broken, "it is kept aside if any of it was broken");
    fuzz_must(!kept || (length == size && memcmp(kept, data, size) == 0), "... as it was");
    unlink(aside);
    free(kept);
    free(aside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct scenario_info one = {.name = (char *)"one"};
    struct progress p, other;
    char *path = text_format("%s/progress.jsonl", fuzz_folder());
    fuzz_must(file_write(path, (const char *)data, size, why), why);
    fuzz_must(progress_open(&p, path, why), "any file can be read");
    ask(&p);
    fuzz_must(progress_open(&other, path, why), "any file can be read twice");
    fuzz_must(progress_hint(&other, &one, 1, why), why);
    progress_close(&other);
    added(&p, path, data, size);
    progress_close(&p);
    unlink(path);
    free(path);
    return 0;
}
