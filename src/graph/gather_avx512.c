/* graph/gather_avx512.c: gathered sums for AVX-512. */
#include "graph/spmm.h"

#if defined(__x86_64__) && !defined(WEFT_REAL_DOUBLE)
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx2,fma")
#endif
#define VECTOR __m512
#define LANES 16
#define MOST 16
#define MASK __mmask16
#define TAIL(n) ((__mmask16)((1u << (n)) - 1u))
#define SPLAT(x) _mm512_set1_ps(x)
#define LOAD(p) _mm512_loadu_ps(p)
#define STORE(p, v) _mm512_storeu_ps(p, v)
#define STREAM(p, v) _mm512_stream_ps(p, v)
#define LOAD_TAIL(p, m) _mm512_maskz_loadu_ps(m, p)
#define STORE_TAIL(p, m, v) _mm512_mask_storeu_ps(p, m, v)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define ADD(a, b) _mm512_add_ps(a, b)
#define MUL(a, b) _mm512_mul_ps(a, b)
#define NAME weft_i_gather_avx512
#include "graph/gather_body.h"
#ifdef __clang__
#pragma clang attribute pop
#endif
#endif
