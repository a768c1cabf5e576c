/* nn/attention_sparse.c: kinds that attend along arcs which the plan drew. */
#include "nn/attention_kinds.h"

#include <math.h>

static double over_root(const weft_global_t *l) { return 1.0 / sqrt((double)l->width / l->o.heads); }

weft_var_t *weft_i_bigbird(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    weft_var_t *s = weft_arc_dot(p->sparse, weft_i_map(&l->k, x), weft_i_map(&l->q, x), l->o.heads);
    weft_var_t *a = weft_segment_softmax(p->sparse, weft_once(weft_affine(weft_once(s), over_root(l), 0.0)));
    return weft_i_map(&l->out, weft_spmm_weighted(p->sparse, weft_dropout(a, l->o.drop), weft_i_map(&l->v, x)));
}

/* ---- exphormer: three types of arcs (the graph's, the expander's, those of the virtual node), each with a scale per column of the key ------ */
void weft_i_exphormer_init(weft_global_t *l, weft_params_t *params, const char *name)
{
    static const char *const type[3] = {"edge", "expander", "virtual"};
    weft_i_global_plain_init(l, params, name);
    for (int k = 0; k < 3; k++) l->type[k] = weft_params_add(params, weft_i_name(name, type[k]).text, 1, l->width, WEFT_INIT_ONE, 0);
}

typedef struct sums { weft_var_t *up, *down; } sums_t;

static void hear(sums_t *s, const weft_global_t *l, const weft_graph_t *g, int type, weft_var_t *q, weft_var_t *k, weft_var_t *v)
{
    if (!q || !k || !l->type[type]) {
        s->up = NULL;
        return;
    }
    weft_var_t *scaled = weft_col_scale(k, weft_param_var(weft_var_tape(q), l->type[type]));
    weft_var_t *w = weft_exp_clamp(weft_once(weft_affine(weft_once(weft_arc_dot(g, scaled, q, l->o.heads)), over_root(l), 0.0)), 5.0);
    weft_var_t *up = weft_spmm_weighted(g, w, v), *down = weft_spmm_arcs(g, NULL, w, false, WEFT_SUM);
    s->up = s->up ? weft_add(weft_once(s->up), weft_once(up)) : up;
    s->down = s->down ? weft_add(weft_once(s->down), weft_once(down)) : down;
}

weft_var_t *weft_i_exphormer(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    sums_t s = {0};
    int64_t c = l->width / l->o.heads;
    weft_var_t *q = weft_i_map(&l->q, x), *k = weft_i_map(&l->k, x), *v = weft_i_map(&l->v, x);
    weft_var_t *heard = weft_attention(weft_i_map(&l->q, weft_spmm(p->pool, NULL, x, WEFT_MEAN)), k, v, NULL, l->o.heads, &p->group_segments, 0.0); /* the virtual node of each segment */
    hear(&s, l, p->graph, 0, q, k, v);
    hear(&s, l, p->sparse, 1, q, k, v);
    hear(&s, l, p->members, 2, q, weft_i_map(&l->k, heard), weft_i_map(&l->v, heard));
    weft_var_t *down = weft_affine(s.down, 1.0, 1e-6), *over = weft_divide(weft_affine(down, 0.0, 1.0), down);
    return weft_i_map(&l->out, weft_reshape(weft_row_scale(weft_reshape(s.up, c), weft_reshape(over, 1)), l->width));
}
