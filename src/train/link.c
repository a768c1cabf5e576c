/* train/link.c: which pairs of nodes are joined: a model gives every node a row, a decoder scores two rows. */
#include "weft/link.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "train/train.h"
#include "weft/metrics.h"

#include <math.h>
#include <string.h>

enum { CORRUPTED = 50, CHUNK = 65536 };

typedef struct pairs { int32_t *u, *v; int64_t n; } pairs_t; /* u[n], v[n] */

typedef struct link_run {
    const weft_link_task_t *task;
    weft_graph_t *known, *all, *x_rows; /* arcs of the training edges; of every edge */
    weft_topology_t topology;
    weft_real_t *x, *ones, *target;
    weft_batch_t batch;
    pairs_t part[4], negative[4]; /* by part; negative[1] is drawn anew in every epoch */
    weft_model_t *model;
    weft_mlp_t mlp;
    weft_decoder_t decoder;
    weft_tape_t *tape;
    weft_metric_t metric;
    uint64_t seed;
} link_run_t;

weft_status_t weft_link_defaults(weft_train_options_t *o, const char *model, weft_diag_t *diag)
{
    weft_status_t status = weft_train_defaults(o, model, NULL, NULL, diag); /* what tables know of sets is of node classes */
    o->model.dropout = o->model.input_dropout = o->model.attention_dropout = o->weight_decay = 0.0;
    o->recipe = WEFT_RECIPE_STATED;
    o->rate_by_size = false;
    return status;
}

static void pairs_free(pairs_t *p)
{
    weft_i_free(p->u);
    weft_i_free(p->v);
    *p = (pairs_t){0};
}

static bool pairs_init(pairs_t *p, int64_t n)
{
    *p = (pairs_t){weft_i_malloc((size_t)n * sizeof *p->u + 1), weft_i_malloc((size_t)n * sizeof *p->v + 1), n};
    return p->u && p->v;
}

weft_status_t weft_edge_split(uint8_t *part, int64_t n, double val, double test, uint64_t seed, weft_diag_t *diag)
{
    int64_t n_val = (int64_t)(val * (double)n), n_test = (int64_t)(test * (double)n);
    weft_i_rng_t rng = {seed, 0x6c696e6b, 0};
    if (!(val >= 0.0) || !(test >= 0.0) || n_val < 1 || n_test < 1 || n_val + n_test >= n) {
        weft_diag_add(diag, WEFT_ERROR, "link-split", NULL, 0, 0, "of %lld edges %lld for validation and %lld for the test leave an empty part", (long long)n, (long long)n_val, (long long)n_test);
        return WEFT_EINPUT;
    }
    int32_t *order = weft_i_malloc((size_t)n * sizeof *order);
    if (!order) return WEFT_ENOMEM;
    for (int64_t i = 0; i < n; i++) order[i] = (int32_t)i;
    for (int64_t i = 0; i < n; i++) { /* drawn in order: the test part first */
        int64_t j = i < n_val + n_test ? i + weft_i_rng_below(&rng, n - i) : i;
        int32_t e = order[j];
        order[j] = order[i];
        part[e] = (uint8_t)(i < n_test ? 3 : i < n_test + n_val ? 2 : 1);
    }
    weft_i_free(order);
    return WEFT_OK;
}

static bool joined(const weft_graph_t *g, int32_t u, int32_t v)
{
    const int64_t *offset = weft_graph_offsets(g);
    const int32_t *source = weft_graph_sources(g);
    int64_t low = offset[v], high = offset[v + 1];
    while (low < high) { /* sources ascend */
        int64_t mid = low + (high - low) / 2;
        if (source[mid] < u) low = mid + 1;
        else high = mid;
    }
    return low < offset[v + 1] && source[low] == u;
}

weft_status_t weft_negative_pairs(int32_t *u, int32_t *v, int64_t n, const weft_graph_t *graph, uint64_t seed, uint64_t stream, weft_diag_t *diag)
{
    int64_t nodes = weft_graph_n_dst(graph), tries = 0, most = 100 * n + 1000;
    weft_i_rng_t rng = {seed, stream, 0};
    for (int64_t i = 0; i < n && nodes > 1 && tries < most; tries++) {
        u[i] = (int32_t)weft_i_rng_below(&rng, nodes);
        v[i] = (int32_t)weft_i_rng_below(&rng, nodes);
        if (u[i] != v[i] && !joined(graph, u[i], v[i]) && !joined(graph, v[i], u[i])) i++;
    }
    if (n == 0 || (nodes > 1 && tries < most)) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "link-dense", NULL, 0, 0, "hardly any pair of the %lld nodes is not joined", (long long)nodes);
    return WEFT_EINPUT;
}

