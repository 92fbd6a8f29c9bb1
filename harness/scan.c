// scan: see scan.h.
//
// A compiler adds something to every object: a function that is called at load, one at the end, and with
// -fsanitize=thread one more at load. So many are allowed, and no more.
//
// Instructions are looked for one after the other from the beginning of each section of code, as the
// processor would read them (x86.h), so bytes that merely look like one within another are none. Whoever
// jumps into the middle of an instruction finds the door, and the sandbox behind it.
#include "harness/scan.h"

#include "harness/object.h"
#include "harness/x86.h"

#include <stdio.h>
#include <string.h>

static bool found(struct scanned *out, const char *symbol, const char *instead,
                  const char *format) {
    snprintf(out->symbol, sizeof out->symbol, "%s", symbol);
    snprintf(out->what, sizeof out->what, format, symbol);
    out->instead = instead;
    return true;
}

// --- what runs without being called -------------------------------------------------------------------

static const char only_the_driver[] =
    "Nothing of an exercise runs but what its driver calls: move it into the function that needs it.";
static const char no_nested[] =
    "A function within another whose address is taken needs a stack that can be executed: make it a "
    "function of its own, and hand it what it needs.";

// How many functions that table of sections holds in all.
static uint64_t entries(const struct object *o, uint32_t type) {
    size_t count;
    uint64_t bytes = 0;
    const Elf64_Shdr *sections = object_sections(o, &count);
    for (size_t i = 0; i < count; i++)
        if (sections[i].sh_type == type)
            bytes += sections[i].sh_size;
    return bytes / sizeof(Elf64_Addr);
}

static bool starts_scan(const struct object *o, const struct scan_terms *terms,
                        struct scanned *out) {
    uint64_t usual = terms->threads ? 2 : 1;
    if (entries(o, SHT_INIT_ARRAY) > usual || entries(o, SHT_PREINIT_ARRAY))
        return found(out, "", only_the_driver, "it has code that runs when it is loaded%s");
    if (entries(o, SHT_FINI_ARRAY) > 1)
        return found(out, "", only_the_driver, "it has code that runs at the end of the process%s");
    return false;
}

static bool segments_scan(const struct object *o, struct scanned *out) {
    size_t count;
    const Elf64_Phdr *segments = object_segments(o, &count);
    for (size_t i = 0; i < count; i++) {
        const Elf64_Phdr *p = &segments[i];
        if (p->p_type == PT_GNU_STACK && p->p_flags & PF_X)
            return found(out, "", no_nested, "it needs a stack that can be executed%s");
        if (p->p_type == PT_LOAD && p->p_flags & PF_X && p->p_flags & PF_W)
            return found(out, "", only_the_driver, "it has code that can be written to%s");
    }
    return false;
}

// --- names --------------------------------------------------------------------------------------------

static const char not_its_own[] =
    "That name belongs to the core, the harness or a sanitizer: take another.";
static const char not_declared[] = "Only what core/core.h and exercise.h declare may be called.";
static const char drivers_only[] =
    "Checks and requests are the driver's: an exercise does what exercise.h asks.";
static const char instrumentation[] =
    "The compiler alone calls a sanitizer: leave it out, every access is judged.";

static bool begins(const char *name, const char *const *beginnings) {
    for (; *beginnings; beginnings++)
        if (!strncmp(name, *beginnings, strlen(*beginnings)))
            return true;
    return false;
}

static bool is_runtime(const char *name) {
    static const char *const all[] = {"__tsan_",      "__asan_",        "__lsan_",  "__ubsan_",
                                      "__sanitizer_", "__msan_",        "Annotate", "__wrap_",
                                      "__real_",      "__interceptor_", NULL};
    return begins(name, all);
}

// What -fsanitize=thread makes compilers call.
static bool is_hook(const char *name) {
    static const char *const hooks[] = {"__tsan_read",
                                        "__tsan_write",
                                        "__tsan_unaligned_",
                                        "__tsan_volatile_",
                                        "__tsan_atomic",
                                        "__tsan_func_",
                                        "__tsan_init",
                                        "__tsan_vptr_",
                                        "__tsan_memcpy",
                                        "__tsan_memmove",
                                        "__tsan_memset",
                                        "__tsan_ignore_thread_",
                                        NULL};
    return begins(name, hooks);
}

