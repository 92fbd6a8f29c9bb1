// workspace: a learner's folder. The broken sources to be mended, what is kept about the attempts, and
// what lets a course's CI and an editor work in it at once.
//
//     exercises/NAME.c             the learner's; nothing but `reset` ever replaces an edited one
//     README.md  .gitignore ...    made once; what was edited stays
//     compile_commands.json        of this machine: made anew, never shared
//     .unstuck/workspace.json      which program made it
//     .unstuck/shipped/            each file as it was made, so that an edit can be told
//     .unstuck/history/NAME/       versions of an exercise, by the hash of what they hold
//     .unstuck/progress.jsonl      see progress.h
//
// Every file is written by file.h, so whoever is killed in between leaves each of them whole, and what is
// missing is made by doing the same again.
#pragma once

#include "harness/catalogue.h"
#include "harness/text.h"

enum { WORKSPACE_WHY = 300 };

// The root of the workspace that a path lies in, absolute and malloc'ed; NULL: it lies in none.
char *workspace_find(const char *path);

// Makes one in `folder`, which may exist as long as nothing in it is in the way. A line for each thing
// done goes to `said`. False: `why` says what is wrong, and what to do.
bool workspace_make(const struct catalogue *c, const char *folder, struct text *said, char *why);

// Brings one forward to this program: what was not edited is renewed, what is new is added, what the
// learner edited stays. As above.
bool workspace_update(const struct catalogue *c, const char *root, struct text *said, char *why);

// From here on the exercises of the catalogue are those of the workspace. False: it cannot be used by this
// program; `why` says why not.
bool workspace_adopt(const char *root, struct catalogue *c, char *why);

// The exercise's file there, malloc'ed.
char *workspace_exercise(const char *root, const struct scenario_info *s);

// What is in .unstuck/, malloc'ed.
char *workspace_inside(const char *root, const char *name);

// Keeps the exercise as it is now in the history; nothing happens when it is there already. *kept (may be
// NULL) gets the path of the kept file, malloc'ed. False: `why`.
bool workspace_keep(const char *root, const struct scenario_info *s, char **kept, char *why);

// Puts the shipped exercise back; the learner's version is kept first, where there was one (*kept, malloc'ed;
// NULL: it was as shipped, or gone). False: `why`, and nothing has changed.
bool workspace_reset(const char *root, const struct scenario_info *s, char **kept, char *why);
