/* models/model.c: the table of models. */
#include "models/model.h"
#include "base/alloc.h"
#include "base/status.h"

#include <string.h>

weft_model_options_t weft_model_defaults(void)
{
    return (weft_model_options_t){.model = "gcn", .layers = 2, .hidden = 64, .heads = 8, .out_heads = 1, .k = 10, .dropout = 0.5, .alpha = 0.1, .lambda = 0.5, .p = 1.5, .mu = 0.1, .beta_scale = 2.0, .eps = 1e-3,
                                  .reduce = WEFT_MEAN, .local = WEFT_LOCAL_GINE, .global = WEFT_GLOBAL_SGFORMER, .position_k = 16, .position_width = 16, .delta = 1.0, .relations = 3, .adapter_width = 16, .conv_decay = 1.0};
}

/* ---- one convolution per name ---------------------------------------------------------------------------------------------- */
static void mlp_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    (void)last;
    m->conv[l].linear = weft_linear_init(m->params, name, in, out, true, WEFT_INIT_GLOROT);
}
static weft_var_t *mlp(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)b;
    (void)e;
    return weft_linear(&m->conv[l].linear, x);
}

static void gcn_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    (void)last;
    m->conv[l].gcn = weft_gcn_conv_init(m->params, name, in, out, true);
}
static weft_var_t *gcn(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)e;
    return weft_gcn_conv(&m->conv[l].gcn, b->topology, x);
}

static void sage_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    (void)last;
    m->conv[l].sage = m->o.lstm ? weft_sage_lstm_init(m->params, name, in, out) : weft_sage_conv_init(m->params, name, in, out, m->o.reduce);
}
static weft_var_t *sage(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)e;
    return weft_sage_conv(&m->conv[l].sage, b->topology, x);
}

/* Hidden layers have o.heads heads side by side, the last one averages o.out_heads. */
static void gat_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    m->conv[l].gat = weft_gat_conv_init(m->params, name, in, last ? out : out / m->o.heads, last ? m->o.out_heads : m->o.heads, !last);
}
static weft_var_t *gat(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)e;
    return weft_gat_conv(&m->conv[l].gat, b->topology, x, m->o.attention_dropout);
}

static void gatv2_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    m->conv[l].gatv2 = weft_gatv2_conv_init(m->params, name, in, last ? out : out / m->o.heads, last ? m->o.out_heads : m->o.heads, !last);
}
static weft_var_t *gatv2(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)e;
    return weft_gatv2_conv(&m->conv[l].gatv2, b->topology, x, m->o.attention_dropout);
}

static void gin_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    (void)last;
    m->conv[l].gin = weft_gin_conv_init(m->params, name, in, out, m->o.norm == WEFT_NORM_BATCH, m->o.train_eps);
}
static weft_var_t *gin(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)e;
    return weft_gin_conv(&m->conv[l].gin, b->topology, x);
}

static void gine_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    (void)last;
    m->conv[l].gine = weft_gine_conv_init(m->params, name, in, out, m->o.edge_in, m->o.norm == WEFT_NORM_BATCH, m->o.train_eps);
}
static weft_var_t *gine(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    return weft_gine_conv(&m->conv[l].gine, b->topology, x, *e);
}

/* Edges start as the given features and go on as act(norm(s)). */
static void gatedgcn_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    int64_t edge_in = l ? m->o.hidden : m->o.edge_in;
    char norm[64];
    snprintf(norm, sizeof norm, "%s.edge_norm", name);
    m->conv[l].gatedgcn = weft_gatedgcn_conv_init(m->params, name, in, out, edge_in);
    if (!last) m->edge_norm[l] = weft_norm_init(m->params, norm, out, m->o.norm);
}
static weft_var_t *gatedgcn(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    weft_var_t *s, *y = weft_gatedgcn_conv(&m->conv[l].gatedgcn, b->topology, x, *e, &s);
    if (l + 1 < m->n_layers) *e = weft_dropout(weft_i_activate(m->o.activation, weft_norm(&m->edge_norm[l], s)), m->o.dropout);
    return y;
}

static void pna_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    (void)last;
    m->conv[l].pna = weft_pna_conv_init(m->params, name, in, out, m->o.delta);
}
static weft_var_t *pna(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)e;
    return weft_pna_conv(&m->conv[l].pna, b->topology, x.dense);
}

static void transformer_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    int32_t heads = last ? 1 : m->o.heads;
    m->conv[l].transformer = weft_transformer_conv_init(m->params, name, in, out / heads, heads);
}
static weft_var_t *transformer(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)e;
    return weft_transformer_conv(&m->conv[l].transformer, b->topology, x, m->o.attention_dropout);
}

