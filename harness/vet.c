// vet: see vet.h.
//
// Invariants: what vet_source lets pass holds no #line, no line marker and no raw string, and includes
// nothing but headers. So in what the preprocessor makes of it a line that begins with # is the
// preprocessor's own, its markers say truly what comes from the exercise, and no string goes over lines.
//
// Attributes and pragmas are allowed by name: those that only warn or advise. What compilers will learn
// next is refused until somebody has read what it does.
//
// Rejected: a parser of C (tokens say enough, since what is refused is refused wherever it stands); one
// list of words in the source (macros put words together).
#include "harness/vet.h"

#include "harness/text.h"
#include "harness/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool found(struct vetted *out, int line, const char *instead, const char *before,
                  const struct token *t) {
    out->line = line;
    out->instead = instead;
    snprintf(out->what, sizeof out->what, "`%s%.*s`", before, t ? (int)t->length : 0,
             t ? t->text : "");
    return true;
}

// --- as written: directives ---------------------------------------------------------------------------

static const char headers_only[] =
    "An exercise may include headers of the system, core/core.h and its own exercise.h, each by its "
    "name.";
static const char names_of_the_core[] =
    "What it calls by this name is the core's, and stays so: take a name of your own.";
static const char true_lines[] = "Errors and leaks are told by the true lines of the file.";
static const char one_program[] =
    "An exercise is the same program in every build and on every machine: leave the question out.";

// Whether a header may be asked for by this name.
static bool is_header(const struct api *api, const char *path, size_t length) {
    static const char *const house[] = {"core/",      "harness/", "scenarios/",
                                        "solutions/", "tui/",     "guide/"};
    if (length < 3 || memcmp(path + length - 2, ".h", 2) != 0 || *path == '/')
        return false;
    for (size_t i = 0; i < length; i++)
        if (path[i] == '\\' || (path[i] == '.' && (i == 0 || path[i - 1] == '/')))
            return false; // ".", "..", hidden files
    for (size_t i = 0; i < sizeof house / sizeof *house; i++)
        if (length > strlen(house[i]) && !memcmp(path, house[i], strlen(house[i])))
            return api_includes(api, path, length);
    return true;
}

// #include NAME, from behind the word.
static bool include_vet(const struct tokens *t, const struct api *api, int line,
                        struct vetted *out) {
    char *rest = tokens_rest(t), *name = rest + strspn(rest, " \t\f\v");
    const char *end = strchr("<\"", *name) && *name ? strchr(name + 1, *name == '<' ? '>' : '"')
                                                    : NULL;
    bool fine = end && is_header(api, name + 1, (size_t)(end - name - 1));
    if (!fine) {
        struct token shown = {TOKEN_OTHER, name, strcspn(name, "\r"), line};
        found(out, line, headers_only, "#include ", &shown);
    }
    free(rest);
    return !fine;
}

static const char keywords[] =
    "auto break case char const continue default do double else enum extern float for goto if inline "
    "int long register restrict return short signed sizeof static struct switch typedef union "
    "unsigned void volatile while _Alignas _Alignof _Atomic _Bool _Generic _Noreturn _Static_assert "
    "_Thread_local typeof asm main defined __*";

// #define and #undef NAME.
static bool define_vet(const struct token *name, const struct api *api, const char *before,
                       struct vetted *out) {
    if (name->kind != TOKEN_WORD ||
        (!token_among(name, keywords) && !api_has(api, name->text, name->length)))
        return false;
    return found(out, name->line, names_of_the_core, before, name);
}

static bool directive_vet(struct tokens *t, const struct api *api, struct vetted *out) {
    struct token word = tokens_peek(t);
    if (word.kind == TOKEN_LINE || word.kind == TOKEN_END)
        return false;
    tokens_next(t);
    struct token next = tokens_peek(t);
    if (word.kind == TOKEN_NUMBER || token_is(&word, "line"))
        return found(out, word.line, true_lines, "#", &word);
    if (token_among(&word, "include include_next import embed"))
        return include_vet(t, api, word.line, out);
    if (token_is(&word, "define"))
        return define_vet(&next, api, "#define ", out);
    if (token_is(&word, "undef"))
        return define_vet(&next, api, "#undef ", out);
    return false;
}

// --- as written: everything else ----------------------------------------------------------------------

static const char questions[] =
    "__has_include __has_include_next __has_embed __has_feature __has_extension __SANITIZE_* "
    "__INCLUDE_LEVEL__";

static bool token_vet(struct tokens *t, const struct token *now, const struct api *api,
                      struct vetted *out) {
    if (now->kind == TOKEN_HASH)
        return directive_vet(t, api, out);
    if (now->kind == TOKEN_RAW)
        return found(out, now->line, "Write the string with \"...\" and \\n.", "R\"(...)\"", NULL);
    if (now->kind == TOKEN_WORD && token_among(now, questions))
        return found(out, now->line, one_program, "", now);
    if (now->kind == TOKEN_OTHER && *now->text < 0)
        return found(
            out, now->line,
            "Outside of strings and comments a source is ASCII: look for a quote or a blank "
            "that came by copying.",
            "a character that is not ASCII", NULL);
    return false;
}

