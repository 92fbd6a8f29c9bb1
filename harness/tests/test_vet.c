// What goes round the core is found wherever it hides, with its line; ordinary C is let pass.
#include "harness/vet.h"

#include "harness/text.h"
#include "harness/tokens.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct api *api(void) {
    static struct api *a;
    if (!a) {
        const char *root = getenv("UNSTUCK_SRC");
        char *contract = text_format("%s/scenarios/send-no-receiver/exercise.h", root);
        a = api_read(root, contract);
        free(contract);
    }
    return a;
}

// --- tokens -------------------------------------------------------------------------------------------

// All tokens of a text, each in (), lines as /.
static char *cut(const char *source) {
    struct text all = {0};
    struct tokens *t = tokens_begin(source, strlen(source));
    for (struct token now = tokens_next(t); now.kind != TOKEN_END; now = tokens_next(t)) {
        static const char *const marks[] = {"", "/", "H", "w", "n", "s", "c", "R", "o"};
        text_addf(&all, "%s", marks[now.kind]);
        if (now.kind != TOKEN_LINE)
            text_addf(&all, "(%.*s)", (int)now.length, now.text);
    }
    tokens_end(t);
    return text_take(&all);
}

static const struct {
    const char *source, *tokens;
} cuts[] = {
    {"a=1;", "w(a)o(=)n(1)o(;)"},
    {"#x\n # y\n a#b", "H(#)w(x)/H(#)w(y)/w(a)o(#)w(b)"},
    {"%: include", "H(%:)w(include)"},
    {"/* a\n */ # b", "H(#)w(b)"},
    {"// a # b\n#c", "/H(#)w(c)"},
    {"// a \\\n still\nb", "/w(b)"},
    {"\"a // b\" 'c' /*'*/ d", "s(\"a // b\")c('c')w(d)"},
    {"\"a\\\"b\" c", "s(\"a\\\"b\")w(c)"},
    {"\"no end\nb", "s(\"no end)/w(b)"},
    {"'\nb", "c(')/w(b)"},
    {"in\\\nclude de\\  \nfine", "w(include)w(define)"},
    {"1.5e+3x .5 1'2", "n(1.5e+3x)n(.5)n(1)c('2)"},
    {"R\"(a)\" u8R\"x\" Ra R \"b\"", "R(R)s(\"(a)\")R(u8R)s(\"x\")w(Ra)w(R)s(\"b\")"},
    {"\xef\xbb\xbf#a", "H(#)w(a)"},
    {"a\xc2\xa0#b", "w(a)o(\xc2)o(\xa0)o(#)w(b)"},
    {"/* without an end", ""},
    {"", ""},
};

Test(tokens, are_those_of_the_preprocessor) {
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        char *got = cut(cuts[i].source);
        cr_expect_str_eq(got, cuts[i].tokens, "%s", cuts[i].source);
        free(got);
    }
}

Test(tokens, know_the_line_they_stand_on) {
    const char *source = "a\n/*\n*/ b \\\n c\nd";
    struct tokens *t = tokens_begin(source, strlen(source));
    int lines[] = {1, 1, 3, 4, 4, 5};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cr_expect_eq(tokens_next(t).line, lines[i], "token %zu", i);
    tokens_end(t);
}

// --- api ----------------------------------------------------------------------------------------------

Test(api, is_what_the_headers_declare) {
    static const char *const has[] = {"chan_send",     "go",       "TASK",     "RECV",
                                      "mutex_lock_at", "PATIENCE", "price_of", "exchange_quote",
                                      "ctx_done",      "check",    "group_go"};
    static const char *const has_not[] = {"run_world", "note_check",      "malloc_", "Yours",
                                          "main",      "access_announce", ""};
    for (size_t i = 0; i < sizeof has / sizeof *has; i++)
        cr_expect(api_has(api(), has[i], strlen(has[i])), "%s", has[i]);
    for (size_t i = 0; i < sizeof has_not / sizeof *has_not; i++)
        cr_expect(!api_has(api(), has_not[i], strlen(has_not[i])), "%s", has_not[i]);
}

