/* Every row of the op table by finite differences, in double: a row without a case fails. */
#include "autograd/check_gradient.h"
#include "autograd/tape.h"
#include "weft/attention.h"

typedef struct world {
    weft_graph_t *graph;      /* 5 -> 4 nodes, one destination without arcs, one source without arcs, a double arc */
    weft_weights_t *weights;
    weft_graph_t *even;       /* 5 nodes, symmetric, with loops; one is alone */
    weft_weights_t *even_weights;
    int32_t label[4], row[3];
    weft_real_t target[12], class_weight[3];
} world_t;

static void world_init(world_t *w)
{
    static const int32_t source[] = {0, 1, 2, 3, 0, 1, 1, 3}, target[] = {0, 0, 0, 1, 1, 3, 3, 3};
    weft_real_t weight[8];
    memset(w, 0, sizeof *w);
    cr_assert_eq(weft_graph_new(&w->graph, 5, 4, 8, source, target, 0, NULL), WEFT_OK);
    for (int i = 0; i < 8; i++) weight[i] = (weft_real_t)(0.2 + 0.1 * i);
    w->weights = weft_weights_new(w->graph, weight);
    static const int32_t from[] = {0, 1, 2, 0}, to[] = {1, 2, 3, 3};
    weft_real_t gcn[16];
    cr_assert_eq(weft_graph_new(&w->even, 5, 5, 4, from, to, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_ADD_LOOPS, NULL), WEFT_OK);
    weft_graph_gcn_weights(w->even, gcn);
    w->even_weights = weft_weights_new(w->even, gcn);
    for (int i = 0; i < 4; i++) w->label[i] = (i * 2) % 3;
    for (int i = 0; i < 3; i++) w->row[i] = 3 - i, w->class_weight[i] = (weft_real_t)(1.0 + 0.5 * i);
    for (int i = 0; i < 12; i++) w->target[i] = (weft_real_t)((i * 7) % 3 == 0);
    w->target[5] = (weft_real_t)NAN;
}

