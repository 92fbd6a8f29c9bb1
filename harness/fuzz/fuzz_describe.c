// What the runner says of a scenario of a pack: the author's code runs in it, so it may say anything.
#include "harness/catalogue.h"
#include "harness/file.h"
#include "harness/fuzz/fuzz.h"
#include "harness/text.h"

#include <stdlib.h>
#include <string.h>

static void is_within(const struct scenario_info *s) {
    uint32_t checks = 0;
    while (checks < JUDGE_CHECKS && s->terms.checks[checks])
        checks++;
    fuzz_must(checks < JUDGE_CHECKS, "the list of checks has an end");
    fuzz_must(!((s->kept | s->terms.timed) >> checks), "only of those checks is anything said");
    fuzz_must(s->verdict && s->verdict < 1u << VERDICT_COUNT, "there is a verdict");
    for (int i = 0; i < RUBRIC_COUNT; i++)
        fuzz_must(s->points[i] >= 0 && s->points[i] <= 1000000, "points are a count");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct scenario_info s = {0};
    char why[300] = "", *path = text_format("%s/scenario.json", fuzz_folder());
    fuzz_must(file_write(path, (const char *)data, size, why), why);
    *why = '\0';
    if (scenario_read(&s, fuzz_folder(), fuzz_folder(), "one", why))
        is_within(&s);
    else
        fuzz_must(strlen(why) > 10, "a complaint says what is wrong");
    scenario_clear(&s);
    free(path);
    return 0;
}
