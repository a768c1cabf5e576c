/* How much a slow test does: WHOLE, or SANITIZED where the address sanitizer, ten times slower, looks for wrong accesses and leaks and not for quality. */
#ifndef WEFT_TESTS_EFFORT_H
#define WEFT_TESTS_EFFORT_H

#ifdef __SANITIZE_ADDRESS__
#define EFFORT(whole, sanitized) (sanitized)
#else
#define EFFORT(whole, sanitized) (whole)
#endif

#endif
