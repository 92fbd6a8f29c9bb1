// first-answer: the slower of two helpers sends to somebody who has left.
#include "harness/scenario.h"
#include "exercise.h"

static const int64_t slow = 40 * MILLISECOND, quick = 10 * MILLISECOND;
static int64_t delays[MIRRORS];

int mirror_ask(int mirror) {
    env_call("mirror", delays[mirror]);
    return 100 + mirror;
}

static void drive(void) {
    uint32_t first = choose(MIRRORS);
    delays[first] = quick;
    delays[1 - first] = slow;
    int answer = first_answer();
    check(answer == 100 + (int)first, "returns the first answer", "got %d", answer);
    check(env_most("mirror") == MIRRORS, "asks all mirrors at the same time", "%d at the same time",
          env_most("mirror"));
    task_sleep(SECOND);
}

TASK(reader, char unused;) {
    (void)a;
    first_answer();
}

static void load_mirrors(load *l) {
    delays[0] = quick;
    delays[1] = slow;
    while (load_next(l))
        go(reader, .unused = 0);
}

SCENARIO(.name = "first-answer", .number = 1, .title = "The answer that came second",
         .chapter = "send", .brief = "Two mirrors are asked, the first answer is taken.",
         .goal = "Whoever answers second must come to an end as well.",
         .remember = "Every send needs a receiver, or a place to put the value.", .driver = drive,
         .load = load_mirrors, .load_every = 10 * MILLISECOND, .verdict = "leak",
         .left = {{.name = "ask", .reason = "chan send", .object = "answers"}},
         .checks = {"returns the first answer", "asks all mirrors at the same time"});
