/* MatrixMarket: what it holds is found, what is wrong with it is said with its line; matrices as graphs and back. */
#include "base/alloc.h"
#include "weft/matrix_market.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GENERAL "%%MatrixMarket matrix coordinate real general\n"
#define SYMMETRIC "%%MatrixMarket matrix coordinate integer symmetric\n"
#define PATTERN "%%MatrixMarket matrix coordinate pattern general\n"

static weft_matrix_t *parsed(const char *text)
{
    weft_matrix_t *m = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_matrix_parse(&m, text, strlen(text), "text", diag), WEFT_OK, "%s", weft_diag_n_entries(diag) ? weft_diag_entry(diag, 0)->text : "");
    weft_diag_free(diag);
    return m;
}

Test(matrix, general_with_comments_and_blanks)
{
    weft_matrix_t *m = parsed(GENERAL "% a comment\n\n3 4 3\r\n1 1 0.5\n 3\t4 -2e-3 \n%\n2 2 1");
    cr_assert(m->n_rows == 3 && m->n_cols == 4 && m->n_entries == 3 && m->form == WEFT_MATRIX_GENERAL);
    cr_assert(m->row[1] == 2 && m->col[1] == 3 && m->value[1] == -2e-3 && m->value[2] == 1.0);
    weft_matrix_free(m);
    m = parsed("%%matrixmarket MATRIX Coordinate Pattern Symmetric\n2 2 1\n2 1\n");
    cr_assert(!m->value && m->form == WEFT_MATRIX_SYMMETRIC);
    weft_matrix_free(m);
    m = parsed(GENERAL "0 0 0\n");
    cr_assert_eq(m->n_entries, 0);
    weft_matrix_free(m);
}

static const struct { const char *text, *id; int line; } bad[] = {
    {"", "mtx-header", 1},
    {"MatrixMarket matrix coordinate real general\n1 1 0\n", "mtx-header", 1},
    {"%%MatrixMarket vector coordinate real general\n1 1 0\n", "mtx-header", 1},
    {"%%MatrixMarket matrix sparse real general\n1 1 0\n", "mtx-header", 1},
    {"%%MatrixMarket matrix coordinate quaternion general\n1 1 0\n", "mtx-header", 1},
    {"%%MatrixMarket matrix coordinate real upper\n1 1 0\n", "mtx-header", 1},
    {"%%MatrixMarket matrix coordinate real general more\n1 1 0\n", "mtx-header", 1},
    {"%%MatrixMarket matrix coordinate pattern skew-symmetric\n1 1 0\n", "mtx-header", 1},
    {"%%MatrixMarket matrix array real general\n1 1\n1\n", "mtx-kind", 1},
    {"%%MatrixMarket matrix coordinate complex general\n1 1 0\n", "mtx-kind", 1},
    {"%%MatrixMarket matrix coordinate real hermitian\n1 1 0\n", "mtx-kind", 1},
    {GENERAL "% no sizes\n", "mtx-size", 3},
    {GENERAL "3 3\n", "mtx-size", 2},
    {GENERAL "3 3 1 1\n1 1 1\n", "mtx-size", 2},
    {GENERAL "3 -3 0\n", "mtx-size", 2},
    {GENERAL "3 2147483648 0\n", "mtx-size", 2},
    {GENERAL "3 99999999999999999999999 0\n", "mtx-size", 2},
    {SYMMETRIC "3 4 0\n", "mtx-size", 2},
    {GENERAL "3 3 2000000000\n1 1 1\n", "mtx-count", 2},
    {GENERAL "3 3 2\n1 1 1.0000\n%\n", "mtx-count", 5},
    {GENERAL "3 3 1\n1 1 1\n2 2 2\n", "mtx-count", 4},
    {GENERAL "3 3 1\n0 1 1\n", "mtx-entry", 3},
    {GENERAL "3 3 2\n1 1 1\n4 1 1\n", "mtx-entry", 4},
    {GENERAL "3 3 1\n1 4 1\n", "mtx-entry", 3},
    {GENERAL "3 3 1\n1 x 1\n", "mtx-entry", 3},
    {GENERAL "3 3 1\n1.5 1 1\n", "mtx-entry", 3},
    {SYMMETRIC "3 3 1\n1 2 1\n", "mtx-entry", 3},
    {"%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n2 2 1\n", "mtx-entry", 3},
    {PATTERN "3 3 1\n1 1 1\n", "mtx-entry", 3},
    {GENERAL "3 3 1\n1 1\n2 2\n", "mtx-value", 3},
    {GENERAL "3 3 1\n1 1 one\n", "mtx-value", 3},
    {GENERAL "3 3 1\n1 1 nan\n", "mtx-value", 3},
    {GENERAL "3 3 1\n1 1 1e999\n", "mtx-value", 3},
    {GENERAL "3 3 1\n1 1 1 2\n", "mtx-value", 3}};

