// glyphs: every character beyond letters that the screens draw, with its ASCII twin.
//
// All are one column wide, none has an emoji form, and none is braille (screen readers read that
// aloud). X(NAME, code point, ASCII)
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define GLYPHS(X)                                                                                  \
    X(RULE, 0x2500, '-')                                                                           \
    X(BAR, 0x2502, '|')                                                                            \
    X(TEE_DOWN, 0x252C, '+')                                                                       \
    X(AXIS, 0x2524, '|')                                                                           \
    X(ORIGIN, 0x2534, '+')                                                                         \
    X(UP, 0x2191, '^')                                                                             \
    X(DOWN, 0x2193, 'v')                                                                           \
    X(DOT, 0x00B7, '.')                                                                            \
    X(LEFT, 0x2588, '#')                                                                           \
    X(BLOCKED, 0x2593, '=')                                                                        \
    X(RUNNABLE, 0x2592, '+')                                                                       \
    X(SLEEPING, 0x2591, ':')                                                                       \
    X(EIGHTH_1, 0x2581, '_')                                                                       \
    X(EIGHTH_2, 0x2582, '_')                                                                       \
    X(EIGHTH_3, 0x2583, '_')                                                                       \
    X(EIGHTH_4, 0x2584, ',')                                                                       \
    X(EIGHTH_5, 0x2585, ',')                                                                       \
    X(EIGHTH_6, 0x2586, '#')                                                                       \
    X(EIGHTH_7, 0x2587, '#')

enum glyph {
#define X(name, utf8, ascii) GLYPH_##name,
    GLYPHS(X)
#undef X
        GLYPH_COUNT
};

uint32_t glyph(bool ascii, enum glyph g);
