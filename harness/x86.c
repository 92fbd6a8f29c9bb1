// x86: see x86.h.
//
// An instruction is prefixes, an opcode of one to three bytes, a ModRM byte with what it asks for, and a
// number. Which opcodes have a ModRM byte and how long their number is stands in bit sets and switches.
// What is no instruction at all is stepped over byte by byte.
#include "harness/x86.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>

struct instruction {
    size_t length;
    unsigned map; // 0: opcodes of one byte, 1: 0F xx, 2: 0F 38 xx, 3: 0F 3A xx
    uint8_t opcode;
    uint8_t modrm;
    bool has_modrm;
};

// What comes before the opcode.
struct prefixes {
    size_t length;
    bool wide;          // REX.W: numbers of 8 bytes for MOV
    bool short_operand; // 66
    bool short_address; // 67
    bool vex;           // the map is in the prefix itself
    unsigned map;
};

static bool is_legacy(uint8_t b) {
    return b == 0x66 || b == 0x67 || b == 0xf0 || b == 0xf2 || b == 0xf3 || b == 0x2e ||
           b == 0x36 || b == 0x3e || b == 0x26 || b == 0x64 || b == 0x65;
}

static struct prefixes prefixes_read(const uint8_t *p, size_t size) {
    struct prefixes x = {0};
    while (x.length < size && x.length < 14 && is_legacy(p[x.length])) {
        x.short_operand |= p[x.length] == 0x66;
        x.short_address |= p[x.length] == 0x67;
        x.length++;
    }
    if (x.length < size && (p[x.length] & 0xf0) == 0x40)
        x.wide = p[x.length++] & 8;
    size_t left = size - x.length;
    const uint8_t *v = p + x.length;
    if (left >= 3 && v[0] == 0xc5) {
        x = (struct prefixes){.length = x.length + 2, .vex = true, .map = 1};
    } else if (left >= 4 && v[0] == 0xc4) {
        x = (struct prefixes){.length = x.length + 3, .vex = true, .map = v[1] & 31};
    } else if (left >= 5 && v[0] == 0x62) {
        x = (struct prefixes){.length = x.length + 4, .vex = true, .map = v[1] & 7};
    }
    return x;
}

// Opcodes of one byte with a ModRM byte: one bit each, 16 a row.
static bool one_has_modrm(uint8_t op) {
    static const uint16_t rows[16] = {0x0f0f, 0x0f0f, 0x0f0f, 0x0f0f, 0,    0,      0x0a08, 0,
                                      0xffff, 0,      0,      0,      0xc3, 0xff0f, 0,      0xc0c0};
    if (op == 0xc4 || op == 0xc5 || op == 0x62)
        return false; // prefixes of their own
    return rows[op >> 4] >> (op & 15) & 1;
}

static bool two_has_modrm(uint8_t op) {
    if ((op >= 0x80 && op <= 0x8f) || (op >= 0xc8 && op <= 0xcf) || (op >= 0x30 && op <= 0x37))
        return false;
    static const uint8_t without[] = {0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
                                      0x0e, 0x77, 0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa};
    return !memchr(without, op, sizeof without);
}

// Bytes of the number behind it all.
static size_t one_number(const struct prefixes *x, uint8_t op, uint8_t modrm) {
    size_t word = x->short_operand ? 2 : 4;
    if (op < 0x40)
        return (op & 7) == 4 ? 1 : (op & 7) == 5 ? word : 0;
    if ((op >= 0x70 && op <= 0x7f) || (op >= 0xb0 && op <= 0xb7) || (op >= 0xe0 && op <= 0xe7))
        return 1;
    if (op >= 0xb8 && op <= 0xbf)
        return x->wide ? 8 : word;
    if (op >= 0xa0 && op <= 0xa3)
        return x->short_address ? 4 : 8;
    switch (op) {
    case 0x6a:
    case 0x6b:
    case 0x80:
    case 0x82:
    case 0x83:
    case 0xa8:
    case 0xc0:
    case 0xc1:
    case 0xc6:
    case 0xcd:
    case 0xd4:
    case 0xd5:
    case 0xeb:
        return 1;
    case 0x68:
    case 0x69:
    case 0x81:
    case 0xa9:
    case 0xc7:
        return word;
    case 0xe8:
    case 0xe9:
        return 4;
    case 0xc2:
    case 0xca:
        return 2;
    case 0xc8:
        return 3;
    case 0xf6:
        return (modrm >> 3 & 7) < 2 ? 1 : 0;
    case 0xf7:
        return (modrm >> 3 & 7) < 2 ? word : 0;
    default:
        return 0;
    }
}

static size_t two_number(uint8_t op) {
    if (op >= 0x80 && op <= 0x8f)
        return 4;
    static const uint8_t with[] = {0x70, 0x71, 0x72, 0x73, 0xa4, 0xac,
                                   0xba, 0xc2, 0xc4, 0xc5, 0xc6};
    return memchr(with, op, sizeof with) ? 1 : 0;
}

