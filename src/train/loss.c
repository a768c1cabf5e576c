/* train/loss.c: the loss that options ask for. */
#include "base/alloc.h"
#include "base/status.h"
#include "train/train.h"

weft_status_t weft_i_loss_init(weft_i_loss_t *l, const weft_train_options_t *o, const int32_t *label, int64_t items, int32_t n_classes, const int32_t *row, int64_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    *l = (weft_i_loss_t){.kind = o->loss, .delta = o->huber_delta};
    if (l->kind == WEFT_LOSS_AUTO) l->kind = label ? WEFT_LOSS_CROSS_ENTROPY : WEFT_LOSS_MAE;
    bool of_classes = l->kind == WEFT_LOSS_CROSS_ENTROPY || l->kind == WEFT_LOSS_BCE;
    if (of_classes != (label != NULL) || (o->class_weights && l->kind != WEFT_LOSS_CROSS_ENTROPY)) {
        weft_diag_add(diag, WEFT_ERROR, "train-loss", NULL, 0, 0, of_classes != (label != NULL) ? "this loss is for %s" : "class_weights are for the cross entropy of %s", of_classes ? "classes" : "values");
        return WEFT_EUSAGE;
    }
    if (o->class_weights) { /* n / (classes n_c), so that every class weighs the same and the mean weight over the rows is 1 */
        int64_t *count;
        WEFT_TRY_ALLOC(count = weft_i_calloc((size_t)n_classes, sizeof *count));
        l->class_weight = weft_i_calloc((size_t)n_classes, sizeof *l->class_weight);
        for (int64_t i = 0; i < n; i++) count[label[row[i]]]++;
        for (int32_t c = 0; l->class_weight && c < n_classes; c++) l->class_weight[c] = count[c] ? (weft_real_t)((double)n / ((double)n_classes * (double)count[c])) : 0;
        weft_i_free(count);
        WEFT_TRY_ALLOC(l->class_weight);
    }
    if (l->kind == WEFT_LOSS_BCE) {
        WEFT_TRY_ALLOC(l->one_hot = weft_i_calloc((size_t)items, (size_t)n_classes * sizeof *l->one_hot));
        for (int64_t i = 0; i < items; i++)
            if (label[i] >= 0 && label[i] < n_classes) l->one_hot[i * n_classes + label[i]] = 1;
    }
done:
    return status;
}

void weft_i_loss_destroy(weft_i_loss_t *l)
{
    weft_i_free(l->class_weight);
    weft_i_free(l->one_hot);
    *l = (weft_i_loss_t){0};
}

weft_var_t *weft_i_loss(const weft_i_loss_t *l, weft_var_t *y, const int32_t *label, const weft_real_t *target, const weft_real_t *one_hot, const int32_t *row, int64_t n)
{
    switch (l->kind) {
    case WEFT_LOSS_CROSS_ENTROPY: return weft_cross_entropy(y, label, row, n, l->class_weight);
    case WEFT_LOSS_BCE: return weft_bce(y, one_hot, row, n);
    case WEFT_LOSS_MSE: return weft_regression_loss(y, target, row, n, WEFT_MSE, 0.0);
    case WEFT_LOSS_HUBER: return weft_regression_loss(y, target, row, n, WEFT_HUBER, l->delta);
    case WEFT_LOSS_MAE:
    case WEFT_LOSS_AUTO: break;
    }
    return weft_regression_loss(y, target, row, n, WEFT_MAE, 0.0);
}
