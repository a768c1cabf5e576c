/* Adapters behind attention, in double: the p-adapter against its equations written out, its gradients by finite differences, and what it comes to at p = 2. */
#include "nn/check_parameters.h"
#include "weft/adapter.h"

enum { NQ = 5, NV = 7, C = 6, HEADS = 2, R = 4 };

typedef struct world {
    weft_graph_t *graph;
    weft_attention_graph_t attention;
    weft_params_t *params;
    weft_adapter_t adapter;
    weft_linear_t out;
    bool self;
} world_t;

static void world_init(world_t *w, weft_adapter_rule_t rule, bool self, bool mask, double p)
{
    weft_i_rng_t rng = {4, (uint64_t)rule * 4 + self * 2 + mask, 0};
    int32_t source[NV * NV], target[NV * NV], n = 0;
    int rows = self ? NV : NQ;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < NV; j++)
            if ((i * 3 + j * 5) % 4) source[n] = j, target[n++] = i;
    *w = (world_t){.self = self};
    cr_assert_eq(weft_graph_new(&w->graph, NV, rows, n, source, target, 0, NULL), WEFT_OK);
    cr_assert_eq(weft_attention_graph_init(&w->attention, w->graph, self, NULL), WEFT_OK);
    w->params = weft_params_new(8);
    const weft_adapter_options_t o = {.kind = WEFT_ADAPTER_P, .rule = rule, .width = R, .heads = HEADS, .p = p, .mu = 0.3, .eps = 1e-2, .mask = mask};
    w->adapter = weft_adapter_init(w->params, "a", C, &o);
    w->out = weft_linear_init(w->params, "out", C, C, true, WEFT_INIT_FAN_IN);
    cr_assert_eq(weft_params_status(w->params), WEFT_OK);
    for (int32_t i = 0; i < weft_params_n(w->params); i++) {
        weft_param_t *q = weft_params_at(w->params, i);
        for (int64_t k = 0; k < q->rows * q->cols; k++) q->value[k] += (weft_real_t)(0.6 * (weft_i_rng_uniform(&rng) - 0.5));
    }
}

static void world_free(world_t *w)
{
    weft_params_free(w->params);
    weft_attention_graph_destroy(&w->attention);
    weft_graph_free(w->graph);
}

static weft_var_t *build(weft_tape_t *tape, weft_var_t **in, void *context)
{
    world_t *w = context;
    (void)tape;
    return weft_p_attention(&w->adapter, &w->attention, in[0], in[1], in[2], w->self ? in[2] : in[3], &w->out, 0.0);
}

static void inputs(const world_t *w, inputs_t *in)
{
    weft_i_rng_t rng = {6, 1, 0};
    int64_t rows = w->self ? NV : NQ;
    inputs_add(in, rows, C, &rng);
    inputs_add(in, NV, C, &rng);
    inputs_add(in, NV, C, &rng);
    if (!w->self) inputs_add(in, rows, C, &rng);
}

Test(adapter, gradients)
{
    for (int rule = 0; rule < 2; rule++)
        for (int self = 0; self < 2; self++)
            for (int mask = 0; mask < 2; mask++) {
                world_t w;
                inputs_t in = {0};
                char name[64];
                snprintf(name, sizeof name, "adapter rule %d self %d mask %d", rule, self, mask);
                world_init(&w, (weft_adapter_rule_t)rule, self, mask, 1.4);
                inputs(&w, &in);
                check_gradient(name, &in, build, &w);
                check_parameters(name, &in, build, &w, w.params, INT64_MAX, 4e-6);
                inputs_free(&in);
                world_free(&w);
            }
}

/* y [n, m] = x [n, k] w (+ b). */
static void dense(int n, const double *x, const weft_linear_t *l, double *y)
{
    for (int i = 0; i < n; i++)
        for (int64_t j = 0; j < l->w->cols; j++) {
            double s = l->b ? (double)l->b->value[j] : 0.0;
            for (int64_t k = 0; k < l->w->rows; k++) s += x[i * l->w->rows + k] * (double)l->w->value[k * l->w->cols + j];
            y[i * l->w->cols + j] = s;
        }
}

