// result_text: a verdict for people. The verdict line first, then why, then how to see it again.
#include "harness/result.h"

#include "harness/explain.h"
#include "harness/text.h"
#include "harness/waitgraph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, LEFT_SHOWN = 6, PRINTED_SHOWN = 8 };

struct paint {
    const char *bad, *good, *odd, *strong, *soft, *off;
};

static struct paint paint_of(bool colour) {
    if (!colour)
        return (struct paint){"", "", "", "", "", ""};
    return (struct paint){"\033[1;31m", "\033[1;32m", "\033[1;35m",
                          "\033[1m",    "\033[36m",   "\033[0m"};
}

// Prints `text` in lines of at most WIDTH columns, each begun by `indent` spaces, the further ones
// by two more. A word longer than a line stays whole.
static void put_wrapped(FILE *out, int indent, const char *text) {
    const char *p = text + strspn(text, " \n");
    for (int more = 0; *p; more = 2) {
        size_t room = (size_t)(WIDTH - indent - more);
        size_t end = strcspn(p, " \n");
        while (p[end] == ' ') {
            size_t next = end + 1 + strcspn(p + end + 1, " \n");
            if (text_columns(p, next) > room)
                break;
            end = next;
        }
        fprintf(out, "%*s%.*s\n", indent + more, "", (int)end, p);
        p += end + strspn(p + end, " \n");
    }
}

static void put_clean(FILE *out, int indent, const char *text) {
    char *clean = text_clean(text);
    put_wrapped(out, indent, clean);
    free(clean);
}

// --- the verdict line -------------------------------------------------------------------------

static void put_headline(const struct scenario_info *s, const struct variant *v,
                         const struct answer *a, const struct paint *p, FILE *out) {
    unsigned verdicts = answer_verdicts(a);
    char words[160] = "", reach[120];
    if (verdicts)
        verdict_list(verdicts, words, sizeof words);
    const char *status = !verdicts ? "PASS" : verdicts & VERDICT_ERRORS ? "ERROR" : "FAIL";
    const char *colour = !verdicts ? p->good : verdicts & VERDICT_ERRORS ? p->odd : p->bad;
    fprintf(out, "%s%s%s%s%s  %s%s%s  %s", colour, status, *words ? " " : "", words, p->off,
            p->strong, s->name, p->off, v->label);
    if (a->explored)
        fprintf(out, "  %s", answer_reach(a, reach, sizeof reach));
    fputc('\n', out);
}

// --- why --------------------------------------------------------------------------------------

// Whether both stand at the same line for the same kind of reason: one explanation does for both.
static bool alike(const struct seen_task *a, const struct seen_task *b) {
    return a->name == b->name && a->at == b->at && a->state == b->state && a->reason == b->reason;
}

// The first of left[0 .. i-1] that is like left[i]; i: there is none.
static uint32_t first_alike(const struct answer *a, uint32_t i) {
    const uint32_t *left = a->judgement.left;
    uint32_t k = 0;
    while (k < i && !alike(&a->seen.tasks[left[k]], &a->seen.tasks[left[i]]))
        k++;
    return k;
}

static void put_why(const struct seen *s, uint32_t task, FILE *out) {
    struct explanation why = {0};
    explain_task(s, task, &why);
    for (uint32_t i = 0; i < why.count; i++)
        put_clean(out, 4, why.lines[i]);
}

static void put_left_task(const struct answer *a, uint32_t i, FILE *out) {
    char where[240];
    uint32_t task = a->judgement.left[i], like = first_alike(a, i);
    put_clean(out, 2, explain_where(&a->seen, task, where, sizeof where));
    if (like == i)
        put_why(&a->seen, task, out);
    else
        fprintf(out, "    for the same reason as #%u\n", a->judgement.left[like]);
}

static void put_left(const struct answer *a, FILE *out) {
    uint32_t count = a->judgement.left_count;
    for (uint32_t i = 0; i < count && i < LEFT_SHOWN; i++)
        put_left_task(a, i, out);
    if (count > LEFT_SHOWN)
        fprintf(out, "  ... and %u more\n", count - LEFT_SHOWN);
}

static void put_graph_line(void *out, enum graph_line kind, int indent, const char *line) {
    (void)kind;
    put_clean(out, 4 + 2 * indent, line);
}

static void put_graph(const struct answer *a, FILE *out) {
    struct waitgraph g;
    if (!a->judgement.left_count)
        return;
    waitgraph_build(&a->seen, a->judgement.left, a->judgement.left_count, &g);
    fputs("  who waits for whom:\n", out);
    waitgraph_draw(&a->seen, &g, put_graph_line, out);
}

