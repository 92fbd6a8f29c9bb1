// guide: reads chapters, and cuts the list of hints out of them line by line, so that a rung keeps
// its Markdown as it was written.
#include "harness/guide.h"

#include "harness/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY = 300, CHAPTER_LIMIT = 1 << 20 };

char *guide_text(const struct scenario_info *s, char *why) {
    if (!s->guide) {
        snprintf(why, WHY, "%.60s has no chapter in the guide.", s->name);
        return NULL;
    }
    char *text = text_file(s->guide, CHAPTER_LIMIT), *clean = text ? text_clean(text) : NULL;
    if (!text)
        snprintf(why, WHY, "%.200s: %.60s.", s->guide, strerror(errno));
    free(text);
    return clean;
}

// --- hints ----------------------------------------------------------------------------------

static const char *next_line(const char *line) {
    line += strcspn(line, "\n");
    return *line ? line + 1 : line;
}

// Length of "1. ", "2) " or "- " at the start of a line, 0: no list item.
static size_t item_marker(const char *line) {
    size_t digits = strspn(line, "0123456789");
    if (digits && (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ')
        return digits + 1 + strspn(line + digits + 1, " ");
    if (digits == 0 && (*line == '-' || *line == '*') && line[1] == ' ')
        return 1 + strspn(line + 1, " ");
    return 0;
}

// The first line after the heading `## Hints`, NULL when there is none.
static const char *hints_start(const char *text) {
    for (const char *line = text; *line; line = next_line(line))
        if (strncmp(line, "## Hints", 8) == 0 && (line[8] == '\n' || line[8] == '\r' || !line[8]))
            return next_line(line);
    return NULL;
}

static bool hints_end(const char *line) {
    return *line == '\0' || strncmp(line, "# ", 2) == 0 || strncmp(line, "## ", 3) == 0;
}

// Copies an item without its marker and with its continuation lines moved left by as much.
static char *item_text(const char *line, size_t marker) {
    struct text out = {0};
    const char *start = line + marker;
    do {
        text_add(&out, start, strcspn(start, "\n"));
        text_add(&out, "\n", 1);
        line = next_line(line);
        size_t indent = strspn(line, " ");
        start = line + (indent < marker ? indent : marker);
    } while (!hints_end(line) && item_marker(line) == 0);
    while (out.length > 0 && isspace((unsigned char)out.data[out.length - 1]))
        out.data[--out.length] = '\0';
    return text_take(&out);
}

static char *hint_find(const char *text, int rung) {
    const char *line = hints_start(text);
    if (!line)
        return NULL;
    for (int number = 0; !hints_end(line); line = next_line(line)) {
        size_t marker = item_marker(line);
        if (marker && ++number == rung)
            return item_text(line, marker);
    }
    return NULL;
}

char *guide_hint(const struct scenario_info *s, int rung, char *why) {
    if (rung < 1 || rung > GUIDE_RUNGS) {
        snprintf(why, WHY, "there is no hint %d: hints go from 1 to %d.", rung, GUIDE_RUNGS);
        return NULL;
    }
    char *text = guide_text(s, why);
    if (!text)
        return NULL;
    char *hint = hint_find(text, rung);
    if (!hint)
        snprintf(why, WHY, "%.200s has no hint %d under its heading `## Hints`.", s->guide, rung);
    free(text);
    return hint;
}
