/* timing/wire_scales.c: what the trees of a wire model see of a net, and what they say of every net of a design. */
#include "timing/wire_scales.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <omp.h>
#include <string.h>

weft_status_t weft_i_layout_new(weft_i_layout_t **layout, const weft_design_t *d)
{
    weft_status_t status = WEFT_OK;
    weft_i_layout_t *l = NULL;
    *layout = NULL;
    WEFT_TRY_ALLOC(l = weft_i_calloc(1, sizeof *l));
    l->holders = 1;
    WEFT_TRY(weft_i_net_trees_new(&l->trees, d));
    WEFT_TRY(weft_i_density_new(&l->density, d));
    WEFT_TRY(weft_i_demand_init(&l->demand, d, l->trees));
    *layout = l;
    l = NULL;
done:
    weft_i_layout_free(l);
    return status;
}

weft_i_layout_t *weft_i_layout_hold(weft_i_layout_t *l)
{
#pragma omp atomic update
    l->holders++;
    return l;
}

void weft_i_layout_free(weft_i_layout_t *l)
{
    int32_t left;
    if (!l) return;
#pragma omp atomic capture
    left = --l->holders;
    if (left) return;
    weft_i_net_trees_free(l->trees);
    weft_i_density_destroy(&l->density);
    weft_i_demand_destroy(&l->demand);
    weft_i_free(l->feature);
    weft_i_free(l);
}

const char *weft_i_wire_feature_name(int32_t i)
{
    if (i < WEFT_I_N_NET_FEATURES) return weft_i_net_feature_name[i];
    i -= WEFT_I_N_NET_FEATURES;
    return i < WEFT_I_N_DEMAND_FEATURES ? weft_i_demand_feature_name[i] : weft_i_shape_feature_name[i - WEFT_I_N_DEMAND_FEATURES];
}

void weft_i_wire_features(const weft_design_t *d, const weft_i_layout_t *l, int32_t net, const weft_i_tree_t *tree, float *f)
{
    weft_i_net_features(d, &l->density, net, tree, f);
    weft_i_demand_features(&l->demand, d, net, tree, f + WEFT_I_N_NET_FEATURES);
    weft_i_shape_features(d, net, tree, f + WEFT_I_N_NET_FEATURES + WEFT_I_N_DEMAND_FEATURES);
}

enum { SCALE_BLOCK = 256 };

/* Corrections of nets first..last; false: memory. */
static bool scale_block(weft_wires_t *w, weft_i_boost_plan_t *const trees[2], int32_t first, int32_t last)
{
    const weft_wire_model_t *m = w->model;
    weft_i_wire_scratch_t s = {0};
    float f[SCALE_BLOCK * WEFT_I_N_WIRE_FEATURES];
    int32_t id[SCALE_BLOCK], n = 0;
    double y[SCALE_BLOCK];
    bool ok = true;
    for (int32_t net = first; net < last && ok; net++) {
        bool placed = false;
        ok = weft_i_net_trees_at(w->layout->trees, net, &s, &placed) == WEFT_OK;
        w->cap_scale[net] = w->res_scale[net] = 1.0f;
        if (!ok || !placed) continue;
        float *row = f + n * WEFT_I_N_WIRE_FEATURES;
        weft_i_wire_features(w->design, w->layout, net, &s.tree, row);
        if (w->layout->feature) memcpy(w->layout->feature + (int64_t)net * WEFT_I_N_WIRE_FEATURES, row, WEFT_I_N_WIRE_FEATURES * sizeof *row);
        id[n++] = net;
    }
    for (int32_t k = 0; k < 2; k++) {
        float *scale = k ? w->res_scale : w->cap_scale;
        memset(y, 0, sizeof y);
        if (trees[k]) weft_i_boost_many(trees[k], n, f, y);
        for (int32_t i = 0; i < n; i++) scale[id[i]] = (float)exp((k ? m->res_offset : m->cap_offset) + y[i]);
    }
    weft_i_wire_scratch_destroy(&s);
    return ok;
}

weft_status_t weft_i_wires_scales(weft_wires_t *w)
{
    weft_status_t status = WEFT_OK;
    const weft_design_t *d = w->design;
    weft_i_boost_plan_t *trees[2] = {NULL, NULL};
    const weft_wire_model_t *m = w->model;
    bool failed = false;
    if (m->cap_trees) WEFT_TRY_ALLOC(trees[0] = weft_i_boost_plan_new(m->cap_trees));
    if (m->res_trees) WEFT_TRY_ALLOC(trees[1] = weft_i_boost_plan_new(m->res_trees));
    WEFT_TRY_ALLOC(w->cap_scale = weft_i_malloc((size_t)d->n_nets * sizeof *w->cap_scale + 1));
    WEFT_TRY_ALLOC(w->res_scale = weft_i_malloc((size_t)d->n_nets * sizeof *w->res_scale + 1));
    if (m->n_kept) WEFT_TRY_ALLOC(w->layout->feature = weft_i_malloc((size_t)d->n_nets * WEFT_I_N_WIRE_FEATURES * sizeof *w->layout->feature + 1));
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads())
    for (int32_t block = 0; block < (d->n_nets + SCALE_BLOCK - 1) / SCALE_BLOCK; block++)
        if (!scale_block(w, trees, block * SCALE_BLOCK, d->n_nets < (block + 1) * SCALE_BLOCK ? d->n_nets : (block + 1) * SCALE_BLOCK)) {
#pragma omp atomic write
            failed = true;
        }
    if (failed) status = WEFT_ENOMEM;
done:
    for (int k = 0; k < 2; k++) weft_i_boost_plan_free(trees[k]);
    return status;
}
