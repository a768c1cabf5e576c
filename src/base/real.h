/* base/real.h: mathematics in weft_real_t. The float forms are plain multiply-and-add code without library calls, so that
 * compilers vectorise the loops around them and every machine gives the same bits. */
#ifndef WEFT_BASE_REAL_H
#define WEFT_BASE_REAL_H
#include "weft/real.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef WEFT_REAL_DOUBLE
static inline double weft_i_exp(double x) { return exp(x); }
static inline double weft_i_log1p(double x) { return log1p(x); }
static inline double weft_i_log(double x) { return log(x); }
static inline double weft_i_exp_within(double x) { return exp(x); }
static inline double weft_i_sqrt(double x) { return sqrt(x); }
static inline double weft_i_abs(double x) { return fabs(x); }
static inline double weft_i_tanh(double x) { return tanh(x); }
static inline double weft_i_power(double x, double p) { return pow(x, p); }
#else
/* exp to 2 ulp for -87.3 <= x <= 88.3 (or NaN, which stays): x = n ln 2 + r, |r| <= ln 2 / 2, a polynomial of degree 6 in r. */
static inline float weft_i_exp_within(float x)
{
    float shifted = x * 1.44269504f + 12582912.0f; /* 1.5 * 2^23: rounds to the nearest whole number */
    float n = shifted - 12582912.0f;
    float r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    uint32_t bits; /* n as it stands in `shifted`: defined for NaN too */
    float scale;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits - 0x4b400000u + 127u) << 23;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}
/* The same for any x: 0 below -87.3, at most 2.4e38. */
static inline float weft_i_exp(float x)
{
    float y = weft_i_exp_within(x < -87.3f ? -87.3f : x > 88.3f ? 88.3f : x);
    return x < -87.3f ? 0.0f : y;
}
static inline float weft_i_log1p(float x) { return log1pf(x); }
static inline float weft_i_log(float x) { return logf(x); }
static inline float weft_i_sqrt(float x) { return sqrtf(x); }
static inline float weft_i_abs(float x) { return fabsf(x); }
/* log of a normal positive number to 2 ulp, in vectors: x = 2^n m, m in [sqrt 1/2, sqrt 2), a series in z = (m - 1) / (m + 1). */
static inline float weft_i_vector_log(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t n = (bits - 0x3f3504f3) >> 23;
    bits -= n * (1 << 23);
    float m;
    memcpy(&m, &bits, sizeof m);
    float z = (m - 1.0f) / (m + 1.0f), q = z * z;
    float s = 2.0f * z + z * q * (0.666666667f + q * (0.4f + q * (0.285714286f + q * (0.222222222f + q * 0.19f))));
    return s + (float)n * 0.693147181f;
}
/* x^p for normal x > 0: its relative error grows with |p log x|, some 1e-7 of that. */
static inline float weft_i_power(float x, float p) { return weft_i_exp(p * weft_i_vector_log(x)); }
/* By exp; near 0, where that cancels, by its series. */
static inline float weft_i_tanh(float x)
{
    float a = fabsf(x), e = weft_i_exp(-2.0f * a), t = (1.0f - e) / (1.0f + e), q = x * x;
    float s = x * (1.0f + q * (-0.333333333f + q * (0.133333333f + q * (-0.0539682540f + q * 0.0218694885f))));
    return a < 0.25f ? s : x < 0.0f ? -t : t;
}
#endif
#endif
