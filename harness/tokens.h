// tokens: C source cut into what its preprocessor sees: words, numbers, strings, and where a line begins
// with #. Comments are gone, and so are line ends behind a backslash.
//
// Exact up to the first raw string (R"(...)"), which is told as such: who needs to know what comes after
// has to refuse it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
    TOKEN_END,
    TOKEN_LINE,   // the end of a line
    TOKEN_HASH,   // # (or %:) as the first of a line
    TOKEN_WORD,   // an identifier or a keyword
    TOKEN_NUMBER, // anything that begins with a digit
    TOKEN_STRING, // with its quotes, up to the end of the line if it has no end
    TOKEN_CHARACTER,
    TOKEN_RAW,   // the first word of a raw string
    TOKEN_OTHER, // any other character, alone, be it a byte of one that is not ASCII
};

struct token {
    enum token_kind kind;
    const char *text; // not ended by a NUL; lines that were joined are joined here
    size_t length;
    int line; // from 1, in the source as it was
};

struct tokens; // a source, and how far it has been read

// Begins to read; a copy is made of the text.
struct tokens *tokens_begin(const char *text, size_t size);
void tokens_end(struct tokens *t);

struct token tokens_next(struct tokens *t);
// What is next, which stays to be read.
struct token tokens_peek(const struct tokens *t);
// What stands from here to the end of the line, as it is; malloc'ed. Nothing of it is read by that.
char *tokens_rest(const struct tokens *t);

// Whether a token is this text.
bool token_is(const struct token *t, const char *text);
// Whether it is one of these words, parted by spaces, of which one that ends in * stands for all that
// begin so.
bool token_among(const struct token *t, const char *words);
