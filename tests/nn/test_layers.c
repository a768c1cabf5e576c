/* Every layer through check_conv, in double. */
#include "nn/check_conv.h"
#include "weft/impn.h"

static void gcn_init(weft_params_t *p, void *l) { *(weft_gcn_conv_t *)l = weft_gcn_conv_init(p, "c", CONV_IN, CONV_OUT, true); }
static weft_var_t *gcn(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_gcn_conv(l, t, x); }
static void sage_init(weft_params_t *p, void *l) { *(weft_sage_conv_t *)l = weft_sage_conv_init(p, "c", CONV_IN, CONV_OUT, WEFT_MEAN); }
static void sage_max_init(weft_params_t *p, void *l) { *(weft_sage_conv_t *)l = weft_sage_conv_init(p, "c", CONV_IN, CONV_OUT, WEFT_MAX); }
static weft_var_t *sage(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_sage_conv(l, t, x); }
static void gat_init(weft_params_t *p, void *l) { *(weft_gat_conv_t *)l = weft_gat_conv_init(p, "c", CONV_IN, 3, 2, true); }
static void gat_mean_init(weft_params_t *p, void *l) { *(weft_gat_conv_t *)l = weft_gat_conv_init(p, "c", CONV_IN, CONV_OUT, 2, false); }
static weft_var_t *gat(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_gat_conv(l, t, x, 0.3); }
static void gatv2_init(weft_params_t *p, void *l) { *(weft_gatv2_conv_t *)l = weft_gatv2_conv_init(p, "c", CONV_IN, 3, 2, true); }
static weft_var_t *gatv2(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_gatv2_conv(l, t, x, 0.0); }
static void gin_init(weft_params_t *p, void *l) { *(weft_gin_conv_t *)l = weft_gin_conv_init(p, "c", CONV_IN, CONV_OUT, false, true); }
static weft_var_t *gin(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_gin_conv(l, t, x); }

/* Edge features made of the nodes' own, so that they follow a renumbering. */
static weft_var_t *edges(const weft_topology_t *t, weft_x_t x) { return weft_arc_ends(t->graph, WEFT_ENDS_MUL, x.dense, x.dense); }
static void gine_init(weft_params_t *p, void *l) { *(weft_gine_conv_t *)l = weft_gine_conv_init(p, "c", CONV_IN, CONV_OUT, CONV_IN, false, true); }
static void gine_bare_init(weft_params_t *p, void *l) { *(weft_gine_conv_t *)l = weft_gine_conv_init(p, "c", CONV_IN, CONV_OUT, 0, false, false); }
static weft_var_t *gine(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_gine_conv(l, t, x, edges(t, x)); }
static void gated_init(weft_params_t *p, void *l) { *(weft_gatedgcn_conv_t *)l = weft_gatedgcn_conv_init(p, "c", CONV_IN, CONV_OUT, CONV_IN); }
static weft_var_t *gated(const void *l, const weft_topology_t *t, weft_x_t x)
{
    weft_var_t *e;
    weft_var_t *y = weft_gatedgcn_conv(l, t, x, edges(t, x), &e);
    return weft_add(y, weft_spmm_arcs(t->graph, NULL, e, false, WEFT_SUM));
}
static void pna_init(weft_params_t *p, void *l) { *(weft_pna_conv_t *)l = weft_pna_conv_init(p, "c", CONV_IN, CONV_OUT, 1.1); }
static weft_var_t *pna(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_pna_conv(l, t, x.dense); }
static void transformer_init(weft_params_t *p, void *l) { *(weft_transformer_conv_t *)l = weft_transformer_conv_init(p, "c", CONV_IN, 3, 2); }
static weft_var_t *transformer(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_transformer_conv(l, t, x, 0.0); }

