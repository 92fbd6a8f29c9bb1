// reduce: which other orders of a run's steps are worth trying, found while it runs.
//
// Source-set dynamic partial-order reduction with sleep sets: Abdulla, Aronis, Jonsson, Sagonas,
// "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", JACM 64 (2017), section 5. A
// run is watched step by step. Where a step conflicts with an earlier one of another task and could have
// come before it, a task that begins such an order is wanted at the node of the earlier one. Steps that
// commute (depend.h) are tried in one order only.
//
// One run at a time, unless reduce_use says otherwise; what is kept from run to run is in the tree.
#pragma once

#include "harness/tell.h"
#include "harness/tree.h"

// A run begins that takes the tree's path, and from there on new choices.
void reduce_begin(struct tree *t);

// Something happens in it (tell.h). False, of a step: the rest of the run was tried before.
bool reduce_hear(const struct telling *t);

// Whether that may be told now at all. Of who cannot be trusted, only what may is to be heard.
bool reduce_can_be(const struct telling *t);

// Whether a step is under way and followed; whether locks that wait matter where time moves now.
bool reduce_listens(void);
bool reduce_wants_waiting(void);

// A choice between processes is to be made: what was under way is finished. Returns the digest of all
// that happened so far.
uint32_t reduce_arrive(void);

// A new node: says which options sleep and which are wanted, and takes one, the preferred if it is
// awake. False: all of them sleep, the rest of the run was tried before.
bool reduce_enter(struct tree_node *n);

// A choice was made at the tree's node number `node`, or the next one of its path was passed.
void reduce_chose(uint32_t node);

// From here on the run is not followed: it has become too long. The answer is not exhaustive.
void reduce_give_up(void);

// Of the run that is over: it was ended because its rest was tried before; it was not followed to its end.
bool reduce_was_cut(void);
bool reduce_gave_up(void);

// The relation is too loose for this program: the search is to begin again with tree.strict.
bool reduce_is_too_loose(void);

// How many locks that wait it was told of.
uint64_t reduce_waits(void);

// How often, since the program began, an order was found worth trying but nobody who begins it could go
// on there, so that everybody was wanted. Sound, but a sign of a relation that says too little.
uint64_t reduce_fallbacks(void);

// For who follows more than one search: what is known of a run under way, zeroed memory of that size to begin
// with. All of the above is about the one that is in use; NULL: the process's own.
struct trace;
size_t reduce_size(void);
void reduce_use(struct trace *t);
