// What may not be called is told by every name it goes by, with what to use instead; what may is not.
#include "harness/refused.c"
#include "harness/text.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

// --- the tables -------------------------------------------------------------------------------------

// Every kind of thing that makes one run unlike the next, by its best known functions.
static const struct {
    const char *symbol, *instead;
} known[] = {
    {"time", "time_now()"},
    {"clock_gettime@GLIBC_2.17", "time_now()"},
    {"gettimeofday", "time_now()"},
    {"localtime_r", "time_now()"},
    {"sleep", "task_sleep(ns)"},
    {"clock_nanosleep", "task_sleep(ns)"},
    {"alarm", "after_func(ns, task)"},
    {"timerfd_create", "after_func(ns, task)"},
    {"rand", "choose(n)"},
    {"drand48", "choose(n)"},
    {"getrandom", "choose(n)"},
    {"arc4random_uniform", "choose(n)"},
    {"pthread_create", "go(task, ...)"},
    {"thrd_create", "go(task, ...)"},
    {"pthread_mutex_lock", "mutex_lock(&mu)"},
    {"pthread_rwlock_rdlock", "rwmutex_rlock(&mu)"},
    {"pthread_cond_wait", "cond_wait(&changed, &mu)"},
    {"pthread_once", "once_do("},
    {"sem_wait", "sema_acquire("},
    {"sched_yield", "task_yield()"},
    {"fork", "go(task, ...)"},
    {"system", "go(task, ...)"},
    {"swapcontext", "go(task, ...)"},
    {"poll", "chan_select(...)"},
    {"epoll_wait", "chan_select(...)"},
    {"socket", "net_dial"},
    {"write", "printf(...)"},
    {"fopen", "exercise.h"},
    {"open64", "exercise.h"},
    {"read", "exercise.h"},
    {"__isoc99_scanf", "exercise.h"},
    {"__isoc23_fscanf", "exercise.h"},
    {"__fgets_chk", "exercise.h"},
    {"__read_chk", "exercise.h"},
    {"getenv", "argument"},
    {"getpid", "task_id()"},
    {"setlocale", "C locale"},
    {"strtok", "strtok_r()"},
    {"asprintf", "malloc()"},
    {"mmap", "malloc()"},
    {"_Exit", "panic("},
    {"atexit", "defer(...)"},
    {"signal", "channel"},
    {"dlsym", "core.h"},
    {"syscall", "core"},
};

Test(refused, what_depends_on_the_machine_has_an_alternative) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *instead = refused_instead(known[i].symbol);
        cr_expect(instead && strstr(instead, known[i].instead), "%s: %s", known[i].symbol,
                  instead ? instead : "allowed");
        cr_expect(!refused_never(known[i].symbol), "%s is in both tables", known[i].symbol);
    }
}

Test(refused, what_only_computes_is_not) {
    static const char *const names[] = {"memcpy",           "__memcpy_chk",   "strlen@GLIBC_2.2.5",
                                        "__isoc99_sscanf",  "qsort",          "__isoc23_strtol",
                                        "snprintf",         "__snprintf_chk", "_setjmp",
                                        "__longjmp_chk",    "rand_r",         "__errno_location",
                                        "stderr",           "__tsan_read4",   "__ubsan_handle_x",
                                        "__stack_chk_fail", "sqrt",           "__ctype_b_loc",
                                        "strtok_r",         "__assert_fail"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_expect(refused_never(names[i]), "%s", names[i]);
        cr_expect_null(refused_instead(names[i]), "%s", names[i]);
    }
}

// Names that merely look alike are nobody's business.
Test(refused, other_names_are_not) {
    static const char *const names[] = {"timer",         "times_two", "sema_acquire_at",
                                        "mutex_lock_at", "select_at", "once_do_at",
                                        "rando",         "readers",   ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_null(refused_instead(names[i]), "%s", names[i]);
}

// Calls `look` with each word of a row.
static void each_word(const char *words, void (*look)(const char *word, size_t row), size_t row) {
    char *copy = text_copy(words), *rest = NULL;
    for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
        look(w, row);
    free(copy);
}

static void expect_once(const char *word, size_t row) {
    char name[REFUSED_SYMBOL];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "*"), word);
    cr_expect(!names_have(harmless, name), "%s is in both tables", word);
    for (size_t i = 0; i < row; i++)
        cr_expect(!names_have(refusals[i].names, name), "%s is shadowed", word);
}

Test(refused, every_name_stands_once) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        each_word(refusals[i].names, expect_once, i);
}

// --- objects ----------------------------------------------------------------------------------------

static char *made(const char *name, const char *source) {
    const char *folder = getenv("TMPDIR");
    char *path = text_format("%s/%s.so", folder ? folder : "/tmp", name);
    char *command = text_format("cc -w -O1 -shared -fPIC -x c -o '%s' -", path);
    FILE *cc = popen(command, "w");
    cr_assert(cc);
    fputs(source, cc);
    cr_assert_eq(pclose(cc), 0, "%s", command);
    free(command);
    return path;
}

static bool core_has(const char *symbol) {
    return !strcmp(symbol, "task_id");
}

static bool libc_has(const char *symbol) {
    return !strcmp(symbol, "prctl");
}

Test(refused, calls_are_found_in_an_object) {
    struct refused r;
    char *path = made("calls", "int time(); int f(void) { return time(0); }");
    cr_assert(refused_find(path, NULL, NULL, NULL, &r));
    cr_assert_str_eq(r.symbol, "time");
    cr_assert(strstr(r.instead, "time_now()"));
    cr_assert(refused_find(path, NULL, core_has, libc_has, &r));
    cr_assert_str_eq(r.symbol, "time");
    unlink(path);
    free(path);
}

