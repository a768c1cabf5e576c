/* cli/dataset_make.c: weft dataset import: any set as npz; weft dataset generate: random graphs. */
#include "cli/cli.h"
#include "weft/dataset.h"
#include "weft/matrix_market.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct args { weft_random_options_t o; int64_t features; const char *form, *out; bool stored; } args_t;

static bool take_form(void *a, const char *v)
{
    args_t *t = a;
    t->form = v;
    if (weft_random_by_name(&t->o.form, v)) return true;
    fprintf(stderr, "weft dataset generate: --form %s: er, ba, ws or sbm\n", v);
    return false;
}
static bool take_nodes(void *a, const char *v)
{
    int64_t n;
    bool good = cli_whole("nodes", v, 2, INT32_MAX, &n);
    if (good) ((args_t *)a)->o.n_nodes = n;
    return good;
}
static bool take_degree(void *a, const char *v) { return cli_number("degree", v, 0, INT32_MAX, &((args_t *)a)->o.degree); }
static bool take_rewire(void *a, const char *v) { return cli_number("rewire", v, 0, 1, &((args_t *)a)->o.rewire); }
static bool take_inside(void *a, const char *v) { return cli_number("inside", v, 0, 1, &((args_t *)a)->o.inside); }
static bool take_blocks(void *a, const char *v)
{
    int64_t n;
    bool good = cli_whole("blocks", v, 1, 10000, &n);
    if (good) ((args_t *)a)->o.blocks = (int32_t)n;
    return good;
}
static bool take_features(void *a, const char *v)
{
    int64_t n;
    bool good = cli_whole("features", v, 0, 65536, &n);
    if (good) ((args_t *)a)->features = n;
    return good;
}
static bool take_seed(void *a, const char *v)
{
    int64_t n;
    bool good = cli_whole("seed", v, 0, INT64_MAX, &n);
    if (good) ((args_t *)a)->o.seed = (uint64_t)n;
    return good;
}
static bool take_out(void *a, const char *v) { return (((args_t *)a)->out = v) != NULL; }
static bool take_stored(void *a, const char *v) { return (void)v, ((args_t *)a)->stored = true; }

static const cli_option_t import_options[] = {
    {"out", "FILE.npz", "the archive that is written; numpy.load reads it too", take_out},
    {"stored", NULL, "not deflated: larger, but mapped and read at once", take_stored},
    {NULL, NULL, NULL, NULL}};
static const cli_option_t generate_options[] = {
    {"form", "F", "er (Erdos and Renyi), ba (Barabasi and Albert), ws (Watts and Strogatz), sbm (stochastic blocks, the block is the class)", take_form},
    {"nodes", "N", "nodes (default 1000)", take_nodes},
    {"degree", "D", "mean number of neighbours (default 4)", take_degree},
    {"rewire", "P", "ws: probability that an edge is rewired (default 0.1)", take_rewire},
    {"blocks", "K", "sbm: blocks (default 4)", take_blocks},
    {"inside", "S", "sbm: part of a node's edges that stays in its block (default 0.8)", take_inside},
    {"features", "F", "columns of N(0, 1), for sbm one of them higher by 1 (default: sbm 16, else 0: degrees)", take_features},
    {"seed", "S", "everything is a function of it (default 1)", take_seed},
    {"out", "FILE", ".npz: a data set; .mtx (.mtx.gz): the graph alone, as MatrixMarket", take_out},
    {NULL, NULL, NULL, NULL}};

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), k = strlen(ending);
    return n > k && !strcmp(path + n - k, ending);
}

static int finish(const char *what, weft_status_t status, weft_diag_t *diag)
{
    return cli_end(status, diag, false, "weft dataset %s", what);
}

int cli_dataset_import(const cli_verb_t *verb, int argc, char **argv)
{
    args_t a = {0};
    const cli_option_t *const tables[] = {import_options, NULL};
    void *const into[] = {&a};
    const char *from = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
    int code = cli_parse(verb, tables, into, argc - (from != NULL), argv + (from != NULL));
    if (code >= 0) return code;
    if (!from || !a.out || !ends_in(a.out, ".npz")) {
        fprintf(stderr, "weft dataset import: SRC and --out FILE.npz are needed\n");
        return EXIT_USAGE;
    }
    weft_dataset_t *d = NULL;
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = weft_dataset_read(&d, from, diag);
    if (status == WEFT_OK) status = weft_dataset_write_npz(d, a.out, !a.stored, diag);
    if (status == WEFT_OK) printf("%s: %lld nodes, %lld edges, %d classes, %d split%s\n", a.out, (long long)d->n_nodes, (long long)d->n_edges, d->n_classes, d->n_splits, d->n_splits == 1 ? "" : "s");
    weft_dataset_free(d);
    return finish("import", status, diag);
}

static weft_status_t write_matrix(const args_t *a, weft_diag_t *diag)
{
    weft_graph_t *g = NULL;
    weft_matrix_t *m = NULL;
    weft_status_t status = weft_graph_random(&g, &a->o, diag);
    if (status == WEFT_OK) status = weft_matrix_from_graph(&m, g, NULL);
    if (status == WEFT_OK) status = weft_matrix_write(m, a->out, diag);
    if (status == WEFT_OK) printf("%s: %lld nodes, %lld edges\n", a->out, (long long)m->n_rows, (long long)m->n_entries);
    weft_matrix_free(m);
    weft_graph_free(g);
    return status;
}

int cli_dataset_generate(const cli_verb_t *verb, int argc, char **argv)
{
    args_t a = {.o = weft_random_defaults(WEFT_ERDOS_RENYI), .features = -1};
    const cli_option_t *const tables[] = {generate_options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code >= 0) return code;
    bool matrix = a.out && (ends_in(a.out, ".mtx") || ends_in(a.out, ".mtx.gz"));
    if (!a.form || !a.out || (!matrix && !ends_in(a.out, ".npz"))) {
        fprintf(stderr, "weft dataset generate: --form F and --out FILE.npz (or .mtx) are needed\n");
        return EXIT_USAGE;
    }
    weft_dataset_t *d = NULL;
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = matrix ? write_matrix(&a, diag) : weft_dataset_random(&d, &a.o, a.features >= 0 ? a.features : a.o.form == WEFT_BLOCKS ? 16 : 0, diag);
    if (status == WEFT_OK && d) status = weft_dataset_write_npz(d, a.out, true, diag);
    if (status == WEFT_OK && d) printf("%s: %lld nodes, %lld edges, %d classes\n", a.out, (long long)d->n_nodes, (long long)d->n_edges, d->n_classes);
    weft_dataset_free(d);
    return finish("generate", status, diag);
}
