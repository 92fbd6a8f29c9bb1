// A learner at the screens: offered a workspace, editing in one, told what a save changed. The exercise is the
// real one; no terminal is needed, since whoever has it does the editing that was asked for.
#include "harness/clock.h"
#include "harness/file.h"
#include "harness/tests/prefix.h"
#include "harness/workspace.h"
#include "tui/snapshot.h"

#include <locale.h>

static struct catalogue catalogue;
static struct ui ui;
static char *root, why[FILE_WHY];
static struct scenario_info *first; // send-no-receiver

static const char shipped[] = "scenarios/send-no-receiver/exercise.c";
static const char fix[] = "solutions/send-no-receiver/buffer_of_one.c";
static const char wrong_fix[] = "scenarios/send-no-receiver/wrong/longer_patience.c";

static void start(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
    prefix_start();
    setenv("UNSTUCK_PREFIX", getenv("UNSTUCK_BUILD"), 1);
    char *home = realpath(prefix, NULL);
    setenv("HOME", home, 1);
    root = text_format("%s/unstuck", home);
    free(home);
    cr_assert(catalogue_open(&catalogue, why), "%s", why);
    first = &catalogue.scenarios[0];
    cr_assert_str_eq(first->name, "send-no-receiver");
}

static void open_screens(void) {
    char trouble[300] = "";
    char *at = workspace_find(root);
    ui_init(&ui, &catalogue, false);
    if (at)
        ui.practice = practice_open(&catalogue, &ui.lab, at, trouble);
    cr_assert_str_empty(trouble, "%s", trouble);
    ui.now = clock_now();
    ui_resize(&ui, 40, 120);
    list_view_open(&ui);
    list_view_select(&ui, first);
    free(at);
}

static void make(void) {
    struct text said = {0};
    cr_assert(workspace_make(&catalogue, root, &said, why), "%s", why);
    cr_assert(workspace_adopt(root, &catalogue, why), "%s", why);
    text_free(&said);
    open_screens();
}

static void end(void) {
    ui_close(&ui);
    catalogue_close(&catalogue);
    free(root);
    prefix_end();
}

TestSuite(workspace, .init = start, .fini = end, .timeout = 240);

static void press(uint32_t key) {
    ui_key(&ui, key);
}

static void shown(const char *words, bool expected) {
    ui_draw(&ui);
    char *frame = cells_text(&ui.cells);
    cr_assert_eq(strstr(frame, words) != NULL, expected, "`%s` in\n%s", words, frame);
    free(frame);
}

static void shows(const char *words) {
    shown(words, true);
}

static char *repository(const char *file) {
    char *path = text_format("%s/%s", getenv("UNSTUCK_SRC"), file);
    char *text = text_file(path, 1 << 20);
    cr_assert(text, "%s", path);
    free(path);
    return text;
}

static bool holds(const char *file) {
    char *path = workspace_exercise(root, first), *text = repository(file);
    bool same = file_holds(path, text);
    free(text);
    free(path);
    return same;
}

// Moves the time on until a save was seen and all there is to say of it was found.
static void settle(void) {
    ui_tick(&ui, ui.now + MILLISECOND);
    ui_tick(&ui, ui.now + 100 * MILLISECOND);
    for (int round = 0; round < 60000 && !practice_settled(ui.practice, first); round++) {
        ui_tick(&ui, ui.now + MILLISECOND);
        usleep(1000);
    }
    cr_assert(practice_settled(ui.practice, first));
    snapshot_settle(&ui);
}

// By a rename, as many editors do.
static void save(const char *file) {
    char *path = workspace_exercise(root, first), *text = repository(file);
    cr_assert(file_put(path, text, why), "%s", why);
    settle();
    free(text);
    free(path);
}

// ---- offered ----

Test(workspace, the_first_e_offers_one_and_the_second_asks_for_it) {
    open_screens();
    press('e');
    shows("You edit copies of your own. e again makes a workspace for them in");
    shows("/unstuck; any other key does not.");
    cr_assert_null(ui.edit.scenario);
    press('e');
    cr_assert_eq(ui.edit.scenario, first);
    cr_assert(ui.edit.make);
    cr_assert_str_eq(ui.edit.home, root);
}

Test(workspace, any_other_key_is_no_answer_to_the_offer) {
    open_screens();
    press('e');
    press('j');
    press('e');
    shows("e again makes a workspace");
    cr_assert_null(ui.edit.scenario);
    press(KEYS_ESC);
    press(KEYS_ENTER);
    press('e');
    cr_assert_null(ui.edit.scenario, "the offer was turned down");
}

