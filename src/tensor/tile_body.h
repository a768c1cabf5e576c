/* tensor/tile_body.h: the tile in terms of VECTOR, LANES, HEIGHT (rows), SPLAT, LOAD, STORE and FMA; included once by
 * each tile_*.c, which sets them for one kind of processor. */
#define WIDTH (2 * LANES)

/* h and w are constants where this is inlined, so that the sums stay in registers. Rows of a go by threes, whose addresses are one
 * base and multiples of a_row that the processor forms by itself: more bases than there are registers would be loaded anew each step. */
static inline __attribute__((always_inline)) void block(const int h, const int w, int64_t k, const float *a, int64_t a_row,
                                                        int64_t a_col, const float *b, float *c, int64_t c_row, bool add)
{
    VECTOR sum[HEIGHT][2];
    const float *three[(HEIGHT + 2) / 3];
#pragma GCC unroll 16
    for (int i = 0; i < h; i++)
#pragma GCC unroll 2
        for (int j = 0; j < w; j++) sum[i][j] = add ? LOAD(c + i * c_row + j * LANES) : SPLAT(0.0f);
#pragma GCC unroll 16
    for (int i = 0; i < h; i += 3) three[i / 3] = a + i * a_row;
#pragma GCC unroll 4
    for (int64_t q = 0; q < k; q++) {
        VECTOR x[2];
#pragma GCC unroll 2
        for (int j = 0; j < w; j++) x[j] = LOAD(b + q * WIDTH + j * LANES);
#pragma GCC unroll 16
        for (int i = 0; i < h; i++) {
            VECTOR s = SPLAT(three[i / 3][q * a_col + i % 3 * a_row]);
#pragma GCC unroll 2
            for (int j = 0; j < w; j++) sum[i][j] = FMA(s, x[j], sum[i][j]);
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < h; i++)
#pragma GCC unroll 2
        for (int j = 0; j < w; j++) STORE(c + i * c_row + j * LANES, sum[i][j]);
}

static inline __attribute__((always_inline)) void rows_of(const int w, int64_t k, const float *a, int64_t a_row, int64_t a_col,
                                                          const float *b, float *c, int64_t c_row, int32_t rows, bool add)
{
    if (rows == HEIGHT) {
        /* a and its transpose: with one of the steps known, the addresses need fewer registers. */
        if (a_col == 1) block(HEIGHT, w, k, a, a_row, 1, b, c, c_row, add);
        else if (a_row == 1) block(HEIGHT, w, k, a, 1, a_col, b, c, c_row, add);
        else block(HEIGHT, w, k, a, a_row, a_col, b, c, c_row, add);
        return;
    }
    int32_t i = 0;
    for (; i + 4 <= rows; i += 4) block(4, w, k, a + i * a_row, a_row, a_col, b, c + i * c_row, c_row, add);
    for (; i < rows; i++) block(1, w, k, a + i * a_row, a_row, a_col, b, c + i * c_row, c_row, add);
}

static void run(int64_t k, const float *a, int64_t a_row, int64_t a_col, const float *b, float *c, int64_t c_row, int32_t rows, int32_t cols, bool add)
{
    if (cols == WIDTH) {
        rows_of(2, k, a, a_row, a_col, b, c, c_row, rows, add);
        return;
    }
    if (cols == LANES) {
        rows_of(1, k, a, a_row, a_col, b, c, c_row, rows, add);
        return;
    }
    /* A right edge: through a full-width block on the stack. */
    float edge[HEIGHT * WIDTH];
    const int w = cols <= LANES ? 1 : 2;
    if (add)
        for (int32_t i = 0; i < rows; i++)
            for (int32_t j = 0; j < WIDTH; j++) edge[i * WIDTH + j] = j < cols ? c[i * c_row + j] : 0.0f;
    if (w == 1) rows_of(1, k, a, a_row, a_col, b, edge, WIDTH, rows, add);
    else rows_of(2, k, a, a_row, a_col, b, edge, WIDTH, rows, add);
    for (int32_t i = 0; i < rows; i++)
        for (int32_t j = 0; j < cols; j++) c[i * c_row + j] = edge[i * WIDTH + j];
}
