/* predict/level_net.c: see level_net.h. */
#include "predict/level_net.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

enum { HALF = 32, HEADS = 4, QUERY = 32, AGGREGATE = 12 };
static const double slope = 0.2;
static const weft_i_level_kind_t kinds[] = {{"timinggcn", 64, 3, false}, {"preroutgnn", 128, 4, true}};

/* from -> width (n times) -> to */
static weft_mlp_t mlp(weft_params_t *p, const char *name, int64_t from, int64_t width, int32_t n, int64_t to)
{
    int64_t w[WEFT_MLP_MOST + 1] = {from};
    for (int32_t i = 1; i <= n; i++) w[i] = width;
    w[n + 1] = to;
    return weft_mlp_init(p, name, w, n + 1, slope);
}

static weft_i_net_conv_t net_conv_init(weft_params_t *p, int32_t k, int64_t in, int64_t width, int64_t out)
{
    char name[3][32];
    snprintf(name[0], sizeof name[0], "conv%d.to_sink", k);
    snprintf(name[1], sizeof name[1], "conv%d.to_driver", k);
    snprintf(name[2], sizeof name[2], "conv%d.reduce", k);
    return (weft_i_net_conv_t){mlp(p, name[0], 2 * in + 2, width, 4, out), mlp(p, name[1], 2 * in + 2, width, 3, 1 + 2 * HALF), mlp(p, name[2], in + 2 * HALF, width, 3, out)};
}

static weft_i_coder_t coder_init(weft_params_t *p, const char *what, int64_t in, int64_t out)
{
    weft_i_coder_t c;
    for (int32_t k = 0; k < WEFT_I_CODER_LAYERS; k++) {
        char name[2][48];
        bool ends = k == 0 || k == WEFT_I_CODER_LAYERS - 1;
        int64_t from = k == 0 ? in : ends ? HALF : HALF + in;
        snprintf(name[0], sizeof name[0], "%s%d.message", what, k);
        snprintf(name[1], sizeof name[1], "%s%d.update", what, k);
        c.message[k] = mlp(p, name[0], 2 * from + 12, 64, 3, 1 + 4 * AGGREGATE);
        c.update[k] = mlp(p, name[1], from + 4 * AGGREGATE, 64, 3, k == WEFT_I_CODER_LAYERS - 1 ? out : HALF);
    }
    return c;
}

