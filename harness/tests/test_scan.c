// What an object holds is found by what compilers made of it; what they always add is not.
#include "harness/scan.h"

#include "harness/object.h"
#include "harness/text.h"
#include "harness/x86.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *made(const char *flags, const char *source) {
    const char *folder = getenv("TMPDIR");
    char *path = text_format("%s/object.so", folder ? folder : "/tmp");
    char *command = text_format("cc -w -O1 -shared -fPIC %s -x c -o '%s' -", flags, path);
    FILE *cc = popen(command, "w");
    cr_assert(cc);
    fputs(source, cc);
    cr_assert_eq(pclose(cc), 0, "%s: %s", command, source);
    free(command);
    return path;
}

static bool scanned(const char *path, bool threads, struct scanned *out) {
    const char *source = getenv("UNSTUCK_SRC");
    char *runner = text_format("%s/libexec/unstuck/unstuck-runner", getenv("UNSTUCK_BUILD"));
    struct api *api = api_read(source, NULL);
    struct scan_terms terms = {.runner = runner, .api = api, .threads = threads};
    bool bad = scan_object(path, &terms, out);
    api_free(api);
    free(runner);
    return bad;
}

static const struct {
    const char *source, *what; // NULL: nothing is found
} objects[] = {
    {"int f(void) { return 1; }", NULL},
    {"int task_id(void); int f(void) { return task_id(); }", NULL},
    {"void *__wrap_malloc(unsigned long); void *f(void) { return __wrap_malloc(1); }", NULL},
    {"int nobody_has(void); int f(void) { return nobody_has(); }", NULL},
    {"static int f(void) { return 1; } int (*g)(void) = f; long h[100] = {1};", NULL},
    {"__attribute__((constructor)) void f(void) {}", "runs when it is loaded"},
    {"__attribute__((destructor)) void f(void) {}", "runs at the end"},
    {"void f(void) {} __attribute__((section(\".init_array\"), used)) void (*g)(void) = f;",
     "runs when it is loaded"},
    {"int one(void) { return 1; } void *pick(void) { return one; } int f(void) "
     "__attribute__((ifunc(\"pick\")));",
     "is chosen when it is loaded"},
    {"static int one(void) { return 1; } static void *pick(void) { return one; } static int f(void) "
     "__attribute__((ifunc(\"pick\"))); int g(void) { return f(); }",
     "is chosen when it is loaded"},
    {"void task_start_at(void) {}", "it defines task_start_at"},
    {"int __tsan_default_options;", "it defines __tsan_default_options"},
    {"void __wrap_malloc(void) {}", "it defines __wrap_malloc"},
    {"void run_world(void); void f(void) { run_world(); }", "it calls run_world()"},
    {"void __tsan_acquire(void *); void f(void) { __tsan_acquire(f); }",
     "it calls __tsan_acquire()"},
    {"void __tsan_write1(void *); void f(void) { __tsan_write1(f); }", "it calls __tsan_write1()"},
    {"void AnnotateHappensBefore(void *); void f(void) { AnnotateHappensBefore(f); }",
     "it calls AnnotateHappensBefore()"},
    {"void scenario_check_at(void); void f(void) { scenario_check_at(); }",
     "it calls scenario_check_at()"},
#if defined(__x86_64__)
    {"void f(void) { __asm__(\"syscall\"); }", "syscall"},
    {"void f(void) { __asm__(\"int $0x80\"); }", "int 0x80"},
    {"void f(void) { __asm__(\"sysenter\"); }", "sysenter"},
    {"long f(void) { return __builtin_ia32_rdtsc(); }", "rdtsc"},
    {"void f(void) { __asm__(\"wrpkru\"); }", "wrpkru"},
    {"void f(void) { __asm__(\"rdrand %rax\"); }", "rdrand"},
    {"void f(void) { __asm__(\"wrfsbase %rax\"); }", "rdfsbase"},
    {"void f(void) { __asm__(\"cpuid\"); }", "cpuid"},
    {"void f(void) { __asm__(\"rep; lock; syscall\"); }", "syscall"},
    // Bytes that are part of a number.
    {"long f(void) { return 0x050f050f050f050f; } int g(void) { return 0x80cd340f; }", NULL},
    {"long f(char *p) { return p[0x50f] + p[0x310f]; }", NULL},
#elif defined(__aarch64__)
    {"void f(void) { __asm__(\"svc #0\"); }", "svc"},
    {"void f(void) { __asm__(\"svc #7\"); }", "svc"},
    {"long f(void) { long n; __asm__(\"mrs %0, cntvct_el0\" : \"=r\"(n)); return n; }", "counter"},
#endif
};

