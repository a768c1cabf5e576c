/* Every layer against values and gradients that tests/golden/layers_torch.py made with plain PyTorch; built twice, in double and in float. */
#include "nn/golden.h"
#include "weft/impn.h"

enum { IN = 4, OUT = 6, EDGE = 3, NODES = 7 };
typedef struct golden {
    weft_graph_t *graph, *members, *spread, *codes;
    weft_topology_t t;
    const weft_graph_t *relation[2];
    weft_params_t *params;
} golden_t;
typedef struct golden_case {
    const char *name;
    weft_var_t *(*run)(golden_t *g, weft_x_t x, weft_var_t *e); /* with parameters that are made anew; NULL tape values: only made */
} golden_case_t;

/* A layer is made once (values are then read from the file) and run; `made` keeps it between the two. */
static char layer[2048] __attribute__((aligned(16)));
static bool making;
#define MAKE(type, ...) \
    type *l = (type *)layer; \
    if (making) { *l = __VA_ARGS__; return NULL; }

static weft_var_t *gcn(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_gcn_conv_t, weft_gcn_conv_init(g->params, "c", IN, OUT, true)) return weft_gcn_conv(l, &g->t, x); }
static weft_var_t *sage(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_sage_conv_t, weft_sage_conv_init(g->params, "c", IN, OUT, WEFT_MEAN)) return weft_sage_conv(l, &g->t, x); }
static weft_var_t *sage_max(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_sage_conv_t, weft_sage_conv_init(g->params, "c", IN, OUT, WEFT_MAX)) return weft_sage_conv(l, &g->t, x); }
static weft_var_t *sage_lstm(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_sage_conv_t, weft_sage_lstm_init(g->params, "c", IN, OUT)) return weft_sage_conv(l, &g->t, x); }
static weft_var_t *gat(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_gat_conv_t, weft_gat_conv_init(g->params, "c", IN, 3, 2, true)) return weft_gat_conv(l, &g->t, x, 0.0); }
static weft_var_t *gat_mean(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_gat_conv_t, weft_gat_conv_init(g->params, "c", IN, OUT, 2, false)) return weft_gat_conv(l, &g->t, x, 0.0); }
static weft_var_t *gatv2(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_gatv2_conv_t, weft_gatv2_conv_init(g->params, "c", IN, 3, 2, true)) return weft_gatv2_conv(l, &g->t, x, 0.0); }
static weft_var_t *gin(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_gin_conv_t, weft_gin_conv_init(g->params, "c", IN, OUT, false, true)) return weft_gin_conv(l, &g->t, x); }
static weft_var_t *gine(golden_t *g, weft_x_t x, weft_var_t *e) { MAKE(weft_gine_conv_t, weft_gine_conv_init(g->params, "c", IN, OUT, EDGE, false, true)) return weft_gine_conv(l, &g->t, x, e); }
static weft_var_t *gatedgcn(golden_t *g, weft_x_t x, weft_var_t *e)
{
    MAKE(weft_gatedgcn_conv_t, weft_gatedgcn_conv_init(g->params, "c", IN, OUT, EDGE))
    weft_var_t *s, *y = weft_gatedgcn_conv(l, &g->t, x, e, &s);
    return weft_add(y, weft_spmm_arcs(g->graph, NULL, s, false, WEFT_SUM));
}
static weft_var_t *pna(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_pna_conv_t, weft_pna_conv_init(g->params, "c", IN, OUT, 1.1)) return weft_pna_conv(l, &g->t, x.dense); }
static weft_var_t *transformer(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_transformer_conv_t, weft_transformer_conv_init(g->params, "c", IN, 3, 2)) return weft_transformer_conv(l, &g->t, x, 0.0); }
static weft_var_t *rgcn(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_rgcn_conv_t, weft_rgcn_conv_init(g->params, "c", IN, OUT, 2)) return weft_rgcn_conv(l, &g->t, g->relation, x); }

