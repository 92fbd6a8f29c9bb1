// object: see object.h.
//
// Invariant: what is handed out lies within the file, in full.
//
// It is read, not mapped: nobody can change it while it is looked at, and ThreadSanitizer takes a mapping for
// a write to all of it. Where the object was loaded to those addresses afterwards, one in four of the
// accesses that the runtime remembers of a variable was that write.
#include "harness/object.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// --- within -------------------------------------------------------------------------------------------

const void *object_bytes(const struct object *o, uint64_t at, uint64_t size) {
    return at <= o->size && size <= o->size - at ? o->bytes + at : NULL;
}

// `count` items of `each` bytes at that offset, where they can be read as what they are.
static const void *items(const struct object *o, uint64_t at, uint64_t count, uint64_t each) {
    if (at % _Alignof(Elf64_Sym) || count > o->size / each)
        return NULL;
    return object_bytes(o, at, count * each);
}

const Elf64_Shdr *object_sections(const struct object *o, size_t *count) {
    *count = o->head ? o->head->e_shnum : 0;
    const Elf64_Shdr *found = o->head ? items(o, o->head->e_shoff, *count, sizeof *found) : NULL;
    *count = found ? *count : 0;
    return found;
}

const Elf64_Phdr *object_segments(const struct object *o, size_t *count) {
    *count = o->head ? o->head->e_phnum : 0;
    const Elf64_Phdr *found = o->head ? items(o, o->head->e_phoff, *count, sizeof *found) : NULL;
    *count = found ? *count : 0;
    return found;
}

// --- opening ------------------------------------------------------------------------------------------

static void table_find(struct object *o, uint32_t type, struct symbols *out) {
    size_t count;
    const Elf64_Shdr *sections = object_sections(o, &count);
    for (size_t i = 0; i < count; i++) {
        const Elf64_Shdr *s = &sections[i];
        if (s->sh_type != type || s->sh_link >= count)
            continue;
        const Elf64_Shdr *strings = &sections[s->sh_link];
        out->count = s->sh_size / sizeof *out->list;
        out->list = items(o, s->sh_offset, out->count, sizeof *out->list);
        out->names_size = strings->sh_size;
        out->names = object_bytes(o, strings->sh_offset, strings->sh_size);
    }
    if (!out->list || !out->names)
        *out = (struct symbols){0};
}

static void look_inside(struct object *o) {
    const Elf64_Ehdr *head = (const void *)o->bytes;
    if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != ELFCLASS64)
        return;
    o->head = head;
    table_find(o, SHT_DYNSYM, &o->dynamic);
    table_find(o, SHT_SYMTAB, &o->all);
    size_t count;
    const Elf64_Phdr *segments = object_segments(o, &count);
    for (size_t i = 0; i < count; i++)
        o->thread_variables |= segments[i].p_type == PT_TLS;
}

// All of it, or nothing.
static char *content_of(int fd, size_t size) {
    char *bytes = malloc(size);
    size_t done = 0;
    ssize_t n = 1;
    while (bytes && done < size && n > 0) {
        n = pread(fd, bytes + done, size - done, (off_t)done);
        done += n > 0 ? (size_t)n : 0;
    }
    if (done == size)
        return bytes;
    free(bytes);
    return NULL;
}

bool object_open(struct object *o, const char *path) {
    *o = (struct object){0};
    struct stat info;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    if (!fstat(fd, &info) && S_ISREG(info.st_mode) && info.st_size >= (off_t)sizeof(Elf64_Ehdr)) {
        o->size = (size_t)info.st_size;
        o->bytes = content_of(fd, o->size);
    }
    close(fd);
    if (o->bytes)
        look_inside(o);
    return o->bytes;
}

void object_close(struct object *o) {
    free((void *)(uintptr_t)o->bytes);
    *o = (struct object){0};
}

// --- symbols ------------------------------------------------------------------------------------------

const char *object_name(const struct symbols *s, const Elf64_Sym *symbol) {
    if (!s->names || symbol->st_name >= s->names_size)
        return NULL;
    const char *name = s->names + symbol->st_name;
    return *name && memchr(name, 0, s->names_size - symbol->st_name) ? name : NULL;
}

bool object_defines(const struct object *o, const char *wanted) {
    for (size_t i = 0; i < o->dynamic.count; i++) {
        const char *name = object_name(&o->dynamic, &o->dynamic.list[i]);
        if (o->dynamic.list[i].st_shndx != SHN_UNDEF && name && !strcmp(name, wanted))
            return true;
    }
    return false;
}
