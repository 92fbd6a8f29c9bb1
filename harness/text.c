// text: see text.h.
#include "harness/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p) {
    if (p)
        return p;
    fputs("unstuck: out of memory. Close other programs and try again.\n", stderr);
    exit(6);
}

void *zero_alloc(size_t count, size_t size) {
    return must(calloc(count ? count : 1, size));
}

void *more_memory(void *p, size_t count, size_t size) {
    return must(reallocarray(p, count ? count : 1, size));
}

static void reserve(struct text *t, size_t more) {
    size_t need = t->length + more + 1;
    if (need <= t->room)
        return;
    size_t room = t->room * 2 > need ? t->room * 2 : need + 64;
    t->data = must(realloc(t->data, room));
    t->room = room;
}

void text_add(struct text *t, const char *bytes, size_t count) {
    reserve(t, count);
    if (count)
        memcpy(t->data + t->length, bytes, count);
    t->length += count;
    t->data[t->length] = '\0';
}

void text_fill(struct text *t, char c, size_t count) {
    reserve(t, count);
    memset(t->data + t->length, c, count);
    t->length += count;
    t->data[t->length] = '\0';
}

static void add_list(struct text *t, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length > 0) {
        reserve(t, (size_t)length);
        vsnprintf(t->data + t->length, (size_t)length + 1, format, again);
        t->length += (size_t)length;
    }
    va_end(again);
}

void text_addf(struct text *t, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add_list(t, format, arguments);
    va_end(arguments);
}

void text_add_word(struct text *t, const char *word) {
    if (*word && word[strcspn(word, " \t\n'\"\\$`&;|<>()*?[]#~!{}")] == '\0') {
        text_addf(t, " %s", word);
        return;
    }
    text_addf(t, " '");
    for (; *word; word++)
        text_addf(t, "%s", *word == '\'' ? "'\\''" : (char[]){*word, '\0'});
    text_addf(t, "'");
}

char *text_take(struct text *t) {
    text_add(t, "", 0);
    char *data = t->data;
    *t = (struct text){0};
    return data;
}

void text_free(struct text *t) {
    free(t->data);
    *t = (struct text){0};
}

char *text_format(const char *format, ...) {
    struct text t = {0};
    va_list arguments;
    va_start(arguments, format);
    add_list(&t, format, arguments);
    va_end(arguments);
    return text_take(&t);
}

char *text_copy(const char *s) {
    return must(strdup(s));
}

static char *read_all(FILE *in, size_t most, size_t *length) {
    struct text t = {0};
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, in)) > 0;) {
        text_add(&t, block, got);
        if (t.length > most) {
            text_free(&t);
            errno = EFBIG;
            return NULL;
        }
    }
    *length = t.length;
    if (!ferror(in))
        return text_take(&t);
    text_free(&t);
    return NULL;
}

char *text_file(const char *path, size_t most) {
    size_t length;
    return text_file_bytes(path, most, &length);
}

char *text_file_bytes(const char *path, size_t most, size_t *length) {
    FILE *in = fopen(path, "re");
    if (!in)
        return NULL;
    char *data = read_all(in, most, length);
    int problem = errno;
    fclose(in);
    errno = problem;
    return data;
}

// The length of the UTF-8 sequence at s: 1 to 4, or 0 when it is none (overlong forms, surrogates
// and values past U+10FFFF included).
static size_t sequence(const unsigned char *s) {
    if (s[0] < 0x80)
        return 1;
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    uint32_t value = s[0] & (0x7fu >> length);
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3fu);
    }
    bool surrogate = value >= 0xd800 && value < 0xe000;
    return value < least[length] || value > 0x10ffff || surrogate ? 0 : length;
}

static bool is_control(const unsigned char *s, size_t length) {
    if (length == 1)
        return (s[0] < 0x20 && s[0] != '\n' && s[0] != '\t') || s[0] == 0x7f;
    return length == 2 && s[0] == 0xc2 && s[1] < 0xa0; // C1
}

// The length of the terminal sequence at s (CSI or OSC), 0: none begins here.
static size_t escape(const unsigned char *s) {
    size_t i = 2;
    if (s[0] != '\033' || (s[1] != '[' && s[1] != ']'))
        return 0;
    if (s[1] == '[') {
        while (s[i] >= 0x20 && s[i] < 0x40)
            i++;
        return i + (s[i] >= 0x40 && s[i] < 0x7f);
    }
    while (s[i] >= 0x20)
        i++;
    return i + (s[i] == '\a');
}

char *text_clean(const char *s) {
    struct text t = {0};
    for (const unsigned char *p = (const unsigned char *)s; *p;) {
        size_t skipped = escape(p), length = skipped ? skipped : sequence(p);
        if (length == 0)
            text_add(&t, "\xef\xbf\xbd", 3);
        else if (!skipped && !is_control(p, length))
            text_add(&t, (const char *)p, length);
        p += length ? length : 1;
    }
    return text_take(&t);
}

size_t text_columns(const char *s, size_t bytes) {
    size_t columns = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (s[i] == '\033' && i + 1 < bytes && s[i + 1] == '[') {
            while (i < bytes && s[i] != 'm')
                i++;
            continue;
        }
        columns += ((unsigned char)s[i] & 0xc0) != 0x80;
    }
    return columns;
}

char *text_count(uint64_t n, char *out, size_t size) {
    char digits[24], grouped[32];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    int at = 0;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            grouped[at++] = ',';
        grouped[at++] = digits[i];
    }
    grouped[at] = '\0';
    snprintf(out, size, "%s", grouped);
    return out;
}
