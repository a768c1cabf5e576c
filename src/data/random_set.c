/* data/random_set.c: a set from a graph in memory, and from a random one. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "data/assemble.h"
#include "graph/graph.h"

#include <string.h>

weft_status_t weft_dataset_from_graph(weft_dataset_t **dataset, const char *name, const weft_graph_t *g, const int32_t *label, int32_t n_classes, const float *x, int64_t n_features, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_dataset_t *d = NULL;
    int32_t *pairs = NULL;
    *dataset = NULL;
    if (g->n_src != g->n_dst || g->n_src < 1) {
        weft_diag_add(diag, WEFT_ERROR, "graph-shape", NULL, 0, 0, "a set needs one kind of nodes, and one at least");
        return WEFT_EINPUT;
    }
    WEFT_TRY_ALLOC(d = weft_i_calloc(1, sizeof *d));
    d->n_nodes = g->n_dst;
    WEFT_TRY_ALLOC(d->name = weft_i_strndup(name, strlen(name)));
    WEFT_TRY_ALLOC(d->path = weft_i_strndup(name, strlen(name)));
    WEFT_TRY_ALLOC(d->metric = weft_i_strndup("accuracy", 8));
    WEFT_TRY_ALLOC(pairs = weft_i_malloc(2 * (size_t)g->n_arcs * sizeof *pairs + 1));
    for (int64_t v = 0; v < g->n_dst; v++)
        for (int64_t a = g->offset[v]; a < g->offset[v + 1]; a++) {
            pairs[2 * a] = g->source[a];
            pairs[2 * a + 1] = (int32_t)v;
        }
    WEFT_TRY(weft_i_assemble_edges(d, pairs, g->n_arcs, !g->mirrored, diag));
    if (label) {
        WEFT_TRY_ALLOC(d->label = weft_i_malloc((size_t)d->n_nodes * sizeof *d->label));
        for (int64_t i = 0; i < d->n_nodes; i++) {
            if (label[i] < 0 || label[i] >= n_classes) WEFT_TRY(weft_i_data_wrong(d, "dataset-label", diag, "node %lld has class %d of %d", (long long)i, label[i], n_classes));
            d->label[i] = label[i];
        }
        d->n_classes = n_classes;
        WEFT_TRY(weft_i_assemble_random_splits(d));
    }
    if (x && n_features > 0) {
        d->n_features = n_features;
        WEFT_TRY_ALLOC(d->x = weft_i_malloc((size_t)(d->n_nodes * n_features) * sizeof *d->x));
        memcpy(d->x, x, (size_t)(d->n_nodes * n_features) * sizeof *d->x);
    } else WEFT_TRY(weft_dataset_degree_codes(d));
    *dataset = d;
    d = NULL;
done:
    weft_i_free(pairs);
    weft_dataset_free(d);
    return status;
}

weft_status_t weft_dataset_random(weft_dataset_t **dataset, const weft_random_options_t *o, int64_t n_features, weft_diag_t *diag)
{
    static const char *const name[] = {"er", "ba", "ws", "sbm"};
    weft_status_t status = WEFT_OK;
    weft_graph_t *g = NULL;
    int32_t *label = NULL;
    float *x = NULL;
    weft_i_rng_t rng = {o->seed, 0x66656174, 0};
    bool blocks = o->form == WEFT_BLOCKS;
    *dataset = NULL;
    if (n_features < 0 || n_features > 65536) {
        weft_diag_add(diag, WEFT_ERROR, "random-option", NULL, 0, 0, "0 to 65536 features");
        return WEFT_EUSAGE;
    }
    WEFT_TRY(weft_graph_random(&g, o, diag));
    if (blocks) WEFT_TRY_ALLOC(label = weft_i_malloc((size_t)o->n_nodes * sizeof *label));
    for (int64_t i = 0; blocks && i < o->n_nodes; i++) label[i] = weft_random_block(o, i);
    WEFT_TRY_ALLOC(x = weft_i_malloc((size_t)(o->n_nodes * n_features) * sizeof *x + 1));
    for (int64_t i = 0; i < o->n_nodes; i++)
        for (int64_t j = 0; j < n_features; j++) x[i * n_features + j] = (float)(weft_i_rng_normal(&rng) + (label && label[i] % n_features == j ? 1.0 : 0.0));
    WEFT_TRY(weft_dataset_from_graph(dataset, name[o->form], g, label, blocks ? o->blocks : 0, x, n_features, diag));
done:
    weft_graph_free(g);
    weft_i_free(label);
    weft_i_free(x);
    return status;
}
