// The event log as the parent reads it: a learner's code ran in the process that wrote it. Everything that is
// made of a log is made: the verdict, the explanations, the wait graph, lock orders, the result in words and
// in JSON, the events.
//
// The log may also change while it is read, as that of a live run does: the second part of the records is
// put there when the first has been folded in.
#include "core/select.h"
#include "harness/claims.h"
#include "harness/explain.h"
#include "harness/fuzz/fuzz.h"
#include "harness/fuzz/log_input.h"
#include "harness/hang.h"
#include "harness/leaks.h"
#include "harness/lockorder.h"
#include "harness/result.h"
#include "harness/text.h"
#include "harness/waitgraph.h"

#include <stdlib.h>
#include <string.h>

// --- from input to log ------------------------------------------------------------------------------

struct input {
    struct log_head head;
    const log_site *sites;
    const char *strings;
    const event *events;
    size_t site_count, string_bytes, event_count;
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

// Takes what there is of `count` things of a size.
static size_t taken(const uint8_t **at, size_t *left, size_t count, size_t size) {
    size_t n = least(count, *left / size);
    *at += n * size;
    *left -= n * size;
    return n;
}

static bool input_read(struct input *in, const uint8_t *data, size_t size) {
    *in = (struct input){0};
    if (size < sizeof in->head)
        return false;
    memcpy(&in->head, data, sizeof in->head);
    data += sizeof in->head;
    size -= sizeof in->head;
    in->sites = (const log_site *)data;
    in->site_count = taken(&data, &size, least(in->head.sites, INPUT_SITES), sizeof(log_site));
    in->strings = (const char *)data;
    in->string_bytes = taken(&data, &size, least(in->head.strings, INPUT_STRINGS), 1);
    in->events = (const event *)data;
    in->event_count = taken(&data, &size, INPUT_EVENTS, sizeof(event));
    return true;
}

static event_log *the_log;

static uint32_t capacity_of(const struct input *in) {
    uint32_t capacity = UINT32_C(64) << in->head.capacity % 7;
    return in->head.flags & LOG_ODD_SIZE ? capacity - 1 : capacity;
}

// Only what an input can reach is made anew.
static void log_clear(const struct input *in) {
    if (!the_log)
        the_log = zero_alloc(1, event_log_size(INPUT_EVENTS));
    memset(the_log, 0, offsetof(event_log, sites));
    memset(the_log->sites, 0, 2 * INPUT_SITES * sizeof the_log->sites[0]);
    memset(the_log->strings, 0, 2 * INPUT_STRINGS);
    memset(the_log->events, 0, INPUT_EVENTS * sizeof the_log->events[0]);
    event_log_init(the_log, UINT32_C(64) << in->head.capacity % 7, in->head.flags & LOG_RING);
    the_log->capacity = capacity_of(in);
}

static void log_put(const struct input *in, size_t from, size_t count) {
    for (size_t n = from; n < from + count; n++)
        memcpy(&the_log->events[n % least(the_log->capacity, INPUT_EVENTS)], in->events + n,
               sizeof(event));
    the_log->head = in->head.head ? in->head.head : from + count;
}

static void log_fill(const struct input *in, size_t count) {
    log_clear(in);
    memcpy(the_log->sites + 1, in->sites, in->site_count * sizeof(log_site));
    memcpy(the_log->strings + 1, in->strings, in->string_bytes);
    the_log->site_count = (uint32_t)in->site_count + 1;
    the_log->string_bytes = (uint32_t)in->string_bytes + 2;
    the_log->current = (uint32_t)in->head.grace % 4;
    log_put(in, 0, count);
}

// --- what is made of it -----------------------------------------------------------------------------

static struct scenario_info scenario = {.name = (char *)"one",
                                        .terms = {.checks = {"answers", "in time"}, .timed = 2}};
static struct variant exercise = {
    .kind = VARIANT_EXERCISE, .file = (char *)"exercise.c", .label = (char *)"exercise"};
static struct answer answer;

static void labels_read(const struct seen *s) {
    char out[200];
    for (uint32_t task = 0; task < least(s->task_count, 100); task++) {
        seen_task_labelled(s, task, out, sizeof out);
        explain_where(s, task, out, sizeof out);
    }
    for (uint32_t object = 0; object < least(s->object_count, 100); object++)
        seen_object_label(s, object, out, sizeof out);
}

static void put_nothing(void *user, enum graph_line kind, int indent, const char *line) {
    (void)kind;
    fuzz_must(indent >= 0 && strlen(line) < GRAPH_TEXT * 2, "a line of the graph has its size");
    *(size_t *)user += 1;
}

// As the screens show it at any moment: of all that wait now.
static void parked_draw(const struct seen *s) {
    uint32_t count;
    size_t lines = 0;
    struct waitgraph g;
    uint32_t *parked = waitgraph_parked(s, &count);
    waitgraph_build(s, parked, count, &g);
    waitgraph_draw(s, &g, put_nothing, &lines);
    free(parked);
}

static void counts_hold(const struct seen *s) {
    uint32_t parked = 0, alive = 0;
    for (uint32_t i = 0; i < s->task_count; i++) {
        parked += s->tasks[i].state == TASK_PARKED;
        alive += s->tasks[i].state != TASK_ENDED;
    }
    for (int i = 0; i < WAIT_REASON_COUNT && !s->lost; i++)
        parked -= s->waiting[i];
    fuzz_must(s->lost || parked == 0, "who waits is counted by reason");
    fuzz_must(s->lost || alive == s->alive, "who is alive is counted");
}

static void judgement_holds(const struct seen *s, const struct judgement *j) {
    fuzz_must(j->verdicts < 1u << VERDICT_COUNT, "there are no other verdicts");
    for (uint32_t i = 0; i < j->left_count; i++)
        fuzz_must(j->left[i] < s->task_count, "who is left is a task");
    fuzz_must(memchr(j->note, 0, sizeof j->note), "a note has an end");
    // Else the core would be held for broken by what only a tampered log can say.
    fuzz_must(!s->contradiction || j->verdicts & VERDICT_TAMPERED || s->lost,
              "a log that contradicts itself is no verdict of anything else");
}

static void answer_from(const struct input *in) {
    struct judge_terms terms = scenario.terms;
    static const int64_t graces[] = {0, 1, SECOND, INT64_MAX};
    terms.grace = graces[in->head.grace % 4];
    terms.slow = in->head.flags & LOG_SLOW;
    answer.seen.record_touches = true;
    seen_init(&answer.seen, the_log, judge_grace(&terms));
    judge(&answer.seen, &terms, &answer.judgement);
    answer.log = the_log;
    answer.verdicts = answer.first_verdicts = answer.judgement.verdicts;
    answer.explored = 1;
    answer.failing = answer.verdicts != 0;
    answer.failing_schedule = answer.verdicts != 0;
    snprintf(answer.schedule.name, sizeof answer.schedule.name, "one");
    answer.fate = (struct fate){.known = answer.verdicts, .event = in->head.changed};
}

static void answer_print(void) {
    char *bytes = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&bytes, &size);
    result_text(&scenario, &exercise, &answer, false, out);
    result_events(the_log, out);
    json_t *document = result_new(NULL);
    result_add(document, &scenario, &exercise, &answer);
    fuzz_must(result_print(document, out), "every result can be written");
    fclose(out);
    fuzz_must(strlen(bytes) == size, "no NULs in what is printed");
    free(bytes);
    json_decref(document);
}

