// replay: the main of a fuzz target that is built without libFuzzer: reads the files named, or all files of
// the folders named, once each. It prints the name of each before it reads it, so the last one that is
// printed by a process that died is the one to look at.
#include "harness/fuzz/fuzz.h"

#include "harness/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SEED_MOST = 1 << 20 };

static void replay_file(const char *path) {
    size_t size;
    char *bytes = text_file_bytes(path, SEED_MOST, &size);
    if (!bytes) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        exit(2);
    }
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
    free(bytes);
}

static int not_hidden(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static void replay(const char *path) {
    struct dirent **entries;
    int count = scandir(path, &entries, not_hidden, alphasort);
    if (count < 0) {
        replay_file(path);
        return;
    }
    for (int i = 0; i < count; i++) {
        char *file = text_format("%s/%s", path, entries[i]->d_name);
        replay_file(file);
        free(file);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    return 0;
}
