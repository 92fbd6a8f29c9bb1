// compile: runs the compiler on a learner's file, once plain and once for ThreadSanitizer, side by
// side, and never waits for either without a bound.
//
// Each compiler is a child in its own process group with its output on a pipe that is read
// without blocking; a source that makes it loop or print for ever costs 30 s and 64 KB at most. The
// objects of a learner's file lie in a temporary folder that goes with the compilation; those of a
// pack's own sources are kept in the cache, if that can be written.
#include "harness/compile.h"

#include "harness/api.h"
#include "harness/cache.h"
#include "harness/clock.h"
#include "harness/file.h"
#include "harness/launch.h"
#include "harness/refused.h"
#include "harness/scan.h"
#include "harness/text.h"
#include "harness/vet.h"
#include "harness/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Instrumented, but linked without libtsan: the runner that loads the object has it.
#define TSAN_FLAGS "-fsanitize=thread -nodefaultlibs -lc -lgcc"
// clang tells of no read that a write of the same follows, unless it is asked to.
#define CLANG_TSAN_FLAGS "-mllvm -tsan-instrument-read-before-write=1"

// The name that a list of sources is written for; what make would call the target.
#define DEPENDENCIES "-MD", "-MT", "object", "-MF"

enum {
    WHY = 300,
    OUTPUT_LIMIT = (64 << 10) - 128,
    LIST_LIMIT = 1 << 16,
    SOURCE_LIMIT = 1 << 20,
    VIEW_LIMIT = 16 << 20
};
enum { BOUND_SECONDS = 30, OBJECT_LIMIT = 64 << 20 };
static const rlim_t DATA_LIMIT = (rlim_t)2 << 30;

// One compiler process.
struct compiler {
    pid_t pid;        // 0: not started, or reaped
    int output;       // reading end of its stdout and stderr, -1: at its end
    int status;       // as from waitpid, once pid is 0
    char *object;     // what it writes
    struct text text; // what it said, at most OUTPUT_LIMIT bytes, and perhaps a word of ours
};

// What is compiled, and from that: where its objects go.
enum kind {
    KIND_FILE,     // a learner's file
    KIND_COPY,     // a copy of one
    KIND_VARIANT,  // a pack's exercise, solution or wrong fix
    KIND_DRIVER,   // a pack's scenario.c
    KIND_EXERCISE, // a pack's exercise that the scenario will be described by
};

struct compilation {
    enum kind kind;
    char *folder;    // holds the objects
    bool cached;     // the folder is the cache's; else it goes with the compilation
    uint64_t recipe; // in the cache
    int64_t since;   // real ns, when the compilers were started
    char *root, *core, *contract, *scenario; // COPY: where the headers are that it may read
    char *driver; // of the scenario, which its exercise may call; NULL: none
    char *driver_tsan, *libexec, *root_folder, *exercise_h;
    struct compiler plain;    // its success decides
    struct compiler tsan;     // its failure only makes the race check unavailable
    struct compiler views[2]; // the source preprocessed for the one and for the other, if vetted
    bool tampered;            // it goes round the core or who judges it
    struct variant variant;
    int64_t deadline; // monotonic ns
    bool late;        // was stopped at the deadline
    int state;        // as compile_poll returns it
};

// A list of arguments under construction, NULL-terminated, each malloc'ed.
struct arguments {
    char **items;
    size_t count;
};

// --- arguments ------------------------------------------------------------------------------

static void argument_add(struct arguments *a, char *owned) {
    a->items = more_memory(a->items, a->count + 2, sizeof *a->items);
    a->items[a->count++] = owned;
    a->items[a->count] = NULL;
}

static void arguments_free(struct arguments *a) {
    for (size_t i = 0; i < a->count; i++)
        free(a->items[i]);
    free(a->items);
}

// Adds each word of $CC, which may carry options or a launcher.
static void words_add(struct arguments *a, const char *words) {
    for (words += strspn(words, " \t"); *words; words += strspn(words, " \t")) {
        size_t length = strcspn(words, " \t");
        argument_add(a, text_format("%.*s", (int)length, words));
        words += length;
    }
}

