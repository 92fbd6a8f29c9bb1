#include "tui/place.h"

#include "harness/file.h"
#include "harness/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void place_write(const char *name) {
    char path[PATH], why[FILE_WHY];
    if (!place_path(path, sizeof path))
        return;
    char *line = text_format("%s\n", name);
    file_put(path, line, why); // where it cannot be kept, the list opens at its top
    free(line);
}
