// names: what source line an address in the program under test belongs to.
//
// libbacktrace finds it in the debug information of the driver and the exercise; the files may be read in the
// sandbox too. It would read that of everything that is loaded, before it names anything: where the debug
// information of libc is installed, that takes longer than a judgement. So it is shown these two alone: its
// calls of dl_iterate_phdr, like all within the runner, come here (--wrap in harness/CMakeLists.txt).
#define _GNU_SOURCE // dladdr, dlinfo

#include "harness/runner/runner.h"

#include <backtrace.h>
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

// Where the driver and the exercise are loaded.
static uintptr_t loaded_at[2];

static void no_error(void *user, const char *message, int number) {
    (void)user, (void)message, (void)number;
}

static bool is_of_program(uintptr_t base) {
    return base == loaded_at[0] || base == loaded_at[1];
}

typedef int (*object_visitor)(struct dl_phdr_info *info, size_t size, void *user);

struct visit {
    object_visitor visitor;
    void *user;
};

static int visit_program(struct dl_phdr_info *info, size_t size, void *user) {
    const struct visit *v = user;
    return is_of_program(info->dlpi_addr) ? v->visitor(info, size, v->user) : 0;
}

static bool naming; // libbacktrace is at work

int __real_dl_iterate_phdr(object_visitor visitor, void *user);
int __wrap_dl_iterate_phdr(object_visitor visitor, void *user);

// A sanitizer within the runner may call it before there is anything to check with.
__attribute__((no_sanitize("address"))) int __wrap_dl_iterate_phdr(object_visitor visitor,
                                                                   void *user) {
    struct visit of_program = {visitor, user};
    return naming ? __real_dl_iterate_phdr(visit_program, &of_program)
                  : __real_dl_iterate_phdr(visitor, user);
}

static struct backtrace_state *names(void) {
    static struct backtrace_state *state;
    if (!state)
        state = backtrace_create_state(NULL, 0, no_error, NULL);
    return state;
}

// Paths as in the log's other sites: from scenarios/ or solutions/ on, where that is in them.
static const char *short_path(const char *path) {
    const char *roots[] = {"/scenarios/", "/solutions/"};
    for (size_t i = 0; i < 2; i++) {
        const char *at = strstr(path, roots[i]);
        if (at)
            return at + 1;
    }
    return path;
}

static int take_place(void *user, uintptr_t pc, const char *file, int line, const char *function) {
    (void)pc;
    struct place *p = user;
    if (!file)
        return 0;
    snprintf(p->file, sizeof p->file, "%s", short_path(file));
    snprintf(p->function, sizeof p->function, "%s", function ? function : "");
    p->line = line;
    return 1;
}

// Files of the core and of the runner, which do what they do in the name of their caller.
static bool in_house(const char *file) {
    const char *const folders[] = {"/core/", "/harness/runner/", "/harness/hooks/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (!strncmp(file, folders[i] + 1, strlen(folders[i] + 1)) || strstr(file, folders[i]))
            return true;
    return false;
}

static uintptr_t base_of(void *handle) {
    struct link_map *map = NULL;
    return dlinfo(handle, RTLD_DI_LINKMAP, &map) ? 0 : map->l_addr;
}

void names_begin(const struct loaded *what) {
    loaded_at[0] = base_of(what->driver);
    loaded_at[1] = base_of(what->exercise);
}

// Neither the core's, nor the C library's, which may have debug information too.
bool in_program(const void *address) {
    Dl_info info;
    return dladdr(address, &info) && is_of_program((uintptr_t)info.dli_fbase);
}

static void name_pc(const char *pc, backtrace_full_callback taker, void *user) {
    naming = true;
    backtrace_pcinfo(names(), (uintptr_t)pc, taker, no_error, user);
    naming = false;
}

struct place place_of_frames(void *const *frames, int count) {
    for (int i = 0; i < count; i++) {
        struct place here = {.line = 0};
        const char *pc = (const char *)frames[i] - 1;
        if (frames[i] && in_program(pc))
            name_pc(pc, take_place, &here);
        if (here.line && !in_house(here.file))
            return here;
    }
    return (struct place){.file = "?"};
}

struct list {
    struct place *at;
    int count, most;
};

// What the compiler has inlined there comes first, then the function it is in.
static int list_place(void *user, uintptr_t pc, const char *file, int line, const char *function) {
    struct list *l = user;
    struct place here = {.line = 0};
    take_place(&here, pc, file, line, function);
    if (here.line && !in_house(here.file) && l->count < l->most)
        l->at[l->count++] = here;
    return 0;
}

int places_of_frames(void *const *frames, int count, struct place *out, int most) {
    struct list l = {out, 0, most};
    for (int i = 0; i < count && frames[i]; i++) {
        const char *pc = (const char *)frames[i] - 1;
        if (in_program(pc))
            name_pc(pc, list_place, &l);
    }
    return l.count;
}

struct wanted_symbol {
    char *out;
    size_t size;
};

// As the source calls it: a variable of a function is `n.0` to gcc and `work.n` to clang, and what they split
// they number. Returns its length.
static int source_name(const char *symbol, const char **name) {
    size_t end = strlen(symbol), start;
    for (bool numbered = true; numbered;) {
        for (start = end; start > 0 && symbol[start - 1] != '.'; start--)
            ;
        numbered = start > 1 && start + strspn(symbol + start, "0123456789") == end;
        end = numbered ? start - 1 : end;
    }
    *name = symbol + start;
    return (int)(end - start);
}

static void take_symbol(void *user, uintptr_t pc, const char *symbol, uintptr_t value,
                        uintptr_t size) {
    (void)size;
    struct wanted_symbol *w = user;
    const char *name;
    int length = source_name(symbol ? symbol : "", &name);
    if (symbol && pc > value)
        snprintf(w->out, w->size, "%.*s+%u", length < 28 ? length : 28, name,
                 (unsigned)(pc - value));
    else
        snprintf(w->out, w->size, "%.*s", length, name);
}

void name_of_variable(const void *address, char *out, size_t size) {
    struct wanted_symbol wanted = {out, size};
    *out = 0;
    naming = true;
    backtrace_syminfo(names(), (uintptr_t)address, take_symbol, no_error, &wanted);
    naming = false;
}