// Adds `prefix` and each line of share/unstuck/harness/FILE that is neither empty nor a comment.
static bool lines_add(struct arguments *a, const struct catalogue *c, const char *file,
                      const char *prefix, char *why) {
    char *path = text_format("%s/harness/%s", c->root, file);
    char *text = text_file(path, LIST_LIMIT);
    if (!text)
        snprintf(why, WHY, "%.200s: %.50s. Build again with ./unstuck.", path, strerror(errno));
    for (const char *line = text; line && *line;) {
        size_t length = strcspn(line, "\r\n");
        if (length && *line != '#')
            argument_add(a, text_format("%s%.*s", prefix, (int)length, line));
        line += length + strspn(line + length, "\r\n");
    }
    free(path);
    free(text);
    return text != NULL;
}

// Where a program is, malloc'ed; NULL: not in PATH.
static char *program_find(const char *program) {
    if (strchr(program, '/'))
        return access(program, X_OK) == 0 ? text_copy(program) : NULL;
    const char *path = getenv("PATH");
    for (path = path ? path : "/usr/bin:/bin"; *path; path += *path == ':') {
        size_t length = strcspn(path, ":");
        char *file = text_format("%.*s/%s", (int)length, path, program);
        if (access(file, X_OK) == 0)
            return file;
        free(file);
        path += length;
    }
    return NULL;
}

static bool in_path(const char *program) {
    char *found = program_find(program);
    free(found);
    return found;
}

static bool compiler_add(struct arguments *a, char *why) {
    const char *given = getenv("CC");
    if (given && given[strspn(given, " \t")]) {
        words_add(a, given);
        if (in_path(a->items[0]))
            return true;
        snprintf(why, WHY, "no compiler: CC says `%.80s`, which is not there. Unset CC or mend it.",
                 a->items[0]);
        return false;
    }
    const char *name = in_path("gcc") ? "gcc" : in_path("clang") ? "clang" : NULL;
    if (name)
        argument_add(a, text_copy(name));
    else
        snprintf(why, WHY,
                 "no compiler: neither gcc nor clang is in PATH. Install one (Debian: "
                 "apt-get install gcc), or name it in CC.");
    return name != NULL;
}

// Exercise and driver call each other: the object names its driver, which the loader then finds
// beside the shipped ones.
static void driver_add(struct arguments *a, const char *driver) {
    const char *slash = driver ? strrchr(driver, '/') : NULL;
    if (!slash)
        return;
    argument_add(a, text_copy("-Wl,--no-as-needed"));
    argument_add(a, text_format("-L%.*s", (int)(slash - driver), driver));
    argument_add(a, text_format("-l:%s", slash + 1));
    argument_add(a, text_format("-Wl,-rpath,%.*s", (int)(slash - driver), driver));
}

// What is to become an object.
struct input {
    const struct catalogue *catalogue;
    const struct scenario_info *scenario;
    const char *file;
    enum kind kind;
    const char *shown; // COPY: what the file is called
};

// Source positions hold no path of this machine, be it that of the program, of the pack or of the
// learner's workspace.
static void folders_add(struct arguments *a, const struct input *in) {
    const char *roots[] = {in->catalogue->root, in->scenario->pack};
    char *workspace = in->kind == KIND_FILE ? workspace_find(in->file) : NULL;
    if (workspace)
        argument_add(a, text_format("-fmacro-prefix-map=%s/=", workspace));
    free(workspace);
    for (size_t i = 0; i < sizeof roots / sizeof *roots && roots[i]; i++) {
        argument_add(a, text_format("-I%s", roots[i]));
        argument_add(a, text_format("-fmacro-prefix-map=%s/=", roots[i]));
    }
    argument_add(a, text_format("-I%s", in->scenario->folder));
    if (in->shown)
        argument_add(a, text_format("-ffile-prefix-map=%s=%s", in->file, in->shown));
}

// By its name, which in $CC may stand behind a launcher; nothing but that is among the arguments yet.
static bool is_clang(const struct arguments *a) {
    for (size_t i = 0; i < a->count; i++)
        if (*a->items[i] != '-' && strstr(a->items[i], "clang"))
            return true;
    return false;
}