weft_status_t weft_level_net_new(weft_level_net_t **net, const char *model, uint64_t seed, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_level_net_t *m = NULL;
    const weft_i_level_kind_t *kind = NULL;
    *net = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(model, kinds[i].name)) kind = &kinds[i];
    if (!kind) {
        weft_diag_add(diag, WEFT_ERROR, "train-model", NULL, 0, 0, "no timing network %s; there are: timinggcn, preroutgnn", model);
        return WEFT_EUSAGE;
    }
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    m->kind = kind;
    WEFT_TRY_ALLOC(m->params = weft_params_new(seed));
    weft_params_t *p = m->params;
    WEFT_TRY_ALLOC(m->norm = weft_params_add_state(p, "norm", WEFT_I_LEVEL_NORM, 1));
    weft_i_level_norm_none((weft_i_level_norm_t *)(void *)m->norm->value);
    int64_t w = kind->width, in = WEFT_I_RAW, h, message = 1 + 2 * HALF + 4;
    if (kind->attention) {
        m->encoder = coder_init(p, "encoder", WEFT_I_PLACED, WEFT_I_LATENT);
        m->n_encoder = weft_params_count(p);
        in = WEFT_I_PLACED + 2 * WEFT_I_LATENT;
        m->up = weft_linear_init(p, "up", in, 64, true, WEFT_INIT_FAN_IN);
        for (int32_t k = 0; k < kind->n_convs; k++) m->conv[k] = net_conv_init(p, k, 64, w, 64);
        m->head = mlp(p, "head", 64, 64, 1, 4);
        h = in + 64;
    } else {
        static const int64_t wide[4] = {WEFT_I_RAW, 32, 32, 16};
        for (int32_t k = 0; k < kind->n_convs; k++) m->conv[k] = net_conv_init(p, k, wide[k], w, wide[k + 1]);
        h = in + wide[3];
    }
    int64_t base = WEFT_I_STATE + 2 * h, looked_up = WEFT_I_LUTS * (kind->attention ? QUERY : 4);
    m->net_step = mlp(p, "net_step", base, w, 4, WEFT_I_STATE);
    m->query = mlp(p, "query", base, w, 3, WEFT_I_LUTS * (kind->attention ? QUERY : 8));
    if (kind->attention) {
        m->q = weft_linear_init(p, "attention.q", QUERY, QUERY, true, WEFT_INIT_FAN_IN);
        m->k = weft_params_add(p, "attention.k", 1, QUERY, WEFT_INIT_FAN_IN, 1);
        m->v = weft_params_add(p, "attention.v", 1, QUERY, WEFT_INIT_FAN_IN, 1);
        m->v_bias = weft_params_add(p, "attention.v_bias", 1, QUERY, WEFT_INIT_ZERO, 0);
        m->out = weft_linear_init(p, "attention.out", QUERY, QUERY, true, WEFT_INIT_FAN_IN);
    } else m->lut = mlp(p, "lut", 2 + 1 + 2 * WEFT_I_LUT_SIDE, w, 3, 2 * WEFT_I_LUT_SIDE);
    m->message = mlp(p, "message", base + looked_up, w, 3, message);
    m->reduce = mlp(p, "reduce", h + 2 * HALF, w, 3, WEFT_I_STATE);
    WEFT_TRY(weft_params_status(p));
    weft_i_level_init(m, h, HALF);
    *net = m;
    m = NULL;
done:
    weft_level_net_free(m);
    return status;
}

void weft_level_net_free(weft_level_net_t *m)
{
    if (!m) return;
    weft_params_free(m->params);
    weft_i_free(m);
}

int64_t weft_level_net_n_parameters(const weft_level_net_t *m, int64_t parts[2])
{
    int64_t all = weft_params_count(m->params);
    if (parts) parts[0] = all - m->n_encoder, parts[1] = m->n_encoder;
    return all;
}

const weft_i_level_norm_t *weft_i_level_norm(const weft_level_net_t *m) { return (const weft_i_level_norm_t *)(const void *)m->norm->value; }

weft_status_t weft_level_coder_new(weft_level_coder_t **coder, uint64_t seed)
{
    weft_status_t status = WEFT_OK;
    weft_level_coder_t *c = weft_i_calloc(1, sizeof *c);
    *coder = NULL;
    WEFT_TRY_ALLOC(c);
    WEFT_TRY_ALLOC(c->params = weft_params_new(seed));
    WEFT_TRY_ALLOC(c->norm = weft_params_add_state(c->params, "norm", WEFT_I_LEVEL_NORM, 1));
    weft_i_level_norm_none((weft_i_level_norm_t *)(void *)c->norm->value);
    c->encoder = coder_init(c->params, "encoder", WEFT_I_PLACED, WEFT_I_LATENT);
    c->n_encoder = weft_params_count(c->params);
    c->decoder = coder_init(c->params, "decoder", WEFT_I_LATENT, WEFT_I_RAW);
    WEFT_TRY(weft_params_status(c->params));
    *coder = c;
    c = NULL;
done:
    weft_level_coder_free(c);
    return status;
}

void weft_level_coder_free(weft_level_coder_t *c)
{
    if (!c) return;
    weft_params_free(c->params);
    weft_i_free(c);
}

int64_t weft_level_coder_n_parameters(const weft_level_coder_t *c, int64_t parts[2])
{
    int64_t all = weft_params_count(c->params);
    if (parts) parts[0] = c->n_encoder, parts[1] = all - c->n_encoder;
    return all;
}

