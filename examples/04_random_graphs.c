/* Random graphs by igraph, and a network that tells where they come from: of two graphs of one size and mean degree, which grew by preferential attachment? Nodes have no features but a 1:
 * what there is to know is in the arcs. The last graph's drawing is told too.
 *     cc 04_random_graphs.c $(pkg-config --cflags --libs weft) -o random_graphs && ./random_graphs */
#include <weft/igraph.h>
#include <weft/train.h>

#include <stdio.h>
#include <stdlib.h>

enum { GRAPHS = 120, NODES = 40 };
typedef struct set { int64_t node_ptr[GRAPHS + 1], edge_ptr[GRAPHS + 1]; int32_t *edge, label[GRAPHS]; uint8_t split[GRAPHS]; float x[GRAPHS * NODES]; } set_t;

/* Adds graph i to the set: each pair of arcs u -> v and v -> u is one edge. */
static int add(set_t *s, int i, const weft_graph_t *graph)
{
    const int64_t *offset = weft_graph_offsets(graph);
    const int32_t *source = weft_graph_sources(graph);
    int64_t at = s->edge_ptr[i];
    int32_t *more = realloc(s->edge, (size_t)(2 * (at + weft_graph_n_arcs(graph) / 2 + 1)) * sizeof *more);
    if (!more) return 0;
    s->edge = more;
    for (int32_t v = 0; v < NODES; v++)
        for (int64_t a = offset[v]; a < offset[v + 1]; a++)
            if (source[a] < v) {
                s->edge[2 * at] = source[a];
                s->edge[2 * at++ + 1] = v;
            }
    s->edge_ptr[i + 1] = at;
    s->node_ptr[i + 1] = (int64_t)(i + 1) * NODES;
    return 1;
}

int main(void)
{
    weft_diag_t *diag = weft_diag_new();
    set_t *s = calloc(1, sizeof *s);
    weft_graph_t *graph = NULL;
    weft_train_options_t options;
    weft_run_t run;
    int32_t component[NODES], parts = 0;
    float xy[2 * NODES];
    if (!weft_igraph_linked()) {
        printf("this build of the library has no igraph\n");
        return 0;
    }
    weft_status_t status = s ? WEFT_OK : WEFT_ENOMEM;
    for (int i = 0; i < GRAPHS && status == WEFT_OK; i++) {
        weft_random_options_t o = weft_random_defaults(i % 2 ? WEFT_BARABASI : WEFT_ERDOS_RENYI);
        o.n_nodes = NODES;
        o.seed = (uint64_t)i;
        s->label[i] = i % 2;
        s->split[i] = (uint8_t)(i < 60 ? 1 : i < 90 ? 2 : 3); /* train, validation, test */
        weft_graph_free(graph);
        status = weft_graph_random(&graph, &o, diag);
        if (status == WEFT_OK && !add(s, i, graph)) status = WEFT_ENOMEM;
    }
    for (int i = 0; i < GRAPHS * NODES && s; i++) s->x[i] = 1.0f;
    if (status == WEFT_OK) status = weft_graph_components(component, &parts, graph, diag);
    if (status == WEFT_OK) status = weft_graph_layout(xy, graph, 0, 1, diag);
    if (status == WEFT_OK) printf("the last graph: %lld arcs, %d component%s, node 0 is drawn at (%.2f, %.2f)\n", (long long)weft_graph_n_arcs(graph), parts, parts == 1 ? "" : "s", (double)xy[0], (double)xy[1]);
    if (status == WEFT_OK) status = weft_train_defaults_for(&options, "gin", NULL, NULL, true, diag);
    if (status == WEFT_OK) status = weft_train_set(&options, "epochs=60", diag);
    if (status == WEFT_OK) status = weft_train_set(&options, "normalize=none", diag); /* a column of ones is meant */
    if (status == WEFT_OK) {
        const weft_graph_task_t task = {.n_graphs = GRAPHS, .n_features = 1, .node_ptr = s->node_ptr, .edge_ptr = s->edge_ptr, .edge = s->edge, .x = s->x, .label = s->label, .n_classes = 2, .n_splits = 1, .split = s->split};
        status = weft_train_graph(&run, NULL, &task, &options, 0, NULL, NULL, diag);
    }
    if (status == WEFT_OK) printf("%.0f %% of the test graphs told apart, best epoch %d of %d\n", 100.0 * run.test, run.best_epoch, run.epochs);
    weft_diag_print(diag, stderr, WEFT_WARNING);
    weft_graph_free(graph);
    if (s) free(s->edge);
    free(s);
    weft_diag_free(diag);
    return status == WEFT_OK && run.test > 0.9 ? 0 : 1;
}