typedef struct gpr_case { weft_linear_t map; weft_gpr_t gpr; } gpr_case_t;
typedef struct walk { weft_linear_t map; weft_dagnn_t dagnn; weft_gcnii_conv_t gcnii; } walk_t;
static void walk_init(weft_params_t *p, void *l)
{
    walk_t *w = l;
    w->map = weft_linear_init(p, "map", CONV_IN, CONV_OUT, true, WEFT_INIT_GLOROT);
}
static void dagnn_init(weft_params_t *p, void *l)
{
    walk_init(p, l);
    ((walk_t *)l)->dagnn = weft_dagnn_init(p, "d", CONV_OUT, 3);
}
static void gcnii_init(weft_params_t *p, void *l)
{
    walk_init(p, l);
    ((walk_t *)l)->gcnii = weft_gcnii_conv_init(p, "g", CONV_OUT, 0.1, 0.4);
}
static weft_var_t *appnp(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_appnp(t, weft_linear(&((const walk_t *)l)->map, x), 3, 0.1, 0.2); }
static weft_var_t *sgc(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_sgc(t, weft_linear(&((const walk_t *)l)->map, x), 2); }
static weft_var_t *dagnn(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_dagnn(&((const walk_t *)l)->dagnn, t, weft_linear(&((const walk_t *)l)->map, x)); }
static weft_var_t *gcnii(const void *l, const weft_topology_t *t, weft_x_t x)
{
    weft_var_t *h = weft_linear(&((const walk_t *)l)->map, x);
    return weft_gcnii_conv(&((const walk_t *)l)->gcnii, t, weft_relu(h), h);
}
static void gpr_init(weft_params_t *p, void *l)
{
    gpr_case_t *w = l;
    w->map = weft_linear_init(p, "map", CONV_IN, CONV_OUT, true, WEFT_INIT_GLOROT);
    w->gpr = weft_gpr_init(p, "g", 3, 0.2);
}
static weft_var_t *gpr(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_gpr(&((const gpr_case_t *)l)->gpr, t, weft_linear(&((const gpr_case_t *)l)->map, x)); }
static void h2gcn_init(weft_params_t *p, void *l) { *(weft_linear_t *)l = weft_linear_init(p, "head", weft_h2gcn_width(CONV_IN, 2), CONV_OUT, true, WEFT_INIT_GLOROT); }
static weft_var_t *h2gcn(const void *l, const weft_topology_t *t, weft_x_t x)
{
    weft_topology_t *own = (weft_topology_t *)t; /* the second steps belong to it from now on */
    if (!own->two_steps) cr_assert_eq(weft_topology_add_two_steps(own, NULL), WEFT_OK);
    return weft_linear(l, weft_x_dense(weft_h2gcn(t, x.dense, 2)));
}
typedef struct plap { weft_linear_t map; weft_plaplacian_t l; } plap_t;
static void plap_init(weft_params_t *p, void *l)
{
    plap_t *w = l;
    w->map = weft_linear_init(p, "map", CONV_IN, CONV_OUT, true, WEFT_INIT_GLOROT);
    w->l = weft_plaplacian_init(p, "plap", &(weft_plaplacian_t){.k = 3, .p = 1.5, .mu = 0.2, .beta_scale = 2.0, .eps = 0.1, .learn_p = true, .learn_mu = true});
}
static void plap_mask_init(weft_params_t *p, void *l)
{
    plap_init(p, l);
    ((plap_t *)l)->l = weft_plaplacian_init(p, "masked", &(weft_plaplacian_t){.k = 2, .p = 1.7, .mu = 0.5, .beta_scale = 2.0, .eps = 1e-9, .mask = true});
}
static weft_var_t *plap(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_plaplacian(&((const plap_t *)l)->l, t, weft_linear(&((const plap_t *)l)->map, x)); }
static void rgcn_init(weft_params_t *p, void *l) { *(weft_rgcn_conv_t *)l = weft_rgcn_conv_init(p, "c", CONV_IN, CONV_OUT, 2); }
static weft_var_t *rgcn(const void *l, const weft_topology_t *t, weft_x_t x)
{
    const weft_graph_t *two[2] = {t->graph, t->looped};
    return weft_rgcn_conv(l, t, two, x);
}