static void put_checks(const struct answer *a, const struct paint *p, FILE *out) {
    for (uint32_t i = 0; i < a->judgement.check_count; i++) {
        const struct judged_check *check = &a->judgement.checks[i];
        if (check->state == CHECK_PASSED)
            continue;
        bool failed = check->state == CHECK_FAILED;
        fprintf(out, "  %scheck %s:%s %s\n", failed ? p->bad : p->odd,
                failed ? "failed" : "not reached", p->off, check->name);
        if (failed && *check->detail)
            put_clean(out, 4, check->detail);
    }
}

// What the code under test printed in the run at hand, in order.
static void put_printed(const struct answer *a, FILE *out) {
    uint64_t head = atomic_load_explicit(&a->log->head, memory_order_acquire), shown = 0;
    for (uint64_t n = 0; n < head && n < a->log->capacity; n++) {
        const event *e = &a->log->events[n];
        if (e->kind != EV_PRINT)
            continue;
        if (shown == 0)
            fputs("  it printed:\n", out);
        if (shown++ == PRINTED_SHOWN) {
            fputs("    ... and more; --events shows all of it in its place\n", out);
            return;
        }
        put_clean(out, 4, event_log_string(a->log, (uint32_t)e->value));
    }
}

static void put_run(const struct answer *a, const struct paint *p, FILE *out) {
    char sentence[400];
    struct judgement rest = a->judgement;
    if (*a->error) // which put_error has said
        rest.verdicts &= ~(unsigned)VERDICT_ERRORS;
    if (rest.verdicts)
        put_clean(out, 2, explain_verdict(&a->seen, &rest, sentence, sizeof sentence));
    put_left(a, out);
    put_graph(a, out);
    put_checks(a, p, out);
    put_printed(a, out);
}

// Where a slow machine showed.
static void put_early(const struct answer *a, FILE *out) {
    uint64_t events[SCHEDULE_EARLY];
    char line[240], when[32];
    uint32_t count = answer_early(a, events, SCHEDULE_EARLY);
    for (uint32_t i = 0; i < count; i++) {
        int64_t time = a->log->events[events[i] - 1].time;
        snprintf(line, sizeof line,
                 "a slow machine: at event %" PRIu64 " time moves on to %s though a task could "
                 "still go on",
                 events[i], seen_time_label(time, when, sizeof when));
        put_wrapped(out, 2, line);
    }
}

// A build's error is the compiler's text, which the caller has shown as it is.
static void put_error(const struct answer *a, FILE *out) {
    bool told = a->verdicts & VERDICT_BUILD && !a->log; // in the compiler's own words
    if (*a->error && !told)
        put_clean(out, 2, a->error);
}

static void put_stack(const struct raced_access *access, FILE *out) {
    char line[240];
    snprintf(line, sizeof line, "%s by %s:", access->write ? "write" : "read", access->name);
    put_clean(out, 4, line);
    for (uint32_t i = 0; i < access->frame_count; i++)
        put_clean(out, 6, raced_frame_words(&access->frames[i], line, sizeof line));
}

// Both stacks of each race.
static void put_races(const struct answer *a, FILE *out) {
    for (uint32_t i = 0; i < a->race_count; i++) {
        const struct raced *r = &a->races[i];
        char *words = text_format("race on %s", *r->object ? r->object : "memory");
        put_clean(out, 2, words);
        free(words);
        put_stack(&r->accesses[0], out);
        put_stack(&r->accesses[1], out);
    }
}

// Where only one engine looked, and found nothing.
static void put_sole_engine(const struct answer *a, FILE *out) {
    static const char *const names[] = {
        [ENGINE_HOOKS] = "our own race engine", [ENGINE_TSAN] = "ThreadSanitizer"};
    for (int by = ENGINE_HOOKS; a->race == RACE_NONE && by < ENGINES; by++) {
        int other = by == ENGINE_HOOKS ? ENGINE_TSAN : ENGINE_HOOKS;
        if (a->engine[other].state != RACE_UNAVAILABLE)
            continue;
        char *words = text_format("no race found by %s alone; %s is unavailable: %s", names[by],
                                  names[other], a->engine[other].note);
        put_clean(out, 2, words);
        free(words);
    }
}

static void put_race(const struct answer *a, const struct paint *p, FILE *out) {
    put_races(a, out);
    put_sole_engine(a, out);
    if (*a->race_dispute)
        put_clean(out, 2, a->race_dispute);
    if (a->race != RACE_UNAVAILABLE)
        return;
    fprintf(out, "  %sraces: unavailable%s\n", p->odd, p->off);
    put_clean(out, 4, a->race_note);
    if (a->verdicts == 0)
        put_wrapped(out, 4, "Everything else holds, but without this check it is no PASS.");
}

