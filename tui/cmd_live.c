// live: the load driver under way, with its counts as one line of text: a new line each second, or
// on a terminal one line that is written again and again.
//
// Nothing here reads the events: the counters in the log are exact however fast it wraps.
#include "tui/commands.h"

#include "harness/clock.h"
#include "harness/limits.h"
#include "harness/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LIVE_TASKS = 10000, LIVE_EVENTS = 1 << 16 };
static const int64_t line_every = SECOND, refresh_every = 100 * MILLISECOND;

// "3.2 s  alive 321 of 640 started  ready 1  chan send 320  leaked 319 (decided by reachability)".
static char *counts(const struct shared *s) {
    const event_log *log = &s->log;
    struct leaks leaks = {0};
    char leaked[LEAKS_TEXT];
    struct text line = {0};
    char now[32];
    uint32_t alive = atomic_load(&log->alive), parked = 0;
    for (int i = 0; i < WAIT_REASON_COUNT; i++)
        parked += atomic_load(&log->waiting[i]);
    text_addf(&line, "%8s  alive %u of %u started  ready %u",
              seen_time_label(atomic_load(&log->now), now, sizeof now), alive,
              atomic_load(&log->started), alive > parked ? alive - parked : 0);
    for (int i = 0; i < WAIT_REASON_COUNT; i++)
        if (atomic_load(&log->waiting[i]))
            text_addf(&line, "  %s %u", wait_reason_text((enum wait_reason)i),
                      atomic_load(&log->waiting[i]));
    if (leaks_read(&s->leaks, &leaks) && leaks.leaked)
        text_addf(&line, "  %s", leaks_words(&leaks, false, leaked, sizeof leaked));
    return text_take(&line);
}

// A line that is to be written over must not reach the next one.
static int columns(void) {
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

static void put_counts(const struct shared *s, bool over_itself) {
    char *line = counts(s);
    if (over_itself)
        printf("\r\033[K%.*s", columns(), line);
    else
        puts(line);
    fflush(stdout);
    free(line);
}

// Shows the counts until the load is over or a signal ends it. *peak: most bytes resident meanwhile.
static enum child_state follow(struct child *c, size_t *peak) {
    bool terminal = isatty(STDOUT_FILENO);
    int64_t last = clock_now();
    enum child_state state;
    *peak = 0;
    while ((state = child_poll(c)) == CHILD_RUNNING && !interrupted()) {
        size_t resident = child_resident(c);
        *peak = resident > *peak ? resident : *peak;
        if (clock_now() - last >= (terminal ? refresh_every : line_every)) {
            put_counts(child_shared(c), terminal);
            last = clock_now();
        }
        pause_ms(5);
    }
    if (terminal)
        fputs("\r\033[K", stdout);
    return state;
}

// Who was found leaked while the load went on, and what that cannot tell.
static void put_leaks(const struct shared *s) {
    struct leaks leaks = {0};
    char words[LEAKS_TEXT];
    if (!leaks_read(&s->leaks, &leaks) || !leaks.known || !leaks.waiting)
        return;
    printf("%s\n", leaks_words(&leaks, true, words, sizeof words));
    for (uint32_t i = 0; i < leaks.group_count; i++)
        printf("  %s\n", leaks_group_words(&s->log, &leaks.groups[i], words, sizeof words));
}

// What is left once no request comes any more and nothing happens any more, and why none comes
// when that is not what was asked for.
static void put_end(const event_log *log, uint32_t most_started, size_t peak) {
    uint32_t alive = atomic_load(&log->alive);
    char count[32];
    if (atomic_load(&log->started) >= most_started)
        printf("A load ends after %s tasks: each takes memory, even when it has ended.\n",
               text_count(most_started, count, sizeof count));
    if (alive == 0)
        puts("The load is over, and so is every task.");
    else
        printf("The load is over. %u task%s still there, in %zu MB.\n", alive,
               alive == 1 ? " is" : "s are", peak >> 20);
}

static int finish(struct child *c, const struct job *job, enum child_state state, size_t peak) {
    char error[600];
    const event_log *log = &child_shared(c)->log;
    put_counts(child_shared(c), false);
    put_leaks(child_shared(c));
    if (state == CHILD_FINISHED)
        put_end(log, limits_started(job->max_tasks), peak);
    if (state != CHILD_FAILED)
        return EXIT_FINE;
    unsigned verdicts = child_error(c, error, sizeof error);
    say("%s", error);
    return verdict_exit(verdicts);
}

static struct job job_of(const struct options *o, const struct scenario_info *s) {
    struct job job = {.kind = JOB_LIVE,
                      .pace = (int64_t)o->pace.value,
                      .max_tasks = o->tasks.given ? (uint32_t)o->tasks.value : LIVE_TASKS,
                      .duration = (int64_t)o->duration.value,
                      .ignore_globals = o->ignore_globals,
                      .grace = s->terms.grace};
    if (!o->duration.given && !isatty(STDOUT_FILENO))
        job.duration = LIVE_SECONDS * SECOND;
    return job;
}

static int live_built(const struct session *s, const struct subject *subject) {
    char why[300], span[32];
    struct child_config config = {.scenario = subject->scenario,
                                  .variant = &subject->variant,
                                  .log_events = LIVE_EVENTS,
                                  .live = true};
    struct job job = job_of(&s->options, subject->scenario);
    struct child *c = child_start(&config, &job, why);
    if (!c) {
        say("%s: %s", subject->scenario->name, why);
        return EXIT_UNUSABLE;
    }
    printf("%s  %s  under load, time and tasks as they are", subject->scenario->name,
           subject->variant.label);
    if (job.duration)
        printf(", for %s", seen_time_label(job.duration, span, sizeof span));
    putchar('\n');
    size_t peak;
    enum child_state state = follow(c, &peak);
    int code = finish(c, &job, state, peak);
    child_free(c);
    return code;
}

int command_live(struct session *s) {
    const struct options *o = &s->options;
    struct subjects list;
    char why[300];
    const struct scenario_info *scenario = find_scenario(s, o->arguments[0]);
    if (!scenario)
        return EXIT_USAGE;
    if (!scenario->has_load)
        return complain("%s has no load to put on it", scenario->name);
    if (o->tasks.given && (o->tasks.value < 1 || o->tasks.value > 1000000))
        return complain("--tasks needs a number from 1 to 1,000,000");
    int code = subjects_find(s, scenario->name, false, &list);
    if (code == EXIT_FINE) {
        signals_hold();
        code = subject_build(s, &list.items[0], why);
        if (code == EXIT_UNUSABLE)
            say("%s", why);
        if (code == EXIT_FINE)
            code = live_built(s, &list.items[0]);
    }
    subjects_free(&list);
    return code;
}
