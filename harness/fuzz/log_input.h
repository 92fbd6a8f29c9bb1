// log_input: an event log as an input of fuzz_log.c: a head, then the first sites, then the first of the
// strings, then records, as they are in memory. What an input does not say is as in an empty log.
#pragma once

#include "core/event.h"

enum { INPUT_SITES = 64, INPUT_STRINGS = 2048, INPUT_EVENTS = 4096 };

struct log_head {
    uint8_t capacity; // a power of two, from 64 on
    uint8_t flags;    // enum log_flag
    uint8_t sites;
    uint8_t grace;
    uint16_t strings; // bytes
    uint16_t changed; // after so many records the log changes; 0: it does not
    uint64_t head;    // what the log says of how many there are; 0: how many there are
};

enum log_flag {
    LOG_RING = 1,     // of a live run
    LOG_SLOW = 2,     // of a slow machine
    LOG_LEFT = 4,     // the process that wrote it was killed because it hung
    LOG_ODD_SIZE = 8, // its capacity is no power of two
};