Test(api, holds_no_private_header) {
    static const char *const has[] = {"core/core.h", "core/chan.h", "core/task.h", "core/base.h"};
    static const char *const has_not[] = {"core/internal.h", "core/run.h",         "core/event.h",
                                          "core/access.h",   "harness/scenario.h", "core/"};
    for (size_t i = 0; i < sizeof has / sizeof *has; i++)
        cr_expect(api_includes(api(), has[i], strlen(has[i])), "%s", has[i]);
    for (size_t i = 0; i < sizeof has_not / sizeof *has_not; i++)
        cr_expect(!api_includes(api(), has_not[i], strlen(has_not[i])), "%s", has_not[i]);
}

Test(api, of_nothing_is_nothing) {
    struct api *none = api_read("/nowhere", NULL);
    cr_expect(!api_has(none, "go", 2));
    api_free(none);
    api_free(NULL);
}

// --- as written ---------------------------------------------------------------------------------------

static const struct {
    const char *source;
    int line; // 0: let pass
} written[] = {
    {"#include <stdio.h>\n#include \"exercise.h\"\n#include \"core/core.h\"\n#include <sys/types.h>",
     0},
    {"#include \"string.h\" // quoted\n#include <core/chan.h>", 0},
    {"#define LIMIT 3\n#define _GNU_SOURCE\n#undef LIMIT\n#if LIMIT\n#endif\n#", 0},
    {"#pragma once\n#error no\n#warning no", 0},
    {"// #line 3\n/*\n#line 3\n*/ char *s = \"#line 3\";\n", 0},
    {"int don_t; // don't\n#if 0\ndon't /* ' */\n#endif\nint a;", 0},
    {"a\r\nb\r\n", 0},
    {"// \xc3\xbc\nchar *s = \"\xc3\xbc\";", 0},
    {"int R = 1; char *s = \"R\\\"(\";", 0},
    {"#include \"other.c\"", 1},
    {"\n#include <../x.h>", 2},
    {"#include \"/usr/include/stdio.h\"", 1},
    {"#include <core/internal.h>", 1},
    {"#include \"core/./internal.h\"", 1},
    {"#include \"core//internal.h\"", 1},
    {"#include \"harness/scenario.h\"", 1},
    {"#include \"solutions/a/b.h\"", 1},
    {"#include \".hidden.h\"", 1},
    {"#include NAME", 1},
    {"#include", 1},
    {"#  include_next \"x.c\"", 1},
    {"/**/ # /**/ include /* */ \"x.c\"", 1},
    {"#inc\\\nlude \"x.c\"", 1},
    {"%:include \"x.c\"", 1},
    {"#embed \"x\"", 1},
    {"#line 3", 1},
    {"\n\n# 3 \"x\" 3", 3},
    {"#define chan_send", 1},
    {"#undef RECV", 1},
    {"#define PATIENCE 1", 1},
    {"#define exchange_quote mine", 1},
    {"#define return", 1},
    {"#define __x", 1},
    {"#define main x", 1},
    {"char *s = R\"(\n#x)\";", 1},
    {"#if __has_include(<x.h>)", 1},
    {"#if __has_feature(thread_sanitizer)", 1},
    {"int a = __SANITIZE_ADDRESS__;", 1},
    {"int a;\n// x\r#line 3", 2},
    {"int\xc2\xa0"
     "a;",
     1},
};

Test(vet, a_source_as_it_was_written) {
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        struct vetted v = {.line = 0};
        bool bad = vet_source(written[i].source, strlen(written[i].source), api(), &v);
        cr_expect_eq(bad, written[i].line > 0, "%s: %s", written[i].source, v.what);
        cr_expect_eq(v.line, written[i].line, "%s", written[i].source);
        cr_expect(!bad || (*v.what == '`' && strlen(v.instead) > 20), "%s", written[i].source);
    }
}

// --- preprocessed -------------------------------------------------------------------------------------