static void leaks_print(const struct input *in) {
    struct leaks_shown shown = {0};
    struct leaks leaks;
    char out[LEAKS_TEXT];
    memcpy(&shown, in->events, least(sizeof shown, in->event_count * sizeof(event)));
    if (!leaks_read(&shown, &leaks))
        return;
    leaks_words(&leaks, true, out, sizeof out);
    for (uint32_t i = 0; i < leaks.group_count; i++)
        leaks_group_words(the_log, &leaks.groups[i], out, sizeof out);
}

static void hang_add(const struct input *in) {
    struct hang hang = {.state = HANG_NAMED, .line = in->head.grace - 8};
    memset(hang.file, 'f', sizeof hang.file);
    memcpy(hang.function, in->strings, least(in->string_bytes, sizeof hang.function));
    hang_end_log(the_log, capacity_of(in), &hang);
}

// Half of it, then the rest, as a live view or the player does.
static void fold_in_parts(const struct input *in) {
    static struct seen s;
    size_t first = least(in->head.changed, in->event_count);
    log_fill(in, first);
    s.record_touches = true;
    seen_init(&s, the_log, 0);
    seen_fold(&s, UINT64_MAX);
    labels_read(&s);
    parked_draw(&s);
    log_put(in, first, in->event_count - first);
    seen_fold(&s, UINT64_MAX);
    counts_hold(&s);
    labels_read(&s);
    parked_draw(&s);
}

