// What is taken from a learner's folder, and what is not.
#include "harness/grade/submission.h"
#include "harness/judge.h"
#include "harness/text.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/unstuck-submission-XXXXXX";
static struct submission submission;
static struct submitted file;

static void make(const char *name, const char *bytes, size_t size) {
    FILE *out = fopen(name, "w");
    cr_assert(out && fwrite(bytes, 1, size, out) == size);
    fclose(out);
}

static void start(void) {
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(mkdir("exercises", 0777), 0);
    make("elsewhere.c", "int secret;\n", 12);
}

static int forget(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)type, (void)where;
    return remove(path);
}

static void end(void) {
    free(file.text);
    cr_assert_eq(chdir("/"), 0);
    nftw(folder, forget, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(submission, .init = start, .fini = end);

static void read_one(const char *name) {
    submission_open(&submission, folder);
    submission_read(&submission, name, &file);
    submission_close(&submission);
}

static void refused(const char *name, unsigned verdict, const char *words) {
    read_one(name);
    cr_assert_null(file.text);
    cr_assert_eq(file.verdict, verdict, "%s", file.why);
    cr_assert(strstr(file.why, words), "`%s` in: %s", words, file.why);
}

Test(submission, a_file_is_taken_byte_for_byte) {
    static const char source[] = "int a;\r\n\tint b; // \xc3\xb6\n";
    make("exercises/one.c", source, sizeof source - 1);
    read_one("one");
    cr_assert_eq(file.verdict, 0);
    cr_assert_eq(file.size, sizeof source - 1);
    cr_assert_eq(memcmp(file.text, source, sizeof source), 0, "with a NUL behind it");
}

Test(submission, an_empty_file_is_a_file) {
    make("exercises/one.c", "", 0);
    read_one("one");
    cr_assert_eq(file.verdict, 0);
    cr_assert_str_eq(file.text, "");
}

Test(submission, a_missing_file_is_told) {
    refused("one", VERDICT_BUILD, "exercises/one.c is missing");
}

Test(submission, no_link_is_followed) {
    cr_assert_eq(symlink("../elsewhere.c", "exercises/one.c"), 0);
    refused("one", VERDICT_TAMPERED, "symbolic link");
    cr_assert_eq(symlink("nowhere", "exercises/two.c"), 0);
    refused("two", VERDICT_TAMPERED, "symbolic link");
}

Test(submission, a_link_in_place_of_the_folder_is_not_followed) {
    cr_assert_eq(rmdir("exercises"), 0);
    cr_assert_eq(mkdir("others", 0777), 0);
    make("others/one.c", "int a;\n", 7);
    cr_assert_eq(symlink("others", "exercises"), 0);
    refused("one", VERDICT_TAMPERED, "symbolic link");
}

Test(submission, without_the_folder_each_file_says_so) {
    cr_assert_eq(rmdir("exercises"), 0);
    refused("one", VERDICT_BUILD, "no folder exercises");
    make("exercises", "", 0);
    refused("one", VERDICT_BUILD, "no folder exercises");
}

Test(submission, only_a_regular_file_is_read) {
    cr_assert_eq(mkfifo("exercises/one.c", 0666), 0);
    refused("one", VERDICT_TAMPERED, "no regular file");
    cr_assert_eq(mkdir("exercises/two.c", 0777), 0);
    refused("two", VERDICT_TAMPERED, "no regular file");
}

Test(submission, what_is_no_source_is_not_judged) {
    make("exercises/one.c", "int a;\0int b;", 13);
    refused("one", VERDICT_BUILD, "NUL");
}

Test(submission, the_size_has_a_limit) {
    char *large = zero_alloc(SUBMISSION_MOST + 1, 1);
    memset(large, ' ', SUBMISSION_MOST + 1);
    make("exercises/one.c", large, SUBMISSION_MOST + 1);
    make("exercises/two.c", large, SUBMISSION_MOST);
    free(large);
    refused("one", VERDICT_BUILD, "larger than");
    read_one("two");
    cr_assert_eq(file.size, (size_t)SUBMISSION_MOST);
    cr_assert_eq(file.verdict, 0);
}
