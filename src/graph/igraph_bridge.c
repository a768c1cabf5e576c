/* graph/igraph_bridge.c: the one file that calls igraph. */
#include "config.h"

#include "base/alloc.h"
#include "base/status.h"
#include "weft/igraph.h"

#include <math.h>
#include <string.h>

weft_random_options_t weft_random_defaults(weft_random_form_t form)
{
    return (weft_random_options_t){.form = form, .n_nodes = 1000, .degree = 4.0, .rewire = 0.1, .blocks = 4, .inside = 0.8, .seed = 1};
}

bool weft_random_by_name(weft_random_form_t *form, const char *name)
{
    static const char *const known[] = {"er", "ba", "ws", "sbm"};
    for (int k = 0; k < 4; k++)
        if (!strcmp(name, known[k])) {
            *form = (weft_random_form_t)k;
            return true;
        }
    return false;
}

/* Block b begins at node n b / blocks. */
int32_t weft_random_block(const weft_random_options_t *o, int64_t node)
{
    int64_t b = o->n_nodes > 0 ? node * o->blocks / o->n_nodes : 0;
    while (b + 1 < o->blocks && o->n_nodes * (b + 1) / o->blocks <= node) b++;
    return (int32_t)b;
}

static weft_status_t absent(weft_diag_t *diag)
{
#ifdef WEFT_HAVE_IGRAPH
    weft_diag_add(diag, WEFT_ERROR, "igraph-absent", NULL, 0, 0, "igraph (" WEFT_IGRAPH_SONAME ") cannot be loaded");
#else
    weft_diag_add(diag, WEFT_ERROR, "igraph-absent", NULL, 0, 0, "this build was configured --without-igraph");
#endif
    return WEFT_EUSAGE;
}

#ifdef WEFT_HAVE_IGRAPH
#include <dlfcn.h>
#include <igraph.h>
#include <pthread.h>

/* igraph brings twenty libraries with it, whose loading takes longer than timing a small design does: it is loaded at the first call, not with weft. */
#define CALLS \
    CALL(barabasi_game) CALL(connected_components) CALL(create) CALL(destroy) CALL(ecount) CALL(erdos_renyi_game_gnp) CALL(error_handler_ignore) \
    CALL(is_directed) CALL(layout_fruchterman_reingold) CALL(matrix_destroy) CALL(matrix_init) CALL(rng_default) CALL(rng_destroy) CALL(rng_init) \
    CALL(rng_seed) CALL(rng_set_default) CALL(rngtype_mt19937) CALL(sbm_game) CALL(set_error_handler) CALL(set_warning_handler) CALL(strerror) \
    CALL(vcount) CALL(vector_int_destroy) CALL(vector_int_init) CALL(warning_handler_ignore) CALL(watts_strogatz_game)

static struct {
#define CALL(name) __typeof__(igraph_##name) *name;
    CALLS
#undef CALL
} ig; /* written once, by load */
static pthread_once_t loading = PTHREAD_ONCE_INIT;
static bool loaded;

static void load(void)
{
    void *lib = dlopen(WEFT_IGRAPH_SONAME, RTLD_NOW | RTLD_LOCAL);
    if (!lib) return;
    loaded = true;
#define CALL(name) loaded = (*(void **)&ig.name = dlsym(lib, "igraph_" #name)) && loaded;
    CALLS
#undef CALL
}

bool weft_igraph_linked(void)
{
    pthread_once(&loading, load);
    return loaded;
}

/* ---- igraph's state, kept for its other users ------------------------------------------------------------------------------------------------------------------------- */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
typedef struct guard {
    igraph_error_handler_t *error;
    igraph_warning_handler_t *warning;
    igraph_rng_t rng, *before, copy;
    bool seeded;
} guard_t;

static igraph_error_t enter(guard_t *g, const uint64_t *seed)
{
    *g = (guard_t){0};
    pthread_mutex_lock(&one_at_a_time);
    g->error = ig.set_error_handler(ig.error_handler_ignore);
    g->warning = ig.set_warning_handler(ig.warning_handler_ignore);
    if (!seed) return IGRAPH_SUCCESS;
    igraph_error_t e = ig.rng_init(&g->rng, ig.rngtype_mt19937);
    if (e == IGRAPH_SUCCESS) {
        g->before = ig.rng_default();
        g->copy = *g->before;
        ig.rng_set_default(&g->rng);
        g->seeded = true;
        e = ig.rng_seed(ig.rng_default(), (igraph_uint_t)*seed);
    }
    return e;
}

