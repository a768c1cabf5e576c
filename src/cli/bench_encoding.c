/* cli/bench_encoding.c: weft bench encoding: time and memory of an encoding on a made or given graph, and how far eigenvectors are off. */
#include "cli/cli.h"
#include "cli/measure.h"
#include "weft/encoding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct args {
    const char *kind, *shape, *arcs, *cache, *json;
    int64_t nodes, k;
    double budget;
    bool symmetric;
} args_t;

static bool take_kind(void *a, const char *v)
{
    if (weft_encoding_find(v) != WEFT_ENCODING_N || !strcmp(v, "rrwp")) return (((args_t *)a)->kind = v) != NULL;
    fprintf(stderr, "weft bench encoding: --kind %s: there are rwse, lappe, hkdiag, elstatic, level and rrwp\n", v);
    return false;
}
static bool take_shape(void *a, const char *v)
{
    static const char *const known[] = {"circuit", "random", "grid", "ring"};
    for (int i = 0; i < 4; i++)
        if (!strcmp(v, known[i])) return (((args_t *)a)->shape = v) != NULL;
    fprintf(stderr, "weft bench encoding: --shape %s: there are circuit, random, grid and ring\n", v);
    return false;
}
static bool take_nodes(void *a, const char *v) { return cli_whole("nodes", v, 1, INT32_MAX / 8, &((args_t *)a)->nodes); }
static bool take_k(void *a, const char *v) { return cli_whole("k", v, 1, 126, &((args_t *)a)->k); }
static bool take_budget(void *a, const char *v)
{
    int64_t n;
    if (!cli_whole("budget", v, 1, INT64_MAX / 2, &n)) return false;
    ((args_t *)a)->budget = (double)n;
    return true;
}
static bool take_arcs(void *a, const char *v) { return (((args_t *)a)->arcs = v) != NULL; }
static bool take_cache(void *a, const char *v) { return (((args_t *)a)->cache = v) != NULL; }
static bool take_json(void *a, const char *v) { return (((args_t *)a)->json = v) != NULL; }
static bool take_laplacian(void *a, const char *v)
{
    ((args_t *)a)->symmetric = !strcmp(v, "symmetric");
    if (((args_t *)a)->symmetric || !strcmp(v, "plain")) return true;
    fprintf(stderr, "weft bench encoding: --laplacian %s: there are plain and symmetric\n", v);
    return false;
}

static const cli_option_t options[] = {
    {"kind", "K", "rwse, lappe, hkdiag, elstatic, level or rrwp", take_kind},
    {"nodes", "N", "nodes (default 10000)", take_nodes},
    {"shape", "S", "circuit (default: gates of two inputs, most from near before), random (two pairs per node), grid or ring", take_shape},
    {"arcs", "FILE", "a graph as lines `from to`, numbered from 0, instead", take_arcs},
    {"k", "N", "steps, frequencies, times or columns (default 16)", take_k},
    {"laplacian", "L", "lappe: plain (default) or symmetric", take_laplacian},
    {"budget", "N", "rwse: arcs to pass in all before nodes are estimated", take_budget},
    {"cache", "FOLDER", "looks there first, and keeps the result there", take_cache},
    {"threads", "N", "threads", cli_take_threads},
    {"json", "FILE", "the result as JSON; - is stdout", take_json},
    {NULL, NULL, NULL, NULL}};

typedef struct list { int32_t *s, *t; int64_t n, cap; } list_t;

static bool add(list_t *l, int64_t s, int64_t t)
{
    if (l->n == l->cap) {
        int64_t cap = l->cap ? 2 * l->cap : 1024;
        int32_t *a = realloc(l->s, (size_t)cap * sizeof *a), *b = a ? realloc(l->t, (size_t)cap * sizeof *b) : NULL;
        if (a) l->s = a;
        if (!a || !b) return false;
        l->t = b;
        l->cap = cap;
    }
    l->s[l->n] = (int32_t)s;
    l->t[l->n++] = (int32_t)t;
    return true;
}

static bool make(list_t *l, const args_t *a)
{
    uint64_t state = 1;
    int64_t n = a->nodes, side = (int64_t)sqrt((double)n);
    bool good = true;
    for (int64_t v = 1; v < n && good; v++) {
        if (!strcmp(a->shape, "ring")) good = add(l, v - 1, v) && (v + 1 < n || add(l, v, 0));
        else if (!strcmp(a->shape, "grid")) good = (v % side == 0 || add(l, v - 1, v)) && (v < side || add(l, v - side, v));
        else
            for (int i = 0; i < 2 && good; i++) {
                double u = (double)(cli_random(&state) >> 11) * 0x1p-53, far = strcmp(a->shape, "circuit") ? (double)v : 1.0 + pow((double)v, u * u); /* most from near */
                int64_t back = (int64_t)(strcmp(a->shape, "circuit") ? 1.0 + u * far : far);
                good = add(l, back > v ? 0 : v - back, v);
            }
    }
    return good;
}

static weft_status_t read_arcs(list_t *l, args_t *a)
{
    FILE *f = fopen(a->arcs, "r");
    long long s, t;
    bool good = f != NULL;
    a->nodes = 0;
    while (good && fscanf(f, "%lld %lld", &s, &t) == 2) {
        good = s >= 0 && t >= 0 && s < INT32_MAX / 8 && t < INT32_MAX / 8 && add(l, s, t);
        if (s >= a->nodes) a->nodes = s + 1;
        if (t >= a->nodes) a->nodes = t + 1;
    }
    if (f) fclose(f);
    if (good) return WEFT_OK;
    fprintf(stderr, "weft bench encoding: --arcs %s: cannot be read as lines `from to`\n", a->arcs);
    return WEFT_EINPUT;
}

