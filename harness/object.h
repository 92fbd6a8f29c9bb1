// object: a compiled file: its symbols, sections and code. Nothing in it is believed:
// every offset is looked at before it is followed.
#pragma once

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A table of symbols and their names.
struct symbols {
    const Elf64_Sym *list; // NULL: there is none
    size_t count;
    const char *names;
    size_t names_size;
};

struct object {
    const char *bytes; // NULL: not open
    size_t size;
    const Elf64_Ehdr *head; // NULL: no object for a machine of 64 bits
    struct symbols dynamic; // what it takes from others and offers to them
    struct symbols all;     // and what is its own; stripped objects have none
    bool thread_variables;
};

// Reads a file. False: it cannot be read, and `o` may be asked and closed all the same. A file that is no
// object has no symbols.
bool object_open(struct object *o, const char *path);
void object_close(struct object *o);

// The name of a symbol of that table. NULL: it has none within the object.
const char *object_name(const struct symbols *s, const Elf64_Sym *symbol);

// Whether others find a symbol of that name in it.
bool object_defines(const struct object *o, const char *name);

// Its sections, its segments. NULL: none, or not all within; *count is 0.
const Elf64_Shdr *object_sections(const struct object *o, size_t *count);
const Elf64_Phdr *object_segments(const struct object *o, size_t *count);

// `size` bytes of it at that offset. NULL: they are not all within.
const void *object_bytes(const struct object *o, uint64_t at, uint64_t size);
