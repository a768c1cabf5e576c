/* predict/net_samples_write.c: the designs of a calibration as a sample file. */
#include "base/alloc.h"
#include "base/status.h"
#include "predict/net_samples.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct parts { weft_i_tensor_entry_t part[WEFT_I_N_PARTS]; void *owned[WEFT_I_N_PARTS]; } parts_t;

/* Room for every part, by the counts of all designs. */
static weft_status_t make_room(parts_t *p, const weft_calibration_t *c)
{
    int64_t n[3] = {0};
    for (int32_t i = 0; i < c->n_designs; i++) {
        n[WEFT_I_OF_NETS] += c->design[i].graph.n;
        n[WEFT_I_OF_LABELS] += c->design[i].n;
        n[WEFT_I_OF_ARCS] += weft_graph_n_arcs(c->design[i].graph.fanin);
    }
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++) {
        const weft_i_net_samples_part_t *about = &weft_i_net_samples_part[k];
        int64_t rows = n[about->of], all = rows * (about->columns ? about->columns : 1);
        p->owned[k] = weft_i_malloc((size_t)all * weft_i_dtype_size(about->dtype) + 1);
        if (!p->owned[k]) return WEFT_ENOMEM;
        p->part[k] = (weft_i_tensor_entry_t){.name = about->name, .dtype = about->dtype, .n_dims = about->columns ? 2 : 1, .shape = {rows, about->columns}, .data = p->owned[k], .n_elements = all};
    }
    return WEFT_OK;
}

/* The rows of a design and its graph, behind net, label and arc `at`. Every row is a net of the graph: both need a tree and a driver. */
static void fill(const parts_t *p, const weft_calibration_t *c, const weft_i_design_rows_t *d, int64_t at[3])
{
    float *x = p->owned[WEFT_I_NET_COLUMNS], *value = p->owned[WEFT_I_LABEL_VALUES];
    int32_t *id = p->owned[WEFT_I_NET_ID], *net = p->owned[WEFT_I_LABEL_NET], *from = p->owned[WEFT_I_ARC_FROM], *to = p->owned[WEFT_I_ARC_TO];
    const weft_i_net_graph_t *g = &d->graph;
    const int64_t *offset = weft_graph_offsets(g->fanin);
    memcpy(x + at[WEFT_I_OF_NETS] * WEFT_I_N_NET_COLUMNS, g->x, (size_t)g->n * WEFT_I_N_NET_COLUMNS * sizeof *x);
    memcpy(id + at[WEFT_I_OF_NETS], g->net, (size_t)g->n * sizeof *id);
    for (int64_t i = 0, node = 0; i < d->n; i++) {
        const weft_i_net_row_t *r = &c->rows.row[d->first + i];
        const float v[WEFT_I_N_LABELS] = {r->length, r->n_pins, r->cap, r->elmore, r->elmore_len, r->elmore_edge};
        while (g->net[node] < r->net) node++;
        net[at[WEFT_I_OF_LABELS] + i] = (int32_t)node;
        memcpy(value + (at[WEFT_I_OF_LABELS] + i) * WEFT_I_N_LABELS, v, sizeof v);
    }
    memcpy(from + at[WEFT_I_OF_ARCS], weft_graph_sources(g->fanin), (size_t)weft_graph_n_arcs(g->fanin) * sizeof *from);
    for (int32_t v = 0; v < g->n; v++)
        for (int64_t a = offset[v]; a < offset[v + 1]; a++) to[at[WEFT_I_OF_ARCS] + a] = v;
    at[WEFT_I_OF_NETS] += g->n;
    at[WEFT_I_OF_LABELS] += d->n;
    at[WEFT_I_OF_ARCS] += weft_graph_n_arcs(g->fanin);
}

static json_t *about_json(const char *name, const char *unit, const char *scale) { return json_pack("{s:s,s:s,s:s}", "name", name, "unit", unit, "scale", scale); }

