#include "tui/why.h"

#include "harness/explain.h"
#include "harness/result.h"
#include "harness/text.h"
#include "tui/format.h"
#include "tui/pieces.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TASKS = 8 };

// For a text that fills its room because it was cut, maybe inside a character.
static void end_in_ellipsis(char *text, size_t room) {
    size_t at = room - sizeof "…";
    while (at && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    snprintf(text + at, room - at, "…");
}

__attribute__((format(printf, 4, 5))) static void add(struct why *w, enum role role, int indent,
                                                      const char *format, ...) {
    if (w->count == WHY_LINES)
        return;
    struct why_line *line = &w->lines[w->count++];
    line->role = role;
    line->indent = indent;
    line->circumstance = false;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line->text, sizeof line->text, format, args);
    va_end(args);
    if (length >= (int)sizeof line->text)
        end_in_ellipsis(line->text, sizeof line->text);
}

static void add_task(struct why *w, const struct seen *s, uint32_t task) {
    char where[300];
    struct explanation why;
    add(w, ROLE_BAD, 0, "%s", explain_where(s, task, where, sizeof where));
    explain_task(s, task, &why);
    for (uint32_t i = 0; i < why.count && w->count < WHY_LINES; i++) {
        add(w, ROLE_TEXT, 2, "%s", why.lines[i]);
        w->lines[w->count - 1].circumstance = i + 1 < why.count;
    }
}

// The focus first when it is left, then the others, as many as are asked for.
static void add_left(struct why *w, const struct seen *s, const struct judgement *j, uint32_t focus,
                     uint32_t most) {
    uint32_t told = 0;
    for (uint32_t i = 0; i < j->left_count && told < most; i++)
        if (j->left[i] == focus) {
            add_task(w, s, focus);
            told++;
        }
    for (uint32_t i = 0; i < j->left_count && told < most; i++)
        if (j->left[i] != focus) {
            add_task(w, s, j->left[i]);
            told++;
        }
    if (told < j->left_count)
        add(w, ROLE_DIM, 0, "and %u more", j->left_count - told);
}

static void add_checks(struct why *w, const struct judgement *j, bool all) {
    for (uint32_t i = 0; i < j->check_count && i < JUDGE_CHECKS; i++) {
        const struct judged_check *c = &j->checks[i];
        if (c->state == CHECK_PASSED && all)
            add(w, ROLE_GOOD, 0, "[ok] %s", c->name);
        else if (c->state == CHECK_FAILED)
            add(w, ROLE_BAD, 0, "[!!] %s: %s", c->name, c->detail);
        else if (c->state == CHECK_NOT_REACHED)
            add(w, ROLE_WARN, 0, "[..] %s: not reached", c->name);
    }
}

// What a learner does next.
static void add_next(struct why *w, const struct trial *t) {
    add(w, ROLE_KEY, 0, "e edits %s; h hints, 2 shows a fix, L puts load on it.", t->variant->file);
}

static bool is_solved(const struct trial *t) {
    return t->variant->kind == VARIANT_EXERCISE && t->state == TRIAL_DONE &&
           !answer_verdicts(t->answer);
}

static void add_solved(struct why *w, const struct trial *t) {
    add(w, ROLE_KEY, 0, "Solved. ] is the next case; L puts load on it, 2 shows another way.");
    if (t->scenario->remember)
        add(w, ROLE_TITLE, 0, "%s", t->scenario->remember);
}

static void add_variant(struct why *w, const struct trial *t) {
    const struct variant *v = t->variant;
    if (v->kind == VARIANT_SOLUTION && v->idea)
        add(w, ROLE_TEXT, 0, "The idea: %s", v->idea);
    if (v->kind == VARIANT_WRONG && v->comment)
        add(w, ROLE_TEXT, 0, "%s", v->comment);
    if (v->kind == VARIANT_EXERCISE && t->answer->verdicts)
        add_next(w, t);
    if (v->kind == VARIANT_SOLUTION && t->scenario->remember)
        add(w, ROLE_TITLE, 0, "%s", t->scenario->remember);
}

static void add_pass(struct why *w, const struct trial *t, const struct player *p) {
    add(w, ROLE_GOOD, 0, "Every task came to its end: %u started, 0 left.", p->end.task_count);
    if (t->answer->race == RACE_UNAVAILABLE)
        add(w, ROLE_WARN, 0, "Races were not looked for, so it is no PASS: %s",
            t->answer->race_note);
}

static void add_access(struct why *w, const struct raced_access *access) {
    char words[200];
    add(w, ROLE_TEXT, 2, "%s by %s", access->write ? "write" : "read", access->name);
    for (uint32_t i = 0; i < access->frame_count; i++)
        add(w, ROLE_TEXT, 4, "%s", raced_frame_words(&access->frames[i], words, sizeof words));
}

// Both stacks of each race, and where to see what it leads to.
static void add_races(struct why *w, const struct answer *a) {
    for (uint32_t i = 0; i < a->race_count; i++) {
        const struct raced *r = &a->races[i];
        add(w, ROLE_BAD, 0, "race on %s", *r->object ? r->object : "memory");
        add_access(w, &r->accesses[0]);
        add_access(w, &r->accesses[1]);
    }
}

// The run that is played is not the racy one that the verdict is about, but one in which it does harm.
static void add_effect(struct why *w, const struct answer *a) {
    char id[SCHEDULE_TEXT];
    schedule_format(&a->effect.schedule, id, sizeof id);
    add(w, ROLE_KEY, 0, "What the race leads to, each access to memory a step: %s", a->effect.note);
    add(w, ROLE_TEXT, 0, "This run is %s", id);
}