// What some compilers take for the end of a line, and others not. 0: on none.
static int lone_return(const char *text, size_t size) {
    int line = 1;
    for (size_t i = 0; i < size; line += text[i++] == '\n')
        if (text[i] == '\r' && (i + 1 == size || text[i + 1] != '\n'))
            return line;
    return 0;
}

bool vet_source(const char *text, size_t size, const struct api *api, struct vetted *out) {
    int line = lone_return(text, size);
    if (line)
        return found(out, line, "Save the file with line ends that are \\n.", "\\r", NULL);
    struct tokens *t = tokens_begin(text, size);
    struct token now = tokens_next(t);
    bool bad = false;
    while (!bad && now.kind != TOKEN_END) {
        bad = token_vet(t, &now, api, out);
        now = tokens_next(t);
    }
    tokens_end(t);
    return bad;
}

// --- preprocessed: whose line it is ---------------------------------------------------------------------

// Reads what the exercise itself has brought about, line marks aside.
struct view {
    struct tokens *tokens;
    struct token now;
    const char *own; // the name in the first marker, with its quotes
    size_t own_length;
    bool mine;   // what comes now is the exercise's
    int line;    // ... in it
    int started; // where in the view that line began
};

// # 12 "file" 1 3, from behind the #. A marker says what the next line is.
static bool marker_take(struct view *v) {
    struct token number = tokens_peek(v->tokens);
    if (number.kind != TOKEN_NUMBER)
        return false;
    tokens_next(v->tokens);
    struct token name = tokens_next(v->tokens);
    if (!v->own) {
        v->own = name.text;
        v->own_length = name.length;
    }
    v->mine = name.length == v->own_length && !memcmp(name.text, v->own, name.length);
    v->line = (int)strtol(number.text, NULL, 10);
    v->started = number.line + 1;
    for (struct token t = name; t.kind != TOKEN_LINE && t.kind != TOKEN_END;)
        t = tokens_next(v->tokens);
    return true;
}

static int line_of(const struct view *v, const struct token *t) {
    return v->line + t->line - v->started;
}

// The next token of the exercise. TOKEN_HASH: a pragma.
static struct token view_next(struct view *v) {
    do
        v->now = tokens_next(v->tokens);
    while (v->now.kind != TOKEN_END && ((v->now.kind == TOKEN_HASH && marker_take(v)) ||
                                        v->now.kind == TOKEN_LINE || !v->mine));
    return v->now;
}

// --- preprocessed: what it holds ------------------------------------------------------------------------

static const char no_assembly[] =
    "An exercise is C: what the machine does beside that, nobody can judge.";
static const char no_attribute[] =
    "It changes how the code is compiled, linked or started. Leave it out: what a run needs is started "
    "by the driver, and every access is judged.";
static const char no_pragma[] =
    "Every exercise is compiled in the same way. Of pragmas only `GCC diagnostic` and those for loops "
    "may be used.";
static const char no_runtime[] =
    "It belongs to the compiler or to a sanitizer. Use what core.h declares.";

static const char attributes[] =
    " access aligned alloc_align alloc_size always_inline artificial assume assume_aligned cleanup cold "
    "const counted_by deprecated designated_init error fallthrough flatten format format_arg gnu_inline "
    "hot leaf malloc may_alias maybe_unused mode noclone nodiscard noinline nonnull nonstring "
    "noreturn nothrow packed pure reproducible returns_nonnull returns_twice sentinel "
    "transparent_union unavailable unsequenced unused used vector_size visibility warn_unused_result "
    "warning _Noreturn ";

static const char runtime_names[] =
    "__tsan_* __asan_* __lsan_* __ubsan_* __msan_* __sanitizer_* __wrap_* __real_* "
    "__builtin_longjmp __builtin_setjmp __builtin_eh_return __builtin_unwind_init __builtin_apply* "
    "__builtin_return __builtin_thread_pointer __builtin_set_thread_pointer __builtin_init_trampoline "
    "__builtin_ia32_rd* __builtin_ia32_wr* __builtin_ia32_x* __builtin_ia32_syscall* "
    "__builtin_readcyclecounter __builtin_readsteadycounter __builtin___clear_cache "
    "__rdtsc __rdtscp __rdpmc _rdtsc _rdrand* _rdseed* _rdpkru* _wrpkru* _xbegin _xend _xabort "
    "_readfsbase* _writefsbase* _readgsbase* _writegsbase*";

// Words with and without __ on both sides are the same attribute.
static struct token bare(struct token t) {
    if (t.length > 4 && !memcmp(t.text, "__", 2) && !memcmp(t.text + t.length - 2, "__", 2)) {
        t.text += 2;
        t.length -= 4;
    }
    return t;
}

static bool attribute_vet(struct view *v, const struct token *name, struct vetted *out) {
    struct token t = bare(*name);
    if (t.kind != TOKEN_WORD || token_among(&t, attributes))
        return false;
    return found(out, line_of(v, name), no_attribute, "__attribute__ ", &t);
}

