/* base/isa.h: which vector instructions the kernels use, chosen at run time. */
#ifndef WEFT_BASE_ISA_H
#define WEFT_BASE_ISA_H

typedef enum weft_i_isa { WEFT_I_ISA_BASE = 0, WEFT_I_ISA_AVX2, WEFT_I_ISA_AVX512, WEFT_I_N_ISAS } weft_i_isa_t;

/* The widest that this processor has and the variable WEFT_ISA (base, avx2, avx512) allows. */
weft_i_isa_t weft_i_isa(void);
/* Test hook: at most this one from now on; WEFT_I_N_ISAS: back to the default. */
void weft_i_isa_limit(weft_i_isa_t most);
#endif
