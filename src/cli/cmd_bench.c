/* cli/cmd_bench.c: weft bench gcn|gat|gine: time and memory of training epochs on a random graph. */
#include "cli/bench_limits.h"
#include "cli/cli.h"
#include "cli/measure.h"
#include "weft/train.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_DIMS = 16, HEADS = 4, MOST_EPOCHS = 1000 };
typedef struct bench_args {
    int64_t nodes, edges;
    int32_t n_dims, epochs;
    int64_t dim[MOST_DIMS];
    double p;
    bool limits;
    const char *json;
} bench_args_t;

static bool take_nodes(void *a, const char *v) { return cli_whole("nodes", v, 1, INT32_MAX, &((bench_args_t *)a)->nodes); }
static bool take_edges(void *a, const char *v) { return cli_whole("edges", v, 1, INT32_MAX / 2, &((bench_args_t *)a)->edges); }
static bool take_epochs(void *a, const char *v)
{
    int64_t n;
    if (!cli_whole("epochs", v, 1, MOST_EPOCHS, &n)) return false;
    ((bench_args_t *)a)->epochs = (int32_t)n;
    return true;
}
static bool take_p(void *a, const char *v)
{
    char *end;
    double p = strtod(v, &end);
    if (end == v || *end || !(p > 1.0) || p > 2.0) {
        fprintf(stderr, "weft bench: --p %s: a number above 1, at most 2, is needed\n", v);
        return false;
    }
    ((bench_args_t *)a)->p = p;
    return true;
}
static bool take_limits(void *a, const char *v) { return (void)v, ((bench_args_t *)a)->limits = true; }
static bool take_json(void *a, const char *v) { return (((bench_args_t *)a)->json = v) != NULL; }
static bool take_dims(void *into, const char *v)
{
    bench_args_t *a = into;
    a->n_dims = 0;
    for (const char *p = v; *p && a->n_dims < MOST_DIMS;) {
        char *end;
        long long d = strtoll(p, &end, 10);
        if (end == p || d < 1 || d > 65536 || (*end && *end != ',')) break;
        a->dim[a->n_dims++] = d;
        p = *end ? end + 1 : end;
        if (!*p) return true;
    }
    fprintf(stderr, "weft bench: --dims %s: 1 to %d widths are needed, such as 128,256,40\n", v, MOST_DIMS);
    return false;
}

static const cli_option_t options[] = {
    {"nodes", "N", "nodes (default 169343)", take_nodes},
    {"edges", "E", "random pairs; both directions, merged, with self loops (default 1166243)", take_edges},
    {"dims", "A,B,..", "columns of the features, each hidden layer and the result (default 128,256,256,40)", take_dims},
    {"epochs", "N", "timed epochs after one to warm up; the median counts (default 3)", take_epochs},
    {"p", "P", "plaplacian: the p of its Laplacian (default 1.5)", take_p},
    {"threads", "N", "threads", cli_take_threads},
    {"limits", NULL, "measure the machine too: multiply-adds and bytes read a second, and the bounds that follow for an epoch of gcn and for its sparse product", take_limits},
    {"json", "FILE", "the result as JSON; - is stdout", take_json},
    {NULL, NULL, NULL, NULL}};

typedef struct bench {
    const char *kind;
    bench_args_t a;
    weft_graph_t *graph;
    weft_topology_t topology;
    weft_params_t *params;
    weft_gcn_conv_t gcn[MOST_DIMS];
    weft_gat_conv_t gat[MOST_DIMS];
    weft_gine_conv_t gine[MOST_DIMS];
    weft_optim_t *optim;
    weft_tape_t *tape;
    float *x;
    int32_t *label;
} bench_t;

static weft_status_t make_graph(bench_t *b, weft_diag_t *diag)
{
    uint64_t state = 1;
    int32_t *s = malloc((size_t)b->a.edges * sizeof *s), *t = malloc((size_t)b->a.edges * sizeof *t);
    weft_status_t status = s && t ? WEFT_OK : WEFT_ENOMEM;
    for (int64_t e = 0; status == WEFT_OK && e < b->a.edges; e++) {
        s[e] = (int32_t)(cli_random(&state) % (uint64_t)b->a.nodes);
        t[e] = (int32_t)(cli_random(&state) % (uint64_t)b->a.nodes);
    }
    if (status == WEFT_OK) status = weft_graph_new(&b->graph, b->a.nodes, b->a.nodes, b->a.edges, s, t, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, diag);
    free(s);
    free(t);
    return status == WEFT_OK ? weft_topology_init(&b->topology, b->graph, diag) : status;
}

