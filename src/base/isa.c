/* base/isa.c: see isa.h. */
#include "base/isa.h"

#include <stdatomic.h>
#include <stdio.h>
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

static _Atomic int64_t third = -1; /* not asked yet */

void weft_i_third_cache_is(int64_t bytes) { third = bytes; }

int64_t weft_i_third_cache(void)
{
    int64_t size = atomic_load_explicit(&third, memory_order_relaxed);
    if (size >= 0) return size;
    long long kib = 0;
    FILE *f = fopen("/sys/devices/system/cpu/cpu0/cache/index3/size", "r");
    if (f && fscanf(f, "%lldK", &kib) != 1) kib = 0;
    if (f) fclose(f);
    size = kib > 0 && kib < 1 << 24 ? (int64_t)kib * 1024 : 0;
    atomic_store_explicit(&third, size, memory_order_relaxed);
    return size;
}
