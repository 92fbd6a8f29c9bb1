// cache: folders of objects that were made before, found again by what they were made from.
//
// They lie in $XDG_CACHE_HOME/unstuck, or ~/.cache/unstuck. What is known before anything is made
// (the compiler, its arguments) is hashed into a recipe. Beside the objects of a recipe stands the
// list of the files that were read for them; an entry is named by the hash of the recipe and of
// what is in these files now. So an entry is found only while every byte of its sources is the same.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The hash of nothing, and that of what was hashed before and then these words (64-bit FNV-1a of
// Fowler, Noll and Vo).
#define CACHE_NOTHING UINT64_C(14695981039346656037)
uint64_t cache_mix(uint64_t hash, const char *words);

// A new folder to make an entry in, malloc'ed: in the cache, or in $TMPDIR where nothing can be
// written there. NULL: in neither; `why` (at least 300 bytes) says what to do.
char *cache_folder(char *why);

// The folder that was kept for this recipe, from sources as they are now; malloc'ed, NULL: none.
char *cache_find(uint64_t recipe);

// Moves a folder into the cache, whole or not at all, and replaces *folder by where it lies then;
// when somebody else was faster, by theirs. `depfile`: what the compiler wrote for -MD. `since`: when
// it began to read, real time in ns; a source written after that may be another one than it read.
// False: the folder stays where it is, for the caller to remove.
bool cache_keep(char **folder, uint64_t recipe, const char *depfile, int64_t since);

// One path of a rule for make, from *at on, malloc'ed and without its escapes; *at is then behind it. NULL:
// there is no more.
char *cache_source(const char **at);

// Removes a folder and what is in it.
void cache_remove(const char *folder);
