// options: see options.h.
#include "tui/options.h"

#include "harness/catalogue.h"

#include <stdio.h>
#include <string.h>

const struct option_row option_rows[OPTION_COUNT] = {
#define X(id, flag, value, kind, field, help)                                                      \
    {flag, value, help, OPTION_##kind, offsetof(struct options, field)},
    OPTIONS(X)
#undef X
};

// --- values -----------------------------------------------------------------------------------

static int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

bool number_parse(const char *text, uint64_t *value) {
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    unsigned base = hex ? 16 : 10;
    uint64_t n = 0;
    text += hex ? 2 : 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)digit_of(*text);
        if (digit >= base || n > (UINT64_MAX - digit) / base)
            return false;
        n = n * base + digit;
    }
    *value = n;
    return true;
}

// Reads a decimal number times `unit` (at least 1), to the ninth decimal, up to where it ends.
// False: no number, or one too large.
static bool decimal_parse(const char **text, int64_t unit, int64_t *value) {
    const char *p = *text;
    int64_t n = 0, part = 0;
    if (digit_of(*p) > 9)
        return false;
    for (; digit_of(*p) <= 9; p++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, digit_of(*p), &n))
            return false;
    if (*p == '.' && digit_of(p[1]) > 9)
        return false;
    int64_t scale = unit;
    for (p += *p == '.'; digit_of(*p) <= 9; p++) {
        scale /= 10;
        part += scale * digit_of(*p);
    }
    *text = p;
    return !__builtin_mul_overflow(n, unit, value) && !__builtin_add_overflow(*value, part, value);
}

bool duration_parse(const char *text, int64_t *ns) {
    static const struct {
        const char *word;
        int64_t ns;
    } units[] = {{"ns", NANOSECOND}, {"us", MICROSECOND}, {"ms", MILLISECOND}, {"s", SECOND},
                 {"m", MINUTE},      {"min", MINUTE},     {"h", HOUR}};
    const char *unit = text + strspn(text, "0123456789.");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].word) == 0)
            return decimal_parse(&text, units[i].ns, ns) && text == unit;
    return false;
}

static bool pace_parse(const char *text, struct number *pace) {
    int64_t ns;
    if (!decimal_parse(&text, SECOND, &ns) || *text || ns <= 0)
        return false;
    *pace = (struct number){true, (uint64_t)ns};
    return true;
}

static bool budget_parse(const char *text, struct budget *budget) {
    *budget = (struct budget){0};
    if (number_parse(text, &budget->runs))
        return budget->runs > 0;
    return duration_parse(text, &budget->time) && budget->time > 0;
}

static bool span_parse(const char *text, struct number *span) {
    int64_t ns;
    if (!duration_parse(text, &ns) || ns <= 0)
        return false;
    *span = (struct number){true, (uint64_t)ns};
    return true;
}

static bool colour_parse(const char *text, enum colour_choice *choice) {
    static const char *const words[] = {"auto", "always", "never"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) != 0)
            continue;
        *choice = i;
        return true;
    }
    return false;
}

static bool texts_add(struct texts *list, const char *text) {
    if (list->count == OPTION_TEXTS_MOST)
        return false;
    list->items[list->count++] = text;
    return true;
}

static bool value_parse(const struct option_row *row, const char *text, struct options *o) {
    void *field = (char *)o + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case OPTION_TEXT:
        *(const char **)field = text;
        return *text;
    case OPTION_TEXTS:
        return *text && texts_add(field, text);
    case OPTION_NUMBER:
        ((struct number *)field)->given = true;
        return number_parse(text, &((struct number *)field)->value);
    case OPTION_DURATION:
        return span_parse(text, field);
    case OPTION_BUDGET:
        return budget_parse(text, field);
    case OPTION_PACE:
        return pace_parse(text, field);
    case OPTION_COLOUR:
        return colour_parse(text, field);
    }
    return false;
}

// --- flags ------------------------------------------------------------------------------------

// What a value of this kind looks like, for the message about one that does not.
static const char *value_example(enum option_kind kind) {
    switch (kind) {
    case OPTION_NUMBER:
        return "a number";
    case OPTION_DURATION:
        return "a time like 500ms, 2s or 1h";
    case OPTION_BUDGET:
        return "a number above 0 or a time like 2s";
    case OPTION_PACE:
        return "a factor above 0, like 2 or 0.5";
    case OPTION_COLOUR:
        return "auto, always or never";
    case OPTION_TEXTS:
        return "a name, and may be given 16 times";
    case OPTION_FLAG:
    case OPTION_TEXT:
        break;
    }
    return "some text";
}

// The row of the flag that is the first `length` bytes of `argument`; NULL: the command takes none
// such.
static const struct option_row *row_find(uint64_t takes, const char *argument, size_t length) {
    for (unsigned i = 0; i < OPTION_COUNT; i++) {
        const char *flag = option_rows[i].flag;
        if (takes >> i & 1 && strlen(flag) == length && strncmp(flag, argument, length) == 0)
            return &option_rows[i];
    }
    return NULL;
}

static bool unknown_flag(uint64_t takes, const char *argument, size_t length, char *why) {
    const char *flags[OPTION_COUNT];
    size_t count = 0;
    for (unsigned i = 0; i < OPTION_COUNT; i++)
        if (takes >> i & 1)
            flags[count++] = option_rows[i].flag;
    char given[64];
    snprintf(given, sizeof given, "%.*s", (int)length, argument);
    const char *near = nearest_word(given, flags, count);
    if (near)
        snprintf(why, OPTION_WHY, "no flag `%s` here; the nearest is `%s`", given, near);
    else
        snprintf(why, OPTION_WHY, "no flag `%s` here; --help lists those there are", given);
    return false;
}

// Reads the flag at argv[*i], and its value, which may be the next argument.
static bool flag_parse(uint64_t takes, int argc, char **argv, int *i, struct options *o,
                       char *why) {
    const char *argument = strcmp(argv[*i], "-h") == 0 ? "--help" : argv[*i];
    size_t length = strcspn(argument, "=");
    const char *value = argument[length] ? argument + length + 1 : NULL;
    if (strncmp(argument, "-j", 2) == 0 && digit_of(argument[2]) <= 9) { // -j4
        value = argument + 2;
        length = 2;
    }
    const struct option_row *row = row_find(takes, argument, length);
    if (!row)
        return unknown_flag(takes, argument, length, why);
    if (row->kind == OPTION_FLAG && !value)
        return value_parse(row, "", o);
    if (row->kind == OPTION_FLAG) {
        snprintf(why, OPTION_WHY, "%s takes no value", row->flag);
        return false;
    }
    if (!value && *i + 1 < argc)
        value = argv[++*i];
    if (value && value_parse(row, value, o))
        return true;
    snprintf(why, OPTION_WHY, "%s needs %s%s%.80s%s", row->flag, value_example(row->kind),
             value ? ", not `" : "", value ? value : "", value ? "`" : "");
    return false;
}

bool options_parse(uint64_t takes, int argc, char **argv, struct options *o, char *why) {
    *o = (struct options){0};
    bool flags = true;
    for (int i = 0; i < argc; i++) {
        if (flags && strcmp(argv[i], "--") == 0) {
            flags = false;
        } else if (flags && argv[i][0] == '-' && argv[i][1]) {
            if (!flag_parse(takes, argc, argv, &i, o, why))
                return false;
        } else if (o->argument_count == OPTION_ARGUMENTS) {
            snprintf(why, OPTION_WHY, "too many arguments, from `%.80s` on", argv[i]);
            return false;
        } else {
            o->arguments[o->argument_count++] = argv[i];
        }
    }
    return true;
}
