// conformance: runs the rules and compares what happens with what must.
//
// Rejected: comparing a whole log with one recorded (it tells that something changed, not what was
// wrong); one process a rule (a thousand seeds of all rules would take minutes).
#include "core/conformance/conformance.h"

#include "core/conformance/compare.h"
#include "core/event.h"
#include "core/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_THREAD__)
#define RACES_ARE_SEEN true
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RACES_ARE_SEEN true
#endif
#endif
#ifndef RACES_ARE_SEEN
#define RACES_ARE_SEEN false
#endif

enum {
    EVENTS = 1 << 15,
    DEVIATIONS = 4096,
    OUTCOMES = 8,           // a rule may have
    SEEDS_FOR_CHANCE = 100, // from so many on each outcome must have come about
};

enum { HOLDS = 0, FAILS = 1, USAGE = 2 };

static struct rule *first_rule, *last_rule;
static struct run_config config = {.max_tasks = 500}; // few enough that a rule can reach it
static bool root_returned;
static uint64_t runs; // so far

static struct {
    char text[4096];
    size_t length;
} outcome; // of the run under way, or of the last

// --- what rules call ------------------------------------------------------------------------------

void rule_register(struct rule *r) {
    if (last_rule)
        last_rule->next = r;
    else
        first_rule = r;
    last_rule = r;
}

// Not by memcpy, which ThreadSanitizer intercepts: lines order nothing, and race with nothing.
__attribute__((no_sanitize("thread"))) static void outcome_add(const char *line) {
    while (*line && outcome.length < sizeof outcome.text - 1)
        outcome.text[outcome.length++] = *line++;
    outcome.text[outcome.length] = '\0';
}

void say(const char *format, ...) {
    char line[256];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    strcat(line, "\n");
    outcome_add(line);
}

// Six standard deviations of a binomial distribution about its mean, squared to stay with integers:
// chance alone leaves them once in 10^9 times, and the seeds are fixed.
static bool far_from_fair(uint64_t seen, uint64_t of, uint64_t outcomes) {
    int64_t off = (int64_t)(seen * outcomes) - (int64_t)of;
    return (uint64_t)(off * off) > 36 * of * (outcomes - 1);
}

void say_fair(const int *taken, int arms) {
    char line[200] = "unfair:";
    int all = 0;
    bool fair = true;
    for (int i = 0; i < arms; i++)
        all += taken[i];
    for (int i = 0; i < arms; i++) {
        fair &= !far_from_fair((uint64_t)taken[i], (uint64_t)all, (uint64_t)arms);
        snprintf(line + strlen(line), sizeof line - strlen(line), " %d", taken[i]);
    }
    say("%s", fair ? "fair" : line);
}

// --- one run ----------------------------------------------------------------------------------------

static void root(void *rule) {
    ((const struct rule *)rule)->root();
    root_returned = true;
}

static const event *event_at(uint64_t i) {
    return &config.log->events[i & (config.log->capacity - 1)];
}

// What the root waits for: the last record that says it does.
static const char *root_waits_for(void) {
    for (uint64_t i = config.log->head; i-- > 0;)
        if (event_at(i)->task == 0 && event_at(i)->flags & EVENT_PARKED)
            return wait_reason_text(event_wait_reason(event_at(i)));
    return "";
}

static bool root_exited(void) {
    for (uint64_t i = 0; i < config.log->head; i++)
        if (event_at(i)->kind == EV_GOEXIT && event_at(i)->task == 0)
            return true;
    return false;
}

static const char *panic_sentence(void) {
    for (uint64_t i = config.log->head; i-- > 0;)
        if (event_at(i)->kind == EV_PANIC)
            return event_log_string(config.log, (uint32_t)event_at(i)->value);
    return "";
}

// What was told that does not end a run.
static void say_misuse(void) {
    for (uint64_t i = 0; i < config.log->head; i++)
        if (event_at(i)->kind == EV_MISUSE)
            say("misuse: %s", event_log_string(config.log, (uint32_t)event_at(i)->value));
}

static void say_end(const struct rule *r, enum run_end end) {
    say_misuse();
    if (end == RUN_PANICKED)
        say("panic: %s", panic_sentence());
    else if (end != RUN_QUIESCENT)
        say("cut off: run end %d", end);
    else if (root_exited())
        say("deadlock: the root has exited");
    else if (!root_returned)
        say("deadlock: %s", root_waits_for());
    else if (config.log->alive != r->left)
        say("left: %u", config.log->alive);
}

static void run_rule(struct rule *r, struct policy *policy) {
    outcome.length = 0;
    outcome.text[0] = '\0';
    root_returned = false;
    config.policy = policy;
    runs++;
    say_end(r, run_world(&config, root, r));
}

