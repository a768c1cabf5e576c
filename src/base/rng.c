/* base/rng.c: see rng.h. */
#include "base/rng.h"

#include <Random123/philox.h>
#include <math.h>

weft_i_random4_t weft_i_random(uint64_t seed, uint64_t stream, uint64_t index)
{
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)}};
    philox4x32_ctr_t r = philox4x32(counter, key);
    return (weft_i_random4_t){{r.v[0], r.v[1], r.v[2], r.v[3]}};
}

uint32_t weft_i_rng_u32(weft_i_rng_t *rng)
{
    uint64_t at = rng->at++;
    return weft_i_random(rng->seed, rng->stream, at >> 2).v[at & 3];
}

double weft_i_rng_uniform(weft_i_rng_t *rng) { return weft_i_rng_u32(rng) * 0x1p-32; }

double weft_i_rng_normal(weft_i_rng_t *rng)
{
    double u = 1.0 - weft_i_rng_uniform(rng), v = weft_i_rng_uniform(rng);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

int64_t weft_i_rng_below(weft_i_rng_t *rng, int64_t n)
{
    uint64_t high = weft_i_rng_u32(rng), low = weft_i_rng_u32(rng);
    return (int64_t)((high << 31 ^ low) % (uint64_t)n);
}