static weft_status_t make_model(bench_t *b)
{
    uint64_t state = 2;
    int64_t n = b->a.nodes, f = b->a.dim[0], last = b->a.dim[b->a.n_dims - 1];
    if (!(b->params = weft_params_new(0)) || !(b->x = malloc((size_t)(n * f) * sizeof *b->x)) || !(b->label = malloc((size_t)n * sizeof *b->label)) || !(b->tape = weft_tape_new()))
        return WEFT_ENOMEM;
    for (int64_t i = 0; i < n * f; i++) b->x[i] = (float)(cli_random(&state) >> 40) * 0x1p-24f - 0.5f;
    for (int64_t i = 0; i < n; i++) b->label[i] = (int32_t)(cli_random(&state) % (uint64_t)last);
    for (int32_t l = 0; l + 1 < b->a.n_dims; l++) {
        char name[32];
        int64_t in = b->a.dim[l], out = b->a.dim[l + 1];
        bool end = l + 2 == b->a.n_dims;
        snprintf(name, sizeof name, "conv.%d", l);
        if (!strcmp(b->kind, "gcn")) b->gcn[l] = weft_gcn_conv_init(b->params, name, in, out, true);
        else if (!strcmp(b->kind, "gat")) b->gat[l] = weft_gat_conv_init(b->params, name, in, end ? out : out / HEADS, end ? 1 : HEADS, !end);
        else b->gine[l] = weft_gine_conv_init(b->params, name, in, out, 0, false, false);
    }
    b->optim = weft_optim_new(b->params, WEFT_ADAM, 0.0, 0.0);
    return b->optim ? weft_params_status(b->params) : WEFT_ENOMEM;
}

static weft_var_t *forward(const bench_t *b)
{
    weft_x_t x = weft_x_dense(weft_tape_constant(b->tape, b->x, b->a.nodes, b->a.dim[0]));
    weft_var_t *y = NULL;
    for (int32_t l = 0; l + 1 < b->a.n_dims; l++) {
        if (!strcmp(b->kind, "gcn")) y = weft_gcn_conv(&b->gcn[l], &b->topology, x);
        else if (!strcmp(b->kind, "gat")) y = weft_gat_conv(&b->gat[l], &b->topology, x, 0.0);
        else y = weft_gine_conv(&b->gine[l], &b->topology, x, NULL);
        if (l + 2 < b->a.n_dims) y = weft_relu(weft_once(y));
        x = weft_x_dense(y);
    }
    return y;
}

static weft_status_t epoch(const bench_t *b, weft_diag_t *diag)
{
    weft_tape_reset(b->tape);
    weft_tape_set_training(b->tape, true);
    weft_params_zero_grad(b->params);
    weft_status_t status = weft_tape_backward(b->tape, weft_cross_entropy(forward(b), b->label, NULL, 0, NULL), diag);
    if (status == WEFT_OK) weft_optim_step(b->optim, 0.01, 0.0);
    return status;
}

typedef struct measured { double epoch_s, cpu_s, infer_s, spmm_s, spmm_sum, peak_mb; } measured_t;

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static weft_status_t measure_epochs(bench_t *b, measured_t *m, weft_diag_t *diag)
{
    double t[MOST_EPOCHS];
    weft_status_t status = epoch(b, diag);
    double cpu = cli_cpu();
    for (int32_t k = 0; status == WEFT_OK && k < b->a.epochs; k++) {
        double begin = cli_now();
        status = epoch(b, diag);
        t[k] = cli_now() - begin;
    }
    if (status != WEFT_OK) return status;
    m->cpu_s = (cli_cpu() - cpu) / b->a.epochs;
    m->peak_mb = cli_peak_mb();
    qsort(t, (size_t)b->a.epochs, sizeof *t, by_value);
    m->epoch_s = t[b->a.epochs / 2];
    weft_tape_set_training(b->tape, false);
    for (int32_t k = 0; k < 3; k++) {
        weft_tape_reset(b->tape);
        double begin = cli_now();
        forward(b);
        t[k] = cli_now() - begin;
    }
    qsort(t, 3, sizeof *t, by_value);
    m->infer_s = t[1];
    return weft_tape_status(b->tape, diag);
}

