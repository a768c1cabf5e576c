/* train/label_propagation.c: no network: known labels walk (Zhou et al. 2004): y <- alpha A y + (1 - alpha) y0, A the GCN matrix, y0 the
 * training labels as rows of ones. */
#include "base/alloc.h"
#include "base/status.h"
#include "train/train.h"

weft_status_t weft_i_label_propagation(weft_real_t **out, const weft_node_task_t *t, const weft_topology_t *topology, const uint8_t *split, int32_t k,
                                       double alpha, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t size = t->n_nodes * t->n_classes;
    weft_real_t *y = weft_i_calloc((size_t)size, sizeof *y);
    weft_tape_t *tape = weft_tape_new();
    *out = NULL;
    WEFT_TRY_ALLOC(y);
    WEFT_TRY_ALLOC(tape);
    for (int64_t i = 0; i < t->n_nodes; i++)
        if (split[i] == 1) y[i * t->n_classes + t->label[i]] = 1;
    weft_tape_set_training(tape, false);
    weft_var_t *first = weft_tape_constant(tape, y, t->n_nodes, t->n_classes), *z = first;
    for (int32_t i = 0; i < k; i++)
        z = weft_mix(alpha, weft_once(weft_spmm(topology->looped, topology->gcn, i ? weft_once(z) : z, WEFT_SUM)), 1.0 - alpha, first);
    WEFT_TRY(weft_tape_status(tape, diag));
    const weft_real_t *last = weft_var_data(z);
    for (int64_t i = 0; i < size; i++) y[i] = last[i];
    *out = y;
    y = NULL;
done:
    weft_tape_free(tape);
    weft_i_free(y);
    return status;
}