static char *make_card(const weft_calibration_t *c, const char *const *folder)
{
    json_t *card = json_object(), *columns = json_array(), *labels = json_array(), *libraries = json_array(), *designs = json_array();
    for (int32_t i = 0; i < WEFT_I_N_NET_COLUMNS; i++) {
        const char *name, *unit, *scale;
        weft_net_samples_column(i, &name, &unit, &scale);
        json_array_append_new(columns, about_json(name, unit, scale));
    }
    for (int32_t i = 0; i < WEFT_I_N_LABELS; i++) json_array_append_new(labels, about_json(weft_i_net_samples_label[i].name, weft_i_net_samples_label[i].unit, weft_i_net_samples_label[i].scale));
    for (int32_t i = 0; i < c->n_libraries; i++) {
        char hash[20];
        snprintf(hash, sizeof hash, "%016" PRIx64, c->library[i].hash);
        json_array_append_new(libraries, json_pack("{s:s,s:s}", "hash", hash, "cells", c->library[i].cells));
    }
    for (int32_t i = 0; i < c->n_designs; i++) {
        const weft_i_design_rows_t *d = &c->design[i];
        json_array_append_new(designs, json_pack("{s:s,s:s,s:s,s:i,s:i,s:i,s:I,s:I}", "name", d->name, "family", d->family, "folder", folder[i], "library", d->library, "netlist_nets", d->n_all, "nets", d->graph.n,
                                                 "labels", (json_int_t)d->n, "arcs", (json_int_t)weft_graph_n_arcs(d->graph.fanin)));
    }
    json_object_set_new(card, "kind", json_string(WEFT_I_NET_SAMPLES_KIND));
    json_object_set_new(card, "columns", columns);
    json_object_set_new(card, "labels", labels);
    json_object_set_new(card, "libraries", libraries);
    json_object_set_new(card, "designs", designs);
    bool whole = json_array_size(designs) == (size_t)c->n_designs && json_array_size(libraries) == (size_t)c->n_libraries && json_array_size(columns) == WEFT_I_N_NET_COLUMNS;
    char *text = whole ? json_dumps(card, JSON_COMPACT) : NULL;
    json_decref(card);
    return text;
}

/* What a card cannot hold, and what no fit should see; told here rather than by the reader. */
static weft_status_t check(const weft_i_tensor_entry_t *const *part, const weft_calibration_t *c, const char *const *folder, const char *path, weft_diag_t *diag)
{
    for (int32_t i = 0; i < c->n_designs; i++) {
        json_t *text = json_pack("[s,s,s]", c->design[i].name, c->design[i].family, folder[i]);
        json_decref(text);
        if (text) continue;
        weft_diag_add(diag, WEFT_ERROR, "samples-name", path, 0, 0, "name, family or folder of design %d is no UTF-8: %s", i + 1, folder[i]);
        return WEFT_EINPUT;
    }
    return weft_i_net_samples_finite(part, path, diag);
}

weft_status_t weft_net_samples_write(const weft_calibration_t *c, const char *const *folder, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    parts_t p = {0};
    const weft_i_tensor_entry_t *part[WEFT_I_N_PARTS];
    char *card = NULL, sum[9];
    int64_t at[3] = {0};
    WEFT_TRY(make_room(&p, c));
    for (int32_t i = 0; i < c->n_designs; i++) fill(&p, c, &c->design[i], at);
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++) part[k] = &p.part[k];
    WEFT_TRY(check(part, c, folder, path, diag));
    WEFT_TRY_ALLOC(card = make_card(c, folder));
    weft_i_net_samples_sum(card, part, sum);
    const char *const meta[] = {"weft", card, "crc32", sum};
    WEFT_TRY(weft_i_safetensors_write(path, p.part, WEFT_I_N_PARTS, meta, 2, diag));
done:
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++) weft_i_free(p.owned[k]);
    free(card);
    return status;
}
