/* cli/bench_limits.c: see bench_limits.h. */
#include "cli/bench_limits.h"
#include "cli/measure.h"
#include "weft/base.h"

#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { TRIES = 12, FMA_ROUNDS = 2000000, CHAINS = 12 };
static const int64_t READ_BYTES = (int64_t)512 << 20;

typedef float fma_fn(int64_t rounds);
typedef uint64_t read_fn(const char *from, int64_t bytes);

/* Enough independent chains to fill the units; the factor keeps the values finite. */
static float fma_base(int64_t rounds)
{
    float v[4 * CHAINS] = {0}, sum = 0.0f;
    for (int64_t r = 0; r < rounds; r++)
        for (int k = 0; k < 4 * CHAINS; k++) v[k] = v[k] * 0.999f + 0.001f;
    for (int k = 0; k < 4 * CHAINS; k++) sum += v[k];
    return sum;
}

static uint64_t read_base(const char *from, int64_t bytes)
{
    uint64_t sum[4] = {0}, v[4];
    for (int64_t i = 0; i + (int64_t)sizeof v <= bytes; i += (int64_t)sizeof v) {
        memcpy(v, from + i, sizeof v);
        for (int k = 0; k < 4; k++) sum[k] += v[k];
    }
    return sum[0] + sum[1] + sum[2] + sum[3];
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static float fma_avx2(int64_t rounds)
{
    __m256 v[CHAINS], a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
    for (int k = 0; k < CHAINS; k++) v[k] = b;
    for (int64_t r = 0; r < rounds; r++)
#pragma GCC unroll 12
        for (int k = 0; k < CHAINS; k++) v[k] = _mm256_fmadd_ps(v[k], a, b);
    for (int k = 1; k < CHAINS; k++) v[0] = _mm256_add_ps(v[0], v[k]);
    return _mm256_cvtss_f32(v[0]);
}

__attribute__((target("avx512f"))) static float fma_avx512(int64_t rounds)
{
    __m512 v[CHAINS], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
    for (int k = 0; k < CHAINS; k++) v[k] = b;
    for (int64_t r = 0; r < rounds; r++)
#pragma GCC unroll 12
        for (int k = 0; k < CHAINS; k++) v[k] = _mm512_fmadd_ps(v[k], a, b);
    for (int k = 1; k < CHAINS; k++) v[0] = _mm512_add_ps(v[0], v[k]);
    return _mm512_cvtss_f32(v[0]);
}

__attribute__((target("avx2"))) static uint64_t read_avx2(const char *from, int64_t bytes)
{
    __m256i sum[8];
    for (int k = 0; k < 8; k++) sum[k] = _mm256_setzero_si256();
    for (int64_t i = 0; i + 256 <= bytes; i += 256)
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++) sum[k] = _mm256_add_epi64(sum[k], _mm256_loadu_si256((const __m256i *)(const void *)(from + i + 32 * k)));
    for (int k = 1; k < 8; k++) sum[0] = _mm256_add_epi64(sum[0], sum[k]);
    return (uint64_t)_mm256_extract_epi64(sum[0], 0);
}
#endif

static int width(void) /* floats in a vector */
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return 16;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 8;
#endif
    return 4;
}

double cli_fma_per_s(void)
{
    fma_fn *run = fma_base;
    int w = width();
#if defined(__x86_64__)
    run = w == 16 ? fma_avx512 : w == 8 ? fma_avx2 : fma_base;
#endif
    double best = 0.0;
    volatile float kept = 0.0f;
    for (int t = 0; t < TRIES; t++) {
        double begin = cli_now();
#pragma omp parallel num_threads(weft_threads())
        {
            float sum = run(FMA_ROUNDS);
#pragma omp critical
            kept = kept + sum;
        }
        double rate = 2.0 * w * CHAINS * (double)FMA_ROUNDS * weft_threads() / (cli_now() - begin);
        if (rate > best) best = rate;
    }
    return best;
}

double cli_read_per_s(void)
{
    char *buffer = malloc((size_t)READ_BYTES);
    read_fn *run = read_base;
    double best = 0.0;
    volatile uint64_t kept = 0;
    if (!buffer) return 0.0;
#if defined(__x86_64__)
    if (width() > 4) run = read_avx2;
#endif
    memset(buffer, 1, (size_t)READ_BYTES);
    int n = weft_threads();
    int64_t part = READ_BYTES / n;
    for (int t = 0; t < TRIES; t++) {
        double begin = cli_now();
#pragma omp parallel for num_threads(n) schedule(static, 1)
        for (int k = 0; k < n; k++) {
            uint64_t sum = run(buffer + k * part, part);
#pragma omp critical
            kept = kept + sum;
        }
        double rate = (double)(part * n) / (cli_now() - begin);
        if (rate > best) best = rate;
    }
    free(buffer);
    return best;
}

double cli_spmm_bytes(int64_t n, int64_t nnz, int64_t f) { return (double)nnz * (double)(4 * f + 8) + 4.0 * (double)n * (double)f; }

double cli_gcn_flops(int64_t n, const int64_t *dim, int32_t n_dims)
{
    double sum = 0.0;
    for (int32_t l = 0; l + 1 < n_dims; l++) sum += (l ? 6.0 : 4.0) * (double)n * (double)dim[l] * (double)dim[l + 1];
    return sum;
}

double cli_gcn_bytes(int64_t n, int64_t nnz, const int64_t *dim, int32_t n_dims)
{
    double sum = 0.0;
    for (int32_t l = 0; l + 1 < n_dims; l++) {
        bool first = l == 0 && dim[0] <= dim[1]; /* a sum of given rows has no way back */
        sum += (first ? 1.0 : 2.0) * cli_spmm_bytes(n, nnz, dim[l] < dim[l + 1] ? dim[l] : dim[l + 1]);
    }
    return sum;
}
