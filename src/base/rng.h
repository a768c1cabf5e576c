/* base/rng.h: random numbers as a function of (seed, stream, index): Philox 4x32-10 (Salmon et al. 2011). Nothing is stored, so a
 * dropout mask can be made again in the backward pass, and no order of threads can change it. */
#ifndef WEFT_BASE_RNG_H
#define WEFT_BASE_RNG_H
#include <stdint.h>

typedef struct weft_i_random4 { uint32_t v[4]; } weft_i_random4_t;
weft_i_random4_t weft_i_random(uint64_t seed, uint64_t stream, uint64_t index);

/* Eight of them at once, index first + k step for k = 0 .. 7: word w of the k-th in v[w][k]. The same numbers, in vectors. */
typedef struct weft_i_random32 { uint32_t v[4][8]; } weft_i_random32_t;
void weft_i_random_eight(uint64_t seed, uint64_t stream, uint64_t first, uint64_t step, weft_i_random32_t *out);

/* A sequence over one stream, for set-up work. */
typedef struct weft_i_rng { uint64_t seed, stream, at; } weft_i_rng_t;
uint32_t weft_i_rng_u32(weft_i_rng_t *rng);
double weft_i_rng_uniform(weft_i_rng_t *rng);             /* [0, 1), 32 bits */
double weft_i_rng_normal(weft_i_rng_t *rng);              /* mean 0, variance 1 (Box and Muller) */
int64_t weft_i_rng_below(weft_i_rng_t *rng, int64_t n);   /* 0..n-1, n > 0 */
#endif
