#include "tui/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH = 4096 };

// Where programs keep such things (XDG base directories). False: nowhere.
static bool place_path(char *out, size_t size) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (state && *state == '/')
        length = snprintf(out, size, "%s/unstuck/place", state);
    else if (home && *home == '/')
        length = snprintf(out, size, "%s/.local/state/unstuck/place", home);
    return length > 0 && (size_t)length < size;
}

bool place_read(char *name, size_t size) {
    char path[PATH];
    FILE *f = place_path(path, sizeof path) ? fopen(path, "re") : NULL;
    if (!f)
        return false;
    if (!fgets(name, (int)size, f))
        name[0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    fclose(f);
    return true;
}

static void make_folders(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
}

void place_write(const char *name) {
    char path[PATH], fresh[PATH + 8];
    if (!place_path(path, sizeof path))
        return;
    make_folders(path);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *f = fopen(fresh, "we");
    if (!f)
        return;
    bool written = fprintf(f, "%s\n", name) > 0;
    if (fclose(f) == 0 && written)
        rename(fresh, path);
}