static weft_var_t *matmul(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_matmul(in[0], in[1]); }
static weft_var_t *add(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_add(weft_add(in[0], in[1]), weft_add(in[0], in[0])); }
static weft_var_t *mix(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_mix(0.3, in[0], -1.2, weft_mix(1, in[1], 2, in[1])); }
static weft_var_t *mul(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_mul(weft_mul(in[0], in[1]), in[0]); }
static weft_var_t *divide(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_divide(in[0], weft_affine(in[1], 1, 2)); }
static weft_var_t *degree_scale(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    world_t *w = c;
    return weft_add(weft_degree_scale(w->graph, in[0], 1.3, false), weft_degree_scale(w->graph, in[0], 1.3, true));
}
static weft_var_t *bias(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_bias(weft_bias(in[0], in[1]), in[1]); }
static weft_var_t *bias_row(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_bias(weft_relu(in[0]), weft_relu(in[1])); }
static weft_var_t *row_scale(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_row_scale(in[0], in[1]); }
static weft_var_t *col_scale(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_col_scale(in[0], in[1]); }
static weft_var_t *scalar_scale(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_scalar_scale(in[0], in[1]); }
static weft_var_t *affine(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_affine(in[0], -1.5, 0.3); }
static weft_var_t *concat(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; weft_var_t *x[3] = {in[0], in[1], in[0]}; return weft_concat(x, 3); }
static weft_var_t *columns(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_add(weft_columns(in[0], 1, 2), weft_columns(in[0], 2, 2)); }
static weft_var_t *row_dot(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_row_dot(in[0], in[1], 2); }
static weft_var_t *relu(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_add(weft_relu(in[0]), weft_relu(weft_affine(in[0], 2, 0.1))); }
static weft_var_t *elu(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_elu(in[0], 0.7); }
static weft_var_t *leaky_relu(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_leaky_relu(in[0], 0.2); }
static weft_var_t *gelu(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_gelu(in[0]); }
static weft_var_t *sigmoid(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_sigmoid(in[0]); }
static weft_var_t *tanh_of(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_tanh(in[0]); }
static weft_var_t *softplus(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_softplus(in[0]); }
static weft_var_t *sqrt_of(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_sqrt(weft_affine(in[0], 1, 0.5), 0.1); }
static weft_var_t *dropout(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_add(weft_dropout(in[0], 0.4), weft_dropout(in[0], 0.2)); }
static weft_var_t *spmm(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    world_t *w = c;
    return weft_add(weft_spmm(w->graph, w->weights, in[0], WEFT_SUM), weft_add(weft_spmm(w->graph, NULL, in[0], WEFT_MEAN), weft_spmm(w->graph, w->weights, in[0], WEFT_MEAN)));
}
/* Against many steps of what it is the end of, too. */
static weft_var_t *propagate_solve(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    const world_t *w = c;
    weft_var_t *x = weft_propagate_solve(w->even, w->even_weights, in[0], 0.8, 1e-13, 0), *walked = in[0];
    for (int k = 0; k < 150; k++) walked = weft_mix(0.8, weft_spmm(w->even, w->even_weights, walked, WEFT_SUM), 1.0, in[0]);
    for (int64_t i = 0; weft_var_data(x) && i < 15; i++) cr_assert_float_eq(weft_var_data(x)[i], weft_var_data(walked)[i], 1e-10, "element %lld: %g, walked to %g", (long long)i, (double)weft_var_data(x)[i], (double)weft_var_data(walked)[i]);
    return weft_add(x, weft_propagate_solve(w->even, w->even_weights, in[0], 0.3, 1e-13, 0));
}
static weft_var_t *spmm_weighted(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; return weft_spmm_weighted(((world_t *)c)->graph, in[0], in[1]); }
static weft_var_t *spmm_arcs(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    world_t *w = c;
    return weft_add(weft_spmm_arcs(w->graph, in[0], in[1], true, WEFT_SUM), weft_add(weft_spmm_arcs(w->graph, in[0], in[1], false, WEFT_MEAN), weft_spmm_arcs(w->graph, NULL, in[1], false, WEFT_MEAN)));
}
static weft_var_t *extreme(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    world_t *w = c;
    return weft_add(weft_add(weft_spmm(w->graph, NULL, in[0], WEFT_MAX), weft_spmm(w->graph, NULL, in[0], WEFT_MIN)),
                    weft_add(weft_spmm_arcs(w->graph, in[0], in[1], false, WEFT_MAX), weft_spmm_arcs(w->graph, NULL, in[1], false, WEFT_MIN)));
}
static weft_var_t *arc_dot(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; return weft_arc_dot(((world_t *)c)->graph, in[0], in[1], 3); }
static weft_var_t *arc_ends(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    world_t *w = c;
    weft_var_t *a = weft_add(weft_arc_ends(w->graph, WEFT_ENDS_ADD, in[0], in[1]), weft_arc_ends(w->graph, WEFT_ENDS_SUB, in[0], in[1]));
    weft_var_t *b = weft_add(weft_arc_ends(w->graph, WEFT_ENDS_ADD, in[0], NULL), weft_arc_ends(w->graph, WEFT_ENDS_ADD, NULL, in[1]));
    return weft_add(weft_add(a, b), weft_arc_ends(w->graph, WEFT_ENDS_MUL, in[0], in[1]));
}
static weft_var_t *p_weight(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    const weft_graph_t *g = ((world_t *)c)->graph;
    weft_var_t *p = weft_affine(in[2], 0.1, 1.6);
    return weft_add(weft_arc_p_weight(g, in[0], in[1], p, 0.3, false), weft_arc_p_weight(g, in[0], in[1], p, 1e-6, true));
}
static weft_var_t *p_spmm(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    const weft_graph_t *g = ((world_t *)c)->graph;
    weft_var_t *p = weft_affine(in[2], 0.1, 1.6), *w = weft_affine(in[3], 0.4, 1.0);
    weft_var_t *a = weft_add(weft_p_spmm(g, in[0], in[1], p, NULL, 0.3, false, false), weft_p_spmm(g, in[0], in[1], p, NULL, 1e-6, true, false));
    return weft_add(a, weft_add(weft_p_spmm(g, in[0], in[1], p, w, 0.3, false, false), weft_p_spmm(g, in[0], in[1], p, w, 1e-6, true, false)));
}
static weft_var_t *segment_softmax(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; return weft_segment_softmax(((world_t *)c)->graph, in[0]); }
static weft_var_t *gatv2_score(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; return weft_gatv2_score(((world_t *)c)->graph, in[0], in[1], in[2], 3, 0.2); }
static weft_var_t *batch_norm(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)c;
    static weft_real_t mean[3], variance[3] = {1, 2, 3};
    weft_var_t *y = weft_batch_norm(in[0], in[1], in[2], mean, variance);
    bool training = weft_tape_training(t);
    weft_tape_set_training(t, false); /* fixed statistics: those of a copy, as the running ones move */
    static weft_real_t mean_2[3] = {(weft_real_t)0.1, 0, (weft_real_t)-0.2}, variance_2[3] = {1, 2, 3};
    y = weft_add(y, weft_batch_norm(in[0], in[1], in[2], mean_2, variance_2));
    weft_tape_set_training(t, training);
    return y;
}
static weft_var_t *row_softmax(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_mul(weft_row_softmax(in[0]), in[1]); }
static weft_var_t *reshape(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_reshape(in[0], 2); }
static const weft_real_t tables[2][12] = {{1, -2, 3, 0, 2, 5, -1, 4, 2, 1, 0, -3}, {0, 1, 1, 2, -4, 3, 2, 2, 1, -1, 5, 3}};
static const weft_real_t axes[2][7] = {{(weft_real_t)0.1, (weft_real_t)0.5, 1, (weft_real_t)0.2, (weft_real_t)0.4, 1, 2}, {(weft_real_t)0.3, (weft_real_t)0.6, 2, (weft_real_t)0.1, (weft_real_t)0.2, (weft_real_t)0.9, 1}};
static weft_var_t *lut_outer(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_lut_outer(in[0], tables[0], 3, 4, 2); }
static weft_var_t *mlp_rows(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_mlp_rows(in[0], in + 1, 2, 0.2); }
static weft_var_t *lut_attention(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_lut_attention(in[0], tables[0], axes[0], 3, 4); }
static weft_var_t *layer_norm(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_layer_norm(in[0], in[1], in[2]); }
static weft_var_t *cross_entropy(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    world_t *w = c;
    return weft_add(weft_cross_entropy(in[0], w->label, w->row, 3, w->class_weight), weft_cross_entropy(in[0], w->label, NULL, 0, NULL));
}
static weft_var_t *bce(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; return weft_add(weft_bce(in[0], ((world_t *)c)->target, ((world_t *)c)->row, 3), weft_bce(in[0], ((world_t *)c)->target, NULL, 0)); }
static weft_var_t *regression(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    world_t *w = c;
    weft_var_t *a = weft_regression_loss(in[0], w->target, w->row, 3, WEFT_MSE, 0), *b = weft_regression_loss(in[0], w->target, NULL, 0, WEFT_MAE, 0);
    return weft_add(weft_add(a, b), weft_regression_loss(in[0], w->target, NULL, 0, WEFT_HUBER, 0.5));
}