static void rgcn_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    (void)last;
    m->conv[l].rgcn = weft_rgcn_conv_init(m->params, name, in, out, m->o.relations);
}
static weft_var_t *rgcn(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    (void)e;
    if (b->topology->n_relations < m->o.relations) {
        weft_tape_fail(x.tape, WEFT_EUSAGE, "rgcn: the graph has fewer relations than the model");
        return NULL;
    }
    const weft_graph_t *relation[WEFT_MAX_RELATIONS];
    for (int32_t r = 0; r < m->o.relations; r++) relation[r] = b->topology->relation[r];
    return weft_rgcn_conv(&m->conv[l].rgcn, b->topology, relation, x);
}

/* Arcs carry the relation as it is given in every round; a linear map reads the last round. */
static void impn_init(weft_model_t *m, int32_t l, const char *name, int64_t in, int64_t out, bool last)
{
    (void)last;
    char part[64];
    snprintf(part, sizeof part, "%s.landmarks", name);
    m->conv[l].impn.landmarks = (weft_landmarks_t){0};
    if (m->o.landmarks && m->o.edge_in) m->conv[l].impn.landmarks = weft_landmarks_init(m->params, part, in, m->o.landmarks);
    m->conv[l].impn.conv = weft_impn_conv_init(m->params, name, in + 2 * m->conv[l].impn.landmarks.pairs, out, m->o.edge_in, m->o.aggregator);
}
static weft_var_t *impn(const weft_model_t *m, int32_t l, const weft_batch_t *b, weft_x_t x, weft_var_t **e)
{
    if (m->conv[l].impn.landmarks.pairs && *e) {
        weft_var_t *both[2] = {x.dense, weft_landmarks(&m->conv[l].impn.landmarks, b->topology->graph, x, *e)};
        if (!both[0] || !both[1]) return NULL;
        x = weft_x_dense(weft_concat(both, 2));
    }
    return weft_impn_conv(&m->conv[l].impn.conv, b->topology, x, *e);
}