typedef struct walk { weft_linear_t map; weft_dagnn_t dagnn; weft_gcnii_conv_t gcnii; weft_gpr_t gpr; weft_plaplacian_t plaplacian; } walk_t;
static weft_linear_t map(golden_t *g) { return weft_linear_init(g->params, "map", IN, OUT, true, WEFT_INIT_GLOROT); }
static weft_var_t *appnp(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(walk_t, (walk_t){.map = map(g)}) return weft_appnp(&g->t, weft_linear(&l->map, x), 3, 0.1, 0.0); }
static weft_var_t *sgc(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(walk_t, (walk_t){.map = map(g)}) return weft_sgc(&g->t, weft_linear(&l->map, x), 2); }
static weft_var_t *dagnn(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(walk_t, (walk_t){.map = map(g), .dagnn = weft_dagnn_init(g->params, "d", OUT, 3)}) return weft_dagnn(&l->dagnn, &g->t, weft_linear(&l->map, x)); }
static weft_var_t *gcnii(golden_t *g, weft_x_t x, weft_var_t *e)
{
    (void)e;
    MAKE(walk_t, (walk_t){.map = map(g), .gcnii = weft_gcnii_conv_init(g->params, "g", OUT, 0.1, 0.4)})
    weft_var_t *h = weft_linear(&l->map, x);
    return weft_gcnii_conv(&l->gcnii, &g->t, weft_relu(h), h);
}
static weft_var_t *gpr(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(walk_t, (walk_t){.map = map(g), .gpr = weft_gpr_init(g->params, "g", 3, 0.2)}) return weft_gpr(&l->gpr, &g->t, weft_linear(&l->map, x)); }
static weft_var_t *plaplacian_of(golden_t *g, weft_x_t x, bool detach)
{
    const weft_plaplacian_t o = {.k = 3, .p = (weft_real_t)1.5, .mu = (weft_real_t)0.2, .beta_scale = 2.0, .eps = 0.1, .learn_p = true, .learn_mu = true, .detach = detach};
    MAKE(walk_t, (walk_t){.map = map(g), .plaplacian = weft_plaplacian_init(g->params, "plap", &o)})
    return weft_plaplacian(&l->plaplacian, &g->t, weft_linear(&l->map, x));
}
static weft_var_t *plaplacian(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; return plaplacian_of(g, x, false); }
static weft_var_t *plaplacian_detached(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; return plaplacian_of(g, x, true); }
static weft_var_t *h2gcn(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_linear_t, weft_linear_init(g->params, "head", 28, OUT, true, WEFT_INIT_GLOROT)) return weft_linear(l, weft_x_dense(weft_h2gcn(&g->t, x.dense, 2))); }

typedef struct jump { weft_linear_t map[3]; weft_jump_lstm_t lstm; } jump_t;
static jump_t jump_of(golden_t *g, bool lstm)
{
    static const char *const name[] = {"one", "two", "three"};
    jump_t j = {0};
    for (int k = 0; k < 3; k++) j.map[k] = weft_linear_init(g->params, name[k], IN, OUT, true, WEFT_INIT_GLOROT);
    if (lstm) j.lstm = weft_jump_lstm_init(g->params, "j", OUT, 3);
    return j;
}
static weft_var_t *jump_max(golden_t *g, weft_x_t x, weft_var_t *e)
{
    (void)e;
    MAKE(jump_t, jump_of(g, false))
    weft_var_t *each[3];
    for (int k = 0; k < 3; k++) each[k] = weft_linear(&l->map[k], x);
    return weft_jump_max(each, 3);
}
static weft_var_t *jump_lstm(golden_t *g, weft_x_t x, weft_var_t *e)
{
    (void)e;
    MAKE(jump_t, jump_of(g, true))
    weft_var_t *each[3];
    for (int k = 0; k < 3; k++) each[k] = weft_linear(&l->map[k], x);
    return weft_jump_lstm(&l->lstm, each, 3);
}
static weft_var_t *graph_norm(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_graph_norm_t, weft_graph_norm_init(g->params, "n", IN)) return weft_graph_norm(l, g->members, g->spread, x.dense); }
static weft_var_t *attention_pool(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_attention_pool_t, weft_attention_pool_init(g->params, "a", IN)) return weft_attention_pool(l, g->members, x.dense); }
static weft_var_t *embedding(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_embedding_t, weft_embedding_init(g->params, "e", 5, IN)) return weft_mul(weft_embedding(l, x.tape, g->codes), x.dense); }
static weft_var_t *batch_norm(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_norm_t, weft_norm_init(g->params, "n", IN, WEFT_NORM_BATCH)) return weft_norm(l, x.dense); }
static weft_var_t *layer_norm(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_norm_t, weft_norm_init(g->params, "n", IN, WEFT_NORM_LAYER)) return weft_norm(l, x.dense); }
static weft_var_t *mlp(golden_t *g, weft_x_t x, weft_var_t *e) { (void)e; MAKE(weft_mlp_t, weft_mlp_init(g->params, "m", (const int64_t[]){IN, 5, OUT}, 2, 0.1)) return weft_mlp(l, x.dense); }

