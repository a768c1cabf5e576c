/* Our dense products against OpenBLAS's over many shapes. It is loaded at run time, as tensor/lapack.c does; where it is not installed the tests say so and are skipped. */
#include "base/rng.h"
#include "tensor/gemm.h"
#include "weft/base.h"

#include "config.h"
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112 }; /* of cblas.h */
typedef void sgemm_fn(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);

static sgemm_fn *openblas(void)
{
    sgemm_fn *f = NULL;
    void *lib = dlopen(WEFT_OPENBLAS_SONAME, RTLD_NOW | RTLD_LOCAL);
    if (lib) *(void **)&f = dlsym(lib, "cblas_sgemm");
    if (!f) cr_skip_test("%s has no cblas_sgemm here", WEFT_OPENBLAS_SONAME);
    return f;
}

static float *numbers(int64_t n, uint64_t stream)
{
    weft_i_rng_t rng = {11, stream, 0};
    float *x = aligned_alloc(64, (size_t)(n * 4 + 127) / 64 * 64);
    for (int64_t i = 0; i < n; i++) x[i] = (float)(weft_i_rng_uniform(&rng) - 0.5);
    return x;
}

typedef enum form { NN, NT, TN } form_t;

/* c [rows, m] = sum over `deep` terms of at most 1/4, mean size 1/16: the tolerance is of rounding that wanders, far below one term. */
static void compare(sgemm_fn *sgemm, form_t form, int64_t n, int64_t k, int64_t m, bool add)
{
    int64_t rows = form == TN ? k : n, deep = form == TN ? n : k;
    float *a = numbers(n * k, 1), *b = numbers(deep * m, 2), *c = numbers(rows * m, 3), *want = numbers(rows * m, 3);
    float *scratch = numbers(form == TN ? weft_i_gemm_tn_scratch(n, k, m) : weft_i_gemm_scratch(k, m), 4);
    if (form == NN) weft_i_gemm_nn(n, k, m, a, b, c, add, scratch);
    else if (form == NT) weft_i_gemm_nt(n, k, m, a, b, c, add, scratch);
    else weft_i_gemm_tn(n, k, m, a, b, c, add, scratch);
    sgemm(ROW_MAJOR, form == TN ? TRANSPOSED : PLAIN, form == NT ? TRANSPOSED : PLAIN, (int)rows, (int)m, (int)deep, 1.0f, a, (int)k, b, form == NT ? (int)deep : (int)m, add ? 1.0f : 0.0f, want, (int)m);
    for (int64_t i = 0; i < rows * m; i++)
        cr_assert_float_eq(c[i], want[i], 1e-6 * (sqrt((double)deep) + 2.0), "form %d [%lld,%lld,%lld] element %lld: %g and OpenBLAS %g", (int)form, (long long)n, (long long)k, (long long)m, (long long)i, c[i], want[i]);
    free(a);
    free(b);
    free(c);
    free(want);
    free(scratch);
}

Test(openblas, small_shapes)
{
    static const int64_t size[] = {1, 2, 5, 8, 13, 16, 31, 33, 64};
    sgemm_fn *sgemm = openblas();
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++)
            for (int l = 0; l < 9; l++)
                for (int form = 0; form < 3; form++) compare(sgemm, (form_t)form, size[i], size[j], size[l], (i + j + l) & 1);
}

/* Widths of real layers; depths and rows beyond one block and one lane. */
Test(openblas, shapes_of_layers)
{
    static const int64_t shape[][3] = {{2708, 1433, 16}, {1500, 128, 256}, {1500, 256, 40}, {3000, 64, 7}, {97, 513, 129}, {1025, 100, 1}, {5, 2000, 300}, {4099, 33, 65}};
    sgemm_fn *sgemm = openblas();
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
        for (int form = 0; form < 3; form++) compare(sgemm, (form_t)form, shape[i][0], shape[i][1], shape[i][2], i & 1);
}