static weft_var_t *gather(const weft_graph_t *g, weft_var_t *x) { return weft_spmm(g, NULL, x, WEFT_SUM); }
static weft_var_t *cat2(weft_var_t *a, weft_var_t *b) { return weft_concat((weft_var_t *[]){a, b}, 2); }
static weft_var_t *cat3(weft_var_t *a, weft_var_t *b, weft_var_t *c) { return weft_concat((weft_var_t *[]){a, b, c}, 3); }

/* Messages [gate, sum part, max part ..] reduced at their targets: [targets, 2 * HALF]. */
static weft_var_t *gated(const weft_graph_t *into, weft_var_t *m)
{
    weft_var_t *k = weft_sigmoid(weft_columns(m, 0, 1));
    return cat2(weft_spmm(into, NULL, weft_row_scale(weft_columns(m, 1, HALF), k), WEFT_SUM), weft_spmm(into, NULL, weft_row_scale(weft_columns(m, 1 + HALF, HALF), k), WEFT_MAX));
}

/* Sinks hear of their driver, drivers of their sinks; every node is one of the two. */
static weft_var_t *net_conv(const weft_i_net_conv_t *c, weft_tape_t *tape, const weft_i_level_data_t *d, weft_var_t *x)
{
    int64_t n = d->t->n_net;
    weft_var_t *from = gather(d->from, x), *to = gather(d->to, x);
    weft_var_t *sinks = weft_mlp(&c->to_sink, cat3(from, to, weft_tape_constant(tape, d->net_e, n, 2)));
    weft_var_t *m = weft_mlp(&c->to_driver, cat3(to, from, weft_tape_constant(tape, d->net_e_back, n, 2)));
    weft_var_t *drivers = weft_mlp(&c->reduce, cat2(gather(d->at_driver, x), gather(d->at_driver, gated(d->into_driver, m))));
    return weft_add(gather(d->into_sink, sinks), gather(d->put_driver, drivers));
}

/* Rows of [x, in]; g NULL: all, in NULL: of x. */
static weft_var_t *rows_of(const weft_graph_t *g, weft_var_t *x, weft_var_t *in)
{
    if (g) x = gather(g, x);
    return in ? cat2(x, g ? gather(g, in) : in) : x;
}

/* Layer k of a coder over both directions of all edges into some nodes, `own` (NULL: all): x of all nodes, `in` what the coder began with; gate, then mean,
 * sum, min and max of 12 columns each. */
static weft_var_t *code_layer(const weft_i_coder_t *c, int32_t k, const weft_i_level_both_t *b, const weft_graph_t *own, weft_var_t *x, weft_var_t *in)
{
    static const weft_reduce_t how[4] = {WEFT_MEAN, WEFT_SUM, WEFT_MIN, WEFT_MAX};
    bool middle = k > 0 && k < WEFT_I_CODER_LAYERS - 1;
    if (!middle) in = NULL;
    weft_var_t *f = weft_mlp(&c->message[k], cat3(rows_of(b->from, x, in), rows_of(b->to, x, in), weft_tape_constant(weft_var_tape(x), b->e, b->n_edges, 12)));
    weft_var_t *gate = weft_sigmoid(weft_columns(f, 0, 1)), *part[5] = {rows_of(own, x, in)};
    for (int32_t i = 0; i < 4; i++) part[1 + i] = weft_spmm(b->into, NULL, weft_row_scale(weft_columns(f, 1 + i * AGGREGATE, AGGREGATE), gate), how[i]);
    weft_var_t *z = weft_mlp(&c->update[k], weft_concat(part, 5));
    return middle ? weft_add(own ? gather(own, x) : x, z) : z;
}

static weft_var_t *code(const weft_i_coder_t *c, const weft_i_level_data_t *d, weft_var_t *in)
{
    weft_var_t *x = in;
    for (int32_t k = 0; k < WEFT_I_CODER_LAYERS && x; k++) x = code_layer(c, k, &d->all, NULL, x, in);
    return x;
}