// The ModRM byte, the SIB byte and the displacement.
static size_t modrm_length(const uint8_t *p, size_t size) {
    if (!size)
        return 0;
    unsigned mode = p[0] >> 6, place = p[0] & 7;
    size_t length = 1;
    if (mode == 3)
        return length;
    if (place == 4) {
        if (size < 2)
            return 0;
        length++;
        if (mode == 0 && (p[1] & 7) == 5)
            return length + 4;
    }
    if (mode == 0)
        return length + (place == 5 ? 4 : 0);
    return length + (mode == 1 ? 1 : 4);
}

// How many bytes of opcode there are, and which.
static size_t opcode_read(const uint8_t *p, size_t size, const struct prefixes *x,
                          struct instruction *out) {
    size_t n = 0;
    out->map = x->map;
    if (!x->vex && size >= 2 && p[0] == 0x0f) {
        out->map = p[1] == 0x38 ? 2 : p[1] == 0x3a ? 3 : 1;
        n = out->map == 1 ? 1 : 2;
    }
    if (n >= size)
        return 0;
    out->opcode = p[n];
    return n + 1;
}

static bool has_modrm(const struct instruction *i, bool vex) {
    if (i->map == 0)
        return one_has_modrm(i->opcode);
    if (i->map == 1)
        return vex ? i->opcode != 0x77 : two_has_modrm(i->opcode);
    return true;
}

static size_t number_length(const struct instruction *i, const struct prefixes *x) {
    if (i->map == 0)
        return one_number(x, i->opcode, i->modrm);
    if (i->map == 1)
        return two_number(i->opcode);
    return i->map == 3 ? 1 : 0;
}

static struct instruction instruction_read(const uint8_t *code, size_t size) {
    struct instruction i = {0}, none = {0};
    struct prefixes x = prefixes_read(code, size);
    size_t at = x.length, read = opcode_read(code + at, size - at, &x, &i);
    if (!read)
        return none;
    at += read;
    i.has_modrm = has_modrm(&i, x.vex);
    if (i.has_modrm) {
        size_t asked = modrm_length(code + at, size - at);
        if (!asked || asked > size - at)
            return none;
        i.modrm = code[at];
        at += asked;
    }
    i.length = at + number_length(&i, &x);
    return i.length <= size && i.length <= 15 ? i : none;
}

size_t x86_length(const uint8_t *code, size_t size) {
    return instruction_read(code, size).length;
}

// --- doors --------------------------------------------------------------------------------------------

#define DOOR(name) "it has the machine's instruction " name "%s"

// Of those with 0F 01 and 0F AE and 0F C7 the ModRM byte says which it is.
static const char *two_door(const struct instruction *i) {
    unsigned which = i->modrm >> 3 & 7;
    bool registers = i->modrm >> 6 == 3;
    switch (i->opcode) {
    case 0x05:
        return DOOR("syscall");
    case 0x34:
        return DOOR("sysenter");
    case 0x31:
        return DOOR("rdtsc");
    case 0x33:
        return DOOR("rdpmc");
    case 0xa2:
        return DOOR("cpuid");
    case 0x01:
        return i->modrm == 0xf9   ? DOOR("rdtscp")
               : i->modrm == 0xee ? DOOR("rdpkru")
               : i->modrm == 0xef ? DOOR("wrpkru")
                                  : NULL;
    case 0xae:
        return registers && which < 4 ? DOOR("rdfsbase or its like") : NULL;
    case 0xc7:
        return registers && which >= 6 ? DOOR("rdrand or its like") : NULL;
    default:
        return NULL;
    }
}

static const char *one_door(const struct instruction *i, const uint8_t *number) {
    if (i->opcode == 0xcd)
        return *number == 0x80 ? DOOR("int 0x80") : DOOR("int");
    if (i->opcode == 0xc7 && i->modrm == 0xf8)
        return DOOR("xbegin");
    return NULL;
}

static const char *x86_door(const uint8_t *code, size_t size) {
    for (size_t at = 0; at < size;) {
        struct instruction i = instruction_read(code + at, size - at);
        const char *door = i.length && i.map == 0   ? one_door(&i, code + at + i.length - 1)
                           : i.length && i.map == 1 ? two_door(&i)
                                                    : NULL;
        if (door)
            return door;
        at += i.length ? i.length : 1;
    }
    return NULL;
}

static const char *arm_door(const uint8_t *code, size_t size) {
    const uint32_t kind = 0xffe0001f, svc = 0xd4000001, system = 0xfff00000, mrs = 0xd5300000;
    const uint32_t counter = 0xd53be000, counters = 0xfffff000;
    for (size_t at = 0; at + 4 <= size; at += 4) {
        uint32_t word;
        memcpy(&word, code + at, sizeof word);
        if ((word & kind) == svc)
            return DOOR("svc");
        if ((word & system) == mrs && (word & counters) == counter)
            return DOOR("mrs of a counter");
    }
    return NULL;
}

const char *code_door(const uint8_t *code, size_t size, uint16_t e_machine) {
    return e_machine == EM_X86_64    ? x86_door(code, size)
           : e_machine == EM_AARCH64 ? arm_door(code, size)
                                     : NULL;
}
