/* tensor/tile.h: the innermost block of every dense product, one per kind of processor.
 *
 * c [rows, cols] (+)= sum over k, ascending, of a[i * a_row + k * a_col] * b[k * width + j]: one chain of fused multiply-adds per
 * output (multiply, then add, on the base path), so that an output's bits depend on nothing but its own operands. */
#ifndef WEFT_TENSOR_TILE_H
#define WEFT_TENSOR_TILE_H
#include "weft/real.h"

#include <stdbool.h>
#include <stdint.h>

typedef void weft_i_tile_fn(int64_t k, const weft_real_t *a, int64_t a_row, int64_t a_col, const weft_real_t *b,
                            weft_real_t *c, int64_t c_row, int32_t rows, int32_t cols, bool add);
typedef struct weft_i_tile { int32_t height, width; weft_i_tile_fn *run; } weft_i_tile_t;

extern const weft_i_tile_t weft_i_tile_ref;
#ifndef WEFT_REAL_DOUBLE
extern const weft_i_tile_t weft_i_tile_base;
#if defined(__x86_64__)
extern const weft_i_tile_t weft_i_tile_avx2, weft_i_tile_avx512;
#endif
#endif
const weft_i_tile_t *weft_i_tile(void); /* of this processor */
#endif
