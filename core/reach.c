// reach: which parked tasks nobody can ever reach again, while others still run.
//
// A conservative mark in stages. The roots are the tasks that can go on (running, ready, announced and
// not waiting), whatever the clock will do (timers lie in the run's memory or on a stack), and
// places that can be dialled by name. From there every word that may be a pointer is followed: into
// a block of the run's memory, which is then looked at as a whole, or into the stack of a task.
//
// The stages of GOLF, where a parked task becomes live when the object that it waits on does, need no
// code of their own here: whoever waits stands in a queue of the object, so the object holds a
// pointer to a waiter on the stack of that task. A pointer to a stack, to a waiter or to a variable
// that was shared, makes the task live, and its stack is looked at. That works for every primitive,
// also those that are yet to be written. Only locks of announced runs have no queue: there the object
// itself is asked for, until nothing changes.
//
// Why a task that is not reached can never go on: its waiter can be completed by an operation on the
// object (which no live task can name), by a timer (all of them are roots) or by the end of a context
// or group (which points to what it ends). Why nothing live is missed: all that a task can name lies on
// its stack from 128 bytes below the stack pointer on (the red zone; the switch saves every register
// there), in `stack_top`, in the run's memory, or in globals. A panic under way in a small task goes
// on elsewhere: such a task counts as live. So does everything that another world could wake (real
// sockets), and under AddressSanitizer's fake stacks, where variables lie elsewhere, nothing is said.
//
// Blocks are found from inner pointers by a bitmap with a bit for each 16 bytes of the run's memory,
// and a second one that has a bit for each word of the first.
//
// Rejected: libgc (it has no staged roots, and would be a second allocator); to keep the bitmap up to
// date in the allocator (each allocation would pay for what few runs ask); marks in the headers of
// blocks (they would be written to, and each page copied or faulted in); following only pointers to
// the beginning of a block (C keeps pointers into the middle).
#include "core/reach.h"

#include "core/internal.h"

#include <string.h>
#include <sys/mman.h>

enum { GRAIN = 16, BITS = 64, WORK = 1 << 16, RED_ZONE = 128 };

struct scan {
    char *base;        // of the run's memory
    size_t size;       // of it in use
    uint64_t *starts;  // a bit for each grain: the header of a block in use
    uint64_t *coarse;  // a bit for each word of `starts` that is not 0
    uint64_t *marked;  // a bit for each grain: the block that begins there is reached
    uint64_t *looked;  // ... and looked at
    void **work;       // blocks and tasks reached and not looked at, WORK at most
    size_t work_count; //
    bool overflowed;   // some found no room in `work`
    bool globals;      // objects in globals count as reached
    uint64_t bytes;    // looked at
};

// --- bitmaps --------------------------------------------------------------------------------------

static bool bit_of(const uint64_t *bits, size_t i) {
    return bits[i / BITS] >> (i % BITS) & 1;
}

static void bit_set(uint64_t *bits, size_t i) {
    bits[i / BITS] |= UINT64_C(1) << (i % BITS);
}

static size_t highest(uint64_t word) {
    return BITS - 1 - (size_t)__builtin_clzl(word);
}

// The bits of a word from 0 up to and with `i`.
static uint64_t up_to(size_t i) {
    return UINT64_MAX >> (BITS - 1 - i);
}

// The last bit set at or before i, SIZE_MAX: there is none.
static size_t bit_before(const struct scan *s, size_t i) {
    size_t word = i / BITS;
    uint64_t bits = s->starts[word] & up_to(i % BITS);
    if (bits)
        return word * BITS + highest(bits);
    if (word == 0)
        return SIZE_MAX;
    size_t k = (word - 1) / BITS;
    uint64_t words = s->coarse[k] & up_to((word - 1) % BITS);
    while (!words) {
        if (k == 0)
            return SIZE_MAX;
        words = s->coarse[--k];
    }
    word = k * BITS + highest(words);
    return word * BITS + highest(s->starts[word]);
}

// --- following a word -----------------------------------------------------------------------------

static void work_add(struct scan *s, void *what) {
    if (s->work_count == WORK)
        s->overflowed = true;
    else
        s->work[s->work_count++] = what;
}

