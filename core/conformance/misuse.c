// What breaks a rule of the run itself: its memory, its limits, its resources. Go has no such things.
#include "core/conformance/conformance.h"

#include <stdint.h>

#define ONLY_HERE(why) .differs = (why)

// --- memory -------------------------------------------------------------------------------------------

RULE(memory_is_zeroed,
     "Memory of the run is zero when it is given out, also when it was used before.", "zero\n",
     ONLY_HERE("every variable is")) {
    bool zero = true;
    for (int i = 0; i < 10; i++) {
        char *p = run_alloc(100);
        for (int k = 0; k < 100; k++) {
            zero &= p[k] == 0;
            p[k] = 1;
        }
        run_free(p);
    }
    say(zero ? "zero" : "not zero");
}

RULE(memory_freed_twice, "Freeing twice panics.", "panic: double free\n",
     ONLY_HERE("its memory is collected")) {
    void *p = run_alloc(8);
    run_free(p);
    run_free(p);
}

RULE(memory_of_others_freed, "Freeing what the run did not give out panics.",
     "panic: free of memory that the run did not allocate\n",
     ONLY_HERE("its memory is collected")) {
    static int64_t elsewhere[8];
    run_free(&elsewhere[4]);
}

RULE(memory_used_up, "Asking for more memory than the run may have panics.",
     "panic: out of memory: the run's 256 MB are used up\n",
     ONLY_HERE("a program that runs out of memory dies")) {
    run_alloc((size_t)1 << 40);
}

// --- limits -------------------------------------------------------------------------------------------

TASK(waits, int_chan c;) {
    chan_recv(a->c, NULL);
}

RULE(tasks_too_many, "Starting more tasks than the run may have panics.",
     "panic: too many tasks: 500 are alive, which is this run's limit\n",
     ONLY_HERE("it has no limit")) {
    int_chan c;
    chan_make(&c, 0);
    for (int i = 0; i < 500; i++)
        go(waits, .c = c);
}

TASK(has_much, char much[20000];) {
}

RULE(arguments_too_big, "Arguments that leave a task no stack panic.",
     "panic: 20000 bytes of arguments for a task, at most 16384 are possible\n",
     ONLY_HERE("its stacks grow")) {
    go(has_much, .much = {0});
}

RULE(choose_too_many, "choose among more than 64 panics.",
     "panic: choose: 65 alternatives asked for, 1 to 64 are possible\n",
     ONLY_HERE("the environment is not part of it")) {
    choose(65);
}

RULE(choose_each, "Each alternative comes about, equally often.", "0\nor\n1\nor\n2\n", .fair = true,
     ONLY_HERE("the environment is not part of it")) {
    say("%u", choose(3));
}

// --- contexts and resources -----------------------------------------------------------------------------

RULE(ctx_freed_alive, "Freeing a context that has not ended panics.",
     "panic: ctx_free: the context has not ended\n", ONLY_HERE("its memory is collected")) {
    ctx_free(ctx_with_cancel(ctx_background()));
}

RULE(ctx_freed_under_others, "Freeing a context that others are derived from panics.",
     "panic: ctx_free: 1 contexts derived from it are in use\n",
     ONLY_HERE("its memory is collected")) {
    ctx *c = ctx_with_cancel(ctx_background());
    ctx_with_cancel(c);
    ctx_cancel(c);
    ctx_free(c);
}

RULE(resource_closed_twice, "Giving a resource back twice is misuse.",
     "misuse: the lamp closed twice\n", ONLY_HERE("it counts no resources")) {
    resource lamp = {0};
    resource_open_at(&lamp, "the lamp", HERE);
    resource_close_at(&lamp, HERE);
    resource_close_at(&lamp, HERE);
}