const weft_i_model_kind_t weft_i_model_kinds[] = {
    {"gcn", gcn_init, gcn, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"sage", sage_init, sage, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"gat", gat_init, gat, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"gatv2", gatv2_init, gatv2, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"gin", gin_init, gin, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"gine", gine_init, gine, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"gatedgcn", gatedgcn_init, gatedgcn, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"pna", pna_init, pna, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"appnp", NULL, NULL, weft_i_propagate_build, weft_i_appnp_run, WEFT_I_PLAIN},
    {"sgc", NULL, NULL, weft_i_propagate_build, weft_i_sgc_run, WEFT_I_PLAIN},
    {"dagnn", NULL, NULL, weft_i_propagate_build, weft_i_dagnn_run, WEFT_I_PLAIN},
    {"jknet", gcn_init, gcn, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"transformer", transformer_init, transformer, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"gcnii", NULL, NULL, weft_i_gcnii_build, weft_i_gcnii_run, WEFT_I_PLAIN},
    {"rgcn", rgcn_init, rgcn, weft_i_stack_build, weft_i_stack_run, WEFT_I_RELATIONS},
    {"gprgnn", NULL, NULL, weft_i_propagate_build, weft_i_gprgnn_run, WEFT_I_PLAIN},
    {"h2gcn", NULL, NULL, weft_i_h2gcn_build, weft_i_h2gcn_run, WEFT_I_TWO_STEPS},
    {"pgnn", NULL, NULL, weft_i_pgnn_build, weft_i_pgnn_run, WEFT_I_PLAIN},
    {"gps", NULL, NULL, weft_i_gps_build, weft_i_gps_run, WEFT_I_PLAIN},
    {"impn", impn_init, impn, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {"mlp", mlp_init, mlp, weft_i_stack_build, weft_i_stack_run, WEFT_I_PLAIN},
    {NULL, NULL, NULL, NULL, NULL, WEFT_I_PLAIN}};
enum { N_KINDS = sizeof weft_i_model_kinds / sizeof *weft_i_model_kinds };

const char *const *weft_model_names(void)
{
    static const char *const names[] = {"gcn", "sage", "gat", "gatv2", "gin", "gine", "gatedgcn", "pna", "appnp", "sgc", "dagnn", "jknet", "transformer", "gcnii", "rgcn", "gprgnn", "h2gcn", "pgnn", "gps", "impn", "mlp", NULL};
    _Static_assert(sizeof names / sizeof *names == N_KINDS, "one name per row");
    return names;
}

static weft_status_t check(const weft_model_options_t *o, weft_diag_t *diag)
{
    const char *wrong = o->in <= 0 || o->out <= 0                              ? "features and classes must be there"
        : o->layers < 1 || o->layers > WEFT_I_MAX_LAYERS                       ? "layers must be 1..64"
        : o->hidden < 1 || o->hidden > 65536                                   ? "hidden must be 1..65536"
        : o->heads < 1 || o->out_heads < 1 || o->heads > 64 || o->out_heads > 64 ? "heads must be 1..64"
        : o->k < 0 || o->k > 1000                                              ? "k must be 0..1000"
        : o->relations < 1 || o->relations > WEFT_MAX_RELATIONS                ? "relations must be 1..16"
        : !strcmp(o->model, "h2gcn") && (o->k > WEFT_H2GCN_MOST || (int64_t)o->hidden << (o->k + 1) > 65536) ? "k must be at most 6, hidden 2^(k + 1) at most 65536"
        : !(o->dropout >= 0 && o->dropout < 1 && o->input_dropout >= 0 && o->input_dropout < 1 && o->attention_dropout >= 0 && o->attention_dropout < 1)
        ? "dropout must be in [0, 1)"
        : !strcmp(o->model, "pgnn") && !(o->p > 1.0 && o->p <= 4.0 && o->mu > 0.0 && o->mu < 1e6 && o->eps > 0.0 && o->eps < 1.0 && o->beta_scale > 0.0)
        ? "p must be above 1 (and at most 4; above 2 the steps may diverge), mu, eps and beta_scale above 0"
        : !strcmp(o->model, "gps") && (o->local >= WEFT_LOCAL_N || o->global >= WEFT_GLOBAL_N || o->position >= WEFT_POSITION_N || o->position_k < 1 || o->position_k > 256 || o->groups < 0 || o->degree < 0 || o->head_layers < 0 || o->head_layers > 8)
        ? "unknown kind, or position_k outside 1..256, or a negative number"
        : !strcmp(o->model, "gps") && o->position != WEFT_POSITION_NONE && (o->position_width < 1 || o->position_width >= o->hidden) ? "position_width must be 1..hidden - 1"
        : !strcmp(o->model, "gps") && o->position == WEFT_POSITION_STABLE && o->local != WEFT_LOCAL_GINE && o->local != WEFT_LOCAL_GATEDGCN ? "position stable scales the messages of local gine or gatedgcn"
        : !strcmp(o->model, "gps") && o->gate && o->global != WEFT_GLOBAL_SOFTMAX ? "gate weighs the heads of global softmax alone"
        : o->top_k < 0 || (o->top_k && (strcmp(o->model, "gps") || o->global != WEFT_GLOBAL_SOFTMAX || o->adapter == WEFT_ADAPTER_P)) ? "top_k keeps blocks of keys of gps with global softmax alone, without a p-adapter"
        : !strcmp(o->model, "gps") && o->norm == WEFT_NORM_GRAPH ? "norm none, batch or layer"
        : !strcmp(o->model, "gps") && o->hidden % o->heads ? "hidden must be a multiple of heads"
        : !strcmp(o->model, "gps") && o->adapter && (o->adapter >= WEFT_ADAPTER_N || o->adapter_rule > WEFT_ADAPTER_CODE || o->adapter_width < 1 || o->adapter_width > 65536 || o->global == WEFT_GLOBAL_NONE) ? "an adapter needs global attention and adapter_width 1..65536"
        : !strcmp(o->model, "gps") && o->adapter == WEFT_ADAPTER_P && !((o->global == WEFT_GLOBAL_SOFTMAX && !o->sink && !o->gate) || o->global == WEFT_GLOBAL_BIGBIRD) ? "the p-adapter reads softmax attention: global softmax without a sink or gate, or bigbird"
        : !strcmp(o->model, "gps") && o->adapter == WEFT_ADAPTER_P && !(o->p > 1.0 && o->p <= 2.0 && o->mu > 0.0 && o->mu < 1e6 && o->eps > 0.0 && o->eps < 1.0 && (o->adapter_rule == WEFT_ADAPTER_PAPER || o->adapter_width % o->heads == 0))
        ? "of the p-adapter p must be in (1, 2], mu and eps above 0, and (code) adapter_width a multiple of heads"
        : NULL;
    bool by_heads = !strncmp(o->model, "gat", 3) ? strcmp(o->model, "gatedgcn") != 0 : !strcmp(o->model, "transformer");
    if (!wrong && by_heads && o->hidden % o->heads) wrong = "hidden must be a multiple of heads";
    if (!wrong) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "model-option", NULL, 0, 0, "%s: %s", o->model, wrong);
    return WEFT_EUSAGE;
}