/* One product with the graph's weights at the second of the widths; its sum lets a peer check that it computed the same. */
static weft_status_t measure_spmm(bench_t *b, measured_t *m, weft_diag_t *diag)
{
    double t[5];
    int64_t f = b->a.dim[1];
    float *x = malloc((size_t)(b->a.nodes * f) * sizeof *x);
    if (!x) return WEFT_ENOMEM;
    for (int64_t i = 0; i < b->a.nodes * f; i++) x[i] = (float)(i % 17) * 0.1f;
    weft_var_t *y = NULL;
    for (int32_t k = 0; k < 5; k++) {
        weft_tape_reset(b->tape);
        weft_var_t *v = weft_tape_constant(b->tape, x, b->a.nodes, f);
        double begin = cli_now();
        y = weft_spmm(b->topology.looped, b->topology.gcn, v, WEFT_SUM);
        t[k] = cli_now() - begin;
    }
    for (int64_t i = 0; y && i < b->a.nodes * f; i++) m->spmm_sum += (double)weft_var_data(y)[i];
    weft_status_t status = weft_tape_status(b->tape, diag);
    weft_tape_reset(b->tape); /* it had borrowed x */
    free(x);
    qsort(t, 5, sizeof *t, by_value);
    m->spmm_s = t[2];
    return status;
}

/* One step of p-Laplacian message passing beside one sparse product with the same matrix and columns; medians of five. */
static weft_status_t measure_plaplacian(bench_t *b, measured_t *m, weft_diag_t *diag)
{
    double t[2][5];
    int64_t n = b->a.nodes, f = b->a.dim[0];
    const weft_plaplacian_t step = {.k = 1, .p = (weft_real_t)b->a.p, .mu = (weft_real_t)0.1, .beta_scale = 2.0, .eps = 1e-3};
    weft_weights_t *weights = NULL;
    weft_real_t *w = NULL;
    uint64_t state = 2;
    weft_status_t status = WEFT_ENOMEM;
    b->params = weft_params_new(0);
    b->tape = weft_tape_new();
    b->x = malloc((size_t)(n * f) * sizeof *b->x);
    w = malloc((size_t)weft_graph_n_arcs(b->graph) * sizeof *w);
    if (!b->params || !b->tape || !b->x || !w) goto done;
    for (int64_t i = 0; i < n * f; i++) b->x[i] = (float)(cli_random(&state) >> 40) * 0x1p-24f - 0.5f;
    weft_graph_gcn_weights(b->graph, w);
    if (!(weights = weft_weights_new(b->graph, w))) goto done;
    weft_plaplacian_t layer = weft_plaplacian_init(b->params, "p", &step);
    weft_tape_set_training(b->tape, false);
    for (int32_t k = -1; k < 5; k++)
        for (int32_t which = 0; which < 2; which++) { /* the round before the first warms up */
            weft_tape_reset(b->tape);
            weft_var_t *x = weft_tape_constant(b->tape, b->x, n, f);
            double begin = cli_now();
            weft_var_t *y = which ? weft_spmm(b->graph, weights, x, WEFT_SUM) : weft_plaplacian(&layer, &b->topology, x);
            if (k >= 0) t[which][k] = cli_now() - begin;
            if (!y) break;
        }
    qsort(t[0], 5, sizeof **t, by_value);
    qsort(t[1], 5, sizeof **t, by_value);
    m->epoch_s = t[0][2];
    m->spmm_s = t[1][2];
    m->peak_mb = cli_peak_mb();
    status = weft_tape_status(b->tape, diag);
done:
    weft_weights_free(weights);
    free(w);
    return status;
}

