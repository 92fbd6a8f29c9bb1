// What the catalogue makes of folders that are right, incomplete, damaged or not there at all.
#include "harness/catalogue.h"
#include "harness/tests/prefix.h"

static struct catalogue c;
static char why[300];

TestSuite(catalogue, .init = prefix_start, .fini = prefix_end);

static void open_it(void) {
    cr_assert(catalogue_open(&c, why), "%s", why);
}

static void with_two(void) {
    prefix_scenario("second-case", 2);
    prefix_scenario("first-case", 1);
    open_it();
}

Test(catalogue, scenarios_come_in_the_order_of_the_course) {
    with_two();
    cr_assert_eq(c.count, 2);
    cr_assert_str_eq(c.scenarios[0].name, "first-case");
    cr_assert_str_eq(c.scenarios[1].name, "second-case");
    catalogue_close(&c);
}

Test(catalogue, a_scenario_is_what_its_description_says) {
    with_two();
    const struct scenario_info *s = catalogue_find(&c, "first-case");
    cr_assert(s);
    cr_assert_str_eq(s->title, "The title");
    cr_assert_eq(s->verdict, VERDICT_LEAK);
    cr_assert_eq(s->left_count, 1);
    cr_assert_str_eq(s->left[0].name, "worker");
    cr_assert_str_eq(s->left[0].reason, "chan send");
    cr_assert_str_eq(s->left[0].object, "results");
    cr_assert_eq(s->left[0].count, 2);
    cr_assert_str_eq(s->terms.checks[0], "delivers");
    cr_assert_str_eq(s->terms.checks[1], "in time");
    cr_assert_null(s->terms.checks[2]);
    cr_assert_eq(s->terms.grace, 5000);
    cr_assert(s->has_load);
    cr_assert_null(s->guide);
    cr_assert_null(s->driver_tsan);
    catalogue_close(&c);
}

