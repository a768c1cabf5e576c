/* Whole GPS layers, and two training steps of the ZINC preset, against what tests/golden/gps_torch.py made with plain PyTorch; built twice, in double (without
 * the optimiser and the encodings, which are float) and in float. */
#include "nn/golden.h"
#include "weft/models.h"
#ifndef WEFT_REAL_DOUBLE
#include "weft/encoding.h"
#include "weft/train.h"
#endif

enum { NODES = 9, WIDTH = 6, HEADS = 2, MOST_ARCS = 32 };
static const int64_t first[] = {0, 4, 9};
static const struct { const char *name; weft_local_kind_t local; weft_global_kind_t global; bool gate; } layers[] = {
    {"gcn_softmax", WEFT_LOCAL_GCN, WEFT_GLOBAL_SOFTMAX, false}, {"gin_softmax", WEFT_LOCAL_GIN, WEFT_GLOBAL_SOFTMAX, false}, {"gine_softmax", WEFT_LOCAL_GINE, WEFT_GLOBAL_SOFTMAX, false},
    {"gat_softmax", WEFT_LOCAL_GAT, WEFT_GLOBAL_SOFTMAX, false}, {"gatedgcn_softmax", WEFT_LOCAL_GATEDGCN, WEFT_GLOBAL_SOFTMAX, false}, {"pna_softmax", WEFT_LOCAL_PNA, WEFT_GLOBAL_SOFTMAX, false},
    {"gatedgcn_performer", WEFT_LOCAL_GATEDGCN, WEFT_GLOBAL_PERFORMER, false}, {"gatedgcn_sgformer", WEFT_LOCAL_GATEDGCN, WEFT_GLOBAL_SGFORMER, false}, {"gatedgcn_agent", WEFT_LOCAL_GATEDGCN, WEFT_GLOBAL_AGENT, false},
    {"gatedgcn_softmax_gated", WEFT_LOCAL_GATEDGCN, WEFT_GLOBAL_SOFTMAX, true}, {"gatedgcn_gaussian", WEFT_LOCAL_GATEDGCN, WEFT_GLOBAL_GAUSSIAN, false}};

static void check_layer(const char *name, weft_local_kind_t local, weft_global_kind_t global, bool gate, const weft_i_safetensors_t *f)
{
    const weft_i_tensor_entry_t *arcs = weft_i_safetensors_find(f, "graph");
    const weft_gps_layer_options_t o = {.local = local, .global = {.kind = global, .heads = HEADS, .groups = 2, .gate = gate}, .norm = WEFT_NORM_BATCH, .delta = 1.1};
    int32_t source[MOST_ARCS], target[MOST_ARCS];
    int64_t n_arcs = arcs->shape[0];
    weft_graph_t *graph;
    weft_topology_t topology;
    weft_global_plan_t plan;
    weft_params_t *params = weft_params_new(1);
    weft_tape_t *tape = weft_tape_new();
    for (int64_t i = 0; i < n_arcs; i++) source[i] = golden_integer(arcs, 2 * i), target[i] = golden_integer(arcs, 2 * i + 1);
    cr_assert_eq(weft_graph_new(&graph, NODES, NODES, n_arcs, source, target, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_topology_init(&topology, graph, NULL), WEFT_OK);
    cr_assert_eq(weft_global_plan_init(&plan, &o.global, graph, 2, first, NULL), WEFT_OK);
    weft_gps_layer_t l = weft_gps_layer_init(params, "gps", WIDTH, &o);
    golden_read_values(name, params, f);
    if (l.global.omega) {
        int64_t m = l.global.omega->cols / 64;
        for (int64_t i = 0; i < 64; i++)
            for (int64_t j = 0; j < m; j++) l.global.omega->value[i * m + j] = (weft_real_t)sin(1.0 + 0.37 * (double)i + 1.7 * (double)j + 0.011 * (double)(i * j));
    }
    weft_real_t *x = golden_numbers(golden_find(f, name, "x", ""), NULL, NULL), *edge = golden_numbers(golden_find(f, name, "e", ""), NULL, NULL), *r = golden_numbers(golden_find(f, name, "r", ""), NULL, NULL), *ones = NULL;
    weft_real_t dx[NODES * WIDTH] = {0}, de[MOST_ARCS * WIDTH] = {0};
    bool edges = local == WEFT_LOCAL_GINE || local == WEFT_LOCAL_GATEDGCN;
    weft_tape_set_training(tape, true);
    weft_params_zero_grad(params);
    weft_var_t *e = edges ? weft_tape_leaf(tape, edge, de, n_arcs, WIDTH) : NULL, *y = weft_gps_layer(&l, &topology, &plan, weft_tape_leaf(tape, x, dx, NODES, WIDTH), &e);
    if (local == WEFT_LOCAL_GATEDGCN) y = weft_add(y, weft_spmm_arcs(graph, NULL, e, false, WEFT_SUM));
    cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK, "%s", name);
    golden_compare(name, "y", weft_var_data(y), golden_find(f, name, "y", ""));
    cr_assert_eq(weft_tape_backward(tape, golden_weighed(tape, y, r, &ones), NULL), WEFT_OK, "%s", name);
    golden_compare(name, "dx", dx, golden_find(f, name, "dx", ""));
    if (edges) golden_compare(name, "de", de, golden_find(f, name, "de", ""));
    golden_compare_gradients(name, params, f);
    free(x);
    free(edge);
    free(r);
    free(ones);
    weft_tape_free(tape);
    weft_params_free(params);
    weft_global_plan_destroy(&plan);
    weft_topology_destroy(&topology);
    weft_graph_free(graph);
}

