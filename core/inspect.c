// inspect: a snapshot of all tasks, from the scheduler's own list.
//
// Invariants: it changes nothing, so it may be asked for at any point of an operation; it reads only
// the tasks and the objects they wait for, never a stack, so a task costs the same among ten as among
// a million.
//
// Rejected: a copy of all tasks (a million of them is 100 MB); walking stacks here (debuggers do it,
// and the event log says what matters).
#include "core/inspect.h"

#include "core/internal.h"

task_info task_info_of(const struct task *t) {
    const struct object *o = t->state == TASK_PARKED ? t->object : NULL;
    return (task_info){
        .number = t->number,
        .parent = t->parent,
        .name = t->name,
        .state = t == run.current ? TASK_RUNNING : t->state,
        .reason = t->state == TASK_PARKED ? t->reason : WAIT_NONE,
        .object_kind = o ? o->kind : OBJECT_NONE,
        .object = o ? o->id : 0,
        .object_name = o && o->name ? o->name : "",
        .at = t->at,
        .started_at = t->started_at,
        .age = run.now - t->born,
        .since = run.now - t->since,
        .daemon = t->daemon,
        .labels = labels_words(t->labels),
    };
}

void inspect_tasks(bool (*visit)(const task_info *task, void *user), void *user) {
    if (!run.active)
        return;
    for (const struct task *t = run.oldest; t; t = t->younger) {
        task_info info = task_info_of(t);
        if (!visit(&info, user))
            return;
    }
}

bool inspect_stack_owner(const void *address, task_info *out) {
    const struct task *t = run.active ? stack_owner(address) : NULL;
    if (t)
        *out = task_info_of(t);
    return t;
}

static const char *state_text(const task_info *t) {
    static const char *const words[] = {"ready", "running", "parked", "ended"};
    return t->state == TASK_PARKED ? wait_reason_text(t->reason) : words[t->state];
}

static bool print_one(const task_info *t, void *user) {
    FILE *out = user;
    fprintf(out, "%5u  %-16s %-22s", t->number, t->name, state_text(t));
    if (t->object)
        fprintf(out, " %s#%u %s", object_word(t->object_kind), t->object, t->object_name);
    if (t->at)
        fprintf(out, "  at %s:%d", t->at->file, t->at->line);
    if (t->started_at)
        fprintf(out, "  by #%u at %s:%d", t->parent, t->started_at->file, t->started_at->line);
    fprintf(out, "  age %.3f ms%s", (double)t->age / (double)MILLISECOND,
            t->daemon ? "  daemon" : "");
    if (*t->labels)
        fprintf(out, "  {%s}", t->labels);
    fputc('\n', out);
    return true;
}

static void print_all(void *out) {
    fputs("   id  name             state                  on / where\n", out);
    inspect_tasks(print_one, out);
}

void inspect_print(FILE *out) {
    room_call(print_all, out);
}
