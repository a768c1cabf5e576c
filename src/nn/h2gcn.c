/* nn/h2gcn.c: neighbours at one and at two steps kept apart, every round kept beside the others. */
#include "weft/nn.h"

int64_t weft_h2gcn_width(int64_t width, int32_t rounds)
{
    int64_t sum = 0;
    for (int32_t r = 0; r <= rounds; r++) sum += width << r;
    return sum;
}

weft_var_t *weft_h2gcn(const weft_topology_t *t, weft_var_t *x, int32_t rounds)
{
    weft_var_t *each[WEFT_H2GCN_MOST + 1] = {x};
    if (!x) return NULL;
    if (!t->two_steps || rounds < 0 || rounds > WEFT_H2GCN_MOST) {
        weft_tape_fail(weft_var_tape(x), WEFT_EUSAGE, "h2gcn: a topology with the second steps and at most 6 rounds are needed");
        return NULL;
    }
    for (int32_t r = 1; r <= rounds; r++) {
        weft_var_t *two[2] = {weft_spmm(t->one_step, t->one_gcn, each[r - 1], WEFT_SUM), weft_spmm(t->two_steps, t->two_gcn, each[r - 1], WEFT_SUM)};
        each[r] = weft_concat(two, 2);
    }
    return weft_concat(each, rounds + 1);
}
