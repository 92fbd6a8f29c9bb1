// mutex and rwmutex: who is let in, who is kept out, and what misuse says.
#include "core/conformance/conformance.h"

// Go's words for what cannot be recovered from.
#define FATAL_IN_GO(sentence)                                                                      \
    .go = "fatal error: " sentence "\n", .differs = "it calls that a fatal error"

// --- mutex --------------------------------------------------------------------------------------------

TASK(enters_mutex, mutex *mu; int *inside; int *most; waitgroup *wg;) {
    for (int i = 0; i < 3; i++) {
        mutex_lock(a->mu);
        if (++*a->inside > *a->most)
            *a->most = *a->inside;
        task_yield();
        --*a->inside;
        mutex_unlock(a->mu);
    }
    waitgroup_done(a->wg);
}

RULE(mutex_excludes, "One task at a time is between lock and unlock, and each gets in.", "1\n") {
    mutex mu = {0};
    waitgroup wg = {0};
    int inside = 0, most = 0;
    waitgroup_add(&wg, 4);
    for (int i = 0; i < 4; i++)
        go(enters_mutex, .mu = &mu, .inside = &inside, .most = &most, .wg = &wg);
    waitgroup_wait(&wg);
    say("%d", most);
}

RULE(mutex_try, "A trylock takes a free mutex, and no other.", "true false true\n") {
    mutex mu = {0};
    bool free = mutex_trylock(&mu), held = mutex_trylock(&mu);
    mutex_unlock(&mu);
    say("%s %s %s", yes_no(free), yes_no(held), yes_no(mutex_trylock(&mu)));
}

RULE(mutex_lock_twice, "Who locks a mutex twice waits for itself.", "deadlock: sync.Mutex.Lock\n") {
    mutex mu = {0};
    mutex_lock(&mu);
    mutex_lock(&mu);
}

TASK(locks_and_ends, mutex *mu;) {
    mutex_lock(a->mu);
}

RULE(mutex_of_one_who_ended, "The end of a task gives none of its locks back.",
     "deadlock: sync.Mutex.Lock\n") {
    mutex mu = {0};
    go(locks_and_ends, .mu = &mu);
    task_sleep(MILLISECOND);
    mutex_lock(&mu);
}

TASK(unlocks_mutex, mutex *mu;) {
    mutex_unlock(a->mu);
}

RULE(mutex_unlocked_by_another, "Any task may unlock a mutex.", "locked again\n") {
    mutex mu = {0};
    mutex_lock(&mu);
    go(unlocks_mutex, .mu = &mu);
    mutex_lock(&mu);
    say("locked again");
}

RULE(mutex_unlock_unlocked, "An unlock of a mutex that is not locked panics.",
     "panic: sync: unlock of unlocked mutex\n", FATAL_IN_GO("sync: unlock of unlocked mutex")) {
    mutex mu = {0};
    mutex_unlock(&mu);
}

RULE(mutex_unlock_twice, "A second unlock of a mutex panics.",
     "panic: sync: unlock of unlocked mutex\n", FATAL_IN_GO("sync: unlock of unlocked mutex")) {
    mutex mu = {0};
    mutex_lock(&mu);
    mutex_unlock(&mu);
    mutex_unlock(&mu);
}

RULE(mutex_copied, "The use of a copy of a mutex that was used panics.",
     "panic: mutex &copy was copied after its first use, or its memory is gone: the function that "
     "declared it has returned\n",
     .differs = "vet looks for copies; the program runs on with two mutexes") {
    mutex mu = {0};
    mutex_lock(&mu);
    mutex copy = mu;
    mutex_unlock(&copy);
}

// --- rwmutex: who is let in -----------------------------------------------------------------------------

TASK(reads_for_long, rwmutex *rw; int_chan entered;) {
    rwmutex_rlock(a->rw);
    chan_send(a->entered, 1);
    task_sleep(5 * MILLISECOND);
    rwmutex_runlock(a->rw);
}

RULE(rwmutex_readers_together, "Readers hold it at the same time.", "3 at 0 ms\n") {
    rwmutex rw = {0};
    int_chan entered;
    chan_make(&entered, 3);
    for (int i = 0; i < 3; i++)
        go(reads_for_long, .rw = &rw, .entered = entered);
    for (int i = 0; i < 3; i++)
        chan_recv(entered, NULL);
    say("3 at %d ms", (int)(time_now() / MILLISECOND));
    task_sleep(10 * MILLISECOND);
}