/* Encoders of eigenvectors: sign_net, or what stable_position says as a factor in a convolution of [v, v * v]. */
static void check_encoder(const char *name, const weft_i_safetensors_t *f)
{
    enum { K = 3 };
    const weft_i_tensor_entry_t *arcs = weft_i_safetensors_find(f, "graph");
    int32_t source[MOST_ARCS], target[MOST_ARCS];
    int64_t n_arcs = arcs->shape[0];
    bool sign = !strncmp(name, "sign_net", 8), map = strstr(name, "map") != NULL, gine = strstr(name, "gine") != NULL;
    weft_graph_t *graph;
    weft_topology_t topology;
    weft_params_t *params = weft_params_new(1);
    weft_tape_t *tape = weft_tape_new();
    weft_sign_net_t net = {0};
    weft_stable_position_t stable = {0};
    weft_gine_conv_t g = {0};
    weft_gatedgcn_conv_t d = {0};
    for (int64_t i = 0; i < n_arcs; i++) source[i] = golden_integer(arcs, 2 * i), target[i] = golden_integer(arcs, 2 * i + 1);
    cr_assert_eq(weft_graph_new(&graph, NODES, NODES, n_arcs, source, target, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_topology_init(&topology, graph, NULL), WEFT_OK);
    if (sign) net = weft_sign_net_init(params, "s", &(weft_sign_net_options_t){K, 2, WIDTH, 4, strstr(name, "set") != NULL});
    else stable = weft_stable_position_init(params, "r", K, WIDTH, map);
    if (!sign && gine) g.gin = weft_gin_conv_init(params, "c", WIDTH, WIDTH, false, false);
    if (!sign && !gine) d = weft_gatedgcn_conv_init(params, "c", WIDTH, WIDTH, WIDTH);
    golden_read_values(name, params, f);
    weft_real_t *x = golden_numbers(golden_find(f, name, "x", ""), NULL, NULL), *edge = golden_numbers(golden_find(f, name, "e", ""), NULL, NULL), *r = golden_numbers(golden_find(f, name, "r", ""), NULL, NULL), *ones = NULL;
    weft_real_t dx[NODES * K] = {0}, there[NODES * K];
    for (int i = 0; i < NODES * K; i++) there[i] = i / K >= first[1] || i % K < K - 1;
    weft_tape_set_training(tape, true);
    weft_params_zero_grad(params);
    weft_var_t *v = weft_tape_leaf(tape, x, dx, NODES, K), *e = weft_tape_constant(tape, edge, n_arcs, WIDTH), *y;
    if (sign) y = weft_sign_net(&net, graph, v, weft_tape_constant(tape, there, NODES, K));
    else {
        weft_var_t *both[2] = {v, weft_mul(v, v)}, *scale = weft_stable_position(&stable, graph, v);
        weft_x_t in = weft_x_dense(weft_concat(both, 2));
        y = gine ? weft_gine_conv_scaled(&g, &topology, in, e, scale) : weft_gatedgcn_conv_scaled(&d, &topology, in, e, scale, NULL);
    }
    cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK, "%s", name);
    golden_compare(name, "y", weft_var_data(y), golden_find(f, name, "y", ""));
    cr_assert_eq(weft_tape_backward(tape, golden_weighed(tape, y, r, &ones), NULL), WEFT_OK, "%s", name);
    golden_compare(name, "dx", dx, golden_find(f, name, "dx", ""));
    golden_compare_gradients(name, params, f);
    free(x);
    free(edge);
    free(r);
    free(ones);
    weft_tape_free(tape);
    weft_params_free(params);
    weft_topology_destroy(&topology);
    weft_graph_free(graph);
}

