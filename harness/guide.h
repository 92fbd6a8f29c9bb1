// guide: the chapters, and the hint rungs in them.
//
// A chapter is Markdown. Its hints are the list under the heading `## Hints`, one item per rung,
// in order: symptom, concept, where to look, ways out, one patch.
#pragma once

#include "harness/catalogue.h"

enum { GUIDE_RUNGS = 5 };

// The whole chapter, malloc'ed, as text_clean leaves it: a pack's may come from anybody. NULL: none; `why`
// (300 bytes) says.
char *guide_text(const struct scenario_info *s, char *why);

// Hint number 1 .. GUIDE_RUNGS, malloc'ed, without its number. NULL: none; `why` says.
char *guide_hint(const struct scenario_info *s, int rung, char *why);

// Renders Markdown as plain text of at most `width` columns, malloc'ed; bold and code marked by
// ANSI sequences when colour.
char *guide_render(const char *markdown, int width, bool colour);
