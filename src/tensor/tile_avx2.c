/* tensor/tile_avx2.c: the tile for AVX2 with FMA: 6 x 16, 12 of the 16 registers hold sums. */
#include "tensor/tile.h"

#if defined(__x86_64__) && !defined(WEFT_REAL_DOUBLE)
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define VECTOR __m256
#define LANES 8
#define HEIGHT 6
#define SPLAT(x) _mm256_set1_ps(x)
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#include "tensor/tile_body.h"

const weft_i_tile_t weft_i_tile_avx2 = {HEIGHT, WIDTH, run};
#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
