// api: what an exercise may know: the names that its headers declare, and which headers those are.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct api;

// Reads core/core.h below `root` with everything of core/ that it includes, harness/scenario.h, and this
// exercise.h (may be NULL). What cannot be read declares nothing.
struct api *api_read(const char *root, const char *exercise_h);
void api_free(struct api *a);

// Whether one of them declares a function or defines a macro of that name.
bool api_has(const struct api *a, const char *name, size_t length);

// Whether a path as it stands in an #include ("core/chan.h") is one of those below root, but for
// harness/scenario.h, which belongs to drivers.
bool api_includes(const struct api *a, const char *path, size_t length);