static weft_var_t *impn_of(golden_t *g, weft_x_t x, weft_var_t *e, weft_aggregator_t a) { MAKE(weft_impn_conv_t, weft_impn_conv_init(g->params, "c", IN, OUT, EDGE, a)) return weft_impn_conv(l, &g->t, x, e); }
static weft_var_t *impn_mean(golden_t *g, weft_x_t x, weft_var_t *e) { return impn_of(g, x, e, WEFT_AGGREGATE_MEAN); }
static weft_var_t *impn_max(golden_t *g, weft_x_t x, weft_var_t *e) { return impn_of(g, x, e, WEFT_AGGREGATE_MAX); }
static weft_var_t *impn_lstm(golden_t *g, weft_x_t x, weft_var_t *e) { return impn_of(g, x, e, WEFT_AGGREGATE_LSTM); }

static const golden_case_t cases[] = {
    {"impn_mean", impn_mean}, {"impn_max", impn_max}, {"impn_lstm", impn_lstm},
    {"gcn", gcn}, {"sage", sage}, {"sage_max", sage_max}, {"sage_lstm", sage_lstm}, {"sage_lstm_bipartite", sage_lstm}, {"gat", gat}, {"gat_mean", gat_mean}, {"gatv2", gatv2}, {"gin", gin}, {"gine", gine}, {"gatedgcn", gatedgcn}, {"pna", pna},
    {"transformer", transformer}, {"rgcn", rgcn}, {"gcn_bipartite", gcn}, {"sage_bipartite", sage}, {"sage_max_bipartite", sage_max}, {"gat_bipartite", gat}, {"gat_mean_bipartite", gat_mean},
    {"gatv2_bipartite", gatv2}, {"gin_bipartite", gin}, {"gine_bipartite", gine}, {"gatedgcn_bipartite", gatedgcn}, {"pna_bipartite", pna}, {"transformer_bipartite", transformer},
    {"rgcn_bipartite", rgcn}, {"appnp", appnp}, {"sgc", sgc}, {"dagnn", dagnn}, {"gcnii", gcnii}, {"gpr", gpr}, {"plaplacian", plaplacian}, {"plaplacian_detached", plaplacian_detached}, {"h2gcn", h2gcn}, {"jump_max", jump_max},
    {"jump_lstm", jump_lstm}, {"graph_norm", graph_norm}, {"attention_pool", attention_pool}, {"embedding", embedding}, {"batch_norm", batch_norm}, {"layer_norm", layer_norm}, {"mlp", mlp}};