weft_status_t weft_model_new(weft_model_t **model, const weft_model_options_t *o, uint64_t seed, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_model_t *m = NULL;
    const weft_i_model_kind_t *kind = weft_i_model_kinds;
    *model = NULL;
    while (kind->name && strcmp(kind->name, o->model)) kind++;
    if (!kind->name) {
        weft_diag_add(diag, WEFT_ERROR, "model-unknown", NULL, 0, 0, "there is no model %s", o->model);
        return WEFT_EUSAGE;
    }
    weft_model_options_t own = *o; /* what only training can settle */
    if (own.global == WEFT_GLOBAL_AUTO) own.global = WEFT_GLOBAL_SGFORMER;
    WEFT_TRY(check(&own, diag));
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    m->o = own;
    m->o.model = kind->name;
    m->kind = kind;
    if (m->o.graph_task) m->o.head = true;
    if (m->o.norm == WEFT_NORM_AUTO) m->o.norm = m->o.graph_task ? WEFT_NORM_BATCH : WEFT_NORM_LAYER;
    if (m->o.jump == WEFT_JUMP_AUTO) m->o.jump = WEFT_JUMP_LAST;
    if (!strcmp(kind->name, "jknet") && m->o.jump == WEFT_JUMP_LAST) m->o.jump = WEFT_JUMP_CAT;
    if (m->o.jump != WEFT_JUMP_LAST || m->o.skip || !strcmp(kind->name, "pna") || !strcmp(kind->name, "gine") || !strcmp(kind->name, "impn")) m->o.head = true;
    WEFT_TRY_ALLOC(m->params = weft_params_new(seed));
    kind->build(m);
    if (!strcmp(kind->name, "gps")) WEFT_TRY_ALLOC(m->gps);
    if (m->o.graph_task && !kind->conv && m->o.pooling == WEFT_POOL_ATTENTION) m->pool = weft_attention_pool_init(m->params, "pool", m->o.out);
    WEFT_TRY(weft_params_status(m->params));
    *model = m;
    m = NULL;
done:
    weft_model_free(m);
    return status;
}

weft_status_t weft_model_topology(weft_topology_t *t, const weft_graph_t *g, const char *model, int32_t n_relations, const int32_t *relation, weft_diag_t *diag)
{
    const weft_i_model_kind_t *kind = weft_i_model_kinds;
    weft_status_t status = weft_topology_init(t, g, diag);
    while (kind->name && strcmp(kind->name, model)) kind++;
    if (status == WEFT_OK && kind->needs == WEFT_I_TWO_STEPS) status = weft_topology_add_two_steps(t, diag);
    if (status == WEFT_OK && kind->needs == WEFT_I_RELATIONS) status = relation ? weft_topology_add_relations(t, n_relations, relation, diag) : weft_topology_add_degree_relations(t, diag);
    if (status != WEFT_OK) weft_topology_destroy(t);
    return status;
}

void weft_model_free(weft_model_t *m)
{
    if (!m) return;
    weft_params_free(m->params);
    weft_i_free(m->gps);
    weft_i_free(m);
}

weft_params_t *weft_model_params(const weft_model_t *m) { return m->params; }

weft_var_t *weft_model_embed(const weft_model_t *m, weft_tape_t *tape, const weft_batch_t *b, weft_var_t **last)
{
    weft_x_t x = b->x ? weft_x_dense(weft_tape_constant(tape, b->x, b->n_nodes, m->o.in)) : weft_x_sparse(tape, b->x_rows, b->x_value);
    if (!b->x && b->x_own) {
        x.own = b->x_own;
        x.own_value = weft_tape_constant(tape, b->x_value, weft_graph_n_arcs(b->x_own), 1);
    }
    weft_var_t *none = NULL;
    weft_var_t *y = m->kind->run(m, b, weft_x_dropout(x, m->o.input_dropout), last ? last : &none);
    return m->o.graph_task && !m->kind->conv && !m->gps ? weft_i_pooled(m, b, y) : y; /* a stack pools by itself, before its head */
}

weft_var_t *weft_model_forward(const weft_model_t *m, weft_tape_t *tape, const weft_batch_t *b) { return weft_model_embed(m, tape, b, NULL); }

weft_var_t *weft_i_activate(weft_activation_t a, weft_var_t *x)
{
    switch (a) {
    case WEFT_ACT_RELU: return weft_relu(x);
    case WEFT_ACT_ELU: return weft_elu(x, 1.0);
    case WEFT_ACT_GELU: return weft_gelu(x);
    case WEFT_ACT_LEAKY: return weft_leaky_relu(x, 0.2);
    case WEFT_ACT_NONE: return x;
    }
    return x;
}