static void reach_task(struct scan *s, struct task *t) {
    if (t->reached)
        return;
    t->reached = true;
    work_add(s, t);
}

// The grain at which the block of an address begins, SIZE_MAX: it lies in none. A header belongs to
// the block before it: that is where a pointer just past the end of that one points to.
static size_t block_of(const struct scan *s, uintptr_t p) {
    size_t offset = p - (uintptr_t)s->base, grain = offset / GRAIN;
    size_t start = grain ? bit_before(s, grain - 1) : SIZE_MAX;
    if (start == SIZE_MAX)
        return SIZE_MAX;
    struct heap_block b = heap_block_at(start * GRAIN);
    return offset <= b.from + b.size ? start : SIZE_MAX;
}

static inline void follow(struct scan *s, uintptr_t p) {
    if (p - (uintptr_t)s->base < s->size) {
        size_t start = block_of(s, p);
        if (start == SIZE_MAX || bit_of(s->marked, start))
            return;
        bit_set(s->marked, start);
        work_add(s, s->base + start * GRAIN);
        return;
    }
    struct task *t = stack_owner((const void *)p);
    if (t)
        reach_task(s, t);
}

static void look(struct scan *s, const void *from, const void *to) {
    const uintptr_t *p = (const uintptr_t *)(((uintptr_t)from + 7) & ~(uintptr_t)7);
    const uintptr_t *end = (const uintptr_t *)((uintptr_t)to & ~(uintptr_t)7);
    for (; p < end; p++)
        follow(s, *p);
    s->bytes += p > (const uintptr_t *)from ? (size_t)((const char *)p - (const char *)from) : 0;
}

// --- what there is to look at ---------------------------------------------------------------------

// The one that runs is not where it parked last.
static void look_at_task(struct scan *s, struct task *t) {
    void *low;
    size_t size;
    stack_bounds(t, &low, &size);
    char *from = (char *)t->resume.sp - RED_ZONE;
    bool parked_here = from >= (char *)low && from < (char *)t->top;
    t->looked = true;
    look(s, t == run.current || !parked_here ? low : from, t->top + 1);
}

static void look_at_block(struct scan *s, size_t start) {
    struct heap_block b = heap_block_at(start * GRAIN);
    bit_set(s->looked, start);
    look(s, s->base + b.from, s->base + b.from + b.size);
}

static void work_off(struct scan *s) {
    while (s->work_count) {
        char *what = s->work[--s->work_count];
        if ((uintptr_t)what - (uintptr_t)s->base < s->size)
            look_at_block(s, (size_t)(what - s->base) / GRAIN);
        else
            look_at_task(s, (struct task *)what);
    }
}

// What found no room in `work`: reached, and not looked at.
static void find_work(struct scan *s) {
    size_t words = s->size / GRAIN / BITS + 1;
    s->overflowed = false;
    for (struct task *t = run.oldest; t; t = t->younger)
        if (t->reached && !t->looked)
            work_add(s, t);
    for (size_t w = 0; w < words && s->work_count < WORK; w++)
        for (uint64_t bits = s->marked[w] & ~s->looked[w]; bits; bits &= bits - 1)
            work_add(s, s->base + (w * BITS + (size_t)__builtin_ctzl(bits)) * GRAIN);
    s->overflowed |= s->work_count == WORK; // what comes after was not looked for
}

static void look_at_all(struct scan *s) {
    work_off(s);
    while (s->overflowed) {
        find_work(s);
        work_off(s);
    }
}

// --- who waits --------------------------------------------------------------------------------------

// Whether it goes on only when somebody else does something.
static bool waits(const struct task *t) {
    if (t->state != TASK_PARKED || t->reason == WAIT_SLEEP || t == run.current)
        return false;
    if (t->announced)
        return t->op->kind->enabled && !t->op->kind->enabled(t->op);
    return !(run_is_live() && (t->reason == WAIT_IO || t->reason == WAIT_ACCEPT));
}

// Who can go on, or could be woken from where nothing is looked at.
static bool is_root(const struct task *t) {
    return !waits(t) || t->top->roomy;
}