/* [n, 1] scores from rows z of all nodes. */
static weft_var_t *score(const link_run_t *r, weft_var_t *z, const weft_graph_t *at_u, const weft_graph_t *at_v)
{
    weft_var_t *both = weft_mul(weft_spmm(at_u, NULL, z, WEFT_SUM), weft_spmm(at_v, NULL, z, WEFT_SUM));
    if (!both || r->decoder == WEFT_DECODER_MLP) return weft_mlp(&r->mlp, both);
    return weft_row_dot(both, weft_tape_constant(r->tape, r->ones, 1, weft_var_cols(both)), 1);
}

static weft_status_t look_up(weft_graph_t *two[2], const pairs_t *p, int64_t nodes, weft_diag_t *diag)
{
    two[1] = NULL;
    weft_status_t status = weft_graph_from_lookup(&two[0], nodes, p->n, p->u, false, diag);
    return status == WEFT_OK ? weft_graph_from_lookup(&two[1], nodes, p->n, p->v, false, diag) : status;
}

static weft_status_t train_epoch(weft_i_loop_t *loop, int32_t epoch, double *loss, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    link_run_t *r = loop->task;
    int64_t n = r->part[1].n, nodes = r->task->n_nodes;
    weft_graph_t *yes[2] = {NULL}, *no[2] = {NULL};
    WEFT_TRY(weft_negative_pairs(r->negative[1].u, r->negative[1].v, n, r->all, r->seed, UINT64_MAX - 2 - (uint64_t)epoch, diag));
    WEFT_TRY(look_up(yes, &r->part[1], nodes, diag));
    WEFT_TRY(look_up(no, &r->negative[1], nodes, diag));
    weft_tape_reset(r->tape);
    weft_tape_set_training(r->tape, true);
    weft_tape_set_seed(r->tape, r->seed, (uint64_t)epoch);
    weft_params_zero_grad(loop->params);
    weft_var_t *z = weft_model_forward(r->model, r->tape, &r->batch);
    weft_var_t *l = weft_mix(0.5, weft_bce(score(r, z, yes[0], yes[1]), r->target, NULL, 0), 0.5, weft_bce(score(r, z, no[0], no[1]), r->target + n, NULL, 0));
    WEFT_TRY(weft_tape_backward(r->tape, l, diag));
    *loss = (double)weft_var_data(l)[0];
    weft_i_loop_update(loop, epoch);
done:
    for (int k = 0; k < 2; k++) {
        weft_graph_free(yes[k]);
        weft_graph_free(no[k]);
    }
    weft_tape_reset(r->tape); /* it had borrowed them */
    return status;
}

/* Scores of pairs from rows z [nodes, cols] that are done. */
static weft_status_t score_pairs(double *to, link_run_t *r, const weft_real_t *z, int64_t cols, const pairs_t *p, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_graph_t *two[2] = {NULL};
    for (int64_t at = 0; at < p->n; at += CHUNK) {
        const pairs_t some = {p->u + at, p->v + at, p->n - at < CHUNK ? p->n - at : CHUNK};
        WEFT_TRY(look_up(two, &some, r->task->n_nodes, diag));
        weft_tape_reset(r->tape);
        weft_tape_set_training(r->tape, false);
        weft_var_t *s = score(r, weft_tape_constant(r->tape, z, r->task->n_nodes, cols), two[0], two[1]);
        WEFT_TRY(weft_tape_status(r->tape, diag));
        for (int64_t i = 0; i < some.n; i++) to[at + i] = (double)weft_var_data(s)[i];
        weft_tape_reset(r->tape);
        for (int k = 0; k < 2; k++) {
            weft_graph_free(two[k]);
            two[k] = NULL;
        }
    }
done:
    weft_graph_free(two[0]);
    weft_graph_free(two[1]);
    return status;
}

