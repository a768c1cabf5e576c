/* models/gps.c: the graph transformer: features and positions, layers of convolution and global attention, a head. */
#include "base/alloc.h"
#include "models/model.h"

#include <stdio.h>

enum { MOST_HEAD = 8 };

typedef struct weft_i_gps {
    weft_position_t position;
    weft_linear_t edge, head[MOST_HEAD];
    weft_param_t *edge_token; /* of graphs without edge features */
    int32_t n_head;
    weft_gps_layer_t layer[WEFT_I_MAX_LAYERS];
    weft_stable_position_t stable[WEFT_I_MAX_LAYERS]; /* of position stable */
} weft_i_gps_t;

weft_global_options_t weft_model_global_options(const weft_model_options_t *o)
{
    return (weft_global_options_t){.kind = o->global == WEFT_GLOBAL_AUTO ? WEFT_GLOBAL_SGFORMER : o->global, .heads = o->heads, .groups = o->groups, .degree = o->degree, .drop = o->attention_dropout, .sink = o->sink, .gate = o->gate, .top_k = o->top_k, .pairs = o->adapter == WEFT_ADAPTER_P, .seed = 17};
}

static void build_head(weft_model_t *m, weft_i_gps_t *g)
{
    const weft_model_options_t *o = &m->o;
    int64_t width = o->hidden;
    g->n_head = o->head_layers ? o->head_layers : 3;
    for (int32_t k = 0; k < g->n_head; k++) {
        char name[32];
        int64_t out = k + 1 == g->n_head ? o->out : o->head_layers ? width : width / 2 > 0 ? width / 2 : 1;
        snprintf(name, sizeof name, "head.%d", k);
        g->head[k] = weft_linear_init(m->params, name, width, out, true, WEFT_INIT_FAN_IN);
        width = out;
    }
}

void weft_i_gps_build(weft_model_t *m)
{
    const weft_model_options_t *o = &m->o;
    weft_i_gps_t *g = m->gps = weft_i_calloc(1, sizeof *g);
    if (!g) return;
    bool stable = o->position == WEFT_POSITION_STABLE;
    int64_t position = o->position == WEFT_POSITION_NONE || stable ? 0 : o->position_width;
    m->before = weft_linear_init(m->params, "node", o->in, o->hidden - position, !o->embed, WEFT_INIT_FAN_IN);
    if (position) g->position = weft_position_init(m->params, "position", o->position, o->position_k, position);
    bool edges = o->local == WEFT_LOCAL_GINE || o->local == WEFT_LOCAL_GATEDGCN;
    if (edges && o->edge_in) g->edge = weft_linear_init(m->params, "edge", o->edge_in, o->hidden, !o->embed, WEFT_INIT_FAN_IN);
    if (edges && !o->edge_in) g->edge_token = weft_params_add(m->params, "edge.token", 1, o->hidden, WEFT_INIT_FAN_IN, o->hidden);
    const weft_gps_layer_options_t lo = {.local = o->local, .global = weft_model_global_options(o), .norm = o->norm, .drop = o->dropout, .delta = o->delta, .activation = (int32_t)o->activation,
                                         .adapter = {.kind = o->adapter, .rule = o->adapter_rule, .width = o->adapter_width, .heads = o->heads, .p = o->p, .mu = o->mu, .eps = o->eps, .mask = o->mask}};
    m->n_layers = o->layers;
    for (int32_t l = 0; l < o->layers; l++) {
        char name[32];
        weft_gps_layer_options_t one = lo;
        one.global.seed += (uint64_t)l;
        snprintf(name, sizeof name, "layer.%d", l);
        g->layer[l] = weft_gps_layer_init(m->params, name, o->hidden, &one);
        if (o->local == WEFT_LOCAL_GINE && g->edge_token && !stable) g->layer[l].local.gine.no_edge = g->edge_token;
        snprintf(name, sizeof name, "position.%d", l);
        if (stable) g->stable[l] = weft_stable_position_init(m->params, name, o->position_k, o->position_width, false);
    }
    build_head(m, g);
}

static weft_var_t *head(const weft_model_t *m, weft_var_t *h)
{
    const weft_i_gps_t *g = m->gps;
    for (int32_t k = 0; k < g->n_head && h; k++) {
        h = weft_linear(&g->head[k], weft_x_dense(h));
        if (k + 1 == g->n_head) break;
        h = weft_relu(weft_once(h));
        if (m->o.head_layers) h = weft_l2_normalize(h, 1);
    }
    return h;
}

weft_var_t *weft_i_gps_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    const weft_i_gps_t *g = m->gps;
    const weft_model_options_t *o = &m->o;
    bool stable = o->position == WEFT_POSITION_STABLE;
    weft_var_t *e = NULL, *near = NULL, *h = weft_linear(&m->before, x);
    if (!b->global && o->global != WEFT_GLOBAL_NONE) {
        weft_tape_fail(x.tape, WEFT_EUSAGE, "gps: the batch has no plan for global attention");
        return NULL;
    }
    if (o->position != WEFT_POSITION_NONE) {
        if (!b->position) {
            weft_tape_fail(x.tape, WEFT_EUSAGE, "gps: the batch has no positions");
            return NULL;
        }
        weft_var_t *both[2] = {h, weft_position(&g->position, x.tape, b->topology->graph, b->position, b->n_nodes)};
        if (stable) near = weft_columns(weft_tape_constant(x.tape, b->position, b->n_nodes, weft_position_columns(o->position, o->position_k)), 0, o->position_k);
        else h = weft_concat(both, 2);
    }
    if (g->edge.w && b->edge_x) e = weft_linear(&g->edge, weft_x_dense(weft_tape_constant(x.tape, b->edge_x, weft_graph_n_arcs(b->topology->graph), o->edge_in)));
    if (g->edge_token && (o->local == WEFT_LOCAL_GATEDGCN || stable) && h) /* the same row on every arc */
        e = weft_arc_ends(b->topology->graph, WEFT_ENDS_ADD, weft_bias(weft_affine(h, 0.0, 0.0), weft_param_var(x.tape, g->edge_token)), NULL);
    for (int32_t l = 0; l < m->n_layers; l++) h = weft_gps_layer_scaled(&g->layer[l], b->topology, b->global, h, &e, stable ? weft_stable_position(&g->stable[l], b->topology->graph, near) : NULL);
    *last = o->graph_task ? weft_i_pooled(m, b, h) : h;
    return head(m, *last);
}
