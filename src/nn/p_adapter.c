/* nn/p_adapter.c: adapters behind attention. */
#include "base/status.h"
#include "nn/names.h"
#include "weft/adapter.h"

#include <math.h>

weft_adapter_t weft_adapter_init(weft_params_t *params, const char *name, int64_t columns, const weft_adapter_options_t *o)
{
    weft_adapter_t l = {.o = *o};
    if (o->kind == WEFT_ADAPTER_NONE) return l;
    l.down = weft_linear_init(params, weft_i_name(name, "down").text, columns, o->width, true, WEFT_INIT_FAN_IN);
    l.up.w = weft_params_add(params, weft_i_name(name, "up.weight").text, o->width, columns, WEFT_INIT_ZERO, 0);
    l.up.b = weft_params_add(params, weft_i_name(name, "up.bias").text, 1, columns, WEFT_INIT_ZERO, 0);
    if (o->kind != WEFT_ADAPTER_P) return l;
    if (o->rule == WEFT_ADAPTER_CODE) l.gate = weft_linear_init(params, weft_i_name(name, "gate").text, columns, o->width, true, WEFT_INIT_FAN_IN);
    l.p_free = weft_params_add(params, weft_i_name(name, "p").text, 1, 1, WEFT_INIT_ZERO, 0);
    l.mu_free = weft_params_add(params, weft_i_name(name, "mu").text, 1, 1, WEFT_INIT_ZERO, 0);
    return l;
}

static weft_var_t *map(const weft_linear_t *l, weft_var_t *x) { return x ? weft_linear(l, weft_x_dense(x)) : NULL; }

weft_var_t *weft_adapter_plain(const weft_adapter_t *l, weft_var_t *u) { return weft_add(u, weft_once(map(&l->up, weft_once(weft_relu(weft_once(map(&l->down, u))))))); }

weft_status_t weft_attention_graph_init(weft_attention_graph_t *a, const weft_graph_t *graph, bool self, weft_diag_t *diag)
{
    *a = (weft_attention_graph_t){.graph = graph};
    return self ? WEFT_OK : weft_graph_from_lookup(&a->by_source, weft_graph_n_src(graph), weft_graph_n_arcs(graph), weft_graph_sources(graph), true, diag);
}

void weft_attention_graph_destroy(weft_attention_graph_t *a)
{
    weft_graph_free(a->by_source);
    *a = (weft_attention_graph_t){0};
}

/* One step among the columns of each head: alpha (D^-1/2 m D^-1/2 v + 2 mu / p o). */
static weft_var_t *step(const weft_adapter_t *l, const weft_attention_graph_t *g, weft_var_t *weight, weft_var_t *v, weft_var_t *own, bool degrees)
{
    enum { MOST_HEADS = 64 };
    weft_var_t *head[MOST_HEADS];
    if (!weight || !v || !own || !l->p_free || !l->mu_free || l->o.heads > MOST_HEADS) return NULL;
    weft_tape_t *tape = weft_var_tape(v);
    int64_t c = weft_var_cols(v) / l->o.heads;
    double mu0 = l->o.mu;
    weft_var_t *p = weft_affine(weft_softplus(weft_affine(weft_param_var(tape, l->p_free), 1.0, log(expm1(l->o.p - 1.0)))), 1.0, 1.0);
    weft_var_t *mu = l->o.rule == WEFT_ADAPTER_CODE ? weft_affine(weft_tanh(weft_param_var(tape, l->mu_free)), mu0, 2.0 * mu0) : weft_softplus(weft_affine(weft_param_var(tape, l->mu_free), 1.0, log(expm1(mu0))));
    weft_var_t *pull = weft_affine(weft_divide(mu, p), 2.0, 0.0), *ones = weft_affine(weft_columns(own, 0, 1), 0.0, 1.0);
    for (int32_t h = 0; h < l->o.heads; h++) {
        weft_var_t *x = weft_columns(v, h * c, c), *y = weft_columns(own, h * c, c), *w = weft_columns(weight, h, 1);
        if (degrees && g->by_source) { /* of a destination 1 */
            weft_var_t *degree = weft_affine(weft_spmm(g->by_source, NULL, w, WEFT_SUM), 1.0, 1e-12);
            x = weft_row_scale(x, weft_divide(weft_affine(degree, 0.0, 1.0), weft_sqrt(degree, 0.0)));
        }
        weft_var_t *both = weft_p_spmm(g->graph, x, y, p, w, l->o.eps, l->o.mask, false);
        weft_var_t *alpha = weft_divide(ones, weft_add(weft_columns(both, c, 1), weft_scalar_scale(ones, pull)));
        head[h] = weft_row_scale(weft_once(weft_add(weft_columns(both, 0, c), weft_once(weft_scalar_scale(y, pull)))), alpha);
    }
    return l->o.heads > 1 ? weft_concat(head, l->o.heads) : head[0];
}

weft_var_t *weft_p_attention(const weft_adapter_t *l, const weft_attention_graph_t *g, weft_var_t *q, weft_var_t *k, weft_var_t *v, weft_var_t *own, const weft_linear_t *out, double drop)
{
    if (!q || !k || !v || !own) return NULL;
    weft_var_t *s = weft_arc_dot(g->graph, k, q, l->o.heads);
    double over_root = 1.0 / sqrt((double)weft_var_cols(q) / l->o.heads);
    weft_var_t *w = weft_dropout(weft_segment_softmax(g->graph, weft_once(weft_affine(weft_once(s), over_root, 0.0))), drop);
    if (l->o.rule == WEFT_ADAPTER_PAPER) {
        weft_var_t *u = step(l, g, w, v, own, true);
        return weft_adapter_plain(l, out ? map(out, u) : u);
    }
    weft_var_t *u = weft_spmm_weighted(g->graph, w, v);
    if (out) u = map(out, u);
    const weft_linear_t flat = {out ? out->w : NULL, NULL}, narrow = {l->down.w, NULL}; /* values have no bias of the sum's */
    weft_var_t *f = step(l, g, w, map(&narrow, out ? map(&flat, v) : v), map(&narrow, out ? map(&flat, own) : own), false);
    if (!f || !l->down.b) return NULL;
    f = weft_bias(f, weft_param_var(weft_var_tape(f), l->down.b));
    return weft_add(u, weft_once(map(&l->up, weft_mul(weft_gelu(map(&l->gate, u)), f))));
}
