/* models/propagate.c: models that learn on nodes and then walk (APPNP, DAGNN, GPRGNN, pGNN), walk and then learn (SGC, H2GCN), and GCNII. */
#include "models/model.h"

#include <math.h>
#include <string.h>

void weft_i_propagate_build(weft_model_t *m)
{
    const weft_model_options_t *o = &m->o;
    int64_t in = o->in;
    m->n_layers = strcmp(o->model, "sgc") ? o->layers : 1;
    for (int32_t l = 0; l < m->n_layers; l++) {
        char name[32];
        int64_t out = l + 1 == m->n_layers ? o->out : o->hidden;
        snprintf(name, sizeof name, "linear.%d", l);
        m->conv[l].linear = weft_linear_init(m->params, name, in, out, true, WEFT_INIT_GLOROT);
        if (o->decay_first && l)
            for (int32_t i = 2; i < weft_params_n(m->params); i++) weft_params_at(m->params, i)->decay = 0.0;
        in = out;
    }
    if (!strcmp(o->model, "dagnn")) m->dagnn = weft_dagnn_init(m->params, "dagnn", o->out, o->k);
    if (!strcmp(o->model, "gprgnn")) m->gpr = weft_gpr_init(m->params, "gpr", o->k, o->alpha);
}

static weft_var_t *network(const weft_model_t *m, weft_x_t x, weft_var_t **last)
{
    weft_var_t *h = NULL;
    for (int32_t l = 0; l < m->n_layers; l++) {
        h = weft_linear(&m->conv[l].linear, x);
        if (l + 1 < m->n_layers) *last = h = weft_dropout(weft_i_activate(m->o.activation, h), m->o.dropout);
        x = weft_x_dense(h);
    }
    return h;
}

weft_var_t *weft_i_appnp_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    return weft_appnp(b->topology, network(m, x, last), m->o.k, m->o.alpha, m->o.attention_dropout);
}

weft_var_t *weft_i_dagnn_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    return weft_dagnn(&m->dagnn, b->topology, network(m, x, last));
}

/* Chien et al. 2021: `attention_dropout` falls on what walks. */
weft_var_t *weft_i_gprgnn_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    return weft_gpr(&m->gpr, b->topology, weft_dropout(network(m, x, last), m->o.attention_dropout));
}

/* Zhu et al. 2020: an embedding, rounds without parameters, a map of all of them. */
void weft_i_h2gcn_build(weft_model_t *m)
{
    const weft_model_options_t *o = &m->o;
    m->before = weft_linear_init(m->params, "input", o->in, o->hidden, false, WEFT_INIT_GLOROT);
    m->head = weft_linear_init(m->params, "head", weft_h2gcn_width(o->hidden, o->k), o->out, false, WEFT_INIT_GLOROT);
}

weft_var_t *weft_i_h2gcn_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    weft_var_t *h = weft_h2gcn(b->topology, weft_i_activate(m->o.activation, weft_linear(&m->before, x)), m->o.k);
    *last = h = weft_dropout(h, m->o.dropout);
    return h ? weft_linear(&m->head, weft_x_dense(h)) : NULL;
}

weft_var_t *weft_i_sgc_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    (void)last; /* the walk commutes with the map: the narrower side walks */
    weft_var_t *h = weft_sgc(b->topology, weft_x_matmul(x, weft_param_var(x.tape, m->conv[0].linear.w)), m->o.k);
    return weft_bias(h, weft_param_var(x.tape, m->conv[0].linear.b));
}

void weft_i_gcnii_build(weft_model_t *m)
{
    const weft_model_options_t *o = &m->o;
    m->n_layers = o->layers;
    m->before = weft_linear_init(m->params, "input", o->in, o->hidden, true, WEFT_INIT_GLOROT);
    for (int32_t l = 0; l < o->layers; l++) {
        char name[32];
        snprintf(name, sizeof name, "conv.%d", l);
        m->conv[l].gcnii = weft_gcnii_conv_init(m->params, name, o->hidden, o->alpha, log(o->lambda / (l + 1) + 1.0));
        if (m->conv[l].gcnii.w) m->conv[l].gcnii.w->decay = o->conv_decay;
    }
    m->head = weft_linear_init(m->params, "head", o->hidden, o->out, true, WEFT_INIT_GLOROT);
}

weft_var_t *weft_i_gcnii_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    weft_var_t *x0 = weft_relu(weft_linear(&m->before, x)), *h = weft_dropout(x0, m->o.dropout);
    for (int32_t l = 0; l < m->n_layers; l++) h = weft_dropout(weft_relu(weft_gcnii_conv(&m->conv[l].gcnii, b->topology, h, x0)), m->o.dropout);
    *last = h;
    return weft_linear(&m->head, weft_x_dense(h));
}

/* A hidden layer, p-Laplacian steps among its columns, a linear map (Fu et al. 2022). */
void weft_i_pgnn_build(weft_model_t *m)
{
    const weft_model_options_t *o = &m->o;
    weft_plaplacian_t l = {.k = o->k, .p = (weft_real_t)o->p, .mu = (weft_real_t)o->mu, .beta_scale = o->beta_scale, .eps = o->eps, .mask = o->mask, .learn_p = o->learn_p, .learn_mu = o->learn_mu, .detach = o->detach};
    m->before = weft_linear_init(m->params, "input", o->in, o->hidden, true, WEFT_INIT_GLOROT);
    m->plaplacian = weft_plaplacian_init(m->params, "plaplacian", &l);
    m->head = weft_linear_init(m->params, "head", o->jump == WEFT_JUMP_CAT ? 2 * o->hidden : o->hidden, o->out, true, WEFT_INIT_GLOROT);
}

weft_var_t *weft_i_pgnn_run(const weft_model_t *m, const weft_batch_t *b, weft_x_t x, weft_var_t **last)
{
    weft_var_t *h = weft_dropout(weft_i_activate(m->o.activation, weft_linear(&m->before, x)), m->o.dropout);
    weft_var_t *both[2] = {h, weft_plaplacian(&m->plaplacian, b->topology, h)};
    *last = h = m->o.jump == WEFT_JUMP_CAT ? weft_concat(both, 2) : both[1];
    return h ? weft_linear(&m->head, weft_x_dense(h)) : NULL;
}