static void leave(guard_t *g)
{
    if (g->seeded) { /* versions of igraph differ: the default is a pointer to the caller's, or a copy of it */
        ig.rng_set_default(ig.rng_default() == &g->rng ? g->before : &g->copy);
        ig.rng_destroy(&g->rng);
    }
    ig.set_warning_handler(g->warning);
    ig.set_error_handler(g->error);
    pthread_mutex_unlock(&one_at_a_time);
}

static weft_status_t told(igraph_error_t e, const char *what, weft_diag_t *diag)
{
    if (e == IGRAPH_SUCCESS) return WEFT_OK;
    if (e == IGRAPH_ENOMEM) return WEFT_ENOMEM;
    weft_diag_add(diag, WEFT_ERROR, "igraph-failed", NULL, 0, 0, "%s: %s", what, ig.strerror(e));
    return WEFT_EINPUT;
}

/* ---- graphs both ways, within a guard ------------------------------------------------------------------------------------------------------ */
static weft_status_t square(const weft_graph_t *graph, weft_diag_t *diag)
{
    if (!weft_igraph_linked()) return absent(diag);
    if (weft_graph_n_src(graph) == weft_graph_n_dst(graph)) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "graph-shape", NULL, 0, 0, "igraph's graphs have one set of nodes; this one has %lld sources and %lld destinations", (long long)weft_graph_n_src(graph), (long long)weft_graph_n_dst(graph));
    return WEFT_EINPUT;
}

static igraph_error_t make(igraph_t *to, const weft_graph_t *graph)
{
    const int64_t *offset = weft_graph_offsets(graph);
    const int32_t *source = weft_graph_sources(graph);
    igraph_vector_int_t ends;
    igraph_error_t e = ig.vector_int_init(&ends, 2 * weft_graph_n_arcs(graph));
    if (e != IGRAPH_SUCCESS) return e;
    for (int64_t v = 0; v < weft_graph_n_dst(graph); v++)
        for (int64_t a = offset[v]; a < offset[v + 1]; a++) {
            VECTOR(ends)[2 * a] = source[a];
            VECTOR(ends)[2 * a + 1] = v;
        }
    e = ig.create(to, &ends, weft_graph_n_dst(graph), IGRAPH_DIRECTED);
    ig.vector_int_destroy(&ends);
    return e;
}

static weft_status_t take(weft_graph_t **graph, const igraph_t *from, unsigned flags, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *pair = NULL;
    int64_t n = ig.ecount(from), nodes = ig.vcount(from);
    if (nodes > INT32_MAX || n > INT32_MAX) {
        weft_diag_add(diag, WEFT_ERROR, "graph-size", NULL, 0, 0, "2^31 nodes or edges, or more");
        return WEFT_EINPUT;
    }
    WEFT_TRY_ALLOC(pair = weft_i_malloc(2 * (size_t)n * sizeof *pair + 1));
    for (int64_t i = 0; i < n; i++) {
        pair[i] = (int32_t)IGRAPH_FROM(from, i);
        pair[n + i] = (int32_t)IGRAPH_TO(from, i);
    }
    WEFT_TRY(weft_graph_new(graph, nodes, nodes, n, pair, pair + n, flags | (ig.is_directed(from) ? 0 : WEFT_GRAPH_BOTH_WAYS), diag));
done:
    weft_i_free(pair);
    return status;
}

weft_status_t weft_graph_to_igraph(igraph_t *to, const weft_graph_t *graph, weft_diag_t *diag)
{
    guard_t g;
    weft_status_t status = square(graph, diag);
    if (status != WEFT_OK) return status;
    igraph_error_t e = enter(&g, NULL);
    if (e == IGRAPH_SUCCESS) e = make(to, graph);
    leave(&g);
    return told(e, "making the graph", diag);
}

weft_status_t weft_graph_from_igraph(weft_graph_t **graph, const igraph_t *from, unsigned flags, weft_diag_t *diag)
{
    guard_t g;
    *graph = NULL;
    if (!weft_igraph_linked()) return absent(diag);
    igraph_error_t e = enter(&g, NULL);
    weft_status_t status = e == IGRAPH_SUCCESS ? take(graph, from, flags, diag) : told(e, "reading the graph", diag);
    leave(&g);
    return status;
}