// --- outcomes ---------------------------------------------------------------------------------------

// The outcomes of a rule, one after the other; *length is that of the first.
static const char *outcome_next(const char *expected, size_t *length) {
    const char * or = strstr(expected, "\nor\n");
    *length = or ? (size_t)(or +1 - expected) : strlen(expected);
    return or ? or +4 : NULL;
}

int outcome_index(const char *expected, const char *text) {
    size_t length;
    for (int i = 0; expected; i++) {
        const char *next = outcome_next(expected, &length);
        if (length == strlen(text) && !memcmp(expected, text, length))
            return i;
        expected = next;
    }
    return -1;
}

static void print_indented(const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        printf("    | %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

// --- recording --------------------------------------------------------------------------------------

// Plays by another policy and notes where that leaves the default schedule.
static struct recorder {
    struct policy policy;
    struct policy *plays;
    struct deviation deviations[DEVIATIONS];
    size_t count;
    uint32_t step;
} recorder;

static size_t pick_recorded(struct policy *self, const struct choice *ways, size_t count,
                            size_t preferred) {
    struct recorder *r = (struct recorder *)self;
    size_t taken = r->plays->pick(r->plays, ways, count, preferred);
    if (taken < count && taken != preferred && r->count < DEVIATIONS)
        r->deviations[r->count++] = (struct deviation){r->step, ways[taken].task,
                                                       ways[taken].branch};
    r->step++;
    return taken;
}

static struct policy *recorded(struct policy *plays) {
    recorder.policy = (struct policy){.announce = plays->announce, .pick = pick_recorded};
    recorder.plays = plays;
    recorder.count = recorder.step = 0;
    return &recorder.policy;
}

static void print_deviations(void) {
    for (size_t i = 0; i < recorder.count; i++) {
        const struct deviation *d = &recorder.deviations[i];
        printf("%s%u:", i ? "." : "", d->step);
        if (d->task == CHOICE_CLOCK)
            printf("t");
        else
            printf("%u", d->task);
        if (d->branch)
            printf("/%u", d->branch);
    }
}

// --- judging ----------------------------------------------------------------------------------------

static void print_failure(const struct rule *r) {
    printf("%s (%s): %s\n", r->name, r->file, r->sentence);
}

static void print_outcomes(const struct rule *r, const char *schedule) {
    print_failure(r);
    printf("  under %s", schedule);
    if (recorder.count) {
        printf(", which is --replay ");
        print_deviations();
    }
    printf("\n  expected:\n");
    print_indented(r->expected);
    printf("  was:\n");
    print_indented(outcome.text);
}

static bool judge(const struct rule *r, const char *schedule, uint64_t *seen) {
    int i = outcome_index(r->expected, outcome.text);
    if (i < 0)
        print_outcomes(r, schedule);
    else if (i < OUTCOMES)
        seen[i]++;
    return i >= 0;
}

// Each outcome must have come about, and of a fair rule about equally often.
static bool judge_chances(const struct rule *r, const uint64_t *seen, uint64_t of) {
    size_t length, outcomes = 0;
    for (const char *e = r->expected; e; e = outcome_next(e, &length))
        outcomes++;
    for (size_t i = 0; i < outcomes; i++) {
        if (seen[i] && !(r->fair && far_from_fair(seen[i], of, outcomes)))
            continue;
        print_failure(r);
        printf("  of %zu outcomes number %zu came about %llu times under %llu seeds\n", outcomes, i,
               (unsigned long long)seen[i], (unsigned long long)of);
        return false;
    }
    return true;
}

// --- schedules --------------------------------------------------------------------------------------

static struct policy_random random_policy;
static struct policy_replay replay_policy;

static bool check_fifo(struct rule *r) {
    uint64_t seen[OUTCOMES];
    recorder.count = 0;
    run_rule(r, policy_fifo());
    return judge(r, "--fifo", seen);
}

static bool check_restless(struct rule *r) {
    uint64_t seen[OUTCOMES];
    recorder.count = 0;
    config.restless = true;
    run_rule(r, policy_fifo());
    config.restless = false;
    return judge(r, "--restless", seen);
}

static bool check_default(struct rule *r) {
    uint64_t seen[OUTCOMES];
    recorder.count = 0;
    if (r->by_chance)
        return true;
    run_rule(r, policy_default());
    return judge(r, "--default", seen);
}

static bool check_seed(struct rule *r, uint64_t seed, uint64_t *seen) {
    char schedule[40];
    snprintf(schedule, sizeof schedule, "--seed %llu", (unsigned long long)seed);
    run_rule(r, recorded(policy_random_init(&random_policy, seed)));
    return judge(r, schedule, seen);
}

static bool check_seeds(struct rule *r, uint64_t first, uint64_t count) {
    uint64_t seen[OUTCOMES] = {0};
    for (uint64_t seed = first; seed < first + count; seed++)
        if (!check_seed(r, seed, seen))
            return false;
    return count < SEEDS_FOR_CHANCE || judge_chances(r, seen, count);
}

static bool check_replay(struct rule *r, const struct deviation *deviations, size_t count) {
    uint64_t seen[OUTCOMES];
    run_rule(r, policy_replay_init(&replay_policy, deviations, count));
    if (config.log->head && event_at(config.log->head - 1)->value == RUN_DIVERGED) {
        print_failure(r);
        printf("  the schedule does not fit at step %u\n", replay_policy.diverged_step);
        return false;
    }
    return judge(r, "this schedule", seen);
}

// What a seed did, replayed from its deviations, gives the same events again.
static bool check_recorded(struct rule *r, uint64_t seed) {
    static event before[EVENTS];
    uint64_t seen[OUTCOMES];
    if (!check_seed(r, seed, seen))
        return false;
    uint64_t events = config.log->head;
    memcpy(before, config.log->events, events * sizeof(event));
    if (recorder.count == DEVIATIONS)
        return true;
    if (!check_replay(r, recorder.deviations, recorder.count))
        return false;
    if (config.log->head == events && !memcmp(before, config.log->events, events * sizeof(event)))
        return true;
    print_failure(r);
    printf("  seed %llu, replayed, gives other events\n", (unsigned long long)seed);
    return false;
}

// --- command line -----------------------------------------------------------------------------------

static const char usage[] =
    "usage: conformance [SCHEDULE] [RULE... | all]\n"
    "  --fifo             each task runs until it waits\n"
    "  --restless         the same, but each gives way before and after all that it does\n"
    "  --default          the default schedule\n"
    "  --seed N           one by chance\n"
    "  --seeds N          seeds 0 to N-1\n"
    "  --record N         the same, each replayed from its deviations to the same events\n"
    "  --replay D[.D]...  the default but for deviations STEP:TASK[/BRANCH], `t` for the clock\n"
    "without SCHEDULE: --fifo, --restless, --default and --seeds 20\n"
    "       conformance --list | --outcomes | --table | --names all | --names races | --names broken\n"
    "       conformance --go PROGRAM RACING [x_sync]   compares with Go (see compare.h)\n";

enum { FIFO = 1, DEFAULT = 2, REPLAY = 4, RESTLESS = 8 };

static struct options {
    unsigned how;
    uint64_t first_seed, seeds, recorded;
    struct deviation deviations[DEVIATIONS];
    size_t count;
} options;

static _Noreturn void misused(const char *what, const char *value) {
    fprintf(stderr, "conformance: %s%s\n%s", what, value, usage);
    exit(USAGE);
}

static uint64_t number(const char *text) {
    char *end;
    unsigned long long n = text ? strtoull(text, &end, 10) : 0;
    if (!text || end == text || *end)
        misused("not a number: ", text ? text : "");
    return n;
}

// STEP:TASK[/BRANCH]; returns what follows.
static const char *deviation_read(const char *text, struct deviation *d) {
    unsigned task, branch = 0;
    int length = 0, more = 0;
    if (sscanf(text, "%u:t%n", &d->step, &length) == 1 && length)
        task = CHOICE_CLOCK;
    else if (sscanf(text, "%u:%u%n", &d->step, &task, &length) != 2)
        misused("not a schedule: ", text);
    if (sscanf(text + length, "/%u%n", &branch, &more) == 1)
        length += more;
    d->task = task;
    d->branch = branch;
    return text + length;
}

static void deviations_read(const char *text) {
    while (text && *text) {
        if (options.count == DEVIATIONS)
            misused("too many deviations", "");
        text = deviation_read(text, &options.deviations[options.count++]);
        if (*text && *text++ != '.')
            misused("not a schedule: ", text - 1);
    }
}

static struct rule *rule_find(const char *name) {
    for (struct rule *r = first_rule; r; r = r->next)
        if (!strcmp(r->name, name))
            return r;
    misused("no rule is called ", name ? name : "");
}

// The kinds of rules by which scripts choose.
static const char *const kinds[] = {"all", "races", "broken"};
enum kind { ALL, RACES, BROKEN, KINDS };

static bool rule_is(const struct rule *r, enum kind kind) {
    if (r->broken)
        return kind == BROKEN;
    return kind == ALL || (kind == RACES && r->races);
}

static void print_names(const char *word) {
    int kind = 0;
    while (kind < KINDS && (!word || strcmp(kinds[kind], word)))
        kind++;
    if (kind == KINDS)
        misused("not a kind of rule: ", word ? word : "");
    for (struct rule *r = first_rule; r; r = r->next)
        if (rule_is(r, kind))
            printf("%s\n", r->name);
}

static void print_list(void) {
    for (struct rule *r = first_rule; r; r = r->next)
        if (!r->broken)
            printf("%-36s %s\n", r->name, r->sentence);
}

static void print_outcomes_expected(void) {
    for (struct rule *r = first_rule; r; r = r->next)
        if (!r->broken)
            printf("%s", r->expected);
}

// For README.md: a table a file.
static void print_table(void) {
    const char *file = "";
    for (struct rule *r = first_rule; r; r = r->next) {
        if (r->broken)
            continue;
        if (strcmp(r->file, file))
            printf("\n## `%s`\n\n| rule | what must hold |\n|---|---|\n",
                   strrchr(r->file, '/') + 1);
        file = r->file;
        printf("| `%s` | %s", r->name, r->sentence);
        if (r->differs)
            printf(" *%s: %s*", r->go ? "C differs" : "Not in Go", r->differs);
        printf(" |\n");
    }
}

// --- main -------------------------------------------------------------------------------------------

static bool check(struct rule *r) {
    bool holds = true;
    if (options.how & FIFO)
        holds = check_fifo(r);
    if (holds && options.how & RESTLESS)
        holds = check_restless(r);
    if (holds && options.how & DEFAULT)
        holds = check_default(r);
    if (holds && options.how & REPLAY)
        holds = check_replay(r, options.deviations, options.count);
    if (holds && options.seeds)
        holds = check_seeds(r, options.first_seed, options.seeds);
    for (uint64_t seed = 0; holds && seed < options.recorded; seed++)
        holds = check_recorded(r, seed);
    return holds;
}

static int check_all(void) {
    int rules = 0, failed = 0, left_out = 0;
    for (struct rule *r = first_rule; r; r = r->next) {
        if (r->broken)
            continue;
        if (r->races && RACES_ARE_SEEN) {
            left_out++;
            continue;
        }
        rules++;
        failed += !check(r);
    }
    printf("%d of %d rules hold, %llu runs", rules - failed, rules, (unsigned long long)runs);
    printf(left_out ? ", %d rules that race left out\n" : "\n", left_out);
    return failed ? FAILS : HOLDS;
}

static void how_default(void) {
    if (!options.how && !options.seeds && !options.recorded) {
        options.how = FIFO | RESTLESS | DEFAULT;
        options.seeds = 20;
    }
}

// One word of the command line and its value; returns how many words it took.
static int option_read(const char *word, const char *value) {
    if (!strcmp(word, "--fifo"))
        return options.how |= FIFO, 1;
    if (!strcmp(word, "--restless"))
        return options.how |= RESTLESS, 1;
    if (!strcmp(word, "--default"))
        return options.how |= DEFAULT, 1;
    if (!strcmp(word, "--seed"))
        return options.first_seed = number(value), options.seeds = 1, 2;
    if (!strcmp(word, "--seeds"))
        return options.seeds = number(value), 2;
    if (!strcmp(word, "--record"))
        return options.recorded = number(value), 2;
    if (!strcmp(word, "--replay"))
        return options.how |= REPLAY, deviations_read(value), 2;
    misused("not an option: ", word);
}

// What prints and does nothing else. False: the word is none of that.
static bool printed(const char *word, const char *value) {
    if (!strcmp(word, "--list"))
        print_list();
    else if (!strcmp(word, "--outcomes"))
        print_outcomes_expected();
    else if (!strcmp(word, "--table"))
        print_table();
    else if (!strcmp(word, "--names"))
        print_names(value);
    else
        return false;
    return true;
}

static void log_make(void) {
    config.log = calloc(1, event_log_size(EVENTS));
    if (!config.log) {
        fputs("conformance: no memory for the event log\n", stderr);
        exit(FAILS);
    }
    event_log_init(config.log, EVENTS, false);
}

int main(int argc, char **argv) {
    int i = 1;
    if (argc > 1 && printed(argv[1], argv[2]))
        return HOLDS;
    if (argc > 3 && !strcmp(argv[1], "--go"))
        return compare_with_go(first_rule, argv[2], argv[3], argc > 4) ? FAILS : HOLDS;
    while (i < argc && argv[i][0] == '-')
        i += option_read(argv[i], argv[i + 1]);
    how_default();
    log_make();
    if (i == argc || !strcmp(argv[i], "all"))
        return check_all();
    int status = HOLDS;
    for (; i < argc; i++)
        if (!check(rule_find(argv[i])))
            status = FAILS;
    return status;
}
