// complete: what may stand next on a command line, for the shells that complete it. Everything comes from
// the tables of commands and options and from the catalogue, so a new command completes by itself; the
// scripts for bash, zsh and fish only ask here.
#pragma once

#include "harness/catalogue.h"

#include <stdio.h>

// The candidates for the last of the words that follow `unstuck`, a line each, with a tab and a word about it
// where there is one. Nothing: files, or nothing at all. `c` may be NULL (no scenarios here).
void complete_words(const struct catalogue *c, const char *const *words, size_t count, FILE *out);

// The script for a shell ("bash", "zsh", "fish"). NULL: none for that one.
const char *complete_script(const char *shell);