static weft_status_t rows_of(weft_real_t **z, int64_t *cols, link_run_t *r, weft_diag_t *diag)
{
    weft_tape_reset(r->tape);
    weft_tape_set_training(r->tape, false);
    weft_var_t *y = weft_model_forward(r->model, r->tape, &r->batch);
    weft_status_t status = weft_tape_status(r->tape, diag);
    if (status != WEFT_OK) return status;
    size_t size = (size_t)(weft_var_rows(y) * weft_var_cols(y)) * sizeof **z;
    *cols = weft_var_cols(y);
    if (!(*z = weft_i_malloc(size + 1))) return WEFT_ENOMEM;
    memcpy(*z, weft_var_data(y), size);
    return WEFT_OK;
}

/* Scores of a part's edges, then of its negatives: s [2 n], positive [2 n]. */
static weft_status_t part_scores(double **s, int32_t **positive, link_run_t *r, const weft_real_t *z, int64_t cols, int32_t part, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = r->part[part].n;
    *s = weft_i_malloc((size_t)(2 * n) * sizeof **s + 1);
    *positive = weft_i_malloc((size_t)(2 * n) * sizeof **positive + 1);
    WEFT_TRY_ALLOC(*s);
    WEFT_TRY_ALLOC(*positive);
    for (int64_t i = 0; i < 2 * n; i++) (*positive)[i] = i < n;
    WEFT_TRY(score_pairs(*s, r, z, cols, &r->part[part], diag));
    WEFT_TRY(score_pairs(*s + n, r, z, cols, &r->negative[part], diag));
done:
    return status;
}

static weft_status_t evaluate(weft_i_loop_t *loop, weft_epoch_t *e, double *train, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    link_run_t *r = loop->task;
    weft_real_t *z = NULL;
    double *s = NULL, value[4];
    int32_t *positive = NULL;
    int64_t cols;
    (void)train; /* not asked */
    WEFT_TRY(rows_of(&z, &cols, r, diag));
    for (int32_t part = 2; part < 4; part++) {
        WEFT_TRY(part_scores(&s, &positive, r, z, cols, part, diag));
        int64_t n = 2 * r->part[part].n;
        WEFT_TRY(r->metric == WEFT_METRIC_AP ? weft_average_precision(&value[part], s, positive, n) : weft_roc_auc(&value[part], s, positive, n));
        if (part == 2) { /* the cross entropy, as in training */
            e->val_loss = 0.0;
            for (int64_t i = 0; i < n; i++) e->val_loss += (fmax(s[i], 0.0) + log1p(exp(-fabs(s[i]))) - s[i] * positive[i]) / (double)n;
        }
        weft_i_free(s);
        weft_i_free(positive);
        s = NULL;
        positive = NULL;
    }
    e->val = value[2];
    e->test = value[3];
done:
    weft_i_free(z);
    weft_i_free(s);
    weft_i_free(positive);
    return status;
}

/* Every measure on the test part, with the parameters that count. */
static weft_status_t final_scores(weft_link_scores_t *to, link_run_t *r, int32_t hits_k, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_real_t *z = NULL;
    double *s = NULL, *corrupted = NULL;
    int32_t *positive = NULL;
    int64_t cols, n = r->part[3].n;
    pairs_t other = {0};
    weft_i_rng_t rng = {r->seed, 0x6d7272, 0};
    WEFT_TRY(rows_of(&z, &cols, r, diag));
    WEFT_TRY(part_scores(&s, &positive, r, z, cols, 3, diag));
    WEFT_TRY(weft_roc_auc(&to->auc, s, positive, 2 * n));
    WEFT_TRY(weft_average_precision(&to->ap, s, positive, 2 * n));
    WEFT_TRY(weft_hits_at(&to->hits, s, n, s + n, n, hits_k));
    if (!pairs_init(&other, n * CORRUPTED)) WEFT_TRY(WEFT_ENOMEM);
    WEFT_TRY_ALLOC(corrupted = weft_i_malloc((size_t)other.n * sizeof *corrupted + 1));
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < CORRUPTED; k++) { /* another end that is not joined; a node that has everyone keeps what was drawn last */
            int32_t u = r->part[3].u[i], v = u;
            for (int tries = 0; tries < 100 && (v == u || joined(r->all, u, v)); tries++) v = (int32_t)weft_i_rng_below(&rng, r->task->n_nodes);
            other.u[i * CORRUPTED + k] = u;
            other.v[i * CORRUPTED + k] = v;
        }
    WEFT_TRY(score_pairs(corrupted, r, z, cols, &other, diag));
    to->mrr = weft_mean_reciprocal_rank(s, corrupted, n, CORRUPTED);
