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
Test(file, a_disk_that_is_full_leaves_what_was_there) {
    char *path = at("kept");
    static char large[1 << 16];
    memset(large, 'x', sizeof large);
    cr_assert(file_put(path, "before\n", why));
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){1000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    bool written = file_write(path, large, sizeof large, why);
    setrlimit(RLIMIT_FSIZE, &before);
    cr_assert_not(written);
    cr_assert(strstr(why, "kept: File too large"), "%s", why);
    cr_assert(file_holds(path, "before\n"));
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
