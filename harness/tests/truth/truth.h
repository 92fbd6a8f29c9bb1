// truth: what the programs of this folder are written against. Each is one small program whose verdict is
// known, said in its first lines:
//
//     // MECHANISM: a sentence          as the catalogue of scenarios names it
//     // expect: leak, resource         every verdict of all its schedules together; PASS: none
//     // left: 2 worker: chan send: results     who is left in the schedule that is reported, each kind a
//                                       line: how many (1 when not said), task, wait reason, object
//     // says: send on closed channel   what the panic says
//
// Compiled once as it stands, and once more with FIXED as 1 where it uses that: its twin, which must be
// silent under every schedule.
#pragma once

#include "core/memory.h"
#include "harness/scenario.h"

#ifndef FIXED
#define FIXED 0
#endif

typedef chan_of(int) int_chan;

// The program: the root task.
void program(void);

// Starts `run` as a declared daemon, which only the environment may.
void environment_daemon(void (*run)(void));