/* ---- random graphs ------------------------------------------------------------------------------------------------------------------------- */
static weft_status_t refuse(weft_diag_t *diag, const char *text)
{
    weft_diag_add(diag, WEFT_ERROR, "random-option", NULL, 0, 0, "%s", text);
    return WEFT_EUSAGE;
}

static weft_status_t check(const weft_random_options_t *o, weft_diag_t *diag)
{
    if ((int)o->form < 0 || o->form > WEFT_BLOCKS) return refuse(diag, "no such form");
    if (o->n_nodes < 2 || o->n_nodes > INT32_MAX) return refuse(diag, "2 to 2^31 - 1 nodes are needed");
    if (!(o->degree > 0.0) || o->degree > (double)(o->n_nodes - 1)) return refuse(diag, "the degree must be above 0 and below the number of nodes");
    if (o->degree * (double)o->n_nodes > (double)INT32_MAX) return refuse(diag, "2^31 arcs or more");
    if (o->form == WEFT_WATTS_STROGATZ && !(o->rewire >= 0.0 && o->rewire <= 1.0)) return refuse(diag, "rewire must be a probability");
    if (o->form == WEFT_WATTS_STROGATZ && 2.0 * fmax(1.0, round(o->degree / 2.0)) > (double)(o->n_nodes - 1)) return refuse(diag, "the ring is too short for this degree");
    if (o->form != WEFT_BLOCKS) return WEFT_OK;
    if (o->blocks < 1 || o->blocks > o->n_nodes / 2 || o->blocks > 10000) return refuse(diag, "1 to 10000 blocks of at least 2 nodes are needed");
    if (!(o->inside >= 0.0 && o->inside <= 1.0) || (o->blocks == 1 && o->inside < 1.0)) return refuse(diag, "inside must be a part from 0 to 1, and 1 for one block");
    if (o->degree * o->inside > (double)(o->n_nodes / o->blocks - 1)) return refuse(diag, "a block has too few nodes for this degree");
    if (o->degree * (1.0 - o->inside) > (double)(o->n_nodes - o->n_nodes / o->blocks - 1) && o->inside < 1.0) return refuse(diag, "there are too few nodes outside a block for this degree");
    return WEFT_OK;
}

/* Probabilities by which a node expects degree * inside edges within its block and the rest without. */
static igraph_error_t blocks(igraph_t *to, const weft_random_options_t *o)
{
    igraph_matrix_t p;
    igraph_vector_int_t size;
    double mean = (double)o->n_nodes / o->blocks, in = fmin(1.0, o->degree * o->inside / (mean - 1.0)), out = o->blocks > 1 ? fmin(1.0, o->degree * (1.0 - o->inside) / ((double)o->n_nodes - mean)) : 0.0;
    igraph_error_t e = ig.matrix_init(&p, o->blocks, o->blocks);
    if (e != IGRAPH_SUCCESS) return e;
    if ((e = ig.vector_int_init(&size, o->blocks)) == IGRAPH_SUCCESS) {
        for (int64_t a = 0; a < o->blocks; a++) {
            VECTOR(size)[a] = o->n_nodes * (a + 1) / o->blocks - o->n_nodes * a / o->blocks;
            for (int64_t b = 0; b < o->blocks; b++) MATRIX(p, a, b) = a == b ? in : out;
        }
        e = ig.sbm_game(to, o->n_nodes, &p, &size, IGRAPH_UNDIRECTED, IGRAPH_NO_LOOPS);
        ig.vector_int_destroy(&size);
    }
    ig.matrix_destroy(&p);
    return e;
}

static igraph_error_t draw(igraph_t *to, const weft_random_options_t *o)
{
    igraph_integer_t half = (igraph_integer_t)fmax(1.0, round(o->degree / 2.0));
    switch (o->form) {
    case WEFT_ERDOS_RENYI: return ig.erdos_renyi_game_gnp(to, o->n_nodes, o->degree / (double)(o->n_nodes - 1), IGRAPH_UNDIRECTED, IGRAPH_NO_LOOPS);
    case WEFT_BARABASI: return ig.barabasi_game(to, o->n_nodes, 1.0, half, NULL, true, 0.0, IGRAPH_UNDIRECTED, IGRAPH_BARABASI_PSUMTREE, NULL);
    case WEFT_WATTS_STROGATZ: return ig.watts_strogatz_game(to, 1, o->n_nodes, half, o->rewire, IGRAPH_NO_LOOPS, false);
    case WEFT_BLOCKS: return blocks(to, o);
    }
    return IGRAPH_EINVAL;
}

