// table: a hash table in the run's memory that remembers the order of insertion. Keys and values are
// words of 64 bits. Used by the core's files; synchronises nothing.
#pragma once

#include "core/base.h"

// How keys are compared. Equal keys have equal hashes; neither function parks or panics.
typedef struct table_keys {
    uint64_t (*hash)(uint64_t key);
    bool (*equal)(uint64_t a, uint64_t b);
} table_keys;

struct table_entry {
    uint64_t key, value;
    uint64_t seq; // grows from entry to entry, 0: removed
    char *cell;   // the user's
};

struct table {
    struct table_entry *entries; // in the order of insertion, removed ones among them
    uint32_t *index;             // number in `entries` + 1, 0: free; open addressing
    uint32_t room;               // entries there is memory for; the index has twice as many
    uint32_t used;               // entries in use, removed ones included
    uint32_t filled;             // places of the index that are not free
    uint32_t live;               // entries not removed
    uint64_t last_seq;           // of the entry inserted last
};
