// submission: what a grade takes from a learner's folder: the editable files, and nothing else.
//
// A folder holds exercises/NAME.c. Each is read once, by a name that is followed through no symbolic link,
// and only if it is a regular file of a decent size; what is graded is a copy. So nothing in the folder
// can lead anywhere else, or change while it is judged.
#pragma once

#include <stddef.h>

enum { SUBMISSION_WHY = 400, SUBMISSION_MOST = 1 << 20 };

struct submission {
    int folder; // DIR/exercises; -1: there is none
    unsigned verdict;
    char why[SUBMISSION_WHY]; // of all its files, where there is no folder
};

struct submitted {
    char *text; // malloc'ed; NULL: it cannot be had
    size_t size;
    unsigned verdict; // then: VERDICT_BUILD, VERDICT_TAMPERED or VERDICT_ENVIRONMENT
    char why[SUBMISSION_WHY];
};

// Opens DIR. What is wrong with it is said of each of its files.
void submission_open(struct submission *s, const char *folder);
void submission_close(struct submission *s);

// Reads exercises/NAME.c. The caller frees out->text.
void submission_read(const struct submission *s, const char *name, struct submitted *out);
