// An exercise edited while the screens are open: compiled without a key being kept waiting, judged as
// it now is; one that does not compile shows the compiler's words and what was known before.
#include "harness/tests/prefix.h"
#include "tui/snapshot.h"

#include <fcntl.h>
#include <locale.h>

static struct catalogue catalogue;
static struct ui ui;
static char *exercise; // the path of the file that is edited

static void link_into_prefix(const char *from, const char *folder, const char *path) {
    char *target = text_format("%s/%s", getenv(from), folder);
    char *link = text_format("%s/%s", prefix, path);
    cr_assert_eq(symlink(target, link), 0, "%s", link);
    free(target);
    free(link);
}

static void copy_into_prefix(const char *file, const char *to) {
    char *path = text_format("%s/%s", getenv("UNSTUCK_SRC"), file);
    char *text = text_file(path, 1 << 20);
    cr_assert(text, "%s", path);
    prefix_put(to, text);
    free(path);
    free(text);
}

static const char *make_folder(const char *path) {
    static char full[600];
    snprintf(full, sizeof full, "%s/%s", prefix, path);
    cr_assert_eq(mkdir(full, 0755), 0, "%s", full);
    return full;
}

static void touch(time_t when) {
    const struct timespec times[] = {{when, 0}, {when, 0}};
    cr_assert_eq(utimensat(AT_FDCWD, exercise, times, 0), 0);
}

// The real thing, but for the sources of one scenario, which are of our own writing.
static void start(void) {
    char why[300];
    setlocale(LC_CTYPE, "C.UTF-8");
    prefix_start();
    const char *const folder = "share/unstuck/scenarios/send-no-receiver";
    char *header = text_format("%s/exercise.h", folder);
    copy_into_prefix("scenarios/send-no-receiver/exercise.h", header);
    free(header);
    exercise = text_format("%s/%s/exercise.c", prefix, folder);
    make_folder("lib");
    make_folder("lib/unstuck");
    make_folder("lib/unstuck/scenarios");
    setenv("TMPDIR", make_folder("tmp"), 1); // from here on of compilers and runners alone
    link_into_prefix("UNSTUCK_BUILD", "libexec", "libexec");
    link_into_prefix("UNSTUCK_BUILD", "lib/unstuck/scenarios/send-no-receiver",
                     "lib/unstuck/scenarios/send-no-receiver");
    link_into_prefix("UNSTUCK_SRC", "core", "share/unstuck/core");
    link_into_prefix("UNSTUCK_SRC", "harness", "share/unstuck/harness");
    copy_into_prefix("scenarios/send-no-receiver/exercise.c",
                     "share/unstuck/scenarios/send-no-receiver/exercise.c");
    touch(1000000000); // before anything was built
    cr_assert(catalogue_open(&catalogue, why), "%s", why);
    ui_init(&ui, &catalogue, false);
    ui_resize(&ui, 24, 80);
    list_view_open(&ui);
}

// Nobody waits for a compiler that is under way: leaving ends it, and nothing stays behind.
static void end(void) {
    ui_close(&ui);
    catalogue_close(&catalogue);
    cr_assert_eq(rmdir(getenv("TMPDIR")), 0, "something was left in %s", getenv("TMPDIR"));
    free(exercise);
    prefix_end();
}

TestSuite(edit, .init = start, .fini = end, .timeout = 120);

// Saves the exercise, later than anything was built.
static void save(const char *text) {
    FILE *out = fopen(exercise, "w");
    cr_assert(out, "%s", exercise);
    fputs(text, out);
    fclose(out);
    touch(4000000000);
}

static void save_file(const char *file) {
    char *path = text_format("%s/%s", getenv("UNSTUCK_SRC"), file);
    char *text = text_file(path, 1 << 20);
    cr_assert(text, "%s", path);
    save(text);
    free(text);
    free(path);
}

static const char fix[] = "solutions/send-no-receiver/buffer_of_one.c";
static const char leak[] = "scenarios/send-no-receiver/exercise.c";

static void press(uint32_t key) {
    ui_key(&ui, key);
}

