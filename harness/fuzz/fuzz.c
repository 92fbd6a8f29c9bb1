// fuzz: see fuzz.h.
#include "harness/fuzz/fuzz.h"

#include "harness/text.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void fuzz_must(bool holds, const char *what) {
    if (holds)
        return;
    fprintf(stderr, "fuzz: does not hold: %s\n", what);
    abort();
}

char *fuzz_text(const uint8_t *data, size_t size) {
    char *text = zero_alloc(size + 1, 1);
    if (size)
        memcpy(text, data, size);
    return text;
}

const char *fuzz_file(const uint8_t *data, size_t size) {
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    bool written = ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size;
    fuzz_must(written, "there is room for one input in memory");
    return path;
}

static char *folder;

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)type, (void)where;
    return remove(path);
}

static void folder_remove(void) {
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

const char *fuzz_folder(void) {
    if (folder)
        return folder;
    const char *where = getenv("TMPDIR");
    folder = text_format("%s/unstuck-fuzz-XXXXXX", where && *where ? where : "/tmp");
    fuzz_must(mkdtemp(folder), "a temporary folder can be made");
    atexit(folder_remove);
    return folder;
}