TASK(enters_to_write, rwmutex *rw; int *inside; int *most; waitgroup *wg;) {
    for (int i = 0; i < 3; i++) {
        rwmutex_lock(a->rw);
        if (++*a->inside > *a->most)
            *a->most = *a->inside;
        task_yield();
        --*a->inside;
        rwmutex_unlock(a->rw);
    }
    waitgroup_done(a->wg);
}

TASK(enters_to_read, rwmutex *rw; const int *inside; int_chan met; waitgroup *wg;) {
    for (int i = 0; i < 3; i++) {
        rwmutex_rlock(a->rw);
        task_yield();
        if (*a->inside)
            chan_send(a->met, 1);
        rwmutex_runlock(a->rw);
    }
    waitgroup_done(a->wg);
}

RULE(rwmutex_writer_alone, "A writer holds it alone, and everybody gets in.",
     "1 writer, 0 readers with it\n") {
    rwmutex rw = {0};
    waitgroup wg = {0};
    int_chan met;
    chan_make(&met, 20);
    int inside = 0, most = 0;
    waitgroup_add(&wg, 4);
    for (int i = 0; i < 2; i++) {
        go(enters_to_write, .rw = &rw, .inside = &inside, .most = &most, .wg = &wg);
        go(enters_to_read, .rw = &rw, .inside = &inside, .met = met, .wg = &wg);
    }
    waitgroup_wait(&wg);
    say("%d writer, %zu readers with it", most, chan_len(met));
}

TASK(writes_at, rwmutex *rw; int ms; int holds;) {
    task_sleep(a->ms * MILLISECOND);
    rwmutex_lock(a->rw);
    say("writer at %d ms", (int)(time_now() / MILLISECOND));
    task_sleep(a->holds * MILLISECOND);
    rwmutex_unlock(a->rw);
}

TASK(reads_at, rwmutex *rw; int ms; int holds;) {
    task_sleep(a->ms * MILLISECOND);
    rwmutex_rlock(a->rw);
    say("reader at %d ms", (int)(time_now() / MILLISECOND));
    task_sleep(a->holds * MILLISECOND);
    rwmutex_runlock(a->rw);
}

RULE(rwmutex_writer_waits_for_readers, "A writer waits for the last of the readers inside.",
     "reader at 1 ms\nreader at 2 ms\nwriter at 9 ms\n") {
    rwmutex rw = {0};
    go(reads_at, .rw = &rw, .ms = 1, .holds = 8);
    go(reads_at, .rw = &rw, .ms = 2, .holds = 3);
    go(writes_at, .rw = &rw, .ms = 3, .holds = 1);
    task_sleep(20 * MILLISECOND);
}

RULE(rwmutex_queued_writer_first, "A writer that waits keeps new readers out.",
     "reader at 1 ms\nwriter at 6 ms\nreader at 8 ms\n") {
    rwmutex rw = {0};
    go(reads_at, .rw = &rw, .ms = 1, .holds = 5);
    go(writes_at, .rw = &rw, .ms = 2, .holds = 2);
    go(reads_at, .rw = &rw, .ms = 3, .holds = 1);
    task_sleep(20 * MILLISECOND);
}

RULE(rwmutex_waiting_readers_first, "Readers that wait for a writer go before the next writer.",
     "writer at 1 ms\nreader at 6 ms\nreader at 6 ms\nwriter at 8 ms\n") {
    rwmutex rw = {0};
    go(writes_at, .rw = &rw, .ms = 1, .holds = 5);
    go(writes_at, .rw = &rw, .ms = 2, .holds = 1);
    go(reads_at, .rw = &rw, .ms = 3, .holds = 2);
    go(reads_at, .rw = &rw, .ms = 4, .holds = 2);
    task_sleep(20 * MILLISECOND);
}

// --- rwmutex: who waits for itself ----------------------------------------------------------------------

RULE(rwmutex_read_twice, "Without a writer in between a reader may lock again.", "twice\n") {
    rwmutex rw = {0};
    rwmutex_rlock(&rw);
    rwmutex_rlock(&rw);
    say("twice");
}

RULE(rwmutex_read_twice_around_writer,
     "A reader that locks again behind a waiting writer waits for itself.",
     "deadlock: sync.RWMutex.RLock\n") {
    rwmutex rw = {0};
    rwmutex_rlock(&rw);
    go(writes_at, .rw = &rw, .ms = 1);
    task_sleep(2 * MILLISECOND);
    rwmutex_rlock(&rw);
}

RULE(rwmutex_write_twice, "Who locks twice for writing waits for itself.",
     "deadlock: sync.RWMutex.Lock\n", .go = "deadlock: sync.Mutex.Lock\n",
     .differs = "there writers wait for each other in a mutex inside") {
    rwmutex rw = {0};
    rwmutex_lock(&rw);
    rwmutex_lock(&rw);
}

