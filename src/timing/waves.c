/* timing/waves.c: three crossings at a time, and the end, in the lanes of a vector. */
#include "timing/waves.h"

#include <string.h>

typedef double lanes_t __attribute__((vector_size(32)));
typedef int64_t mask_t __attribute__((vector_size(32)));
#define INLINE static inline __attribute__((always_inline)) /* vectors go by pointer: no call by value depends on the processor */
#if defined(__x86_64__) && !defined(__clang__) /* clang 14 leaves the clones undefined */
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif
#define PICK(m, yes, no) ((lanes_t)(((mask_t)(yes) & (m)) | ((mask_t)(no) & ~(m))))

/* exp for arguments up to 0: 2^k times a polynomial of degree 11 on |r| <= ln 2 / 2 (Taylor; relative error below 1e-14). The same bits everywhere: plain double operations. */
INLINE void exp_of(lanes_t *at)
{
    lanes_t x = *at;
    mask_t gone = x <= -700.0;
    x = PICK(gone, x - x, x);
    lanes_t shifted = x * 1.4426950408889634 + 6755399441055744.0, k = shifted - 6755399441055744.0; /* 1.5 * 2^52: the low bits hold the rounded integer */
    lanes_t r = (x - k * 0.693147180369123816490) - k * 1.90821492927058770002e-10, r2 = r * r, r4 = r2 * r2;
    lanes_t a = (1.0 + r) + r2 * (0.5 + r * (1.0 / 6.0)), b = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0)),
            c = (1.0 / 40320.0 + r * (1.0 / 362880.0)) + r2 * (1.0 / 3628800.0 + r * (1.0 / 39916800.0));
    lanes_t y = (a + r4 * (b + r4 * c)) * (lanes_t)(((mask_t)shifted + 1023) << 52);
    *at = PICK(gone, x - x, y);
}

/* u becomes the ramp's answer at u. */
INLINE void ramp(const weft_i_wave_t *w, lanes_t *at, lanes_t *slope)
{
    lanes_t u = *at;
    mask_t started = u > 0.0;
    lanes_t zero = u - u, y = u + w->k, y1 = zero + 1.0;
    u = PICK(started, u, zero);
    for (int32_t i = 0; i < w->n; i++) {
        lanes_t e = -w->p[i] * u;
        exp_of(&e);
        e *= w->w[i];
        y += e;
        y1 -= w->p[i] * e;
    }
    *slope = PICK(started, y1, zero);
    *at = PICK(started, y, zero);
}

CLONES void weft_i_rough_exps(int32_t n, double *x)
{
    for (int32_t i = 0; i < n; i += 4) {
        lanes_t at, q, zero;
        memcpy(&at, x + i, sizeof at);
        mask_t gone = at < -12.0;
        zero = at - at;
        q = at * (1.0 / 4096.0); /* n log(1 + q), as a series: |q| < 0.003 */
        at *= 1.0 - q * (0.5 - q * (1.0 / 3.0 - q * (0.25 - q * (0.2 - q * (1.0 / 6.0)))));
        exp_of(&at);
        at = PICK(gone, zero, at);
        memcpy(x + i, &at, sizeof at);
    }
}

CLONES double weft_i_wave_crossings(const weft_i_wave_t *w, const double v3[3], const double guess[3], double high_at, double least, double out[3])
{
    lanes_t v = {v3[0], v3[1], v3[2], 0.0}, t = {guess[0], guess[1], guess[2], high_at}, slope;
    lanes_t zero = v - v, low = zero + w->t0, high = zero + high_at;
    double eps = 5e-4 * (high_at - w->t0);
    double top = 0.0;
    mask_t done = {0, 0, 0, 0};
    t = PICK((t > low) & (t < high), t, 0.5 * (low + high));
    t[3] = high_at; /* the fourth lane tells, in the first round, where the wave ends */
    for (int i = 0; i < 100; i++) {
        lanes_t y = t - w->t0, ended = y - w->dt, slope_ended;
        ramp(w, &y, &slope);
        ramp(w, &ended, &slope_ended);
        y = (y - ended) / w->dt - v;
        if (!i && (top = y[3]) < least) return top;
        slope = (slope - slope_ended) / w->dt;
        mask_t above = y > 0.0;
        high = PICK(above, t, high);
        low = PICK(above, low, t);
        lanes_t next = t - y / PICK(slope > 0.0, slope, zero + 1.0);
        mask_t inside = (slope > 0.0) & (next > low) & (next < high);
        next = PICK(inside, next, 0.5 * (low + high));
        lanes_t move = next - t;
        t = PICK(done, t, next);
        done |= ((move < eps) & (move > -eps)) | (high - low < eps);
        if (done[0] & done[1] & done[2]) break;
    }
    for (int i = 0; i < 3; i++) out[i] = t[i];
    return top;
}
