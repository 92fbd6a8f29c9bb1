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
FRAME(run_source_60x16, 16, 60, false, "enter,s")
FRAME(why_80x24, 24, 80, false, "enter,w")
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
    fake_open(&f, 24, 80, false);
    f.fixed.race = RACE_UNAVAILABLE;
    snprintf(f.fixed.race_note, sizeof f.fixed.race_note, "no runtime");
    shows("enter,2", "ERROR environment  12 of 12 schedules, exhaustive; races not checked");
    shows("end", "Races were not looked for, so it is no PASS: no runtime");
    fake_close(&f);
}

Test(frames, a_race_alone_is_told_apart_from_schedules_that_fail) {
    fake_open(&f, 24, 80, false);
    f.leak.verdicts = VERDICT_RACE;
    f.leak.race = RACE_FOUND;
    f.leak.failing = 1;
    f.leak.exhaustive = false;
    shows("home", "FAIL race  all 12 else hold");
    shows("enter", "FAIL race  race on the default schedule; all 12 else hold, not exhaustive");
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
