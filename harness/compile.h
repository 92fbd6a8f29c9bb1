// compile: a learner's source to a shared object, with the flags everything else was built with.
#pragma once

#include "harness/catalogue.h"

struct compilation;

// Whether the variant must be compiled before it is run: its source was written after its object, or
// there is no object. Objects whose source is gone are taken as they are.
bool compile_needed(const struct variant *v);

// Starts the compiler(s) on `file` for this scenario: the plain object, and the ThreadSanitizer one
// where available. NULL: `why` (at least 300 bytes) says why not (no compiler, unreadable file).
// Of a pack's own source the objects are kept in the cache, and found there the next time.
struct compilation *compile_start(const struct catalogue *c, const struct scenario_info *s,
                                  const char *file, char *why);

// The same for a copy of a learner's file that nobody else can change: positions and messages call it
// `shown`, and hold no path of this machine. Only headers that an exercise has a right to may be read for
// it (the system's, the core's, scenario.h and its own exercise.h): see compile_strange.
struct compilation *compile_copy(const struct catalogue *c, const struct scenario_info *s,
                                 const char *file, const char *shown, char *why);

// Of a copy that compiled: the first file that was read for it without a right, malloc'ed. NULL: none.
char *compile_strange(const struct compilation *c);

// The same for the two sources that a pack's scenario begins with: scenario.c, whose objects are
// driver.so and driver.tsan.so, and exercise.c, whose objects are exercise.so and exercise.tsan.so
// and stay out of the cache until compile_keep.
struct compilation *compile_driver(const struct catalogue *c, const struct scenario_info *s,
                                   const char *file, char *why);
struct compilation *compile_exercise(const struct catalogue *c, const struct scenario_info *s,
                                     const char *file, char *why);

// 0: still compiling; 1: done, see compile_variant; -1: the source does not compile, see
// compile_output. Never blocks.
int compile_poll(struct compilation *c);
int compile_finish(struct compilation *c); // blocks, at most 30 s

// -1: the source compiles, but goes round the core or who judges it (vet.h, scan.h), as compile_output
// says with its line.
bool compile_tampered(const struct compilation *c);

// The compiler's own text, untouched (64 KB at most). "" when it said nothing; of a source that does
// not compile there is always something to show.
const char *compile_output(const struct compilation *c);

// The folder its objects lie in.
const char *compile_folder(const struct compilation *c);

// Keeps the whole folder in the cache, if it can be written; where its objects are may change.
void compile_keep(struct compilation *c);

// The variant to examine: belongs to the compilation.
const struct variant *compile_variant(const struct compilation *c);

// The same variant with the objects of this compilation, to which they belong.
struct variant compile_renewed(const struct compilation *c, const struct variant *v);

// Ends the compiler if it runs, removes the objects unless the cache keeps them.
void compile_free(struct compilation *c);

// The compiler's words for `file`, a line each, without those that only make an object: what an editor
// needs to read it as the compiler does. malloc'ed.
char *compile_words(const struct catalogue *c, const struct scenario_info *s, const char *file);
