// What the cache finds again, and what it must not.
#include "harness/cache.h"
#include "harness/tests/prefix.h"

#include <fcntl.h>
#include <inttypes.h>

static char why[300];
static char *source, *depfile, *folder;

static const int64_t SOON = INT64_MAX; // later than any time of a file

static void start(void) {
    prefix_start();
    setenv("XDG_CACHE_HOME", prefix, 1);
    source = prefix_write("a $b#c d.c", "int x;\n");
    char *rule = text_format("object: %s/a\\ $$b\\#c\\ d.c \\\n  /dev/null\n", prefix);
    depfile = prefix_write("sources.d", rule);
    free(rule);
    folder = cache_folder(why);
    cr_assert(folder, "%s", why);
}

TestSuite(cache, .init = start, .fini = prefix_end);

Test(cache, what_was_kept_is_found_while_the_sources_are_the_same) {
    cr_assert_null(cache_find(7));
    char *made = text_copy(folder);
    cr_assert(cache_keep(&folder, 7, depfile, SOON));
    cr_assert_str_neq(folder, made);
    cr_assert_neq(access(made, F_OK), 0, "moved");
    cr_assert_str_eq(cache_find(7), folder);
    cr_assert_null(cache_find(8), "another recipe");
    prefix_put("a $b#c d.c", "int y;\n");
    cr_assert_null(cache_find(7), "another source");
    prefix_put("a $b#c d.c", "int x;\n");
    cr_assert_str_eq(cache_find(7), folder);
    remove(source);
    cr_assert_null(cache_find(7), "no source");
}

Test(cache, a_source_written_since_is_not_what_was_read) {
    struct stat info;
    cr_assert_eq(stat(source, &info), 0);
    int64_t written = info.st_mtim.tv_sec * INT64_C(1000000000) + info.st_mtim.tv_nsec;
    char *rule = text_format("object: %s/a\\ $$b\\#c\\ d.c\n", prefix);
    prefix_put("sources.d", rule);
    cr_assert_not(cache_keep(&folder, 7, depfile, written));
    cr_assert_eq(access(folder, F_OK), 0, "it stays");
    cr_assert(cache_keep(&folder, 7, depfile, written + 1));
}

Test(cache, whoever_comes_second_takes_what_is_there) {
    char *second = cache_folder(why), *made = text_copy(second);
    cr_assert(cache_keep(&folder, 7, depfile, SOON));
    char *file = text_format("%s/mark", folder);
    FILE *out = fopen(file, "w");
    cr_assert(out);
    fclose(out);
    cr_assert(cache_keep(&second, 7, depfile, SOON));
    cr_assert_str_eq(second, folder);
    cr_assert_neq(access(made, F_OK), 0, "it was left behind");
    cr_assert_eq(access(file, F_OK), 0, "the first is as it was");
}

Test(cache, without_a_list_of_sources_nothing_is_kept) {
    remove(depfile);
    cr_assert_not(cache_keep(&folder, 7, depfile, SOON));
    prefix_put("sources.d", "no rule at all");
    cr_assert_not(cache_keep(&folder, 7, depfile, SOON));
    prefix_put("sources.d", "object: \n");
    cr_assert_not(cache_keep(&folder, 7, depfile, SOON));
}

Test(cache, what_nobody_used_for_a_month_goes) {
    char *old = text_format("%s/unstuck/new-000000", prefix);
    char *list = text_format("%s/unstuck/0123456789abcdef.sources", prefix);
    mkdir(old, 0700);
    fclose(fopen(list, "w"));
    const struct timespec long_ago[] = {{1000, 0}, {1000, 0}};
    cr_assert_eq(utimensat(AT_FDCWD, old, long_ago, 0), 0);
    cr_assert_eq(utimensat(AT_FDCWD, list, long_ago, 0), 0);
    cr_assert(cache_keep(&folder, 7, depfile, SOON));
    cr_assert_neq(access(old, F_OK), 0);
    cr_assert_neq(access(list, F_OK), 0);
    cr_assert_str_eq(cache_find(7), folder);
}

Test(cache, a_list_that_is_damaged_finds_nothing) {
    cr_assert(cache_keep(&folder, 7, depfile, SOON));
    char *list = text_format("unstuck/%016" PRIx64 ".sources", UINT64_C(7));
    const char *const damaged[] = {"", "\n\n\n", "/nowhere\n", "/dev/null", "/\n"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        prefix_put(list, damaged[i]);
        cr_assert_null(cache_find(7), "%s", damaged[i]);
    }
}

Test(cache, where_nothing_can_be_kept_the_folder_is_a_temporary_one) {
    setenv("XDG_CACHE_HOME", "/dev/null/x", 1);
    setenv("TMPDIR", prefix, 1);
    char *made = cache_folder(why);
    cr_assert(made && strncmp(made, prefix, strlen(prefix)) == 0, "%s", why);
    cr_assert_not(cache_keep(&made, 7, depfile, SOON));
    setenv("TMPDIR", "/nowhere", 1);
    cr_assert_null(cache_folder(why));
    cr_assert(strstr(why, "TMPDIR"), "%s", why);
}
