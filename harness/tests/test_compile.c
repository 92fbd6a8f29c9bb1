// A learner's file becomes objects, or the compiler's own words; never more than that, never later
// than its bound.
#include "harness/compile.h"
#include "harness/tests/prefix.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>

static struct catalogue c;
static char why[300];

static void start(void) {
    prefix_start();
    unsetenv("CC");
    prefix_scenario("one", 1);
    prefix_put("share/unstuck/scenarios/one/exercise.h", "int answer(void);\n");
    prefix_put("share/unstuck/harness/exercise-flags.txt",
               "# flags\n-std=gnu17\n-Wall\n-Werror\n\n-fPIC\n-shared\n");
    prefix_put("share/unstuck/harness/wrapped-symbols.txt", "# symbols\nputs\n");
    cr_assert(catalogue_open(&c, why), "%s", why);
    // From here on only what compile makes is in the temporary folder.
    char *folder = text_format("%s/tmp", prefix);
    mkdir(folder, 0755);
    setenv("TMPDIR", folder, 1);
    free(folder);
}

static void end(void) {
    catalogue_close(&c);
    prefix_end();
}

TestSuite(compile, .init = start, .fini = end);

static struct compilation *compile(const char *source) {
    char *file = prefix_write("mine/fix.c", source);
    struct compilation *x = compile_start(&c, &c.scenarios[0], file, why);
    cr_assert(x, "%s", why);
    free(file);
    return x;
}

static void nothing_left_behind(void) {
    char *folder = text_format("%s/tmp", prefix);
    cr_assert_eq(rmdir(folder), 0, "%s is not empty", folder);
    free(folder);
}

Test(compile, a_good_file_becomes_two_objects) {
    struct compilation *x = compile("#include \"exercise.h\"\nint answer(void) { return 42; }\n");
    cr_assert_eq(compile_finish(x), 1, "%s", compile_output(x));
    const struct variant *v = compile_variant(x);
    cr_assert_eq(v->kind, VARIANT_FILE);
    cr_assert_eq(access(v->object, R_OK), 0);
    cr_assert(v->tsan && access(v->tsan, R_OK) == 0);
    cr_assert_str_eq(compile_output(x), "");
    cr_assert_eq(compile_poll(x), 1);
    compile_free(x);
    nothing_left_behind();
}

Test(compile, what_does_not_compile_gets_the_compilers_words) {
    struct compilation *x = compile("int answer(void) { return nowhere; }\n");
    cr_assert_eq(compile_finish(x), -1);
    cr_assert(strstr(compile_output(x), "fix.c:1:"), "%s", compile_output(x));
    cr_assert(strstr(compile_output(x), "nowhere"), "%s", compile_output(x));
    cr_assert_null(compile_variant(x)->object);
    compile_free(x);
    nothing_left_behind();
}

Test(compile, the_flags_and_wrapped_symbols_of_the_build_count) {
    struct compilation *x = compile("int answer(void) { int unused; return 1; }\n");
    cr_assert_eq(compile_finish(x), -1, "-Wall -Werror was not passed on");
    compile_free(x);
    x = compile("#include <stdio.h>\nint answer(void) { return puts(\"\"); }\n");
    cr_assert_eq(compile_finish(x), 1, "%s", compile_output(x));
    char *object = text_file(compile_variant(x)->object, 1 << 22), *command;
    command = text_format("nm -D %s | grep -q ' U __wrap_puts$'", compile_variant(x)->object);
    cr_assert_eq(system(command), 0, "puts is not wrapped");
    free(command);
    free(object);
    compile_free(x);
}

Test(compile, what_no_run_may_call_is_refused_with_its_line) {
    struct compilation *x = compile("#include <time.h>\nint answer(void);\n"
                                    "int answer(void) { return time(NULL) > 0; }\n");
    cr_assert_eq(compile_finish(x), -1);
    cr_assert(strstr(compile_output(x), "fix.c:3: error: time() is refused"), "%s",
              compile_output(x));
    cr_assert(strstr(compile_output(x), "Use time_now()"), "%s", compile_output(x));
    cr_assert_null(compile_variant(x)->object);
    compile_free(x);
    nothing_left_behind();
}

Test(compile, endless_errors_are_cut_off) {
    struct text source = {0};
    for (int i = 0; i < 3000; i++)
        text_addf(&source, "#error number %d\n", i);
    prefix_put("share/unstuck/harness/exercise-flags.txt", "-fmax-errors=0\n-shared\n-fPIC\n");
    struct compilation *x = compile(source.data);
    cr_assert_eq(compile_finish(x), -1);
    cr_assert_leq(strlen(compile_output(x)), 64u << 10);
    cr_assert_geq(strlen(compile_output(x)), 60u << 10);
    text_free(&source);
    compile_free(x);
    nothing_left_behind();
}

Test(compile, odd_names_are_files_not_options) {
    const char *const names[] = {"-Wall.c", "a b.c", "o'clock $x.c"};
    cr_assert_eq(chdir(prefix), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        prefix_put(names[i], "int answer(void);\nint answer(void) { return 1; }\n");
        struct compilation *x = compile_start(&c, &c.scenarios[0], names[i], why);
        cr_assert(x, "%s", why);
        cr_assert_eq(compile_finish(x), 1, "%s: %s", names[i], compile_output(x));
        cr_assert_str_eq(compile_variant(x)->label, names[i]);
        compile_free(x);
    }
}

// A compiler that is a script of ours.
static void compiler_is(const char *script) {
    char *path = prefix_write("cc.sh", script);
    chmod(path, 0755);
    setenv("CC", path, 1);
    free(path);
}

