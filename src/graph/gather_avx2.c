/* graph/gather_avx2.c: gathered sums for AVX2 with FMA. */
#include "graph/spmm.h"

#if defined(__x86_64__) && !defined(WEFT_REAL_DOUBLE)
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
static const int32_t ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
#define VECTOR __m256
#define LANES 8
#define MOST 8
#define MASK __m256i
#define TAIL(n) _mm256_loadu_si256((const __m256i *)(const void *)(ones + 8 - (n)))
#define SPLAT(x) _mm256_set1_ps(x)
#define LOAD(p) _mm256_loadu_ps(p)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define STREAM(p, v) _mm256_stream_ps(p, v)
#define LOAD_TAIL(p, m) _mm256_maskload_ps(p, m)
#define STORE_TAIL(p, m, v) _mm256_maskstore_ps(p, m, v)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define ADD(a, b) _mm256_add_ps(a, b)
#define MUL(a, b) _mm256_mul_ps(a, b)
#define NAME weft_i_gather_avx2
#include "graph/gather_body.h"
#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
