// author: one examination after another, and what is read off each.
//
// Cheats are sources that must not pass, whatever is made of them: that they do not compile is as good as a
// verdict. Their objects are made here and not by the build, which could not go on without them.
//
// Rejected: rows that an author may switch off; a scenario that cannot have a row green does not teach what
// the row is about.
#include "harness/author.h"

#include "harness/compile.h"
#include "harness/explore.h"
#include "harness/file.h"
#include "harness/guide.h"
#include "harness/result.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BRIEF_LINES = 6, BRIEF_COLUMNS = 76, HINT_LINES = 4, SOURCE_LIMIT = 1 << 20 };

// One call of author_check.
struct check {
    const struct catalogue *catalogue;
    const struct scenario_info *scenario;
    author_tell *tell;
    void *user;
    bool over; // given up
};

__attribute__((format(printf, 4, 5))) static void row(struct check *k, enum author_state state,
                                                      const char *name, const char *format, ...) {
    char detail[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    if (!k->over)
        k->over = !k->tell(k->user, k->scenario, state, name, detail);
}

static enum author_state good_if(bool good) {
    return good ? AUTHOR_GOOD : AUTHOR_BROKEN;
}

// --- one examination ----------------------------------------------------------------------------------

// A variant under examination, with the objects it needs.
struct trial {
    struct variant variant;
    struct compilation *compilation; // NULL: there was no need
    struct examination *examination; // NULL: it did not compile, or could not be started
    char why[AUTHOR_WHY];
};

static bool build(struct check *k, struct trial *t) {
    if (!compile_needed(&t->variant))
        return true;
    t->compilation = compile_start(k->catalogue, k->scenario, t->variant.source, t->why);
    if (!t->compilation)
        return false;
    if (compile_finish(t->compilation) < 0) {
        snprintf(t->why, sizeof t->why, "does not compile: %.240s", compile_output(t->compilation));
        t->why[strcspn(t->why, "\n")] = '\0';
        return false;
    }
    t->variant = compile_renewed(t->compilation, &t->variant);
    return true;
}

// Under every schedule; `seed` 0: the usual one, with races and a slow machine.
static const struct answer *examine(struct check *k, struct trial *t, uint64_t seed) {
    struct examine_config config = {.scenario = k->scenario,
                                    .variant = &t->variant,
                                    .explore = true,
                                    .seed = seed,
                                    .no_slow = seed != 0,
                                    .no_race = seed != 0};
    examine_free(t->examination);
    t->examination = examine_start(&config, t->why);
    if (!t->examination)
        return NULL;
    examine_finish(t->examination);
    return examine_answer(t->examination);
}

static void trial_end(struct trial *t) {
    examine_free(t->examination);
    if (t->compilation)
        compile_free(t->compilation);
}

// --- seeds ------------------------------------------------------------------------------------------

// All of an answer that must not depend on a seed.
static void sum_up(const struct answer *a, char *out, size_t size) {
    char verdicts[160], id[SCHEDULE_TEXT] = "";
    if (a->failing_schedule)
        schedule_format(&a->schedule, id, sizeof id);
    snprintf(out, size, "%s, %" PRIu64 " of %" PRIu64 " fail%s%s",
             verdict_list(a->verdicts, verdicts, sizeof verdicts), a->failing, a->explored,
             *id ? ", " : "", id);
}

static void check_seeds(struct check *k, struct trial *t) {
    char name[200], first[400] = "", now[400];
    snprintf(name, sizeof name, "%s: %d seeds, one answer", t->variant.label, AUTHOR_SEEDS);
    for (uint64_t seed = 1; seed <= AUTHOR_SEEDS && !k->over; seed++) {
        const struct answer *a = examine(k, t, seed);
        if (!a) {
            row(k, AUTHOR_UNAVAILABLE, name, "%s", t->why);
            return;
        }
        sum_up(a, now, sizeof now);
        if (seed == 1)
            memcpy(first, now, sizeof first);
        if (strcmp(first, now) != 0) {
            row(k, AUTHOR_BROKEN, name, "seed 1: %.150s; seed %" PRIu64 ": %.150s", first, seed,
                now);
            return;
        }
    }
    row(k, AUTHOR_GOOD, name, "%s", first);
}

// What is said beside its verdicts: an error, or that the race engines, who must agree, do not.
static const char *remark(const struct answer *a) {
    return *a->race_dispute ? a->race_dispute : a->error;
}

// What is only sampled differs by the seed: where this is broken, seeds are not compared.
static bool check_budget(struct check *k, const struct answer *a, const char *label) {
    char name[200], reach[160];
    bool bounded = a->sampled && !a->atomics;
    snprintf(name, sizeof name, "%s: explored within the budget", label);
    row(k, good_if(!bounded), name, "%s%s", answer_reach(a, reach, sizeof reach),
        bounded ? "; make the driver choose less" : "");
    return !bounded;
}

// --- the exercise -----------------------------------------------------------------------------------

static bool left_matches(const struct answer *a, uint32_t number, const struct expected_left *e) {
    const struct seen_task *t = &a->seen.tasks[number];
    const char *object = "", *name = number ? event_log_string(a->log, t->name) : "main";
    if (t->object && t->object < a->seen.object_count)
        object = event_log_string(a->log, a->seen.objects[t->object].name);
    return strcmp(name, e->name) == 0 && strcmp(wait_reason_text(t->reason), e->reason) == 0 &&
           (!e->object || strcmp(object, e->object) == 0);
}

static void check_left(struct check *k, const struct answer *a) {
    static const char name[] = "exercise: leaves the declared tasks";
    const struct scenario_info *s = k->scenario;
    uint32_t declared = 0;
    for (size_t i = 0; i < s->left_count; i++) {
        int found = 0;
        for (uint32_t n = 0; n < a->judgement.left_count; n++)
            found += left_matches(a, a->judgement.left[n], &s->left[i]);
        declared += (uint32_t)s->left[i].count;
        if (found != s->left[i].count) {
            row(k, AUTHOR_BROKEN, name, "%d of %s in %s%s%s, declared %d", found, s->left[i].name,
                s->left[i].reason, s->left[i].object ? " on " : "",
                s->left[i].object ? s->left[i].object : "", s->left[i].count);
            return;
        }
    }
    bool same = a->judgement.left_count == declared || s->verdict & VERDICT_OUTLIVES;
    row(k, good_if(same), name, "%u left, %u declared", a->judgement.left_count, declared);
}

static void check_exercise(struct check *k) {
    char got[160], declared[160];
    struct trial t = {.variant = k->scenario->variants[0]};
    const struct answer *a = build(k, &t) ? examine(k, &t, 0) : NULL;
    bool unavailable = a && a->race == RACE_UNAVAILABLE && k->scenario->verdict & VERDICT_RACE;
    if (!a) {
        row(k, AUTHOR_BROKEN, "exercise: fails as declared", "%s", t.why);
    } else if (unavailable) {
        row(k, AUTHOR_UNAVAILABLE, "exercise: fails as declared", "%s", a->race_note);
    } else {
        bool as_declared = a->verdicts == k->scenario->verdict && a->failing_schedule;
        row(k, good_if(as_declared && !*a->race_dispute), "exercise: fails as declared",
            "%s, declared %s. %.150s", verdict_list(a->verdicts, got, sizeof got),
            verdict_list(k->scenario->verdict, declared, sizeof declared), remark(a));
        check_left(k, a);
        if (check_budget(k, a, "exercise"))
            check_seeds(k, &t);
    }
    trial_end(&t);
}

// --- solutions and wrong fixes ------------------------------------------------------------------------

static void check_solution(struct check *k, const struct variant *v) {
    char name[200], got[160];
    struct trial t = {.variant = *v};
    const struct answer *a = build(k, &t) ? examine(k, &t, 0) : NULL;
    snprintf(name, sizeof name, "%s: passes", v->label);
    if (!a) {
        row(k, AUTHOR_BROKEN, name, "%s", t.why);
    } else if (!a->verdicts && a->race == RACE_UNAVAILABLE) {
        row(k, AUTHOR_UNAVAILABLE, name, "%s", a->race_note);
    } else {
        row(k, good_if(!answer_verdicts(a) && !*a->race_dispute), name, "%s. %.150s",
            verdict_list(answer_verdicts(a), got, sizeof got), remark(a));
        if (check_budget(k, a, v->label))
            check_seeds(k, &t);
    }
    trial_end(&t);
}

static bool check_failed(const struct answer *a, const char *name) {
    for (uint32_t i = 0; i < a->judgement.check_count; i++)
        if (strcmp(a->judgement.checks[i].name, name) == 0)
            return a->judgement.checks[i].state != CHECK_PASSED;
    return false;
}

static bool verdict_given(unsigned verdicts, const char *word) {
    for (unsigned bit = 0; bit < VERDICT_COUNT; bit++)
        if (verdicts >> bit & 1 && strcmp(verdict_word(bit), word) == 0)
            return true;
    return false;
}

static bool caught(const struct answer *a, const char *by) {
    return verdict_given(a->verdicts, by) || check_failed(a, by);
}

static void judge_wrong(struct check *k, const struct variant *v, const char *name,
                        const struct answer *a) {
    char got[160];
    if (a->race == RACE_UNAVAILABLE && strcmp(v->caught_by, "race") == 0)
        row(k, AUTHOR_UNAVAILABLE, name, "%s", a->race_note);
    else
        row(k, good_if(caught(a, v->caught_by) && !*a->race_dispute), name, "it gets: %s. %.150s",
            verdict_list(a->verdicts, got, sizeof got),
            *a->race_dispute ? a->race_dispute : a->judgement.note);
}

// A wrong fix that must fail, or a cheat that must be blocked.
static void check_wrong(struct check *k, const struct variant *v, bool cheat) {
    char name[300];
    bool declared = *v->idea && *v->caught_by && (cheat || *v->comment);
    struct trial t = {.variant = *v};
    snprintf(name, sizeof name, "%s: %s by %s", v->label, cheat ? "is blocked" : "is caught",
             *v->caught_by ? v->caught_by : "?");
    if (!declared) {
        row(k, AUTHOR_BROKEN, name, "its first comment lacks idea:, caught by:%s",
            cheat ? "" : " or comment:");
        return;
    }
    bool built = build(k, &t);
    const struct answer *a = built ? examine(k, &t, 0) : NULL;
    if (!built)
        row(k, good_if(t.compilation && strcmp(v->caught_by, "build") == 0), name, "%s", t.why);
    else if (!a)
        row(k, AUTHOR_UNAVAILABLE, name, "%s", t.why);
    else
        judge_wrong(k, v, name, a);
    trial_end(&t);
}

static void check_variants(struct check *k) {
    const struct scenario_info *s = k->scenario;
    int solutions = 0, wrong = 0;
    for (size_t i = 1; i < s->variant_count && !k->over; i++) {
        const struct variant *v = &s->variants[i];
        solutions += v->kind == VARIANT_SOLUTION;
        wrong += v->kind == VARIANT_WRONG;
        if (v->kind == VARIANT_SOLUTION)
            check_solution(k, v);
        else if (v->kind == VARIANT_WRONG)
            check_wrong(k, v, false);
    }
    row(k, good_if(solutions >= 1), "a solution, at least", "%d in solutions/%s", solutions,
        s->name);
    row(k, good_if(wrong >= AUTHOR_WRONG_LEAST), "three wrong fixes, at least",
        "%d in scenarios/%s/wrong", wrong, s->name);
}

// --- cheats and empty files ---------------------------------------------------------------------------

static int is_source(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 2 && *entry->d_name != '.' && strcmp(entry->d_name + length - 2, ".c") == 0;
}

static void check_cheat(struct check *k, const char *folder, const char *file) {
    char *path = text_format("%s/%s", folder, file);
    struct variant v = {.kind = VARIANT_FILE, .file = path, .source = path};
    v.label = text_format("cheat:%s", file);
    variant_read_head(&v);
    check_wrong(k, &v, true);
    free(v.idea);
    free(v.caught_by);
    free(v.comment);
    free(v.label);
    free(path);
}

static void check_cheats(struct check *k) {
    struct dirent **entries;
    char *folder = text_format("%s/cheat", k->scenario->folder);
    int count = scandir(folder, &entries, is_source, alphasort);
    for (int i = 0; i < count; i++) {
        if (!k->over)
            check_cheat(k, folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    free(folder);
}

static void check_empty(struct check *k) {
    static const char name[] = "an empty file: fails";
    const char *where = getenv("TMPDIR");
    char why[FILE_WHY],
        *folder = text_format("%s/unstuck-XXXXXX", where && *where ? where : "/tmp");
    if (!mkdtemp(folder)) {
        row(k, AUTHOR_UNAVAILABLE, name, "%s: %s", folder, strerror(errno));
        free(folder);
        return;
    }
    char *path = text_format("%s/empty.c", folder);
    struct trial t = {
        .variant = {.kind = VARIANT_FILE, .file = path, .label = path, .source = path}};
    bool written = file_put(path, "", why), built = written && build(k, &t);
    const struct answer *a = built ? examine(k, &t, 0) : NULL;
    row(k, good_if(written && (!built || (a && a->verdicts))), name, "%s",
        built ? "it compiles: what the driver calls must be the exercise's" : t.why);
    trial_end(&t);
    unlink(path);
    rmdir(folder);
    free(folder);
    free(path);
}

// --- words ------------------------------------------------------------------------------------------

static bool within(const char *text, int most_lines, size_t most_columns) {
    int lines = 0;
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        lines++;
        if (text_columns(text, strcspn(text, "\n")) > most_columns)
            return false;
    }
    return lines > 0 && lines <= most_lines;
}

// Ends as a sentence does, and no other ends within it.
static bool one_sentence(const char *text) {
    size_t length = text ? strlen(text) : 0;
    return length > 1 && strchr(".!?", text[length - 1]) && !strstr(text, ". ") &&
           !strchr(text, '\n');
}

static void check_brief(struct check *k) {
    const struct scenario_info *s = k->scenario;
    row(k, good_if(*s->title && within(s->title, 1, 40)), "title: a few words", "%s", s->title);
    row(k, good_if(within(s->brief, BRIEF_LINES, BRIEF_COLUMNS)),
        "brief: at most 6 lines of 76 columns", "%.60s ...", s->brief);
    row(k, good_if(one_sentence(s->goal)), "goal: one sentence", "%s", s->goal);
    row(k, good_if(one_sentence(s->remember)), "remember: one sentence", "%s", s->remember);
}

static int lines_of(const char *text) {
    int lines = 0;
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        lines++;
    return lines;
}

// The largest line of the exercise that a hint names ("line 12", "lines 12 and 15"); 0: it names none.
static int line_named(const char *hint) {
    int most = 0;
    for (const char *at = hint; (at = strcasestr(at, "line")); at++) {
        const char *p = at + 4 + (at[4] == 's');
        while (*p == ' ' || *p == ',' || strncmp(p, "and ", 4) == 0 || isdigit((unsigned char)*p)) {
            int number = atoi(p);
            most = number > most ? number : most;
            p += *p == 'a' ? 3 : *p == ' ' || *p == ',' ? 1 : strspn(p, "0123456789");
        }
    }
    return most;
}

static void check_hint(struct check *k, int rung, int exercise_lines) {
    char name[80], why[AUTHOR_WHY];
    char *hint = guide_hint(k->scenario, rung, why);
    snprintf(name, sizeof name, "hint %d", rung);
    if (!hint) {
        row(k, AUTHOR_BROKEN, name, "%s", why);
        return;
    }
    int lines = lines_of(hint), named = line_named(hint);
    bool small = rung == GUIDE_RUNGS || lines <= HINT_LINES;
    row(k, good_if(small && named <= exercise_lines), name, "%d lines%s", lines,
        named > exercise_lines ? ", and it names a line that the exercise does not have"
        : small                ? ""
                               : ", at most 4");
    free(hint);
}

static void check_hints(struct check *k) {
    char *path = text_format("%s/exercise.c", k->scenario->folder);
    char *source = text_file(path, SOURCE_LIMIT);
    int lines = source ? lines_of(source) : 0;
    for (int rung = 1; rung <= GUIDE_RUNGS && !k->over; rung++)
        check_hint(k, rung, lines);
    free(source);
    free(path);
}

// The first file that a chapter links to and that is not there, malloc'ed; NULL: all are.
static char *dead_link(const char *chapter, const char *text) {
    for (const char *at = text; (at = strstr(at, "](")); at++) {
        size_t length = strcspn(at + 2, ")#");
        if (!length || strncmp(at + 2, "http", 4) == 0)
            continue;
        char *target = text_format("%.*s/%.*s", (int)(strrchr(chapter, '/') - chapter), chapter,
                                   (int)length, at + 2);
        if (access(target, R_OK) != 0)
            return target;
        free(target);
    }
    return NULL;
}

static void check_guide(struct check *k) {
    char why[AUTHOR_WHY];
    char *text = guide_text(k->scenario, why);
    char *dead = text ? dead_link(k->scenario->guide, text) : NULL;
    row(k, good_if(text && !dead), "guide: a chapter whose links lead somewhere", "%s%s",
        !text  ? why
        : dead ? dead
               : "",
        dead ? " is not there" : "");
    free(dead);
    free(text);
}

bool author_check(const struct catalogue *c, const struct scenario_info *s, author_tell *tell,
                  void *user) {
    struct check k = {.catalogue = c, .scenario = s, .tell = tell, .user = user};
    void (*const parts[])(struct check *) = {check_brief,    check_guide, check_hints,
                                             check_exercise, check_empty, check_variants,
                                             check_cheats};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !k.over; i++)
        parts[i](&k);
    return !k.over;
}

// --- a new one --------------------------------------------------------------------------------------

#define TEMPLATE_NAME "first-answer"

// With the new name in place of the template's; malloc'ed.
static char *renamed(const char *text, const char *name) {
    struct text out = {0};
    const char *at;
    for (; (at = strstr(text, TEMPLATE_NAME)); text = at + strlen(TEMPLATE_NAME)) {
        text_add(&out, text, (size_t)(at - text));
        text_addf(&out, "%s", name);
    }
    text_addf(&out, "%s", text);
    return text_take(&out);
}

// A file that is there already is left as it is: by a `dev new` that came to no end, or the author's.
static bool copy_one(const char *from, const char *to, const char *name, struct text *said,
                     char *why) {
    if (access(to, F_OK) == 0)
        return true;
    char *content = text_file(from, SOURCE_LIMIT);
    if (!content) {
        snprintf(why, AUTHOR_WHY, "%.200s: %.60s", from, strerror(errno));
        return false;
    }
    char *own = renamed(content, name);
    bool good = file_put(to, own, why);
    if (good)
        text_addf(said, "made  %s\n", to);
    free(own);
    free(content);
    return good;
}

static bool copy_all(const char *from, const char *to, const char *name, struct text *said,
                     char *why) {
    struct dirent **entries;
    int count = scandir(from, &entries, is_source, alphasort);
    bool good = count > 0;
    if (!good)
        snprintf(why, AUTHOR_WHY, "%.200s: the template is not there; install unstuck again", from);
    for (int i = 0; i < count; i++) {
        char *source = text_format("%s/%s", from, entries[i]->d_name);
        char *target = text_format("%s/%s", to, entries[i]->d_name);
        good = good && copy_one(source, target, name, said, why);
        free(target);
        free(source);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return good;
}

static bool good_name(const char *name) {
    size_t length = strlen(name);
    return length > 0 && length < 48 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length && *name != '-' &&
           name[length - 1] != '-' && strcmp(name, "all") != 0;
}

bool author_new(const struct catalogue *c, const char *folder, const char *name, struct text *said,
                char *why) {
    if (!good_name(name)) {
        snprintf(why, AUTHOR_WHY,
                 "`%.60s` is no name for a scenario: small letters, digits and -, at most 47",
                 name);
        return false;
    }
    char *to = text_format("%s/scenarios/%s", folder, name),
         *from = text_format("%s/harness/template", c->root);
    char *last = text_format("%s/scenario.c", to); // from which on it is one
    bool free_name = access(last, F_OK) != 0 && !catalogue_find(c, name);
    if (!free_name)
        snprintf(why, AUTHOR_WHY, "there is a scenario `%.60s` already; take another name", name);
    char *wrong = text_format("%s/wrong", to), *wrong_from = text_format("%s/wrong", from);
    char *solutions = text_format("%s/solutions/%s", folder, name);
    char *solutions_from = text_format("%s/solutions", from);
    char *guide = text_format("%s/guide/%s.md", folder, name),
         *guide_from = text_format("%s/guide.md", from);
    char *header = text_format("%s/exercise.h", to),
         *header_from = text_format("%s/exercise.h", from);
    bool good = free_name && copy_one(guide_from, guide, name, said, why) &&
                copy_all(solutions_from, solutions, name, said, why) &&
                copy_all(wrong_from, wrong, name, said, why) &&
                copy_one(header_from, header, name, said, why) &&
                copy_all(from, to, name, said, why);
    char *owned[] = {to,    from,       wrong,  wrong_from,  solutions, solutions_from,
                     guide, guide_from, header, header_from, last};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    return good;
}