RULE(rwmutex_upgrade, "Who locks for writing what it has locked for reading waits for itself.",
     "deadlock: sync.RWMutex.Lock\n") {
    rwmutex rw = {0};
    rwmutex_rlock(&rw);
    rwmutex_lock(&rw);
}

RULE(rwmutex_downgrade, "Who locks for reading what it has locked for writing waits for itself.",
     "deadlock: sync.RWMutex.RLock\n") {
    rwmutex rw = {0};
    rwmutex_lock(&rw);
    rwmutex_rlock(&rw);
}

// --- rwmutex: try ---------------------------------------------------------------------------------------

// Gives back what it got.
static void try_both(rwmutex *rw) {
    bool write = rwmutex_trylock(rw);
    if (write)
        rwmutex_unlock(rw);
    bool read = rwmutex_tryrlock(rw);
    if (read)
        rwmutex_runlock(rw);
    say("write %s, read %s", yes_no(write), yes_no(read));
}

RULE(rwmutex_try_free, "Of a free rwmutex both kinds of try succeed.", "write true, read true\n") {
    rwmutex rw = {0};
    try_both(&rw);
}

RULE(rwmutex_try_read, "While a reader is inside only a try for reading succeeds.",
     "write false, read true\n") {
    rwmutex rw = {0};
    rwmutex_rlock(&rw);
    try_both(&rw);
}

RULE(rwmutex_try_written, "While a writer is inside no try succeeds.",
     "write false, read false\n") {
    rwmutex rw = {0};
    rwmutex_lock(&rw);
    try_both(&rw);
}

RULE(rwmutex_try_awaited, "While a writer waits for readers no try succeeds.",
     "write false, read false\nwriter at 2 ms\n") {
    rwmutex rw = {0};
    rwmutex_rlock(&rw);
    go(writes_at, .rw = &rw, .ms = 1);
    task_sleep(2 * MILLISECOND);
    try_both(&rw);
    rwmutex_runlock(&rw);
    task_sleep(MILLISECOND);
}

// --- rwmutex: misuse --------------------------------------------------------------------------------------

#define RUNLOCK_UNLOCKED "sync: RUnlock of unlocked RWMutex"
#define UNLOCK_UNLOCKED  "sync: Unlock of unlocked RWMutex"

RULE(rwmutex_runlock_unlocked, "An unlock for reading of what is not locked panics.",
     "panic: " RUNLOCK_UNLOCKED "\n", FATAL_IN_GO(RUNLOCK_UNLOCKED)) {
    rwmutex rw = {0};
    rwmutex_runlock(&rw);
}

RULE(rwmutex_runlock_too_often, "One more unlock than locks for reading panics.",
     "panic: " RUNLOCK_UNLOCKED "\n", FATAL_IN_GO(RUNLOCK_UNLOCKED)) {
    rwmutex rw = {0};
    rwmutex_rlock(&rw);
    rwmutex_runlock(&rw);
    rwmutex_runlock(&rw);
}

RULE(rwmutex_runlock_written, "An unlock for reading of what is locked for writing panics.",
     "panic: " RUNLOCK_UNLOCKED "\n", FATAL_IN_GO(RUNLOCK_UNLOCKED)) {
    rwmutex rw = {0};
    rwmutex_lock(&rw);
    rwmutex_runlock(&rw);
}

RULE(rwmutex_unlock_unlocked, "An unlock for writing of what is not locked panics.",
     "panic: " UNLOCK_UNLOCKED "\n", FATAL_IN_GO(UNLOCK_UNLOCKED)) {
    rwmutex rw = {0};
    rwmutex_unlock(&rw);
}

RULE(rwmutex_unlock_read, "An unlock for writing of what is locked for reading panics.",
     "panic: " UNLOCK_UNLOCKED "\n", FATAL_IN_GO(UNLOCK_UNLOCKED)) {
    rwmutex rw = {0};
    rwmutex_rlock(&rw);
    rwmutex_unlock(&rw);
}

TASK(unlocks_both, rwmutex *read; rwmutex *written;) {
    rwmutex_runlock(a->read);
    rwmutex_unlock(a->written);
}

RULE(rwmutex_unlocked_by_another, "Any task may unlock it.", "write true, read true\n") {
    rwmutex read = {0}, written = {0};
    rwmutex_rlock(&read);
    rwmutex_lock(&written);
    go(unlocks_both, .read = &read, .written = &written);
    rwmutex_lock(&written);
    rwmutex_unlock(&written);
    try_both(&read);
}
