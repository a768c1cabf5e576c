/* base/isa.c: see isa.h. */
#include "base/isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int limit = WEFT_I_N_ISAS;

static int detect(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return WEFT_I_ISA_BASE;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") ? WEFT_I_ISA_AVX512 : WEFT_I_ISA_AVX2;
#else
    return WEFT_I_ISA_BASE;
#endif
}

weft_i_isa_t weft_i_isa(void)
{
    static _Atomic int found = -1; /* what detect() said; the same for every thread */
    int isa = found;
    if (isa < 0) {
        const char *wish = getenv("WEFT_ISA");
        isa = detect();
        if (wish && !strcmp(wish, "base")) isa = WEFT_I_ISA_BASE;
        if (wish && !strcmp(wish, "avx2") && isa > WEFT_I_ISA_AVX2) isa = WEFT_I_ISA_AVX2;
        found = isa;
    }
    return (weft_i_isa_t)(isa < limit ? isa : limit);
}

void weft_i_isa_limit(weft_i_isa_t most) { limit = most; }