static weft_var_t *attention(weft_tape_t *t, weft_var_t **in, void *c)
{
    static const int64_t first[] = {0, 2, 2, 5}, keys[] = {0, 3, 3, 4};
    const weft_segments_t segments = {3, first, keys};
    (void)t;
    (void)c;
    weft_var_t *self = weft_attention(in[0], in[0], in[0], NULL, 2, NULL, 0.3);
    self = weft_add(self, weft_columns(weft_attention_part(in[0], in[1], in[2], 2, &segments, 0.0), 1, 4));
    return weft_add(self, weft_add(weft_attention(in[0], in[1], in[2], NULL, 2, &segments, 0.0), weft_attention(in[0], in[1], in[2], weft_columns(in[3], 0, 2), 2, &segments, 0.5)));
}
static weft_var_t *kernel_attention(weft_tape_t *t, weft_var_t **in, void *c)
{
    static const int64_t first[] = {0, 2, 2, 5}, keys[] = {0, 3, 3, 5};
    const weft_segments_t segments = {3, first, keys}, own = {3, first, NULL};
    (void)t;
    (void)c;
    weft_var_t *q = weft_sigmoid(in[0]), *k = weft_sigmoid(in[1]);
    return weft_add(weft_kernel_attention(q, k, in[2], 2, &segments, WEFT_KERNEL_SUM, 0.0),
                    weft_add(weft_add(weft_kernel_attention(q, k, in[2], 2, &segments, WEFT_KERNEL_RATIO, 0.1), weft_taylor_attention(in[0], in[1], in[2], 2, &segments, 1e-12)), weft_kernel_attention(in[0], in[1], in[2], 2, &own, WEFT_KERNEL_SELF, 0.0)));
}
static weft_var_t *l2_normalize(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_l2_normalize(in[0], 2); }
static weft_var_t *taylor_features(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_taylor_features(in[0], 2); }
static weft_var_t *exp_features(weft_tape_t *t, weft_var_t **in, void *c)
{
    static const weft_real_t top[4] = {2, 2, 3, 2}; /* a column that is each row's largest: what no gradient passes through stays where it is */
    (void)c;
    weft_var_t *both[2] = {in[0], weft_tape_constant(t, top, 4, 1)}, *x = weft_concat(both, 2);
    return weft_add(weft_exp_features(x, in[1], 2, NULL, false), weft_exp_features(x, in[1], 2, NULL, true));
}
static const int64_t route_first[] = {0, 2, 5}, route_cluster[] = {0, 1, 3}, route_slot[] = {0, 2, 4, 6};
static weft_var_t *routes(weft_tape_t *t, weft_var_t **in, void *c)
{
    static const weft_segments_t segments = {2, route_first, NULL};
    (void)t;
    (void)c;
    return weft_routes(in[0], 2, &segments, route_cluster, route_slot);
}
static weft_var_t *head_gather(weft_tape_t *t, weft_var_t **in, void *c)
{
    static const weft_real_t row[8] = {0, 4, 2, 2, 0, 1, 3, 4};
    (void)c;
    return weft_head_gather(in[0], weft_tape_constant(t, row, 4, 2));
}
static weft_var_t *head_scatter(weft_tape_t *t, weft_var_t **in, void *c)
{
    static const weft_real_t row[8] = {0, 4, 2, 2, 0, 1, 3, 4};
    (void)c;
    return weft_head_scatter(in[0], weft_tape_constant(t, row, 4, 2), 5);
}
static weft_var_t *exp_clamp(weft_tape_t *t, weft_var_t **in, void *c) { (void)t; (void)c; return weft_exp_clamp(in[0], 0.5); }
static weft_var_t *column_softmax(weft_tape_t *t, weft_var_t **in, void *c)
{
    static const int64_t first[] = {0, 2, 2, 5};
    const weft_segments_t segments = {3, first, NULL};
    (void)t;
    (void)c;
    return weft_add(weft_column_softmax(in[0], &segments), weft_column_softmax(in[0], NULL));
}

