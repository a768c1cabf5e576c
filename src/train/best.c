/* train/best.c: rates, and the epoch that counts. */
#include "train/train.h"

#include <math.h>

double weft_i_rate(const weft_train_options_t *o, int32_t epoch)
{
    if (epoch < o->warmup) return o->lr * (epoch + 1) / (o->warmup + 1);
    if (o->schedule == WEFT_CONSTANT || o->epochs <= o->warmup) return o->lr;
    return o->lr * 0.5 * (1.0 + cos(3.14159265358979 * (epoch - o->warmup) / (o->epochs - o->warmup)));
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
