// watcher: which sources of a folder were saved, however an editor saves.
//
// The folder is what is watched: an editor that writes a new file and renames it over the old one ends a
// watch on the file itself. What inotify says only makes one look sooner; what decides is a look at every
// file (inode, size, time), which is also taken twice a second where there is no inotify, or where it says
// nothing (network file systems, folders shared with a virtual machine).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watcher;

enum { WATCHER_NAME = 256 };

// Watches the *.c files of a folder as they are now; a folder that is not there is one without files.
// Never NULL.
struct watcher *watcher_open(const char *folder);
void watcher_close(struct watcher *w);

// The next file that was saved, at `now` (monotonic ns); a file is told of when it has not changed for 40
// ms, since many editors write in several steps. Also of one that is new or came back; not of one that is
// gone. False: none by now. Never blocks.
bool watcher_next(struct watcher *w, int64_t now, char name[WATCHER_NAME]);

// For poll(2): readable when it is worth asking; -1: ask now and then.
int watcher_fd(const struct watcher *w);
