// editor: the learner's own editor, at a line.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The command for the shell that opens a file at a line (0: anywhere), by $VISUAL, $EDITOR or one that
// is there; malloc'ed. NULL: there is none.
char *editor_command(const char *file, uint32_t line);

// Runs it and waits until it has ended; the terminal must be free for it. False: `why` (at least 300 bytes).
bool editor_run(const char *file, uint32_t line, char *why);