static bool definition_scan(const char *name, const struct object *runner, struct scanned *out) {
    if (!is_runtime(name) && !object_defines(runner, name))
        return false;
    return found(out, name, not_its_own, "it defines %.60s");
}

static bool is_drivers(const char *name) {
    return !strcmp(name, "scenario_check_at") || !strcmp(name, "load_next_at") ||
           !strcmp(name, "load_count");
}

static bool call_scan(const char *name, const struct scan_terms *terms, const struct object *runner,
                      const struct object *driver, struct scanned *out) {
    if (!strncmp(name, "__wrap_", 7) || object_defines(driver, name) ||
        (terms->threads && is_hook(name)))
        return false;
    if (is_runtime(name))
        return found(out, name, instrumentation, "it calls %.60s()");
    if (is_drivers(name))
        return found(out, name, drivers_only, "it calls %.60s()");
    if (!object_defines(runner, name) || api_has(terms->api, name, strlen(name)))
        return false;
    return found(out, name, not_declared, "it calls %.60s()");
}

static bool is_own(const Elf64_Sym *s) {
    return ELF64_ST_BIND(s->st_info) == STB_LOCAL;
}

static bool symbols_scan(const struct object *o, const struct scan_terms *terms,
                         const struct object *runner, const struct object *driver,
                         struct scanned *out) {
    for (size_t i = 0; i < o->dynamic.count; i++) {
        const Elf64_Sym *s = &o->dynamic.list[i];
        const char *name = object_name(&o->dynamic, s);
        if (!name || is_own(s))
            continue;
        if (s->st_shndx == SHN_UNDEF ? call_scan(name, terms, runner, driver, out)
                                     : definition_scan(name, runner, out))
            return true;
    }
    return false;
}

static bool chosen_scan(const struct symbols *table, struct scanned *out) {
    for (size_t i = 0; i < table->count; i++) {
        const char *name = object_name(table, &table->list[i]);
        if (name && ELF64_ST_TYPE(table->list[i].st_info) == STT_GNU_IFUNC)
            return found(out, name, only_the_driver, "%.60s is chosen when it is loaded");
    }
    return false;
}

// --- code ---------------------------------------------------------------------------------------------

static const char no_door[] =
    "An exercise is C, and calls only the core: leave the machine's instruction out.";

static bool code_scan(const struct object *o, struct scanned *out) {
    size_t count;
    const Elf64_Shdr *sections = object_sections(o, &count);
    for (size_t i = 0; i < count; i++) {
        const Elf64_Shdr *s = &sections[i];
        if (s->sh_type != SHT_PROGBITS || !(s->sh_flags & SHF_EXECINSTR))
            continue;
        const uint8_t *code = object_bytes(o, s->sh_offset, s->sh_size);
        const char *door = code ? code_door(code, s->sh_size, o->head->e_machine)
                                : "code out of it";
        if (door)
            return found(out, "", no_door, door);
    }
    return false;
}

bool scan_object(const char *object, const struct scan_terms *terms, struct scanned *out) {
    struct object o, runner, driver;
    *out = (struct scanned){.instead = ""};
    object_open(&o, object);
    object_open(&runner, terms->runner);
    object_open(&driver, terms->driver);
    bool bad = !o.head ? found(out, "", "Compile it again.", "an object that cannot be read%s")
                       : starts_scan(&o, terms, out) || segments_scan(&o, out) ||
                             symbols_scan(&o, terms, &runner, &driver, out) ||
                             chosen_scan(&o.dynamic, out) || chosen_scan(&o.all, out) ||
                             code_scan(&o, out);
    object_close(&driver);
    object_close(&runner);
    object_close(&o);
    return bad;
}

// Every file that was compiled so asks for this function, whatever is in it.
bool scan_is_hooked(const char *object) {
    struct object o;
    bool found = false;
    object_open(&o, object);
    for (size_t i = 0; i < o.dynamic.count && !found; i++) {
        const char *name = object_name(&o.dynamic, &o.dynamic.list[i]);
        found = name && !strcmp(name, "__tsan_init");
    }
    object_close(&o);
    return found;
}
