/* train/best.c: rates, scores, and the epoch that counts. */
#include "base/alloc.h"
#include "train/train.h"

#include <math.h>
#include <stdlib.h>

const char *weft_metric_name(weft_metric_t m) { return m == WEFT_ACCURACY ? "accuracy" : m == WEFT_ROC_AUC ? "roc_auc" : "mae"; }

double weft_i_rate(const weft_train_options_t *o, int32_t epoch)
{
    if (epoch < o->warmup) return o->lr * (epoch + 1) / (o->warmup + 1);
    if (o->schedule == WEFT_CONSTANT || o->epochs <= o->warmup) return o->lr;
    return o->lr * 0.5 * (1.0 + cos(3.14159265358979 * (epoch - o->warmup) / (o->epochs - o->warmup)));
}

static void scale_row(weft_real_t *x, int64_t n)
{
    double sum = 0.0;
    for (int64_t j = 0; j < n; j++) sum += (double)x[j];
    for (int64_t j = 0; j < n && sum != 0.0; j++) x[j] = (weft_real_t)((double)x[j] / sum);
}

static void standardize(weft_real_t *x, int64_t n, int64_t cols)
{
    for (int64_t j = 0; j < cols; j++) {
        double mean = 0.0, var = 0.0;
        for (int64_t i = 0; i < n; i++) mean += (double)x[i * cols + j];
        mean /= (double)n;
        for (int64_t i = 0; i < n; i++) var += ((double)x[i * cols + j] - mean) * ((double)x[i * cols + j] - mean);
        double over = var > 0.0 ? 1.0 / sqrt(var / (double)n) : 0.0;
        for (int64_t i = 0; i < n; i++) x[i * cols + j] = (weft_real_t)(((double)x[i * cols + j] - mean) * over);
    }
}

weft_normalize_t weft_i_normalize_auto(const weft_real_t *x, int64_t n, int64_t cells)
{
    int64_t full = 0, negative = 0;
    for (int64_t i = 0; i < n; i++) {
        full += x[i] != 0;
        negative += x[i] < 0;
    }
    return !negative && full <= cells / 2 ? WEFT_NORMALIZE_ROW : WEFT_NORMALIZE_Z;
}

void weft_i_normalize(weft_real_t *x, int64_t n, int64_t cols, weft_normalize_t how)
{
    if (how == WEFT_NORMALIZE_AUTO) how = weft_i_normalize_auto(x, n * cols, n * cols);
    for (int64_t i = 0; how == WEFT_NORMALIZE_ROW && i < n; i++) scale_row(x + i * cols, cols);
    if (how == WEFT_NORMALIZE_Z) standardize(x, n, cols);
}

typedef struct ranked { double score; int32_t positive; } ranked_t;

static int by_score(const void *a, const void *b)
{
    double x = ((const ranked_t *)a)->score, y = ((const ranked_t *)b)->score;
    return (x > y) - (x < y);
}

/* The share of (positive, negative) pairs in the right order, equal scores counting half. */
static double auc(ranked_t *r, int64_t n)
{
    double positives = 0.0, pairs = 0.0, below = 0.0;
    qsort(r, (size_t)n, sizeof *r, by_score);
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

weft_status_t weft_i_score(double *score, weft_metric_t metric, const weft_real_t *out, int64_t cols, const int32_t *label, const weft_real_t *target,
                           const int32_t *row, int64_t n)
{
    double sum = 0.0;
    if (metric == WEFT_ROC_AUC) {
        ranked_t *r = weft_i_malloc((size_t)n * sizeof *r);
        if (!r) return WEFT_ENOMEM;
        for (int64_t i = 0; i < n; i++) {
            const weft_real_t *x = out + row[i] * cols;
            r[i] = (ranked_t){cols > 1 ? (double)x[1] - (double)x[0] : (double)x[0], label[row[i]] == 1};
        }
        *score = auc(r, n);
        weft_i_free(r);
        return WEFT_OK;
    }
    for (int64_t i = 0; i < n; i++) {
        const weft_real_t *x = out + row[i] * cols;
        if (metric == WEFT_METRIC_MAE) {
            sum += fabs((double)x[0] - (double)target[row[i]]);
            continue;
        }
        int64_t best = 0;
        for (int64_t j = 1; j < cols; j++) best = x[j] > x[best] ? j : best;
        sum += best == label[row[i]];
    }
    *score = n ? sum / (double)n : NAN;
    return WEFT_OK;
}

bool weft_i_best_see(weft_i_best_t *b, const weft_params_t *params, const weft_epoch_t *e, double train, int32_t patience)
{
    double val = b->smaller_is_better ? -e->val : e->val, best = b->smaller_is_better ? -b->run->val : b->run->val;
    bool first = b->run->best_epoch < 0, better = first || val > best || (val == best && e->val_loss < b->val_loss);
    if (first || val > best || e->val_loss < b->least_loss) b->last_better = e->epoch;
    if (first || e->val_loss < b->least_loss) b->least_loss = e->val_loss;
    b->run->epochs = e->epoch + 1;
    if (better) {
        b->run->val = e->val;
        b->run->test = e->test;
        b->run->train = train;
        b->run->best_epoch = e->epoch;
        b->val_loss = e->val_loss;
        if (b->params) weft_params_store(params, b->params);
    }
    return patience > 0 && e->epoch - b->last_better >= patience;
}
