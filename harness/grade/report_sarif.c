// report_sarif: SARIF 2.1.0. One result for each check that failed; where a schedule shows it, with a code
// flow that has a thread flow for each task. A viewer that steps through them in executionOrder, which is
// the number of the event, walks through the schedule.
#include "harness/grade/formats.h"
#include "harness/grade/tests_of.h"

#include "harness/rubric.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] = "https://json.schemastore.org/sarif-2.1.0.json";

static json_t *message_json(const char *text) {
    return json_pack("{s:s}", "text", text);
}

static json_t *location_json(const char *file, int64_t line, const char *message) {
    json_t *physical = json_pack("{s:{s:s}}", "artifactLocation", "uri", file);
    if (line > 0)
        json_object_set_new(physical, "region", json_pack("{s:I}", "startLine", (json_int_t)line));
    json_t *j = json_pack("{s:o}", "physicalLocation", physical);
    if (message)
        json_object_set_new(j, "message", message_json(message));
    return j;
}

// --- the tool ---------------------------------------------------------------------------------------

static json_t *rules_json(void) {
    json_t *list = json_array();
    for (int id = 0; id < RUBRIC_COUNT; id++)
        json_array_append_new(list, json_pack("{s:s, s:{s:s}}", "id",
                                              rubric_name((enum rubric_id)id), "shortDescription",
                                              "text", rubric_title((enum rubric_id)id)));
    return list;
}

static json_t *tool_of(const json_t *document) {
    const json_t *tool = json_object_get(document, "tool");
    return json_pack("{s:{s:s, s:s, s:o}}", "driver", "name", "unstuck", "version",
                     json_words(tool, "version"), "rules", rules_json());
}

// --- the schedule -----------------------------------------------------------------------------------

static json_t *flow_location(const json_t *step) {
    json_t *location = location_json(json_words(step, "file"), json_number(step, "line"),
                                     json_words(step, "text"));
    return json_pack("{s:o, s:I}", "location", location, "executionOrder",
                     (json_int_t)json_number(step, "event"));
}

// The thread flow of the task that took step `first`, from there on.
static json_t *thread_flow(const json_t *steps, size_t first) {
    const json_t *of = json_array_get(steps, first);
    char *id = text_format("%" PRId64, json_number(of, "task"));
    char *name = text_format("%s (#%s)", json_words(of, "name"), id);
    json_t *list = json_array();
    for (size_t i = first; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        if (json_number(step, "task") == json_number(of, "task") && *json_words(step, "file"))
            json_array_append_new(list, flow_location(step));
    }
    json_t *flow = json_pack("{s:s, s:o, s:o}", "id", id, "message", message_json(name),
                             "locations", list);
    free(id);
    free(name);
    return flow;
}

static bool begins_flow(const json_t *steps, size_t i) {
    const json_t *step = json_array_get(steps, i);
    if (!json_object_get(step, "task") || !*json_words(step, "file"))
        return false;
    for (size_t k = 0; k < i; k++) {
        const json_t *other = json_array_get(steps, k);
        if (json_object_get(other, "task") && *json_words(other, "file") &&
            json_number(other, "task") == json_number(step, "task"))
            return false;
    }
    return true;
}

static json_t *thread_flows(const json_t *steps) {
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(steps); i++)
        if (begins_flow(steps, i))
            json_array_append_new(list, thread_flow(steps, i));
    return list;
}

// --- results ----------------------------------------------------------------------------------------

static json_t *result_json(const struct report_test *t) {
    bool warned = strcmp(t->check_id, "build") == 0 && strcmp(t->type, "build") != 0;
    json_t *flows = thread_flows(json_object_get(t->scenario, "steps"));
    json_t *j = json_pack("{s:s, s:s, s:o, s:[o]}", "ruleId", t->check_id, "level",
                          warned ? "warning" : "error", "message", message_json(t->message),
                          "locations", location_json(t->file, t->line, NULL));
    if (json_array_size(flows))
        json_object_set_new(j, "codeFlows",
                            json_pack("[{s:o}]", "threadFlows", json_incref(flows)));
    json_decref(flows);
    json_object_set_new(j, "properties",
                        json_pack("{s:s, s:O}", "scenario", t->id, "schedule",
                                  json_object_get(t->scenario, "schedule")));
    return j;
}

void write_sarif(const json_t *document, struct text *out) {
    struct tests tests = tests_of(document);
    json_t *results = json_array();
    for (size_t i = 0; i < tests.count; i++)
        if (strcmp(tests.items[i].status, "fail") == 0)
            json_array_append_new(results, result_json(&tests.items[i]));
    json_t *run = json_pack("{s:o, s:s, s:o}", "tool", tool_of(document), "columnKind",
                            "unicodeCodePoints", "results", results);
    put_json(out,
             json_pack("{s:s, s:s, s:[o]}", "$schema", schema, "version", "2.1.0", "runs", run));
    tests_free(&tests);
}
