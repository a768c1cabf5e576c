/* predict/wire_net.c: see wire_net.h. */
#include "predict/wire_net.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { F = WEFT_I_N_PIN_FEATURES, H = WEFT_I_WIRE_NET_WIDTH };

weft_status_t weft_i_wire_net_init(weft_i_wire_net_t *n, uint64_t seed)
{
    *n = (weft_i_wire_net_t){.params = weft_params_new(seed)};
    if (!n->params) return WEFT_ENOMEM;
    n->mean = weft_params_add_state(n->params, "mean", F, 0);
    n->deviation = weft_params_add_state(n->params, "deviation", F, 1);
    n->in = weft_linear_init(n->params, "in", F, H, true, WEFT_INIT_GLOROT);
    for (int32_t k = 0; k < WEFT_I_WIRE_NET_LAYERS; k++) {
        char name[32];
        snprintf(name, sizeof name, "message%d", k);
        n->message[k] = weft_linear_init(n->params, name, H, H, true, WEFT_INIT_GLOROT);
        snprintf(name, sizeof name, "mix%d", k);
        n->mix[k] = weft_linear_init(n->params, name, 6 * H, H, true, WEFT_INIT_GLOROT);
        snprintf(name, sizeof name, "back%d", k);
        n->back[k] = weft_linear_init(n->params, name, H, H, true, WEFT_INIT_GLOROT);
    }
    n->head = weft_linear_init(n->params, "head", H, WEFT_I_WIRE_NET_OUT, true, WEFT_INIT_GLOROT);
    return weft_params_status(n->params);
}

void weft_i_wire_net_destroy(weft_i_wire_net_t *n)
{
    weft_params_free(n->params);
    *n = (weft_i_wire_net_t){0};
}

void weft_i_wire_net_norm(weft_i_wire_net_t *n, const weft_i_pin_graph_t *const *g, int32_t n_graphs)
{
    double sum[F] = {0}, square[F] = {0}, count = 0.0;
    for (int32_t k = 0; k < n_graphs; k++)
        for (int64_t i = 0; i < g[k]->n_pins; i++, count += 1.0)
            for (int32_t f = 0; f < F; f++) {
                double v = (double)g[k]->x[i * F + f];
                sum[f] += v;
                square[f] += v * v;
            }
    for (int32_t f = 0; f < F && count > 0.0; f++) {
        double mean = sum[f] / count, variance = square[f] / count - mean * mean;
        n->mean->value[f] = (weft_real_t)mean;
        n->deviation->value[f] = (weft_real_t)(variance > 1e-8 ? sqrt(variance) : 1.0);
    }
}

/* What lies far outside of the training set is cut to the edge of it. */
void weft_i_wire_net_input(const weft_i_wire_net_t *n, const weft_i_pin_graph_t *g, float *x)
{
    for (int64_t i = 0; i < (int64_t)g->n_pins * F; i++) {
        float v = (g->x[i] - (float)n->mean->value[i % F]) / (float)n->deviation->value[i % F];
        x[i] = v > 6.0f ? 6.0f : v < -6.0f ? -6.0f : v;
    }
}

weft_var_t *weft_i_wire_net(const weft_i_wire_net_t *n, weft_tape_t *t, const weft_i_pin_graph_t *g, const float *x, double dropout)
{
    weft_var_t *h = weft_linear(&n->in, weft_x_dense(weft_tape_constant(t, x, g->n_pins, F)));
    for (int32_t k = 0; k < WEFT_I_WIRE_NET_LAYERS; k++) {
        weft_var_t *m = weft_relu(weft_linear(&n->message[k], weft_x_dense(h)));
        weft_var_t *near[6] = {h, weft_spmm(g->net, NULL, h, WEFT_SUM), weft_spmm(g->sinks, NULL, m, WEFT_MEAN), weft_spmm(g->sinks, NULL, m, WEFT_MAX), weft_spmm(g->gate, NULL, h, WEFT_MEAN),
                               weft_spmm(g->fed, NULL, h, WEFT_MEAN)};
        weft_var_t *z = weft_dropout(weft_relu(weft_linear(&n->mix[k], weft_x_dense(weft_concat(near, 6)))), dropout);
        h = weft_add(h, weft_linear(&n->back[k], weft_x_dense(z)));
    }
    return weft_linear(&n->head, weft_x_dense(weft_relu(h)));
}
