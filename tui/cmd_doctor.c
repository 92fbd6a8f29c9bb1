// doctor: the report of harness/doctor.h for people and as unstuck-doctor/v1.
#include "tui/commands.h"

#include "harness/doctor.h"

#include <stdio.h>

static int doctor_json(const struct doctor_report *r) {
    json_t *document = json_object(), *list = json_array();
    json_object_set_new(document, "schema", json_string("unstuck-doctor/v1"));
    json_object_set_new(document, "status", json_string(doctor_word(r->status)));
    json_object_set_new(document, "checks", list);
    for (size_t i = 0; i < r->count; i++) {
        const struct doctor_check *check = &r->checks[i];
        json_t *j = json_object();
        json_object_set_new(j, "id", json_string(check->id));
        json_object_set_new(j, "title", json_string(check->title));
        json_object_set_new(j, "status", json_string(doctor_word(check->status)));
        json_object_set_new(j, "detail", result_string(check->detail));
        json_object_set_new(j, "advice", result_string(check->advice));
        json_array_append_new(list, j);
    }
    json_dumpf(document, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(document);
    return r->status == DOCTOR_UNUSABLE ? EXIT_UNUSABLE : EXIT_FINE;
}

static void doctor_row(const struct doctor_check *check, bool colour) {
    static const char *const colours[] = {"\033[1;32m", "\033[1;33m", "\033[1;31m"};
    printf("%s%-9s%s %s: %s\n", colour ? colours[check->status] : "", doctor_word(check->status),
           colour ? "\033[0m" : "", check->title, check->detail);
    if (*check->advice)
        printf("%-9s   %s\n", "", check->advice);
}

static int doctor_text(const struct doctor_report *r, bool colour) {
    static const char *const ends[] = {"Everything works here.",
                                       "It works here, with the limits above.",
                                       "No scenario can be judged here; see above for what to do."};
    for (size_t i = 0; i < r->count; i++)
        doctor_row(&r->checks[i], colour);
    printf("\n%s\n", ends[r->status]);
    return r->status == DOCTOR_UNUSABLE ? EXIT_UNUSABLE : EXIT_FINE;
}

int command_doctor(struct session *s) {
    char why[300] = "";
    struct doctor_report report;
    bool open = catalogue_open(&s->catalogue, why);
    doctor_examine(open ? &s->catalogue : NULL, why, &report);
    int code = s->options.json ? doctor_json(&report) : doctor_text(&report, s->colour);
    if (open)
        catalogue_close(&s->catalogue);
    return code;
}