// ((NAME, NAME(...), ...)), from behind __attribute__.
static bool attributes_vet(struct view *v, struct vetted *out) {
    int depth = 0;
    bool next = true; // a name is
    do {
        struct token t = view_next(v);
        if (t.kind == TOKEN_END)
            break;
        if (depth == 2 && next && t.kind == TOKEN_WORD && attribute_vet(v, &t, out))
            return true;
        depth += token_is(&t, "(");
        depth -= token_is(&t, ")");
        next = depth == 2 && (token_is(&t, ",") || token_is(&t, "("));
    } while (depth > 0);
    return false;
}

// [[NAME, VENDOR::NAME(...)]], from behind the first [ of them.
static bool brackets_vet(struct view *v, struct vetted *out) {
    struct token t = tokens_peek(v->tokens);
    if (!token_is(&t, "["))
        return false;
    view_next(v);
    for (int depth = 0; t.kind != TOKEN_END;) {
        t = view_next(v);
        if (depth == 0 && token_is(&t, "]"))
            return false;
        struct token after = tokens_peek(v->tokens);
        bool vendor = token_is(&after, ":");
        if (depth == 0 && t.kind == TOKEN_WORD && !vendor && attribute_vet(v, &t, out))
            return true;
        depth += token_is(&t, "(");
        depth -= token_is(&t, ")");
    }
    return false;
}

// asm volatile ("" ...), from behind asm: without an instruction it only keeps compilers from moving
// things, and macros of the core have some.
static bool assembly_vet(struct view *v, const struct token *word, struct vetted *out) {
    struct token t = view_next(v);
    while (t.kind == TOKEN_WORD &&
           token_among(&t, "volatile __volatile __volatile__ inline __inline __inline__"))
        t = view_next(v);
    bool empty = token_is(&t, "(");
    t = view_next(v);
    empty &= t.kind == TOKEN_STRING;
    for (; t.kind == TOKEN_STRING; t = view_next(v))
        empty &= t.length == 2;
    if (empty && token_among(&t, ": )"))
        return false;
    return found(out, line_of(v, word), no_assembly, "", word);
}

static bool pragma_vet(struct view *v, struct vetted *out) {
    struct token hash = v->now, word = tokens_next(v->tokens), next = tokens_peek(v->tokens);
    bool vendor = token_among(&next, "GCC clang");
    if (vendor) {
        tokens_next(v->tokens);
        next = tokens_peek(v->tokens);
    }
    char *rest = tokens_rest(v->tokens);
    bool fine = token_is(&word, "pragma") &&
                (next.kind == TOKEN_LINE || next.kind == TOKEN_END ||
                 token_among(&next, vendor
                                        ? "diagnostic unroll ivdep loop"
                                        : "once STDC message pack region endregion mark unroll"));
    for (struct token t = next; t.kind != TOKEN_LINE && t.kind != TOKEN_END;)
        t = tokens_next(v->tokens);
    if (!fine)
        found(out, line_of(v, &hash), no_pragma, vendor ? "#pragma GCC" : "#pragma",
              &(struct token){TOKEN_OTHER, rest, strlen(rest), 0});
    free(rest);
    return !fine;
}

static bool word_vet(struct view *v, const struct token *word, struct vetted *out) {
    if (token_among(word, "asm __asm __asm__"))
        return assembly_vet(v, word, out);
    if (token_among(word, "__attribute __attribute__ __declspec"))
        return attributes_vet(v, out);
    if (token_among(word, runtime_names))
        return found(out, line_of(v, word), no_runtime, "", word);
    return false;
}

static bool view_vet(struct view *v, const struct token *t, struct vetted *out) {
    if (t->kind == TOKEN_HASH)
        return pragma_vet(v, out);
    if (t->kind == TOKEN_WORD)
        return word_vet(v, t, out);
    return token_is(t, "[") && brackets_vet(v, out);
}

bool vet_expanded(const char *text, size_t size, struct vetted *out) {
    struct view v = {.tokens = tokens_begin(text, size)};
    bool bad = false;
    for (struct token t = view_next(&v); !bad && t.kind != TOKEN_END; t = view_next(&v))
        bad = view_vet(&v, &t, out);
    tokens_end(v.tokens);
    return bad;
}

bool vet_same(const char *a, size_t a_size, const char *b, size_t b_size, struct vetted *out) {
    struct view one = {.tokens = tokens_begin(a, a_size)},
                two = {.tokens = tokens_begin(b, b_size)};
    struct token t, u;
    bool same;
    do {
        t = view_next(&one);
        u = view_next(&two);
        same = t.kind == u.kind && t.length == u.length && !memcmp(t.text, u.text, t.length);
    } while (same && t.kind != TOKEN_END);
    if (!same)
        found(out, t.kind == TOKEN_END ? 0 : line_of(&one, &t), one_program, "", &t);
    tokens_end(one.tokens);
    tokens_end(two.tokens);
    return same;
}