done:
    weft_i_free(z);
    weft_i_free(s);
    weft_i_free(corrupted);
    weft_i_free(positive);
    pairs_free(&other);
    return status;
}

static weft_status_t prepare(link_run_t *r, const weft_train_options_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_link_task_t *t = r->task;
    int64_t n = t->n_edges, count[4] = {0};
    uint8_t *part = NULL;
    int32_t *u = NULL, *v = NULL;
    WEFT_TRY_ALLOC(part = weft_i_malloc((size_t)n + 1));
    WEFT_TRY_ALLOC(u = weft_i_malloc((size_t)n * sizeof *u + 1));
    WEFT_TRY_ALLOC(v = weft_i_malloc((size_t)n * sizeof *v + 1));
    WEFT_TRY(weft_edge_split(part, n, o->val_share, o->test_share, r->seed, diag));
    for (int64_t e = 0; e < n; e++) count[part[e]]++;
    for (int32_t k = 1; k < 4; k++) {
        if (!pairs_init(&r->part[k], count[k]) || !pairs_init(&r->negative[k], count[k])) WEFT_TRY(WEFT_ENOMEM);
        int64_t at = 0;
        for (int64_t e = 0; e < n; e++) {
            if (part[e] != k) continue;
            r->part[k].u[at] = t->edge[2 * e];
            r->part[k].v[at++] = t->edge[2 * e + 1];
        }
    }
    for (int64_t e = 0; e < n; e++) {
        u[e] = t->edge[2 * e];
        v[e] = t->edge[2 * e + 1];
    }
    WEFT_TRY(weft_graph_new(&r->all, t->n_nodes, t->n_nodes, n, u, v, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, diag));
    WEFT_TRY(weft_graph_new(&r->known, t->n_nodes, t->n_nodes, count[1], r->part[1].u, r->part[1].v, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, diag));
    for (int32_t k = 2; k < 4; k++) WEFT_TRY(weft_negative_pairs(r->negative[k].u, r->negative[k].v, count[k], r->all, r->seed, UINT64_MAX - (uint64_t)(k - 2), diag));
    WEFT_TRY_ALLOC(r->target = weft_i_calloc((size_t)(2 * count[1]) + 1, sizeof *r->target));
    for (int64_t i = 0; i < count[1]; i++) r->target[i] = 1;
    WEFT_TRY(weft_model_topology(&r->topology, r->known, o->model.model, 0, NULL, diag));
    const weft_node_task_t as_node = {.n_nodes = t->n_nodes, .n_features = t->n_features, .x = t->x, .x_offset = t->x_offset, .x_column = t->x_column, .x_value = t->x_value};
    WEFT_TRY(weft_i_features(&r->x, &r->x_rows, &r->batch, &as_node, o->normalize, diag));
    r->batch.topology = &r->topology;
done:
    weft_i_free(part);
    weft_i_free(u);
    weft_i_free(v);
    return status;
}

/* The lookups of n pairs, as two graphs. */
static int64_t lookup_bytes(const weft_graph_t *const two[2]) { return weft_i_plan_graph(two[0]) + weft_i_plan_graph(two[1]); }

/* What a step and an evaluation hold, by the ops' shapes; negatives are as many as edges, so the edges stand for both. */
static weft_status_t plan(link_run_t *r, const weft_train_options_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = r->part[1].n, nodes = r->task->n_nodes, real = (int64_t)sizeof(weft_real_t), cells = r->x_rows ? weft_graph_n_arcs(r->x_rows) : nodes * r->task->n_features;
    weft_graph_t *two[2] = {NULL};
    weft_plan_t p = {.parameters = weft_i_plan_params(weft_model_params(r->model), o)};
    if (!o->plan && o->max_memory <= 0) return WEFT_OK;
    WEFT_TRY(look_up(two, &r->part[1], nodes, diag));
    p.data = cells * real + weft_i_plan_graph(r->x_rows) + weft_i_plan_graph(r->all) + weft_i_plan_topology(&r->topology) + 2 * lookup_bytes((const weft_graph_t *const *)two) + 2 * n * real;
    for (int32_t k = 1; k < 4; k++) p.data += 4 * r->part[k].n * (int64_t)sizeof(int32_t);
    weft_tape_plan(r->tape, true);
    weft_tape_set_training(r->tape, true);
    weft_var_t *z = weft_model_forward(r->model, r->tape, &r->batch);
    WEFT_TRY(weft_tape_backward(r->tape, weft_mix(0.5, weft_bce(score(r, z, two[0], two[1]), r->target, NULL, 0), 0.5, weft_bce(score(r, z, two[0], two[1]), r->target + n, NULL, 0)), diag));
    p.step = weft_tape_peak(r->tape, false);
    weft_tape_plan(r->tape, true);
    weft_tape_set_training(r->tape, false);
    z = weft_model_forward(r->model, r->tape, &r->batch);
    WEFT_TRY(weft_tape_status(r->tape, diag));
    p.evaluation = weft_tape_peak(r->tape, false) + nodes * weft_var_cols(z) * real; /* the copy that pairs are scored from */
    WEFT_TRY(weft_i_plan_check(&p, o, diag));
done:
    weft_tape_plan(r->tape, false);
    weft_graph_free(two[0]);
    weft_graph_free(two[1]);
    return status;
}

