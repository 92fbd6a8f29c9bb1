// rwmutex: many readers or one writer. The zero value is ready to use; it may not be copied.
//
// A writer that waits keeps new readers out, so that readers alone cannot keep it out for ever.
// Readers that wait when a writer unlocks all go before the next writer. So a task must not lock
// for reading again what it has locked for reading: a writer may have queued between the two.
#pragma once

#include "core/base.h"
#include "core/task.h"
#include "core/wait.h"

typedef struct rwmutex {
    struct object object;
    uint32_t owner;           // creation number + 1 of the task that writes, 0: none
    uint32_t inside;          // readers that hold it
    struct waiter *pending;   // the writer that waits for those to leave, NULL: none
    struct wait_list readers; // wait for the writer, oldest first
    struct wait_list writers; // wait for the writer before them, oldest first
    char sync_write;          // ThreadSanitizer: a write unlock happens before every later lock
    char sync_read;           // ... a read unlock only before later write locks
} rwmutex;

// Parks until no writer holds it or waits for readers to leave, then takes it for reading.
#define rwmutex_rlock(rw) rwmutex_rlock_at((rw), HERE_OF(rw))
void rwmutex_rlock_at(rwmutex *rw, site *at);

// Takes it for reading where rlock would not park; never parks. True: taken.
#define rwmutex_tryrlock(rw) rwmutex_tryrlock_at((rw), HERE_OF(rw))
bool rwmutex_tryrlock_at(rwmutex *rw, site *at);

// Undoes one rlock. Any task may, as in Go. Panics "sync: RUnlock of unlocked RWMutex".
#define rwmutex_runlock(rw) rwmutex_runlock_at((rw), HERE_OF(rw))
void rwmutex_runlock_at(rwmutex *rw, site *at);
DEFERRABLE(rwmutex_runlock, rwmutex *)

// Parks until no other task holds it, then takes it for writing.
#define rwmutex_lock(rw) rwmutex_lock_at((rw), HERE_OF(rw))
void rwmutex_lock_at(rwmutex *rw, site *at);

// Takes it for writing if it is free; never parks. True: taken.
#define rwmutex_trylock(rw) rwmutex_trylock_at((rw), HERE_OF(rw))
bool rwmutex_trylock_at(rwmutex *rw, site *at);

// Gives it back after writing. Any task may, as in Go. Panics "sync: Unlock of unlocked RWMutex".
#define rwmutex_unlock(rw) rwmutex_unlock_at((rw), HERE_OF(rw))
void rwmutex_unlock_at(rwmutex *rw, site *at);
DEFERRABLE(rwmutex_unlock, rwmutex *)
