// catalogue: finds the scenarios on disk and reads what is said about them.
//
// What a scenario is stands in scenario.json, written from its driver when it was built; what a
// variant is stands in the head comment of its source. Nothing here runs any scenario code, and
// every string belongs to the catalogue.
#include "harness/catalogue.h"

#include "harness/text.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHY = 300, SOURCE_LIMIT = 1 << 20, NAMES_MOST = 1024, POINTS_MOST = 1000 };

// --- words that are alike -------------------------------------------------------------------

enum { WORD = 64 };

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

// Edits that turn a into b: letters put in, left out, changed, or two neighbours swapped. Letters
// past the 63rd do not count.
static unsigned distance(const char *a, const char *b) {
    unsigned rows[3][WORD + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    size_t la = strnlen(a, WORD - 1), lb = strnlen(b, WORD - 1);
    for (unsigned j = 0; j <= lb; j++)
        above[j] = j;
    for (unsigned i = 1; i <= la; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= lb; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[lb];
}

// How far `word` is from meaning `name`: a beginning or a part of it is nearer than any typo.
static unsigned strangeness(const char *word, const char *name) {
    const char *part = *word ? strstr(name, word) : NULL;
    if (part)
        return part == name ? 0 : 1;
    return 1 + distance(word, name);
}

const char *nearest_word(const char *word, const char *const *words, size_t count) {
    const char *best = NULL;
    unsigned least_edits = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned edits = strangeness(word, words[i]);
        if (best && edits >= least_edits)
            continue;
        best = words[i];
        least_edits = edits;
    }
    size_t length = strnlen(word, WORD);
    unsigned most = length < 3 ? 2 : length < 6 ? 3 : (unsigned)length / 2 + 1;
    return least_edits <= most ? best : NULL;
}

// --- the head comment of a source -----------------------------------------------------------

// The text after "// key:" when the line has that key, else NULL.
static const char *keyed(const char *line, const char *key) {
    size_t length = strlen(key);
    if (strncmp(line, "// ", 3) != 0 || strncmp(line + 3, key, length) != 0)
        return NULL;
    line += 3 + length;
    return *line == ':' ? line + 1 + strspn(line + 1, " ") : NULL;
}

static void add_line(struct text *t, const char *start) {
    size_t length = strcspn(start, "\r\n");
    while (length > 0 && start[length - 1] == ' ')
        length--;
    if (t->length && length)
        text_add(t, " ", 1);
    text_add(t, start, length);
}

static const char *next_line(const char *line) {
    line += strcspn(line, "\n");
    return *line ? line + 1 : line;
}

// The value of `key` in the comment that begins the source, continuation lines joined by a space;
// "" when it has none.
static char *head_value(const char *source, const char *key) {
    struct text value = {0};
    bool inside = false;
    for (const char *line = source; strncmp(line, "//", 2) == 0; line = next_line(line)) {
        const char *start = keyed(line, key);
        bool continues = inside && strncmp(line, "//   ", 5) == 0;
        if (start || continues)
            add_line(&value, start ? start : line + 5);
        inside = start || continues;
    }
    return text_take(&value);
}

// --- variants -------------------------------------------------------------------------------

static char *existing(char *path) {
    if (access(path, R_OK) == 0)
        return path;
    free(path);
    return NULL;
}

void variant_read_head(struct variant *v) {
    char *source = text_file(v->source, SOURCE_LIMIT), *head = text_clean(source ? source : "");
    v->idea = head_value(head, "idea");
    v->caught_by = head_value(head, "caught by");
    v->comment = head_value(head, "comment");
    free(head);
    free(source);
}

// `stem` is the name of its shared object without .so; `file` that of its source, in `folder`.
static void variant_set(struct variant *v, enum variant_kind kind, const char *libs,
                        const char *folder, const char *stem, const char *file) {
    static const char *const prefix[] = {"", "solution:", "wrong:", ""};
    v->kind = kind;
    v->file = text_copy(file);
    v->label = kind == VARIANT_EXERCISE ? text_copy("exercise")
                                        : text_format("%s%s", prefix[kind], file);
    v->source = text_format("%s/%s", folder, file);
    v->object = existing(text_format("%s/%s.so", libs, stem));
    v->tsan = existing(text_format("%s/%s.tsan.so", libs, stem));
    variant_read_head(v);
}

static int is_source(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 2 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 2, ".c") == 0;
}