static struct trial *trial(void) {
    return lab_trial(&ui.lab, &catalogue.scenarios[0], &catalogue.scenarios[0].variants[0]);
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

Test(edit, an_edited_exercise_is_judged_as_it_is) {
    save_file(fix);
    press(KEYS_ENTER);
    cr_assert_eq(trial()->state, TRIAL_BUILDING);
    shows("judging");
    shows("building");
    press('?'); // keys are answered meanwhile
    shows("KEYS");
    press(KEYS_ESC);
    snapshot_settle(&ui);
    cr_assert_eq(trial()->state, TRIAL_DONE);
    cr_assert_eq(trial()->answer->verdicts, 0);
    shows("0 left");
    press(KEYS_END);
    shows("Solved. ] is the next case; L puts load on it, 2 shows another way.");
    shows("Every send needs a receiver");
}

Test(edit, the_list_builds_too) {
    save_file(fix);
    snapshot_settle(&ui);
    cr_assert_eq(trial()->state, TRIAL_DONE);
    cr_assert_eq(trial()->answer->verdicts, 0);
}

Test(edit, again_picks_up_an_edit) {
    press(KEYS_ENTER);
    cr_assert_eq(trial()->state, TRIAL_UNDER_WAY, "what was not edited is not compiled");
    snapshot_settle(&ui);
    shows("FAIL leak");
    save_file(fix);
    press('r');
    shows("building");
    snapshot_settle(&ui);
    cr_assert_eq(trial()->answer->verdicts, 0);
    shown("leak", false);
    shows("0 left");
    save_file(leak);
    press('r');
    snapshot_settle(&ui);
    shows("FAIL leak");
}

Test(edit, what_does_not_compile_shows_the_compilers_words_and_the_last_verdict) {
    press(KEYS_ENTER);
    snapshot_settle(&ui);
    shows("FAIL leak");
    save("int oops = nowhere;\n");
    press('r');
    snapshot_settle(&ui);
    cr_assert_eq(trial()->state, TRIAL_UNBUILT);
    shows("ERROR build  does not compile; before: FAIL leak");
    ui_resize(&ui, 24, 140);
    shows("ERROR build  does not compile; before the edit: FAIL leak, fails on");
    ui_resize(&ui, 24, 80);
    shows("\n exercise.c:1:12: error: ");
    shows("nowhere");
    shows("1 left"); // the run before, still there to be played
    press('w');
    shows("THE COMPILER SAYS");
    shows("nowhere");
    press(KEYS_ESC);
    press(KEYS_ESC);
    shows("ERROR build");
    press(KEYS_ENTER);
    shows("exercise.c:1:12: error");
    save_file(fix);
    press('r');
    snapshot_settle(&ui);
    cr_assert_eq(trial()->answer->verdicts, 0);
    shown("ERROR build", false);
}

Test(edit, broken_from_the_start_there_is_no_verdict_before) {
    save("int oops = nowhere;\n");
    press(KEYS_ENTER);
    snapshot_settle(&ui);
    shows("ERROR build  does not compile");
    shown("before", false);
    shows("exercise.c:1:12: error");
}

Test(edit, a_missing_compiler_is_told) {
    setenv("CC", "no-such-compiler", 1);
    save_file(fix);
    press(KEYS_ENTER);
    snapshot_settle(&ui);
    cr_assert_eq(trial()->state, TRIAL_REFUSED);
    shows("ERROR environment");
    shows("no-such-compiler");
}

Test(edit, leaving_does_not_wait_for_the_compiler) {
    char *hangs = prefix_write("cc.sh", "#!/bin/sh\nexec sleep 1000\n");
    chmod(hangs, 0755);
    setenv("CC", hangs, 1);
    save_file(fix);
    press(KEYS_ENTER);
    ui_tick(&ui, ui.now + SECOND);
    cr_assert_eq(trial()->state, TRIAL_BUILDING);
    press('r'); // once more: the first compiler is ended
    ui_tick(&ui, ui.now + SECOND);
    cr_assert_eq(trial()->state, TRIAL_BUILDING);
    free(hangs);
}

// Settles again and again: a load takes its time.
static void becomes(const char *words) {
    for (int round = 0; round < 60; round++) {
        ui_draw(&ui);
        char *frame = cells_text(&ui.cells);
        bool there = strstr(frame, words);
        free(frame);
        if (there)
            return;
        snapshot_settle(&ui);
    }
    shows(words);
}

Test(edit, a_load_goes_no_faster_than_64_times_and_ends_at_its_limit) {
    press('L');
    shows("at most 10,000 alive, 1,000,000 in all");
    for (int i = 0; i < 6; i++)
        press('+');
    shows("speed 64x");
    press('+');
    shows("It does not go faster.");
    shows("speed 64x");
    press('m');
    press('m');
    shows("at most 1,000 alive");
    becomes("left for ever; r starts again");
    shows("chan send  reply  exercise.c:");
}

static const char never_ends[] = "#include \"exercise.h\"\n"
                                 "TASK(stays, int symbol;) {\n"
                                 "    while (a->symbol >= 0)\n"
                                 "        task_sleep(SECOND);\n"
                                 "}\n"
                                 "bool price_of(int symbol, long *cents) {\n"
                                 "    go(stays, .symbol = symbol);\n"
                                 "    *cents = exchange_quote(symbol);\n"
                                 "    return true;\n"
                                 "}\n";

Test(edit, tasks_that_go_on_after_the_load_are_no_flat_line) {
    save(never_ends);
    press('L');
    snapshot_settle(&ui);
    for (int i = 0; i < 6; i++)
        press('+');
    press('m');
    press('m');
    becomes("still alive; r starts again");
    shows("no more load  ");
    shown("flat", false);
}

Test(edit, a_load_is_put_on_the_edited_exercise) {
    save_file(fix);
    press('L');
    shows("building");
    snapshot_settle(&ui);
    shown("chan send", false);
    shown("ERROR", false);
    save("int oops = nowhere;\n");
    press('r');
    snapshot_settle(&ui);
    shows("ERROR build");
    shows("exercise.c:1:12: error");
    save_file(leak);
    press('r');
    snapshot_settle(&ui);
    shows("chan send");
}
