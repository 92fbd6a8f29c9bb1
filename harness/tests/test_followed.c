// What a grade says is what the learner was told: the same examinations with the search in the runner and in the
// parent. And what a runner can do to the memory it shares makes none of them pass.
#include "harness/compile.h"
#include "harness/explore.h"
#include "harness/result.h"
#include "harness/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct catalogue catalogue;
static struct examine_config config;
static char why[300];

static void begin(void) {
    cr_assert(catalogue_open(&catalogue, why), "%s", why);
}

static void end(void) {
    catalogue_close(&catalogue);
}

TestSuite(followed, .init = begin, .fini = end, .timeout = 240);

static char *examined(bool witnessed) {
    config.witnessed = witnessed;
    struct examination *x = examine_start(&config, why);
    cr_assert_not_null(x, "%s", why);
    examine_finish(x);
    const struct answer *a = examine_answer(x);
    json_t *entry = result_entry(config.scenario, config.variant, a, NULL);
    char *text = json_dumps(entry, JSON_INDENT(2));
    json_decref(entry);
    examine_free(x);
    return text;
}

// Byte for byte.
static void agree(const char *name) {
    char *by_runner = examined(false), *by_parent = examined(true);
    cr_expect(eq(str, by_runner, by_parent), "%s", name);
    free(by_runner);
    free(by_parent);
}

static void agree_on(const struct scenario_info *s, const char *variant, bool races) {
    config = (struct examine_config){
        .scenario = s, .variant = scenario_variant(s, variant), .explore = true, .no_race = !races};
    cr_assert_not_null(config.variant);
    agree(s->name);
}

Test(followed, all_exercises_and_their_races) {
    for (size_t i = 0; i < catalogue.count; i++)
        agree_on(&catalogue.scenarios[i], "exercise", true);
}

Test(followed, all_solutions) {
    for (size_t i = 0; i < catalogue.count; i++)
        agree_on(&catalogue.scenarios[i], "solution", false);
}

Test(followed, wrong_fixes) {
    for (size_t i = 0; i < catalogue.count; i++) {
        const struct scenario_info *s = &catalogue.scenarios[i];
        const struct variant *v = &s->variants[s->variant_count - 1 - i];
        cr_assert_eq(v->kind, VARIANT_WRONG);
        agree_on(s, v->label, false);
    }
}

// --- runs that end their process --------------------------------------------------------------------

// An exercise for send-no-receiver; `late` is what it does when the price does not come in time.
static void agree_on_death(const char *late) {
    static const char format[] = "#include \"exercise.h\"\n"
                                 "#include <stdlib.h>\n"
                                 "typedef chan_of(long) price_chan;\n"
                                 "TASK(ask_exchange, int symbol; price_chan reply;) {\n"
                                 "    chan_send(a->reply, exchange_quote(a->symbol));\n"
                                 "}\n"
                                 "bool price_of(int symbol, long *cents) {\n"
                                 "    price_chan reply;\n"
                                 "    chan_make(&reply, 1);\n"
                                 "    go(ask_exchange, .symbol = symbol, .reply = reply);\n"
                                 "    if (chan_select(RECV(reply, cents), AFTER(PATIENCE)) == 0)\n"
                                 "        return true;\n"
                                 "    %s\n"
                                 "    return false;\n"
                                 "}\n";
    char source[] = "/tmp/test-followed-XXXXXX.c";
    int fd = mkstemps(source, 2);
    cr_assert_geq(fd, 0);
    dprintf(fd, format, late);
    close(fd);
    config = (struct examine_config){.scenario = catalogue_find(&catalogue, "send-no-receiver"),
                                     .explore = true,
                                     .no_race = true};
    struct compilation *made = compile_start(&catalogue, config.scenario, source, why);
    cr_assert_not_null(made, "%s", why);
    cr_assert_eq(compile_finish(made), 1, "%s", compile_output(made));
    config.variant = compile_variant(made);
    agree(late);
    compile_free(made);
    unlink(source);
}

Test(followed, runs_that_crash) {
    agree_on_death("*(volatile int *)8 = 1;");
}

Test(followed, runs_that_end_their_process) {
    agree_on_death("__builtin_trap();");
}

// --- the programs of the truth table ----------------------------------------------------------------

static int is_program(const struct dirent *entry) {
    const char *name = entry->d_name, *dot = strchr(name, '.');
    return dot && !strcmp(dot, ".so") && strncmp(name, "driver", 6) != 0;
}

