// fuzz: what the fuzz targets share. Each is one file, fuzz_NAME.c beside what it reads, with a folder
// seeds/NAME of inputs: those it begins from, and every one that ever broke something.
//
//     harness/fuzz/run 60          looks for new ones, with clang and libFuzzer, so many seconds each
//     ./test harness_seeds         reads all that are there once more, with any compiler
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The target: reads one input, whatever it is, and comes back. What it finds wrong ends the process.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A target may have its own way to make an input from another one, in place, of at most `most` bytes;
// returns its size. Without it libFuzzer changes bytes.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

// Ends the process, and says what does not hold.
void fuzz_must(bool holds, const char *what);

// A copy with a NUL behind it, malloc'ed to its size, so that a sanitizer sees who reads on.
char *fuzz_text(const uint8_t *data, size_t size);

// The path of a file that holds these bytes, until the next call. In memory.
const char *fuzz_file(const uint8_t *data, size_t size);

// The path of a folder of this process's own, which is removed at its end.
const char *fuzz_folder(void);