static void write_json(FILE *f, const bench_t *b, const measured_t *m)
{
    fprintf(f, "{\"model\":\"%s\",\"nodes\":%lld,", b->kind, (long long)b->a.nodes);
    if (!strcmp(b->kind, "plaplacian")) {
        fprintf(f, "\"nnz\":%lld,\"dims\":%lld,\"p\":%g,\"threads\":%d,\"step_s\":%.6f,\"spmm_s\":%.6f,\"peak_mb\":%.1f}\n", (long long)weft_graph_n_arcs(b->graph), (long long)b->a.dim[0], b->a.p, weft_threads(),
                m->epoch_s, m->spmm_s, m->peak_mb);
        return;
    }
    int64_t n = b->a.nodes, nnz = weft_graph_n_arcs(b->topology.looped);
    fprintf(f, "\"nnz\":%lld,\"epochs\":%d,\"threads\":%d,\"epoch_s\":%.6f,\"cpu_s\":%.6f,\"infer_s\":%.6f,\"spmm_s\":%.6f,\"spmm_sum\":%.9g,\"peak_mb\":%.1f", (long long)nnz, b->a.epochs, weft_threads(), m->epoch_s,
            m->cpu_s, m->infer_s, m->spmm_s, m->spmm_sum, m->peak_mb);
    if (b->a.limits) {
        double fma = cli_fma_per_s(), bytes = cli_read_per_s();
        fprintf(f, ",\"fma_gflops\":%.1f,\"read_gbs\":%.2f,\"spmm_bound_s\":%.6f", 1e-9 * fma, 1e-9 * bytes, cli_spmm_bytes(n, nnz, b->a.dim[1]) / bytes);
        if (!strcmp(b->kind, "gcn"))
            fprintf(f, ",\"epoch_bound_s\":%.6f", cli_gcn_flops(n, b->a.dim, b->a.n_dims) / fma + cli_gcn_bytes(n, nnz, b->a.dim, b->a.n_dims) / bytes);
    }
    fputs("}\n", f);
}

static weft_status_t tell(const bench_t *b, const measured_t *m)
{
    FILE *f = !b->a.json || !strcmp(b->a.json, "-") ? stdout : fopen(b->a.json, "w");
    if (!f) return WEFT_EIO;
    write_json(f, b, m);
    return (f != stdout ? fclose(f) : fflush(f)) ? WEFT_EIO : WEFT_OK;
}

/* False: the widths do not fit what is timed, and it was said. */
static bool widths(bench_t *b)
{
    bool p_step = !strcmp(b->kind, "plaplacian");
    if (!p_step && b->a.n_dims >= 2) return true;
    if (p_step && b->a.n_dims == 1) return true;
    if (p_step && b->a.n_dims == 4) { /* none was named */
        b->a.n_dims = 1;
        b->a.dim[0] = 64;
        return true;
    }
    fprintf(stderr, "weft bench %s: --dims needs %s\n", b->kind, p_step ? "one width" : "at least two widths");
    return false;
}

static int bench(bench_t *b)
{
    measured_t m = {0};
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = make_graph(b, diag);
    if (status == WEFT_OK && !strcmp(b->kind, "plaplacian")) status = measure_plaplacian(b, &m, diag);
    else if (status == WEFT_OK) {
        status = make_model(b);
        if (status == WEFT_OK) status = measure_epochs(b, &m, diag);
        if (status == WEFT_OK) status = measure_spmm(b, &m, diag);
    }
    weft_diag_print(diag, stderr, WEFT_WARNING);
    if (status == WEFT_OK) status = tell(b, &m);
    weft_tape_free(b->tape);
    weft_optim_free(b->optim);
    weft_params_free(b->params);
    weft_topology_destroy(&b->topology);
    weft_graph_free(b->graph);
    free(b->x);
    free(b->label);
    weft_diag_free(diag);
    return cli_exit_code(status);
}

int cmd_bench(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "graph")) return cli_bench_graph(cli_verb("bench"), argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "encoding")) return cli_bench_encoding(cli_verb("bench"), argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "attention")) return cli_bench_attention(cli_verb("bench"), argc - 1, argv + 1);
    static const char *const kinds[] = {"gcn", "gat", "gine", "plaplacian"};
    bench_t b = {.a = {.nodes = 169343, .edges = 1166243, .epochs = 3, .n_dims = 4, .dim = {128, 256, 256, 40}, .p = 1.5}};
    const cli_option_t *const tables[] = {options, NULL};
    void *const into[] = {&b.a};
    for (int k = 0; argc > 1 && k < 4; k++)
        if (!strcmp(argv[1], kinds[k])) b.kind = kinds[k];
    int code = cli_parse(cli_verb("bench"), tables, into, b.kind ? argc - 1 : argc, b.kind ? argv + 1 : argv);
    if (code >= 0) return code;
    if (!b.kind) {
        fprintf(stderr, "weft bench: what to time must follow: attention, encoding, gcn, gat, gine, plaplacian or graph\n");
        return EXIT_USAGE;
    }
    return widths(&b) ? bench(&b) : EXIT_USAGE;
}
