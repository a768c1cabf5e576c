/* tensor/gemm.c: see gemm.h. The second operand is packed into panels as wide as the tile; a block of rows then meets panel after
 * panel. Long sums go on from the stored value, which changes no bit. */
#include "tensor/gemm.h"
#include "tensor/lanes.h"
#include "tensor/tile.h"
#include "weft/base.h"

#include <omp.h>
#include <string.h>

enum { DEPTH = 512, ROWS = 48, LANE_DEPTH = 256, NEAR = 128, MOST_HEIGHT = 12 }; /* NEAR: columns of a matrix whose rows lie near enough to be read down a column */

/* A step is four multiply-adds: a processor makes some of them at once. */
static int32_t threads_for(int64_t n, int64_t k, int64_t m) { return weft_i_threads_for(n * k * m / 16); }

static int64_t round_up(int64_t x, int64_t unit) { return (x + unit - 1) / unit * unit; }

int64_t weft_i_gemm_scratch(int64_t k, int64_t m) { return k * round_up(m, 32); }

/* Rows of panels are short: of the tiles' widths and heights they are copied without a call. */
static inline void copy(weft_real_t *restrict to, const weft_real_t *restrict x, int64_t n)
{
    switch (n) {
    case 4: memcpy(to, x, 4 * sizeof *to); break;
    case 6: memcpy(to, x, 6 * sizeof *to); break;
    case 12: memcpy(to, x, 12 * sizeof *to); break;
    case 16: memcpy(to, x, 16 * sizeof *to); break;
    case 32: memcpy(to, x, 32 * sizeof *to); break;
    default: memcpy(to, x, (size_t)n * sizeof *to);
    }
}

/* panel[p][q][j] = b[q * row + (p * width + j) * col], 0 beyond m. */
static void pack(int64_t k, int64_t m, const weft_real_t *b, int64_t row, int64_t col, int32_t width, int64_t panel, weft_real_t *to)
{
    int64_t from = panel * width, n = m - from < width ? m - from : width;
    to += panel * width * k;
    for (int64_t q = 0; q < k; q++, to += width) {
        const weft_real_t *x = b + q * row + from * col;
        if (col == 1) copy(to, x, n);
        else for (int64_t j = 0; j < n; j++) to[j] = x[j * col];
        for (int64_t j = n; j < width; j++) to[j] = 0;
    }
}

void weft_i_panels(int64_t k, int64_t m, const weft_real_t *b, int64_t row, int64_t col, weft_real_t *to)
{
    const int32_t width = weft_i_tile()->width;
    for (int64_t p = 0; p * width < m; p++) pack(k, m, b, row, col, width, p, to);
}

void weft_i_panels_product(int64_t n, int64_t k, int64_t m, const weft_real_t *a, int64_t a_row, int64_t a_col, const weft_real_t *panels, weft_real_t *c, int64_t c_row, bool add)
{
    const weft_i_tile_t *tile = weft_i_tile();
    for (int64_t j = 0; j < m; j += tile->width)
        for (int64_t i = 0; i < n; i += tile->height)
            tile->run(k, a + i * a_row, a_row, a_col, panels + j * k, c + i * c_row + j, c_row, (int32_t)(n - i < tile->height ? n - i : tile->height), (int32_t)(m - j < tile->width ? m - j : tile->width), add);
}

static void rows_times_panels(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, int64_t b_row, int64_t b_col,
                              weft_real_t *c, bool add, weft_real_t *scratch)
{
    const weft_i_tile_t *tile = weft_i_tile();
    int64_t panels = (m + tile->width - 1) / tile->width, threads = threads_for(n, k, m);
    int64_t blocks = round_up((n + ROWS - 1) / ROWS, threads), rows = round_up((n + blocks - 1) / (blocks ? blocks : 1), tile->height);
    if (!k && !add) memset(c, 0, (size_t)(n * m) * sizeof *c);
    if (!k || !m) return;
#pragma omp parallel num_threads(threads)
    {
#pragma omp for schedule(static)
        for (int64_t p = 0; p < panels; p++) pack(k, m, b, b_row, b_col, tile->width, p, scratch);
#pragma omp for schedule(static)
        for (int64_t i = 0; i < blocks; i++) {
            int64_t end = (i + 1) * rows < n ? (i + 1) * rows : n;
            for (int64_t q = 0; q < k; q += DEPTH)
                for (int64_t p = 0; p < panels; p++) {
                    int64_t deep = k - q < DEPTH ? k - q : DEPTH, j = p * tile->width;
                    int32_t wide = (int32_t)(m - j < tile->width ? m - j : tile->width);
                    for (int64_t r = i * rows; r < end; r += tile->height) {
                        int32_t high = (int32_t)(end - r < tile->height ? end - r : tile->height);
                        tile->run(deep, a + r * k + q, k, 1, scratch + j * k + q * tile->width, c + r * m + j, m, high, wide, add || q);
                    }
                }
        }
    }
}

