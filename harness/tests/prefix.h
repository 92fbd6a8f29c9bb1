// prefix: an installation of unstuck made up for a test: folders and files below a temporary
// folder that UNSTUCK_PREFIX points at.
#pragma once

#include "harness/text.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *prefix;

static inline void prefix_start(void) {
    const char *where = getenv("TMPDIR");
    prefix = text_format("%s/prefix-XXXXXX", where ? where : "/tmp");
    cr_assert(mkdtemp(prefix));
    setenv("UNSTUCK_PREFIX", prefix, 1);
}

static inline int prefix_remove_one(const char *path, const struct stat *info, int type,
                                    struct FTW *where) {
    (void)info, (void)type, (void)where;
    return remove(path);
}

static inline void prefix_end(void) {
    nftw(prefix, prefix_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(prefix);
}

// Writes a file below the prefix, with the folders it needs. Returns its path, malloc'ed.
static inline char *prefix_write(const char *path, const char *content) {
    char *full = text_format("%s/%s", prefix, path);
    for (char *slash = full + strlen(prefix); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    FILE *out = fopen(full, "w");
    cr_assert(out, "%s", full);
    fputs(content, out);
    fclose(out);
    return full;
}

static inline void prefix_put(const char *path, const char *content) {
    free(prefix_write(path, content));
}

// A scenario with an exercise, two solutions and one wrong fix, all of them built but solution b.
static inline void prefix_scenario(const char *name, int number) {
    char *json = text_format("{\"name\":\"%s\",\"number\":%d,\"title\":\"The title\",\"chapter\":"
                             "\"send\",\"brief\":\"b\",\"goal\":\"g\",\"remember\":\"r\","
                             "\"verdict\":\"leak\",\"left\":[{\"name\":\"worker\",\"reason\":"
                             "\"chan send\",\"object\":\"results\",\"count\":2}],\"checks\":"
                             "[\"delivers\",\"in time\"],\"grace\":5000,\"has_load\":true}",
                             name, number);
    const char *const files[][2] = {
        {"lib/unstuck/scenarios/%s/scenario.json", json},
        {"lib/unstuck/scenarios/%s/driver.so", ""},
        {"lib/unstuck/scenarios/%s/exercise.so", ""},
        {"lib/unstuck/scenarios/%s/exercise.tsan.so", ""},
        {"lib/unstuck/scenarios/%s/solution-a.so", ""},
        {"lib/unstuck/scenarios/%s/wrong-longer.so", ""},
        {"share/unstuck/scenarios/%s/exercise.c", "// The desk.\n"},
        {"share/unstuck/scenarios/%s/wrong/longer.c",
         "// idea: wait longer\n// caught by: leak\n// comment: a longer wait\n//   only moves it\n"},
        {"share/unstuck/solutions/%s/b.c", "// idea: second\n"},
        {"share/unstuck/solutions/%s/a.c", "// idea: first,\n//   and more\n//\n// prose\n"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[200];
        const char *hole = strstr(files[i][0], "%s");
        snprintf(path, sizeof path, "%.*s%s%s", (int)(hole - files[i][0]), files[i][0], name,
                 hole + 2);
        prefix_put(path, files[i][1]);
    }
    free(json);
}