static struct variant *variant_more(struct scenario_info *s) {
    s->variants = more_memory(s->variants, s->variant_count + 1, sizeof *s->variants);
    struct variant *v = &s->variants[s->variant_count++];
    *v = (struct variant){0};
    return v;
}

static void variants_in(struct scenario_info *s, enum variant_kind kind, const char *libs,
                        const char *folder, const char *stem) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_source, alphasort);
    for (int i = 0; i < count; i++) {
        const char *file = entries[i]->d_name;
        char *object = text_format("%s-%.*s", stem, (int)strlen(file) - 2, file);
        variant_set(variant_more(s), kind, libs, folder, object, file);
        free(object);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void variants_find(struct scenario_info *s, const char *root, const char *libs) {
    variant_set(variant_more(s), VARIANT_EXERCISE, libs, s->folder, "exercise", "exercise.c");
    char *solutions = text_format("%s/solutions/%s", root, s->name);
    char *wrong = text_format("%s/wrong", s->folder);
    variants_in(s, VARIANT_SOLUTION, libs, solutions, "solution");
    variants_in(s, VARIANT_WRONG, libs, wrong, "wrong");
    free(solutions);
    free(wrong);
}

// --- scenario.json --------------------------------------------------------------------------

// A pack's says whatever its author likes, and ends on a terminal.
static char *member(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return text_clean(value ? value : "");
}

static char *member_or_null(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    return value && *value ? text_clean(value) : NULL;
}

// A set from words separated by commas or spaces; false when one is no verdict.
static bool verdicts_parse(const char *words, unsigned *set) {
    *set = 0;
    for (words += strspn(words, ", "); *words; words += strspn(words, ", ")) {
        size_t length = strcspn(words, ", ");
        unsigned bit = 0;
        while (bit < VERDICT_COUNT && (strncmp(verdict_word(bit), words, length) != 0 ||
                                       verdict_word(bit)[length] != '\0'))
            bit++;
        if (bit == VERDICT_COUNT)
            return false;
        *set |= 1u << bit;
        words += length;
    }
    return true;
}

static void left_read(struct scenario_info *s, const json_t *list) {
    s->left_count = json_array_size(list);
    s->left = zero_alloc(s->left_count, sizeof *s->left);
    for (size_t i = 0; i < s->left_count; i++) {
        const json_t *task = json_array_get(list, i);
        json_int_t count = json_integer_value(json_object_get(task, "count"));
        s->left[i] = (struct expected_left){
            .name = member(task, "name"),
            .reason = member(task, "reason"),
            .object = member_or_null(task, "object"),
            .count = count > 0 && count < INT_MAX ? (int)count : 1,
        };
    }
}

static void checks_read(struct judge_terms *terms, const json_t *list) {
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(list) && count + 1 < JUDGE_CHECKS; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name)
            terms->checks[count++] = text_clean(name);
    }
}

static int term_find(const struct judge_terms *terms, const char *name) {
    for (int i = 0; i < JUDGE_CHECKS && terms->checks[i]; i++)
        if (strcmp(terms->checks[i], name) == 0)
            return i;
    return -1;
}

// The checks of a list that the description calls `key`, a bit each.
static bool named_read(struct scenario_info *s, const json_t *j, const char *key, uint32_t *set,
                       char *why) {
    const json_t *list = json_object_get(j, key);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        int term = term_find(&s->terms, name ? name : "");
        if (term < 0) {
            snprintf(why, WHY, " does not describe `%.60s`: `%.60s` in .%s is none of its .checks.",
                     s->name, name ? name : "", key);
            return false;
        }
        *set |= 1u << term;
    }
    return true;
}

// Where nothing is asked of how the work is done, the points for that are for the work.
static bool points_read(struct scenario_info *s, const json_t *list, char *why) {
    bool any = false;
    for (size_t i = 0; i < RUBRIC_COUNT; i++) {
        json_int_t points = json_integer_value(json_array_get(list, i));
        if (points < 0 || points > POINTS_MOST) {
            snprintf(why, WHY, " does not describe `%.60s`: its points go from 0 to %d.", s->name,
                     POINTS_MOST);
            return false;
        }
        s->points[i] = (int)points;
        any |= points > 0;
    }
    if (!any)
        memcpy(s->points, rubric_points, sizeof s->points);
    if (!s->kept) {
        s->points[RUBRIC_BEHAVES] += s->points[RUBRIC_KEPT];
        s->points[RUBRIC_KEPT] = 0;
    }
    return true;
}