static void read_graph(golden_t *g, const weft_i_safetensors_t *f, bool bipartite)
{
    const weft_i_tensor_entry_t *t = weft_i_safetensors_find(f, bipartite ? "graph/bipartite" : "graph/square");
    int64_t n = t->shape[0], n_dst = bipartite ? 4 : NODES;
    int32_t source[32], target[32], relation[32];
    cr_assert_leq(n, 32);
    for (int64_t e = 0; e < n; e++) {
        int32_t pair[2];
        memcpy(pair, (const char *)t->data + 8 * e, sizeof pair);
        source[e] = pair[0];
        target[e] = pair[1];
        relation[e] = (pair[0] + pair[1]) % 2;
    }
    cr_assert_eq(weft_graph_new(&g->graph, NODES, n_dst, n, source, target, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_topology_init(&g->t, g->graph, NULL), WEFT_OK);
    if (!bipartite) cr_assert_eq(weft_topology_add_two_steps(&g->t, NULL), WEFT_OK);
    cr_assert_eq(weft_topology_add_relations(&g->t, 2, relation, NULL), WEFT_OK);
    for (int r = 0; r < 2; r++) g->relation[r] = g->t.relation[r];
    static const int32_t graph_of[NODES] = {0, 0, 0, 1, 1, 1, 1}, code[NODES] = {0, 3, 3, 1, 0, 4, 3};
    cr_assert_eq(weft_graph_from_lookup(&g->members, 2, NODES, graph_of, true, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_from_lookup(&g->spread, 2, NODES, graph_of, false, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_from_lookup(&g->codes, 5, NODES, code, false, NULL), WEFT_OK);
}

static void check(const golden_case_t *c, const weft_i_safetensors_t *f)
{
    golden_t g = {.params = weft_params_new(1)};
    weft_tape_t *tape = weft_tape_new();
    int64_t rows, edges;
    read_graph(&g, f, strstr(c->name, "_bipartite") != NULL);
    memset(layer, 0, sizeof layer);
    making = true;
    c->run(&g, (weft_x_t){0}, NULL);
    making = false;
    golden_read_values(c->name, g.params, f);
    weft_real_t *x = golden_numbers(golden_find(f, c->name, "x", ""), &rows, NULL), *e = golden_numbers(golden_find(f, c->name, "e", ""), &edges, NULL), *r = golden_numbers(golden_find(f, c->name, "r", ""), NULL, NULL), dx[NODES * IN] = {0};
    weft_params_zero_grad(g.params);
    weft_var_t *y = c->run(&g, weft_x_dense(weft_tape_leaf(tape, x, dx, rows, IN)), weft_tape_constant(tape, e, edges, EDGE));
    const weft_i_tensor_entry_t *want = golden_find(f, c->name, "y", "");
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_tape_status(tape, diag), WEFT_OK, "%s: %s", c->name, weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
    weft_diag_free(diag);
    cr_assert(weft_var_rows(y) == want->shape[0] && weft_var_cols(y) == want->shape[1], "%s: [%lld,%lld]", c->name, (long long)weft_var_rows(y), (long long)weft_var_cols(y));
    golden_compare(c->name, "y", weft_var_data(y), want);
    weft_real_t *ones = NULL;
    weft_var_t *loss = golden_weighed(tape, y, r, &ones);
    cr_assert_eq(weft_tape_backward(tape, loss, NULL), WEFT_OK, "%s", c->name);
    golden_compare(c->name, "dx", dx, golden_find(f, c->name, "dx", ""));
    golden_compare_gradients(c->name, g.params, f);
    free(x);
    free(e);
    free(r);
    free(ones);
    weft_tape_free(tape);
    weft_topology_destroy(&g.t);
    weft_graph_free(g.graph);
    weft_graph_free(g.members);
    weft_graph_free(g.spread);
    weft_graph_free(g.codes);
    weft_params_free(g.params);
}

Test(golden, every_layer_as_pytorch_has_it)
{
    weft_i_safetensors_t *f;
    int32_t values = 0;
    cr_assert_eq(weft_i_safetensors_read(&f, WEFT_SOURCE_DIR "/tests/golden/layers.safetensors", NULL), WEFT_OK);
    for (int32_t i = 0; i < f->n; i++) values += strlen(f->tensor[i].name) > 2 && !strcmp(f->tensor[i].name + strlen(f->tensor[i].name) - 2, "/y");
    cr_assert_eq(values, (int32_t)(sizeof cases / sizeof *cases), "%d cases in the file", values);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check(&cases[i], f);
    weft_i_safetensors_free(f);
}