static void read_whole(const struct input *in) {
    struct lockorder order;
    log_fill(in, in->event_count);
    if (in->head.flags & LOG_LEFT)
        hang_add(in);
    answer_from(in);
    counts_hold(&answer.seen);
    judgement_holds(&answer.seen, &answer.judgement);
    labels_read(&answer.seen);
    parked_draw(&answer.seen);
    lockorder_find(the_log, &order);
    answer_print();
    leaks_print(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input in;
    if (!input_read(&in, data, size))
        return 0;
    if (in.head.changed)
        fold_in_parts(&in);
    read_whole(&in);
    return 0;
}

// --- how inputs are changed ---------------------------------------------------------------------------

// libFuzzer's own, where it is linked.
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak));

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void field_change(event *e, uint64_t *state) {
    static const uint32_t numbers[] = {0, 1, 2, 3, 4, EVENT_CLOCK, EVENT_NOBODY, INT32_MAX};
    static const int64_t values[] = {0,         1,          -1, INT64_MAX, INT64_MIN, 1 << 8,
                                     INT32_MAX, UINT32_MAX, 2,  SECOND,    MINUTE};
    uint64_t r = next_random(state);
    uint32_t number = numbers[r >> 8 & 7];
    int64_t value = values[(r >> 16) % (sizeof values / sizeof *values)];
    switch (r & 7) {
    case 0:
        e->time = value;
        break;
    case 1:
        e->value = r >> 40 & 1 ? value : (int64_t)((r >> 42 & 31) << 32 | (r >> 48 & 63));
        break;
    case 2:
        e->task = number;
        break;
    case 3:
        e->object = r >> 40 & 1 ? number : (uint32_t)(r >> 41 & 15);
        break;
    case 4:
        e->peer = number;
        break;
    case 5:
        e->site = (uint16_t)(r >> 40 & 63);
        break;
    case 6:
        e->kind = (uint8_t)((r >> 40) % (EV_KINDS + 1));
        break;
    default:
        e->flags ^= (uint8_t)(1u << (r >> 40 & 7));
    }
}

// Changes, doubles, drops or swaps records; what is in front of them is left to libFuzzer.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
    struct input in;
    uint64_t state = seed, r = next_random(&state);
    if (r % 8 == 0 || !input_read(&in, data, size) || !in.event_count)
        return LLVMFuzzerMutate(data, size, most);
    event *at = (event *)(uintptr_t)in.events + (r >> 8) % in.event_count, one, other;
    event *to = (event *)(uintptr_t)in.events + (r >> 32) % in.event_count;
    uint8_t *end = (uint8_t *)(uintptr_t)(in.events + in.event_count);
    memcpy(&one, at, sizeof one);
    memcpy(&other, to, sizeof other);
    switch (r >> 4 & 7) {
    case 0:
        memcpy(at, &other, sizeof other);
        memcpy(to, &one, sizeof one);
        return size;
    case 1:
        memmove(at, at + 1, (size_t)(end - (uint8_t *)(at + 1)));
        return (size_t)(end - data) - sizeof one;
    case 2:
        if ((size_t)(end - data) + sizeof one > most)
            return size;
        memmove(to + 1, to, (size_t)(end - (uint8_t *)to));
        memcpy(to, &one, sizeof one);
        return (size_t)(end - data) + sizeof one;
    default:
        field_change(&one, &state);
        memcpy(at, &one, sizeof one);
        return size;
    }
}
