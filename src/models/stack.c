/* models/stack.c: layers one upon the other, with residuals, norms, jumps, pooling and a head as asked. */
#include "models/model.h"
#include "nn/gcn.h"

#include <string.h>

void weft_i_stack_build(weft_model_t *m)
{
    const weft_model_options_t *o = &m->o;
    int64_t in = o->in, width = 0;
    bool mapped = o->skip || !strcmp(o->model, "pna") || !strcmp(o->model, "gine"); /* these need dense inputs of one width */
    m->n_layers = o->layers;
    if (mapped) {
        m->before = weft_linear_init(m->params, "input", in, o->hidden, true, WEFT_INIT_GLOROT);
        in = o->hidden;
    }
    for (int32_t l = 0; l < o->layers; l++) {
        bool last = l + 1 == o->layers && !o->head;
        int64_t out = last ? o->out : o->hidden;
        char name[48];
        snprintf(name, sizeof name, "conv.%d", l);
        m->kind->conv_init(m, l, name, in, out, last);
        snprintf(name, sizeof name, "residual.%d", l);
        if (o->residual) m->residual[l] = weft_linear_init(m->params, name, in, out, true, WEFT_INIT_FAN_IN);
        snprintf(name, sizeof name, "norm.%d", l);
        if (!last) m->norm[l] = weft_norm_init(m->params, name, out, o->norm);
        if (!last && o->norm == WEFT_NORM_GRAPH) m->graph_norm[l] = weft_graph_norm_init(m->params, name, out);
        if (!l && o->decay_first)
            for (int32_t i = 0; i < weft_params_n(m->params); i++) weft_params_at(m->params, i)->decay *= -1.0; /* marks the first layer's */
        in = out;
        width = o->jump == WEFT_JUMP_CAT ? width + out : out;
    }
    if (o->jump == WEFT_JUMP_LSTM) m->jump = weft_jump_lstm_init(m->params, "jump", o->hidden, o->layers);
    if (o->graph_task && o->pooling == WEFT_POOL_ATTENTION) m->pool = weft_attention_pool_init(m->params, "pool", width);
    if (o->graph_task) m->head_hidden = weft_linear_init(m->params, "head.0", width, o->hidden, true, WEFT_INIT_FAN_IN);
    if (o->head) m->head = weft_linear_init(m->params, "head", o->graph_task ? o->hidden : width, o->out, true, WEFT_INIT_FAN_IN);
    for (int32_t i = 0; o->decay_first && i < weft_params_n(m->params); i++) {
        weft_param_t *p = weft_params_at(m->params, i);
        p->decay = p->decay < 0.0 ? -p->decay : 0.0;
    }
}

weft_var_t *weft_i_pooled(const weft_model_t *m, const weft_batch_t *b, weft_var_t *h)
{
    static const weft_reduce_t by[] = {WEFT_SUM, WEFT_MEAN, WEFT_MAX};
    if (m->o.pooling == WEFT_POOL_ATTENTION) return weft_attention_pool(&m->pool, b->members, h);
    return weft_spmm(b->members, NULL, h, by[m->o.pooling]);
}

weft_x_t weft_i_stack_first(const weft_model_t *m, weft_x_t x)
{
    if (!m->before.w) return x;
    weft_var_t *h = weft_linear(&m->before, x);
    if (m->o.skip) h = weft_dropout(weft_i_activate(m->o.activation, h), m->o.dropout);
    return weft_x_dense(h);
}

