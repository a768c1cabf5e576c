/* timing/fast_exp.h: exp for arguments up to 0, inlined: 2^k times a polynomial of degree 11 on |r| <= ln 2 / 2 (Taylor; relative error below
 * 1e-14). The same bits everywhere: plain double operations. */
#ifndef WEFT_TIMING_FAST_EXP_H
#define WEFT_TIMING_FAST_EXP_H
#include <stdint.h>
#include <string.h>

static inline double weft_i_fast_exp(double x)
{
    if (!(x > -700.0)) return 0.0;
    double shifted = x * 1.4426950408889634 + 6755399441055744.0; /* 1.5 * 2^52: the low bits hold the rounded integer */
    int64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    double k = shifted - 6755399441055744.0, r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10, r2 = r * r, r4 = r2 * r2;
    double a = (1.0 + r) + r2 * (0.5 + r * (1.0 / 6.0)), b = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0)),
           c = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0));
    double y = a + r4 * (b + r4 * c);
    int64_t scale = (int64_t)((uint64_t)(bits + 1023) << 52);
    double two_k;
    memcpy(&two_k, &scale, sizeof two_k);
    return y * two_k;
}
#endif
