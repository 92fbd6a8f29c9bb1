// What the first comment of a source says of it (idea, caught-by, comment), and where a name is called in one.
#include "harness/catalogue.h"
#include "harness/fuzz/fuzz.h"
#include "harness/refused.h"

#include <stdlib.h>
#include <string.h>

static void is_part(const char *part, size_t size) {
    fuzz_must(part && strlen(part) <= 3 * size, "what is said stands in the source");
    for (; *part; part++)
        fuzz_must((unsigned char)*part >= ' ' || *part == '\t', "no control characters");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct variant v = {.kind = VARIANT_WRONG};
    char *text = fuzz_text(data, size), hash[SOURCE_HASH];
    v.source = (char *)fuzz_file(data, size);
    variant_read_head(&v);
    is_part(v.idea, size);
    is_part(v.caught_by, size);
    is_part(v.comment, size);
    fuzz_must(strlen(variant_hash(&v, hash)) == SOURCE_HASH - 1, "every source has a hash");
    size_t lines = 1;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    fuzz_must((size_t)refused_line(text, "fork") <= lines, "a name is called on a line there is");
    free(v.idea);
    free(v.caught_by);
    free(v.comment);
    free(text);
    return 0;
}