Test(matrix, what_is_wrong_is_said_with_its_line)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        weft_matrix_t *m = NULL;
        weft_diag_t *diag = weft_diag_new();
        cr_assert_eq(weft_matrix_parse(&m, bad[i].text, strlen(bad[i].text), "text", diag), WEFT_EINPUT, "read: %s", bad[i].text);
        const weft_diag_entry_t *e = weft_diag_entry(diag, 0);
        cr_assert(weft_diag_n_entries(diag) == 1 && !strcmp(e->id, bad[i].id) && e->line == bad[i].line, "%s in line %d, not %s in line %d: %s", e->id, e->line, bad[i].id, bad[i].line, bad[i].text);
        cr_assert_null(m);
        weft_diag_free(diag);
    }
}

Test(matrix, symmetry_makes_arcs_both_ways)
{
    weft_matrix_t *m = parsed(SYMMETRIC "3 3 3\n2 1 5\n2 2 7\n3 1 9\n");
    weft_graph_t *g;
    weft_real_t *w;
    cr_assert_eq(weft_matrix_to_graph(&g, &w, m, NULL), WEFT_OK);
    const int64_t offset[] = {0, 2, 4, 5};
    const int32_t source[] = {1, 2, 0, 1, 0}, id[] = {0, 2, 0, 1, 2};
    const weft_real_t want[] = {5, 9, 5, 7, 9};
    cr_assert_arr_eq(weft_graph_offsets(g), offset, sizeof offset);
    cr_assert_arr_eq(weft_graph_sources(g), source, sizeof source);
    cr_assert_arr_eq(weft_graph_edge_ids(g), id, sizeof id);
    cr_assert_arr_eq(w, want, sizeof want);
    free(w);
    weft_graph_free(g);
    weft_matrix_free(m);
    m = parsed("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 5\n");
    cr_assert_eq(weft_matrix_to_graph(&g, &w, m, NULL), WEFT_OK);
    cr_assert(w[0] == -5 && w[1] == 5 && weft_graph_sources(g)[0] == 1);
    free(w);
    weft_graph_free(g);
    weft_matrix_free(m);
}

/* Text -> matrix -> graph -> matrix -> file -> matrix: the same graph and the same bits of weights. */
Test(matrix, there_and_back)
{
    static const char *const text[] = {GENERAL "3 4 4\n1 1 0.1\n3 4 -2e-3\n2 2 1\n1 4 7\n", SYMMETRIC "3 3 3\n2 1 5\n2 2 7\n3 1 9\n", PATTERN "3 3 3\n1 2\n2 1\n3 3\n"};
    char path[] = "/tmp/weft-matrix-XXXXXX.mtx";
    close(mkstemps(path, 4));
    for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
        weft_matrix_t *m = parsed(text[k]), *back, *again;
        weft_graph_t *g, *h;
        weft_real_t *w, *v;
        cr_assert_eq(weft_matrix_to_graph(&g, &w, m, NULL), WEFT_OK);
        cr_assert_eq(weft_matrix_from_graph(&back, g, m->value ? w : NULL), WEFT_OK);
        cr_assert_eq(back->form, k ? WEFT_MATRIX_SYMMETRIC : WEFT_MATRIX_GENERAL);
        cr_assert_eq(weft_matrix_write(back, path, NULL), WEFT_OK);
        cr_assert_eq(weft_matrix_read(&again, path, NULL), WEFT_OK);
        cr_assert_eq(weft_matrix_to_graph(&h, &v, again, NULL), WEFT_OK);
        size_t n = (size_t)weft_graph_n_arcs(g);
        cr_assert_eq((size_t)weft_graph_n_arcs(h), n);
        cr_assert_arr_eq(weft_graph_sources(g), weft_graph_sources(h), n * sizeof(int32_t));
        cr_assert_arr_eq(w, v, n * sizeof *w);
        free(w);
        free(v);
        weft_graph_free(g);
        weft_graph_free(h);
        weft_matrix_free(m);
        weft_matrix_free(back);
        weft_matrix_free(again);
    }
    unlink(path);
}

Test(matrix, a_few_bytes_take_no_gigabytes)
{
    weft_matrix_t *m = parsed(PATTERN "2000000000 2000000000 1\n1 1\n");
    weft_graph_t *g;
    weft_diag_t *diag = weft_diag_new();
    cr_assert_eq(weft_matrix_to_graph(&g, NULL, m, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "mtx-size"), 1);
    weft_diag_free(diag);
    weft_matrix_free(m);
}

Test(matrix, every_allocation_failed_once)
{
    static const char text[] = SYMMETRIC "3 3 3\n2 1 5\n2 2 7\n3 1 9\n";
    for (int64_t nth = 1;; nth++) {
        weft_matrix_t *m = NULL, *back = NULL;
        weft_graph_t *g = NULL;
        weft_real_t *w = NULL;
        weft_i_alloc_fail(nth, false);
        weft_status_t status = weft_matrix_parse(&m, text, sizeof text - 1, "text", NULL);
        if (status == WEFT_OK) status = weft_matrix_to_graph(&g, &w, m, NULL);
        if (status == WEFT_OK) status = weft_matrix_from_graph(&back, g, w);
        int64_t asked = weft_i_alloc_count();
        weft_i_alloc_fail(0, false);
        free(w);
        weft_graph_free(g);
        weft_matrix_free(m);
        weft_matrix_free(back);
        if (asked < nth) break;
        cr_assert_eq(status, WEFT_ENOMEM, "allocation %lld", (long long)nth);
    }
}
