/* tests/fuzz/target_session.h: see target_session.c. */
#ifndef WEFT_TESTS_FUZZ_TARGET_SESSION_H
#define WEFT_TESTS_FUZZ_TARGET_SESSION_H
#include <stddef.h>
#include <stdint.h>

void fuzz_journal(const uint8_t *data, size_t size);
#endif
