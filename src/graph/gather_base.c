/* graph/gather_base.c: gathered sums for any processor. */
#include "graph/spmm.h"

#include <string.h>

#ifndef WEFT_REAL_DOUBLE
typedef float four_t __attribute__((vector_size(16)));
static inline four_t load_some(const float *p, int64_t n)
{
    four_t v = {0.0f, 0.0f, 0.0f, 0.0f};
    memcpy(&v, p, (size_t)n * sizeof *p);
    return v;
}
#define VECTOR four_t
#define LANES 4
#define MOST 8
#define MASK int64_t
#define TAIL(n) (n)
#define SPLAT(x) ((four_t){(x), (x), (x), (x)})
#define LOAD(p) load_some(p, 4)
#define STORE(p, v) memcpy((p), &(v), sizeof(four_t))
#define STREAM(p, v) memcpy((p), &(v), sizeof(four_t))
#define LOAD_TAIL(p, m) load_some(p, m)
#define STORE_TAIL(p, m, v) memcpy((p), &(v), (size_t)(m) * sizeof(float))
#define FMA(a, b, c) ((a) * (b) + (c))
#define ADD(a, b) ((a) + (b))
#define MUL(a, b) ((a) * (b))
#define NAME weft_i_gather_base
#include "graph/gather_body.h"
#endif
