// access: the calls that compilers put before plain accesses.
#include "harness/hooks/runtime.h"

#define SIZED(n)                                                                                   \
    HOOK void __tsan_read##n(void *p) {                                                            \
        access_range(p, n, 0, CALLER);                                                             \
    }                                                                                              \
    HOOK void __tsan_write##n(void *p) {                                                           \
        access_range(p, n, WRITES, CALLER);                                                        \
    }                                                                                              \
    HOOK void __tsan_unaligned_read##n(void *p) {                                                  \
        access_range(p, n, 0, CALLER);                                                             \
    }                                                                                              \
    HOOK void __tsan_unaligned_write##n(void *p) {                                                 \
        access_range(p, n, WRITES, CALLER);                                                        \
    }                                                                                              \
    HOOK void __tsan_volatile_read##n(void *p) {                                                   \
        access_range(p, n, 0, CALLER);                                                             \
    }                                                                                              \
    HOOK void __tsan_volatile_write##n(void *p) {                                                  \
        access_range(p, n, WRITES, CALLER);                                                        \
    }                                                                                              \
    HOOK void __tsan_unaligned_volatile_read##n(void *p) {                                         \
        access_range(p, n, 0, CALLER);                                                             \
    }                                                                                              \
    HOOK void __tsan_unaligned_volatile_write##n(void *p) {                                        \
        access_range(p, n, WRITES, CALLER);                                                        \
    }                                                                                              \
    HOOK void __tsan_read_write##n(void *p) {                                                      \
        access_range(p, n, 0, CALLER);                                                             \
        access_range(p, n, WRITES, CALLER);                                                        \
    }                                                                                              \
    HOOK void __tsan_unaligned_read_write##n(void *p) {                                            \
        access_range(p, n, 0, CALLER);                                                             \
        access_range(p, n, WRITES, CALLER);                                                        \
    }
SIZED(1)
SIZED(2)
SIZED(4)
SIZED(8)
SIZED(16)

HOOK void __tsan_init(void) {
}

HOOK void __tsan_read_range(void *p, unsigned long size) {
    access_range(p, size, 0, CALLER);
}

HOOK void __tsan_write_range(void *p, unsigned long size) {
    access_range(p, size, WRITES, CALLER);
}

HOOK void __tsan_vptr_read(void **p) {
    access_range(p, sizeof *p, 0, CALLER);
}

HOOK void __tsan_vptr_update(void **p, void *value) {
    if (*p != value)
        access_range(p, sizeof *p, WRITES, CALLER);
}
