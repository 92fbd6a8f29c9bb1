// libc: functions of libc that read or write memory of their caller's.
//
// libc is not instrumented, so what it does to memory is said here, and then its own function is called. The
// program that has this file offers these names to all it loads, and it comes before libc in the search for
// symbols. Each says what it touches by libc's own definition of it, and only then does it: where others go
// first, what it returns is of after them. Beside the learner's code also the core calls them, as it does under libtsan: in a task's name it
// has no business in memory that others use (core/HACKING.md, Sanitizers).
//
// Not here: what belongs to the run (malloc, printf and the like arrive in harness/runner/shim.c) and what is
// refused (harness/refused.c).
#include "harness/hooks/runtime.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

// libc's own function of that name, with the type of the one declared here.
#define REAL(name)                                                                                 \
    ({                                                                                             \
        static __typeof__(&name) real;                                                             \
        if (!real)                                                                                 \
            real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                                     \
        real;                                                                                      \
    })

#define READS(p, size) access_range((p), (size), 0, CALLER)
#define WROTE(p, size) access_range((p), (size), WRITES, CALLER)

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

// --- blocks of memory -----------------------------------------------------------------------------------

HOOK void *memcpy(void *to, const void *from, size_t size) {
    READS(from, size);
    WROTE(to, size);
    return REAL(memcpy)(to, from, size);
}

HOOK void *memmove(void *to, const void *from, size_t size) {
    READS(from, size);
    WROTE(to, size);
    return REAL(memmove)(to, from, size);
}

HOOK void *mempcpy(void *to, const void *from, size_t size) {
    READS(from, size);
    WROTE(to, size);
    return REAL(mempcpy)(to, from, size);
}

HOOK void *memset(void *to, int byte, size_t size) {
    WROTE(to, size);
    return REAL(memset)(to, byte, size);
}

HOOK void bzero(void *to, size_t size) {
    WROTE(to, size);
    REAL(memset)(to, 0, size);
}

HOOK int memcmp(const void *a, const void *b, size_t size) {
    READS(a, size);
    READS(b, size);
    return REAL(memcmp)(a, b, size);
}

HOOK int bcmp(const void *a, const void *b, size_t size) {
    READS(a, size);
    READS(b, size);
    return REAL(memcmp)(a, b, size);
}

HOOK void *memchr(const void *p, int byte, size_t size) {
    const char *found = REAL(memchr)(p, byte, size);
    READS(p, found ? (size_t)(found - (const char *)p) + 1 : size);
    return REAL(memchr)(p, byte, size);
}

// What newer compilers call instead.
HOOK void *__tsan_memcpy(void *to, const void *from, size_t size) {
    READS(from, size);
    WROTE(to, size);
    return REAL(memcpy)(to, from, size);
}

HOOK void *__tsan_memmove(void *to, const void *from, size_t size) {
    READS(from, size);
    WROTE(to, size);
    return REAL(memmove)(to, from, size);
}

HOOK void *__tsan_memset(void *to, int byte, size_t size) {
    WROTE(to, size);
    return REAL(memset)(to, byte, size);
}

// --- strings --------------------------------------------------------------------------------------------

HOOK size_t strlen(const char *s) {
    READS(s, REAL(strlen)(s) + 1);
    return REAL(strlen)(s);
}

HOOK size_t strnlen(const char *s, size_t most) {
    READS(s, least(REAL(strnlen)(s, most) + 1, most));
    return REAL(strnlen)(s, most);
}

HOOK char *strcpy(char *to, const char *from) {
    size_t size = REAL(strlen)(from) + 1;
    READS(from, size);
    WROTE(to, size);
    return REAL(memcpy)(to, from, size);
}

HOOK char *stpcpy(char *to, const char *from) {
    size_t size = REAL(strlen)(from) + 1;
    READS(from, size);
    WROTE(to, size);
    return (char *)REAL(memcpy)(to, from, size) + size - 1;
}

