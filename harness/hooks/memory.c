// memory: of the runtime itself, beside the run's and the learner's.
//
// Two kinds: tables that stay, and what lasts for one run, which is one region handed out from the bottom and
// taken back as a whole. Both are reserved at first use, so that a page that is not touched costs nothing.
//
// Rejected: malloc (what the learner's code does to it would be ours to survive, and its locks and statistics
// are paid at every access).
#include "harness/hooks/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { KEPT = 64 << 20 }; // of the run's memory, from one run to the next
static const size_t RUN_MOST = (size_t)16 << 30;

static struct {
    char *base;
    size_t used;
} of_run;

static _Noreturn void no_memory(const char *what) {
    fprintf(stderr,
            "the race checks have no memory for %s; give the machine more, or try fewer tasks\n",
            what);
    abort();
}

void *reserve(size_t size) {
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED)
        no_memory("their tables");
    return p;
}

void *run_memory(size_t size) {
    if (!of_run.base)
        of_run.base = reserve(RUN_MOST);
    void *p = of_run.base + of_run.used;
    of_run.used += (size + 15) & ~(size_t)15;
    if (of_run.used > RUN_MOST)
        no_memory("the clocks of so many tasks");
    return p;
}

void run_memory_forget(void) {
    if (of_run.used > KEPT)
        madvise(of_run.base + KEPT, of_run.used - KEPT, MADV_DONTNEED);
    of_run.used = 0;
}