weft_status_t weft_train_link(weft_run_t *run, weft_link_scores_t *scores, const weft_link_task_t *task, const weft_train_options_t *options, int32_t index, weft_epoch_fn on_epoch, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_train_options_t sized = weft_train_sized(options, false, task->n_nodes + 2 * task->n_edges);
    link_run_t r = {.task = task, .decoder = options->decoder, .metric = options->metric ? (weft_metric_t)(options->metric - 1) : WEFT_ROC_AUC, .seed = options->seed + (uint64_t)index};
    weft_model_options_t o = sized.model;
    char data[160];
    *run = (weft_run_t){.best_epoch = -1, .train = NAN};
    if ((r.metric != WEFT_ROC_AUC && r.metric != WEFT_METRIC_AP) || !strcmp(o.model, "label_propagation") || o.norm == WEFT_NORM_GRAPH || options->loss) {
        weft_diag_add(diag, WEFT_ERROR, "train-link", NULL, 0, 0, "links know the metrics roc_auc and ap, their own loss, no label_propagation and no graph norm");
        return WEFT_EUSAGE;
    }
    if (options->sample[0] || options->init) {
        weft_diag_add(diag, WEFT_ERROR, "train-link", NULL, 0, 0, "links know no sampled neighbours and no parameters to start from");
        return WEFT_EUSAGE;
    }
    WEFT_TRY(prepare(&r, options, diag));
    o.in = task->n_features;
    o.out = o.hidden;
    o.delta = weft_pna_delta(r.known);
    WEFT_TRY(weft_model_new(&r.model, &o, r.seed, diag));
    weft_params_t *params = weft_model_params(r.model);
    if (r.decoder == WEFT_DECODER_MLP) r.mlp = weft_mlp_init(params, "decoder", (const int64_t[]){o.out, o.hidden, 1}, 2, 0.0);
    WEFT_TRY(weft_params_status(params));
    WEFT_TRY_ALLOC(r.tape = weft_tape_new());
    WEFT_TRY_ALLOC(r.ones = weft_i_malloc((size_t)o.out * sizeof *r.ones));
    for (int64_t j = 0; j < o.out; j++) r.ones[j] = 1;
    WEFT_TRY(plan(&r, options, diag));
    if (options->plan) goto done;
    snprintf(data, sizeof data, "links: nodes %lld edges %lld features %lld train %lld", (long long)task->n_nodes, (long long)task->n_edges, (long long)task->n_features, (long long)r.part[1].n);
    weft_i_loop_t loop = {.options = &sized, .index = index, .data = data, .params = params, .task = &r, .train = train_epoch, .evaluate = evaluate};
    WEFT_TRY(weft_i_loop_run(&loop, run, on_epoch, context, diag));
    WEFT_TRY(final_scores(scores, &r, options->hits_k, diag));
done:
    weft_tape_free(r.tape);
    weft_model_free(r.model);
    weft_topology_destroy(&r.topology);
    weft_graph_free(r.known);
    weft_graph_free(r.all);
    weft_graph_free(r.x_rows);
    weft_i_free(r.x);
    weft_i_free(r.ones);
    weft_i_free(r.target);
    for (int32_t k = 1; k < 4; k++) {
        pairs_free(&r.part[k]);
        pairs_free(&r.negative[k]);
    }
    return status;
}
