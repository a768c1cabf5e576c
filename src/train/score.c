/* train/score.c: a task's metric over some of its rows. */
#include "base/alloc.h"
#include "base/status.h"
#include "train/train.h"
#include "weft/metrics.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {"accuracy", "roc_auc", "mae", "ap", "f1_micro", "f1_macro", "rmse", "r2"};
enum { N_METRICS = sizeof names / sizeof *names };

const char *weft_metric_name(weft_metric_t m) { return names[m]; }

bool weft_metric_by_name(weft_metric_t *metric, const char *name)
{
    for (int m = 0; m < N_METRICS; m++)
        if (!strcmp(names[m], name)) {
            *metric = (weft_metric_t)m;
            return true;
        }
    return false;
}

bool weft_metric_smaller_is_better(weft_metric_t m) { return m == WEFT_METRIC_MAE || m == WEFT_METRIC_RMSE; }
bool weft_i_metric_of_values(weft_metric_t m) { return m == WEFT_METRIC_MAE || m == WEFT_METRIC_RMSE || m == WEFT_METRIC_R2; }

weft_metric_t weft_i_metric(const weft_train_options_t *o, weft_metric_t of_data) { return o->metric ? (weft_metric_t)(o->metric - 1) : of_data; }

weft_status_t weft_i_metric_check(weft_metric_t m, bool values, int32_t n_classes, weft_diag_t *diag)
{
    bool binary = m == WEFT_ROC_AUC || m == WEFT_METRIC_AP;
    if (values == weft_i_metric_of_values(m) && !(binary && n_classes != 2)) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "train-metric", NULL, 0, 0, "%s is not a metric of %s", weft_metric_name(m), values ? "values" : n_classes == 2 ? "two classes" : "many classes");
    return WEFT_EUSAGE;
}

weft_status_t weft_i_score(double *score, weft_metric_t metric, const weft_real_t *out, int64_t cols, const int32_t *label, const weft_real_t *target, const int32_t *row, int64_t n)
{
    weft_status_t status = WEFT_OK;
    bool by_score = metric == WEFT_ROC_AUC || metric == WEFT_METRIC_AP, of_values = weft_i_metric_of_values(metric);
    double *x = NULL, *y = NULL, other;
    int32_t *truth = NULL, *predicted = NULL;
    WEFT_TRY_ALLOC(x = weft_i_malloc((size_t)n * sizeof *x + 1));
    WEFT_TRY_ALLOC(y = weft_i_malloc((size_t)n * sizeof *y + 1));
    WEFT_TRY_ALLOC(truth = weft_i_malloc((size_t)n * sizeof *truth + 1));
    WEFT_TRY_ALLOC(predicted = weft_i_malloc((size_t)n * sizeof *predicted + 1));
    for (int64_t i = 0; i < n; i++) {
        const weft_real_t *z = out + row[i] * cols;
        int32_t best = 0;
        for (int32_t j = 1; j < cols && !of_values && !by_score; j++) best = z[j] > z[best] ? j : best;
        predicted[i] = best;
        truth[i] = of_values ? 0 : by_score ? label[row[i]] == 1 : label[row[i]];
        x[i] = cols > 1 ? (double)z[1] - (double)z[0] : (double)z[0];
        y[i] = of_values ? (double)target[row[i]] : 0.0;
    }
    switch (metric) {
    case WEFT_ACCURACY: *score = weft_accuracy(truth, predicted, n); break;
    case WEFT_ROC_AUC: status = weft_roc_auc(score, x, truth, n); break;
    case WEFT_METRIC_AP: status = weft_average_precision(score, x, truth, n); break;
    case WEFT_METRIC_F1_MICRO: status = weft_f1(score, &other, truth, predicted, n, (int32_t)cols); break;
    case WEFT_METRIC_F1_MACRO: status = weft_f1(&other, score, truth, predicted, n, (int32_t)cols); break;
    case WEFT_METRIC_MAE: *score = weft_mean_absolute_error(y, x, n); break;
    case WEFT_METRIC_RMSE: *score = weft_root_mean_square_error(y, x, n); break;
    case WEFT_METRIC_R2: *score = weft_r2(y, x, n); break;
    }
done:
    weft_i_free(x);
    weft_i_free(y);
    weft_i_free(truth);
    weft_i_free(predicted);
    return status;
}
