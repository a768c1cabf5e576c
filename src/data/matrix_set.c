/* data/matrix_set.c: a MatrixMarket file as a set: its entries are the edges (values are not looked at; a general matrix is directed, entry (i, j) the arc j -> i). Labels, features and a split
 * stand in NAME.nodes.csv beside NAME.mtx, a line per row of the matrix; without it the set has no labels. */
#include "base/alloc.h"
#include "base/status.h"
#include "data/columns.h"
#include "weft/matrix_market.h"

#include <string.h>
#include <unistd.h>

static size_t stem_of(const char *path)
{
    static const char *const ending[] = {".mtx", ".mtx.gz", ".mtx.zst"};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (n > strlen(ending[i]) && !strcmp(path + n - strlen(ending[i]), ending[i])) return n - strlen(ending[i]);
    return 0;
}

bool weft_i_is_matrix(const char *path) { return stem_of(path) > 0; }

static weft_status_t read_nodes(weft_dataset_t *d, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_text_t text = {0};
    weft_names_t *ids = NULL;
    weft_i_columns_t *columns = NULL;
    int64_t n = d->n_nodes;
    WEFT_TRY_ALLOC(ids = weft_names_new());
    WEFT_TRY(weft_i_text_read(&text, path, diag));
    d->n_nodes = 0;
    WEFT_TRY(weft_i_csv_nodes(d, &text, path, ids, &columns, diag));
    if (d->n_nodes != n) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "%s has %lld nodes, the matrix %lld", path, (long long)d->n_nodes, (long long)n));
    WEFT_TRY(weft_i_columns_finish(columns, d, diag));
done:
    weft_i_columns_free(columns);
    weft_names_free(ids);
    weft_i_text_destroy(&text);
    return status;
}

weft_status_t weft_i_read_matrix_set(weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_matrix_t *m = NULL;
    int32_t *pairs = NULL;
    char path[4096];
    WEFT_TRY(weft_matrix_read(&m, d->path, diag));
    if (m->n_rows != m->n_cols || !m->n_rows) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "a matrix of %lld rows and %lld columns is no graph", (long long)m->n_rows, (long long)m->n_cols));
    if (m->n_rows > 1 << 24 && m->n_rows / 64 > m->n_entries) WEFT_TRY(weft_i_data_wrong(d, "dataset-shape", diag, "%lld rows for %lld entries", (long long)m->n_rows, (long long)m->n_entries));
    d->n_nodes = m->n_rows;
    WEFT_TRY_ALLOC(pairs = weft_i_malloc(2 * (size_t)m->n_entries * sizeof *pairs + 1));
    for (int64_t e = 0; e < m->n_entries; e++) {
        pairs[2 * e] = m->col[e];
        pairs[2 * e + 1] = m->row[e];
    }
    WEFT_TRY(weft_i_assemble_edges(d, pairs, m->n_entries, m->form == WEFT_MATRIX_GENERAL, diag));
    if (snprintf(path, sizeof path, "%.*s.nodes.csv", (int)stem_of(d->path), d->path) < (int)sizeof path && !access(path, R_OK)) WEFT_TRY(read_nodes(d, path, diag));
    else WEFT_TRY(weft_dataset_degree_codes(d));
done:
    weft_matrix_free(m);
    weft_i_free(pairs);
    return status;
}
