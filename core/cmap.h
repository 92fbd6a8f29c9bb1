// cmap: a map that tasks may use at the same time without a lock. Go's sync.Map.
//
//     typedef cmap_of(const char *, session *) session_map;
//     static session_map sessions = {.raw.keys = &cmap_text};
//     ...
//     cmap_store(&sessions, "alice", s);
//     session *found;
//     if (cmap_load(&sessions, "alice", &found))
//         ...
//     cmap_cursor at = {0};
//     while (cmap_next(&sessions, &at, &name, &found))
//         ...
//
// Keys and values are of any type of at most 8 bytes without padding: numbers, pointers, small
// structs. Keys are compared bit by bit, unless `keys` says how: cmap_text is for strings, which
// must stay what they are while they are in the map. The zero value is an empty map; it may not be
// copied. Its memory belongs to the run.
//
// Each operation is one step. A load comes after what led to the store whose value it gets; a look
// that finds nothing, after what led to a delete. Two operations after each other are two steps: to
// load, and to store if nothing was there, is what cmap_load_or_store is for.
#pragma once

#include "core/base.h"
#include "core/table.h"
#include "core/wait.h"

// How keys are compared, when not bit by bit.
typedef table_keys cmap_keys;
extern const cmap_keys cmap_text; // keys are const char *, equal when the texts are

typedef struct cmap {
    const cmap_keys *keys; // NULL: bit by bit. Set where it is declared, never changed
    struct object object;
    struct table table;
    uint64_t changes;        // operations that changed something
    struct {                 // the last operation that changed nothing
        const void *kind;    // which
        uint64_t key, value; // of what
        uint64_t changes;    // after how many changes
        uint32_t task;       // by whom
    } look;
    char gone; // ThreadSanitizer: a delete happens before a look that finds nothing
} cmap;

#define cmap_of(key_type, value_type)                                                              \
    union {                                                                                        \
        cmap raw;                                                                                  \
        struct {                                                                                   \
            key_type key;                                                                          \
            value_type value;                                                                      \
        } * of;                                                                                    \
    }

// True: the key is there, and its value in *out (NULL: drop it); else *out stays as it was.
#define cmap_load(m, k, out)                                                                       \
    cmap_load_at(&(m)->raw, CMAP_KEY(m, k), CMAP_OUT(m, value, out), HERE_OF(m))
bool cmap_load_at(cmap *m, uint64_t key, void *out, size_t size, site *at);

// Sets the value of a key.
#define cmap_store(m, k, v) cmap_store_at(&(m)->raw, CMAP_KEY(m, k), CMAP_VALUE(m, v), HERE_OF(m))
void cmap_store_at(cmap *m, uint64_t key, uint64_t value, site *at);

// Stores unless the key is there. The value that it then has is in *actual. True: it was there.
#define cmap_load_or_store(m, k, v, actual)                                                        \
    cmap_load_or_store_at(&(m)->raw, CMAP_KEY(m, k), CMAP_VALUE(m, v), CMAP_OUT(m, value, actual), \
                          HERE_OF(m))
bool cmap_load_or_store_at(cmap *m, uint64_t key, uint64_t value, void *actual, size_t size,
                           site *at);

// Deletes the key. True: it was there, and its value is in *out.
#define cmap_load_and_delete(m, k, out)                                                            \
    cmap_load_and_delete_at(&(m)->raw, CMAP_KEY(m, k), CMAP_OUT(m, value, out), HERE_OF(m))
bool cmap_load_and_delete_at(cmap *m, uint64_t key, void *out, size_t size, site *at);

// Deletes the key if it is there.
#define cmap_delete(m, k) cmap_load_and_delete_at(&(m)->raw, CMAP_KEY(m, k), NULL, 0, HERE_OF(m))

// Sets the value of a key. True: it was there, and the value before is in *previous.
#define cmap_swap(m, k, v, previous)                                                               \
    cmap_swap_at(&(m)->raw, CMAP_KEY(m, k), CMAP_VALUE(m, v), CMAP_OUT(m, value, previous),        \
                 HERE_OF(m))
bool cmap_swap_at(cmap *m, uint64_t key, uint64_t value, void *previous, size_t size, site *at);

// Sets the value of a key that is there with the value `old`, compared bit by bit. True: it was.
#define cmap_compare_and_swap(m, k, old, v)                                                        \
    cmap_compare_and_swap_at(&(m)->raw, CMAP_KEY(m, k), CMAP_VALUE(m, old), CMAP_VALUE(m, v),      \
                             HERE_OF(m))
bool cmap_compare_and_swap_at(cmap *m, uint64_t key, uint64_t old, uint64_t value, site *at);

// Deletes a key that is there with the value `old`. True: it was.
#define cmap_compare_and_delete(m, k, old)                                                         \
    cmap_compare_and_delete_at(&(m)->raw, CMAP_KEY(m, k), CMAP_VALUE(m, old), HERE_OF(m))
bool cmap_compare_and_delete_at(cmap *m, uint64_t key, uint64_t old, site *at);

// Deletes all keys.
#define cmap_clear(m) cmap_clear_at(&(m)->raw, HERE_OF(m))
void cmap_clear_at(cmap *m, site *at);

// How far a walk has come. The zero value is before the first.
typedef struct cmap_cursor {
    uint64_t seq, end; // the entry it stands at, and the last one there was when it began
    bool begun;
} cmap_cursor;

// Goes on to the next key, in the order in which they came into the map; puts key and value where
// told (NULL: drop). False: there is none. A walk is no snapshot (Go's Range): each step sees the
// map as it is then, no key comes twice, and what came in meanwhile is left out. The map may be
// changed during the walk.
#define cmap_next(m, cursor, key_out, value_out)                                                   \
    cmap_next_at(&(m)->raw, (cursor), CMAP_OUT(m, key, key_out), CMAP_OUT(m, value, value_out),    \
                 HERE_OF(m))
bool cmap_next_at(cmap *m, cmap_cursor *cursor, void *key, size_t key_size, void *value,
                  size_t value_size, site *at);

// --- what the macros use ----------------------------------------------------------------------------

#define CMAP_KEY(m, k)        CMAP_WORD(__typeof__((m)->of->key), k)
#define CMAP_VALUE(m, v)      CMAP_WORD(__typeof__((m)->of->value), v)
#define CMAP_OUT(m, part, to) (1 ? (to) : &(m)->of->part), sizeof(m)->of->part
#define CMAP_WORD(type, ...)                                                                       \
    ({                                                                                             \
        _Static_assert(sizeof(type) <= sizeof(uint64_t), "keys and values have at most 8 bytes");  \
        type given_ = (__VA_ARGS__);                                                               \
        uint64_t word_ = 0;                                                                        \
        __builtin_memcpy(&word_, &given_, sizeof given_);                                          \
        word_;                                                                                     \
    })