weft_var_t *weft_i_level_reconstruct(const weft_level_coder_t *c, weft_tape_t *tape, const weft_i_level_data_t *d)
{
    weft_var_t *latent = code(&c->encoder, d, weft_tape_constant(tape, d->placed, d->n, WEFT_I_PLACED));
    return weft_regression_loss(latent ? code(&c->decoder, d, latent) : NULL, d->node, NULL, 0, WEFT_MSE, 0.0);
}

/* Latent values and, for each node, their mean. */
static weft_var_t *with_mean(const weft_graph_t *sum, int64_t n, weft_var_t *latent)
{
    weft_var_t *mean = weft_affine(gather(sum, latent), 1.0 / (double)n, 0.0);
    return cat2(latent, weft_arc_ends(sum, WEFT_ENDS_ADD, NULL, mean));
}

weft_status_t weft_i_level_latents(const weft_level_net_t *m, weft_tape_t *tape, const weft_time21_t *t, int64_t block, float *latent, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_i_level_norm_t *norm = weft_i_level_norm(m);
    int32_t n = t->n_nodes, *row = NULL;
    float *placed = NULL, *x[2] = {NULL, NULL};
    weft_i_level_both_t both = {0};
    weft_graph_t *own = NULL, *sum = NULL;
    if (block < 1 || block > n) block = n;
    WEFT_TRY_ALLOC(row = weft_i_calloc((size_t)n + 1, sizeof *row));
    WEFT_TRY_ALLOC(placed = weft_i_aligned((size_t)n * WEFT_I_PLACED * sizeof *placed + 64));
    for (int32_t k = 0; k < 2; k++) WEFT_TRY_ALLOC(x[k] = weft_i_aligned((size_t)n * HALF * sizeof **x + 64));
    WEFT_TRY(weft_graph_from_lookup(&sum, 1, n, row, true, diag));
    weft_i_level_placed(t, t, placed);
    for (int64_t i = 0; i < (int64_t)n * WEFT_I_PLACED; i++) placed[i] = (placed[i] - norm->placed[0][i % WEFT_I_PLACED]) / norm->placed[1][i % WEFT_I_PLACED];
    const float *from = placed;
    for (int32_t k = 0, cols = WEFT_I_PLACED; k < WEFT_I_CODER_LAYERS; k++) {
        int32_t out = k == WEFT_I_CODER_LAYERS - 1 ? WEFT_I_LATENT : HALF;
        for (int32_t first = 0, last; first < n; first = last) {
            last = n - first > block ? first + (int32_t)block : n;
            for (int32_t i = first; i < last; i++) row[i - first] = i;
            WEFT_TRY(weft_i_level_both_init(&both, t, norm, first, last, diag));
            WEFT_TRY(weft_graph_from_lookup(&own, n, last - first, row, false, diag));
            weft_var_t *y = code_layer(&m->encoder, k, &both, own, weft_tape_constant(tape, from, n, cols), weft_tape_constant(tape, placed, n, WEFT_I_PLACED));
            WEFT_TRY(weft_tape_status(tape, diag));
            memcpy(x[k & 1] + (int64_t)first * out, weft_var_data(y), (size_t)(last - first) * (size_t)out * sizeof(float));
            weft_tape_reset(tape);
            weft_i_level_both_destroy(&both);
            weft_graph_free(own);
            own = NULL;
        }
        from = x[k & 1];
        cols = out;
    }
    weft_var_t *y = with_mean(sum, n, weft_tape_constant(tape, from, n, WEFT_I_LATENT));
    WEFT_TRY(weft_tape_status(tape, diag));
    memcpy(latent, weft_var_data(y), (size_t)n * 2 * WEFT_I_LATENT * sizeof *latent);
done:
    weft_tape_reset(tape);
    weft_i_level_both_destroy(&both);
    weft_graph_free(own);
    weft_graph_free(sum);
    weft_i_free(row);
    weft_i_free(placed);
    weft_i_free(x[0]);
    weft_i_free(x[1]);
    return status;
}