static weft_i_safetensors_t *file(void)
{
    weft_i_safetensors_t *f;
    cr_assert_eq(weft_i_safetensors_read(&f, WEFT_SOURCE_DIR "/tests/golden/gps.safetensors", NULL), WEFT_OK);
    return f;
}

Test(golden_gps, whole_layers_as_pytorch_has_them)
{
    weft_i_safetensors_t *f = file();
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) check_layer(layers[i].name, layers[i].local, layers[i].global, layers[i].gate, f);
    weft_i_safetensors_free(f);
}

Test(golden_gps, encoders_of_eigenvectors_as_pytorch_has_them)
{
    static const char *const name[] = {"sign_net_set", "sign_net_side", "stable_gine", "stable_gatedgcn", "stable_map_gine", "stable_map_gatedgcn"};
    weft_i_safetensors_t *f = file();
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) check_encoder(name[i], f);
    weft_i_safetensors_free(f);
}

/* ---- two steps of the ZINC preset -------------------------------------------------------------------------------------------------------- */
enum { STEPS = 20, ATOMS = 28, BONDS = 4, MOST_NODES = 64 };

/* Element i of what gps_torch.py calls formula(name, salt, n). */
static double formula(const char *name, int64_t salt, int64_t i)
{
    uint32_t x = 2166136261u;
    for (; *name; name++) x = (x ^ (uint32_t)(unsigned char)*name) * 16777619u;
    x += (uint32_t)(uint64_t)((i + salt * 1000003) * 2654435769);
    x = (x ^ x >> 15) * 739982445u;
    x = (x ^ x >> 12) * 695872825u;
    x ^= x >> 15;
    return (double)x / 4294967296.0 - 0.5;
}

Test(golden_gps, pruned_attention_as_pytorch_has_it)
{
    enum { COLS = 8, QUERY_ROWS = 40 + 33 + 50, KEY_ROWS = 1350 + 250 + 180 };
    static const int64_t queries[] = {0, 40, 40 + 33, QUERY_ROWS}, keys[] = {0, 1350, 1350 + 250, KEY_ROWS};
    static const char *const name[] = {"top_k/q", "top_k/k", "top_k/v"};
    static weft_real_t in[3][KEY_ROWS * COLS];
    const weft_segments_t segments = {3, queries, keys};
    weft_i_safetensors_t *f = file();
    weft_tape_t *tape = weft_tape_new();
    weft_var_t *of[3];
    for (int k = 0; k < 3; k++) {
        for (int64_t i = 0; i < KEY_ROWS * COLS; i++) in[k][i] = (weft_real_t)(3.0 * formula(name[k], 0, i));
        of[k] = weft_tape_constant(tape, in[k], k ? KEY_ROWS : QUERY_ROWS, COLS);
    }
    weft_var_t *y = weft_attention_top_k(of[0], of[1], of[2], NULL, 2, &segments, 3);
    cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK);
    golden_compare("top_k", "y", weft_var_data(y), golden_find(f, "top_k", "y", ""));
    weft_tape_free(tape);
    weft_i_safetensors_free(f);
}