/* The header's equations in plain loops over a dense matrix. */
static void written_out(const world_t *w, const inputs_t *in, double *y)
{
    int n = w->self ? NV : NQ, width = w->adapter.o.rule == WEFT_ADAPTER_CODE ? R : C, c = C / HEADS, f = width / HEADS;
    bool paper = w->adapter.o.rule == WEFT_ADAPTER_PAPER;
    double p = 1.0 + log1p(exp((double)w->adapter.p_free->value[0] + log(expm1(w->adapter.o.p - 1.0))));
    double theta = (double)w->adapter.mu_free->value[0], mu = paper ? log1p(exp(theta + log(expm1(0.3)))) : 0.3 * (2.0 + tanh(theta));
    double v[NV * C], own[NV * C], u[NV * C] = {0}, t[NV * C], plain[NV * C] = {0}, up[NV * C], narrow[NV * R], gate[NV * R];
    const weft_real_t *q = in->value[0], *k = in->value[1], *own_in = w->self ? in->value[2] : in->value[3];
    for (int i = 0; i < NV * C; i++) v[i] = (double)in->value[2][i];
    for (int i = 0; i < n * C; i++) own[i] = (double)own_in[i];
    const weft_linear_t flat = {w->out.w, NULL}, down = {w->adapter.down.w, NULL};
    double vf[NV * C], of[NV * C];
    if (paper) memcpy(vf, v, sizeof v), memcpy(of, own, sizeof own);
    else {
        dense(NV, v, &flat, t), dense(NV, t, &down, vf);
        dense(n, own, &flat, t), dense(n, t, &down, of);
    }
    for (int h = 0; h < HEADS; h++) {
        double m[NV][NV] = {{0}}, column[NV] = {0};
        for (int i = 0; i < n; i++) {
            double sum = 0.0;
            for (int64_t e = weft_graph_offsets(w->graph)[i]; e < weft_graph_offsets(w->graph)[i + 1]; e++) {
                int j = weft_graph_sources(w->graph)[e];
                double s = 0.0;
                for (int x = 0; x < c; x++) s += (double)q[i * C + h * c + x] * (double)k[j * C + h * c + x];
                sum += m[i][j] = exp(s / sqrt((double)c));
            }
            for (int j = 0; j < NV; j++) column[j] += m[i][j] /= sum;
        }
        for (int i = 0; i < n; i++) {
            double total = 0.0;
            for (int j = 0; j < NV; j++) {
                if (!(m[i][j] > 0.0)) continue;
                double root = paper && !w->self ? 1.0 / sqrt(column[j]) : 1.0, s = 0.0;
                for (int x = h * f; x < (h + 1) * f; x++) s += (of[i * width + x] - root * vf[j * width + x]) * (of[i * width + x] - root * vf[j * width + x]);
                double bar = m[i][j] * pow(m[i][j] * s + 1e-4, (p - 2.0) / 2.0);
                total += bar;
                for (int x = h * f; x < (h + 1) * f; x++) u[i * width + x] += bar * root * vf[j * width + x];
                for (int x = h * c; x < (h + 1) * c; x++) plain[i * C + x] += m[i][j] * v[j * C + x];
            }
            for (int x = h * f; x < (h + 1) * f; x++) u[i * width + x] = (u[i * width + x] + 2.0 * mu / p * of[i * width + x]) / (total + 2.0 * mu / p);
        }
    }
    dense(n, paper ? u : plain, &w->out, y);
    dense(n, y, paper ? &w->adapter.down : &w->adapter.gate, gate);
    for (int i = 0; i < n * R; i++) {
        double g = gate[i];
        narrow[i] = paper ? (g > 0.0 ? g : 0.0) : g / 2.0 * (1.0 + tanh(sqrt(2.0 / acos(-1.0)) * (g + 0.044715 * g * g * g))) * (u[i] + (double)w->adapter.down.b->value[i % R]);
    }
    dense(n, narrow, &w->adapter.up, up);
    for (int i = 0; i < n * C; i++) y[i] += up[i];
}

Test(adapter, equals_its_equations)
{
    for (int rule = 0; rule < 2; rule++)
        for (int self = 0; self < 2; self++) {
            world_t w;
            inputs_t in = {0};
            double want[NV * C];
            world_init(&w, (weft_adapter_rule_t)rule, self, false, 1.4);
            inputs(&w, &in);
            weft_tape_t *tape = weft_tape_new();
            weft_var_t *var[4] = {0};
            for (int32_t k = 0; k < in.n; k++) var[k] = weft_tape_constant(tape, in.value[k], in.rows[k], in.cols[k]);
            const weft_real_t *y = weft_var_data(build(tape, var, &w));
            written_out(&w, &in, want);
            for (int i = 0; i < (self ? NV : NQ) * C; i++) cr_assert_float_eq((double)y[i], want[i], 1e-10, "rule %d self %d element %d: %.12g, not %.12g", rule, self, i, (double)y[i], want[i]);
            weft_tape_free(tape);
            inputs_free(&in);
            world_free(&w);
        }
}

/* p = 2 and almost no pull: attention itself, and a way up of zeros adds nothing. */
Test(adapter, at_two_it_is_attention)
{
    world_t w;
    inputs_t in = {0};
    weft_real_t zero[NV * C] = {0};
    world_init(&w, WEFT_ADAPTER_PAPER, true, false, 2.0);
    inputs(&w, &in);
    w.adapter.p_free->value[0] = 0;
    w.adapter.mu_free->value[0] = -40;
    memset(w.adapter.up.w->value, 0, R * C * sizeof(weft_real_t));
    memset(w.adapter.up.b->value, 0, C * sizeof(weft_real_t));
    weft_tape_t *tape = weft_tape_new();
    weft_var_t *var[4] = {0};
    for (int32_t k = 0; k < 3; k++) var[k] = weft_tape_constant(tape, in.value[k], in.rows[k], in.cols[k]);
    weft_var_t *s = weft_affine(weft_arc_dot(w.graph, var[1], var[0], HEADS), 1.0 / sqrt((double)C / HEADS), 0.0);
    weft_var_t *want = weft_linear(&w.out, weft_x_dense(weft_spmm_weighted(w.graph, weft_segment_softmax(w.graph, s), var[2]))), *y = build(tape, var, &w);
    cr_assert(want && y);
    for (int i = 0; i < NV * C; i++) cr_assert_float_eq((double)weft_var_data(y)[i], (double)weft_var_data(want)[i], 1e-12);
    y = weft_adapter_plain(&w.adapter, weft_tape_constant(tape, zero, NV, C));
    for (int i = 0; i < NV * C; i++) cr_assert_eq(weft_var_data(y)[i], 0);
    weft_tape_free(tape);
    inputs_free(&in);
    world_free(&w);
}