// Whether somebody reached can name the object that a lock of an announced run is.
static bool is_named(const struct scan *s, const struct object *o) {
    uintptr_t p = (uintptr_t)o;
    if (p - (uintptr_t)s->base < s->size) {
        size_t start = block_of(s, p);
        return start == SIZE_MAX || bit_of(s->marked, start);
    }
    const struct task *t = stack_owner(o);
    return t ? t->reached : s->globals;
}

// True: some have become live, and may lead to others.
static bool reach_by_object(struct scan *s) {
    bool some = false;
    for (struct task *t = run.announced_first; t; t = t->top->after) {
        if (t->reached || !t->op->object || !is_named(s, t->op->object))
            continue;
        reach_task(s, t);
        some = true;
    }
    return some;
}

static void reach_to_the_end(struct scan *s) {
    do
        look_at_all(s);
    while (reach_by_object(s));
}

static void roots(struct scan *s) {
    const struct timer_node *node;
    for (struct task *t = run.oldest; t; t = t->younger)
        t->reached = t->looked = false;
    for (struct task *t = run.oldest; t; t = t->younger)
        if (is_root(t))
            reach_task(s, t);
    for (uint32_t i = 0; (node = timer_at(i)); i++)
        follow(s, (uintptr_t)node);
    follow(s, (uintptr_t)run.places);
}

static uint32_t unreached(void) {
    uint32_t count = 0;
    for (const struct task *t = run.oldest; t; t = t->younger)
        count += waits(t) && !t->daemon && !t->reached;
    return count;
}

static uint32_t all_waiting(void) {
    uint32_t count = 0;
    for (const struct task *t = run.oldest; t; t = t->younger)
        count += waits(t) && !t->daemon;
    return count;
}

// --- memory for it ----------------------------------------------------------------------------------

// Never-touched pages are zero, so it all begins empty. The size comes first in it.
static void *scratch_take(struct scan *s, size_t *size) {
    size_t words = s->size / GRAIN / BITS + 1, coarse = words / BITS + 1;
    *size = (3 * words + coarse) * sizeof *s->starts + WORK * sizeof *s->work;
    uint64_t *p = mmap(NULL, *size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    s->starts = p;
    s->marked = p + words;
    s->looked = p + 2 * words;
    s->coarse = p + 3 * words;
    s->work = (void **)(p + 3 * words + coarse);
    return p;
}

static void find_blocks(struct scan *s) {
    for (size_t at = 0; at < s->size;) {
        struct heap_block b = heap_block_at(at);
        if (b.live) {
            bit_set(s->starts, at / GRAIN);
            bit_set(s->coarse, at / GRAIN / BITS);
        }
        at = b.from + b.size;
    }
}

static bool has_fake_stacks(void) {
    for (const struct task *t = run.oldest; run.unwinding && t; t = t->younger)
        if (t->top->fake_stack)
            return true;
    return false;
}

// --- public -----------------------------------------------------------------------------------------

static void tell_leaked(const struct reach_config *config) {
    for (const struct task *t = run.oldest; config->leaked && t; t = t->younger) {
        if (!waits(t) || t->daemon || t->reached)
            continue;
        task_info info = task_info_of(t);
        config->leaked(&info, config->user);
    }
}

struct reach reach_find(const struct reach_config *config) {
    struct scan s = {0};
    struct reach found = {0};
    size_t size;
    if (!run.active || has_fake_stacks())
        return found;
    heap_bounds(&s.base, &s.size);
    void *scratch = scratch_take(&s, &size);
    if (!scratch)
        return found;
    find_blocks(&s);
    roots(&s);
    reach_to_the_end(&s);
    uint32_t without_globals = unreached();
    s.globals = !config->ignore_globals;
    for (size_t i = 0; s.globals && i < config->global_count; i++) {
        const reach_range *g = &config->globals[i];
        look(&s, g->at, (const char *)g->at + g->size);
    }
    reach_to_the_end(&s);
    found = (struct reach){
        .known = true, .waiting = all_waiting(), .leaked = unreached(), .bytes = s.bytes};
    found.by_globals = without_globals - found.leaked;
    tell_leaked(config);
    munmap(scratch, size);
    return found;
}
