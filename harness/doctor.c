// doctor: see doctor.h.
#include "harness/doctor.h"

#include "harness/compile.h"
#include "harness/explore.h"
#include "harness/runner/sandbox.h"
#include "harness/text.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

// The scenario whose exercise races on every schedule.
#define RACY "race-unlocked-state"

const char *doctor_word(enum doctor_status status) {
    static const char *const words[] = {"fine", "limited", "unusable"};
    return words[status];
}

// Adds a check that is fine until spoiled.
static struct doctor_check *check_new(struct doctor_report *r, const char *id, const char *title) {
    struct doctor_check *check = &r->checks[r->count++];
    *check = (struct doctor_check){.id = id, .title = title};
    return check;
}

__attribute__((format(printf, 2, 3))) static void found(struct doctor_check *check,
                                                        const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->detail, sizeof check->detail, format, arguments);
    va_end(arguments);
}

static void spoil(struct doctor_check *check, enum doctor_status status, const char *advice) {
    check->status = status;
    snprintf(check->advice, sizeof check->advice, "%s", advice);
}

// --- the machine ------------------------------------------------------------------------------

static void check_kernel(struct doctor_report *r) {
    struct doctor_check *check = check_new(r, "kernel", "the kernel");
    struct utsname name;
    if (uname(&name) == 0)
        found(check, "%.60s %.100s on %.60s", name.sysname, name.release, name.machine);
}

static void check_locale(struct doctor_report *r) {
    struct doctor_check *check = check_new(r, "locale", "characters");
    const char *codeset = nl_langinfo(CODESET);
    found(check, "%s", codeset);
    if (strcmp(codeset, "UTF-8") == 0)
        return;
    spoil(check, DOCTOR_LIMITED,
          "Boxes and curves are drawn in ASCII. For more, set LANG to a UTF-8 locale "
          "(C.UTF-8 is always there).");
}

static void check_terminal(struct doctor_report *r) {
    struct doctor_check *check = check_new(r, "terminal", "a terminal for the screens");
    const char *term = getenv("TERM");
    struct winsize size = {0};
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        found(check, "stdin or stdout is no terminal");
        spoil(check, DOCTOR_LIMITED, "Every command works as plain text: unstuck --help");
    } else if (!term || !*term || strcmp(term, "dumb") == 0) {
        found(check, "TERM is %s", term && *term ? term : "not set");
        spoil(check, DOCTOR_LIMITED, "Set TERM to what your terminal is, e.g. xterm-256color.");
    } else {
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
        found(check, "%.60s, %ux%u", term, size.ws_col, size.ws_row);
        if (size.ws_col < 60 || size.ws_row < 16)
            spoil(check, DOCTOR_LIMITED, "The screens need 60x16. Make the window larger.");
    }
}

static void check_temporary(struct doctor_report *r) {
    struct doctor_check *check = check_new(r, "temporary", "a temporary folder");
    const char *where = getenv("TMPDIR");
    char *folder = text_format("%.200s/unstuck-XXXXXX", where && *where ? where : "/tmp");
    if (mkdtemp(folder)) {
        found(check, "%.200s", where && *where ? where : "/tmp");
        rmdir(folder);
    } else {
        found(check, "%.200s: %s", folder, strerror(errno));
        spoil(check, DOCTOR_UNUSABLE, "Point TMPDIR at a folder that can be written.");
    }
    free(folder);
}

// --- the sandbox ------------------------------------------------------------------------------

// What is said of a layer, and what to do where it is missing.
static const struct {
    const char *id, *title, *layer, *there, *missing, *advice;
} layers[] = {
    {"seccomp", "system calls of code under test", SANDBOX_CALLS, "only those of a list",
     "this kernel or container refuses seccomp",
     "Code under test may start processes and open the network. Use a kernel with "
     "CONFIG_SECCOMP_FILTER, or a container that allows seccomp, before you grade strangers' code."},
    {"landlock", "files that it can open", SANDBOX_FILES, "those it is made of",
     "this kernel has no Landlock, or it is off",
     "Code under test may read every file that you may, solutions included. Use Linux 5.13 or later "
     "with landlock in its lsm= list, or grade as a user of its own."},
    {"network", "network that it can reach", SANDBOX_NETWORK, "none",
     "no network namespace can be made here",
     "seccomp alone keeps code under test from the network. To allow more: sysctl "
     "kernel.unprivileged_userns_clone=1 or user.max_user_namespaces=1000; for a container, "
     "--security-opt seccomp=unconfined."},
};

static void check_layers(struct doctor_report *r, const char *in_force) {
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        struct doctor_check *check = check_new(r, layers[i].id, layers[i].title);
        bool there = strstr(in_force, layers[i].layer);
        found(check, "%s", there ? layers[i].there : layers[i].missing);
        if (!there)
            spoil(check, DOCTOR_LIMITED, layers[i].advice);
    }
}

// --- what the project needs -------------------------------------------------------------------

static void check_scenarios(struct doctor_report *r, const struct catalogue *c, const char *why) {
    struct doctor_check *check = check_new(r, "scenarios", "the scenarios");
    if (c) {
        found(check, "%zu in %.200s", c->count, c->libs);
        return;
    }
    found(check, "%s", why);
    spoil(check, DOCTOR_UNUSABLE, "Build with ./unstuck.");
}