static void refuses(const char *file, const char *said) {
    cr_assert_null(compile_start(&c, &c.scenarios[0], file, why));
    cr_assert(strstr(why, said), "%s", why);
    cr_assert_null(strchr(why, '\n'));
    nothing_left_behind();
}

Test(compile, no_file_no_source_no_folder) {
    refuses("/nowhere/x.c", "/nowhere/x.c");
    char *folder = text_format("%s/tmp", prefix);
    mkdir(folder, 0755);
    refuses(prefix, "no source file");
    free(folder);
}

Test(compile, a_missing_compiler_is_named) {
    char *file = prefix_write("mine/fix.c", "");
    setenv("CC", "no-such-compiler -O2", 1);
    refuses(file, "no-such-compiler");
    free(file);
}

Test(compile, without_any_compiler_it_says_what_to_install) {
    char *file = prefix_write("mine/fix.c", "");
    setenv("PATH", "/nowhere", 1);
    refuses(file, "Install");
    free(file);
}

Test(compile, a_temporary_folder_that_cannot_be_is_named) {
    char *file = prefix_write("mine/fix.c", "");
    setenv("TMPDIR", "/nowhere", 1);
    cr_assert_null(compile_start(&c, &c.scenarios[0], file, why));
    cr_assert(strstr(why, "TMPDIR"), "%s", why);
    free(file);
}

Test(compile, a_compiler_that_succeeds_without_an_object_has_failed) {
    compiler_is("#!/bin/sh\nexit 0\n");
    struct compilation *x = compile("");
    cr_assert_eq(compile_finish(x), -1);
    cr_assert(strstr(compile_output(x), "said nothing"), "%s", compile_output(x));
    compile_free(x);
}

// A variant of the catalogue, its files as if written in the given seconds.
static struct variant written(size_t variant, time_t source, time_t object) {
    struct variant v = c.scenarios[0].variants[variant];
    const struct timespec at_source[] = {{source, 0}, {source, 5}};
    const struct timespec at_object[] = {{object, 0}, {object, 5}};
    cr_assert_eq(utimensat(AT_FDCWD, v.source, at_source, 0), 0);
    cr_assert_eq(utimensat(AT_FDCWD, v.object, at_object, 0), 0);
    return v;
}

Test(compile, is_needed_where_the_source_is_newer) {
    struct variant v = written(0, 1000, 1001);
    cr_assert_not(compile_needed(&v));
    v = written(0, 1001, 1001);
    cr_assert_not(compile_needed(&v), "of equal age");
    v = written(0, 1002, 1001);
    cr_assert(compile_needed(&v));
    const struct timespec later[] = {{1001, 0}, {1001, 6}};
    v = written(0, 1001, 1001);
    utimensat(AT_FDCWD, v.source, later, 0);
    cr_assert(compile_needed(&v), "by less than a second");
    remove(v.source);
    cr_assert_not(compile_needed(&v), "nothing to compile");
    v.object = NULL;
    cr_assert(compile_needed(&v));
}

Test(compile, a_variant_renewed_is_the_same_with_other_objects) {
    struct compilation *x = compile("int answer(void);\nint answer(void) { return 1; }\n");
    cr_assert_eq(compile_finish(x), 1, "%s", compile_output(x));
    const struct variant *v = &c.scenarios[0].variants[0];
    struct variant renewed = compile_renewed(x, v);
    cr_assert_str_eq(renewed.label, v->label);
    cr_assert_eq(renewed.kind, VARIANT_EXERCISE);
    cr_assert_str_eq(renewed.object, compile_variant(x)->object);
    cr_assert_str_eq(renewed.tsan, compile_variant(x)->tsan);
    compile_free(x);
}

Test(compile, without_threadsanitizer_only_the_race_check_goes) {
    compiler_is("#!/bin/sh\ncase \"$*\" in *sanitize=thread*) exit 1;; esac\nexec gcc \"$@\"\n");
    struct compilation *x = compile("int answer(void);\nint answer(void) { return 1; }\n");
    cr_assert_eq(compile_finish(x), 1, "%s", compile_output(x));
    cr_assert(compile_variant(x)->object);
    cr_assert_null(compile_variant(x)->tsan);
    compile_free(x);
    nothing_left_behind();
}

// The compiler writes its process number and that of a child of its own, then both hang.
Test(compile, giving_up_ends_the_compiler_and_its_children) {
    compiler_is("#!/bin/sh\nsleep 1000 &\necho $$ $! >>$TMPDIR/../../pids\nwait\n");
    struct compilation *x = compile("");
    char *path = text_format("%s/pids", prefix), *pids = NULL;
    while (!pids || strchr(pids, '\n') == strrchr(pids, '\n')) { // both compilers' lines
        cr_assert_eq(compile_poll(x), 0);
        free(pids);
        pids = text_file(path, 1000);
    }
    compile_free(x);
    int parent = 0, child = 0;
    cr_assert_eq(sscanf(pids, "%d %d", &parent, &child), 2);
    cr_assert_neq(kill(parent, 0), 0);
    for (char state = 0; kill(child, 0) == 0 && state != 'Z';) { // init reaps it in its own time
        char *stat_path = text_format("/proc/%d/stat", child), *line = text_file(stat_path, 4000);
        state = line ? strrchr(line, ')')[2] : 'Z';
        free(stat_path);
        free(line);
    }
    free(path);
    free(pids);
    nothing_left_behind();
}

Test(compile, polling_never_blocks) {
    compiler_is("#!/bin/sh\nexec sleep 1000\n");
    struct compilation *x = compile("");
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(compile_poll(x), 0);
    compile_free(x);
}