HOOK char *strncpy(char *to, const char *from, size_t size) {
    READS(from, least(REAL(strnlen)(from, size) + 1, size));
    WROTE(to, size);
    return REAL(strncpy)(to, from, size);
}

HOOK char *strcat(char *to, const char *from) {
    size_t size = REAL(strlen)(from) + 1, before = REAL(strlen)(to);
    READS(from, size);
    READS(to, before + 1);
    WROTE(to + before, size);
    REAL(memcpy)(to + before, from, size);
    return to;
}

HOOK char *strncat(char *to, const char *from, size_t most) {
    size_t size = REAL(strnlen)(from, most), before = REAL(strlen)(to);
    READS(from, least(size + 1, most));
    READS(to, before + 1);
    WROTE(to + before, size + 1);
    return REAL(strncat)(to, from, most);
}

// Up to the first difference, or the end of both.
static size_t compared(const char *a, const char *b, size_t most) {
    size_t i = 0;
    while (i < most && a[i] && a[i] == b[i])
        i++;
    return least(i + 1, most);
}

HOOK int strcmp(const char *a, const char *b) {
    size_t size = compared(a, b, SIZE_MAX);
    READS(a, size);
    READS(b, size);
    return REAL(strcmp)(a, b);
}

HOOK int strncmp(const char *a, const char *b, size_t most) {
    size_t size = compared(a, b, most);
    READS(a, size);
    READS(b, size);
    return REAL(strncmp)(a, b, most);
}

static size_t compared_in_any_case(const char *a, const char *b, size_t most) {
    size_t i = 0;
    while (i < most && a[i] && REAL(strncasecmp)(a + i, b + i, 1) == 0)
        i++;
    return least(i + 1, most);
}

HOOK int strcasecmp(const char *a, const char *b) {
    size_t size = compared_in_any_case(a, b, SIZE_MAX);
    READS(a, size);
    READS(b, size);
    return REAL(strcasecmp)(a, b);
}

HOOK int strncasecmp(const char *a, const char *b, size_t most) {
    size_t size = compared_in_any_case(a, b, most);
    READS(a, size);
    READS(b, size);
    return REAL(strncasecmp)(a, b, most);
}

HOOK char *strchr(const char *s, int byte) {
    const char *found = REAL(strchr)(s, byte);
    READS(s, (found ? (size_t)(found - s) : REAL(strlen)(s)) + 1);
    return REAL(strchr)(s, byte);
}

HOOK char *strchrnul(const char *s, int byte) {
    READS(s, (size_t)(REAL(strchrnul)(s, byte) - s) + 1);
    return REAL(strchrnul)(s, byte);
}

HOOK char *strrchr(const char *s, int byte) {
    READS(s, REAL(strlen)(s) + 1);
    return REAL(strrchr)(s, byte);
}

HOOK char *strstr(const char *s, const char *word) {
    const char *found = REAL(strstr)(s, word);
    size_t length = REAL(strlen)(word);
    READS(word, length + 1);
    READS(s, found ? (size_t)(found - s) + length : REAL(strlen)(s) + 1);
    return REAL(strstr)(s, word);
}

HOOK size_t strspn(const char *s, const char *set) {
    READS(s, REAL(strspn)(s, set) + 1);
    READS(set, REAL(strlen)(set) + 1);
    return REAL(strspn)(s, set);
}

HOOK size_t strcspn(const char *s, const char *set) {
    READS(s, REAL(strcspn)(s, set) + 1);
    READS(set, REAL(strlen)(set) + 1);
    return REAL(strcspn)(s, set);
}

HOOK char *strpbrk(const char *s, const char *set) {
    READS(s, REAL(strcspn)(s, set) + 1);
    READS(set, REAL(strlen)(set) + 1);
    return REAL(strpbrk)(s, set);
}

