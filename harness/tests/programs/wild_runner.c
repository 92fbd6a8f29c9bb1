// wild_runner: starts the runner, and changes the memory that it shares with its parent as a hostile exercise
// could. What is changed is said by the folder three above it:
//
//     /any/ATTACK/libexec/unstuck/unstuck-runner --fd 3 driver.so exercise.so
//
// What is set once is set before the runner starts; what is changed again and again is, by a process beside it
// that ends with its group, while a search is under way.
#include "harness/shared.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct shared *s;

// --- once -------------------------------------------------------------------------------------------

// The search says that it is over, and that nothing failed.
static void over(void) {
    s->search.phase = SEARCH_OVER;
    s->search.explored = 1000;
    s->search.finished[SEARCH_TREE] = true;
}

static void stop(void) {
    s->stop = 1;
}

static void untaped(void) {
    s->job.taped = false;
}

static void seed(void) {
    s->search.plan.runs[SEARCH_SERIAL] = 3;
    s->search.plan.runs[SEARCH_TREE] = 1;
}

static void answered(void) {
    s->tape.answered = 1;
}

// --- again and again --------------------------------------------------------------------------------

static void head_back(void) {
    s->tape.head = 1;
}

static void head_far(void) {
    s->tape.head = UINT64_MAX / 2;
}

static void tail(void) {
    s->tape.tail = UINT64_MAX;
}

static void noise(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    uint64_t at = state >> 20 & (sizeof s->tape.cells - 1);
    ((volatile unsigned char *)s->tape.cells)[at] = (unsigned char)(state >> 50);
}

static void blank(void) {
    for (uint32_t i = 0; i < 100; i++)
        s->log.events[i].kind = EV_NONE;
}

static void tree(void) {
    s->search.tree.depth = 0;
}

static void calm(void) {
}

static const struct {
    const char *name;
    void (*once)(void);
    void (*always)(void);
} attacks[] = {
    {"calm", calm, NULL},           {"over", over, NULL},         {"stop", stop, NULL},
    {"untaped", untaped, NULL},     {"seed", seed, NULL},         {"answered", answered, NULL},
    {"head_back", NULL, head_back}, {"head_far", NULL, head_far}, {"tail", NULL, tail},
    {"noise", NULL, noise},         {"blank", NULL, blank},       {"tree", NULL, tree},
};

// --- beside the runner ------------------------------------------------------------------------------

static void go_wild(void (*attack)(void)) {
    while (s->state < RUNNER_DONE)
        if (s->state == RUNNER_RUNNING)
            attack();
    _exit(0);
}

static const char *attack_of(char *path) {
    for (int up = 0; up < 3; up++)
        *strrchr(path, '/') = '\0';
    return strrchr(path, '/') + 1;
}

static void attack_by_name(const char *name) {
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        if (strcmp(attacks[i].name, name) != 0)
            continue;
        if (attacks[i].once)
            attacks[i].once();
        else if (fork() == 0)
            go_wild(attacks[i].always);
        return;
    }
    _exit(9);
}

int main(int argc, char **argv) {
    struct stat st;
    char self[PATH_MAX] = "", runner[PATH_MAX + 60];
    if (argc != 5 || fstat(atoi(argv[2]), &st) ||
        readlink("/proc/self/exe", self, sizeof self - 1) < 1)
        return 9;
    s = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(argv[2]), 0);
    if (s == MAP_FAILED)
        return 9;
    if (s->job.kind == JOB_EXPLORE)
        attack_by_name(attack_of(strdup(argv[0])));
    for (int up = 0; up < 3; up++) // tests/programs/wild_runner
        *strrchr(self, '/') = '\0';
    snprintf(runner, sizeof runner, "%s/libexec/unstuck/unstuck-runner", self);
    execv(runner, argv);
    return 9;
}
