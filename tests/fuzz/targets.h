/* tests/fuzz/targets.h: one function per reader; bytes in, nothing out. They must not crash, leak, hang or believe a lie about sizes. */
#ifndef WEFT_TESTS_FUZZ_TARGETS_H
#define WEFT_TESTS_FUZZ_TARGETS_H
#include <stddef.h>
#include <stdint.h>

typedef struct fuzz_target { const char *name; void (*run)(const uint8_t *data, size_t size); } fuzz_target_t;
extern const fuzz_target_t fuzz_targets[]; /* ends with a NULL name */
#endif
