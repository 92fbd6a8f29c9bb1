#include "tui/format.h"

#include "core/base.h"
#include "harness/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One unit with at most one decimal, which is left out when zero.
static char *with_decimal(int64_t ns, int64_t unit, const char *name, char *out, size_t size) {
    int64_t tenths = ns / (unit / 10);
    if (tenths % 10)
        snprintf(out, size, "%" PRId64 ".%" PRId64 "%s", tenths / 10, tenths % 10, name);
    else
        snprintf(out, size, "%" PRId64 "%s", tenths / 10, name);
    return out;
}

static char *two_units(int64_t big, const char *big_name, int64_t small, const char *small_name,
                       char *out, size_t size) {
    if (small)
        snprintf(out, size, "%" PRId64 "%s%" PRId64 "%s", big, big_name, small, small_name);
    else
        snprintf(out, size, "%" PRId64 "%s", big, big_name);
    return out;
}

char *format_duration(int64_t ns, char *out, size_t size) {
    if (ns == INT64_MAX) {
        snprintf(out, size, "never");
        return out;
    }
    if (ns < 0)
        ns = 0;
    if (ns < MICROSECOND)
        snprintf(out, size, ns ? "%" PRId64 "ns" : "%" PRId64, ns);
    else if (ns < MILLISECOND)
        with_decimal(ns, MICROSECOND, "us", out, size);
    else if (ns < SECOND)
        with_decimal(ns, MILLISECOND, "ms", out, size);
    else if (ns < MINUTE)
        with_decimal(ns, SECOND, "s", out, size);
    else if (ns < HOUR)
        two_units(ns / MINUTE, "m", ns % MINUTE / SECOND, "s", out, size);
    else
        two_units(ns / HOUR, "h", ns % HOUR / MINUTE, "m", out, size);
    return out;
}

char *format_bytes(uint64_t bytes, char *out, size_t size) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    double amount = (double)bytes;
    while (amount >= 1000 && unit + 1 < sizeof units / sizeof *units) {
        amount /= 1024;
        unit++;
    }
    snprintf(out, size, unit && amount < 100 ? "%.1f %s" : "%.0f %s", amount, units[unit]);
    return out;
}

const char *path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_tail(const char *path) {
    const char *at = path + strlen(path);
    for (int slashes = 0; at > path; at--)
        if (at[-1] == '/' && ++slashes == 3)
            break;
    return at;
}

// "In file included from a.h:6," and the lines "from b.h:4:" below it.
static bool tells_of_includes(const char *line) {
    size_t indent = strspn(line, " ");
    return strncmp(line, "In file included from ", 22) == 0 ||
           (indent && strncmp(line + indent, "from ", 5) == 0);
}

// "exercise.c:18:2: error: ..." of "/a/long/way/exercise.c:18:2: error: ...".
static const char *from_name(const char *line) {
    const char *colon = strchr(line, ':'), *at = line;
    for (const char *c = line; *line == '/' && colon && c < colon; c++)
        if (*c == '/')
            at = c + 1;
    return at;
}

char *format_compiler(const char *said) {
    struct text kept = {0};
    char *clean = text_clean(said), *rest = clean;
    for (char *line; (line = strsep(&rest, "\n"));)
        if (!tells_of_includes(line) && (*line || rest))
            text_addf(&kept, "%s\n", from_name(line));
    free(clean);
    return text_take(&kept);
}