static const char *object_name(enum kind kind) {
    static const char *const names[] = {"learner", "learner", "variant", "driver", "exercise"};
    return names[kind];
}

static bool arguments_make(struct arguments *a, const struct input *in, const char *object,
                           bool tsan, char *why) {
    const struct catalogue *c = in->catalogue;
    const struct scenario_info *s = in->scenario;
    if (!compiler_add(a, why))
        return false;
    bool clang = is_clang(a);
    if (!lines_add(a, c, "exercise-flags.txt", "", why) ||
        !lines_add(a, c, "wrapped-symbols.txt", "-Wl,--wrap=", why))
        return false;
    folders_add(a, in);
    argument_add(a, text_copy("-o"));
    argument_add(a, text_copy(object));
    // A name that begins with a dash must not be read as an option.
    argument_add(a, text_format("%s%s", *in->file == '-' ? "./" : "", in->file));
    if (in->kind == KIND_DRIVER)
        argument_add(a, text_format("-Wl,-soname,driver%s.so", tsan ? ".tsan" : ""));
    else
        driver_add(a, tsan ? s->driver_tsan : s->driver);
    if (tsan)
        words_add(a, TSAN_FLAGS);
    if (tsan && clang)
        words_add(a, CLANG_TSAN_FLAGS);
    return true;
}

// What makes an object of it, as against what says how it is to be read.
static bool for_objects(const char *word) {
    static const char *const beginnings[] = {"-Wl,", "-shared", "-fmacro-prefix-map="};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(word, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

// The source preprocessed for one of the two, into `out`.
static bool arguments_expand(struct arguments *a, const struct input *in, const char *out,
                             bool tsan, char *why) {
    struct arguments whole = {0};
    bool good = arguments_make(&whole, in, out, tsan, why);
    for (size_t i = 0; good && i < whole.count; i++)
        if (!for_objects(whole.items[i]) && strcmp(whole.items[i], "-nodefaultlibs") != 0 &&
            strncmp(whole.items[i], "-l", 2) != 0 && strncmp(whole.items[i], "-L", 2) != 0)
            argument_add(a, text_copy(whole.items[i]));
    argument_add(a, text_copy("-E"));
    argument_add(a, text_copy("-w"));
    arguments_free(&whole);
    return good;
}

char *compile_words(const struct catalogue *c, const struct scenario_info *s, const char *file) {
    char why[WHY];
    struct arguments a = {0};
    struct text words = {0};
    struct input in = {c, s, file, KIND_FILE, NULL};
    if (!compiler_add(&a, why))
        argument_add(&a, text_copy("cc"));
    lines_add(&a, c, "exercise-flags.txt", "", why);
    folders_add(&a, &in);
    for (size_t i = 0; i < a.count; i++)
        if (!for_objects(a.items[i]))
            text_addf(&words, "%s\n", a.items[i]);
    text_addf(&words, "-c\n%s\n", file);
    arguments_free(&a);
    return text_take(&words);
}

// --- processes ------------------------------------------------------------------------------

// A few lines can ask for an object, or for a compiler, of any size. Object files are some KB.
static void limits_set(void) {
    const struct rlimit file = {OBJECT_LIMIT, OBJECT_LIMIT}, data = {DATA_LIMIT, DATA_LIMIT};
    setrlimit(RLIMIT_FSIZE, &file);
    setrlimit(RLIMIT_DATA, &data);
}

// In the child: becomes the compiler, never returns. Its own temporary files go into `folder`: a
// compiler that is killed leaves them behind.
static _Noreturn void become(char **arguments, const char *folder, int output) {
    setenv("TMPDIR", folder, 1);
    limits_set();
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing < 0)
        _exit(127);
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(arguments[0], arguments);
    static const char message[] = "unstuck: the compiler could not be started\n";
    ssize_t told = write(STDERR_FILENO, message, sizeof message - 1);
    _exit(told < 0 ? 126 : 127);
}

static bool compiler_start(struct compiler *p, char **arguments, const char *folder, char *why) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        snprintf(why, WHY, "the compiler's pipe: %s.", strerror(errno));
        return false;
    }
    p->pid = launch_fork();
    if (p->pid == 0)
        become(arguments, folder, ends[1]);
    close(ends[1]);
    if (p->pid < 0) {
        snprintf(why, WHY, "the compiler could not be started: %s.", strerror(errno));
        p->pid = 0;
        close(ends[0]);
        return false;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    p->output = ends[0];
    return true;
}