static void fill(weft_params_t *params)
{
    for (int32_t k = 0; k < weft_params_n(params); k++) {
        weft_param_t *p = weft_params_at(params, k);
        size_t length = strlen(p->name);
        bool gamma = length > 11 && !strcmp(p->name + length - 11, "norm.weight");
        for (int64_t i = 0; p->grad && i < p->rows * p->cols; i++) {
            double u = formula(p->name, 0, i);
            p->value[i] = (weft_real_t)(gamma ? 1.0 + 0.4 * u : p->rows == 1 ? 0.4 * u : 2.0 * u / sqrt((double)p->rows));
        }
    }
}

/* Every gradient by its length and three sums against numbers of a formula. */
static void look(const weft_params_t *params, const weft_i_safetensors_t *f)
{
    for (int32_t k = 0; k < weft_params_n(params); k++) {
        const weft_param_t *p = weft_params_at(params, k);
        double got[4] = {0};
        if (!p->grad) continue;
        const weft_i_tensor_entry_t *want = golden_find(f, "zinc", "look/", p->name);
        cr_assert(want, "no gradient of %s", p->name);
        for (int64_t i = 0; i < p->rows * p->cols; i++) {
            double g = (double)p->grad[i];
            got[0] += g * g;
            for (int s = 1; s < 4; s++) got[s] += g * formula(p->name, s, i);
        }
        got[0] = sqrt(got[0]);
        for (int s = 0; s < 4; s++) cr_assert(fabs(got[s] - golden_at(want, s)) <= 1e-5 * (1.0 + golden_at(want, 0)), "%s: look %d: %.9g, not %.9g", p->name, s, got[s], golden_at(want, s));
    }
}

typedef struct zinc {
    int64_t n_graphs, n, first[8];
    weft_graph_t *graph, *members, *spread;
    weft_real_t x[MOST_NODES * ATOMS], edge_x[2 * MOST_NODES * BONDS], *position, *target;
    weft_topology_t topology;
    weft_global_plan_t plan;
    weft_model_t *model;
} zinc_t;