// It writes where a word ends, and nothing else.
HOOK char *strtok_r(char *s, const char *set, char **rest) {
    char *from = s ? s : *rest;
    char *word = REAL(strtok_r)(s, set, rest);
    READS(set, REAL(strlen)(set) + 1);
    READS(from, (size_t)(*rest - from) + 1);
    if (word && *rest > word)
        WROTE(*rest - 1, 1);
    WROTE(rest, sizeof *rest);
    return word;
}

// --- sorting --------------------------------------------------------------------------------------------

HOOK void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    READS(base, count * size);
    REAL(qsort)(base, count, size, compare);
    WROTE(base, count * size);
}

HOOK void qsort_r(void *base, size_t count, size_t size,
                  int (*compare)(const void *, const void *, void *), void *user) {
    READS(base, count * size);
    REAL(qsort_r)(base, count, size, compare, user);
    WROTE(base, count * size);
}

// --- formats --------------------------------------------------------------------------------------------

// One conversion of a format, as far as it tells what an argument is.
struct conversion {
    char kind;            // 's', 'd', ...; 0: the format is over
    int width, precision; // -1: none; -2: an argument says
    int longs;            // how many l, L, j, z, t before the kind; below 0: how many h
    bool skipped;         // scanf: nothing is stored
};

static const char *number(const char *p, int *out) {
    if (*p == '*') {
        *out = -2;
        return p + 1;
    }
    for (*out = 0; *p >= '0' && *p <= '9'; p++)
        *out = *out * 10 + (*p - '0');
    return p;
}

// Reads the next conversion; p is in the format. Returns what follows it.
static const char *conversion_next(const char *p, struct conversion *c, bool scans) {
    *c = (struct conversion){.width = -1, .precision = -1};
    while (*p && *p != '%')
        p++;
    if (!*p)
        return p;
    p++;
    if (scans && *p == '*') {
        c->skipped = true;
        p++;
    }
    while (!scans && *p && REAL(strchr)("-+ #0'", *p))
        p++;
    if (*p == '*' || (*p >= '0' && *p <= '9'))
        p = number(p, &c->width);
    if (*p == '.')
        p = number(p + 1, &c->precision);
    for (; *p && REAL(strchr)("hlLqjzt", *p); p++)
        c->longs += *p == 'h' ? -1 : 1;
    c->kind = *p ? *p : 0;
    return *p ? p + 1 : p;
}

static size_t integer_size(const struct conversion *c) {
    return c->longs > 0 ? 8 : c->longs == 0 ? 4 : c->longs == -1 ? 2 : 1;
}

static void read_text(const char *s, int precision, void *pc) {
    if (!s)
        return;
    size_t most = precision >= 0 ? (size_t)precision : SIZE_MAX;
    size_t length = REAL(strnlen)(s, most);
    access_range(s, least(length + 1, most), 0, pc);
}

static void take_argument(const struct conversion *c, va_list *args, void *pc) {
    int precision = c->precision;
    if (c->width == -2)
        (void)va_arg(*args, int);
    if (precision == -2)
        precision = va_arg(*args, int);
    if (c->kind == 's' && c->longs > 0)
        (void)va_arg(*args, wchar_t *);
    else if (c->kind == 's')
        read_text(va_arg(*args, const char *), precision, pc);
    else if (c->kind == 'n')
        access_range(va_arg(*args, void *), integer_size(c), WRITES, pc);
    else if (REAL(strchr)("aAeEfFgG", c->kind) && c->longs && c->kind)
        (void)va_arg(*args, long double);
    else if (REAL(strchr)("aAeEfFgG", c->kind))
        (void)va_arg(*args, double);
    else if (c->kind != '%' && c->kind != 'm')
        (void)va_arg(*args, long);
}

// What printing by this format reads.
static void prints(const char *format, va_list args, void *pc) {
    struct conversion c;
    va_list copy;
    va_copy(copy, args);
    access_range(format, REAL(strlen)(format) + 1, 0, pc);
    for (const char *p = conversion_next(format, &c, false); c.kind;
         p = conversion_next(p, &c, false))
        take_argument(&c, &copy, pc);
    va_end(copy);
}

