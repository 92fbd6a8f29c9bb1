// defer-spawn: a task that clean-up starts reads a request that serves somebody else by then.
// expect: race
#include "harness/tests/truth/truth.h"

struct request {
    int id;
};

TASK(write_log, struct request *request; int id;) {
    int id = FIXED ? a->id : a->request->id;
    env_call(id ? "log" : "log of nobody", 0);
}

DEFERRED(log_it, struct request *request;) {
    go(write_log, .request = a->request, .id = a->request->id);
}

static void serve(struct request *request, int id) {
    request->id = id;
    defer(log_it, request);
    env_call("serve", MILLISECOND);
}

void program(void) {
    static struct request request;
    serve(&request, 1);
    request.id = 2;
}