static weft_var_t *lstm_arcs(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    const weft_graph_t *g = ((world_t *)c)->graph;
    return weft_add(weft_lstm_arcs(g, in[0], in[1]), weft_lstm_arcs(g, weft_affine(in[0], 0.5, 0.1), in[1]));
}

static weft_var_t *gated_arcs(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    const weft_graph_t *g = ((world_t *)c)->graph;
    return weft_add(weft_gated_arcs(g, in[0], in[1], in[2], in[3], WEFT_MEAN), weft_gated_arcs(g, weft_affine(in[0], 0.5, 0.1), in[1], in[2], in[3], WEFT_MAX));
}

static weft_var_t *arc_means(weft_tape_t *t, weft_var_t **in, void *c)
{
    (void)t;
    const weft_graph_t *g = ((world_t *)c)->graph;
    return weft_add(weft_arc_means(g, in[0], in[1], 2), weft_arc_means(g, weft_affine(in[0], 0.5, 0.1), in[1], 2));
}

static const struct { const char *op; build_fn *build; int shape[5][2]; } cases[] = {
    {"matmul", matmul, {{5, 3}, {3, 4}}}, {"add", add, {{5, 3}, {5, 3}}}, {"mix", mix, {{5, 3}, {5, 3}}}, {"mul", mul, {{5, 3}, {5, 3}}},
    {"divide", divide, {{5, 3}, {5, 3}}}, {"degree_scale", degree_scale, {{4, 3}}},
    {"bias", bias, {{5, 3}, {1, 3}}}, {"bias", bias_row, {{1, 3}, {1, 3}}}, {"row_scale", row_scale, {{5, 3}, {5, 1}}}, {"col_scale", col_scale, {{5, 3}, {1, 3}}},
    {"scalar_scale", scalar_scale, {{5, 3}, {1, 1}}}, {"affine", affine, {{5, 3}}}, {"concat", concat, {{5, 3}, {5, 2}}}, {"columns", columns, {{5, 4}}},
    {"row_dot", row_dot, {{5, 6}, {1, 6}}}, {"relu", relu, {{5, 3}}}, {"elu", elu, {{5, 3}}}, {"leaky_relu", leaky_relu, {{5, 3}}}, {"gelu", gelu, {{5, 3}}},
    {"sigmoid", sigmoid, {{5, 3}}}, {"tanh", tanh_of, {{5, 3}}}, {"softplus", softplus, {{5, 3}}}, {"sqrt", sqrt_of, {{5, 3}}}, {"dropout", dropout, {{5, 5}}},
    {"spmm", spmm, {{5, 3}}}, {"propagate_solve", propagate_solve, {{5, 3}}}, {"spmm_weighted", spmm_weighted, {{8, 1}, {5, 6}}}, {"spmm_weighted", spmm_weighted, {{8, 3}, {5, 6}}},
    {"spmm_weighted", spmm_weighted, {{8, 6}, {5, 6}}}, {"spmm_arcs", spmm_arcs, {{5, 3}, {8, 3}}}, {"extreme", extreme, {{5, 3}, {8, 3}}},
    {"arc_dot", arc_dot, {{5, 6}, {4, 6}}}, {"arc_ends", arc_ends, {{5, 3}, {4, 3}}}, {"arc_p_weight", p_weight, {{5, 3}, {4, 3}, {1, 1}}}, {"p_spmm", p_spmm, {{5, 3}, {4, 3}, {1, 1}, {8, 1}}}, {"segment_softmax", segment_softmax, {{8, 2}}},
    {"gatv2_score", gatv2_score, {{5, 6}, {4, 6}, {1, 6}}}, {"batch_norm", batch_norm, {{6, 3}, {1, 3}, {1, 3}}}, {"reshape", reshape, {{4, 3}}}, {"lut_outer", lut_outer, {{4, 7}}}, {"lut_attention", lut_attention, {{2, 3}}}, {"layer_norm", layer_norm, {{6, 3}, {1, 3}, {1, 3}}},
    {"mlp_rows", mlp_rows, {{5, 3}, {3, 4}, {1, 4}, {4, 2}, {1, 2}}},
    {"row_softmax", row_softmax, {{4, 5}, {4, 5}}},
    {"attention", attention, {{5, 4}, {4, 4}, {4, 4}, {1, 4}}}, {"kernel_attention", kernel_attention, {{5, 6}, {5, 6}, {5, 4}}}, {"l2_normalize", l2_normalize, {{4, 6}}},
    {"taylor_features", taylor_features, {{3, 6}}}, {"exp_features", exp_features, {{4, 3}, {4, 1}}}, {"column_softmax", column_softmax, {{5, 3}}}, {"exp_clamp", exp_clamp, {{5, 3}}}, {"routes", routes, {{5, 4}}}, {"head_gather", head_gather, {{5, 4}}}, {"head_scatter", head_scatter, {{4, 4}}},
    {"lstm_arcs", lstm_arcs, {{8, 12}, {3, 12}}}, {"gated_arcs", gated_arcs, {{5, 18}, {8, 3}, {3, 18}, {1, 18}}}, {"arc_means", arc_means, {{5, 18}, {8, 3}}},
    {"cross_entropy", cross_entropy, {{4, 3}}}, {"bce", bce, {{4, 3}}}, {"regression", regression, {{4, 3}}}};
enum { N_CASES = sizeof cases / sizeof *cases };

Test(gradients, every_op_has_a_case)
{
    for (int32_t k = 0; weft_i_ops[k]; k++) {
        int found = 0;
        for (int i = 0; i < N_CASES; i++) found |= !strcmp(cases[i].op, weft_i_ops[k]->name);
        cr_assert(found, "op %s has no gradient case", weft_i_ops[k]->name);
    }
}

Test(gradients, every_case_by_finite_differences)
{
    for (int i = 0; i < N_CASES; i++) {
        world_t w;
        inputs_t in = {0};
        weft_i_rng_t rng = {11, (uint64_t)i, 0};
        world_init(&w);
        for (int k = 0; k < 5 && cases[i].shape[k][0]; k++) inputs_add(&in, cases[i].shape[k][0], cases[i].shape[k][1], &rng);
        check_gradient(cases[i].op, &in, cases[i].build, &w);
        check_plan(cases[i].op, &in, cases[i].build, &w);
        inputs_free(&in);
        weft_weights_free(w.weights);
        weft_weights_free(w.even_weights);
        weft_graph_free(w.even);
        weft_graph_free(w.graph);
    }
}
