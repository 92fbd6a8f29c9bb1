// depend: which steps of a run may change places without anybody seeing a difference.
//
// A step acts on things, each in some way. Two steps of different tasks commute when no thing is
// used by both in ways that conflict; depend.c has the reason for every pair of ways that does not.
// What it does not know conflicts with everything: so a new primitive is explored in full until
// somebody says here what of it commutes.
#pragma once

#include "core/watch.h"

// Ways to use a thing, as a set of bits.
enum {
    USE_LOOK = 1,
    USE_CHANGE = 2, // or anything not told apart from it
    USE_SEND = 4,
    USE_RECV = 8,
    USE_WAIT = 16,
    USE_ADD = 32,
    USE_DONE = 64,
    USE_SHARE = 128,
};

// One thing that a step uses.
struct use {
    uint64_t key; // of the operand; never 0
    uint8_t how;  // set of USE_
};

// All that one operation uses.
struct uses {
    bool all; // it may be anything
    uint32_t count;
    struct use list[OPERANDS_MAX];
};

// The ways that conflict with these.
uint8_t depend_against(uint8_t how);

// What it is about, before it is attempted: its result may change it.
void depend_operands(const struct op *op, struct operands *out);

// What an operation that was attempted uses of those.
void depend_did(const struct op *op, const struct operands *about, struct uses *out);

// What completing a parked operation uses, beside what the one that completes it does itself.
void depend_woke(const struct op *op, struct uses *out);

// Whether, after this, the next of its kind would panic, with which it commutes until then: who sleeps
// before such a step must wake.
bool depend_exhausts(const struct op *op);

// Of an operation that leaves what it should have entered before: whether it enters or leaves. Who leaves
// without having entered lets somebody else in or out, which commutes with nothing.
int depend_enters(const struct op *op);

// How code between operations, or a timer, uses what it touched.
uint8_t depend_touched(enum operand_role role);

// Whether the operation waits by not being enabled, as a lock does; its first operand says for what.
bool depend_is_lock(const struct op *op);

// Whether, having been attempted, it keeps such operations from being enabled.
bool depend_takes(const struct op *op);

// What waits for the sum of several steps that commute among each other: they are its causes, all
// of them, but come in any order. Here: whether the operation is one of those that are waited for...
bool depend_is_summed(const struct op *op);
// ... or waits for them.
bool depend_awaits_sum(const struct op *op);
