// list: the scenarios there are, for people and as unstuck-list/v1.
#include "tui/commands.h"

#include <stdio.h>

static json_t *left_json(const struct scenario_info *s) {
    json_t *list = json_array();
    for (size_t i = 0; i < s->left_count; i++) {
        const struct expected_left *left = &s->left[i];
        json_t *j = json_object();
        json_object_set_new(j, "name", result_string(left->name));
        json_object_set_new(j, "op", result_string(left->reason));
        json_object_set_new(j, "object", result_string(left->object));
        json_object_set_new(j, "count", json_integer(left->count));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *variants_json(const struct scenario_info *s) {
    json_t *list = json_array();
    for (size_t i = 0; i < s->variant_count; i++) {
        const struct variant *v = &s->variants[i];
        json_t *j = json_object();
        json_object_set_new(j, "variant", result_string(v->label));
        json_object_set_new(j, "idea", result_string(v->idea));
        if (v->kind == VARIANT_WRONG)
            json_object_set_new(j, "caught_by", result_string(v->caught_by));
        json_array_append_new(list, j);
    }
    return list;
}

// Where the exercise is: in the house, or in a pack.
static json_t *file_json(const struct scenario_info *s) {
    if (s->pack)
        return result_string(s->variants[0].source);
    return json_sprintf("scenarios/%s/exercise.c", s->name);
}

static json_t *scenario_json(const struct scenario_info *s) {
    json_t *j = json_object();
    json_object_set_new(j, "id", result_string(s->name));
    json_object_set_new(j, "number", json_integer(s->number));
    json_object_set_new(j, "title", result_string(s->title));
    json_object_set_new(j, "chapter", result_string(s->chapter));
    json_object_set_new(j, "brief", result_string(s->brief));
    json_object_set_new(j, "goal", result_string(s->goal));
    json_object_set_new(j, "file", file_json(s));
    if (s->pack)
        json_object_set_new(j, "pack", result_string(s->pack_given));
    json_object_set_new(j, "verdicts", result_verdicts(s->verdict));
    json_object_set_new(j, "left", left_json(s));
    json_object_set_new(j, "variants", variants_json(s));
    return j;
}

static void list_json(const struct catalogue *c) {
    json_t *document = json_object(), *list = json_array();
    json_object_set_new(document, "schema", json_string("unstuck-list/v1"));
    json_object_set_new(document, "scenarios", list);
    for (size_t i = 0; i < c->count; i++)
        json_array_append_new(list, scenario_json(&c->scenarios[i]));
    json_dumpf(document, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(document);
}

static size_t solutions_of(const struct scenario_info *s) {
    size_t count = 0;
    for (size_t i = 0; i < s->variant_count; i++)
        count += s->variants[i].kind == VARIANT_SOLUTION;
    return count;
}

static void list_row(const struct scenario_info *s, bool colour) {
    char verdict[80];
    verdict_list(s->verdict, verdict, sizeof verdict);
    printf("%2d  %s%-20s%s %-14s %5zu  %s\n", s->number, colour ? "\033[1m" : "", s->name,
           colour ? "\033[0m" : "", verdict, solutions_of(s), s->title);
}

int command_list(struct session *s) {
    const struct catalogue *c = &s->catalogue;
    if (s->options.json) {
        list_json(c);
        return say_faults(s);
    }
    printf(" #  %-20s %-14s %s  %s\n", "NAME", "FAILS WITH", "FIXES", "TITLE");
    for (size_t i = 0; i < c->count; i++)
        list_row(&c->scenarios[i], s->colour);
    printf("\nSee one fail: unstuck run %s\n"
           "All of its schedules: unstuck explore NAME; its story: unstuck guide NAME\n",
           c->scenarios[0].name);
    return say_faults(s);
}