static void impn_mean_init(weft_params_t *p, void *l) { *(weft_impn_conv_t *)l = weft_impn_conv_init(p, "c", CONV_IN, CONV_OUT, CONV_IN, WEFT_AGGREGATE_MEAN); }
static void impn_max_init(weft_params_t *p, void *l) { *(weft_impn_conv_t *)l = weft_impn_conv_init(p, "c", CONV_IN, CONV_OUT, CONV_IN, WEFT_AGGREGATE_MAX); }
static void impn_lstm_init(weft_params_t *p, void *l) { *(weft_impn_conv_t *)l = weft_impn_conv_init(p, "c", CONV_IN, CONV_OUT, CONV_IN, WEFT_AGGREGATE_LSTM); }
static void impn_bare_init(weft_params_t *p, void *l) { *(weft_impn_conv_t *)l = weft_impn_conv_init(p, "c", CONV_IN, CONV_OUT, 0, WEFT_AGGREGATE_MEAN); }
static weft_var_t *impn(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_impn_conv(l, t, x, edges(t, x)); }

static void landmarks_init(weft_params_t *p, void *l) { *(weft_landmarks_t *)l = weft_landmarks_init(p, "c", CONV_IN, CONV_OUT / 2); }
static weft_var_t *landmarks(const void *l, const weft_topology_t *t, weft_x_t x) { return weft_landmarks(l, t->graph, x, edges(t, x)); }

static const conv_case_t cases[] = {
    {"landmarks", landmarks_init, landmarks},
    {"impn mean", impn_mean_init, impn}, {"impn max", impn_max_init, impn}, {"impn without relations", impn_bare_init, impn},
    {"gcn", gcn_init, gcn}, {"sage", sage_init, sage}, {"sage max", sage_max_init, sage}, {"gat", gat_init, gat}, {"gat mean", gat_mean_init, gat},
    {"gatv2", gatv2_init, gatv2}, {"gin", gin_init, gin}, {"gine", gine_init, gine}, {"gine without edges", gine_bare_init, gine}, {"gatedgcn", gated_init, gated},
    {"pna", pna_init, pna}, {"transformer", transformer_init, transformer}, {"appnp", walk_init, appnp}, {"sgc", walk_init, sgc}, {"dagnn", dagnn_init, dagnn},
    {"gcnii", gcnii_init, gcnii}, {"plaplacian", plap_init, plap}, {"plaplacian masked", plap_mask_init, plap}, {"rgcn", rgcn_init, rgcn}, {"gpr", gpr_init, gpr}, {"h2gcn", h2gcn_init, h2gcn}};

Test(layers, gradients_renumbering_and_odd_graphs)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_conv(&cases[i], false);
    const conv_case_t lstm = {"impn lstm", impn_lstm_init, impn};
    check_conv(&lstm, true);
}

/* It hears its neighbours in the order of their numbers, so no renumbering. */
static void sage_lstm_init(weft_params_t *p, void *l) { *(weft_sage_conv_t *)l = weft_sage_lstm_init(p, "c", CONV_IN, CONV_OUT); }
Test(layers, sage_lstm_gradients)
{
    static const int32_t source[] = {0, 1, 2, 0, 3}, target[] = {1, 2, 3, 2, 0};
    const conv_case_t c = {"sage lstm", sage_lstm_init, sage};
    weft_graph_t *g;
    weft_topology_t t;
    weft_params_t *params = weft_params_new(3);
    char layer[1024] __attribute__((aligned(16))) = {0};
    conv_graph(&g, &t, CONV_NODES, 5, source, target);
    c.init(params, layer);
    check_conv_gradients(&c, params, layer, &t);
    weft_params_free(params);
    weft_topology_destroy(&t);
    weft_graph_free(g);
}