/* The largest |L v - lambda v| over |L|, plain Laplacian, of the first k columns beside their values. */
static double worst_residual(const weft_graph_t *g, const float *out, int64_t k)
{
    const int64_t *offset = weft_graph_offsets(g);
    const int32_t *source = weft_graph_sources(g);
    int64_t n = weft_graph_n_dst(g), most = 1;
    double worst = 0.0;
    for (int64_t v = 0; v < n; v++) most = offset[v + 1] - offset[v] > most ? offset[v + 1] - offset[v] : most;
    for (int64_t j = 0; j < k; j++) {
        double sum = 0.0;
        for (int64_t v = 0; v < n && !isnan(out[v * 2 * k + k + j]); v++) {
            double y = -(double)out[v * 2 * k + k + j] * (double)out[v * 2 * k + j];
            for (int64_t e = offset[v]; e < offset[v + 1]; e++)
                if (source[e] != v) y += (double)out[v * 2 * k + j] - (double)out[(int64_t)source[e] * 2 * k + j];
            sum += y * y;
        }
        worst = sum > worst ? sum : worst;
    }
    return sqrt(worst) / (double)(2 * most);
}

static weft_status_t measure(const args_t *a, const weft_graph_t *g, double *seconds, double *residual, bool *hit, weft_diag_t *diag)
{
    weft_encoding_options_t o = {.kind = weft_encoding_find(a->kind), .k = (int32_t)a->k, .laplacian = a->symmetric ? WEFT_LAPLACIAN_SYMMETRIC : WEFT_LAPLACIAN_PLAIN, .budget = a->budget, .cache = a->cache};
    double begin = cli_now();
    weft_status_t status;
    if (o.kind == WEFT_ENCODING_N) {
        weft_graph_t *pairs = NULL;
        float *value = NULL;
        status = weft_encoding_rrwp(&pairs, &value, g, o.k, 0, diag);
        *seconds = cli_now() - begin;
        weft_graph_free(pairs);
        free(value);
        return status;
    }
    float *out = malloc((size_t)(weft_graph_n_dst(g) * weft_encoding_columns(&o)) * sizeof *out);
    if (!out) return WEFT_ENOMEM;
    status = weft_encoding(out, g, 1, NULL, &o, hit, diag);
    *seconds = cli_now() - begin;
    if (status == WEFT_OK && o.kind == WEFT_ENCODING_LAPPE && !a->symmetric) *residual = worst_residual(g, out, a->k);
    free(out);
    return status;
}

int cli_bench_encoding(const cli_verb_t *verb, int argc, char **argv)
{
    args_t a = {.shape = "circuit", .nodes = 10000, .k = 16};
    const cli_option_t *const tables[] = {options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code >= 0) return code;
    if (!a.kind || (a.k % 2 && !strcmp(a.kind, "level"))) {
        fprintf(stderr, a.kind ? "weft bench encoding: --k must be even for level\n" : "weft bench encoding: --kind is needed\n");
        return EXIT_USAGE;
    }
    list_t l = {0};
    weft_graph_t *g = NULL;
    weft_diag_t *diag = weft_diag_new();
    double seconds = 0.0, residual = NAN, before = 0.0;
    bool hit = false;
    weft_status_t status = a.arcs ? read_arcs(&l, &a) : make(&l, &a) ? WEFT_OK : WEFT_ENOMEM;
    bool directed = !strcmp(a.kind, "level");
    if (status == WEFT_OK) status = weft_graph_new(&g, a.nodes, a.nodes, l.n, l.s, l.t, directed ? 0 : WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE | WEFT_GRAPH_DROP_LOOPS, diag);
    free(l.s);
    free(l.t);
    before = cli_peak_mb();
    if (status == WEFT_OK) status = measure(&a, g, &seconds, &residual, &hit, diag);
    weft_diag_print(diag, stderr, WEFT_NOTE);
    if (status == WEFT_OK) {
        FILE *f = !a.json || !strcmp(a.json, "-") ? stdout : fopen(a.json, "w");
        long long arcs = weft_graph_n_arcs(g);
        if (f && a.json) {
            fprintf(f, "{\"kind\":\"%s\",\"shape\":\"%s\",\"nodes\":%lld,\"arcs\":%lld,\"k\":%lld,\"threads\":%d,\"seconds\":%.4f,\"peak_mb\":%.1f,\"cached\":%s", a.kind, a.arcs ? "file" : a.shape, (long long)a.nodes, arcs,
                    (long long)a.k, weft_threads(), seconds, cli_peak_mb() - before, hit ? "true" : "false");
            if (!isnan(residual)) fprintf(f, ",\"residual\":%.3g", residual);
            fprintf(f, "}\n");
        } else if (f) {
            printf("%s, %s, %lld nodes, %lld arcs, k %lld: %.3f s%s, peak %.1f MB above the start", a.kind, a.arcs ? a.arcs : a.shape, (long long)a.nodes, arcs, (long long)a.k, seconds, hit ? " from the cache" : "",
                   cli_peak_mb() - before);
            if (!isnan(residual)) printf(", residual %.2g of |L|", residual);
            printf("\n");
        }
        if (!f || (f != stdout ? fclose(f) : fflush(f))) status = WEFT_EIO;
    }
    weft_graph_free(g);
    weft_diag_free(diag);
    return cli_exit_code(status);
}
