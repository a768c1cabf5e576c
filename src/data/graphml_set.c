/* data/graphml_set.c: a GraphML document as a set of node classes. */
#include "base/alloc.h"
#include "base/status.h"
#include "data/columns.h"
#include "weft/graphml.h"

#include <string.h>

bool weft_i_is_graphml(const char *path)
{
    static const char *const ending[] = {".graphml", ".graphml.gz", ".graphml.zst", ".xml"};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (n > strlen(ending[i]) && !strcmp(path + n - strlen(ending[i]), ending[i])) return true;
    return false;
}

weft_status_t weft_i_read_graphml_set(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_graphml_t *g = NULL;
    weft_i_columns_t *columns = NULL;
    WEFT_TRY(weft_graphml_read(&g, d->path, diag));
    d->n_nodes = g->n_nodes;
    WEFT_TRY(weft_i_assemble_edges(d, g->edge, g->n_edges, g->directed, diag));
    WEFT_TRY_ALLOC(columns = weft_i_columns_new(d->n_nodes));
    for (int32_t k = 0; k < g->n_keys; k++) { /* defaults first: what a node says goes over them */
        const weft_graphml_key_t *key = &g->key[k];
        for (int64_t i = 0; key->of == WEFT_GRAPHML_NODE && key->otherwise && i < d->n_nodes; i++)
            WEFT_TRY(weft_i_columns_add(columns, key->name ? key->name : key->id, i, key->otherwise, strlen(key->otherwise), d->path, 0, diag));
    }
    for (int64_t i = 0; i < g->n_data; i++) {
        const weft_graphml_datum_t *x = &g->datum[i];
        const weft_graphml_key_t *key = &g->key[x->key];
        if (key->of == WEFT_GRAPHML_NODE) WEFT_TRY(weft_i_columns_add(columns, key->name ? key->name : key->id, x->item, x->text, strlen(x->text), d->path, x->line, diag));
    }
    WEFT_TRY(weft_i_columns_finish(columns, d, diag));
done:
    weft_i_columns_free(columns);
    weft_graphml_free(g);
    return status;
}