/* What stands behind a convolution's y; `own`: x holds the rows of y alone. */
static weft_var_t *behind(const weft_model_t *m, int32_t l, const weft_batch_t *at, weft_x_t x, bool own, weft_var_t *y)
{
    const weft_model_options_t *o = &m->o;
    if (o->residual) {
        weft_var_t *r = weft_linear(&m->residual[l], x);
        y = weft_add(weft_once(y), weft_once(own ? r : weft_topology_own(at->topology, r)));
    }
    if (l + 1 == m->n_layers && !o->head) return y;
    y = o->norm == WEFT_NORM_GRAPH ? weft_graph_norm(&m->graph_norm[l], at->members, at->spread, y) : weft_norm(&m->norm[l], y);
    if (o->activation != WEFT_ACT_NONE) y = weft_i_activate(o->activation, weft_once(y));
    y = weft_dropout(y, o->dropout);
    return o->skip ? weft_add(own ? x.dense : weft_topology_own(at->topology, x.dense), y) : y;
}

weft_var_t *weft_i_stack_layer(const weft_model_t *m, int32_t l, const weft_batch_t *at, weft_x_t x, weft_var_t **e)
{
    return behind(m, l, at, x, false, m->kind->conv(m, l, at, x, e));
}

static const weft_gcn_conv_t *gcn_of(const weft_model_t *m, int32_t l) { return !strcmp(m->kind->name, "gcn") || !strcmp(m->kind->name, "jknet") ? &m->conv[l].gcn : NULL; }

bool weft_i_stack_maps_first(const weft_model_t *m, int32_t l)
{
    const weft_gcn_conv_t *c = gcn_of(m, l);
    return c && weft_i_gcn_maps_first(c);
}

weft_var_t *weft_i_stack_map(const weft_model_t *m, int32_t l, weft_var_t *x) { return weft_matmul(x, weft_param_var(weft_var_tape(x), gcn_of(m, l)->w)); }

bool weft_i_stack_sees_own(const weft_model_t *m, int32_t l)
{
    return m->o.residual || (m->o.skip && (l + 1 < m->n_layers || m->o.head));
}

weft_var_t *weft_i_stack_rest(const weft_model_t *m, int32_t l, const weft_batch_t *at, weft_var_t *mapped, weft_var_t *own)
{
    return behind(m, l, at, own ? weft_x_dense(own) : (weft_x_t){0}, true, weft_i_gcn_rest(gcn_of(m, l), at->topology, mapped));
}

weft_var_t *weft_i_stack_jump(const weft_model_t *m, weft_var_t *const *each)
{
    weft_var_t *h = each[m->n_layers - 1];
    if (m->o.jump == WEFT_JUMP_CAT) h = weft_concat(each, m->n_layers);
    if (m->o.jump == WEFT_JUMP_MAX) h = weft_jump_max(each, m->n_layers);
    if (m->o.jump == WEFT_JUMP_LSTM) h = weft_jump_lstm(&m->jump, each, m->n_layers);
    if (m->o.jump == WEFT_JUMP_SUM)
        for (int32_t l = 0; l + 1 < m->n_layers; l++) h = weft_add(h, each[l]);
    return h;
}

weft_var_t *weft_i_stack_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    const weft_model_options_t *o = &m->o;
    weft_var_t *each[WEFT_I_MAX_LAYERS], *h, *e = b->edge_x ? weft_tape_constant(x.tape, b->edge_x, weft_graph_n_arcs(b->topology->graph), o->edge_in) : NULL;
    x = weft_i_stack_first(m, x);
    for (int32_t l = 0; l < m->n_layers; l++) {
        weft_batch_t at = *b;
        if (b->layers) at.topology = b->layers[l];
        weft_var_t *y = weft_i_stack_layer(m, l, &at, x, &e);
        *last = l + 1 < m->n_layers || o->head ? y : x.dense;
        each[l] = y;
        x = weft_x_dense(y);
        if (!y) return NULL;
    }
    h = weft_i_stack_jump(m, each);
    if (o->head) *last = h;
    if (!o->graph_task) return o->head ? weft_linear(&m->head, weft_x_dense(h)) : h;
    h = weft_relu(weft_linear(&m->head_hidden, weft_x_dense(*last = weft_i_pooled(m, b, h))));
    return weft_linear(&m->head, weft_x_dense(weft_dropout(h, o->dropout)));
}
