/* train/metrics.c: evaluators. */
#include "weft/metrics.h"
#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

typedef struct ranked { double score; int32_t positive; } ranked_t;

static int by_score(const void *a, const void *b)
{
    double x = ((const ranked_t *)a)->score, y = ((const ranked_t *)b)->score;
    return (x > y) - (x < y);
}

double weft_accuracy(const int32_t *label, const int32_t *predicted, int64_t n)
{
    int64_t hit = 0;
    for (int64_t i = 0; i < n; i++) hit += label[i] == predicted[i];
    return n ? (double)hit / (double)n : NAN;
}

/* r ascending by score. Ties are one step of the curve. */
static double auc_of(const ranked_t *r, int64_t n)
{
    double positives = 0.0, pairs = 0.0, below = 0.0;
    for (int64_t i = 0, j; i < n; i = j) {
        double p = 0.0;
        for (j = i; j < n && r[j].score == r[i].score; j++) p += r[j].positive;
        double q = (double)(j - i) - p;
        pairs += p * (below + 0.5 * q);
        below += q;
        positives += p;
    }
    return positives > 0.0 && below > 0.0 ? pairs / (positives * below) : NAN;
}

static double ap_of(const ranked_t *r, int64_t n)
{
    double positives = 0.0, hit = 0.0, sum = 0.0;
    for (int64_t i = 0; i < n; i++) positives += r[i].positive;
    for (int64_t i = n, j; i > 0; i = j) { /* thresholds from the highest down */
        double p = 0.0;
        for (j = i; j > 0 && r[j - 1].score == r[i - 1].score; j--) p += r[j - 1].positive;
        hit += p;
        sum += p * hit / (double)(n - j);
    }
    return n == 0 ? NAN : positives > 0.0 ? sum / positives : 0.0;
}

static weft_status_t ranked(double *v, double (*of)(const ranked_t *, int64_t), const double *score, const int32_t *positive, int64_t n)
{
    ranked_t *r = weft_i_malloc((size_t)n * sizeof *r + 1);
    if (!r) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n; i++) r[i] = (ranked_t){score[i], positive[i] != 0};
    qsort(r, (size_t)n, sizeof *r, by_score);
    *v = of(r, n);
    weft_i_free(r);
    return WEFT_OK;
}

weft_status_t weft_roc_auc(double *auc, const double *score, const int32_t *positive, int64_t n) { return ranked(auc, auc_of, score, positive, n); }
weft_status_t weft_average_precision(double *ap, const double *score, const int32_t *positive, int64_t n) { return ranked(ap, ap_of, score, positive, n); }

static weft_status_t columns(double *v, double (*of)(const ranked_t *, int64_t), const weft_real_t *score, const weft_real_t *target, int64_t n, int64_t cols)
{
    double sum = 0.0;
    int64_t used = 0;
    ranked_t *r = weft_i_malloc((size_t)n * sizeof *r + 1);
    if (!r) return WEFT_ENOMEM;
    for (int64_t c = 0; c < cols; c++) {
        int64_t m = 0, positives = 0;
        for (int64_t i = 0; i < n; i++) {
            weft_real_t y = target[i * cols + c];
            if (isnan(y)) continue;
            r[m++] = (ranked_t){(double)score[i * cols + c], y > 0};
            positives += y > 0;
        }
        if (!positives || positives == m) continue;
        qsort(r, (size_t)m, sizeof *r, by_score);
        sum += of(r, m);
        used++;
    }
    weft_i_free(r);
    *v = used ? sum / (double)used : NAN;
    return WEFT_OK;
}

weft_status_t weft_roc_auc_columns(double *auc, const weft_real_t *score, const weft_real_t *target, int64_t n, int64_t cols) { return columns(auc, auc_of, score, target, n, cols); }
weft_status_t weft_average_precision_columns(double *ap, const weft_real_t *score, const weft_real_t *target, int64_t n, int64_t cols) { return columns(ap, ap_of, score, target, n, cols); }

weft_status_t weft_f1(double *micro, double *macro, const int32_t *label, const int32_t *predicted, int64_t n, int32_t n_classes)
{
    int64_t *count = weft_i_calloc((size_t)n_classes, 3 * sizeof *count), hit = 0; /* per class: hit, labels, predictions */
    int32_t occur = 0;
    double sum = 0.0;
    if (!count) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n; i++) {
        count[3 * label[i] + 1]++;
        count[3 * predicted[i] + 2]++;
        if (label[i] != predicted[i]) continue;
        count[3 * label[i]]++;
        hit++;
    }
    for (int32_t c = 0; c < n_classes; c++) {
        int64_t both = count[3 * c + 1] + count[3 * c + 2]; /* 2 tp + fp + fn */
        occur += both > 0;
        sum += both ? 2.0 * (double)count[3 * c] / (double)both : 0.0;
    }
    *micro = n ? (double)hit / (double)n : NAN;
    *macro = occur ? sum / occur : NAN;
    weft_i_free(count);
    return WEFT_OK;
}

double weft_mean_absolute_error(const double *truth, const double *x, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += fabs(x[i] - truth[i]);
    return n ? sum / (double)n : NAN;
}

static double squares(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

double weft_root_mean_square_error(const double *truth, const double *x, int64_t n) { return n ? sqrt(squares(truth, x, n) / (double)n) : NAN; }

double weft_r2(const double *truth, const double *x, int64_t n)
{
    double mean = 0.0, all = 0.0, left = squares(truth, x, n);
    if (n < 2) return NAN;
    for (int64_t i = 0; i < n; i++) mean += truth[i] / (double)n;
    for (int64_t i = 0; i < n; i++) all += (truth[i] - mean) * (truth[i] - mean);
    return all > 0.0 ? 1.0 - left / all : left == 0.0 ? 1.0 : 0.0;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

weft_status_t weft_hits_at(double *hits, const double *positive, int64_t n_positive, const double *negative, int64_t n_negative, int64_t k)
{
    int64_t above = 0;
    if (n_negative < k || n_positive == 0) {
        *hits = n_positive ? 1.0 : NAN;
        return WEFT_OK;
    }
    double *sorted = weft_i_malloc((size_t)n_negative * sizeof *sorted + 1);
    if (!sorted) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n_negative; i++) sorted[i] = negative[i];
    qsort(sorted, (size_t)n_negative, sizeof *sorted, descending);
    for (int64_t i = 0; i < n_positive; i++) above += positive[i] > sorted[k - 1];
    weft_i_free(sorted);
    *hits = (double)above / (double)n_positive;
    return WEFT_OK;
}

double weft_mean_reciprocal_rank(const double *positive, const double *negative, int64_t n, int64_t m)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) {
        int64_t above = 0, level = 0;
        for (int64_t j = 0; j < m; j++) {
            above += negative[i * m + j] > positive[i];
            level += negative[i * m + j] == positive[i];
        }
        sum += 1.0 / (1.0 + (double)above + 0.5 * (double)level);
    }
    return n ? sum / (double)n : NAN;
}