weft_i_level_out_t weft_i_level_embed(const weft_level_net_t *m, weft_tape_t *tape, const weft_i_level_data_t *d)
{
    weft_i_level_out_t o = {0};
    if (!m->kind->attention) {
        weft_var_t *in = weft_tape_constant(tape, d->node, d->n, WEFT_I_RAW), *x = in;
        for (int32_t k = 0; k < m->kind->n_convs; k++) x = net_conv(&m->conv[k], tape, d, x);
        o.net_delay = weft_columns(x, 0, 4);
        o.embedding = cat2(in, x);
        return o;
    }
    weft_var_t *in = weft_tape_constant(tape, d->placed, d->n, WEFT_I_PLACED);
    in = cat2(in, d->latent ? weft_tape_constant(tape, d->latent, d->n, 2 * WEFT_I_LATENT) : with_mean(d->mean, d->n, code(&m->encoder, d, in)));
    weft_var_t *x = weft_leaky_relu(weft_linear(&m->up, weft_x_dense(in)), slope);
    for (int32_t k = 0; k < m->kind->n_convs; k++) x = weft_add(x, net_conv(&m->conv[k], tape, d, x));
    o.net_delay = weft_mlp(&m->head, x);
    o.embedding = cat2(in, x);
    return o;
}

/* Queries [n_cell, ..] become looked-up numbers [n_cell, looked_up]. */
static weft_var_t *look_up(const weft_level_net_t *m, weft_tape_t *tape, const weft_i_level_step_t *s, weft_var_t *query)
{
    int64_t n = s->n_cell, side = WEFT_I_LUT_SIDE;
    if (!m->kind->attention) {
        weft_var_t *axes = weft_tape_constant(tape, s->query_axes, n * WEFT_I_LUTS * 4, 1 + 2 * side);
        weft_var_t *weight = weft_mlp(&m->lut, cat2(weft_reshape(query, 2), axes));
        return weft_reshape(weft_lut_outer(weight, s->table, side, side, 4), WEFT_I_LUTS * 4);
    }
    /* keys and values are numbers, so a head sees q . k as one number and gives one mean of the table */
    weft_var_t *q = weft_linear(&m->q, weft_x_dense(weft_reshape(query, QUERY)));
    weft_var_t *score = weft_affine(weft_row_dot(q, weft_param_var(tape, m->k), HEADS), 1.0 / sqrt((double)QUERY / HEADS), 0.0);
    weft_var_t *mean = weft_lut_attention(score, s->table, s->axes, side, side);
    weft_var_t *part[HEADS]; /* each head's mean times its part of the value vector */
    for (int32_t h = 0; h < HEADS; h++) part[h] = weft_matmul(weft_columns(mean, h, 1), weft_columns(weft_param_var(tape, m->v), h * (QUERY / HEADS), QUERY / HEADS));
    weft_var_t *value = weft_bias(weft_concat(part, HEADS), weft_param_var(tape, m->v_bias));
    return weft_reshape(weft_linear(&m->out, weft_x_dense(value)), WEFT_I_LUTS * QUERY);
}

weft_i_level_state_t weft_i_level_step(const weft_level_net_t *m, weft_tape_t *tape, const weft_i_level_step_t *s, weft_var_t *state, weft_var_t *h)
{
    weft_i_level_state_t o = {0};
    if (s->n_net) {
        weft_var_t *from = gather(s->net_from, state), *y = weft_mlp(&m->net_step, cat3(from, gather(s->net_from, h), gather(s->net_to, h)));
        o.sinks = m->kind->attention ? weft_add(from, y) : y;
    }
    if (s->n_cell) {
        weft_var_t *base = cat3(gather(s->cell_from, state), gather(s->cell_from, h), gather(s->cell_to, h));
        weft_var_t *found = look_up(m, tape, s, weft_mlp(&m->query, base));
        weft_var_t *f = weft_mlp(&m->message, cat2(base, found));
        o.cell_delay = weft_columns(f, 1 + 2 * HALF, 4);
        o.outputs = weft_mlp(&m->reduce, cat2(gather(s->at_dst, h), gated(s->into, f)));
    }
    return o;
}
