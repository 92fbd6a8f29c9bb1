// x86: reads machine code far enough to know where each instruction begins, and finds those that ask the
// kernel, the clock or the protection of memory without a library.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The length of the instruction that begins here, of 64-bit code, in bytes; 0: it is none, or does not
// end within `size`. The tables are those of the Intel manual, volume 2, appendix A.
size_t x86_length(const uint8_t *code, size_t size);

// The first such instruction in code for a machine of ELF's number e_machine (x86-64 and AArch64 are
// known), as a printf format without use for its argument: "it has the instruction syscall%s". NULL: none.
const char *code_door(const uint8_t *code, size_t size, uint16_t e_machine);
