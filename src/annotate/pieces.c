/* annotate/pieces.c: tracks cut where a thing moves against the others; see annotate/pool.h. */
#include "annotate/pool.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REACH = 4, MOST = 64 };

typedef struct pair { double x, y, u, v, size; int64_t from, to; double off; } pair_t; /* middles in both frames */

static int by_value(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b; }

static double median(const double *x, int32_t n)
{
    double s[MOST];
    memcpy(s, x, (size_t)n * sizeof *s);
    qsort(s, (size_t)n, sizeof *s, by_value);
    return s[n / 2];
}

/* u = a x - b y + p, v = b x + a y + q by least squares over the pairs with off <= most; then every pair's distance from it into off. */
static void fit(pair_t *pair, int32_t n, double most)
{
    double k = 0, x = 0, y = 0, u = 0, v = 0, xx = 0, c = 0, s = 0;
    for (int32_t i = 0; i < n; i++)
        if (pair[i].off <= most) k++, x += pair[i].x, y += pair[i].y, u += pair[i].u, v += pair[i].v;
    if (k < 1) return;
    x /= k, y /= k, u /= k, v /= k;
    for (int32_t i = 0; i < n; i++) {
        if (pair[i].off > most) continue;
        double dx = pair[i].x - x, dy = pair[i].y - y, du = pair[i].u - u, dv = pair[i].v - v;
        xx += dx * dx + dy * dy;
        c += dx * du + dy * dv;
        s += dx * dv - dy * du;
    }
    double a = k >= 3 && xx > 0 ? c / xx : 1.0, b = k >= 3 && xx > 0 ? s / xx : 0.0;
    for (int32_t i = 0; i < n; i++) {
        double dx = pair[i].x - x, dy = pair[i].y - y, eu = pair[i].u - u - (a * dx - b * dy), ev = pair[i].v - v - (b * dx + a * dy);
        pair[i].off = sqrt(eu * eu + ev * ev);
    }
}

/* Which of the pairs move: off the fit by more than 0.3 of their size and three times the usual. */
static void mark(pair_t *pair, int32_t n, uint8_t *moving)
{
    double off[MOST], usual;
    if (n < 4) return; /* too few to say who moves */
    for (int32_t i = 0; i < n; i++) pair[i].off = 0.0;
    for (int round = 0; round < 4; round++) {
        for (int32_t i = 0; i < n; i++) off[i] = pair[i].off;
        fit(pair, n, round ? 1.5 * median(off, n) + 1e-9 : 1.0);
    }
    for (int32_t i = 0; i < n; i++) off[i] = pair[i].off;
    usual = median(off, n);
    for (int32_t i = 0; i < n; i++)
        if (pair[i].off > 0.3 * pair[i].size && pair[i].off > 3.0 * usual) moving[pair[i].from] = moving[pair[i].to] = 1;
}

weft_status_t weft_i_pieces(int32_t *piece, int32_t *n_pieces, const weft_recording_t *r)
{
    weft_status_t status = WEFT_OK;
    int32_t n_tracks = 0, *open = NULL, *track = weft_i_malloc((size_t)(r->n_boxes + 1) * sizeof *track);
    uint8_t *moving = weft_i_calloc((size_t)r->n_boxes + 1, 1);
    *n_pieces = 0;
    WEFT_TRY_ALLOC(track && moving);
    WEFT_TRY(weft_tracks(track, &n_tracks, r));
    WEFT_TRY_ALLOC(open = weft_i_malloc((size_t)(n_tracks + 1) * sizeof *open));
    for (int64_t f = 0; f + 1 < r->n_frames; f++) {
        pair_t pair[MOST];
        int32_t n = 0;
        int64_t far = f + REACH < r->n_frames ? f + REACH : r->n_frames - 1;
        for (int64_t a = r->frame_ptr[f]; a < r->frame_ptr[f + 1]; a++)
            for (int64_t b = r->frame_ptr[far]; b < r->frame_ptr[far + 1] && n < MOST; b++) {
                if (track[a] != track[b]) continue;
                const float *p = r->box + 4 * a, *q = r->box + 4 * b;
                pair[n++] = (pair_t){.x = 0.5 * (double)(p[0] + p[2]), .y = 0.5 * (double)(p[1] + p[3]), .u = 0.5 * (double)(q[0] + q[2]), .v = 0.5 * (double)(q[1] + q[3]),
                                     .size = sqrt((double)((p[2] - p[0]) * (p[3] - p[1]))), .from = a, .to = b};
            }
        mark(pair, n, moving);
    }
    for (int32_t k = 0; k < n_tracks; k++) open[k] = -1;
    for (int64_t b = 0; b < r->n_boxes; b++) {
        int32_t *at = &open[track[b]];
        piece[b] = -1;
        if (moving[b]) *at = -1;
        else piece[b] = *at >= 0 ? *at : (*at = (*n_pieces)++);
    }
done:
    weft_i_free(track);
    weft_i_free(open);
    weft_i_free(moving);
    return status;
}