Test(refused, a_function_whose_address_is_taken_is_found) {
    struct refused r;
    char *path = made("address", "int rand(void); int (*f)(void) = rand;");
    cr_assert(refused_find(path, NULL, NULL, NULL, &r));
    cr_assert_str_eq(r.symbol, "rand");
    unlink(path);
    free(path);
}

Test(refused, what_the_object_or_its_driver_defines_is_its_own) {
    struct refused r;
    char *own = made("own", "int time(void *t) { return 1; } int f(void) { return time(0); }");
    char *calls = made("calls", "int connect(int); int f(void) { return connect(1); }");
    char *driver = made("driver", "int connect(int n) { return n; }");
    cr_assert(!refused_find(own, NULL, NULL, NULL, &r), "%s", r.symbol);
    cr_assert(refused_find(calls, NULL, NULL, NULL, &r));
    cr_assert(!refused_find(calls, driver, NULL, NULL, &r), "%s", r.symbol);
    char *paths[] = {own, calls, driver};
    for (int i = 0; i < 3; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
}

Test(refused, of_libc_only_what_computes_where_it_is_known_who_offers_what) {
    struct refused r;
    char *path = made("libc", "int prctl(), task_id(), lookup(), memcmp(); int f(void) { return "
                              "task_id() + lookup() + memcmp(f, f, prctl()) + prctl(); }");
    cr_assert(!refused_find(path, NULL, NULL, NULL, &r), "%s", r.symbol);
    cr_assert(refused_find(path, NULL, core_has, libc_has, &r));
    cr_assert_str_eq(r.symbol, "prctl");
    unlink(path);
    free(path);
}

Test(refused, variables_of_a_threads_own_are_found) {
    struct refused r;
    char *path = made("tls", "_Thread_local int mine; int f(void) { return mine++; }");
    cr_assert(refused_find(path, NULL, NULL, NULL, &r));
    cr_assert_str_eq(r.symbol, "");
    cr_assert(strstr(r.instead, "_Thread_local"));
    unlink(path);
    free(path);
}

Test(refused, nothing_to_read_is_nothing_to_refuse) {
    struct refused r;
    cr_assert(!refused_find("/nowhere.so", NULL, NULL, NULL, &r));
    cr_assert(!refused_find("/dev/null", NULL, NULL, NULL, &r));
    cr_assert(!refused_find("/", NULL, NULL, NULL, &r));
}

static void write_file(const char *path, const char *bytes, size_t size) {
    FILE *f = fopen(path, "w");
    cr_assert(f && fwrite(bytes, 1, size, f) == size);
    cr_assert_eq(fclose(f), 0);
}

static void damage(char *bytes, size_t size, uint64_t *state) {
    for (int i = 0; i < 8; i++) {
        *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bool head = i < 4; // the tables of sections and segments are found from there
        bytes[(*state >> 32) % (head ? 64 : size)] = (char)(*state >> 24);
    }
}

Test(refused, a_damaged_object_is_read_or_not_never_worse) {
    char *path = made("damaged", "int time(); int f(void) { return time(0); }");
    struct object o;
    struct refused r;
    cr_assert(object_open(&o, path));
    char *bytes = malloc(o.size);
    uint64_t state = 1;
    uint32_t found = 0;
    for (int i = 0; i < 2000; i++) {
        memcpy(bytes, o.bytes, o.size);
        damage(bytes, o.size, &state);
        char *copy = text_format("%s.%d", path, i);
        write_file(copy, bytes, i % 4 ? o.size : o.size / 2);
        found += refused_find(copy, copy, NULL, NULL, &r);
        unlink(copy);
        free(copy);
    }
    cr_assert_gt(found, 0, "the damage is too great");
    cr_assert_lt(found, 2000, "the damage is too small");
    free(bytes);
    object_close(&o);
    unlink(path);
    free(path);
}

// The core may be called: none of its names is refused.
Test(refused, nothing_that_the_runner_offers) {
    char *path = text_format("%s/libexec/unstuck/unstuck-runner", getenv("UNSTUCK_BUILD"));
    struct object o;
    cr_assert(object_open(&o, path), "%s", path);
    int offered = 0;
    for (size_t i = 0; i < o.dynamic.count; i++) {
        const Elf64_Sym *s = &o.dynamic.list[i];
        if (s->st_shndx == SHN_UNDEF || ELF64_ST_TYPE(s->st_info) != STT_FUNC)
            continue;
        const char *name = object_name(&o.dynamic, s);
        cr_expect(name && !refused_instead(name), "%s", name ? name : "(none)");
        offered++;
    }
    cr_assert_gt(offered, 100);
    object_close(&o);
    free(path);
}

// --- sources ----------------------------------------------------------------------------------------

Test(refused, the_line_is_that_of_the_call) {
    cr_assert_eq(refused_line("int a;\nint b = time(0);\n", "time"), 2);
    cr_assert_eq(refused_line("int b =\n\n time  (0);", "time"), 3);
    cr_assert_eq(refused_line("// time(0)\n/* time(0)\n */ \"time(0)\"\n'\\'' time(0);", "time"),
                 4);
    cr_assert_eq(refused_line("uptime(0); time_now(); a.times(1);\ntime(0)", "time"), 2);
    cr_assert_eq(refused_line("f = time;", "time"), 0);
    cr_assert_eq(refused_line("\"unended time(0)", "time"), 0);
    cr_assert_eq(refused_line("/* time(0)", "time"), 0);
    cr_assert_eq(refused_line("", "time"), 0);
    cr_assert_eq(refused_line("(1)", ""), 0);
}