// Takes what the pipe holds now; what is past the limit is read and dropped.
static void drain(struct compiler *p) {
    char block[4096];
    ssize_t got = -1;
    while (p->output >= 0 && (got = read(p->output, block, sizeof block)) > 0) {
        size_t room = OUTPUT_LIMIT - p->text.length;
        text_add(&p->text, block, (size_t)got < room ? (size_t)got : room);
    }
    bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
    if (p->output < 0 || later)
        return;
    close(p->output);
    p->output = -1;
}

// Looks once. True: it has ended and everything it said was read.
static bool compiler_ended(struct compiler *p) {
    drain(p);
    if (p->pid && waitpid(p->pid, &p->status, WNOHANG) == p->pid) {
        kill(-p->pid, SIGKILL); // whoever it left behind would keep the pipe open
        p->pid = 0;
        drain(p);
    }
    return p->pid == 0;
}

static void compiler_stop(struct compiler *p) {
    if (p->pid) {
        kill(-p->pid, SIGKILL);
        kill(p->pid, SIGKILL);
        while (waitpid(p->pid, &p->status, 0) < 0 && errno == EINTR)
            continue;
        p->pid = 0;
    }
    if (p->output >= 0)
        close(p->output);
    p->output = -1;
}

static bool succeeded(const struct compiler *p) {
    return p->pid == 0 && WIFEXITED(p->status) && WEXITSTATUS(p->status) == 0 &&
           access(p->object, R_OK) == 0;
}

// --- what is to be compiled -----------------------------------------------------------------

