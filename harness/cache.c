// cache: objects made before.
//
// Invariants: an entry appears by one rename and is never changed afterwards, so whoever finds it
// finds all of it; whatever fails here only costs time. Entries that nobody used for a month go when
// another one comes.
//
// Rejected: naming an entry by the preprocessed source, which needs the compiler to find it; by times
// of files, which say nothing after a checkout; a lock, which outlives whoever holds it.
#include "harness/cache.h"

#include "harness/file.h"
#include "harness/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WHY = 300, LIST_LIMIT = 1 << 20, SOURCE_LIMIT = 16 << 20, DAYS = 30 };

static const char building[] = "new-"; // what the name of an unfinished entry begins with

// --- hashes ---------------------------------------------------------------------------------

uint64_t cache_mix(uint64_t hash, const char *words) {
    const unsigned char *byte = (const unsigned char *)words;
    do
        hash = (hash ^ *byte) * UINT64_C(1099511628211);
    while (*byte++);
    return hash;
}

// The hash of a recipe and of these files, one a line, as they are now. False: one cannot be read.
static bool mix_files(uint64_t *hash, const char *list) {
    for (const char *line = list; *line;) {
        size_t length = strcspn(line, "\n");
        char *path = text_format("%.*s", (int)length, line);
        char *source = text_file(path, SOURCE_LIMIT);
        if (source)
            *hash = cache_mix(cache_mix(*hash, path), source);
        free(source);
        free(path);
        if (!source)
            return false;
        line += length + (line[length] == '\n');
    }
    return true;
}

// --- places ---------------------------------------------------------------------------------

// NULL: nowhere.
static char *root(void) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/')
        return text_format("%s/unstuck", cache);
    return home && *home == '/' ? text_format("%s/.cache/unstuck", home) : NULL;
}

// As the XDG base directories have it: for nobody else to read.
static void make_folders(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    mkdir(path, 0700);
}

static char *entry_path(const char *where, uint64_t hash) {
    return text_format("%s/%016" PRIx64, where, hash);
}

static char *list_path(const char *where, uint64_t recipe) {
    return text_format("%s/%016" PRIx64 ".sources", where, recipe);
}

static char *fresh_folder(const char *where, const char *beginning) {
    char *path = text_format("%s/%sXXXXXX", where, beginning);
    if (mkdtemp(path))
        return path;
    free(path);
    return NULL;
}

char *cache_folder(char *why) {
    const char *temporary = getenv("TMPDIR");
    char *where = root(), *made = NULL;
    if (where) {
        make_folders(where);
        made = fresh_folder(where, building);
        free(where);
    }
    if (made)
        return made;
    temporary = temporary && *temporary ? temporary : "/tmp";
    made = fresh_folder(temporary, "unstuck-");
    if (!made)
        snprintf(why, WHY, "%.150s: %.50s. Point TMPDIR at a folder that can be written.",
                 temporary, strerror(errno));
    return made;
}

void cache_remove(const char *folder) {
    DIR *entries = opendir(folder);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        char *path = text_format("%s/%s", folder, entry->d_name);
        unlink(path); // leaves . and .. alone
        free(path);
    }
    if (entries)
        closedir(entries);
    rmdir(folder);
}

// --- finding --------------------------------------------------------------------------------

// The time of a folder says when it was last of use.
static bool touch(const char *folder) {
    struct stat info;
    utimensat(AT_FDCWD, folder, NULL, 0);
    return stat(folder, &info) == 0 && S_ISDIR(info.st_mode);
}

static char *find_in(const char *where, uint64_t recipe) {
    char *path = list_path(where, recipe), *list = text_file(path, LIST_LIMIT), *entry = NULL;
    uint64_t hash = recipe;
    if (list && mix_files(&hash, list)) {
        entry = entry_path(where, hash);
        utimensat(AT_FDCWD, path, NULL, 0);
    }
    free(list);
    free(path);
    if (entry && touch(entry))
        return entry;
    free(entry);
    return NULL;
}

char *cache_find(uint64_t recipe) {
    char *where = root();
    char *entry = where ? find_in(where, recipe) : NULL;
    free(where);
    return entry;
}

// --- keeping --------------------------------------------------------------------------------

char *cache_source(const char **at) {
    struct text path = {0};
    const char *p = *at;
    while (strchr(" \t\n", *p) || (p[0] == '\\' && p[1] == '\n'))
        if (!*p++)
            return NULL;
    for (; *p && !strchr(" \t\n", *p); p++) {
        bool escaped = (*p == '\\' && p[1] && strchr(" #\\", p[1])) || (*p == '$' && p[1] == '$');
        if (*p == '\\' && p[1] == '\n')
            break;
        p += escaped;
        text_add(&path, p, 1);
    }
    *at = p;
    return text_take(&path);
}

// Whether the file is older than `since`, so that what it holds is what was read.
static bool settled(const char *path, int64_t since) {
    struct stat info;
    return stat(path, &info) == 0 &&
           info.st_mtim.tv_sec * INT64_C(1000000000) + info.st_mtim.tv_nsec < since;
}

// The sources of a depfile, one a line. NULL: one has changed meanwhile, or there is no such list.
static char *sources_of(const char *depfile, int64_t since) {
    char *rule = text_file(depfile, LIST_LIMIT);
    const char *at = rule ? strstr(rule, ": ") : NULL;
    struct text list = {0};
    bool good = at != NULL;
    at += good;
    for (char *path; good && (path = cache_source(&at));) {
        good = settled(path, since);
        text_addf(&list, "%s\n", path);
        free(path);
    }
    free(rule);
    if (good && list.length)
        return text_take(&list);
    text_free(&list);
    return NULL;
}

// Whoever was faster has made the same from the same.
static bool move_in(char **folder, char *entry) {
    bool moved = rename(*folder, entry) == 0;
    if (!moved && (errno == EEXIST || errno == ENOTEMPTY) && touch(entry)) {
        cache_remove(*folder);
        moved = true;
    }
    if (!moved) {
        free(entry);
        return false;
    }
    free(*folder);
    *folder = entry;
    return true;
}

// Removes what nobody used for a month, be it whole or left behind by somebody who was killed.
static void tidy(const char *where) {
    DIR *entries = opendir(where);
    time_t oldest = time(NULL) - (time_t)DAYS * 24 * 3600;
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        struct stat info;
        char *path = text_format("%s/%s", where, entry->d_name);
        if (entry->d_name[0] != '.' && lstat(path, &info) == 0 && info.st_mtime < oldest) {
            if (S_ISDIR(info.st_mode))
                cache_remove(path);
            else
                unlink(path);
        }
        free(path);
    }
    if (entries)
        closedir(entries);
}

static bool keep_in(const char *where, char **folder, uint64_t recipe, const char *sources) {
    uint64_t hash = recipe;
    char why[FILE_WHY], *list = list_path(where, recipe);
    size_t length = strlen(where);
    bool inside = strncmp(*folder, where, length) == 0 && (*folder)[length] == '/';
    bool kept = inside && mix_files(&hash, sources) && file_put(list, sources, why) &&
                move_in(folder, entry_path(where, hash));
    free(list);
    if (kept)
        tidy(where);
    return kept;
}

bool cache_keep(char **folder, uint64_t recipe, const char *depfile, int64_t since) {
    char *where = root(), *sources = sources_of(depfile, since);
    bool kept = where && sources && keep_in(where, folder, recipe, sources);
    free(where);
    free(sources);
    return kept;
}