static void compiled(struct doctor_check *check, struct compilation *x) {
    if (compile_finish(x) < 0) {
        found(check, "it does not compile what it should: %.200s", compile_output(x));
        spoil(check, DOCTOR_LIMITED, "Reinstall the compiler, or name another in CC.");
    } else if (!compile_variant(x)->tsan) {
        found(check, "compiles, but not with -fsanitize=thread");
        spoil(check, DOCTOR_LIMITED,
              "Races in your own files cannot be judged. Install the "
              "compiler's ThreadSanitizer runtime (gcc: libtsan).");
    } else {
        found(check, "compiles an exercise, plain and with ThreadSanitizer");
    }
}

static void check_compiler(struct doctor_report *r, const struct catalogue *c) {
    struct doctor_check *check = check_new(r, "compiler", "a compiler for your fixes");
    const struct scenario_info *s = &c->scenarios[0];
    char why[300];
    struct compilation *x = compile_start(c, s, s->variants[0].source, why);
    if (!x) {
        found(check, "%s", why);
        spoil(check, DOCTOR_LIMITED, "What is built can be run and judged; your changes cannot.");
        return;
    }
    compiled(check, x);
    compile_free(x);
}

// What a runner says of itself.
struct probed {
    char guard[40];   // how it guards its stacks; "": it did not start
    char sandbox[80]; // the layers of its sandbox
};

static void probe_runner(const struct scenario_info *s, struct probed *out, char *why) {
    struct child_config config = {.scenario = s, .variant = &s->variants[0]};
    struct job job = {.kind = JOB_RUN, .grace = s->terms.grace};
    snprintf(job.schedule.name, sizeof job.schedule.name, "%s", s->name);
    struct child *c = child_start(&config, &job, why);
    if (!c)
        return;
    enum child_state state = child_wait(c, 10 * SECOND);
    const struct shared *told = child_shared(c);
    if (state == CHILD_FINISHED) {
        snprintf(out->guard, sizeof out->guard, "%.*s", (int)sizeof told->guard - 1, told->guard);
        snprintf(out->sandbox, sizeof out->sandbox, "%.*s", (int)sizeof told->sandbox - 1,
                 told->sandbox);
    } else if (state == CHILD_FAILED)
        child_error(c, why, 300);
    else
        snprintf(why, 300, "it did not end within 10 s");
    child_free(c);
}

static void check_runner(struct doctor_report *r, const struct catalogue *c) {
    struct doctor_check *check = check_new(r, "runner", "running a scenario");
    struct probed probed = {0};
    char why[600] = "it said nothing";
    probe_runner(&c->scenarios[0], &probed, why);
    if (*probed.guard) {
        found(check, "a run of %.60s came to its end", c->scenarios[0].name);
        check = check_new(r, "guard", "stack overflows are caught by");
        found(check, "%s", probed.guard);
        check_layers(r, probed.sandbox);
        return;
    }
    found(check, "%.290s", why);
    spoil(check, DOCTOR_UNUSABLE,
          "Build again with ./unstuck. In a container, allow the system "
          "calls named above.");
}

static void judge_race(struct doctor_check *check, const struct answer *a) {
    if (a->race == RACE_FOUND) {
        found(check, "found the race in %s", RACY);
        return;
    }
    found(check, "%s",
          a->race == RACE_UNAVAILABLE ? a->race_note : "the race in " RACY " was not found");
    spoil(check, DOCTOR_LIMITED,
          "Races cannot be judged here, so no fix gets a PASS. A kernel with "
          "vm.mmap_rnd_bits above 28 may be why: sysctl vm.mmap_rnd_bits=28.");
}

static void check_tsan(struct doctor_report *r, const struct catalogue *c) {
    struct doctor_check *check = check_new(r, "race", "ThreadSanitizer, on a known race");
    const struct scenario_info *s = catalogue_find(c, RACY);
    if (!s) {
        found(check, "the scenario %s is missing", RACY);
        spoil(check, DOCTOR_LIMITED, "Build again with ./unstuck.");
        return;
    }
    struct examine_config config = {.scenario = s, .variant = &s->variants[0]};
    snprintf(config.schedule.name, sizeof config.schedule.name, "%s", s->name);
    char why[300];
    struct examination *x = examine_start(&config, why);
    if (!x) {
        found(check, "%s", why);
        spoil(check, DOCTOR_LIMITED, "Build again with ./unstuck.");
        return;
    }
    examine_finish(x);
    judge_race(check, examine_answer(x));
    examine_free(x);
}

void doctor_examine(const struct catalogue *c, const char *why, struct doctor_report *out) {
    *out = (struct doctor_report){0};
    check_scenarios(out, c, why);
    if (c) {
        check_runner(out, c);
        check_tsan(out, c);
        check_compiler(out, c);
    }
    check_temporary(out);
    check_terminal(out);
    check_locale(out);
    check_kernel(out);
    for (size_t i = 0; i < out->count; i++)
        if (out->checks[i].status > out->status)
            out->status = out->checks[i].status;
}