Test(catalogue, variants_are_the_exercise_then_solutions_then_wrong_fixes_by_name) {
    with_two();
    const struct scenario_info *s = &c.scenarios[0];
    const char *labels[] = {"exercise", "solution:a.c", "solution:b.c", "wrong:longer.c"};
    cr_assert_eq(s->variant_count, 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert_str_eq(s->variants[i].label, labels[i]);
    catalogue_close(&c);
}

Test(catalogue, what_was_not_built_has_no_object) {
    with_two();
    const struct variant *v = c.scenarios[0].variants;
    cr_assert(v[0].object && v[0].tsan);
    cr_assert(v[1].object);
    cr_assert_null(v[1].tsan);
    cr_assert_null(v[2].object);
    catalogue_close(&c);
}

Test(catalogue, ideas_and_comments_come_from_the_head_of_the_source) {
    with_two();
    const struct variant *v = c.scenarios[0].variants;
    cr_assert_str_eq(v[0].idea, "");
    cr_assert_str_eq(v[1].idea, "first, and more");
    cr_assert_str_eq(v[3].idea, "wait longer");
    cr_assert_str_eq(v[3].caught_by, "leak");
    cr_assert_str_eq(v[3].comment, "a longer wait only moves it");
    catalogue_close(&c);
}

Test(catalogue, a_key_outside_the_head_comment_says_nothing) {
    prefix_scenario("one", 1);
    prefix_put("share/unstuck/solutions/one/a.c", "int x;\n// idea: too late\n");
    open_it();
    cr_assert_str_eq(c.scenarios[0].variants[1].idea, "");
    catalogue_close(&c);
}

Test(catalogue, selectors_name_variants_with_or_without_the_ending) {
    with_two();
    const struct scenario_info *s = &c.scenarios[0];
    const struct variant *v = s->variants;
    cr_assert_eq(scenario_variant(s, "exercise"), &v[0]);
    cr_assert_eq(scenario_variant(s, "solution"), &v[1]);
    cr_assert_eq(scenario_variant(s, "solution:b"), &v[2]);
    cr_assert_eq(scenario_variant(s, "solution:b.c"), &v[2]);
    cr_assert_eq(scenario_variant(s, "wrong:longer.c"), &v[3]);
    const char *none[] = {"",          "solutions",   "solution:", "solution:c",
                          "wrong:a.c", "solution:b.", "exerc"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_assert_null(scenario_variant(s, none[i]), "%s", none[i]);
    catalogue_close(&c);
}

Test(catalogue, a_guide_beside_it_is_found) {
    prefix_scenario("one", 1);
    prefix_put("share/unstuck/guide/one.md", "# One\n");
    open_it();
    cr_assert(c.scenarios[0].guide);
    catalogue_close(&c);
}

Test(catalogue, an_unknown_name_gets_the_nearest) {
    with_two();
    cr_assert_null(catalogue_find(&c, "first"));
    cr_assert_str_eq(catalogue_nearest(&c, "frist-case"), "first-case");
    cr_assert_str_eq(catalogue_nearest(&c, "second"), "second-case");
    cr_assert_null(catalogue_nearest(&c, "zzzzzzzzzzzzzzz"));
    cr_assert_null(catalogue_nearest(&c, ""));
    catalogue_close(&c);
}

Test(catalogue, a_very_long_name_is_only_unknown) {
    with_two();
    char name[5000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cr_assert_null(catalogue_find(&c, name));
    cr_assert_null(catalogue_nearest(&c, name));
    catalogue_close(&c);
}

// --- what is not there, or damaged --------------------------------------------------------------

static void refuses(const char *said) {
    cr_assert_not(catalogue_open(&c, why));
    cr_assert(strstr(why, said), "%s", why);
    cr_assert_null(strchr(why, '\n'));
    cr_assert_eq(c.count, 0);
}

Test(catalogue, an_empty_installation_says_what_to_do) {
    refuses("./unstuck");
}

Test(catalogue, no_description_names_the_file) {
    prefix_scenario("one", 1);
    prefix_put("lib/unstuck/scenarios/two/driver.so", "");
    refuses("two/scenario.json");
}

Test(catalogue, a_damaged_description_names_the_file_and_line) {
    prefix_scenario("one", 1);
    prefix_put("lib/unstuck/scenarios/one/scenario.json", "{\n\"name\": oops}");
    refuses("one/scenario.json: line 2");
}

Test(catalogue, a_verdict_that_is_no_word_is_refused) {
    prefix_scenario("one", 1);
    prefix_put("lib/unstuck/scenarios/one/scenario.json",
               "{\"name\":\"one\",\"verdict\":\"leak, sometimes\"}");
    refuses("does not describe `one`");
}

Test(catalogue, a_description_of_another_scenario_is_refused) {
    prefix_scenario("one", 1);
    prefix_put("lib/unstuck/scenarios/one/scenario.json",
               "{\"name\":\"two\",\"verdict\":\"leak\"}");
    refuses("does not describe `one`");
}

Test(catalogue, checks_about_time_are_checks) {
    prefix_scenario("one", 1);
    prefix_put("lib/unstuck/scenarios/one/scenario.json",
               "{\"name\":\"one\",\"verdict\":\"leak\",\"checks\":[\"a\",\"b\",\"c\"],"
               "\"timed\":[\"c\",\"a\"],\"slow\":true}");
    open_it();
    cr_assert_eq(c.scenarios[0].terms.timed, 5);
    cr_assert(c.scenarios[0].slow);
    catalogue_close(&c);
    prefix_put(
        "lib/unstuck/scenarios/one/scenario.json",
        "{\"name\":\"one\",\"verdict\":\"leak\",\"checks\":[\"a\"],\"timed\":[\"in time\"]}");
    refuses("`in time` in .timed is none of its .checks");
}

Test(catalogue, a_description_of_odd_types_is_read_without_harm) {
    prefix_scenario("one", 1);
    prefix_put(
        "lib/unstuck/scenarios/one/scenario.json",
        "{\"name\":\"one\",\"verdict\":\"deadlock, panic\",\"title\":7,\"left\":[1,{}],"
        "\"checks\":[1,\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\",\"l\","
        "\"m\",\"n\",\"o\",\"p\",\"q\",\"r\"],\"number\":\"x\"}");
    open_it();
    const struct scenario_info *s = &c.scenarios[0];
    cr_assert_eq(s->verdict, VERDICT_DEADLOCK | VERDICT_PANIC);
    cr_assert_str_eq(s->title, "");
    cr_assert_eq(s->left_count, 2);
    cr_assert_str_eq(s->terms.checks[JUDGE_CHECKS - 2], "o");
    cr_assert_null(s->terms.checks[JUDGE_CHECKS - 1]);
    catalogue_close(&c);
}

Test(catalogue, any_damage_is_refused_or_read_never_worse) {
    prefix_scenario("one", 1);
    char *path = text_format("%s/lib/unstuck/scenarios/one/scenario.json", prefix);
    char *whole = text_file(path, 10000);
    uint64_t state = 7;
    for (int round = 0; round < 1000; round++) {
        char *damaged = text_copy(whole);
        for (int hits = 0; hits < 3; hits++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            damaged[(state >> 33) % strlen(whole)] = (char)(state >> 24 | 1);
        }
        prefix_put("lib/unstuck/scenarios/one/scenario.json", damaged);
        free(damaged);
        if (catalogue_open(&c, why))
            catalogue_close(&c);
        else
            cr_assert(*why);
    }
    free(whole);
    free(path);
}

// --- words ----------------------------------------------------------------------------------------

Test(catalogue, words_are_near_when_they_could_be_a_slip) {
    const char *const words[] = {"run", "explore", "replay", "--variant"};
    cr_assert_str_eq(nearest_word("rnu", words, 4), "run");
    cr_assert_str_eq(nearest_word("expore", words, 4), "explore");
    cr_assert_str_eq(nearest_word("Replay", words, 4), "replay");
    cr_assert_str_eq(nearest_word("--varaint", words, 4), "--variant");
    cr_assert_str_eq(nearest_word("exp", words, 4), "explore");
    cr_assert_null(nearest_word("xylophone", words, 4));
    cr_assert_null(nearest_word("run", words, 0));
}
