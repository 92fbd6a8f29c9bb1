// switch: from one stack to another and back, with no task and no scheduler; ns per switch. The floor
// under all the others.
#include "core/switch.h"
#include "core/bench/bench.h"

static struct resume here, there;

static void entry(void) {
    STACK_BOTTOM;
    for (;;)
        stack_switch(&there, &here);
}

static void work(int64_t n) {
    for (int64_t i = 0; i < n; i += 2)
        stack_switch(&here, &there);
}

int main(int argc, char **argv) {
    static char stack[64 << 10] __attribute__((aligned(16)));
    bench_options(argc, argv);
    stack_prepare(&there, stack + sizeof stack, entry);
    printf("%.3f\n", bench_median(work, 10 * MILLION));
}
