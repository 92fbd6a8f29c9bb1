#include "tui/graph.h"

#include "harness/text.h"
#include "harness/waitgraph.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

// One paragraph a line, which is indented as a whole when it is wrapped.
static void put_line(void *user, enum graph_line kind, int indent, const char *line) {
    struct text *t = user;
    if (indent == 0 && kind != GRAPH_LINE_NOTE && t->length)
        text_addf(t, "\n");
    text_addf(t, "%*s%s\n", 2 * indent, "", line);
}

// Those left, where the run is over and somebody is.
static uint32_t *tasks_shown(const struct player *p, const struct seen *s, uint32_t *count) {
    uint32_t *tasks = waitgraph_parked(s, count);
    if (p->position < p->length)
        return tasks;
    uint32_t left = 0;
    for (uint32_t i = 0; i < s->task_count; i++)
        if (player_ever_left(p, i))
            tasks[left++] = i;
    if (left)
        *count = left;
    return tasks;
}

char *graph_text(const struct player *p) {
    struct seen s = {.record_touches = true};
    struct waitgraph g;
    struct text text = {0};
    uint32_t count;
    seen_init(&s, p->log, p->now.grace);
    seen_fold(&s, p->position);
    uint32_t *tasks = tasks_shown(p, &s, &count);
    waitgraph_build(&s, tasks, count, &g);
    waitgraph_draw(&s, &g, put_line, &text);
    if (!count)
        text_addf(&text, "No task waits at this moment.\n");
    free(tasks);
    seen_free(&s);
    return text_take(&text);
}

const char *graph_title(const struct player *p, char *out, size_t size) {
    if (p->position < p->length)
        snprintf(out, size, "WHO WAITS FOR WHOM  after event %" PRIu64 " of %" PRIu64, p->position,
                 p->length);
    else
        snprintf(out, size, "WHO WAITS FOR WHOM  at the end of the run");
    return out;
}
