/* graph/gather_body.h: sums of gathered rows in vectors; included once by each gather_*.c, which sets VECTOR, LANES, MOST (sums held in
 * registers), SPLAT, LOAD, STORE, STREAM, FMA, ADD, MUL, MASK, TAIL(n), LOAD_TAIL, STORE_TAIL and NAME. */
/* One row's entries b..t into y[0 .. n * LANES), n a constant where this is inlined. */
static inline __attribute__((always_inline)) void sums(const int n, const bool tail, const bool weighted, const weft_i_gather_t *g, int64_t r, int64_t f,
                                                       int64_t left)
{
    const int64_t first = g->rows.offset[r], last = g->rows.offset[r + 1], stop = g->rows.offset[g->rows.n_rows];
    const int32_t *col = g->rows.col, *place = g->rows.place;
    const float *x = g->x + f, *w = g->w;
    float *y = g->y + r * g->y_row + f;
    const int64_t ahead = g->ahead;
    MASK mask = TAIL(tail ? left : LANES);
    bool more = g->add;
    int64_t b = first;
    do {
        const int64_t t = last - b > WEFT_I_ROW_CHUNK ? b + WEFT_I_ROW_CHUNK : last;
        VECTOR sum[MOST];
#pragma GCC unroll 16
        for (int j = 0; j < n; j++) sum[j] = SPLAT(0.0f);
        for (int64_t i = b; i < t; i++) {
            const float *from = x + col[i] * g->x_row;
            if (ahead && i + ahead < stop) {
                const float *next = x + col[i + ahead] * g->x_row;
#pragma GCC unroll 16
                for (int j = 0; j < n; j += 16 / LANES) __builtin_prefetch(next + j * LANES, 0, 2);
            }
            if (weighted) {
                VECTOR s = SPLAT(w[(place ? place[i] : i) * g->w_row]);
#pragma GCC unroll 16
                for (int j = 0; j < n; j++) sum[j] = FMA(s, tail ? LOAD_TAIL(from + j * LANES, mask) : LOAD(from + j * LANES), sum[j]);
            } else {
#pragma GCC unroll 16
                for (int j = 0; j < n; j++) sum[j] = ADD(sum[j], tail ? LOAD_TAIL(from + j * LANES, mask) : LOAD(from + j * LANES));
            }
        }
        if (g->row_scale) {
            VECTOR s = SPLAT(g->row_scale[r]);
#pragma GCC unroll 16
            for (int j = 0; j < n; j++) sum[j] = MUL(s, sum[j]);
        }
        if (more) {
#pragma GCC unroll 16
            for (int j = 0; j < n; j++) sum[j] = ADD(tail ? LOAD_TAIL(y + j * LANES, mask) : LOAD(y + j * LANES), sum[j]);
        }
#pragma GCC unroll 16
        for (int j = 0; j < n; j++) {
            if (tail) STORE_TAIL(y + j * LANES, mask, sum[j]);
            else if (g->stream && t == last && b == first) STREAM(y + j * LANES, sum[j]);
            else STORE(y + j * LANES, sum[j]);
        }
        more = true;
        b = t;
    } while (b < last);
}

static inline __attribute__((always_inline)) void rows_of(const bool weighted, const weft_i_gather_t *g, int64_t begin, int64_t end)
{
    for (int64_t r = begin; r < end; r++) {
        int64_t f = 0, left = g->width;
        for (; left >= MOST * LANES; f += MOST * LANES, left -= MOST * LANES) sums(MOST, false, weighted, g, r, f, 0);
        if (MOST > 8 && left >= 8 * LANES) {
            sums(8, false, weighted, g, r, f, 0);
            f += 8 * LANES;
            left -= 8 * LANES;
        }
        if (left >= 4 * LANES) {
            sums(4, false, weighted, g, r, f, 0);
            f += 4 * LANES;
            left -= 4 * LANES;
        }
        if (left >= 2 * LANES) {
            sums(2, false, weighted, g, r, f, 0);
            f += 2 * LANES;
            left -= 2 * LANES;
        }
        if (left >= LANES) {
            sums(1, false, weighted, g, r, f, 0);
            f += LANES;
            left -= LANES;
        }
        if (left) sums(1, true, weighted, g, r, f, left);
    }
}

void NAME(const weft_i_gather_t *g, int64_t begin, int64_t end)
{
    if (g->w) rows_of(true, g, begin, end);
    else rows_of(false, g, begin, end);
}