Test(workspace, without_a_home_it_says_how_one_is_made) {
    unsetenv("HOME");
    open_screens();
    press('e');
    press('e');
    shows("`unstuck init DIR` makes one");
    cr_assert_null(ui.edit.scenario);
}

Test(workspace, there_is_nothing_to_reset_without_one) {
    open_screens();
    press('R');
    shows("This is the exercise as it was shipped.");
}

// ---- within ----

Test(workspace, e_edits_at_the_line_that_fails) {
    make();
    press('e');
    cr_assert_eq(ui.edit.scenario, first);
    cr_assert_not(ui.edit.make);
    cr_assert_eq(ui.edit.line, 0, "nothing is known of it yet");
    ui.edit.scenario = NULL;
    press(KEYS_ENTER);
    snapshot_settle(&ui);
    shows("FAIL leak");
    press('e');
    cr_assert_eq(ui.edit.scenario, first);
    cr_assert_eq(ui.edit.line, 13, "line %u", ui.edit.line);
    ui.edit.scenario = NULL;
}

Test(workspace, a_wrong_fix_is_known_and_a_pass_is_told_what_it_is_worth) {
    make();
    shows("done 0 of 6");
    shows("FILE  exercises/send-no-receiver.c");
    press(KEYS_ENTER);
    snapshot_settle(&ui);
    shows("FAIL leak");
    save(wrong_fix);
    shows("FAIL leak, behaviour");
    shows("It fails as this one does: wait long enough for any");
    shown("Since the last attempt", false);
    save(fix);
    shows("PASS");
    press('w');
    shows("Since the last attempt: what failed before passes.");
    shows("The schedule that failed before, send-no-receiver@x1: passes now.");
    shows("Every send needs a receiver that outlives it, or a place to put the value.");
    shows("buffer_of_one.c");
    press(KEYS_ESC);
    press(KEYS_ESC);
    shows("done 1 of 6");
    cr_assert_eq(practice_next(ui.practice), &catalogue.scenarios[1]);
}

Test(workspace, a_save_of_another_exercise_selects_it) {
    make();
    list_view_select(&ui, &catalogue.scenarios[2]);
    char *path = workspace_exercise(root, first);
    cr_assert(file_put(path, "int oops = nowhere;\n", why), "%s", why);
    ui_tick(&ui, ui.now + MILLISECOND);
    cr_assert_eq(list_view_selected(&ui), &catalogue.scenarios[2], "it may still be written to");
    ui_tick(&ui, ui.now + 100 * MILLISECOND);
    cr_assert_eq(list_view_selected(&ui), first);
    free(path);
}

Test(workspace, reset_is_asked_for_twice) {
    make();
    press(KEYS_ENTER);
    save(wrong_fix);
    press('R');
    shows("R again puts the shipped send-no-receiver back; yours is kept in .unstuck/history.");
    cr_assert(holds(wrong_fix));
    press('j');
    press('R');
    cr_assert(holds(wrong_fix), "another key came between");
    press('R');
    cr_assert(holds(shipped));
    shows("As shipped again. Yours is kept:");
    press('R');
    press('R');
    shows("It was as shipped.");
    settle();
    shows("FAIL leak  fails on 47 of 79");
}

Test(workspace, hints_are_kept_and_open_again) {
    make();
    press(KEYS_ENTER);
    snapshot_settle(&ui);
    press('h');
    ui_resize(&ui, 100, 80);
    shows("In your own run: leak: 1 task can never run again.");
    shows("2  Concept        not opened yet");
    cr_assert_eq(practice_hints(ui.practice, first), 1);
    press('h');
    shows("3  Where to look  not opened yet");
    cr_assert_eq(practice_hints(ui.practice, first), 2);
    press(KEYS_ESC);
    press('h');
    shown("2  Concept        not opened yet", false);
    shows("3  Where to look  not opened yet");
    ui_close(&ui);
    open_screens();
    cr_assert_eq(practice_hints(ui.practice, first), 2, "in the file, too");
    press('h');
    ui_resize(&ui, 100, 80);
    shown("2  Concept        not opened yet", false);
    shows("3  Where to look  not opened yet");
}

// A number that no hint has, as a hand or another program may have written it.
Test(workspace, a_hint_beyond_the_last_opens_them_all) {
    struct text said = {0};
    cr_assert(workspace_make(&catalogue, root, &said, why), "%s", why);
    text_free(&said);
    char *path = workspace_inside(root, "progress.jsonl");
    cr_assert(file_put(path, "{\"exercise\":\"send-no-receiver\",\"hint\":77}\n", why), "%s", why);
    cr_assert(workspace_adopt(root, &catalogue, why), "%s", why);
    open_screens();
    press('h');
    ui_resize(&ui, 100, 80);
    shown("not opened yet", false);
    shows("5  One patch");
    free(path);
}
