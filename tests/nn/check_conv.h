/* tests/nn/check_conv.h: what every layer must satisfy, in double: gradients of input and parameters, renumbering the nodes, nodes without
 * arcs, a graph without arcs, a graph without nodes. */
#ifndef CHECK_CONV_H
#define CHECK_CONV_H
#include "nn/check_parameters.h"
#include "weft/nn.h"

enum { CONV_IN = 4, CONV_OUT = 6, CONV_NODES = 6 };
typedef struct conv_case {
    const char *name;
    /* Fills `layer` and calls it. */
    void (*init)(weft_params_t *params, void *layer);
    weft_var_t *(*call)(const void *layer, const weft_topology_t *t, weft_x_t x);
} conv_case_t;

typedef struct conv_run {
    const conv_case_t *c;
    const weft_topology_t *t;
    weft_params_t *params;
    void *layer;
} conv_run_t;

/* The parameters stand in the inputs after x: the layer reads them by its own leaves, so their gradients are fetched from the set. */
static inline weft_var_t *conv_build(weft_tape_t *tape, weft_var_t **in, void *context)
{
    (void)tape;
    conv_run_t *r = context;
    return r->c->call(r->layer, r->t, weft_x_dense(in[0]));
}

static inline void conv_graph(weft_graph_t **g, weft_topology_t *t, int64_t n, int64_t arcs, const int32_t *source, const int32_t *target)
{
    cr_assert_eq(weft_graph_new(g, n, n, arcs, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    cr_assert_eq(weft_topology_init(t, *g, NULL), WEFT_OK);
}

static inline void conv_forward(const conv_case_t *c, const void *layer, const weft_topology_t *t, const weft_real_t *x, int64_t n, weft_real_t *y)
{
    weft_tape_t *tape = weft_tape_new();
    weft_tape_set_training(tape, false); /* a mask follows the arcs' places */
    weft_var_t *v = c->call(layer, t, weft_x_dense(weft_tape_constant(tape, x, n, CONV_IN)));
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_tape_status(tape, diag), WEFT_OK, "%s: %s", c->name, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
    cr_assert_eq(weft_var_rows(v), n, "%s", c->name);
    if (n) memcpy(y, weft_var_data(v), (size_t)(n * weft_var_cols(v)) * sizeof *y);
    for (int64_t i = 0; i < n * weft_var_cols(v); i++) cr_assert(isfinite(y[i]), "%s: element %lld", c->name, (long long)i);
    weft_diag_free(diag);
    weft_tape_free(tape);
}

static inline void check_conv_gradients(const conv_case_t *c, weft_params_t *params, void *layer, const weft_topology_t *t)
{
    weft_i_rng_t rng = {5, 1, 0};
    inputs_t in = {0};
    conv_run_t run = {c, t, params, layer};
    inputs_add(&in, CONV_NODES, CONV_IN, &rng);
    for (int32_t i = 0; i < weft_params_n(params); i++) { /* no zero biases: every path counts */
        weft_param_t *p = weft_params_at(params, i);
        for (int64_t k = 0; p->grad && k < p->rows * p->cols; k++) p->value[k] += (weft_real_t)(0.3 * (weft_i_rng_uniform(&rng) - 0.5));
    }
    check_gradient(c->name, &in, conv_build, &run);
    check_parameters(c->name, &in, conv_build, &run, params, INT64_MAX, 2e-6);
    inputs_free(&in);
}

/* ordered: the layer reads arcs in their order, so that a renumbering changes the result, as its header says. */
static inline void check_conv(const conv_case_t *c, bool ordered)
{
    static const int32_t source[] = {0, 1, 2, 0, 3}, target[] = {1, 2, 3, 2, 0}, new_number[] = {4, 2, 5, 0, 1, 3}; /* 4 and 5 have no arcs */
    int32_t s2[5], t2[5];
    weft_graph_t *g, *g2, *none, *empty;
    weft_topology_t t, t2_, t_none, t_empty;
    weft_real_t x[CONV_NODES * CONV_IN], x2[CONV_NODES * CONV_IN], y[CONV_NODES * CONV_OUT], y2[CONV_NODES * CONV_OUT];
    weft_params_t *params = weft_params_new(3);
    char layer[1024] __attribute__((aligned(16))) = {0};
    for (int k = 0; k < 5; k++) s2[k] = new_number[source[k]], t2[k] = new_number[target[k]];
    conv_graph(&g, &t, CONV_NODES, 5, source, target);
    conv_graph(&g2, &t2_, CONV_NODES, 5, s2, t2);
    conv_graph(&none, &t_none, CONV_NODES, 0, source, target);
    conv_graph(&empty, &t_empty, 0, 0, source, target);
    c->init(params, layer);
    cr_assert_eq(weft_params_status(params), WEFT_OK);
    check_conv_gradients(c, params, layer, &t);
    check_conv_gradients(c, params, layer, &t_none);
    for (int i = 0; i < CONV_NODES; i++)
        for (int j = 0; j < CONV_IN; j++) x2[new_number[i] * CONV_IN + j] = x[i * CONV_IN + j] = (weft_real_t)sin(1.3 * i + 0.7 * j * j + 0.2);
    conv_forward(c, layer, &t, x, CONV_NODES, y);
    conv_forward(c, layer, &t2_, x2, CONV_NODES, y2);
    for (int i = 0; i < CONV_NODES; i++)
        for (int j = 0; j < CONV_OUT && !ordered; j++) cr_assert_float_eq(y[i * CONV_OUT + j], y2[new_number[i] * CONV_OUT + j], 1e-12, "%s: renumbering node %d", c->name, i);
    conv_forward(c, layer, &t_none, x, CONV_NODES, y2); /* a node without arcs does not see the others */
    for (int j = 0; j < CONV_OUT; j++) cr_assert_float_eq(y[4 * CONV_OUT + j], y2[4 * CONV_OUT + j], 1e-12, "%s: a node without arcs", c->name);
    conv_forward(c, layer, &t_empty, x, 0, y2);
    weft_params_free(params);
    weft_topology_destroy(&t);
    weft_topology_destroy(&t2_);
    weft_topology_destroy(&t_none);
    weft_topology_destroy(&t_empty);
    weft_graph_free(g);
    weft_graph_free(g2);
    weft_graph_free(none);
    weft_graph_free(empty);
}
#endif