Test(topology, second_steps_and_relations)
{
    static const int32_t source[] = {0, 1, 2, 0}, target[] = {1, 2, 3, 0}; /* a path 0 1 2 3 with a loop at 0; 4 alone */
    weft_graph_t *g;
    weft_topology_t t;
    conv_graph(&g, &t, 5, 4, source, target);
    cr_assert_eq(weft_topology_add_two_steps(&t, NULL), WEFT_OK);
    cr_assert_eq(weft_graph_n_arcs(t.one_step), 6); /* the loop is dropped */
    const int64_t *offset = weft_graph_offsets(t.two_steps);
    static const int64_t want[] = {0, 1, 2, 3, 4, 4};
    static const int32_t two[] = {2, 3, 0, 1};
    for (int v = 0; v <= 5; v++) cr_assert_eq(offset[v], want[v]);
    for (int e = 0; e < 4; e++) cr_assert_eq(weft_graph_sources(t.two_steps)[e], two[e]);
    cr_assert_eq(weft_topology_add_degree_relations(&t, NULL), WEFT_OK);
    cr_assert_eq(t.n_relations, 3);
    int64_t all = 0;
    for (int r = 0; r < 3; r++) all += weft_graph_n_arcs(t.relation[r]);
    cr_assert_eq(all, weft_graph_n_arcs(g));
    cr_assert_eq(weft_graph_n_arcs(t.relation[0]), 1); /* 3 -> 2 alone comes from fewer arcs: the loop makes 0 as rich as 1 */
    cr_assert_eq(weft_graph_n_arcs(t.relation[2]), 1);
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_topology_add_relations(&t, 17, NULL, diag), WEFT_EUSAGE);
    cr_assert_eq(weft_diag_n_of_id(diag, "graph-shape"), 1);
    weft_diag_free(diag);
    weft_topology_destroy(&t);
    weft_graph_free(g);
}

/* x as a sparse matrix gives what x as a dense one gives. */
Test(layers, sparse_input_is_dense_input)
{
    static const int32_t source[] = {0, 1, 2, 0, 3}, target[] = {1, 2, 3, 2, 0}, column[] = {1, 3, 0, 2, 0, 1};
    static const int64_t offset[] = {0, 2, 3, 3, 4, 6, 6};
    weft_real_t value[] = {1, 2, (weft_real_t)-0.5, 3, 1, (weft_real_t)0.25}, x[CONV_NODES * CONV_IN] = {0};
    weft_graph_t *g, *rows;
    weft_topology_t t;
    conv_graph(&g, &t, CONV_NODES, 5, source, target);
    cr_assert_eq(weft_graph_from_rows(&rows, CONV_IN, CONV_NODES, offset, column, NULL), WEFT_OK);
    for (int i = 0; i < CONV_NODES; i++)
        for (int64_t e = offset[i]; e < offset[i + 1]; e++) x[i * CONV_IN + column[e]] = value[e];
    const char *with_sparse[] = {"gcn", "sage", "sage max", "gat", "gatv2", "gin", "transformer", "appnp", "dagnn"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t k = 0; k < sizeof with_sparse / sizeof *with_sparse; k++) {
            if (strcmp(cases[i].name, with_sparse[k])) continue;
            char layer[1024] __attribute__((aligned(16))) = {0};
            weft_params_t *params = weft_params_new(9);
            weft_tape_t *tape = weft_tape_new();
            weft_tape_set_training(tape, false);
            cases[i].init(params, layer);
            weft_var_t *a = cases[i].call(layer, &t, weft_x_dense(weft_tape_constant(tape, x, CONV_NODES, CONV_IN)));
            weft_var_t *b = cases[i].call(layer, &t, weft_x_sparse(tape, rows, value));
            cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK);
            for (int64_t j = 0; j < CONV_NODES * CONV_OUT; j++) cr_assert_float_eq(weft_var_data(a)[j], weft_var_data(b)[j], 1e-12, "%s element %lld", cases[i].name, (long long)j);
            weft_tape_free(tape);
            weft_params_free(params);
        }
    weft_topology_destroy(&t);
    weft_graph_free(g);
    weft_graph_free(rows);
}
