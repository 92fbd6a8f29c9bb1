// Saves are seen however an editor saves, once each, and nothing else is taken for one. The times are given.
#include "core/core.h"
#include "harness/clock.h"
#include "harness/tests/prefix.h"
#include "tui/watcher.h"

#include <fcntl.h>

static struct watcher *w;
static char *folder;
static int64_t now;
static char name[WATCHER_NAME];

static const int64_t quiet = 40 * MILLISECOND;

static void start(void) {
    prefix_start();
    prefix_put("exercises/one.c", "int one;\n");
    prefix_put("exercises/two.c", "int two;\n");
    folder = text_format("%s/exercises", prefix);
}

static void end(void) {
    watcher_close(w);
    free(folder);
    prefix_end();
}

TestSuite(watcher, .init = start, .fini = end, .timeout = 60);

static void watch(void) {
    w = watcher_open(folder);
    now = clock_now();
    cr_assert_geq(watcher_fd(w), 0, "this machine has inotify");
}

static bool next(int64_t after) {
    now += after;
    return watcher_next(w, now, name);
}

static char *at(const char *file) {
    return text_format("%s/%s", folder, file);
}

static void save(const char *file, const char *content) {
    char *path = text_format("exercises/%s", file);
    prefix_put(path, content);
    free(path);
}

static void move(const char *from, const char *to) {
    char *source = at(from), *target = at(to);
    cr_assert_eq(rename(source, target), 0);
    free(source);
    free(target);
}

// The save is seen, and told of once it has been quiet for long enough; then there is nothing more.
static void tells(const char *file) {
    cr_assert_not(next(0), "too early");
    cr_assert_not(next(quiet - 1), "too early");
    cr_assert(next(1), "nothing was seen");
    cr_assert_str_eq(name, file);
    cr_assert_not(next(quiet), "twice: %s", name);
    cr_assert_not(next(SECOND), "twice: %s", name);
}

static void tells_nothing(void) {
    cr_assert_not(next(0), "%s", name);
    cr_assert_not(next(quiet), "%s", name);
    cr_assert_not(next(SECOND), "%s", name);
    cr_assert_not(next(quiet), "%s", name);
}

Test(watcher, what_is_there_at_first_is_no_news) {
    watch();
    tells_nothing();
}

Test(watcher, a_save_in_place) {
    watch();
    save("one.c", "int one = 1;\n");
    tells("one.c");
    save("one.c", "int one = 2;\n");
    tells("one.c");
}

Test(watcher, a_save_by_a_rename_over_it_each_time) {
    watch();
    for (int i = 0; i < 3; i++) {
        save("one.c.new", "int one = 1;\n");
        move("one.c.new", "one.c");
        tells("one.c");
    }
}

// What a rename brings may be older than what was there, and as long.
Test(watcher, a_save_of_an_old_file) {
    watch();
    char *path = at("old");
    save("old", "int own;\n");
    const struct timespec times[] = {{1000000000, 0}, {1000000000, 0}};
    cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    move("old", "one.c");
    tells("one.c");
    free(path);
}

// As vim does with 'backup': the old file goes aside, a new one takes its name.
Test(watcher, a_save_by_backup_and_a_new_file) {
    watch();
    for (int i = 0; i < 2; i++) {
        move("one.c", "one.c~");
        save("one.c", "int one = 1;\n");
        tells("one.c");
    }
}

Test(watcher, it_waits_while_a_save_goes_on) {
    watch();
    save("one.c", "int one");
    cr_assert_not(next(0));
    for (int i = 0; i < 5; i++) {
        char *more = text_format("int one = %0*d;\n", i + 1, i);
        save("one.c", more);
        cr_assert_not(next(quiet - MILLISECOND), "step %d is not yet quiet", i);
        free(more);
    }
    cr_assert(next(quiet));
    cr_assert_str_eq(name, "one.c");
}

Test(watcher, two_files_are_told_of_one_after_the_other) {
    watch();
    save("one.c", "int one = 1;\n");
    cr_assert_not(next(0));
    save("two.c", "int two = 2;\n");
    cr_assert_not(next(quiet / 2));
    cr_assert(next(quiet / 2));
    cr_assert_str_eq(name, "one.c");
    cr_assert_not(next(0), "two.c is not yet quiet");
    cr_assert(next(quiet / 2));
    cr_assert_str_eq(name, "two.c");
    cr_assert_not(next(SECOND));
}

Test(watcher, two_files_at_the_same_time) {
    watch();
    save("one.c", "int one = 1;\n");
    save("two.c", "int two = 2;\n");
    cr_assert_not(next(0));
    char before[WATCHER_NAME];
    cr_assert(next(quiet));
    memcpy(before, name, sizeof before);
    cr_assert(next(0));
    cr_assert_str_neq(before, name);
    cr_assert_not(next(quiet));
}

Test(watcher, what_is_no_source_is_not_told_of) {
    watch();
    static const char *const others[] = {".one.c.swp", ".one.c", "#one.c#", "one.c~", "4913",
                                         "one.h",      ".c",     "one.cc",  "one.C"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        save(others[i], "x");
    char *below = at("folder.c");
    cr_assert_eq(mkdir(below, 0755), 0);
    tells_nothing();
    free(below);
}

Test(watcher, what_is_gone_is_not_told_of_until_it_is_back) {
    watch();
    char *one = at("one.c");
    cr_assert_eq(unlink(one), 0);
    tells_nothing();
    save("one.c", "int one;\n");
    tells("one.c");
    save("one.c", "int one = 1;\n");
    cr_assert_not(next(0));
    cr_assert_eq(unlink(one), 0); // before it was told of
    cr_assert_not(next(quiet));
    free(one);
}

Test(watcher, a_new_file_is_told_of) {
    watch();
    save("three.c", "int three;\n");
    tells("three.c");
}

Test(watcher, opening_and_reading_is_no_save) {
    watch();
    char *one = at("one.c"), *text = text_file(one, 1000);
    int fd = open(one, O_WRONLY | O_APPEND);
    cr_assert_geq(fd, 0);
    close(fd); // opened to be written and left as it is
    tells_nothing();
    free(text);
    free(one);
}

// There is nothing for inotify to watch, so it is by looking twice a second.
Test(watcher, a_folder_that_comes_later_is_looked_at) {
    char *later = text_format("%s/later", prefix);
    w = watcher_open(later);
    now = clock_now();
    cr_assert_eq(watcher_fd(w), -1);
    cr_assert_not(next(SECOND));
    prefix_put("later/one.c", "int one;\n");
    cr_assert_not(next(499 * MILLISECOND), "it does not look all the time");
    cr_assert_not(next(MILLISECOND), "seen, not yet quiet");
    cr_assert(next(quiet));
    cr_assert_str_eq(name, "one.c");
    prefix_put("later/one.c", "int one = 1;\n");
    cr_assert_not(next(SECOND));
    cr_assert(next(quiet));
    free(later);
}

// As `git checkout` may do. The watch is on the folder that is gone.
Test(watcher, a_folder_that_was_replaced_is_looked_at) {
    watch();
    char *aside = text_format("%s/aside", prefix);
    cr_assert_eq(rename(folder, aside), 0);
    tells_nothing();
    save("one.c", "int one = 1;\n");
    cr_assert_not(next(SECOND), "seen, not yet quiet");
    cr_assert(next(quiet));
    cr_assert_str_eq(name, "one.c");
    free(aside);
}
