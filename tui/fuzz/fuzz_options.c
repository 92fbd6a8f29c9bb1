// Command lines: an argument each line, behind the byte that chooses the command.
#include "harness/fuzz/fuzz.h"
#include "tui/commands.h"

#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS_MOST = OPTION_ARGUMENTS + 8 };

static uint64_t taken_by(uint8_t chosen) {
    return commands[chosen % command_count].takes | TAKES(COLOUR) | TAKES(HELP);
}

static bool is_argument(const char *given, char *const *arguments, int count) {
    for (int i = 0; i < count; i++)
        if (given >= arguments[i] && given <= arguments[i] + strlen(arguments[i]))
            return true;
    return !given;
}

static void holds(const struct options *o, char **arguments, int count) {
    fuzz_must(o->argument_count <= (size_t)count, "no arguments but those given");
    for (size_t i = 0; i < o->argument_count; i++)
        fuzz_must(is_argument(o->arguments[i], arguments, count), "arguments are those given");
    fuzz_must(is_argument(o->variant, arguments, count), "a value is a part of an argument");
    fuzz_must(is_argument(o->shard, arguments, count), "a value is a part of an argument");
    fuzz_must(o->packs.count <= OPTION_TEXTS_MOST, "no more values than there is room for");
    fuzz_must(!o->duration.given || (int64_t)o->duration.value >= 0, "a time is not negative");
    fuzz_must(o->budget.time >= 0, "a budget is not negative");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char *arguments[ARGUMENTS_MOST];
    static struct options o;
    int count = 0;
    char *text = size ? fuzz_text(data + 1, size - 1) : NULL, why[OPTION_WHY];
    for (char *at = text; at && count < ARGUMENTS_MOST; count++) {
        char *end = strchr(at, '\n');
        arguments[count] = at;
        if (end)
            *end = '\0';
        at = end ? end + 1 : NULL;
    }
    memset(why, 'x', sizeof why);
    if (options_parse(size ? taken_by(data[0]) : 0, count, arguments, &o, why))
        holds(&o, arguments, count);
    else
        fuzz_must(memchr(why, 0, sizeof why) && strlen(why) > 10, "a complaint says what is wrong");
    free(text);
    return 0;
}