// What nobody got stuck on in this run, but may in another.
static void put_lock_orders(const struct answer *a, const struct paint *p, FILE *out) {
    struct lockorder found;
    char step[LOCKORDER_TEXT];
    if (!answer_lock_orders(a, &found))
        return;
    for (uint32_t i = 0; i < found.count; i++) {
        fprintf(out, "  %swarning:%s locks are taken in opposite orders\n", p->odd, p->off);
        for (uint32_t k = 0; k < found.cycles[i].length; k++)
            put_clean(out, 4,
                      lockorder_text(&a->seen, &found.cycles[i].steps[k], step, sizeof step));
        put_wrapped(out, 4, "Nobody got stuck in this run; in another each may wait for the next.");
    }
}

// From where on nothing could have helped any more.
static void put_fate(const struct answer *a, FILE *out) {
    const struct fate *f = &a->fate;
    char what[400], line[700], all[100];
    if (!f->known)
        return;
    snprintf(all, sizeof all,
             f->continuations == 1 ? "the one schedule" : "all %" PRIu64 " schedules",
             f->continuations);
    const char *sure = f->exhaustive ? "" : " (explored, not exhaustive)";
    if (f->event == 0)
        snprintf(line, sizeof line, "point of no return: from the start; %s fail%s", all, sure);
    else
        snprintf(line, sizeof line,
                 "point of no return: from event %" PRIu64
                 " on, %s; %s that go%s on from there fail%s%s",
                 f->event, seen_event_text(&a->seen, f->event - 1, what, sizeof what), all,
                 f->continuations == 1 ? "es" : "", f->continuations == 1 ? "s" : "", sure);
    put_clean(out, 2, line);
}

static void put_diverged(const struct answer *a, FILE *out) {
    if (!a->diverged)
        return;
    char line[400];
    snprintf(line, sizeof line, "not repeatable: %s", result_diverged);
    put_wrapped(out, 2, line);
}

static void put_claims(const struct answer *a, FILE *out) {
    char line[CLAIM_TEXT + 16];
    for (uint32_t i = 0; i < a->claims.count; i++) {
        snprintf(line, sizeof line, "tried: %s", a->claims.list[i]);
        put_wrapped(out, 2, i && !strncmp(a->claims.list[i], "a ", 2) ? line + 7 : line);
    }
}

// --- how to see it again ----------------------------------------------------------------------

static char *again(const struct scenario_info *s, const struct variant *v,
                   const struct schedule *schedule) {
    char id[SCHEDULE_TEXT], hash[SOURCE_HASH];
    struct text t = {0};
    schedule_format(schedule, id, sizeof id);
    text_addf(&t, "unstuck replay %s", id);
    if (v->kind != VARIANT_EXERCISE) {
        text_addf(&t, " --variant");
        text_add_word(&t, v->label);
    }
    char *pack = scenario_pack_words(s);
    text_addf(&t, "%s", pack);
    free(pack);
    if (*variant_hash(v, hash))
        text_addf(&t, " --source %s", hash);
    return text_take(&t);
}

char *result_again(const struct scenario_info *s, const struct variant *v, const struct answer *a) {
    return again(s, v, &a->schedule);
}

static void put_effect(const struct scenario_info *s, const struct variant *v,
                       const struct answer *a, const struct paint *p, FILE *out) {
    if (!a->effect.verdicts)
        return;
    char *command = again(s, v, &a->effect.schedule);
    char *words = text_format("what the race leads to: %s", a->effect.note);
    put_clean(out, 2, words);
    fprintf(out, "    step by step: %s%s --text%s\n", p->soft, command, p->off);
    free(words);
    free(command);
}

static void put_again(const struct scenario_info *s, const struct variant *v,
                      const struct answer *a, const struct paint *p, FILE *out) {
    char *command = result_again(s, v, a);
    fprintf(out, "  again: %s%s%s\n", p->soft, command, p->off);
    free(command);
}

// A schedule for each other way of failing that the search met.
static void put_other_ways(const struct answer *a, FILE *out) {
    char id[SCHEDULE_TEXT], words[160];
    for (uint32_t i = 0; i < a->way_count; i++) {
        if (a->ways[i].verdicts == a->judgement.verdicts)
            continue;
        schedule_format(&a->ways[i].schedule, id, sizeof id);
        fprintf(out, "  also %s: %s\n", verdict_list(a->ways[i].verdicts, words, sizeof words), id);
    }
}

void result_text(const struct scenario_info *s, const struct variant *v, const struct answer *a,
                 bool colour, FILE *out) {
    struct paint p = paint_of(colour);
    put_headline(s, v, a, &p, out);
    put_error(a, out);
    if (a->verdicts & VERDICT_BUILD)
        return;
    if (a->log)
        put_run(a, &p, out);
    put_early(a, out);
    put_race(a, &p, out);
    put_effect(s, v, a, &p, out);
    put_lock_orders(a, &p, out);
    put_fate(a, out);
    put_diverged(a, out);
    put_claims(a, out);
    if (a->failing_schedule)
        put_again(s, v, a, &p, out);
    put_other_ways(a, out);
}
