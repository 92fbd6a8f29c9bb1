// Schedule ids: whatever is typed, or stands in a progress file or a result.
#include "harness/fuzz/fuzz.h"
#include "harness/schedule.h"

#include <stdlib.h>
#include <string.h>

static void same_again(const struct schedule *s) {
    char id[SCHEDULE_TEXT], again[SCHEDULE_TEXT], why[160];
    static struct schedule read;
    fuzz_must(schedule_format(s, id, sizeof id) < sizeof id, "every id fits SCHEDULE_TEXT");
    fuzz_must(schedule_parse(id, &read, why), "what is written can be read");
    schedule_format(&read, again, sizeof again);
    fuzz_must(strcmp(id, again) == 0, "what is read is written in the same way");
}

// Where there is less room it is cut, and the length told is that of the whole.
static void same_cut(const struct schedule *s, size_t room) {
    char id[SCHEDULE_TEXT], cut[64];
    size_t length = schedule_format(s, id, sizeof id);
    fuzz_must(schedule_format(s, cut, room) == length, "the length does not depend on the room");
    fuzz_must(room == 0 || strncmp(id, cut, room - 1) == 0, "what is cut is the beginning");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size), why[160];
    static struct schedule s;
    memset(why, 'x', sizeof why);
    if (schedule_parse(text, &s, why)) {
        same_again(&s);
        same_cut(&s, size % 64);
    } else {
        fuzz_must(memchr(why, 0, sizeof why) && strlen(why) > 20,
                  "a complaint says what and where");
    }
    free(text);
    return 0;
}
