/* base/isa.h: which vector instructions the kernels use, chosen at run time. */
#ifndef WEFT_BASE_ISA_H
#define WEFT_BASE_ISA_H
#include <stdint.h>

typedef enum weft_i_isa { WEFT_I_ISA_BASE = 0, WEFT_I_ISA_AVX2, WEFT_I_ISA_AVX512, WEFT_I_N_ISAS } weft_i_isa_t;

/* The widest that this processor has and the variable WEFT_ISA (base, avx2, avx512) allows. */
weft_i_isa_t weft_i_isa(void);
/* Test hook: at most this one from now on; WEFT_I_N_ISAS: back to the default. */
void weft_i_isa_limit(weft_i_isa_t most);

/* For a function of plain loops: compiled for several vector widths, chosen when the library is loaded. Without contraction and with sums in a stated
 * order the bits are the same for all of them. (An OpenMP region inside would not be cloned: put the loop into a function of its own.) */
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define WEFT_I_WIDE __attribute__((noinline, target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WEFT_I_WIDE
#endif
/* Bytes of the third cache that this processor shares with its neighbours; 0: none, or nobody says. */
int64_t weft_i_third_cache(void);
void weft_i_third_cache_is(int64_t bytes); /* test hook; -1: back to what the system says */
#endif