static void add_race(struct why *w, const struct answer *a) {
    add_races(w, a);
    if (a->race == RACE_UNAVAILABLE && a->verdicts)
        add(w, ROLE_WARN, 0, "Races were not looked for: %s", a->race_note);
    if (a->race == RACE_NONE)
        add(w, ROLE_GOOD, 0, "[ok] no race (%s)",
            a->engine[ENGINE_TSAN].state != RACE_NONE    ? "our own race engine alone"
            : a->engine[ENGINE_HOOKS].state != RACE_NONE ? "ThreadSanitizer alone"
                                                         : "both race engines");
}

static void add_full(struct why *w, const struct trial *t, bool full) {
    if (!full)
        return;
    char reach[500], *again = result_again(t->scenario, t->variant, t->answer);
    add(w, ROLE_TEXT, 0, "%s", "");
    add(w, ROLE_TEXT, 0, "How sure: %s", trial_reach(t, reach, sizeof reach));
    add(w, ROLE_TEXT, 0, "This run again: %s", again);
    free(again);
    if (t->scenario->goal)
        add(w, ROLE_TEXT, 0, "The goal: %s", t->scenario->goal);
    if (t->variant->source)
        add(w, ROLE_TEXT, 0, "The code: %s", path_tail(t->variant->source));
}

// What the compiler says, line by line as it says it. Where there is little room its errors stay.
static void add_compiler(struct why *w, const struct trial *t) {
    char *said = format_compiler(compile_output(t->compilation)), *rest = said;
    bool errors = strstr(said, "error:");
    add(w, ROLE_KEY, 0, "Mend it and press r. The compiler says:");
    for (char *line; (line = strsep(&rest, "\n")) && w->count < WHY_LINES;) {
        if (!*line && !rest)
            break;
        add(w, ROLE_TEXT, 0, "%s", line);
        w->lines[w->count - 1].circumstance = errors && !strstr(line, "error:");
    }
    free(said);
}

static void add_lines(struct why *w, const char *lines) {
    for (; *lines && w->count < WHY_LINES; lines += strcspn(lines, "\n") + 1)
        add(w, *lines == ' ' ? ROLE_TEXT : ROLE_KEY, 0, "%.*s", (int)strcspn(lines, "\n"), lines);
}

void why_build(struct why *w, const struct trial *t, const struct player *p, uint32_t focus,
               bool full, const char *also) {
    w->count = 0;
    const struct answer *a = t->answer;
    char words[500];
    if (t->state == TRIAL_UNBUILT) {
        add_compiler(w, t);
        return;
    }
    if (t->state == TRIAL_REFUSED) {
        add(w, ROLE_BAD, 0, "%s", t->why);
        return;
    }
    if (!a || !p->log) {
        if (a && *a->error)
            add(w, ROLE_BAD, 0, "%s", a->error);
        else
            add(w, ROLE_DIM, 0, "%s", trial_reach(t, words, sizeof words));
        return;
    }
    bool harmed = a->effect.log && p->log == a->effect.log;
    const struct judgement *j = harmed ? &a->effect.judgement : &a->judgement;
    if (harmed)
        add_effect(w, a);
    if (is_solved(t))
        add_solved(w, t);
    add_lines(w, also);
    bool in_words = !(a->verdicts & VERDICT_ERRORS) && j->verdicts && (full || !j->left_count);
    if (trial_moving(t))
        add(w, ROLE_WARN, 0, "Still judging: %s", trial_reach(t, words, sizeof words));
    if (a->verdicts & VERDICT_ERRORS)
        add(w, ROLE_BAD, 0, "%s", a->error);
    else if (in_words)
        add(w, ROLE_BAD, 0, "%s", explain_verdict(&p->end, j, words, sizeof words));
    else if (!a->verdicts && t->state == TRIAL_DONE)
        add_pass(w, t, p);
    if (*j->note && !in_words && !(j->verdicts & VERDICT_ERRORS)) // those have it in them
        add(w, ROLE_BAD, 0, "%s", j->note);
    add_left(w, &p->end, j, focus, full ? MOST_TASKS : 1);
    add_checks(w, j, full);
    if (full)
        add_race(w, a);
    add_variant(w, t);
    add_full(w, t, full);
}

char *why_text(const struct why *w) {
    struct text text = {0};
    for (int i = 0; i < w->count; i++) {
        const char *mark = role_mark(w->lines[i].role);
        text_addf(&text, "%s%*s%s\n", mark ? mark : "", w->lines[i].indent, "", w->lines[i].text);
    }
    return text_take(&text);
}

static void count_line(void *user, const char *line) {
    (void)line;
    ++*(int *)user;
}

static int rows_of(const struct why_line *line, int cols) {
    int rows = 0;
    wrap_lines(line->text, cols - 1 - line->indent, count_line, &rows);
    return rows;
}

bool why_draw(const struct why *w, struct cells *c, struct rect in) {
    int over = -in.rows, row = 0;
    for (int i = 0; i < w->count; i++)
        over += rows_of(&w->lines[i], in.cols);
    bool all = over <= 0;
    for (int i = 0; i < w->count && row < in.rows; i++) {
        const struct why_line *line = &w->lines[i];
        if (over > 0 && line->circumstance)
            over -= rows_of(line, in.cols);
        else
            row = draw_wrapped(c, in, row, 1 + line->indent, line->role, line->text);
    }
    return all;
}
