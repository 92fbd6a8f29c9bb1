// merge: from samplings to a document, and from shards to the whole.
#pragma once

#include "harness/grade/grade.h"

enum { MERGE_WHY = 300 };

// {"mode", "seed", "seeds", ...}: what was asked for, as it stands in the document.
json_t *merge_run(const struct grading *g);

// The document of these entries (result_entry), in the order of the list. Of a shard: one scenario for each
// of them. Of the whole: one for each scenario, that of the seed which went worst. Takes `tool`, `run` and
// `entries`.
json_t *merge_document(json_t *tool, json_t *run, json_t *entries);

// A document from text that may come from anywhere: what its strings must not hold is taken out of them, as
// from all that is written into one. NULL: `why` (at least MERGE_WHY bytes) says at which line it is none.
json_t *merge_read(const char *text, char *why);

// The whole document of which these are the shards, byte for byte. NULL: `why` (at least MERGE_WHY bytes)
// says what does not fit, beginning with the name of the file.
json_t *merge_shards(json_t *const *documents, const char *const *files, size_t count, char *why);
