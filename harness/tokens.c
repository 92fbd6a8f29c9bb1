// tokens: see tokens.h.
//
// Lines are joined first, in a copy beside which the line of every character is kept: so nothing else has
// to know of backslashes at the ends of lines, wherever they stand.
#include "harness/tokens.h"

#include "harness/text.h"

#include <stdlib.h>
#include <string.h>

struct tokens {
    char *text; // lines joined, NUL at the end
    int *lines; // of each of its characters
    size_t at;
    bool fresh; // nothing on this line so far
};

// --- joining ------------------------------------------------------------------------------------------

// How many characters a backslash and the end of its line are; 0: it is none. Blanks between them are
// let pass by compilers.
static size_t joint(const char *p, const char *end) {
    const char *q = p + 1;
    if (*p != '\\')
        return 0;
    while (q < end && (*q == ' ' || *q == '\t' || *q == '\f' || *q == '\v' || *q == '\r'))
        q++;
    return q < end && *q == '\n' ? (size_t)(q + 1 - p) : 0;
}

struct tokens *tokens_begin(const char *text, size_t size) {
    struct tokens *t = zero_alloc(1, sizeof *t);
    t->text = zero_alloc(size + 1, 1);
    t->lines = zero_alloc(size + 1, sizeof *t->lines);
    t->fresh = true;
    const char *end = text + size;
    if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) // some editors mark UTF-8
        text += 3;
    size_t length = 0, skipped;
    int line = 1;
    for (const char *p = text; p < end; p += skipped ? skipped : 1) {
        skipped = joint(p, end);
        if (!skipped) {
            t->text[length] = *p ? *p : ' ';
            t->lines[length++] = line;
        }
        line += skipped || *p == '\n';
    }
    t->lines[length] = line;
    return t;
}

void tokens_end(struct tokens *t) {
    free(t->text);
    free(t->lines);
    free(t);
}

// --- reading ------------------------------------------------------------------------------------------

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == '\r';
}

// Past blanks and comments.
static void skip(struct tokens *t) {
    for (;;) {
        const char *p = t->text + t->at;
        if (is_blank(*p)) {
            t->at++;
        } else if (p[0] == '/' && p[1] == '/') {
            t->at += strcspn(p, "\n");
        } else if (p[0] == '/' && p[1] == '*') {
            const char *end = strstr(p + 2, "*/");
            t->at += end ? (size_t)(end + 2 - p) : strlen(p);
        } else {
            return;
        }
    }
}

static size_t word_length(const char *p) {
    size_t n = 0;
    while (is_letter(p[n]) || is_digit(p[n]))
        n++;
    return n;
}

static size_t number_length(const char *p) {
    size_t n = 1;
    while (is_letter(p[n]) || is_digit(p[n]) || p[n] == '.' ||
           ((p[n] == '+' || p[n] == '-') && strchr("eEpP", p[n - 1])))
        n++;
    return n;
}

static size_t quoted_length(const char *p) {
    size_t n = 1;
    while (p[n] && p[n] != '\n' && p[n] != *p)
        n += p[n] == '\\' && p[n + 1] && p[n + 1] != '\n' ? 2 : 1;
    return n + (p[n] == *p);
}

static bool begins_raw(const struct token *word) {
    return word->text[word->length] == '"' && token_among(word, "R LR uR UR u8R");
}

// What stands there, after blanks.
static struct token token_at(const struct tokens *t) {
    const char *p = t->text + t->at;
    struct token found = {TOKEN_OTHER, p, 1, t->lines[t->at]};
    bool digraph = p[0] == '%' && p[1] == ':';
    if (!*p) {
        found.kind = TOKEN_END;
        found.length = 0;
    } else if (*p == '\n') {
        found.kind = TOKEN_LINE;
    } else if (t->fresh && (*p == '#' || digraph)) {
        found.kind = TOKEN_HASH;
        found.length = digraph ? 2 : 1;
    } else if (is_letter(*p)) {
        found.length = word_length(p);
        found.kind = begins_raw(&found) ? TOKEN_RAW : TOKEN_WORD;
    } else if (is_digit(*p) || (*p == '.' && is_digit(p[1]))) {
        found.kind = TOKEN_NUMBER;
        found.length = number_length(p);
    } else if (*p == '"' || *p == '\'') {
        found.kind = *p == '"' ? TOKEN_STRING : TOKEN_CHARACTER;
        found.length = quoted_length(p);
    }
    return found;
}

struct token tokens_next(struct tokens *t) {
    skip(t);
    struct token found = token_at(t);
    t->at += found.length;
    t->fresh = found.kind == TOKEN_LINE;
    return found;
}

struct token tokens_peek(const struct tokens *t) {
    struct tokens ahead = *t;
    return tokens_next(&ahead);
}

char *tokens_rest(const struct tokens *t) {
    const char *p = t->text + t->at;
    return text_format("%.*s", (int)strcspn(p, "\n"), p);
}

// --- comparing ----------------------------------------------------------------------------------------

bool token_is(const struct token *t, const char *text) {
    return strlen(text) == t->length && memcmp(t->text, text, t->length) == 0;
}

bool token_among(const struct token *t, const char *words) {
    for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
        size_t word = strcspn(words, " ");
        size_t told = words[word - 1] == '*' ? word - 1 : word;
        if ((told < word ? t->length >= told : t->length == told) &&
            memcmp(t->text, words, told) == 0)
            return true;
        words += word;
    }
    return false;
}
