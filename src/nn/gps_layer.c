/* nn/gps_layer.c: a local convolution and global attention side by side, then a feed-forward network. */
#include "nn/attention_kinds.h"

weft_gps_layer_t weft_gps_layer_init(weft_params_t *params, const char *name, int64_t width, const weft_gps_layer_options_t *o)
{
    weft_gps_layer_t l = {.local_kind = o->local, .drop = o->drop, .activation = o->activation};
    const weft_i_name_t local = weft_i_name(name, "local");
    bool gated = o->local == WEFT_LOCAL_GATEDGCN;
    switch (o->local) {
    case WEFT_LOCAL_GCN: l.local.gcn = weft_gcn_conv_init(params, local.text, width, width, true); break;
    case WEFT_LOCAL_GIN: l.local.gin = weft_gin_conv_init(params, local.text, width, width, false, false); break;
    case WEFT_LOCAL_GINE: l.local.gine.gin = weft_gin_conv_init(params, local.text, width, width, false, false); break; /* edges have the width already */
    case WEFT_LOCAL_GAT: l.local.gat = weft_gat_conv_init(params, local.text, width, width / o->global.heads, o->global.heads, true); break;
    case WEFT_LOCAL_GATEDGCN: l.local.gated = weft_gatedgcn_conv_init(params, local.text, width, width, width); break;
    case WEFT_LOCAL_PNA: l.local.pna = weft_pna_conv_init(params, local.text, width, width, o->delta); break;
    case WEFT_LOCAL_NONE: case WEFT_LOCAL_N: break;
    }
    if (gated) {
        l.node_norm = weft_norm_init(params, weft_i_name(local.text, "node_norm").text, width, o->norm);
        l.edge_norm = weft_norm_init(params, weft_i_name(local.text, "edge_norm").text, width, o->norm);
    }
    if (o->local != WEFT_LOCAL_NONE) l.local_norm = weft_norm_init(params, weft_i_name(name, "local_norm").text, width, o->norm);
    if (o->global.kind != WEFT_GLOBAL_NONE) {
        l.global = weft_global_init(params, weft_i_name(name, "global").text, width, &o->global);
        l.global_norm = weft_norm_init(params, weft_i_name(name, "global_norm").text, width, o->norm);
        l.adapter = weft_adapter_init(params, weft_i_name(name, "adapter").text, width, &o->adapter);
    }
    l.up = weft_linear_init(params, weft_i_name(name, "up").text, width, 2 * width, true, WEFT_INIT_FAN_IN);
    l.down = weft_linear_init(params, weft_i_name(name, "down").text, 2 * width, width, true, WEFT_INIT_FAN_IN);
    l.out_norm = weft_norm_init(params, weft_i_name(name, "out_norm").text, width, o->norm);
    return l;
}

static weft_var_t *activate(const weft_gps_layer_t *l, weft_var_t *x) { return l->activation == 2 ? weft_gelu(x) : weft_relu(x); }

/* The convolution with its residual, before its norm. */
static weft_var_t *local(const weft_gps_layer_t *l, const weft_topology_t *t, weft_var_t *x, weft_var_t **e, weft_var_t *scale)
{
    weft_var_t *y = NULL, *s = NULL;
    if (scale && ((l->local_kind != WEFT_LOCAL_GINE && l->local_kind != WEFT_LOCAL_GATEDGCN) || !*e)) {
        weft_tape_fail(weft_var_tape(x), WEFT_EUSAGE, "gps: messages are scaled in gine and gatedgcn alone, with edges");
        return NULL;
    }
    switch (l->local_kind) {
    case WEFT_LOCAL_GCN: y = weft_gcn_conv(&l->local.gcn, t, weft_x_dense(x)); break;
    case WEFT_LOCAL_GIN: y = weft_gin_conv(&l->local.gin, t, weft_x_dense(x)); break;
    case WEFT_LOCAL_GINE: y = scale ? weft_gine_conv_scaled(&l->local.gine, t, weft_x_dense(x), *e, scale) : weft_gine_conv(&l->local.gine, t, weft_x_dense(x), *e); break;
    case WEFT_LOCAL_GAT: y = weft_gat_conv(&l->local.gat, t, weft_x_dense(x), 0.0); break;
    case WEFT_LOCAL_PNA: y = weft_pna_conv(&l->local.pna, t, x); break;
    case WEFT_LOCAL_GATEDGCN:
        y = activate(l, weft_once(weft_norm(&l->node_norm, scale ? weft_gatedgcn_conv_scaled(&l->local.gated, t, weft_x_dense(x), *e, scale, &s) : weft_gatedgcn_conv(&l->local.gated, t, weft_x_dense(x), *e, &s))));
        if (*e) *e = weft_add(*e, weft_once(weft_dropout(activate(l, weft_once(weft_norm(&l->edge_norm, s))), l->drop)));
        break;
    case WEFT_LOCAL_NONE: case WEFT_LOCAL_N: break;
    }
    return weft_add(x, weft_once(weft_dropout(weft_once(y), l->drop)));
}

/* Global attention, with its adapter. */
static weft_var_t *global(const weft_gps_layer_t *l, const weft_global_plan_t *plan, weft_var_t *x)
{
    if (l->adapter.o.kind == WEFT_ADAPTER_P) {
        const weft_attention_graph_t g = {.graph = plan->sparse};
        weft_var_t *v = weft_i_map(&l->global.v, x);
        if (!plan->sparse) weft_tape_fail(weft_var_tape(x), WEFT_EUSAGE, "gps: the plan has no arcs of attention for the p-adapter");
        return plan->sparse ? weft_p_attention(&l->adapter, &g, weft_i_map(&l->global.q, x), weft_i_map(&l->global.k, x), v, v, &l->global.out, l->global.o.drop) : NULL;
    }
    weft_var_t *u = weft_global(&l->global, plan, x);
    return l->adapter.o.kind == WEFT_ADAPTER_PLAIN ? weft_adapter_plain(&l->adapter, u) : u;
}

weft_var_t *weft_gps_layer(const weft_gps_layer_t *l, const weft_topology_t *t, const weft_global_plan_t *plan, weft_var_t *x, weft_var_t **e) { return weft_gps_layer_scaled(l, t, plan, x, e, NULL); }

weft_var_t *weft_gps_layer_scaled(const weft_gps_layer_t *l, const weft_topology_t *t, const weft_global_plan_t *plan, weft_var_t *x, weft_var_t **e, weft_var_t *scale)
{
    weft_var_t *z = NULL;
    if (!x) return NULL;
    if (l->local_kind != WEFT_LOCAL_NONE) z = weft_norm(&l->local_norm, local(l, t, x, e, scale));
    if (l->global.o.kind != WEFT_GLOBAL_NONE) {
        weft_var_t *a = weft_norm(&l->global_norm, weft_add(x, weft_once(weft_dropout(weft_once(global(l, plan, x)), l->drop))));
        z = l->local_kind != WEFT_LOCAL_NONE ? weft_add(weft_once(z), weft_once(a)) : a;
    }
    if (l->local_kind == WEFT_LOCAL_NONE && l->global.o.kind == WEFT_GLOBAL_NONE) z = x;
    if (!z) return NULL;
    weft_var_t *h = weft_dropout(weft_once(activate(l, weft_once(weft_linear(&l->up, weft_x_dense(z))))), l->drop);
    return weft_norm(&l->out_norm, weft_add(z, weft_once(weft_dropout(weft_once(weft_linear(&l->down, weft_x_dense(h))), l->drop))));
}