void weft_i_gemm_nn(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add, weft_real_t *scratch)
{
    rows_times_panels(n, k, m, a, b, m, 1, c, add, scratch);
}

void weft_i_gemm_nt(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add, weft_real_t *scratch)
{
    rows_times_panels(n, k, m, a, b, 1, k, c, add, scratch);
}

/* Lanes are worked off a few at a time, so that the partial products need little room. */
static int32_t lanes_at_once(int64_t n)
{
    int32_t t = weft_threads(), lanes = weft_i_n_lanes(n);
    return t < 1 ? 1 : t < lanes ? t : lanes > 0 ? lanes : 1;
}

int64_t weft_i_gemm_tn_scratch(int64_t n, int64_t k, int64_t m)
{
    int64_t threads = weft_threads();
    return lanes_at_once(n) * k * m + threads * LANE_DEPTH * round_up(m, 32);
}

/* part [k, m] = a^T b over the rows begin..end, for columns from..to of a. A few columns of a are packed too where rows lie far apart. */
static void lane_product(const weft_i_tile_t *tile, int64_t begin, int64_t end, int64_t k, int64_t m, int64_t from, int64_t to,
                         const weft_real_t *a, const weft_real_t *b, weft_real_t *part, weft_real_t *packed)
{
    weft_real_t columns[LANE_DEPTH * MOST_HEIGHT];
    for (int64_t q = begin; q < end; q += LANE_DEPTH) {
        int64_t deep = end - q < LANE_DEPTH ? end - q : LANE_DEPTH;
        for (int64_t p = 0; p * tile->width < m; p++) pack(deep, m, b + q * m, m, 1, tile->width, p, packed);
        for (int64_t r = from; r < to; r += tile->height) {
            int32_t high = (int32_t)(to - r < tile->height ? to - r : tile->height);
            const weft_real_t *x = a + q * k + r;
            if (k > NEAR) {
                for (int64_t i = 0; i < deep; i++) copy(columns + i * tile->height, x + i * k, high);
                x = columns;
            }
            for (int64_t j = 0; j < m; j += tile->width) {
                int32_t wide = (int32_t)(m - j < tile->width ? m - j : tile->width);
                tile->run(deep, x, 1, k > NEAR ? tile->height : k, packed + j * deep, part + r * m + j, m, high, wide, q > begin);
            }
        }
    }
}

void weft_i_gemm_tn(int64_t n, int64_t k, int64_t m, const weft_real_t *a, const weft_real_t *b, weft_real_t *c, bool add, weft_real_t *scratch)
{
    const weft_i_tile_t *tile = weft_i_tile();
    int32_t lanes = weft_i_n_lanes(n), group = lanes_at_once(n), threads = threads_for(n, k, m);
    weft_real_t *packed = scratch + group * k * m;
    int64_t packed_size = LANE_DEPTH * round_up(m, 32);
    if (!lanes && !add) memset(c, 0, (size_t)(k * m) * sizeof *c);
    if (!m || !k) return;
    for (int32_t first = 0; first < lanes; first += group) {
        int32_t last = first + group < lanes ? first + group : lanes;
        /* One lane per thread where there are enough of them, else the columns of a are shared out too. */
        int64_t shares = (threads + last - first - 1) / (last - first), tiles = (k / shares + tile->height / 2) / tile->height, wide = (tiles > 0 ? tiles : 1) * tile->height, blocks = wide * shares < k ? shares : (k + wide - 1) / wide;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
        for (int64_t t = 0; t < (last - first) * blocks; t++) {
            int32_t lane = first + (int32_t)(t / blocks);
            int64_t from = t % blocks * wide, to = t % blocks + 1 < blocks ? from + wide : k; /* the last takes what is left */
            lane_product(tile, weft_i_lane_begin(n, lanes, lane), weft_i_lane_begin(n, lanes, lane + 1), k, m, from, to, a, b,
                         scratch + (lane - first) * k * m, packed + omp_get_thread_num() * packed_size);
        }
        for (int32_t lane = first; lane < last; lane++) {
            const weft_real_t *part = scratch + (lane - first) * k * m;
            bool more = add || lane;
            for (int64_t i = 0; i < k * m; i++) c[i] = more ? c[i] + part[i] : part[i];
        }
    }
}