static void info_read(struct scenario_info *s, const json_t *j) {
    s->title = member(j, "title");
    s->chapter = member(j, "chapter");
    s->brief = member(j, "brief");
    s->goal = member(j, "goal");
    s->remember = member(j, "remember");
    s->number = (int)json_integer_value(json_object_get(j, "number"));
    s->terms.grace = json_integer_value(json_object_get(j, "grace"));
    s->has_load = json_is_true(json_object_get(j, "has_load"));
    s->slow = json_is_true(json_object_get(j, "slow"));
    left_read(s, json_object_get(j, "left"));
    checks_read(&s->terms, json_object_get(j, "checks"));
}

// Whether the document describes a scenario of this folder.
static bool info_fits(struct scenario_info *s, const json_t *j, char *why) {
    const char *name = json_string_value(json_object_get(j, "name"));
    const char *verdict = json_string_value(json_object_get(j, "verdict"));
    bool named = name && strcmp(name, s->name) == 0;
    bool good = named && verdict && verdicts_parse(verdict, &s->verdict) && s->verdict;
    if (!named)
        snprintf(why, WHY, " does not describe `%.60s`: the name in it is `%.60s`.", s->name,
                 name ? name : "");
    else if (!good)
        snprintf(why, WHY, " does not describe `%.60s`: `%.60s` is no verdict.", s->name,
                 verdict ? verdict : "");
    return good && named_read(s, j, "kept", &s->kept, why) &&
           named_read(s, j, "timed", &s->terms.timed, why) &&
           points_read(s, json_object_get(j, "points"), why);
}

static bool scenario_describe(struct scenario_info *s, const char *libs, char *why) {
    char *path = text_format("%s/scenario.json", libs);
    json_error_t error;
    json_t *j = json_load_file(path, 0, &error);
    info_read(s, j);
    bool good = j && info_fits(s, j, why);
    if (!j)
        snprintf(why, WHY, ": line %d: %.60s.", error.line, error.text);
    json_decref(j);
    free(path);
    return good;
}

bool scenario_read(struct scenario_info *s, const char *root, const char *libs, const char *name,
                   char *why) {
    s->name = text_copy(name);
    s->folder = text_format("%s/scenarios/%s", root, name);
    s->driver = text_format("%s/driver.so", libs);
    s->driver_tsan = existing(text_format("%s/driver.tsan.so", libs));
    s->guide = existing(text_format("%s/guide/%s.md", root, name));
    bool good = scenario_describe(s, libs, why);
    if (good)
        variants_find(s, root, libs);
    return good;
}

static bool built_read(struct scenario_info *s, const struct catalogue *c, const char *name,
                       char *why) {
    char what[WHY];
    char *libs = text_format("%s/scenarios/%s", c->libs, name);
    bool good = scenario_read(s, c->root, libs, name, what);
    if (!good)
        snprintf(why, WHY, "%.110s/scenario.json%.150s Build again.", libs, what);
    free(libs);
    return good;
}

void scenario_clear(struct scenario_info *s) {
    for (size_t i = 0; i < s->variant_count; i++) {
        struct variant *v = &s->variants[i];
        char *owned[] = {v->file, v->label, v->source,    v->object, v->shipped,
                         v->tsan, v->idea,  v->caught_by, v->comment};
        for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
            free(owned[k]);
    }
    for (size_t i = 0; i < s->left_count; i++) {
        free(s->left[i].name);
        free(s->left[i].reason);
        free(s->left[i].object);
    }
    for (size_t i = 0; i < JUDGE_CHECKS && s->terms.checks[i]; i++)
        free((char *)s->terms.checks[i]);
    char *owned[] = {s->name,   s->title,  s->chapter,     s->brief, s->goal, s->remember,
                     s->folder, s->driver, s->driver_tsan, s->guide, s->pack, s->pack_given};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
    free(s->variants);
    free(s->left);
}

// --- the whole ------------------------------------------------------------------------------

char *catalogue_prefix(void) {
    const char *given = getenv("UNSTUCK_PREFIX");
    if (given && *given)
        return text_copy(given);
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (!slash)
            return NULL;
        *slash = '\0';
    }
    return text_copy(path);
}

