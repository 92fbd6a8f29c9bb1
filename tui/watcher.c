#include "tui/watcher.h"

#include "harness/clock.h"
#include "harness/text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t quiet = 40 * MILLISECOND, look_every = 500 * MILLISECOND;

// A file as it was at the last look.
struct watched {
    char name[WATCHER_NAME];
    ino_t inode;
    off_t size;
    struct timespec time;
    int64_t changed; // when it was first seen so; 0: that was told, or was so from the start
    bool there;
};

struct watcher {
    char *folder;
    int fd; // inotify, -1: none
    struct watched *files;
    size_t count;
    int64_t looked;
};

static bool is_source(const char *name) {
    size_t length = strlen(name);
    return length > 2 && length < WATCHER_NAME && *name != '.' &&
           strcmp(name + length - 2, ".c") == 0;
}

static struct watched *file_of(struct watcher *w, const char *name) {
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->files[i].name, name) == 0)
            return &w->files[i];
    w->files = more_memory(w->files, w->count + 1, sizeof *w->files);
    struct watched *f = &w->files[w->count++];
    *f = (struct watched){0};
    snprintf(f->name, sizeof f->name, "%s", name);
    return f;
}

static bool same(const struct watched *f, const struct stat *info) {
    return f->inode == info->st_ino && f->size == info->st_size &&
           f->time.tv_sec == info->st_mtim.tv_sec && f->time.tv_nsec == info->st_mtim.tv_nsec;
}

static void look_at(struct watcher *w, const char *name, int64_t now) {
    char *path = text_format("%s/%s", w->folder, name);
    struct stat info;
    if (stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
        struct watched *f = file_of(w, name);
        f->there = true;
        if (!same(f, &info)) {
            f->inode = info.st_ino;
            f->size = info.st_size;
            f->time = info.st_mtim;
            f->changed = now;
        }
    }
    free(path);
}

static void look(struct watcher *w, int64_t now) {
    DIR *entries = opendir(w->folder);
    for (size_t i = 0; i < w->count; i++)
        w->files[i].there = false;
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (is_source(entry->d_name))
            look_at(w, entry->d_name, now);
    if (entries)
        closedir(entries);
    for (size_t i = 0; i < w->count; i++)
        if (!w->files[i].there)
            w->files[i].inode = 0; // whatever comes in its place is another
    w->looked = now;
}

struct watcher *watcher_open(const char *folder) {
    struct watcher *w = zero_alloc(1, sizeof *w);
    w->folder = text_copy(folder);
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (w->fd >= 0 && inotify_add_watch(w->fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
        close(w->fd);
        w->fd = -1;
    }
    look(w, clock_now());
    for (size_t i = 0; i < w->count; i++)
        w->files[i].changed = 0;
    return w;
}

void watcher_close(struct watcher *w) {
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    free(w->folder);
    free(w->files);
    free(w);
}

int watcher_fd(const struct watcher *w) {
    return w->fd;
}

// Whether inotify has something to say; all of it is taken.
static bool stirred(struct watcher *w) {
    char events[4096];
    bool any = false;
    while (w->fd >= 0 && read(w->fd, events, sizeof events) > 0)
        any = true;
    return any;
}

static bool unsettled(const struct watcher *w) {
    for (size_t i = 0; i < w->count; i++)
        if (w->files[i].changed)
            return true;
    return false;
}

bool watcher_next(struct watcher *w, int64_t now, char name[WATCHER_NAME]) {
    if (stirred(w) || unsettled(w) || now - w->looked >= look_every)
        look(w, now);
    for (size_t i = 0; i < w->count; i++) {
        struct watched *f = &w->files[i];
        if (!f->changed || !f->there || now - f->changed < quiet)
            continue;
        f->changed = 0;
        memcpy(name, f->name, WATCHER_NAME);
        return true;
    }
    return false;
}
