/* timing/slack_score.c: slacks as predictions beside the truth. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/report.h"

#include <math.h>
#include <stdlib.h>

typedef struct pair { double truth, estimate, shifted, rank; } pair_t;

static int by_truth(const void *a, const void *b)
{
    double x = ((const pair_t *)a)->truth, y = ((const pair_t *)b)->truth;
    return (x > y) - (x < y);
}
static int by_estimate(const void *a, const void *b)
{
    const pair_t *p = a, *q = b;
    return p->estimate != q->estimate ? (p->estimate > q->estimate) - (p->estimate < q->estimate) : (p->rank > q->rank) - (p->rank < q->rank);
}

/* Pearson's correlation of ranks; equal values share their mean rank. In order of truth; reorders p. */
static double spearman(pair_t *p, int32_t n)
{
    double *rank = weft_i_malloc(((size_t)n + 1) * sizeof *rank), middle = 0.5 * (n - 1), xy = 0.0, xx = 0.0, yy = 0.0;
    if (!rank) return NAN;
    for (int32_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && p[j].truth == p[i].truth; j++) {}
        for (int32_t k = i; k < j; k++) p[k].rank = 0.5 * (i + j - 1);
    }
    qsort(p, (size_t)n, sizeof *p, by_estimate);
    for (int32_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && p[j].estimate == p[i].estimate; j++) {}
        for (int32_t k = i; k < j; k++) rank[k] = 0.5 * (i + j - 1);
    }
    for (int32_t i = 0; i < n; i++) {
        xy += (p[i].rank - middle) * (rank[i] - middle);
        xx += (p[i].rank - middle) * (p[i].rank - middle);
        yy += (rank[i] - middle) * (rank[i] - middle);
    }
    weft_i_free(rank);
    return xx > 0.0 && yy > 0.0 ? xy / sqrt(xx * yy) : NAN;
}

static void score_of(weft_slack_score_t *s, pair_t *p, int32_t n, const double *interval)
{
    double sum = 0.0, mean = 0.0, square = 0.0, spread = 0.0, least[2] = {INFINITY, INFINITY}, total[2] = {0}, width = 0.0;
    int32_t covered = 0;
    *s = (weft_slack_score_t){.n = n, .r2 = NAN, .mean = NAN, .worst = NAN, .wns = NAN, .tns = NAN, .rank = NAN, .covered = NAN, .width = NAN};
    if (!n) return;
    for (int32_t i = 0; i < n; i++) mean += p[i].truth / n;
    s->worst = 0.0;
    for (int32_t i = 0; i < n; i++) {
        double e = p[i].estimate - p[i].truth, half = interval ? weft_wire_model_half_width(*interval, isnan(p[i].shifted) ? 0.0 : p[i].estimate - p[i].shifted) : 0.0;
        sum += fabs(e);
        square += e * e;
        spread += (p[i].truth - mean) * (p[i].truth - mean);
        s->worst = fmax(s->worst, fabs(e));
        least[0] = fmin(least[0], p[i].estimate);
        least[1] = fmin(least[1], p[i].truth);
        total[0] += fmin(p[i].estimate, 0.0);
        total[1] += fmin(p[i].truth, 0.0);
        covered += fabs(e) <= half;
        width += 2.0 * half;
    }
    s->r2 = spread > 0.0 ? 1.0 - square / spread : NAN;
    s->mean = sum / n;
    s->wns = fabs(least[0] - least[1]);
    s->tns = fabs(total[0] - total[1]);
    if (interval) {
        s->covered = (double)covered / n;
        s->width = width / n;
    }
    qsort(p, (size_t)n, sizeof *p, by_truth);
    s->rank = spearman(p, n < 100 ? n : 100);
}

weft_status_t weft_slack_scores(weft_slack_score_t score[2], const weft_design_t *d, int32_t corner, const weft_timer_t *estimate, const weft_timer_t *shifted, const double interval[2], const weft_timer_t *truth)
{
    weft_status_t status = WEFT_OK;
    double *slack[3] = {NULL};
    pair_t *p = NULL;
    WEFT_TRY_ALLOC(p = weft_i_malloc(((size_t)d->n_pins + 1) * sizeof *p));
    for (int32_t el = 0; el < 2; el++) {
        const weft_timer_t *timer[3] = {estimate, truth, shifted};
        int32_t n = 0;
        for (int k = 0; k < 3 && timer[k]; k++) WEFT_TRY(weft_i_slack_by_pin(&slack[k], d, timer[k], corner, el));
        for (int32_t i = 0; i < d->n_pins; i++)
            if (isfinite(slack[0][i]) && isfinite(slack[1][i])) p[n++] = (pair_t){.truth = slack[1][i], .estimate = slack[0][i], .shifted = slack[2] ? slack[2][i] : NAN};
        score_of(&score[el], p, n, interval ? &interval[el] : NULL);
        for (int k = 0; k < 3; k++) {
            weft_i_free(slack[k]);
            slack[k] = NULL;
        }
    }
done:
    for (int k = 0; k < 3; k++) weft_i_free(slack[k]);
    weft_i_free(p);
    return status;
}