static int is_scenario_name(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

int scenario_order(const void *a, const void *b) {
    const struct scenario_info *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool scenarios_read(struct catalogue *c, struct dirent **entries, int count, char *why) {
    c->scenarios = zero_alloc((size_t)count, sizeof *c->scenarios);
    for (int i = 0; i < count; i++)
        if (!built_read(&c->scenarios[c->count++], c, entries[i]->d_name, why))
            return false;
    qsort(c->scenarios, c->count, sizeof *c->scenarios, scenario_order);
    return true;
}

static bool scenarios_find(struct catalogue *c, char *why) {
    char *folder = text_format("%s/scenarios", c->libs);
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_scenario_name, alphasort);
    bool good = count > 0 && scenarios_read(c, entries, count, why);
    if (count <= 0)
        snprintf(why, WHY,
                 "no scenarios in %.160s%s%.40s. Build with ./unstuck, or point UNSTUCK_PREFIX at "
                 "an installation.",
                 folder, count < 0 ? ": " : "", count < 0 ? strerror(errno) : "");
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    free(folder);
    return good;
}

bool catalogue_open(struct catalogue *c, char *why) {
    *c = (struct catalogue){0};
    char *prefix = catalogue_prefix();
    if (!prefix) {
        snprintf(why, WHY, "/proc/self/exe: %s. Mount /proc, or set UNSTUCK_PREFIX.",
                 strerror(errno));
        return false;
    }
    c->root = text_format("%s/share/unstuck", prefix);
    c->libs = text_format("%s/lib/unstuck", prefix);
    c->libexec = text_format("%s/libexec/unstuck", prefix);
    free(prefix);
    if (scenarios_find(c, why))
        return true;
    catalogue_close(c);
    return false;
}

void catalogue_close(struct catalogue *c) {
    for (size_t i = 0; i < c->count; i++)
        scenario_clear(&c->scenarios[i]);
    free(c->scenarios);
    free(c->root);
    free(c->libs);
    free(c->libexec);
    *c = (struct catalogue){0};
}

char *scenario_pack_words(const struct scenario_info *s) {
    struct text words = {0};
    if (s->pack_given) {
        text_addf(&words, " --pack");
        text_add_word(&words, s->pack_given);
    }
    return text_take(&words);
}

void catalogue_add(struct catalogue *c, const struct scenario_info *s) {
    c->scenarios = more_memory(c->scenarios, c->count + 1, sizeof *c->scenarios);
    c->scenarios[c->count++] = *s;
}

const char *variant_hash(const struct variant *v, char out[SOURCE_HASH]) {
    uint32_t hash = UINT32_C(2166136261);
    char *source = v->source ? text_file(v->source, SOURCE_LIMIT) : NULL;
    *out = '\0';
    if (!source)
        return out;
    for (const char *c = source; *c; c++)
        hash = (hash ^ (unsigned char)*c) * UINT32_C(16777619);
    free(source);
    snprintf(out, SOURCE_HASH, "%08" PRIx32, hash);
    return out;
}

const struct scenario_info *catalogue_find(const struct catalogue *c, const char *name) {
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->scenarios[i].name, name) == 0)
            return &c->scenarios[i];
    return NULL;
}

const char *catalogue_nearest(const struct catalogue *c, const char *name) {
    const char *names[NAMES_MOST];
    size_t count = 0;
    for (; count < c->count && count < NAMES_MOST; count++)
        names[count] = c->scenarios[count].name;
    return nearest_word(name, names, count);
}

// Whether `given` names the file, with or without its .c.
static bool names_file(const char *given, const char *file) {
    size_t length = strlen(given);
    return strncmp(file, given, length) == 0 && length > 0 &&
           (file[length] == '\0' || strcmp(file + length, ".c") == 0);
}

const struct variant *scenario_variant(const struct scenario_info *s, const char *selector) {
    static const char *const words[] = {"exercise", "solution", "wrong"};
    size_t length = strcspn(selector, ":");
    const char *file = selector[length] ? selector + length + 1 : NULL;
    for (size_t i = 0; i < s->variant_count; i++) {
        const struct variant *v = &s->variants[i];
        const char *word = words[v->kind];
        if (strlen(word) != length || strncmp(selector, word, length) != 0)
            continue;
        if (!file || names_file(file, v->file))
            return v;
    }
    return NULL;
}
