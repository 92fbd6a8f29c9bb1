// table: a dense array of entries in the order of insertion, and an index into it (as Python's dict
// since 3.6, after an idea of Raymond Hettinger's).
//
// Invariants: every live entry is reachable in the index from the place of its hash without passing
// a free one; seq grows along the array. A place may also lead to an entry that was removed, or to
// one that has taken its number since; a look compares keys anyway. The index is at most half full.
//
// Rejected: walking the buckets (their order follows from addresses, which differ from build to
// build, and no address may decide anything); removing from the middle (a walk under way would lose
// its place).
#include "core/heap.h"
#include "core/internal.h"

enum { FIRST_ROOM = 8 };

static uint64_t word_hash(uint64_t key) {
    key = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return key ^ key >> 29;
}

static uint64_t hash_of(const table_keys *keys, uint64_t key) {
    return keys ? word_hash(keys->hash(key)) : word_hash(key);
}

static bool is_equal(const table_keys *keys, uint64_t a, uint64_t b) {
    return keys ? keys->equal(a, b) : a == b;
}

static bool is_live(const struct table *t, uint32_t number) {
    return number < t->used && t->entries[number].seq;
}

struct table_entry *table_find(const struct table *t, const table_keys *keys, uint64_t key) {
    if (!t->live)
        return NULL;
    uint32_t mask = 2 * t->room - 1;
    for (uint32_t i = (uint32_t)hash_of(keys, key) & mask; t->index[i]; i = (i + 1) & mask) {
        uint32_t number = t->index[i] - 1;
        if (is_live(t, number) && is_equal(keys, t->entries[number].key, key))
            return &t->entries[number];
    }
    return NULL;
}

static void index_put(struct table *t, const table_keys *keys, uint32_t number) {
    uint32_t mask = 2 * t->room - 1;
    uint32_t i = (uint32_t)hash_of(keys, t->entries[number].key) & mask;
    while (t->index[i])
        i = (i + 1) & mask;
    t->index[i] = number + 1;
    t->filled++;
}

// Moves what lives to fresh memory with room for as much again.
static void rebuild(struct table *t, const table_keys *keys) {
    struct table old = *t;
    t->room = FIRST_ROOM;
    while (t->room < 2 * old.live)
        t->room *= 2;
    t->entries = run_calloc(t->room, sizeof *t->entries);
    t->index = run_calloc(2 * t->room, sizeof *t->index);
    t->used = t->filled = 0;
    for (uint32_t i = 0; i < old.used; i++) {
        if (!old.entries[i].seq)
            continue;
        t->entries[t->used] = old.entries[i];
        index_put(t, keys, t->used++);
    }
    run_free(old.entries);
    run_free(old.index);
}

struct table_entry *table_add(struct table *t, const table_keys *keys, uint64_t key) {
    if (t->used == t->room || t->filled == t->room)
        rebuild(t, keys);
    struct table_entry *e = &t->entries[t->used];
    *e = (struct table_entry){.key = key, .seq = ++t->last_seq};
    index_put(t, keys, t->used++);
    t->live++;
    return e;
}

void table_remove(struct table *t, struct table_entry *e) {
    e->seq = 0;
    t->live--;
    while (t->used && !t->entries[t->used - 1].seq)
        t->used--;
}

struct table_entry *table_newest(const struct table *t) {
    return t->used ? &t->entries[t->used - 1] : NULL;
}

// Removed entries have no seq to look for, so the place is found among those around them.
struct table_entry *table_after(const struct table *t, uint64_t seq) {
    uint32_t low = 0, high = t->used;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2, probe = middle;
        while (probe < high && !t->entries[probe].seq)
            probe++;
        if (probe == high || t->entries[probe].seq > seq)
            high = middle;
        else
            low = probe + 1;
    }
    while (low < t->used && !t->entries[low].seq)
        low++;
    return low < t->used ? &t->entries[low] : NULL;
}

void table_clear(struct table *t) {
    run_free(t->entries);
    run_free(t->index);
    *t = (struct table){.last_seq = t->last_seq};
}
