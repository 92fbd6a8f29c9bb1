// format: numbers, paths and what other programs say, as people read them. What takes `out` writes at
// most `size` bytes and returns it.
#pragma once

#include <stddef.h>
#include <stdint.h>

// "0", "350us", "50ms", "1.5s", "2m30s", "10h": at most three figures of interest.
char *format_duration(int64_t ns, char *out, size_t size);

// "512 B", "12.5 MB".
char *format_bytes(uint64_t bytes, char *out, size_t size);

// The part of a path after the last slash.
const char *path_name(const char *path);

// The last three parts of a path: enough to find a file of the repository by.
const char *path_tail(const char *path);

// What a compiler said, without control characters, the chains of includes and the folders of the
// files it names; malloc'ed.
char *format_compiler(const char *said);