static int print(char *to, size_t size, const char *format, va_list args, void *pc) {
    prints(format, args, pc);
    int n = REAL(vsnprintf)(to, size, format, args);
    if (n >= 0)
        access_range(to, least((size_t)n + 1, size), WRITES, pc);
    return n;
}

HOOK int vsnprintf(char *to, size_t size, const char *format, va_list args) {
    return print(to, size, format, args, CALLER);
}

HOOK int snprintf(char *to, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = print(to, size, format, args, CALLER);
    va_end(args);
    return n;
}

HOOK int vsprintf(char *to, const char *format, va_list args) {
    return print(to, INT32_MAX, format, args, CALLER);
}

HOOK int sprintf(char *to, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = print(to, INT32_MAX, format, args, CALLER);
    va_end(args);
    return n;
}

// How much a conversion stored at `to`.
static size_t stored_size(const struct conversion *c, const char *to) {
    switch (c->kind) {
    case 's':
    case '[':
        return c->longs > 0 ? sizeof(wchar_t) : REAL(strlen)(to) + 1;
    case 'c':
        return c->width > 0 ? (size_t)c->width : 1;
    case 'p':
        return sizeof(void *);
    case 'a':
    case 'e':
    case 'f':
    case 'g':
    case 'A':
    case 'E':
    case 'F':
    case 'G':
        return c->longs > 0 ? sizeof(double) : sizeof(float);
    default:
        return integer_size(c);
    }
}

// The set of a %[ may hold a ], if that comes first.
static const char *set_end(const char *p) {
    p += *p == '^';
    p += *p == ']';
    while (*p && *p != ']')
        p++;
    return *p ? p + 1 : p;
}

// What scanning by this format wrote: the first `count` arguments.
static void scanned(const char *format, int count, va_list *args, void *pc) {
    struct conversion c;
    const char *p = conversion_next(format, &c, true);
    for (; c.kind && count > 0; p = conversion_next(p, &c, true)) {
        if (c.kind == '[')
            p = set_end(p);
        if (c.skipped || c.kind == '%')
            continue;
        char *to = va_arg(*args, char *);
        access_range(to, stored_size(&c, to), WRITES, pc);
        count -= c.kind != 'n';
    }
}

static int scan(const char *from, const char *format, va_list args, void *pc) {
    va_list copy;
    va_copy(copy, args);
    access_range(from, REAL(strlen)(from) + 1, 0, pc);
    access_range(format, REAL(strlen)(format) + 1, 0, pc);
    int n = REAL(vsscanf)(from, format, args);
    scanned(format, n, &copy, pc);
    va_end(copy);
    return n;
}

// Headers give these two another name, here as for whoever calls them.
HOOK int vsscanf(const char *from, const char *format, va_list args) {
    return scan(from, format, args, CALLER);
}

HOOK int sscanf(const char *from, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = scan(from, format, args, CALLER);
    va_end(args);
    return n;
}

// --- numbers --------------------------------------------------------------------------------------------

// As far as it read, and the character that ended it.
#define NUMBER(type, name, ...)                                                                    \
    HOOK type name(const char *s, char **end __VA_OPT__(, ) __VA_ARGS__) {                         \
        char *after;                                                                               \
        (void)REAL(name)(s, &after NUMBER_BASE);                                                   \
        READS(s, (size_t)(after - s) + 1);                                                         \
        type value = REAL(name)(s, &after NUMBER_BASE);                                            \
        if (end) {                                                                                 \
            WROTE(end, sizeof *end);                                                               \
            *end = after;                                                                          \
        }                                                                                          \
        return value;                                                                              \
    }
#define NUMBER_BASE , base
NUMBER(long, strtol, int base)
NUMBER(long long, strtoll, int base)
NUMBER(unsigned long, strtoul, int base)
NUMBER(unsigned long long, strtoull, int base)
#undef NUMBER_BASE
#define NUMBER_BASE
NUMBER(double, strtod)
NUMBER(float, strtof)
