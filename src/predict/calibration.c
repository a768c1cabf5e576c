/* predict/calibration.c: see calibration.h: designs are added and dealt to folds. */
#include "predict/calibration.h"
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/library_names.h"

#include <string.h>

weft_calibration_t *weft_calibration_new(void) { return weft_i_calloc(1, sizeof(weft_calibration_t)); }

void weft_i_design_rows_destroy(weft_i_design_rows_t *x)
{
    weft_i_free(x->name);
    weft_i_free(x->family);
    weft_i_net_graph_destroy(&x->graph);
}

void weft_calibration_free(weft_calibration_t *c)
{
    if (!c) return;
    for (int32_t i = 0; i < c->n_designs; i++) weft_i_design_rows_destroy(&c->design[i]);
    for (int32_t i = 0; i < c->n_libraries; i++) weft_i_free(c->library[i].cells);
    weft_i_free(c->library);
    weft_i_free(c->design);
    weft_i_free(c->rows.row);
    weft_i_free(c);
}

int32_t weft_calibration_n_designs(const weft_calibration_t *c) { return c->n_designs; }

weft_status_t weft_i_calibration_take(weft_calibration_t *c, weft_i_design_rows_t *x, const char *name, const char *family, weft_i_library_key_t *library)
{
    weft_status_t status = WEFT_OK;
    x->n = c->rows.n - x->first;
    for (int64_t i = x->first; i < c->rows.n; i++) {
        x->cap += (double)c->rows.row[i].cap;
        x->elmore += (double)c->rows.row[i].elmore;
    }
    while (x->library < c->n_libraries && (c->library[x->library].hash != library->hash || strcmp(c->library[x->library].cells, library->cells))) x->library++;
    if (!WEFT_I_ROOM(c->design, c->design_cap, c->n_designs + 1) || !WEFT_I_ROOM(c->library, c->library_cap, x->library + 1)) WEFT_TRY(WEFT_ENOMEM);
    WEFT_TRY_ALLOC(x->name = weft_i_strndup(name, strlen(name)));
    WEFT_TRY_ALLOC(x->family = weft_i_strndup(family, strlen(family)));
    if (x->library == c->n_libraries) {
        c->library[c->n_libraries++] = *library;
        library->cells = NULL;
    }
    c->design[c->n_designs++] = *x;
    *x = (weft_i_design_rows_t){0};
done:
    return status;
}

weft_status_t weft_calibration_add(weft_calibration_t *c, const weft_design_t *d, const weft_parasitics_t *routed, const char *name, const char *family,
                                   weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t first = c->rows.n;
    weft_i_design_rows_t x = {.first = first, .n_all = d->n_nets};
    weft_i_library_key_t library = {.hash = d->library->hash};
    weft_i_layout_t *layout = NULL;
    if (!d->pin_x) {
        weft_diag_add(diag, WEFT_ERROR, "calibrate-placement", NULL, 0, 0, "%s has no placement", name);
        return WEFT_EINPUT;
    }
    WEFT_TRY(weft_i_layout_new(&layout, d));
    WEFT_TRY(weft_i_net_rows_add(&c->rows, d, layout, routed));
    if (c->rows.n == first) {
        weft_diag_add(diag, WEFT_ERROR, "calibrate-placement", NULL, 0, 0, "no net of %s is both placed and routed", name);
        WEFT_TRY(WEFT_EINPUT);
    }
    WEFT_TRY(weft_i_net_graph_init(&x.graph, d, layout, diag));
    WEFT_TRY_ALLOC(library.cells = weft_i_library_cell_names(d->library));
    WEFT_TRY(weft_i_calibration_take(c, &x, name, family, &library));
    first = c->rows.n;
done:
    weft_i_layout_free(layout);
    weft_i_design_rows_destroy(&x);
    weft_i_free(library.cells);
    c->rows.n = first;
    return status;
}

weft_status_t weft_calibration_library(weft_library_t **library, const weft_calibration_t *c)
{
    *library = NULL;
    if (!c->n_designs) return WEFT_OK;
    const weft_i_library_key_t *key = &c->library[c->design[c->n_designs - 1].library];
    return weft_i_library_of_names(library, key->hash, key->cells);
}

static bool akin(const weft_calibration_t *c, int32_t i, int32_t k, bool apart) { return apart ? i == k : !strcmp(c->design[i].family, c->design[k].family); }

weft_status_t weft_calibration_folds(const weft_calibration_t *c, int32_t n_folds, int32_t *fold)
{
    int64_t *size = weft_i_calloc((size_t)c->n_designs + (size_t)n_folds + 1, sizeof *size), *held = size + c->n_designs;
    bool apart = true; /* one family alone: its designs are dealt one by one */
    if (!size) return WEFT_ENOMEM;
    for (int32_t i = 1; i < c->n_designs; i++) apart = apart && !strcmp(c->design[0].family, c->design[i].family);
    for (int32_t i = 0; i < c->n_designs; i++) {
        fold[i] = -1;
        for (int32_t k = 0; k < c->n_designs; k++)
            if (akin(c, i, k, apart)) size[i] += c->design[k].n;
    }
    for (;;) { /* the largest family not dealt yet, to the emptiest fold */
        int32_t most = -1, to = 0;
        for (int32_t i = 0; i < c->n_designs; i++)
            if (fold[i] < 0 && (most < 0 || size[i] > size[most])) most = i;
        if (most < 0) break;
        for (int32_t k = 1; k < n_folds; k++)
            if (held[k] < held[to]) to = k;
        held[to] += size[most];
        for (int32_t i = most; i < c->n_designs; i++)
            if (akin(c, i, most, apart)) fold[i] = to;
    }
    weft_i_free(size);
    return WEFT_OK;
}
