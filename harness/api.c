// api: see api.h.
//
// The headers say for themselves what they offer: a name before "(" outside of comments, or one that is
// defined as a macro. So there is no list that would have to follow them.
#include "harness/api.h"

#include "harness/text.h"
#include "harness/tokens.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER_MOST = 1 << 20 };

struct names {
    char **list;
    size_t count;
};

struct api {
    struct names headers; // paths below root
    struct names names;   // sorted, once everything is read
};

static bool is_name(const char *name, const char *text, size_t length) {
    return strlen(name) == length && memcmp(name, text, length) == 0;
}

static bool listed(const struct names *n, const char *text, size_t length) {
    for (size_t i = 0; i < n->count; i++)
        if (is_name(n->list[i], text, length))
            return true;
    return false;
}

static void add(struct names *n, const char *text, size_t length) {
    n->list = more_memory(n->list, n->count + 1, sizeof *n->list);
    n->list[n->count++] = text_format("%.*s", (int)length, text);
}

static void names_free(struct names *n) {
    for (size_t i = 0; i < n->count; i++)
        free(n->list[i]);
    free(n->list);
}

// --- reading ------------------------------------------------------------------------------------------

// #include "core/X.h": another header of the same; #define X: a name.
static void directive_take(struct api *a, struct tokens *t) {
    struct token word = tokens_next(t), what = tokens_peek(t);
    if (token_is(&word, "define") && what.kind == TOKEN_WORD)
        add(&a->names, what.text, what.length);
    bool house = what.kind == TOKEN_STRING && what.length > 8 && !memcmp(what.text, "\"core/", 6);
    if (token_is(&word, "include") && house && !listed(&a->headers, what.text + 1, what.length - 2))
        add(&a->headers, what.text + 1, what.length - 2);
}

static void header_take(struct api *a, const char *path) {
    size_t size;
    char *text = text_file_bytes(path, HEADER_MOST, &size);
    if (!text)
        return;
    struct tokens *t = tokens_begin(text, size);
    struct token now = tokens_next(t), next;
    for (; now.kind != TOKEN_END; now = next) {
        if (now.kind == TOKEN_HASH)
            directive_take(a, t);
        next = tokens_next(t);
        if (now.kind == TOKEN_WORD && token_is(&next, "("))
            add(&a->names, now.text, now.length);
    }
    tokens_end(t);
    free(text);
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct api *api_read(const char *root, const char *exercise_h) {
    struct api *a = zero_alloc(1, sizeof *a);
    add(&a->headers, "core/core.h", strlen("core/core.h"));
    for (size_t i = 0; i <= a->headers.count; i++) { // each may bring others
        const char *header = i < a->headers.count ? a->headers.list[i] : "harness/scenario.h";
        char *path = text_format("%s/%s", root, header);
        header_take(a, path);
        free(path);
    }
    if (exercise_h)
        header_take(a, exercise_h);
    if (a->names.count)
        qsort(a->names.list, a->names.count, sizeof *a->names.list, compare);
    return a;
}

void api_free(struct api *a) {
    if (!a)
        return;
    names_free(&a->headers);
    names_free(&a->names);
    free(a);
}

// --- asking -------------------------------------------------------------------------------------------

bool api_has(const struct api *a, const char *name, size_t length) {
    char *key = text_format("%.*s", (int)length, name);
    bool found = a->names.count &&
                 bsearch(&key, a->names.list, a->names.count, sizeof key, compare);
    free(key);
    return found;
}

bool api_includes(const struct api *a, const char *path, size_t length) {
    return listed(&a->headers, path, length);
}
