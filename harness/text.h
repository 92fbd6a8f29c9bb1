// text: strings that grow, for whoever writes words. Running out of memory ends the program with a
// sentence, so nothing here returns NULL for lack of it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A string under construction. The zero value is the empty string.
struct text {
    char *data;    // NUL-terminated once anything was added; NULL before
    size_t length; // bytes without the NUL
    size_t room;   // bytes allocated
};

void text_add(struct text *t, const char *bytes, size_t count);
void text_addf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A space, and the word as a shell takes it.
void text_add_word(struct text *t, const char *word);
void text_fill(struct text *t, char c, size_t count);
// What was built, malloc'ed, never NULL; `t` is empty again.
char *text_take(struct text *t);
void text_free(struct text *t);

// malloc'ed, never NULL.
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_copy(const char *s);

// "12", "4,211", "100,000"; returns out.
char *text_count(uint64_t n, char *out, size_t size);

// A whole file, malloc'ed and NUL-terminated. NULL: unreadable or longer than `most` bytes; errno
// says (EFBIG for the latter).
char *text_file(const char *path, size_t most);
// The same of a file that may hold NULs: *length gets how many bytes there are before the last one.
char *text_file_bytes(const char *path, size_t most, size_t *length);

// Zeroed memory, never NULL.
void *zero_alloc(size_t count, size_t size);

// p resized to `count` elements, new ones uninitialised; never NULL.
void *more_memory(void *p, size_t count, size_t size);

// UTF-8 without control characters but newline and tab, malloc'ed: bytes that are no UTF-8 become
// U+FFFD, terminal sequences vanish. For text that came from code under test.
char *text_clean(const char *s);

// Columns of a UTF-8 string on a terminal, its escape sequences not counted.
size_t text_columns(const char *s, size_t bytes);
