// What the reader does on the run screen. The examination goes on behind it, in the lab.
#include "tui/run_view.h"

#include "harness/text.h"
#include "tui/format.h"
#include "tui/graph.h"
#include "tui/why.h"

#include <stdlib.h>
#include <string.h>

// ---- which run is shown ----

static bool same_schedule(const struct schedule *a, const struct schedule *b) {
    return a->kind == b->kind && a->seed == b->seed && a->count == b->count &&
           a->memory == b->memory &&
           !memcmp(a->deviations, b->deviations, a->count * sizeof a->deviations[0]) &&
           !strcmp(a->name, b->name);
}

// The run to play: where a race was seen to do harm, that run rather than one that is only racy.
struct run {
    const struct schedule *schedule;
    const event_log *log;
    const struct judgement *judgement;
};

static struct run run_of(const struct answer *a) {
    return a->effect.log ? (struct run){&a->effect.schedule, a->effect.log, &a->effect.judgement}
                         : (struct run){&a->schedule, a->log, &a->judgement};
}

static void load(struct run_view *r, const struct answer *a) {
    struct run run = run_of(a);
    r->loaded = *run.schedule;
    r->loaded_events = atomic_load(&run.log->head);
    r->loaded_left = run.judgement->left_count;
    player_load(&r->player, run.log, run.judgement, a->seen.grace);
}

// The same run, judged meanwhile: goes on where it was.
static void load_again(struct run_view *r, const struct answer *a) {
    struct player *p = &r->player;
    uint64_t position = p->position, furthest = p->furthest;
    bool playing = p->playing;
    int64_t due = p->due;
    load(r, a);
    player_seek(p, position);
    p->furthest = furthest;
    p->playing = playing;
    p->due = due;
}

static void unload(struct run_view *r) {
    int speed = r->player.speed;
    player_free(&r->player);
    source_free(&r->sources); // it may have been edited
    r->player.speed = speed;
    r->selected = EVENT_NOBODY;
    r->round = r->trial->round;
}

// Loads the run of the answer when it is another than the one shown, and plays it.
static bool load_run(struct run_view *r) {
    const struct answer *a = r->trial->answer;
    bool gone = r->round != r->trial->round;
    if (gone)
        unload(r);
    if (!a || !a->log)
        return gone;
    struct run run = run_of(a);
    bool same = r->player.log && r->loaded_events == atomic_load(&run.log->head) &&
                same_schedule(&r->loaded, run.schedule);
    if (same && r->loaded_left == run.judgement->left_count)
        return false;
    if (same) {
        load_again(r, a);
    } else {
        load(r, a);
        player_play(&r->player, r->view.ui->now);
        r->selected = EVENT_NOBODY;
    }
    return true;
}

static void show_variant(struct run_view *r, size_t variant) {
    if (variant >= r->scenario->variant_count)
        return;
    struct lab *lab = &r->view.ui->lab;
    r->variant = variant;
    r->trial = lab_trial(lab, r->scenario, &r->scenario->variants[variant]);
    lab_start(lab, r->trial);
    unload(r);
    load_run(r);
}

static void show_scenario(struct run_view *r, int step) {
    const struct catalogue *c = r->view.ui->catalogue;
    size_t at = (size_t)(r->scenario - c->scenarios);
    if ((step < 0 && at == 0) || (step > 0 && at + 1 >= c->count)) {
        ui_notice(r->view.ui, step < 0 ? "This is the first case." : "This is the last case.");
        return;
    }
    const struct scenario_info *s = &c->scenarios[step < 0 ? at - 1 : at + 1];
    if (!s->variant_count) {
        ui_notice(r->view.ui, "%s has no code to run.", s->name);
        return;
    }
    r->scenario = s;
    list_view_select(r->view.ui, s);
    show_variant(r, 0);
}

// ---- the learner's own ----

static bool is_own(const struct run_view *r) {
    return r->view.ui->practice && r->trial->variant->kind == VARIANT_EXERCISE;
}

char *run_also(const struct run_view *r) {
    return is_own(r) ? practice_words(r->view.ui->practice, r->scenario) : text_copy("");
}

static uint32_t first_left(const struct player *p, uint32_t otherwise) {
    for (uint32_t i = 0; i < p->end.task_count; i++)
        if (player_ever_left(p, i))
            return i;
    return otherwise;
}