// Of their schedules some; without UNSTUCK_LONG of each fifth program.
Test(followed, programs_whose_verdict_is_known) {
    char *folder = text_format("%s/tests/truth", getenv("UNSTUCK_BUILD"));
    char *driver = text_format("%s/driver.so", folder);
    struct dirent **list;
    int count = scandir(folder, &list, is_program, alphasort);
    cr_assert_gt(count, 50);
    for (int i = 0; i < count; i++) {
        char *object = text_format("%s/%s", folder, list[i]->d_name);
        struct scenario_info scenario = {.name = list[i]->d_name, .driver = driver};
        struct variant variant = {
            .kind = VARIANT_FILE, .label = object, .source = object, .object = object};
        config = (struct examine_config){.scenario = &scenario,
                                         .variant = &variant,
                                         .explore = true,
                                         .no_race = true,
                                         .tree_budget = 300,
                                         .random_budget = 100};
        if (i % 5 == 0 || getenv("UNSTUCK_LONG"))
            agree(list[i]->d_name);
        free(object);
        free(list[i]);
    }
    free(list);
    free(driver);
    free(folder);
}

// --- a runner whose memory is changed ---------------------------------------------------------------

static char prefix[PATH_MAX] = "/tmp/test-followed-XXXXXX";

// The runner of this prefix is wild_runner, which does what its name says.
static void prefix_make(const char *attack) {
    char self[PATH_MAX] = "", path[PATH_MAX + 100], target[PATH_MAX + 40];
    const char *const folders[] = {"", "/libexec", "/libexec/unstuck"};
    cr_assert_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
    *strrchr(self, '/') = 0;
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s%s", prefix, attack, folders[i]);
        cr_assert_eq(mkdir(path, 0700), 0);
    }
    strcat(path, "/unstuck-runner");
    snprintf(target, sizeof target, "%s/programs/wild_runner", self);
    cr_assert_eq(symlink(target, path), 0);
    snprintf(path, sizeof path, "%s/%s", prefix, attack);
    setenv("UNSTUCK_PREFIX", path, 1);
}

static unsigned verdicts_under(const char *attack, char error[600]) {
    cr_assert_not_null(mkdtemp(prefix));
    config = (struct examine_config){.scenario = catalogue_find(&catalogue, "send-no-receiver"),
                                     .explore = true,
                                     .no_race = true,
                                     .witnessed = true};
    config.variant = scenario_variant(config.scenario, "exercise");
    prefix_make(attack);
    struct examination *x = examine_start(&config, why);
    cr_assert_not_null(x, "%s", why);
    examine_finish(x);
    unsigned verdicts = examine_answer(x)->verdicts;
    snprintf(error, 600, "%s", examine_answer(x)->error);
    examine_free(x);
    char *remove = text_format("rm -r %s", prefix);
    cr_expect_eq(system(remove), 0);
    free(remove);
    return verdicts;
}

// The exercise leaks in its first run, and whatever else is said, that is; `wanted`: all of it; `also`: what else
// may be: a runner may come to wait for ever for room that it has, and noise may tell of any failure of a run.
static void attack(const char *name, unsigned wanted, unsigned also) {
    char error[600];
    unsigned verdicts = verdicts_under(name, error);
    cr_assert_eq(verdicts & wanted, wanted, "%x: %s", verdicts, error);
    cr_assert_eq(verdicts & ~(VERDICT_LEAK | VERDICT_TAMPERED | also), 0u, "%x: %s", verdicts,
                 error);
    if (verdicts & VERDICT_TAMPERED)
        cr_assert_not_null(strstr(error, "What the process wrote down"), "%s", error);
}

#define ATTACK(name, wanted, also)                                                                 \
    Test(followed, attack_##name) {                                                                \
        attack(#name, wanted, also);                                                               \
    }

ATTACK(calm, VERDICT_LEAK, 0)
ATTACK(over, VERDICT_LEAK | VERDICT_TAMPERED, 0)
ATTACK(stop, VERDICT_LEAK | VERDICT_TAMPERED, 0)
ATTACK(untaped, VERDICT_LEAK | VERDICT_TAMPERED, 0)
ATTACK(seed, VERDICT_LEAK | VERDICT_TAMPERED, 0)
ATTACK(answered, VERDICT_LEAK, 0)
ATTACK(head_back, VERDICT_LEAK, VERDICT_TIMEOUT)
ATTACK(head_far, VERDICT_LEAK, 0)
ATTACK(tail, VERDICT_LEAK, VERDICT_TIMEOUT)
ATTACK(noise, VERDICT_LEAK, ~(unsigned)(VERDICT_BUILD | VERDICT_ENVIRONMENT))
ATTACK(tree, VERDICT_LEAK, 0)

Test(followed, attack_blank) {
    char error[600];
    cr_assert_neq(verdicts_under("blank", error), 0u);
}
