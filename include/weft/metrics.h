/* weft/metrics.h: evaluators as scikit-learn and the Open Graph Benchmark define them. Sums in double; nothing depends on threads.
 *
 * Scores and values are doubles, one per item; a positive is positive[i] != 0. A value that is not defined (no items, one class alone for AUC) is NaN.
 * Status: WEFT_OK or WEFT_ENOMEM (those that sort). */
#ifndef WEFT_METRICS_H
#define WEFT_METRICS_H
#include "weft/base.h"
#include "weft/real.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The share of items whose predicted class is the label. */
WEFT_API double weft_accuracy(const int32_t *label, const int32_t *predicted, int64_t n);
/* Area under the ROC curve: the share of (positive, negative) pairs in the right order, equal scores counting half (Mann and Whitney). O(n log n). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_roc_auc(double *auc, const double *score, const int32_t *positive, int64_t n);
/* Average precision: sum over thresholds of (R_i - R_{i-1}) P_i, equal scores being one threshold; no interpolation. Without positives 0. O(n log n). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_average_precision(double *ap, const double *score, const int32_t *positive, int64_t n);
/* F1 = 2 tp / (2 tp + fp + fn). Micro: of the counts of all classes together (for one label per item: the accuracy). Macro: the mean over the classes that
 * occur among labels or predictions, 0 for one that is never hit. Classes 0..n_classes-1. O(n + n_classes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_f1(double *micro, double *macro, const int32_t *label, const int32_t *predicted, int64_t n, int32_t n_classes);
/* Mean of |x - y|; root of the mean of (x - y)^2. */
WEFT_API double weft_mean_absolute_error(const double *truth, const double *predicted, int64_t n);
WEFT_API double weft_root_mean_square_error(const double *truth, const double *predicted, int64_t n);
/* 1 - sum (y - x)^2 / sum (y - mean y)^2; for constant truth 1 where it is met, else 0; NaN below two items. */
WEFT_API double weft_r2(const double *truth, const double *predicted, int64_t n);

/* Links (OGB). Hits@K: the share of positive scores above the K-th largest negative one; 1 where there are fewer than K negatives. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_hits_at(double *hits, const double *positive, int64_t n_positive, const double *negative, int64_t n_negative, int64_t k);
/* Mean over the positives of 1 / rank among its own negatives [n, m] and itself, rank the mean of the best and the worst one that equal scores allow. */
WEFT_API double weft_mean_reciprocal_rank(const double *positive, const double *negative, int64_t n, int64_t m);

/* Many labels per item (OGB): the mean over the columns of ROC AUC (average precision) among the items whose target [n, columns] is not NaN; columns
 * without a positive or without a negative are left out. NaN where none is left. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_roc_auc_columns(double *auc, const weft_real_t *score, const weft_real_t *target, int64_t n, int64_t columns);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_average_precision_columns(double *ap, const weft_real_t *score, const weft_real_t *target, int64_t n, int64_t columns);

#ifdef __cplusplus
}
#endif
#endif
