#include "tui/glyphs.h"

uint32_t glyph(bool ascii, enum glyph g) {
    static const uint32_t utf8s[] = {
#define X(name, utf8, plain) utf8,
        GLYPHS(X)
#undef X
    };
    static const uint32_t plains[] = {
#define X(name, utf8, plain) plain,
        GLYPHS(X)
#undef X
    };
    return ascii ? plains[g] : utf8s[g];
}
