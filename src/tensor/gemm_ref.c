/* tensor/gemm_ref.c: the products as the definition has them. */
#include "tensor/gemm.h"

void weft_i_gemm_nn_ref(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++) {
            double s = add ? (double)c[i * m + j] : 0.0;
            for (int64_t q = 0; q < k; q++) s += (double)a[i * k + q] * (double)b[q * m + j];
            c[i * m + j] = (weft_real_t)s;
        }
}

void weft_i_gemm_nt_ref(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++) {
            double s = add ? (double)c[i * m + j] : 0.0;
            for (int64_t q = 0; q < k; q++) s += (double)a[i * k + q] * (double)b[j * k + q];
            c[i * m + j] = (weft_real_t)s;
        }
}

void weft_i_gemm_tn_ref(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add)
{
    for (int64_t i = 0; i < k; i++)
        for (int64_t j = 0; j < m; j++) {
            double s = add ? (double)c[i * m + j] : 0.0;
            for (int64_t q = 0; q < n; q++) s += (double)a[q * k + i] * (double)b[q * m + j];
            c[i * m + j] = (weft_real_t)s;
        }
}