static void zinc_init(zinc_t *z, const weft_i_safetensors_t *f)
{
    const weft_i_tensor_entry_t *at = golden_find(f, "zinc", "first", ""), *atom = golden_find(f, "zinc", "atom", ""), *bond = golden_find(f, "zinc", "bond", "");
    int32_t member[MOST_NODES], source[MOST_NODES], target[MOST_NODES];
    weft_model_options_t o = weft_model_defaults();
    *z = (zinc_t){.n_graphs = at->shape[0] - 1, .n = atom->shape[0]};
    for (int64_t k = 0; k <= z->n_graphs; k++) z->first[k] = golden_integer(at, k);
    for (int64_t k = 0; k < z->n_graphs; k++)
        for (int64_t i = z->first[k]; i < z->first[k + 1]; i++) member[i] = (int32_t)k;
    for (int64_t i = 0; i < z->n; i++) z->x[i * ATOMS + golden_integer(atom, i)] = 1;
    for (int64_t e = 0; e < bond->shape[0]; e++) source[e] = golden_integer(bond, 3 * e), target[e] = golden_integer(bond, 3 * e + 1);
    cr_assert_eq(weft_graph_new(&z->graph, z->n, z->n, bond->shape[0], source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, NULL), WEFT_OK);
    for (int64_t a = 0; a < weft_graph_n_arcs(z->graph); a++) z->edge_x[a * BONDS + golden_integer(bond, 3 * weft_graph_edge_ids(z->graph)[a] + 2)] = 1;
    cr_assert_eq(weft_graph_from_lookup(&z->members, z->n_graphs, z->n, member, true, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_from_lookup(&z->spread, z->n_graphs, z->n, member, false, NULL), WEFT_OK);
    cr_assert_eq(weft_topology_init(&z->topology, z->graph, NULL), WEFT_OK);
    /* the preset, but for the dropout of attention: test_gps_presets.c holds its size */
    o.model = "gps";
    o.in = ATOMS, o.edge_in = BONDS, o.out = 1;
    o.layers = 10, o.hidden = 64, o.heads = 4;
    o.local = WEFT_LOCAL_GINE, o.global = WEFT_GLOBAL_SOFTMAX, o.position = WEFT_POSITION_RWSE;
    o.position_k = STEPS, o.position_width = 28;
    o.embed = o.graph_task = true;
    o.norm = WEFT_NORM_BATCH, o.pooling = WEFT_POOL_SUM, o.activation = WEFT_ACT_RELU;
    o.dropout = o.input_dropout = o.attention_dropout = 0.0;
    o.head_layers = 0;
    cr_assert_eq(weft_model_new(&z->model, &o, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_params_count(weft_model_params(z->model)), 423717);
    const weft_global_options_t global = weft_model_global_options(&o);
    cr_assert_eq(weft_global_plan_init(&z->plan, &global, z->graph, z->n_graphs, z->first, NULL), WEFT_OK);
    z->position = golden_numbers(golden_find(f, "zinc", "rwse", ""), NULL, NULL);
    z->target = golden_numbers(golden_find(f, "zinc", "target", ""), NULL, NULL);
    fill(weft_model_params(z->model));
}

static void zinc_destroy(zinc_t *z)
{
    weft_model_free(z->model);
    weft_global_plan_destroy(&z->plan);
    weft_topology_destroy(&z->topology);
    weft_graph_free(z->graph);
    weft_graph_free(z->members);
    weft_graph_free(z->spread);
    free(z->position);
    free(z->target);
}

Test(golden_gps, steps_of_zinc_as_pytorch_takes_them)
{
    weft_i_safetensors_t *f = file();
    const weft_i_tensor_entry_t *loss = golden_find(f, "zinc", "loss", "");
    weft_tape_t *tape = weft_tape_new();
    static zinc_t z;
    zinc_init(&z, f);
    weft_params_t *params = weft_model_params(z.model);
    const weft_batch_t batch = {.topology = &z.topology, .x = z.x, .n_nodes = z.n, .edge_x = z.edge_x, .members = z.members, .spread = z.spread, .global = &z.plan, .position = z.position};
    int steps = 1;
#ifndef WEFT_REAL_DOUBLE
    float rwse[MOST_NODES * STEPS];
    cr_assert_eq(weft_encoding_rwse(rwse, z.graph, z.n_graphs, z.first, STEPS, 0.0, NULL), WEFT_OK);
    golden_compare("zinc", "rwse", rwse, golden_find(f, "zinc", "rwse", ""));
    weft_optim_t *optim = weft_optim_new(params, WEFT_ADAMW, 1e-5, 0.0);
    steps = 3;
#endif
    for (int step = 0; step < steps; step++) {
        weft_tape_reset(tape);
        weft_tape_set_training(tape, true);
        weft_params_zero_grad(params);
        weft_var_t *y = weft_model_forward(z.model, tape, &batch), *l = weft_regression_loss(y, z.target, NULL, 0, WEFT_MAE, 1.0);
        cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK);
        if (!step) golden_compare("zinc", "y", weft_var_data(y), golden_find(f, "zinc", "y", ""));
        double got = (double)weft_var_data(l)[0], want = golden_at(loss, step);
        cr_assert(fabs(got - want) <= 1e-5 * (1.0 + want), "loss before step %d: %.9g, not %.9g", step, got, want);
        cr_assert_eq(weft_tape_backward(tape, l, NULL), WEFT_OK);
        if (!step) look(params, f);
#ifndef WEFT_REAL_DOUBLE
        weft_optim_step(optim, 1e-3, 1.0);
#endif
    }
#ifndef WEFT_REAL_DOUBLE
    weft_optim_free(optim);
#endif
    weft_tape_free(tape);
    zinc_destroy(&z);
    weft_i_safetensors_free(f);
}
