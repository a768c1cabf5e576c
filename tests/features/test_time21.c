/* The 21-design set, where it is at hand (../shared/time21, or WEFT_SHARED): tables of the usb design against the set's own 512 columns; windows. */
#include "base/alloc.h"
#include "predict/level_data.h"
#include "support/toy_time21.h"

#include <zlib.h>

static const char *shared(const char *path)
{
    static char name[4096];
    const char *root = getenv("WEFT_SHARED");
    snprintf(name, sizeof name, "%s%s/time21%s", root ? root : WEFT_SOURCE_DIR, root ? "" : "/../shared", path);
    return name;
}

Test(time21, tables_are_the_512_columns_of_the_set)
{
    weft_library_t *l = NULL;
    weft_time21_t *t = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s", shared("/usb/cell-edge-feat-512.csv.gz"));
    if (access(path, R_OK)) cr_skip_test("no data of the 21-design set");
    snprintf(path, sizeof path, "%s", shared("/lib"));
    cr_assert_eq(weft_time21_library(&l, path, NULL), WEFT_OK);
    cr_assert_eq(weft_time21_read(&t, shared(""), "usb", l, NULL), WEFT_OK);
    gzFile f = gzopen(shared("/usb/cell-edge-feat-512.csv.gz"), "rb");
    cr_assert_not_null(f);
    static char line[16384];
    float table[8 * 49], axes[8 * 14], valid[8];
    double worst = 0.0;
    int32_t rows = 0, n_valid = 0;
    for (; gzgets(f, line, sizeof line); rows++) {
        char *p = line;
        cr_assert_lt(rows, t->n_cell);
        cr_assert_eq(weft_i_arc_luts(l, t->arc[rows], table, axes, valid, NULL), WEFT_OK);
        for (int32_t k = 0; k < 512; k++) {
            double want = strtod(p, &p), have = k < 120 ? (double)(k % 15 ? axes[k / 15 * 14 + k % 15 - 1] : valid[k / 15]) : (double)table[k - 120];
            worst = fmax(worst, fabs(want - have) / fmax(1.0, fabs(want)));
            n_valid += k < 120 && k % 15 == 0 && want > 0.5;
            p += *p == ',';
        }
    }
    gzclose(f);
    cr_assert_eq(rows, 2189);
    cr_assert_gt(n_valid, 8 * 2000);
    cr_assert_lt(worst, 1e-6, "a column is off by %g", worst);
    weft_time21_free(t);
    weft_library_free(l);
}

/* A window holds what its block reads, whole nets, and no cell edge into its context. */
Test(time21, a_window_has_every_edge_into_its_block)
{
    weft_library_t *l = toy_library();
    weft_time21_t *t = toy_time21(l, "toy", 400, 12, 8), *w = NULL;
    for (int32_t first = 0; first + 4 <= t->n_levels; first += 4) {
        int32_t into = 0, cells = 0, padded = 0;
        for (int32_t e = 0; e < t->n_net + t->n_cell; e++) {
            int32_t v = t->level[t->to[e]];
            if (v >= first && v < first + 4) into++, cells += e >= t->n_net;
        }
        cr_assert_eq(weft_time21_window(&w, t, first, first + 4, WEFT_CONTEXT_READ, 0, true), WEFT_OK);
        int32_t found = 0;
        for (int32_t e = 0; e < w->n_net + w->n_cell; e++) found += w->invalid[w->to[e]] != 2;
        cr_assert_eq(found, into);
        cr_assert_eq(w->n_cell, cells);
        for (int32_t e = 0; e < t->n_net; e++) { /* nets are whole or absent, but for context */
            bool from = false, to = false;
            for (int32_t k = 0; k < w->n_nodes; k++) from |= w->node_pin[k] == t->from[e], to |= w->node_pin[k] == t->to[e];
            cr_assert_eq(from, to);
        }
        for (int32_t k = 0; k < w->n_nodes; k++) cr_assert_eq(w->invalid[k], t->level[w->node_pin[k]] >= first && t->level[w->node_pin[k]] < first + 4 ? 0 : 2);
        weft_time21_free(w);
        cr_assert_eq(weft_time21_window(&w, t, first, first + 4, WEFT_CONTEXT_PADDED, 2, false), WEFT_OK);
        for (int32_t e = 0; e < w->n_net + w->n_cell; e++) padded += w->invalid[w->to[e]] != 2;
        cr_assert_leq(padded, into);
        weft_time21_free(w);
    }
    weft_time21_free(t);
    weft_library_free(l);
}
