/* The GPS layer with every convolution and every kind of global attention, in double: gradients of input and parameters by finite differences; graphs of
 * a batch do not see each other. */
#include "nn/check_parameters.h"
#include "weft/gps.h"

enum { WIDTH = 4, HEADS = 2, NODES = 9 };

typedef struct world {
    weft_graph_t *graph;
    weft_topology_t topology;
    weft_global_plan_t plan;
    weft_params_t *params;
    weft_gps_layer_t layer;
    bool edges;
} world_t;

static const int64_t first[] = {0, 4, 9};

static void world_init(world_t *w, weft_local_kind_t local, weft_global_kind_t global, bool sink, int64_t n_segments, const int64_t *segments)
{
    static const int32_t source[] = {0, 1, 2, 4, 5, 6, 4}, target[] = {1, 2, 3, 5, 6, 7, 7};
    const weft_gps_layer_options_t o = {.local = local, .global = {.kind = global, .heads = HEADS, .groups = 2, .degree = 2, .sink = sink, .gate = sink && local == WEFT_LOCAL_GCN, .seed = 5}, .norm = WEFT_NORM_LAYER, .delta = 1.1, .activation = 2};
    weft_i_rng_t rng = {9, (uint64_t)local * 32 + (uint64_t)global, 0};
    int64_t n = segments[n_segments];
    *w = (world_t){.edges = local == WEFT_LOCAL_GINE || local == WEFT_LOCAL_GATEDGCN};
    cr_assert_eq(weft_graph_new(&w->graph, n, n, n == NODES ? 7 : 3, source, target, WEFT_GRAPH_BOTH_WAYS, NULL), WEFT_OK);
    cr_assert_eq(weft_topology_init(&w->topology, w->graph, NULL), WEFT_OK);
    cr_assert_eq(weft_global_plan_init(&w->plan, &o.global, w->graph, n_segments, segments, NULL), WEFT_OK);
    w->params = weft_params_new(3);
    w->layer = weft_gps_layer_init(w->params, "gps", WIDTH, &o);
    cr_assert_eq(weft_params_status(w->params), WEFT_OK);
    for (int32_t i = 0; i < weft_params_n(w->params); i++) {
        weft_param_t *p = weft_params_at(w->params, i);
        for (int64_t k = 0; p->grad && k < p->rows * p->cols; k++) p->value[k] += (weft_real_t)(0.4 * (weft_i_rng_uniform(&rng) - 0.5));
    }
}

static void world_free(world_t *w)
{
    weft_params_free(w->params);
    weft_global_plan_destroy(&w->plan);
    weft_topology_destroy(&w->topology);
    weft_graph_free(w->graph);
}

static weft_var_t *build(weft_tape_t *tape, weft_var_t **in, void *context)
{
    world_t *w = context;
    (void)tape;
    weft_var_t *e = w->edges ? in[1] : NULL, *y = weft_gps_layer(&w->layer, &w->topology, &w->plan, in[0], &e);
    if (!w->edges || w->layer.local_kind != WEFT_LOCAL_GATEDGCN) return y;
    return weft_add(y, weft_spmm_arcs(w->graph, NULL, e, false, WEFT_SUM)); /* what goes on along the edges counts too */
}

static void check(weft_local_kind_t local, weft_global_kind_t global, bool sink)
{
    world_t w;
    inputs_t in = {0};
    weft_i_rng_t rng = {5, 1, 0};
    char name[64];
    snprintf(name, sizeof name, "gps local %d global %s", (int)local, weft_global_name(global));
    world_init(&w, local, global, sink, 2, first);
    inputs_add(&in, NODES, WIDTH, &rng);
    inputs_add(&in, weft_graph_n_arcs(w.graph), WIDTH, &rng);
    if (!w.edges) in.n = 1;
    check_gradient(name, &in, build, &w);
    check_parameters(name, &in, build, &w, w.params, 64, 4e-6);
    in.n = 2;
    inputs_free(&in);
    world_free(&w);
}

Test(gps, every_convolution)
{
    for (int local = WEFT_LOCAL_NONE; local < WEFT_LOCAL_N; local++) check((weft_local_kind_t)local, WEFT_GLOBAL_SOFTMAX, local == WEFT_LOCAL_GIN);
    check(WEFT_LOCAL_GCN, WEFT_GLOBAL_NONE, false);
    check(WEFT_LOCAL_GCN, WEFT_GLOBAL_SOFTMAX, true); /* with a gate */
}

Test(gps, every_global_attention)
{
    for (int global = WEFT_GLOBAL_SOFTMAX; global < WEFT_GLOBAL_N; global++)
        if (global != WEFT_GLOBAL_PERFORMER) check(WEFT_LOCAL_GCN, (weft_global_kind_t)global, false); /* its largest key is a constant to the tape */
}

