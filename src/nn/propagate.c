/* nn/propagate.c: layers that only walk: APPNP, SGC. */
#include "weft/nn.h"

weft_var_t *weft_appnp(const weft_topology_t *t, weft_var_t *h, int32_t k, double alpha, double drop)
{
    weft_tape_t *tape = weft_var_tape(h);
    weft_var_t *z = h;
    for (int32_t i = 0; i < k && z; i++) {
        weft_var_t *a;
        if (drop > 0.0 && weft_tape_training(tape)) {
            weft_var_t *w = weft_tape_constant(tape, weft_weights_data(t->gcn), weft_graph_n_arcs(t->looped), 1);
            a = weft_spmm_weighted(t->looped, weft_dropout(w, drop), z);
        } else a = weft_spmm(t->looped, t->gcn, z, WEFT_SUM);
        z = weft_mix(1.0 - alpha, weft_once(a), alpha, h);
    }
    return z;
}

weft_var_t *weft_sgc(const weft_topology_t *t, weft_var_t *x, int32_t k)
{
    for (int32_t i = 0; i < k && x; i++) x = weft_spmm(t->looped, t->gcn, x, WEFT_SUM);
    return x;
}
