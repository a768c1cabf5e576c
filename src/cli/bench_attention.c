/* cli/bench_attention.c: weft bench attention: one layer of global attention, forward and backward (--top-k: forward alone), on a random graph. */
#include "cli/cli.h"
#include "cli/measure.h"
#include "weft/gps.h"

#include <stdlib.h>
#include <string.h>

typedef struct args {
    weft_global_kind_t kind;
    int64_t nodes, edges, dims, heads, top_k;
    double limit_s;
    const char *json;
} args_t;

static bool take_kind(void *a, const char *v)
{
    if ((((args_t *)a)->kind = weft_global_find(v)) != WEFT_GLOBAL_N && ((args_t *)a)->kind != WEFT_GLOBAL_NONE) return true;
    fprintf(stderr, "weft bench attention: --kind %s: there are", v);
    for (int k = WEFT_GLOBAL_NONE + 1; k < WEFT_GLOBAL_N; k++) fprintf(stderr, " %s", weft_global_name((weft_global_kind_t)k));
    fprintf(stderr, "\n");
    return false;
}
static bool take_nodes(void *a, const char *v) { return cli_whole("nodes", v, 1, INT32_MAX / 4, &((args_t *)a)->nodes); }
static bool take_edges(void *a, const char *v) { return cli_whole("edges", v, 1, INT32_MAX / 4, &((args_t *)a)->edges); }
static bool take_dims(void *a, const char *v) { return cli_whole("dims", v, 1, 4096, &((args_t *)a)->dims); }
static bool take_heads(void *a, const char *v) { return cli_whole("heads", v, 1, 64, &((args_t *)a)->heads); }
static bool take_top_k(void *a, const char *v) { return cli_whole("top-k", v, 1, INT32_MAX, &((args_t *)a)->top_k); }
static bool take_limit(void *a, const char *v)
{
    char *end;
    double s = strtod(v, &end);
    if (end == v || *end || !(s > 0.0)) {
        fprintf(stderr, "weft bench attention: --limit-s %s: seconds above 0 are needed\n", v);
        return false;
    }
    ((args_t *)a)->limit_s = s;
    return true;
}
static bool take_json(void *a, const char *v) { return (((args_t *)a)->json = v) != NULL; }

static const cli_option_t options[] = {
    {"kind", "K", "softmax, performer, sgformer, agent, based, lightnet, polynormer, bigbird, exphormer, corecontext, routing or gaussian", take_kind},
    {"nodes", "N", "nodes (default 100000)", take_nodes},
    {"edges", "E", "random pairs, both directions (default 2 per node); of use to based and exphormer", take_edges},
    {"dims", "D", "columns (default 64)", take_dims},
    {"heads", "H", "heads (default 4)", take_heads},
    {"top-k", "K", "softmax as outside training: forward alone, every 32 nodes attend to the best K blocks of 64", take_top_k},
    {"limit-s", "S", "softmax: refused (exit 3) where more seconds are to be expected (default 300)", take_limit},
    {"threads", "N", "threads", cli_take_threads},
    {"json", "FILE", "the result as JSON; - is stdout", take_json},
    {NULL, NULL, NULL, NULL}};

static weft_status_t random_graph(weft_graph_t **g, int64_t nodes, int64_t edges, weft_diag_t *diag)
{
    uint64_t state = 1;
    int32_t *s = malloc((size_t)edges * sizeof *s), *t = malloc((size_t)edges * sizeof *t);
    weft_status_t status = s && t ? WEFT_OK : WEFT_ENOMEM;
    for (int64_t e = 0; e < edges && status == WEFT_OK; e++) {
        s[e] = (int32_t)(cli_random(&state) % (uint64_t)nodes);
        t[e] = (int32_t)(cli_random(&state) % (uint64_t)nodes);
    }
    if (status == WEFT_OK) status = weft_graph_new(g, nodes, nodes, edges, s, t, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, diag);
    free(s);
    free(t);
    return status;
}

