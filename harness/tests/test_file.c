// What is kept on disk is there whole or as it was, whatever goes wrong.
#include "harness/file.h"
#include "harness/tests/prefix.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char why[FILE_WHY];

static char *at(const char *name) {
    return text_format("%s/%s", prefix, name);
}

TestSuite(file, .init = prefix_start, .fini = prefix_end, .timeout = 60);

Test(file, makes_its_folders_and_replaces_what_was_there) {
    char *path = at("a/b/c");
    cr_assert(file_put(path, "one\n", why), "%s", why);
    cr_assert(file_holds(path, "one\n"));
    cr_assert(file_put(path, "two\n", why));
    cr_assert(file_holds(path, "two\n"));
    cr_assert_not(file_holds(path, "two"));
    free(path);
}

Test(file, keeps_the_mode) {
    char *path = at("mode");
    cr_assert(file_put(path, "x", why));
    chmod(path, 0600);
    cr_assert(file_put(path, "y", why));
    struct stat info;
    stat(path, &info);
    cr_assert_eq(info.st_mode & 0777, 0600);
    free(path);
}

// A limit on the size of files is a disk that is full, for one process.
static bool on_a_full_disk(bool (*write)(const char *path, const char *bytes, size_t size,
                                         char *why),
                           const char *path) {
    static char large[1 << 16];
    struct rlimit before, limit;
    memset(large, 'x', sizeof large);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){1000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    bool written = write(path, large, sizeof large, why);
    setrlimit(RLIMIT_FSIZE, &before);
    return written;
}

Test(file, a_disk_that_is_full_leaves_what_was_there) {
    char *path = at("kept");
    cr_assert(file_put(path, "before\n", why));
    cr_assert_not(on_a_full_disk(file_write, path));
    cr_assert(strstr(why, "kept: File too large"), "%s", why);
    cr_assert(file_holds(path, "before\n"));
    free(path);
}

Test(file, what_is_added_goes_in_whole_or_not_at_all) {
    char *path = at("log"), *nowhere = at("nowhere/log");
    cr_assert(file_append(path, "one\n", 4, why), "%s", why);
    cr_assert(file_append(path, "two\n", 4, why), "%s", why);
    cr_assert_not(on_a_full_disk(file_append, path));
    cr_assert(strstr(why, "log: File too large"), "%s", why);
    cr_assert(file_holds(path, "one\ntwo\n"));
    cr_assert_not(file_append(nowhere, "x", 1, why));
    cr_assert(strstr(why, "nowhere/log: No such file"), "%s", why);
    free(nowhere);
    free(path);
}

// Who makes a link does not choose what is written over.
Test(file, a_link_is_replaced_and_what_it_leads_to_is_left) {
    char *path = at("link"), *target = at("target");
    cr_assert(file_put(target, "another's", why));
    cr_assert_eq(symlink(target, path), 0);
    cr_assert(file_put(path, "mine", why), "%s", why);
    cr_assert(file_holds(target, "another's"));
    struct stat info;
    cr_assert(lstat(path, &info) == 0 && S_ISREG(info.st_mode));
    free(target);
    free(path);
}

Test(file, a_folder_that_is_a_file_is_told) {
    char *path = at("plain"), *below = at("plain/below");
    cr_assert(file_put(path, "x", why));
    cr_assert_not(file_put(below, "y", why));
    cr_assert(strstr(why, "plain: File exists") || strstr(why, "Not a directory"), "%s", why);
    cr_assert(file_holds(path, "x"));
    free(path);
    free(below);
}

// Killed at any moment: whole, and what was begun goes with the next who writes.
Test(file, a_writer_that_is_killed_leaves_all_of_one_or_the_other) {
    char *path = at("race");
    static char first[1 << 16], second[1 << 16];
    memset(first, 'a', sizeof first - 1);
    memset(second, 'b', sizeof second - 1);
    cr_assert(file_put(path, first, why));
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0)
            for (int n = 0;; n++)
                file_put(path, n % 2 ? first : second, why);
        usleep((useconds_t)(i * 100));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        cr_assert(file_holds(path, first) || file_holds(path, second), "after %d", i);
    }
    cr_assert(file_put(path, "last", why));
    DIR *entries = opendir(prefix);
    for (struct dirent *entry; (entry = readdir(entries));)
        cr_assert(*entry->d_name == '.' || !strcmp(entry->d_name, "race"), "%s", entry->d_name);
    closedir(entries);
    free(path);
}