static bool later(const struct timespec *a, const struct timespec *b) {
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static bool same_file(const char *a, const char *b) {
    char *text = text_file(a, SOURCE_LIMIT);
    bool same = text && file_holds(b, text);
    free(text);
    return same;
}

bool compile_needed(const struct variant *v) {
    struct stat source, object;
    if (!v->object || (v->shipped && !same_file(v->source, v->shipped)))
        return true;
    if (stat(v->shipped ? v->shipped : v->source, &source) != 0 || stat(v->object, &object) != 0)
        return false;
    return later(&source.st_mtim, &object.st_mtim);
}

// --- the cache ------------------------------------------------------------------------------

// What a program is, as far as its file tells.
static uint64_t mix_program(uint64_t hash, const char *path) {
    struct stat info;
    if (!path || stat(path, &info) != 0)
        return hash;
    char *words = text_format("%s %lld %lld.%09ld", path, (long long)info.st_size,
                              (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    hash = cache_mix(hash, words);
    free(words);
    return hash;
}

static uint64_t mix_environment(uint64_t hash) {
    static const char *const names[] = {"CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        hash = cache_mix(hash, value ? value : "");
    }
    return hash;
}

// Everything the objects come from but the sources: the arguments, who reads them (each word of $CC may
// be a program), and the runner, which describes what is compiled. The object for ThreadSanitizer
// differs by arguments that are always the same.
static bool recipe_make(struct compilation *x, const struct input *in, char *why) {
    struct arguments a = {0};
    char *runner = text_format("%s/unstuck-runner", in->catalogue->libexec);
    uint64_t hash = mix_program(mix_environment(CACHE_NOTHING), runner);
    bool good = arguments_make(&a, in, object_name(in->kind), false, why);
    for (size_t i = 0; good && i < a.count; i++) {
        char *program = *a.items[i] == '-' ? NULL : program_find(a.items[i]);
        hash = cache_mix(mix_program(hash, program), a.items[i]);
        free(program);
    }
    x->recipe = hash;
    free(runner);
    arguments_free(&a);
    return good;
}

static char *object_path(const struct compilation *x, bool tsan) {
    return text_format("%s/%s%s.so", x->folder, object_name(x->kind), tsan ? ".tsan" : "");
}

static char *depfile_path(const struct compilation *x) {
    return text_format("%s/sources.d", x->folder);
}

// Where the objects are now. A name by which there is none stays NULL.
static void objects_name(struct compilation *x) {
    struct compiler *both[] = {&x->plain, &x->tsan};
    for (int i = 0; i < 2; i++) {
        free(both[i]->object);
        both[i]->object = object_path(x, i);
    }
    x->variant.object = x->plain.object;
    x->variant.tsan = access(x->tsan.object, R_OK) == 0 ? x->tsan.object : NULL;
}

// What is compiled from a pack stays; a learner's file changes all the time.
static bool is_kept(const struct compilation *x) {
    return x->kind != KIND_FILE && x->kind != KIND_COPY;
}

// True: made before, nothing is to be done.
static bool made_before(struct compilation *x) {
    if (!is_kept(x))
        return false;
    x->folder = cache_find(x->recipe);
    if (!x->folder)
        return false;
    x->cached = true;
    x->state = 1;
    objects_name(x);
    utimensat(AT_FDCWD, x->plain.object, NULL, 0); // it is that of the source as it is now
    return true;
}

void compile_keep(struct compilation *x) {
    char *depfile = depfile_path(x);
    if (x->state == 1 && is_kept(x) && !x->cached && x->variant.tsan)
        x->cached = cache_keep(&x->folder, x->recipe, depfile, x->since);
    if (x->cached)
        objects_name(x);
    free(depfile);
}

// --- the compilation ------------------------------------------------------------------------

static bool start_one(struct compilation *x, struct compiler *p, const struct input *in,
                      char *why) {
    struct arguments a = {0};
    bool tsan = p == &x->tsan;
    p->object = object_path(x, tsan);
    bool good = arguments_make(&a, in, p->object, tsan, why);
    if (!tsan && x->kind != KIND_FILE) { // who needs to know what was read for it
        const char *const flags[] = {DEPENDENCIES};
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
            argument_add(&a, text_copy(flags[i]));
        argument_add(&a, depfile_path(x));
    }
    good = good && compiler_start(p, a.items, x->folder, why);
    arguments_free(&a);
    return good;
}

// A pack describes itself by what its author wrote.
static bool is_vetted(const struct compilation *x) {
    return x->kind != KIND_DRIVER && x->kind != KIND_EXERCISE;
}

static bool start_view(struct compilation *x, bool tsan, const struct input *in, char *why) {
    struct arguments a = {0};
    struct compiler *p = &x->views[tsan];
    p->object = text_format("%s/view%s.i", x->folder, tsan ? ".tsan" : "");
    bool good = arguments_expand(&a, in, p->object, tsan, why) &&
                compiler_start(p, a.items, x->folder, why);
    arguments_free(&a);
    return good;
}

static bool readable(const char *file, char *why) {
    struct stat info;
    if (stat(file, &info) != 0 || access(file, R_OK) != 0)
        snprintf(why, WHY, "%.200s: %.50s.", file, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        snprintf(why, WHY, "%.200s is no source file.", file);
    else
        return true;
    return false;
}

static bool folder_make(struct compilation *x, char *why) {
    if (is_kept(x)) {
        x->folder = cache_folder(why);
        return x->folder;
    }
    const char *where = getenv("TMPDIR");
    x->folder = text_format("%s/unstuck-XXXXXX", where && *where ? where : "/tmp");
    if (mkdtemp(x->folder))
        return true;
    snprintf(why, WHY, "%.150s: %.50s. Point TMPDIR at a folder that can be written.", x->folder,
             strerror(errno));
    free(x->folder);
    x->folder = NULL;
    return false;
}

// The kernel's own clock for the times of files, which is a tick behind.
static int64_t file_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

static bool start_both(struct compilation *x, const struct input *in, char *why) {
    x->since = file_time();
    return folder_make(x, why) && start_one(x, &x->plain, in, why) &&
           start_one(x, &x->tsan, in, why) &&
           (!is_vetted(x) || (start_view(x, false, in, why) && start_view(x, true, in, why)));
}

static char *real_path(const char *folder, const char *name) {
    char *path = text_format("%s/%s", folder, name), *real = realpath(path, NULL);
    free(path);
    return real;
}

static void copy_set(struct compilation *x, const struct input *in) {
    free(x->variant.label);
    x->variant.label = text_copy(in->shown);
    x->root = text_format("%s/", in->catalogue->root);
    x->core = real_path(in->catalogue->root, "core");
    x->contract = real_path(in->catalogue->root, "harness/scenario.h");
    x->scenario = real_path(in->scenario->folder, "exercise.h");
}

static struct compilation *start(const struct input *in, char *why) {
    struct compilation *x = zero_alloc(1, sizeof *x);
    x->kind = in->kind;
    x->plain.output = x->tsan.output = x->views[0].output = x->views[1].output = -1;
    if (in->scenario && in->scenario->driver)
        x->driver = text_copy(in->scenario->driver);
    if (in->scenario && in->scenario->driver_tsan)
        x->driver_tsan = text_copy(in->scenario->driver_tsan);
    x->libexec = text_copy(in->catalogue->libexec);
    x->root_folder = text_copy(in->catalogue->root);
    x->exercise_h = text_format("%s/exercise.h", in->scenario->folder);
    x->deadline = clock_now() + BOUND_SECONDS * SECOND;
    x->variant = (struct variant){
        .kind = VARIANT_FILE,
        .file = text_copy(in->file),
        .label = text_copy(in->file),
        .source = realpath(in->file, NULL),
        .idea = text_copy(""),
        .caught_by = text_copy(""),
        .comment = text_copy(""),
    };
    if (in->shown)
        copy_set(x, in);
    if (readable(in->file, why) && (!is_kept(x) || recipe_make(x, in, why)) &&
        (made_before(x) || start_both(x, in, why)))
        return x;
    compile_free(x);
    return NULL;
}

static bool belongs_to(const struct scenario_info *s, const char *file) {
    size_t length = s->pack ? strlen(s->pack) : 0;
    return length && strncmp(file, s->pack, length) == 0 && file[length] == '/';
}

struct compilation *compile_start(const struct catalogue *c, const struct scenario_info *s,
                                  const char *file, char *why) {
    enum kind kind = belongs_to(s, file) ? KIND_VARIANT : KIND_FILE;
    return start(&(struct input){c, s, file, kind, NULL}, why);
}

struct compilation *compile_copy(const struct catalogue *c, const struct scenario_info *s,
                                 const char *file, const char *shown, char *why) {
    return start(&(struct input){c, s, file, KIND_COPY, shown}, why);
}

struct compilation *compile_driver(const struct catalogue *c, const struct scenario_info *s,
                                   const char *file, char *why) {
    return start(&(struct input){c, s, file, KIND_DRIVER, NULL}, why);
}

struct compilation *compile_exercise(const struct catalogue *c, const struct scenario_info *s,
                                     const char *file, char *why) {
    return start(&(struct input){c, s, file, KIND_EXERCISE, NULL}, why);
}

// What the compiler has nothing against, but a run has, in the compiler's way of saying it.
static bool is_refused(struct compilation *x) {
    struct refused r;
    if (x->kind == KIND_DRIVER || !refused_find(x->plain.object, x->driver, NULL, NULL, &r))
        return false;
    char *source = text_file(x->variant.source, SOURCE_LIMIT);
    int line = source ? refused_line(source, r.symbol) : 0;
    text_addf(&x->plain.text, "%s:", x->kind == KIND_COPY ? x->variant.label : x->variant.file);
    if (line)
        text_addf(&x->plain.text, "%d:", line);
    if (*r.symbol)
        text_addf(&x->plain.text,
                  " error: %s() is refused, since a run depends on its schedule alone.", r.symbol);
    text_addf(&x->plain.text, "%s %s\n", *r.symbol ? "" : " error:", r.instead);
    free(source);
    return true;
}

// --- ways round -------------------------------------------------------------------------------

// What goes round the core, or who judges, in the compiler's way of saying it. Returns true.
static bool tampers(struct compilation *x, int line, const char *what, const char *instead) {
    text_addf(&x->plain.text, "%s:", x->kind == KIND_COPY ? x->variant.label : x->variant.file);
    if (line)
        text_addf(&x->plain.text, "%d:", line);
    text_addf(&x->plain.text, " error: %s is refused. %s\n", what, instead);
    x->tampered = true;
    return true;
}

static bool source_tampers(struct compilation *x, const struct api *api) {
    struct vetted v;
    size_t size;
    char *text = text_file_bytes(x->variant.source, SOURCE_LIMIT, &size);
    bool bad = text ? vet_source(text, size, api, &v) && tampers(x, v.line, v.what, v.instead)
                    : tampers(x, 0, "a source that cannot be read", "1 MB is the most.");
    free(text);
    return bad;
}

static bool views_tamper(struct compilation *x) {
    struct vetted v;
    size_t size[2] = {0};
    char *text[2];
    for (int i = 0; i < 2; i++)
        text[i] = text_file_bytes(x->views[i].object, VIEW_LIMIT, &size[i]);
    bool bad = !text[0] || (!text[1] && succeeded(&x->tsan));
    if (bad)
        tampers(x, 0, "what the preprocessor makes of it", "It is larger than 16 MB.");
    else
        bad = (vet_expanded(text[0], size[0], &v) ||
               (text[1] && !vet_same(text[0], size[0], text[1], size[1], &v))) &&
              tampers(x, v.line, v.what, v.instead);
    free(text[0]);
    free(text[1]);
    return bad;
}

static bool object_tampers(struct compilation *x, const struct api *api, bool tsan) {
    struct scanned found;
    char *runner = text_format("%s/unstuck-runner", x->libexec);
    struct scan_terms terms = {
        .runner = runner, .driver = tsan ? x->driver_tsan : x->driver, .api = api, .threads = tsan};
    bool bad = scan_object(tsan ? x->tsan.object : x->plain.object, &terms, &found);
    if (bad) {
        char *source = text_file(x->variant.source, SOURCE_LIMIT);
        tampers(x, source ? refused_line(source, found.symbol) : 0, found.what, found.instead);
        free(source);
    }
    free(runner);
    return bad;
}

// Whether it holds anything that it may not, in either build.
static bool is_tampered(struct compilation *x) {
    if (!is_vetted(x))
        return false;
    struct api *api = api_read(x->root_folder, x->exercise_h);
    bool bad = source_tampers(x, api) || views_tamper(x) || object_tampers(x, api, false) ||
               (succeeded(&x->tsan) && object_tampers(x, api, true));
    api_free(api);
    return bad;
}

bool compile_tampered(const struct compilation *x) {
    return x->tampered;
}

// --- copies -----------------------------------------------------------------------------------

// Puts `by` for every `what` in the text.
static void replace_all(struct text *t, const char *what, const char *by) {
    struct text whole = {0};
    const char *at = t->data ? t->data : "", *found;
    for (; *what && (found = strstr(at, what)); at = found + strlen(what)) {
        text_add(&whole, at, (size_t)(found - at));
        text_add(&whole, by, strlen(by));
    }
    text_add(&whole, at, strlen(at));
    text_free(t);
    *t = whole;
}

// What the compiler said, without the names that only this machine has.
static void names_mend(struct compilation *x) {
    replace_all(&x->plain.text, x->variant.file, x->variant.label);
    replace_all(&x->plain.text, x->root, "");
}

static bool begins(const char *path, const char *folder) {
    return strncmp(path, folder, strlen(folder)) == 0;
}

static bool is_same(const char *path, const char *file) {
    return file && strcmp(path, file) == 0;
}

// Whether an exercise has a right to that header. What is installed lies where systems keep theirs, so the
// house comes first.
static bool is_rightful(const struct compilation *x, const char *path) {
    static const char *const system[] = {"/usr/include/", "/usr/lib/", "/usr/local/", "/opt/"};
    size_t core = x->core ? strlen(x->core) : 0;
    if (is_same(path, x->scenario) || is_same(path, x->contract))
        return true;
    if (core && begins(path, x->core) && path[core] == '/')
        return true;
    for (size_t i = 0; i < sizeof system / sizeof *system && !begins(path, x->root); i++)
        if (begins(path, system[i]))
            return true;
    return false;
}

char *compile_strange(const struct compilation *x) {
    char *depfile = depfile_path(x), *rule = text_file(depfile, LIST_LIMIT);
    char *strange = NULL, *own = realpath(x->variant.file, NULL);
    const char *at = rule ? strstr(rule, ": ") : NULL;
    at += at != NULL;
    while (at && !strange) {
        char *path = cache_source(&at), *real = path ? realpath(path, NULL) : NULL;
        if (!path)
            break;
        if (!real || (strcmp(real, own ? own : "") != 0 && !is_rightful(x, real)))
            strange = text_copy(path + (begins(path, x->root) ? strlen(x->root) : 0));
        free(path);
        free(real);
    }
    free(own);
    free(rule);
    free(depfile);
    return strange;
}

// --- what came of it ----------------------------------------------------------------------------

// Everything has ended: what came of it.
static int settle(struct compilation *x) {
    if (x->kind == KIND_COPY)
        names_mend(x);
    if (x->late)
        text_addf(&x->plain.text, "unstuck: the compiler was stopped after %d s\n", BOUND_SECONDS);
    if (!succeeded(&x->plain)) {
        if (!x->plain.text.length)
            text_addf(&x->plain.text, "unstuck: the compiler failed and said nothing\n");
        return -1;
    }
    if (is_refused(x) || is_tampered(x))
        return -1;
    x->variant.object = x->plain.object;
    x->variant.tsan = succeeded(&x->tsan) ? x->tsan.object : NULL;
    return 1;
}

int compile_poll(struct compilation *x) {
    if (x->state != 0)
        return x->state;
    struct compiler *all[] = {&x->plain, &x->tsan, &x->views[0], &x->views[1]};
    size_t count = sizeof all / sizeof *all, ended = 0;
    for (size_t i = 0; i < count; i++)
        ended += compiler_ended(all[i]);
    bool failed = x->plain.pid == 0 && !succeeded(&x->plain); // nobody else's answer is needed
    bool late = clock_now() >= x->deadline;
    if (ended < count && !failed && !late)
        return 0;
    x->late = late && x->plain.pid;
    for (size_t i = 0; i < count; i++)
        compiler_stop(all[i]);
    x->state = settle(x);
    if (x->kind == KIND_VARIANT || x->kind == KIND_DRIVER)
        compile_keep(x);
    return x->state;
}

int compile_finish(struct compilation *x) {
    int state;
    while ((state = compile_poll(x)) == 0) {
        struct pollfd ends[] = {{.fd = x->plain.output, .events = POLLIN},
                                {.fd = x->tsan.output, .events = POLLIN}};
        poll(ends, 2, 5); // 5 ms: an end without output is seen by its wait status alone
    }
    return state;
}

const char *compile_output(const struct compilation *x) {
    return x->plain.text.data ? x->plain.text.data : "";
}

const char *compile_folder(const struct compilation *x) {
    return x->folder;
}

const struct variant *compile_variant(const struct compilation *x) {
    return &x->variant;
}

struct variant compile_renewed(const struct compilation *x, const struct variant *v) {
    struct variant renewed = *v;
    renewed.object = x->variant.object;
    renewed.tsan = x->variant.tsan;
    return renewed;
}

static void compiler_free(struct compiler *p) {
    compiler_stop(p);
    free(p->object);
    text_free(&p->text);
}

void compile_free(struct compilation *x) {
    compiler_free(&x->plain);
    compiler_free(&x->tsan);
    compiler_free(&x->views[0]);
    compiler_free(&x->views[1]);
    if (x->folder && !x->cached)
        cache_remove(x->folder);
    char *owned[] = {x->root,
                     x->core,
                     x->contract,
                     x->scenario,
                     x->folder,
                     x->variant.file,
                     x->variant.label,
                     x->variant.source,
                     x->variant.idea,
                     x->variant.caught_by,
                     x->variant.comment,
                     x->driver,
                     x->driver_tsan,
                     x->libexec,
                     x->root_folder,
                     x->exercise_h};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    free(x);
}