/* Medians of three passes after one to warm up (of one where a pass takes long). */
static weft_status_t measure(const args_t *a, int64_t nodes, int64_t edges, double *forward_s, double *backward_s, weft_diag_t *diag)
{
    double t[2][3];
    const weft_global_options_t o = {.kind = a->kind, .heads = (int32_t)a->heads, .top_k = (int32_t)a->top_k, .seed = 1};
    weft_graph_t *g = NULL;
    weft_global_plan_t plan = {0};
    weft_params_t *params = weft_params_new(0);
    weft_tape_t *tape = weft_tape_new();
    size_t cells = (size_t)(nodes * a->dims);
    float *x = malloc(cells * sizeof *x), *dx = calloc(cells, sizeof *dx), *weight = malloc((size_t)a->dims * sizeof *weight), *rows = malloc((size_t)nodes * sizeof *rows);
    weft_status_t status = params && tape && x && dx && weight && rows ? random_graph(&g, nodes, edges, diag) : WEFT_ENOMEM;
    uint64_t state = 2;
    int32_t passes = 3;
    if (status == WEFT_OK) status = weft_global_plan_init(&plan, &o, g, 1, NULL, diag);
    for (size_t i = 0; status == WEFT_OK && i < cells; i++) x[i] = (float)(cli_random(&state) >> 40) * 0x1p-24f - 0.5f;
    for (int64_t i = 0; status == WEFT_OK && i < nodes; i++) rows[i] = 1.0f / (float)nodes;
    for (int64_t j = 0; status == WEFT_OK && j < a->dims; j++) weight[j] = 1.0f;
    weft_global_t layer = {0};
    if (status == WEFT_OK) {
        layer = weft_global_init(params, "attention", a->dims, &o);
        status = weft_params_status(params);
    }
    for (int32_t k = -1; k < passes && status == WEFT_OK; k++) {
        weft_tape_reset(tape);
        weft_params_zero_grad(params);
        weft_tape_set_training(tape, !a->top_k);
        double begin = cli_now();
        weft_var_t *y = weft_global(&layer, &plan, weft_tape_leaf(tape, x, dx, nodes, a->dims)), *loss = weft_matmul(weft_tape_constant(tape, rows, 1, nodes), y);
        loss = weft_matmul(loss, weft_tape_constant(tape, weight, a->dims, 1));
        double middle = cli_now();
        status = a->top_k ? weft_tape_status(tape, diag) : weft_tape_backward(tape, loss, diag);
        double end = a->top_k ? middle : cli_now();
        if (k < 0 && end - begin > 20.0) passes = 1;
        t[0][k < 0 ? 0 : k] = middle - begin;
        t[1][k < 0 ? 0 : k] = end - middle;
    }
    for (int w = 0; w < 2 && status == WEFT_OK; w++) {
        double *v = t[w], low = v[0] < v[1] ? v[0] : v[1], high = v[0] < v[1] ? v[1] : v[0];
        *(w ? backward_s : forward_s) = passes == 1 ? v[0] : v[2] < low ? low : v[2] > high ? high : v[2];
    }
    weft_global_plan_destroy(&plan);
    weft_graph_free(g);
    weft_params_free(params);
    weft_tape_free(tape);
    free(x);
    free(dx);
    free(weight);
    free(rows);
    return status;
}

int cli_bench_attention(const cli_verb_t *verb, int argc, char **argv)
{
    args_t a = {.kind = WEFT_GLOBAL_N, .nodes = 100000, .dims = 64, .heads = 4, .limit_s = 300.0};
    const cli_option_t *const tables[] = {options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code >= 0) return code;
    if (a.kind == WEFT_GLOBAL_N || a.dims % a.heads) {
        fprintf(stderr, a.kind == WEFT_GLOBAL_N ? "weft bench attention: --kind is needed\n" : "weft bench attention: --dims must be a multiple of --heads\n");
        return EXIT_USAGE;
    }
    if (a.top_k && a.kind != WEFT_GLOBAL_SOFTMAX) {
        fprintf(stderr, "weft bench attention: --top-k is for --kind softmax\n");
        return EXIT_USAGE;
    }
    double forward_s = 0.0, backward_s = 0.0, before = 0.0;
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = WEFT_OK;
    int64_t edges = a.edges ? a.edges : 2 * a.nodes, probe = 4096;
    if (a.nodes > 1000) status = measure(&a, 1000, 2000, &forward_s, &backward_s, diag); /* threads, code and scratch of fixed size are then there */
    before = cli_peak_mb();
    if (status == WEFT_OK && a.kind == WEFT_GLOBAL_SOFTMAX && !a.top_k && a.nodes > probe) {
        status = measure(&a, probe, 2 * probe, &forward_s, &backward_s, diag);
        double times = (double)a.nodes / (double)probe, expected = 4.0 * (forward_s + backward_s) * times * times; /* four passes */
        if (status == WEFT_OK && expected > a.limit_s) {
            weft_diag_add(diag, WEFT_ERROR, "attention-limit", NULL, 0, 0, "softmax attention among %lld nodes would take some %.3g s (%.3g s a pass; by %lld nodes measured), more than --limit-s %g; a kind of linear cost will do",
                          (long long)a.nodes, expected, expected / 4.0, (long long)probe, a.limit_s);
            status = WEFT_ELIMIT;
        }
    }
    if (status == WEFT_OK) status = measure(&a, a.nodes, edges, &forward_s, &backward_s, diag);
    weft_diag_print(diag, stderr, WEFT_WARNING);
    if (status == WEFT_OK) {
        FILE *f = !a.json || !strcmp(a.json, "-") ? stdout : fopen(a.json, "w");
        if (f && a.json)
            fprintf(f, "{\"kind\":\"%s\",\"nodes\":%lld,\"edges\":%lld,\"dims\":%lld,\"heads\":%lld,\"top_k\":%lld,\"threads\":%d,\"forward_s\":%.6f,\"backward_s\":%.6f,\"peak_mb\":%.2f}\n", weft_global_name(a.kind), (long long)a.nodes,
                    (long long)edges, (long long)a.dims, (long long)a.heads, (long long)a.top_k, weft_threads(), forward_s, backward_s, cli_peak_mb() - before);
        else if (f) printf("%s, %lld nodes, %lld columns: forward %.4f s, backward %.4f s, peak %.1f MB above the start\n", weft_global_name(a.kind), (long long)a.nodes, (long long)a.dims, forward_s, backward_s, cli_peak_mb() - before);
        if (!f || (f != stdout ? fclose(f) : fflush(f))) status = WEFT_EIO;
    }
    weft_diag_free(diag);
    return cli_exit_code(status);
}
