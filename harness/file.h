// file: what is kept on disk, written so that nobody ever finds half of it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { FILE_WHY = 300 };

// Writes the whole file: under another name in the same folder, to the disk, then by one rename; who
// reads it finds what was there before or all of this. Makes the folders it lies in. False: `why` (at
// least FILE_WHY bytes) says what is wrong, and what was there before is there still. A symbolic link in its
// place is replaced, never written through: who made the link does not choose what is written over.
bool file_write(const char *path, const char *bytes, size_t size, char *why);

// Adds bytes to a file that belongs to somebody else, making it if need be: all of them by one write, or
// none, and then `why`.
bool file_append(const char *path, const char *bytes, size_t size, char *why);

// As file_write, for a string.
bool file_put(const char *path, const char *content, char *why);

// Makes every folder of the path but what is behind its last slash. False: as above.
bool file_folders(const char *path, char *why);

// Whether a file holds exactly this; false when it is not there, or cannot be read.
bool file_holds(const char *path, const char *content);

// One process at a time between these two, by a lock on a file that is made for it. Blocks while another
// holds it. -1: there is no such lock to be had, and one goes on without it.
int file_lock(const char *path);
void file_unlock(int lock);
