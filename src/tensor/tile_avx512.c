/* tensor/tile_avx512.c: the tile for AVX-512: 12 x 32, 24 of the 32 registers hold sums. */
#include "tensor/tile.h"

#if defined(__x86_64__) && !defined(WEFT_REAL_DOUBLE)
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx2,fma")
#endif
#define VECTOR __m512
#define LANES 16
#define HEIGHT 12
#define SPLAT(x) _mm512_set1_ps(x)
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, v) _mm512_storeu_ps(p, v)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "tensor/tile_body.h"

const weft_i_tile_t weft_i_tile_avx512 = {HEIGHT, WIDTH, run};
#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
