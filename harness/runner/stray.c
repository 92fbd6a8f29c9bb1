// stray: a store to memory that is neither a stack, the run's arena nor a global of the program under test.
//
// Nothing in C that is right does that, and what it changes may be what the run is judged by. So the run ends
// there, with its place. That is looked up on the stack for signals, since a task's has no room for it.
#include "harness/runner/runner.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static struct shared *told;
static struct {
    const void *address;
    size_t size;
    void *pc;
} store;

static void on_stray(int signal_number) {
    (void)signal_number;
    struct place at = place_of_frames(&store.pc, 1);
    char variable[64];
    name_of_variable(store.address, variable, sizeof variable);
    snprintf(
        told->refusal, sizeof told->refusal,
        "%.32s (#%u) stored %u bytes at %.70s:%d, where nothing is its own%s%.30s. Look for a pointer "
        "that runs wild.",
        task_name(), (unsigned)task_id(), (unsigned)store.size, at.file, at.line,
        *variable ? ": at " : "", variable);
    told->refused_store = true;
    atomic_store(&told->state, RUNNER_REFUSED);
    _exit(4);
}

void stray_watch(struct shared *shared) {
    told = shared;
    struct sigaction action = {.sa_handler = on_stray, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR2, &action, NULL);
}

void stray_store(const void *address, size_t size, void *pc) {
    if (!told || !in_program((const char *)pc - 1))
        return;
    store.address = address;
    store.size = size;
    store.pc = pc;
    raise(SIGUSR2);
}