weft_status_t weft_graph_random(weft_graph_t **graph, const weft_random_options_t *o, weft_diag_t *diag)
{
    guard_t g;
    igraph_t drawn;
    *graph = NULL;
    weft_status_t status = check(o, diag);
    if (status != WEFT_OK) return status;
    if (!weft_igraph_linked()) return absent(diag);
    igraph_error_t e = enter(&g, &o->seed);
    if (e == IGRAPH_SUCCESS) e = draw(&drawn, o);
    if (e == IGRAPH_SUCCESS) {
        status = take(graph, &drawn, WEFT_GRAPH_MERGE | WEFT_GRAPH_DROP_LOOPS, diag);
        ig.destroy(&drawn);
    }
    leave(&g);
    return status == WEFT_OK ? told(e, "drawing the graph", diag) : status;
}

/* ---- components, layout ------------------------------------------------------------------------------------------------------------------------ */
weft_status_t weft_graph_components(int32_t *component, int32_t *n_components, const weft_graph_t *graph, weft_diag_t *diag)
{
    guard_t g;
    igraph_t all;
    igraph_vector_int_t of;
    igraph_integer_t n = 0;
    *n_components = 0;
    weft_status_t status = square(graph, diag);
    if (status != WEFT_OK) return status;
    igraph_error_t e = enter(&g, NULL);
    if (e == IGRAPH_SUCCESS && (e = ig.vector_int_init(&of, 0)) == IGRAPH_SUCCESS) {
        if ((e = make(&all, graph)) == IGRAPH_SUCCESS) {
            e = ig.connected_components(&all, &of, NULL, &n, IGRAPH_WEAK);
            ig.destroy(&all);
        }
        for (int64_t i = 0; e == IGRAPH_SUCCESS && i < weft_graph_n_dst(graph); i++) component[i] = (int32_t)VECTOR(of)[i];
        ig.vector_int_destroy(&of);
    }
    leave(&g);
    *n_components = (int32_t)n;
    return told(e, "finding components", diag);
}

weft_status_t weft_graph_layout(float *xy, const weft_graph_t *graph, int32_t rounds, uint64_t seed, weft_diag_t *diag)
{
    guard_t g;
    igraph_t all;
    igraph_matrix_t at;
    weft_status_t status = square(graph, diag);
    if (status != WEFT_OK) return status;
    int64_t n = weft_graph_n_dst(graph);
    igraph_error_t e = enter(&g, &seed);
    if (e == IGRAPH_SUCCESS && (e = ig.matrix_init(&at, 0, 0)) == IGRAPH_SUCCESS) {
        if ((e = make(&all, graph)) == IGRAPH_SUCCESS) {
            e = ig.layout_fruchterman_reingold(&all, &at, false, rounds > 0 ? rounds : 500, sqrt((double)n) / 10.0, IGRAPH_LAYOUT_AUTOGRID, NULL, NULL, NULL, NULL, NULL);
            ig.destroy(&all);
        }
        for (int64_t i = 0; e == IGRAPH_SUCCESS && i < n; i++)
            for (int k = 0; k < 2; k++) xy[2 * i + k] = (float)MATRIX(at, i, k);
        ig.matrix_destroy(&at);
    }
    leave(&g);
    return told(e, "the layout", diag);
}

#else
bool weft_igraph_linked(void) { return false; }


weft_status_t weft_graph_to_igraph(struct igraph_s *to, const weft_graph_t *graph, weft_diag_t *diag) { return (void)to, (void)graph, absent(diag); }
weft_status_t weft_graph_from_igraph(weft_graph_t **graph, const struct igraph_s *from, unsigned flags, weft_diag_t *diag) { return (void)from, (void)flags, *graph = NULL, absent(diag); }
weft_status_t weft_graph_random(weft_graph_t **graph, const weft_random_options_t *options, weft_diag_t *diag) { return (void)options, *graph = NULL, absent(diag); }
weft_status_t weft_graph_components(int32_t *component, int32_t *n, const weft_graph_t *graph, weft_diag_t *diag) { return (void)component, (void)graph, *n = 0, absent(diag); }
weft_status_t weft_graph_layout(float *xy, const weft_graph_t *graph, int32_t rounds, uint64_t seed, weft_diag_t *diag) { return (void)xy, (void)graph, (void)rounds, (void)seed, absent(diag); }
#endif
