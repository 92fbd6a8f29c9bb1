// Whole screens as text, compared with the files in tests/golden. With UNSTUCK_UPDATE_GOLDEN set
// the files are written instead; look at what changed before you commit it.
#include "tui/snapshot.h"
#include "tui/tests/fake.h"

#include <criterion/criterion.h>

static struct fake f;

static char *read_golden(const char *path) {
    FILE *in = fopen(path, "re");
    cr_assert(in, "%s is missing; UNSTUCK_UPDATE_GOLDEN=1 writes it", path);
    char *text = calloc(1, 1 << 18);
    size_t length = fread(text, 1, (1 << 18) - 1, in);
    text[length] = '\0';
    fclose(in);
    return text;
}

static void write_golden(const char *path, const char *text) {
    FILE *out = fopen(path, "we");
    cr_assert(out, "%s cannot be written", path);
    fputs(text, out);
    fclose(out);
}

// The frame must be what the file says.
static void matches(const char *name) {
    char path[FAKE_PATH], file[200];
    snprintf(file, sizeof file, "tui/tests/golden/%s.txt", name);
    fake_path(file, path, sizeof path);
    char *text = fake_frame(&f);
    if (getenv("UNSTUCK_UPDATE_GOLDEN")) {
        write_golden(path, text);
    } else {
        char *golden = read_golden(path);
        cr_assert_str_eq(text, golden, "%s differs; the frame is:\n%s", path, text);
        free(golden);
    }
    free(text);
}

static void frame(const char *name, int rows, int cols, bool ascii, const char *keys) {
    const char *bad = "";
    fake_open(&f, rows, cols, ascii);
    snapshot_settle(&f.ui);
    cr_assert(snapshot_feed(&f.ui, keys, &bad), "no key: %s", bad);
    matches(name);
    fake_close(&f);
}