// Whether a file of the log is the source on the screen. As shipped, it is the shipped one's name.
static bool is_source(const struct run_view *r, const char *file) {
    const struct variant *v = r->trial->variant;
    return !strcmp(path_name(file), path_name(v->source)) ||
           (v->shipped && !strcmp(path_name(file), path_name(v->shipped)));
}

// The line of the exercise where the first task is left, or whoever led to it stands; 0: none.
static uint32_t failing_line(const struct run_view *r) {
    const struct player *p = &r->player;
    uint32_t task = p->log ? first_left(p, run_focus(r)) : EVENT_NOBODY;
    for (; p->log && task < p->end.task_count; task = p->end.tasks[task].parent) {
        log_site at = event_log_site(p->log, p->end.tasks[task].at);
        if (at.line && is_source(r, event_log_string(p->log, at.file)))
            return at.line;
    }
    return 0;
}

// ---- who is looked at ----

// At the end the first that is left, before it whoever acted last or was woken by the clock.
uint32_t run_focus(const struct run_view *r) {
    const struct player *p = &r->player;
    if (r->selected < p->now.task_count)
        return r->selected;
    for (uint32_t i = 0; p->log && p->position == p->length && i < p->end.task_count; i++)
        if (player_ever_left(p, i))
            return i;
    for (uint64_t n = p->position; n > 0; n--) {
        const event *e = player_event_at(p, n);
        if (e->task < p->now.task_count)
            return e->task;
        if (e->kind == EV_FIRE && e->peer < p->now.task_count)
            return e->peer;
    }
    return EVENT_NOBODY;
}

static void select_by(struct run_view *r, int step) {
    uint32_t focus = run_focus(r), count = r->player.now.task_count;
    if (!r->player.log || !count)
        return;
    if (focus == EVENT_NOBODY)
        r->selected = 0;
    else if (step < 0)
        r->selected = focus ? focus - 1 : 0;
    else
        r->selected = focus + 1 < count ? focus + 1 : count - 1;
}

// ---- requests ----

static void seek(struct run_view *r, uint64_t k) {
    r->selected = EVENT_NOBODY;
    player_seek(&r->player, k);
}

static void seek_bad(struct run_view *r) {
    if (!r->player.log)
        return;
    if (r->player.first_bad)
        seek(r, r->player.first_bad);
    else
        ui_notice(r->view.ui, "Nothing goes wrong in this run.");
}

static void toggle_play(struct run_view *r) {
    if (r->player.playing)
        r->player.playing = false;
    else
        player_play(&r->player, r->view.ui->now);
    r->selected = EVENT_NOBODY;
}

static bool narrow(const struct run_view *r) {
    return r->view.ui->cells.cols < 80;
}

static void next_zoom(struct run_view *r) {
    r->zoom = (enum run_zoom)((r->zoom + 1) % 3);
    if (narrow(r) && r->zoom == ZOOM_BOTH)
        r->zoom = ZOOM_TASKS;
    else if (narrow(r) && r->zoom == ZOOM_TASKS)
        r->zoom = ZOOM_SOURCE;
}

static void next_band(struct run_view *r) {
    bool why = r->band == BAND_WHY ||
               (r->band == BAND_AUTO && r->player.position == r->player.length);
    r->band = why ? BAND_EVENTS : BAND_WHY;
}

static void open_why(struct run_view *r) {
    if (r->trial->state == TRIAL_UNBUILT) {
        text_view_open(r->view.ui, "THE COMPILER SAYS",
                       format_compiler(compile_output(r->trial->compilation)));
        return;
    }
    struct why w;
    char *also = run_also(r);
    why_build(&w, r->trial, &r->player, run_focus(r), true, also);
    free(also);
    text_view_open(r->view.ui, "WHY", why_text(&w));
}

static void open_graph(struct run_view *r) {
    char title[80];
    if (!r->player.log)
        ui_notice(r->view.ui, "There is no run to look at yet.");
    else
        text_view_open(r->view.ui, graph_title(&r->player, title, sizeof title),
                       graph_text(&r->player));
}

static void again(struct run_view *r) {
    lab_again(&r->view.ui->lab, r->trial);
    load_run(r);
}