static const struct {
    const char *source;
    int line; // of the exercise, 0: let pass
} expanded[] = {
    {"int a;", 0},
    {"__attribute__((unused)) int a;", 0},
    {"__attribute__((__unused__, cleanup(f), aligned(8))) __attribute__(()) int a;", 0},
    {"__attribute__((format(printf, 1, 2))) int f();", 0},
    {"[[maybe_unused]] int a; int b[2]; b[b[0]] = 1; [[gnu::cold, deprecated(\"constructor\")]]",
     0},
    {"__asm__ volatile(\"\" : : \"r\"(&a) : \"memory\"); asm(\"\"); asm volatile (\"\" \"\" :::);",
     0},
    {"#pragma GCC diagnostic ignored \"-Wunused\"\n#pragma STDC FENV_ACCESS ON\n#pragma pack(1)\n",
     0},
    {"int constructor, no_sanitize; // as names", 0},
    {"char *s = \"__attribute__((constructor)) asm\";", 0},
    {"int a;\nint b __attribute__((constructor));", 2},
    {"__attribute__((unused, __constructor__(101)))", 1},
    {"__attribute__((cleanup(f(a, b)), weak)) int a;", 1},
    {"__attribute__((aligned(8))) __attribute((no_sanitize(\"thread\"))) int a;", 1},
    {"[[gnu::constructor]]", 1},
    {"[[maybe_unused, gnu :: no_sanitize(\"x\")]]", 1},
    {"\n\n__asm__(\"nop\");", 3},
    {"asm(\"\" \"nop\");", 1},
    {"asm(\"\", 1)", 1},
    {"int f(void) __asm(\"g\");", 1},
    {"register int a asm(\"r12\");", 1},
    {"asm goto (\"\" ::: : l);", 1},
    {"#pragma GCC optimize(\"O0\")\n", 1},
    {"int a;\n#pragma GCC push_options\n", 2},
    {"#pragma clang attribute push(x)\n", 1},
    {"#pragma weak f\n", 1},
    {"#pragma redefine_extname a b\n", 1},
    {"__builtin_ia32_rdtsc();", 1},
    {"__tsan_acquire(p);", 1},
    {"__real_malloc(1);", 1},
    {"__attribute__((", 0},
    {"asm", 1},
    {"[[", 0},
    {"#pragma", 0},
};

// What a preprocessor makes of a source with one header, which may hold anything.
static char *as_view(const char *source) {
    return text_format(
        "# 0 \"mine.c\"\n# 0 \"<built-in>\"\n# 1 \"mine.c\"\n# 1 \"system.h\" 1 3 4\n"
        "__asm__(\"nop\"); __attribute__((constructor)) int a;\n#pragma weak x\n"
        "# 1 \"mine.c\" 2\n%s",
        source);
}

Test(vet, a_source_as_compilers_see_it) {
    for (size_t i = 0; i < sizeof expanded / sizeof *expanded; i++) {
        struct vetted v = {.line = 0};
        char *view = as_view(expanded[i].source);
        bool bad = vet_expanded(view, strlen(view), &v);
        cr_expect_eq(bad, expanded[i].line > 0, "%s: %s", expanded[i].source, v.what);
        cr_expect_eq(v.line, expanded[i].line, "%s", expanded[i].source);
        free(view);
    }
}

Test(vet, two_builds_of_one_source_are_the_same) {
    char *one = as_view("int a;\nint b;"), *two = as_view("int a;\n# 2 \"mine.c\"\nint b;");
    char *three = as_view("int a;\nint c;"), *four = as_view("int a;");
    struct vetted v = {.line = 0};
    cr_expect(vet_same(one, strlen(one), two, strlen(two), &v), "%s", v.what);
    cr_expect(!vet_same(one, strlen(one), three, strlen(three), &v));
    cr_expect_eq(v.line, 2);
    cr_expect(!vet_same(one, strlen(one), four, strlen(four), &v));
    cr_expect(!vet_same(four, strlen(four), one, strlen(one), &v));
    char *all[] = {one, two, three, four};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
}

// Anything at all is read to its end: cut off, doubled, with bytes changed.
Test(vet, no_text_is_too_strange) {
    uint64_t state = 1;
    for (size_t i = 0; i < 40 * sizeof expanded / sizeof *expanded; i++) {
        char *view = as_view(expanded[i % (sizeof expanded / sizeof *expanded)].source);
        size_t size = strlen(view);
        struct vetted v;
        for (int k = 0; k < 3; k++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            view[(state >> 33) % size] = (char)(state >> 20);
        }
        vet_source(view, (state >> 40) % (size + 1), api(), &v);
        vet_expanded(view, size, &v);
        vet_same(view, size, view, size / 2, &v);
        cr_expect(vet_same(view, size, view, size, &v));
        free(view);
    }
}
