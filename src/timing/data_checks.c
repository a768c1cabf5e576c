/* timing/data_checks.c: set_data_check: data against data, by the edge of the same launch. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/checks.h"

/* Checks by their `to` pin: a list of indices per pin, in order. */
weft_status_t weft_i_data_check_index(weft_timer_t *t)
{
    weft_status_t status = WEFT_OK;
    const weft_constraints_t *c = t->sdc;
    if (!c->n_data_checks) return WEFT_OK;
    WEFT_TRY_ALLOC(t->data_check_first = weft_i_calloc((size_t)t->design->n_pins + 2, sizeof *t->data_check_first));
    WEFT_TRY_ALLOC(t->data_check_of = weft_i_malloc((size_t)c->n_data_checks * sizeof *t->data_check_of));
    for (int32_t i = 0; i < c->n_data_checks; i++) t->data_check_first[c->data_check[i].to.id + 2]++;
    for (int32_t p = 0; p < t->design->n_pins; p++) t->data_check_first[p + 2] += t->data_check_first[p + 1];
    for (int32_t i = 0; i < c->n_data_checks; i++) t->data_check_of[t->data_check_first[c->data_check[i].to.id + 1]++] = i;
done:
    return status;
}

void weft_i_data_check_ends(weft_i_ends_t *ends, int32_t node)
{
    weft_timer_t *t = ends->t;
    int32_t pin = t->node_pin[node], n, n_from;
    for (int32_t k = t->data_check_first[pin]; k < t->data_check_first[pin + 1]; k++) {
        const weft_data_check_t *x = &t->sdc->data_check[t->data_check_of[k]];
        int32_t from = t->load_node[x->from.id] >= 0 ? t->load_node[x->from.id] : t->driver_node[x->from.id];
        if (from < 0) continue;
        weft_i_node_paths(t, node, &n);
        int64_t first = t->path_first[t->position[node]];
        const weft_i_path_t *other = weft_i_node_paths(t, from, &n_from);
        for (int64_t i = first; i < first + n; i++)
            for (int32_t m = 0; m < n_from; m++) {
                const weft_i_path_t *p = &t->path[i];
                int32_t late = p->ap & 1, clock = t->tags.tag[other[m].tag].clock;
                if (!(x->minmax >> late & 1) || other[m].ap != (p->ap ^ 1) || !(x->from_edges >> other[m].edge & 1) || !(x->to_edges >> p->edge & 1)) continue;
                if (clock < 0 || (x->clock >= 0 && clock != x->clock)) continue;
                weft_i_check_pair(ends, i, &other[m], x->margin, late ? WEFT_CHECK_DATA_SETUP : WEFT_CHECK_DATA_HOLD);
            }
    }
}
