// describe: a scenario's declaration as JSON, for the programs that must not load it.
#include "harness/runner/runner.h"

#include <jansson.h>
#include <stdio.h>

static void put(json_t *object, const char *key, const char *value) {
    json_object_set_new(object, key, value ? json_string(value) : json_null());
}

static json_t *left_of(const struct scenario *s) {
    json_t *list = json_array();
    for (int i = 0; i < SCENARIO_LEFT && s->left[i].name; i++) {
        const struct left_task *t = &s->left[i];
        json_t *o = json_object();
        put(o, "name", t->name);
        put(o, "reason", t->reason);
        put(o, "object", t->object);
        json_object_set_new(o, "count", json_integer(t->count ? t->count : 1));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *names_of(const char *const names[SCENARIO_CHECKS]) {
    json_t *list = json_array();
    for (int i = 0; i < SCENARIO_CHECKS && names[i]; i++)
        json_array_append_new(list, json_string(names[i]));
    return list;
}

static json_t *points_of(const struct points *p) {
    const int points[] = {p->build, p->behaves, p->no_leak, p->no_deadlock, p->no_race, p->kept};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        json_array_append_new(list, json_integer(points[i]));
    return list;
}

int describe(const struct scenario *s) {
    json_t *o = json_object();
    put(o, "name", s->name);
    json_object_set_new(o, "number", json_integer(s->number));
    put(o, "title", s->title);
    put(o, "chapter", s->chapter);
    put(o, "brief", s->brief);
    put(o, "goal", s->goal);
    put(o, "remember", s->remember);
    put(o, "verdict", s->verdict);
    json_object_set_new(o, "left", left_of(s));
    json_object_set_new(o, "checks", names_of(s->checks));
    json_object_set_new(o, "kept", names_of(s->kept));
    json_object_set_new(o, "points", points_of(&s->points));
    json_object_set_new(o, "timed", names_of(s->timed));
    json_object_set_new(o, "slow", json_boolean(s->slow));
    json_object_set_new(o, "grace", json_integer(s->grace));
    json_object_set_new(o, "has_load", json_boolean(s->load));
    int bad = json_dumpf(o, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(o);
    return bad ? 1 : 0;
}