static void forward(const world_t *w, const weft_real_t *x, int64_t n, weft_real_t *y)
{
    weft_tape_t *tape = weft_tape_new();
    weft_tape_set_training(tape, false);
    weft_var_t *e = NULL, *v = weft_gps_layer(&w->layer, &w->topology, &w->plan, weft_tape_constant(tape, x, n, WIDTH), &e);
    cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK);
    memcpy(y, weft_var_data(v), (size_t)(n * WIDTH) * sizeof *y);
    weft_tape_free(tape);
}

Test(gps, graphs_of_a_batch_do_not_see_each_other)
{
    static const int64_t one[] = {0, 4};
    for (int global = WEFT_GLOBAL_SOFTMAX; global < WEFT_GLOBAL_N; global++) {
        world_t both, alone;
        weft_real_t x[NODES * WIDTH], y[NODES * WIDTH], z[NODES * WIDTH];
        world_init(&both, WEFT_LOCAL_GCN, (weft_global_kind_t)global, false, 2, first);
        world_init(&alone, WEFT_LOCAL_GCN, (weft_global_kind_t)global, false, 1, one);
        for (int i = 0; i < NODES * WIDTH; i++) x[i] = (weft_real_t)sin(1.3 * i + 0.1 * i * i);
        forward(&both, x, NODES, y);
        forward(&alone, x, 4, z);
        for (int i = 0; i < 4 * WIDTH; i++) cr_expect_float_eq(y[i], z[i], 1e-12, "%s: element %d", weft_global_name((weft_global_kind_t)global), i);
        for (int i = 4 * WIDTH; i < NODES * WIDTH; i++) x[i] = -x[i];
        forward(&both, x, NODES, z);
        for (int i = 0; i < 4 * WIDTH; i++) cr_expect_float_eq(y[i], z[i], 1e-12, "%s: element %d sees the other graph", weft_global_name((weft_global_kind_t)global), i);
        world_free(&both);
        world_free(&alone);
    }
}

/* The fused form against its composition: values, and gradients, which both take with the same constant taken off. */
Test(gps, features_made_on_the_way_equal_features_that_are_stored)
{
    enum { N = 7, H = 2, W = 3, M = 5, C = 4 };
    static const int64_t parts[] = {0, 3, 7};
    const weft_segments_t segments = {2, parts, NULL};
    weft_real_t x[3][N * H * C], grad[2][3][N * H * C] = {0}, omega[W * M], half[W], value[2][N * H * C], *pattern = NULL;
    weft_i_rng_t rng = {8, 1, 0};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < N * H * C; i++) x[k][i] = (weft_real_t)weft_i_rng_normal(&rng);
    for (int i = 0; i < W * M; i++) omega[i] = (weft_real_t)weft_i_rng_normal(&rng);
    for (int i = 0; i < W; i++) half[i] = (weft_real_t)0.5;
    for (int fused = 0; fused < 2; fused++) {
        weft_tape_t *t = weft_tape_new();
        weft_var_t *q = weft_tape_leaf(t, x[0], grad[fused][0], N, H * W), *k = weft_tape_leaf(t, x[1], grad[fused][1], N, H * W), *v = weft_tape_leaf(t, x[2], grad[fused][2], N, H * C), *y;
        weft_var_t *o = weft_tape_constant(t, omega, W, M);
        if (fused) y = weft_performer_attention(q, k, v, o, H, &segments);
        else {
            weft_var_t *f[2], *raw[2] = {q, k};
            for (int i = 0; i < 2; i++) {
                weft_var_t *rows = weft_affine(weft_reshape(raw[i], W), pow(W, -0.25), 0.0), *square = weft_row_dot(weft_mul(rows, rows), weft_tape_constant(t, half, 1, W), 1);
                f[i] = weft_reshape(weft_exp_features(weft_matmul(rows, o), square, H, &segments, i == 1), M * H);
            }
            y = weft_kernel_attention(f[0], f[1], v, H, &segments, WEFT_KERNEL_RATIO, 0.0);
        }
        weft_var_keep(y);
        cr_assert_eq(weft_tape_backward(t, to_scalar(t, y, &pattern), NULL), WEFT_OK);
        memcpy(value[fused], weft_var_data(y), sizeof value[fused]);
        weft_tape_free(t);
    }
    for (int i = 0; i < N * H * C; i++) {
        cr_expect_float_eq(value[0][i], value[1][i], 1e-12, "value %d", i);
        for (int k = 0; k < 3; k++) cr_expect_float_eq(grad[0][k][i], grad[1][k][i], 1e-11, "gradient %d of %d", i, k);
    }
    free(pattern);
}

/* Performer's features have a constant taken off, which the ratio undoes but for 1e-4: its value against the softmax it stands for, roughly, and its rows
 * against each other when the same row is there twice. */
