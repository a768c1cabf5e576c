/* base/rng.c: see rng.h. */
#include "base/rng.h"
#include "base/isa.h"

#include <Random123/philox.h>
#include <math.h>

weft_i_random4_t weft_i_random(uint64_t seed, uint64_t stream, uint64_t index)
{
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)}};
    philox4x32_ctr_t r = philox4x32(counter, key);
    return (weft_i_random4_t){{r.v[0], r.v[1], r.v[2], r.v[3]}};
}

WEFT_I_WIDE void weft_i_random_eight(uint64_t seed, uint64_t stream, uint64_t first, uint64_t step, weft_i_random32_t *out)
{
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32), c0[8], c1[8], c2[8], c3[8];
    for (uint32_t k = 0; k < 8; k++) {
        c0[k] = (uint32_t)(first + k * step);
        c1[k] = (uint32_t)((first + k * step) >> 32);
        c2[k] = (uint32_t)stream;
        c3[k] = (uint32_t)(stream >> 32);
    }
    for (int round = 0; round < 10; round++, key0 += PHILOX_W32_0, key1 += PHILOX_W32_1)
        for (int k = 0; k < 8; k++) {
            uint64_t a = (uint64_t)PHILOX_M4x32_0 * c0[k], b = (uint64_t)PHILOX_M4x32_1 * c2[k];
            c0[k] = (uint32_t)(b >> 32) ^ c1[k] ^ key0;
            c2[k] = (uint32_t)(a >> 32) ^ c3[k] ^ key1;
            c1[k] = (uint32_t)b;
            c3[k] = (uint32_t)a;
        }
    for (int k = 0; k < 8; k++) {
        out->v[0][k] = c0[k];
        out->v[1][k] = c1[k];
        out->v[2][k] = c2[k];
        out->v[3][k] = c3[k];
    }
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