Test(scan, an_object_shows_what_it_holds) {
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct scanned s;
        char *path = made("", objects[i].source);
        bool bad = scanned(path, false, &s);
        cr_expect_eq(bad, objects[i].what != NULL, "%s: %s", objects[i].source, s.what);
        cr_expect(!bad || (objects[i].what && strstr(s.what, objects[i].what)), "%s: %s",
                  objects[i].source, s.what);
        cr_expect(!bad || strlen(s.instead) > 20, "%s", objects[i].source);
        unlink(path);
        free(path);
    }
}

Test(scan, a_nested_function_by_its_address_needs_a_stack_that_runs) {
    struct scanned s;
    if (system("echo 'int main(){int f(void){return 0;}return f();}' | "
               "cc -w -x c -o /dev/null - 2>/dev/null"))
        cr_skip_test("unavailable: this compiler has no nested functions");
    char *path = made(
        "", "int g(int (*)(void)); int f(int a) { int h(void) { return a; } return g(h); }");
    cr_expect(scanned(path, false, &s));
    cr_expect(strstr(s.what, "a stack that can be executed"), "%s", s.what);
    unlink(path);
    free(path);
}

Test(scan, what_instrumentation_adds_is_allowed_where_it_is_expected) {
    struct scanned s;
    char *path = made("-fsanitize=thread -nodefaultlibs -lc -lgcc",
                      "int a; _Atomic long b; int f(void) { b++; return a++; }");
    cr_expect(!scanned(path, true, &s), "%s", s.what);
    cr_expect(scanned(path, false, &s));
    unlink(path);
    free(path);
    path = made("-fsanitize=thread -nodefaultlibs -lc -lgcc",
                "__attribute__((constructor)) void f(void) {}");
    cr_expect(scanned(path, true, &s));
    cr_expect(strstr(s.what, "runs when it is loaded"), "%s", s.what);
    unlink(path);
    free(path);
}

Test(scan, what_is_no_object_is_found_to_be_none) {
    struct scanned s;
    cr_expect(scanned("/nowhere.so", false, &s));
    cr_expect(scanned("/dev/null", false, &s));
    cr_expect(scanned("/etc/passwd", false, &s));
}

// --- instructions -------------------------------------------------------------------------------------

// One line of objdump -d: its address, and how many bytes its instruction has; 0: it is another.
static size_t line_read(const char *line, unsigned long *address) {
    char *end;
    size_t bytes = 0;
    *address = strtoul(line, &end, 16);
    if (end == line || *end != ':' || end[1] != '\t')
        return 0;
    for (const char *p = end + 2; isxdigit(p[0]) && isxdigit(p[1]) && p[2] == ' '; p += 3)
        bytes++;
    return bytes;
}

static const uint8_t *text_of(const struct object *o, uint64_t *address, size_t *size) {
    size_t count;
    const Elf64_Shdr *sections = object_sections(o, &count);
    const Elf64_Shdr *found = NULL;
    for (size_t i = 0; i < count; i++)
        if (sections[i].sh_flags & SHF_EXECINSTR &&
            (!found || sections[i].sh_size > found->sh_size))
            found = &sections[i];
    *address = found ? found->sh_addr : 0;
    *size = found ? found->sh_size : 0;
    return found ? object_bytes(o, found->sh_offset, found->sh_size) : NULL;
}

// Every instruction of a large program is as long as a disassembler says.
Test(scan, instructions_are_as_long_as_they_are) {
    struct object o;
    char *path = text_format("%s/libexec/unstuck/unstuck-runner", getenv("UNSTUCK_BUILD"));
    char *command = text_format("objdump -d --no-show-raw-insn -w -j .text '%s' >/dev/null 2>&1",
                                path);
    cr_assert(object_open(&o, path));
    if (o.head->e_machine != EM_X86_64 || system(command) != 0)
        cr_skip_test("unavailable: needs objdump (binutils), on x86-64");
    free(command);
    command = text_format("objdump -d -w -j .text '%s'", path);
    FILE *dump = popen(command, "r");
    cr_assert(dump);
    uint64_t start;
    size_t size, seen = 0, wrong = 0;
    const uint8_t *code = text_of(&o, &start, &size);
    char line[512];
    unsigned long address;
    while (fgets(line, sizeof line, dump)) {
        size_t bytes = line_read(line, &address);
        if (!bytes || strstr(line, "(bad)"))
            continue;
        seen++;
        size_t length = x86_length(code + (address - start), size - (address - start));
        if (length != bytes && wrong++ < 10)
            cr_expect_eq(length, bytes, "%s", line);
    }
    pclose(dump);
    cr_expect_eq(wrong, 0);
    cr_expect_gt(seen, 20000);
    object_close(&o);
    free(command);
    free(path);
}

Test(scan, what_is_cut_off_is_no_instruction) {
    static const uint8_t code[] = {0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8}; // mov $.., %rax
    cr_expect_eq(x86_length(code, sizeof code), sizeof code);
    for (size_t size = 0; size < sizeof code; size++)
        cr_expect_eq(x86_length(code, size), 0, "%zu", size);
}