Test(gps, performer_comes_near_the_softmax)
{
    enum { N = 40, C = 64 };
    static weft_real_t q[N * C];
    weft_i_rng_t rng = {3, 3, 0};
    weft_params_t *params = weft_params_new(1);
    const weft_global_options_t o = {.kind = WEFT_GLOBAL_PERFORMER, .heads = 1, .seed = 11};
    weft_global_t l = weft_global_init(params, "p", C, &o);
    const int64_t all[2] = {0, N};
    const weft_global_plan_t plan = {.segments = {1, all, NULL}};
    for (int i = 0; i < N * C; i++) q[i] = (weft_real_t)weft_i_rng_normal(&rng) / 2;
    for (int i = 0; i < C * C; i++) l.q.w->value[i] = l.k.w->value[i] = l.v.w->value[i] = l.out.w->value[i] = i % (C + 1) == 0;
    for (int i = 0; i < C; i++) l.out.b->value[i] = 0;
    weft_tape_t *tape = weft_tape_new();
    weft_tape_set_training(tape, false);
    weft_var_t *x = weft_tape_constant(tape, q, N, C), *fast = weft_global(&l, &plan, x), *exact = weft_attention(x, x, x, NULL, 1, NULL, 0.0);
    cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK);
    double off = 0.0, size = 0.0;
    for (int i = 0; i < N * C; i++) {
        double a = (double)weft_var_data(fast)[i], b = (double)weft_var_data(exact)[i];
        off += (a - b) * (a - b);
        size += b * b;
    }
    cr_assert(sqrt(off / size) < 0.5, "relative distance %g", sqrt(off / size));
    weft_tape_free(tape);
    weft_params_free(params);
}

/* Segments of several lanes and blocks, beside a small one: values and gradients against the plain sums, the same bits for one thread and two. */
Test(gps, linear_attention_of_many_rows)
{
    enum { N = 2600, C = 3, SIZE = N * C };
    static const int64_t parts[] = {0, 2500, N};
    static weft_real_t x[3][SIZE], value[2][SIZE], grad[2][3][SIZE];
    const weft_segments_t segments = {2, parts, NULL};
    weft_real_t *pattern = NULL;
    weft_i_rng_t rng = {8, 2, 0};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < SIZE; i++) x[k][i] = (weft_real_t)weft_i_rng_normal(&rng);
    for (int threads = 1; threads <= 2; threads++) {
        weft_threads_set(threads);
        weft_tape_t *t = weft_tape_new();
        weft_var_t *in[3], *y;
        for (int k = 0; k < 3; k++) in[k] = weft_tape_leaf(t, x[k], grad[threads - 1][k], N, C);
        weft_var_keep(y = weft_kernel_attention(in[0], in[1], in[2], 1, &segments, WEFT_KERNEL_SUM, 0.0));
        cr_assert_eq(weft_tape_backward(t, to_scalar(t, y, &pattern), NULL), WEFT_OK);
        memcpy(value[threads - 1], weft_var_data(y), sizeof value[0]);
        weft_tape_free(t);
    }
    weft_threads_set(0);
    cr_assert_arr_eq(value[0], value[1], sizeof value[0]);
    cr_assert_arr_eq(grad[0], grad[1], sizeof grad[0]);
    for (int s = 0; s < 2; s++) {
        double sum[C][C] = {{0}}, dsum[C][C] = {{0}};
        for (int64_t i = parts[s]; i < parts[s + 1]; i++)
            for (int a = 0; a < C; a++)
                for (int b = 0; b < C; b++) {
                    sum[a][b] += x[1][i * C + a] * x[2][i * C + b];
                    dsum[a][b] += x[0][i * C + a] * pattern[i * C + b];
                }
        for (int64_t i = parts[s]; i < parts[s + 1]; i++)
            for (int a = 0; a < C; a++) {
                double y = 0.0, dq = 0.0, dk = 0.0, dv = 0.0;
                for (int b = 0; b < C; b++) {
                    y += x[0][i * C + b] * sum[b][a];
                    dq += pattern[i * C + b] * sum[a][b];
                    dk += x[2][i * C + b] * dsum[a][b];
                    dv += x[1][i * C + b] * dsum[b][a];
                }
                cr_assert_float_eq(value[0][i * C + a], y, 1e-9, "value of row %lld", (long long)i);
                cr_assert_float_eq(grad[0][0][i * C + a], dq, 1e-9, "dq of row %lld", (long long)i);
                cr_assert_float_eq(grad[0][1][i * C + a], dk, 1e-9, "dk of row %lld", (long long)i);
                cr_assert_float_eq(grad[0][2][i * C + a], dv, 1e-9, "dv of row %lld", (long long)i);
            }
    }
    free(pattern);
}
