// Chapters and hints: Markdown of whoever writes a pack. The first byte is the width.
#include "harness/fuzz/fuzz.h"
#include "harness/guide.h"

#include <stdlib.h>
#include <string.h>

static void is_plain(const char *text) {
    for (; *text; text++)
        fuzz_must((unsigned char)*text >= ' ' || strchr("\n\t", *text), "no control characters");
}

static void render(const char *markdown, int width) {
    char *plain = guide_render(markdown, width, false);
    char *coloured = guide_render(markdown, width, true);
    is_plain(plain);
    free(plain);
    free(coloured);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int width = size ? data[0] : 0;
    struct scenario_info s = {.name = (char *)"one"};
    char why[300];
    s.guide = (char *)fuzz_file(size ? data + 1 : data, size ? size - 1 : 0);
    char *chapter = guide_text(&s, why);
    if (chapter)
        render(chapter, width);
    for (int rung = 0; rung <= GUIDE_RUNGS + 1; rung++) {
        char *hint = guide_hint(&s, rung, why);
        fuzz_must(!hint || (rung >= 1 && rung <= GUIDE_RUNGS), "there are five hints at most");
        fuzz_must(!hint || strlen(hint) <= 3 * size, "a hint is a part of its chapter");
        if (hint)
            render(hint, width);
        free(hint);
    }
    free(chapter);
    return 0;
}
