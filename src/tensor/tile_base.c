/* tensor/tile_base.c: the tile for any processor: vectors of four, multiply and add apart; and the plain twin. */
#include "tensor/tile.h"
#include "base/isa.h"

#include <string.h>

#ifndef WEFT_REAL_DOUBLE
typedef float four_t __attribute__((vector_size(16)));
static inline four_t load(const float *p)
{
    four_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
#define VECTOR four_t
#define LANES 4
#define HEIGHT 4
#define SPLAT(x) ((four_t){(x), (x), (x), (x)})
#define LOAD(p) load(p)
#define STORE(p, v) memcpy((p), &(v), sizeof(four_t))
#define FMA(a, b, c) ((a) * (b) + (c))
#include "tensor/tile_body.h"

const weft_i_tile_t weft_i_tile_base = {HEIGHT, WIDTH, run};
#endif

static void ref(int64_t k, const weft_real_t *a, int64_t a_row, int64_t a_col, const weft_real_t *b, weft_real_t *c, int64_t c_row,
                int32_t rows, int32_t cols, bool add)
{
    for (int32_t i = 0; i < rows; i++)
        for (int32_t j = 0; j < cols; j++) {
            weft_real_t s = add ? c[i * c_row + j] : (weft_real_t)0;
            for (int64_t q = 0; q < k; q++) s += a[i * a_row + q * a_col] * b[q * 8 + j];
            c[i * c_row + j] = s;
        }
}
const weft_i_tile_t weft_i_tile_ref = {4, 8, ref};

const weft_i_tile_t *weft_i_tile(void)
{
#ifdef WEFT_REAL_DOUBLE
    return &weft_i_tile_ref;
#else
#if defined(__x86_64__)
    weft_i_isa_t isa = weft_i_isa();
    if (isa == WEFT_I_ISA_AVX512) return &weft_i_tile_avx512;
    if (isa == WEFT_I_ISA_AVX2) return &weft_i_tile_avx2;
#endif
    return &weft_i_tile_base;
#endif
}