static void open_live(struct run_view *r) {
    if (r->scenario->has_load)
        live_view_open(r->view.ui, r->scenario, r->variant);
    else
        ui_notice(r->view.ui, "%s has no load driver.", r->scenario->name);
}

static void run_move(struct run_view *r, enum request q) {
    struct player *p = &r->player;
    switch (q) {
    case REQUEST_PLAY:
        toggle_play(r);
        break;
    case REQUEST_FORWARD:
        seek(r, p->position + 1);
        break;
    case REQUEST_BACK:
        seek(r, p->position ? p->position - 1 : 0);
        break;
    case REQUEST_FIRST:
        seek(r, 0);
        break;
    case REQUEST_LAST:
        seek(r, p->length);
        break;
    case REQUEST_BAD:
        seek_bad(r);
        break;
    case REQUEST_FASTER:
        player_hurry(p, 1);
        break;
    case REQUEST_SLOWER:
        player_hurry(p, -1);
        break;
    case REQUEST_DOWN:
        select_by(r, 1);
        break;
    case REQUEST_UP:
        select_by(r, -1);
        break;
    default:
        break;
    }
}

static void run_open(struct run_view *r, enum request q) {
    size_t count = r->scenario->variant_count;
    switch (q) {
    case REQUEST_VARIANT:
        show_variant(r, (r->variant + 1) % count);
        break;
    case REQUEST_VARIANT_BACK:
        show_variant(r, (r->variant + count - 1) % count);
        break;
    case REQUEST_NEXT_CASE:
        show_scenario(r, 1);
        break;
    case REQUEST_PREVIOUS_CASE:
        show_scenario(r, -1);
        break;
    case REQUEST_AGAIN:
        again(r);
        break;
    case REQUEST_WHY:
        open_why(r);
        break;
    case REQUEST_GRAPH:
        open_graph(r);
        break;
    case REQUEST_HINT:
        hint_view_open(r->view.ui, r->scenario);
        break;
    case REQUEST_EDIT:
        ui_edit(r->view.ui, r->scenario, failing_line(r));
        break;
    case REQUEST_RESET:
        ui_reset(r->view.ui, r->scenario);
        break;
    case REQUEST_GUIDE:
        guide_view_open(r->view.ui, r->scenario);
        break;
    case REQUEST_LIVE:
        open_live(r);
        break;
    default:
        break;
    }
}

static void run_request(struct view *v, enum request q) {
    struct run_view *r = (struct run_view *)v;
    if (q >= REQUEST_VARIANT_1 && q <= REQUEST_VARIANT_9) {
        show_variant(r, q - REQUEST_VARIANT_1);
        return;
    }
    switch (q) {
    case REQUEST_ZOOM:
        next_zoom(r);
        break;
    case REQUEST_BAND:
        next_band(r);
        break;
    case REQUEST_AXIS:
        r->axis = r->axis == CURVE_BY_EVENT ? CURVE_BY_TIME : CURVE_BY_EVENT;
        break;
    default:
        run_move(r, q);
        run_open(r, q);
    }
}

// ---- by itself ----

static bool run_tick(struct view *v) {
    struct run_view *r = (struct run_view *)v;
    bool changed = load_run(r);
    return player_tick(&r->player, v->ui->now) || changed;
}

static bool run_busy(const struct view *v) {
    const struct run_view *r = (const struct run_view *)v;
    return r->player.playing || trial_moving(r->trial);
}

static void run_draw_view(struct view *v, struct rect area) {
    run_draw((struct run_view *)v, area);
}

static void run_close(struct view *v) {
    struct run_view *r = (struct run_view *)v;
    player_free(&r->player);
    source_free(&r->sources);
    free(r);
}

static const struct view_ops run_ops = {
    .name = "run",
    .bit = IN_RUN,
    .draw = run_draw_view,
    .request = run_request,
    .tick = run_tick,
    .busy = run_busy,
    .close = run_close,
};

void run_view_open(struct ui *ui, const struct scenario_info *s, size_t variant) {
    if (variant >= s->variant_count) {
        ui_notice(ui, "%s has no code to run.", s->name);
        return;
    }
    struct run_view *r = zero_alloc(1, sizeof *r);
    r->view = (struct view){&run_ops, ui};
    r->scenario = s;
    show_variant(r, variant);
    ui_push(ui, &r->view);
}