#define FRAME(name, rows, cols, ascii, keys)                                                       \
    Test(frames, name) {                                                                           \
        frame(#name, rows, cols, ascii, keys);                                                     \
    }

FRAME(list_60x16, 16, 60, false, "")
FRAME(list_end_60x16, 16, 60, false, "end")
FRAME(list_80x24, 24, 80, false, "j")
FRAME(list_120x40, 40, 120, false, "")
FRAME(list_ascii_80x24, 24, 80, true, "")
FRAME(list_filter_80x24, 24, 80, false, "/,r,a,n,g")
FRAME(list_filter_empty_80x24, 24, 80, false, "/,z,z,z,enter")
FRAME(run_end_80x24, 24, 80, false, "enter")
FRAME(run_end_120x40, 40, 120, false, "enter")
FRAME(run_end_60x16, 16, 60, false, "enter")
FRAME(run_ascii_80x24, 24, 80, true, "enter")
FRAME(run_middle_80x24, 24, 80, false, "enter,home,right,right,right,right,right,right,right,right")
FRAME(run_middle_120x40, 40, 120, false, "enter,left,left,left,left")
FRAME(run_start_80x24, 24, 80, false, "enter,home")
FRAME(run_first_bad_80x24, 24, 80, false, "enter,home,!")
FRAME(run_fix_80x24, 24, 80, false, "enter,2")
FRAME(run_wrong_80x24, 24, 80, false, "enter,v,v")
FRAME(run_time_axis_80x24, 24, 80, false, "enter,x")
FRAME(run_start_60x16, 16, 60, false, "enter,home")
FRAME(run_fix_60x16, 16, 60, false, "enter,3")
FRAME(run_source_60x16, 16, 60, false, "enter,s")
FRAME(why_80x24, 24, 80, false, "enter,w")
FRAME(why_60x16, 16, 60, false, "enter,w")
FRAME(graph_80x24, 24, 80, false, "enter,W")
FRAME(graph_120x40, 40, 120, false, "enter,W")
FRAME(graph_middle_80x24, 24, 80, false, "enter,home,right,right,right,right,right,W")
FRAME(help_60x16, 16, 60, false, "enter,?")
FRAME(help_80x24, 24, 80, false, "enter,?")
FRAME(help_120x40, 40, 120, false, "?")
FRAME(small_40x6, 6, 40, false, "")
FRAME(small_59x16, 16, 59, false, "enter")
FRAME(small_1x1, 1, 1, false, "")

static void shows(const char *keys, const char *words) {
    const char *bad = "";
    cr_assert(snapshot_feed(&f.ui, keys, &bad), "no key: %s", bad);
    char *text = fake_frame(&f);
    cr_assert(strstr(text, words), "`%s` in\n%s", words, text);
    free(text);
}

Test(frames, without_the_race_check_nothing_passes) {
    fake_open(&f, 24, 100, false);
    f.fixed.race = RACE_UNAVAILABLE;
    snprintf(f.fixed.race_note, sizeof f.fixed.race_note, "no runtime");
    shows("enter,2", "ERROR environment  12 of 12 schedules, exhaustive; races not checked");
    shows("end", "Races were not looked for, so it is no PASS: no runtime");
    fake_close(&f);
}

Test(frames, a_race_alone_is_told_apart_from_schedules_that_fail) {
    fake_open(&f, 24, 100, false);
    f.leak.verdicts = VERDICT_RACE;
    f.leak.race = RACE_FOUND;
    f.leak.failing = 1;
    f.leak.exhaustive = false;
    ui_resize(&f.ui, 24, 80);
    shows("home", "FAIL race  all 12 else hold");
    ui_resize(&f.ui, 24, 100);
    shows("enter", "FAIL race  race on the default schedule; all 12 else hold, not exhaustive");
    fake_close(&f);
}

// A row of the frame at these sizes.
static char *row_of(int rows, int cols, int row) {
    ui_resize(&f.ui, rows, cols);
    char *text = fake_frame(&f), *at = text;
    for (; row; row--)
        at = strchr(at, '\n') + 1;
    char *line = strndup(at, strcspn(at, "\n"));
    free(text);
    return line;
}

Test(frames, a_verdict_gives_way_to_the_schedule_id) {
    fake_open(&f, 24, 80, false);
    f.leak.verdicts = VERDICT_DEADLOCK | VERDICT_LEAK | VERDICT_PANIC | VERDICT_RESOURCE |
                      VERDICT_BEHAVIOUR | VERDICT_MISUSE;
    shows("enter", "FAIL deadlock, leak");
    for (int cols = UI_LEAST_COLS; cols <= 160; cols++) {
        char *line = row_of(24, cols, 2);
        cr_assert(strstr(line, "  unheard-send@x1"), "%d columns: %s", cols, line);
        bool whole = strstr(line, "5 of 12 fail") || strstr(line, "schedules, exhaustive");
        cr_assert_neq(whole, strstr(line, "…") != NULL, "%d columns: %s", cols, line);
        free(line);
    }
    fake_close(&f);
}

Test(frames, a_long_id_leaves_room_for_the_verdict) {
    fake_open(&f, 24, 80, false);
    f.leak.schedule.count = 12;
    for (uint32_t i = 0; i < 12; i++)
        f.leak.schedule.deviations[i] = (struct deviation){100 * i, i, 0};
    shows("enter", "FAIL leak  5 of 12 fail  unheard-send@x1.0:0.100:1.");
    char *line = row_of(24, 80, 2);
    cr_assert_str_eq(line + strlen(line) - strlen("…"), "…");
    free(line);
    fake_close(&f);
}

Test(frames, variants_that_have_no_room_are_told_of) {
    fake_open(&f, 24, 60, false);
    f.variants[1].file = "a_buffer_with_a_very_long_name_of_its_own.c";
    shows("enter", "  1 exercise   2 fix: a_buffer_with_a_very_long_name_of_its…\n");
    shows("3", "…");
    char *line = row_of(24, 60, 1);
    cr_assert_str_eq(line, "… 3 wrong: longer");
    free(line);
    fake_close(&f);
}

static int times_shown(const char *keys, const char *words) {
    const char *bad = "";
    int count = 0;
    cr_assert(snapshot_feed(&f.ui, keys, &bad), "no key: %s", bad);
    char *text = fake_frame(&f);
    for (const char *at = text; (at = strstr(at, words)); at += strlen(words))
        count++;
    free(text);
    return count;
}

Test(frames, an_error_is_said_once) {
    fake_open(&f, 40, 120, false);
    f.leak.verdicts = f.leak.judgement.verdicts = VERDICT_TIMEOUT;
    snprintf(f.leak.error, sizeof f.leak.error, "Nothing happened for too long.");
    snprintf(f.leak.judgement.note, sizeof f.leak.judgement.note, "Nothing happened for too long.");
    cr_assert_eq(times_shown("enter", "Nothing happened"), 1);
    cr_assert_eq(times_shown("w", "Nothing happened"), 1);
    fake_close(&f);
}

Test(frames, a_panic_is_said_once) {
    fake_open(&f, 40, 120, false);
    f.leak.verdicts = f.leak.judgement.verdicts = VERDICT_PANIC;
    snprintf(f.leak.judgement.note, sizeof f.leak.judgement.note, "send on closed channel");
    cr_assert_eq(times_shown("enter", "send on closed"), 1);
    cr_assert_eq(times_shown("w", "send on closed"), 1);
    fake_close(&f);
}
