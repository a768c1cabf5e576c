/* train/best.c: rates, scales of features, and the epoch that counts. */
#include "train/train.h"

#include <math.h>

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

static void unit_row(weft_real_t *x, int64_t n)
{
    double sum = 0.0;
    for (int64_t j = 0; j < n; j++) sum += (double)x[j] * (double)x[j];
    for (int64_t j = 0; j < n && sum > 0.0; j++) x[j] = (weft_real_t)((double)x[j] / sqrt(sum));
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
    for (int64_t i = 0; how == WEFT_NORMALIZE_UNIT && i < n; i++) unit_row(x + i * cols, cols);
    if (how == WEFT_NORMALIZE_Z) standardize(x, n, cols);
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
