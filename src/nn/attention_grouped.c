/* nn/attention_grouped.c: kinds that attend to a few tokens which stand for groups of rows. */
#include "nn/attention_kinds.h"

/* Agents: the mean query of each group hears all keys, then every query hears the agents. */
weft_var_t *weft_i_agent(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    const weft_segments_t gather = {p->segments.n, p->group_first, p->segments.first};
    weft_var_t *q = weft_i_map(&l->q, x), *agent = weft_spmm(p->pool, NULL, q, WEFT_MEAN);
    weft_var_t *heard = weft_attention(agent, weft_i_map(&l->k, x), weft_i_map(&l->v, x), NULL, l->o.heads, &gather, l->o.drop);
    return weft_i_map(&l->out, weft_attention(q, agent, heard, NULL, l->o.heads, &p->group_segments, l->o.drop));
}

void weft_i_corecontext_init(weft_global_t *l, weft_params_t *params, const char *name)
{
    weft_i_global_plain_init(l, params, name);
    l->token = weft_params_add(params, weft_i_name(name, "significance").text, 1, l->width, WEFT_INIT_ZERO, 0);
}

/* Two parts of one softmax: the window, and the core tokens of the segment. */
weft_var_t *weft_i_corecontext(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    int32_t h = l->o.heads;
    int64_t d = l->width;
    const weft_segments_t window = {p->n_windows, p->window_first, NULL};
    if (!x || !l->token) return NULL;
    weft_var_t *q = weft_i_map(&l->q, x), *k = weft_i_map(&l->k, x), *v = weft_i_map(&l->v, x);
    weft_var_t *share = weft_segment_softmax(p->pool, weft_row_dot(x, weft_param_var(weft_var_tape(x), l->token), 1));
    weft_var_t *far = weft_attention_part(q, weft_spmm_weighted(p->pool, share, k), weft_spmm_weighted(p->pool, share, v), h, &p->group_segments, l->o.drop);
    weft_var_t *near = weft_attention_part(q, k, v, h, &window, l->o.drop);
    weft_var_t *gate = weft_sigmoid(weft_mix(1.0, weft_columns(far, d, h), -1.0, weft_columns(near, d, h))), *near_y = weft_columns(near, 0, d);
    weft_var_t *more = weft_row_scale(weft_reshape(weft_mix(1.0, weft_columns(far, 0, d), -1.0, near_y), d / h), weft_reshape(gate, 1));
    return weft_i_map(&l->out, weft_add(near_y, weft_reshape(more, d)));
}

/* Queries and keys are one, of unit length; who attends to whom is chosen by content. */
weft_var_t *weft_i_routing(const weft_global_t *l, const weft_global_plan_t *p, weft_var_t *x)
{
    const weft_segments_t clusters = {p->n_windows, p->window_first, NULL};
    int32_t h = l->o.heads;
    weft_var_t *q = weft_l2_normalize(weft_i_map(&l->q, x), h), *row = weft_routes(q, h, &p->segments, p->group_first, p->window_first);
    weft_var_t *chosen = weft_head_gather(q, row), *y = weft_attention(chosen, chosen, weft_head_gather(weft_i_map(&l->v, x), row), NULL, h, &clusters, l->o.drop);
    return weft_i_map(&l->out, weft_head_scatter(y, row, weft_var_rows(x)));
}
