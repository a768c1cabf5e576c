/* predict/net_samples_read.c: a sample file, checked whole before anything of it is believed. */
#include "base/alloc.h"
#include "base/status.h"
#include "predict/net_samples.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct design { weft_net_samples_design_t about; int32_t library; int64_t at[3]; } design_t; /* at: first net, label and arc */
struct weft_net_samples {
    weft_i_safetensors_t *file;
    json_t *card; /* holds the texts */
    const weft_i_tensor_entry_t *part[WEFT_I_N_PARTS];
    int32_t n;
    design_t *design;
    weft_i_library_key_t *library; /* cells borrowed from the card */
    int32_t n_libraries;
};

static weft_status_t wrong(const char *path, const char *id, weft_diag_t *diag, const char *format, ...) WEFT_PRINTF(4, 5);
static weft_status_t wrong(const char *path, const char *id, weft_diag_t *diag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    weft_diag_addv(diag, WEFT_ERROR, id, path, 0, 0, format, args);
    va_end(args);
    return WEFT_EINPUT;
}

/* Entry i of a part of 4 byte numbers, which stand anywhere in the file. */
static int32_t whole(const weft_i_tensor_entry_t *t, int64_t i)
{
    int32_t v;
    memcpy(&v, (const char *)t->data + i * (int64_t)sizeof v, sizeof v);
    return v;
}
static float real(const weft_i_tensor_entry_t *t, int64_t i)
{
    float v;
    memcpy(&v, (const char *)t->data + i * (int64_t)sizeof v, sizeof v);
    return v;
}

weft_status_t weft_i_net_samples_finite(const weft_i_tensor_entry_t *const part[WEFT_I_N_PARTS], const char *path, weft_diag_t *diag)
{
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++)
        for (int64_t i = 0; i < part[k]->n_elements && part[k]->dtype == WEFT_I_F32; i++)
            if (!isfinite(real(part[k], i))) return wrong(path, "samples-number", diag, "%s: number %lld is not finite", part[k]->name, (long long)i);
    return WEFT_OK;
}

/* ---- card ------------------------------------------------------------------------------------------------------ */
static bool names_are(json_t *list, int32_t n, const char *(*name_of)(int32_t))
{
    bool same = json_array_size(list) == (size_t)n;
    for (int32_t i = 0; i < n && same; i++) {
        const char *name = json_string_value(json_object_get(json_array_get(list, (size_t)i), "name"));
        same = name && !strcmp(name, name_of(i));
    }
    return same;
}
static const char *column_name(int32_t i)
{
    const char *name, *unit, *scale;
    weft_net_samples_column(i, &name, &unit, &scale);
    return name;
}
static const char *label_name(int32_t i) { return weft_i_net_samples_label[i].name; }

static weft_status_t read_libraries(weft_net_samples_t *s, const char *path, weft_diag_t *diag)
{
    json_t *list = json_object_get(s->card, "libraries"), *x;
    size_t i;
    s->library = weft_i_calloc(json_array_size(list) + 1, sizeof *s->library);
    if (!s->library) return WEFT_ENOMEM;
    json_array_foreach(list, i, x) {
        const char *hash = json_string_value(json_object_get(x, "hash")), *cells = json_string_value(json_object_get(x, "cells"));
        if (!hash || strlen(hash) != 16 || strspn(hash, "0123456789abcdef") != 16 || !cells) return wrong(path, "samples-content", diag, "library %zu needs a hash of 16 digits and cells", i);
        s->library[s->n_libraries++] = (weft_i_library_key_t){strtoull(hash, NULL, 16), (char *)(uintptr_t)cells};
    }
    return WEFT_OK;
}

/* A count in the card, 0 to `most`; else -1. */
static int64_t count(json_t *of, const char *key, int64_t most)
{
    json_t *x = json_object_get(of, key);
    return json_is_integer(x) && json_integer_value(x) >= 0 && json_integer_value(x) <= most ? json_integer_value(x) : -1;
}

static weft_status_t read_designs(weft_net_samples_t *s, const char *path, weft_diag_t *diag)
{
    static const char *const key[3] = {"nets", "labels", "arcs"};
    json_t *list = json_object_get(s->card, "designs"), *x;
    int64_t at[3] = {0}, all[3], n[3] = {0};
    size_t i;
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++) all[weft_i_net_samples_part[k].of] = s->part[k]->shape[0];
    s->design = weft_i_calloc(json_array_size(list) + 1, sizeof *s->design);
    if (!s->design) return WEFT_ENOMEM;
    json_array_foreach(list, i, x) {
        design_t *d = &s->design[s->n++];
        weft_net_samples_design_t *a = &d->about;
        a->name = json_string_value(json_object_get(x, "name"));
        a->family = json_string_value(json_object_get(x, "family"));
        a->folder = json_string_value(json_object_get(x, "folder"));
        int64_t library = count(x, "library", s->n_libraries - 1), nets = count(x, "netlist_nets", INT32_MAX);
        for (int k = 0; k < 3; k++) {
            d->at[k] = at[k];
            n[k] = count(x, key[k], k < 2 ? (all[k] - at[k] < INT32_MAX ? all[k] - at[k] : INT32_MAX) : all[k] - at[k]);
            at[k] += n[k];
        }
        if (!a->name || !a->family || !a->folder || library < 0 || nets < 0 || n[0] < 0 || n[1] < 1 || n[2] < 0)
            return wrong(path, "samples-content", diag, "design %zu: name, family, folder, library, netlist_nets, nets, labels and arcs are needed, and to fit", i);
        d->library = (int32_t)library;
        a->library_hash = s->library[library].hash;
        a->n_all = (int32_t)nets;
        a->n_nets = (int32_t)n[0];
        a->n_labels = (int32_t)n[1];
        a->n_arcs = n[2];
    }
    for (int k = 0; k < 3; k++)
        if (at[k] != all[k]) return wrong(path, "samples-content", diag, "the designs have %lld %s, the file %lld", (long long)at[k], key[k], (long long)all[k]);
    return WEFT_OK;
}

/* ---- tensors --------------------------------------------------------------------------------------------------- */
static weft_status_t read_parts(weft_net_samples_t *s, const char *path, weft_diag_t *diag)
{
    int64_t rows[3] = {-1, -1, -1};
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++) {
        const weft_i_net_samples_part_t *p = &weft_i_net_samples_part[k];
        const weft_i_tensor_entry_t *t = s->part[k] = weft_i_safetensors_find(s->file, p->name);
        if (!t || t->dtype != p->dtype || t->n_dims != (p->columns ? 2 : 1) || (p->columns && t->shape[1] != p->columns)) return wrong(path, "samples-content", diag, "%s is missing or of another form", p->name);
        if (rows[p->of] >= 0 && rows[p->of] != t->shape[0]) return wrong(path, "samples-content", diag, "%s has %lld rows, not %lld", p->name, (long long)t->shape[0], (long long)rows[p->of]);
        rows[p->of] = t->shape[0];
    }
    return WEFT_OK;
}

/* n numbers from `first` on, 0 to below `most`, each above the one before where `rising`. */
static bool ids_fit(const weft_i_tensor_entry_t *t, int64_t first, int64_t n, int32_t most, bool rising)
{
    int32_t last = -1;
    for (int64_t i = first; i < first + n; i++) {
        int32_t v = whole(t, i);
        if (v < 0 || v >= most || (rising && v <= last)) return false;
        last = v;
    }
    return true;
}

static weft_status_t check_ids(const weft_net_samples_t *s, const char *path, weft_diag_t *diag)
{
    for (int32_t i = 0; i < s->n; i++) {
        const weft_net_samples_design_t *a = &s->design[i].about;
        const int64_t *at = s->design[i].at, n[3] = {a->n_nets, a->n_labels, a->n_arcs};
        for (int32_t k = 0; k < WEFT_I_N_PARTS; k++) {
            const weft_i_net_samples_part_t *p = &weft_i_net_samples_part[k];
            if (p->dtype == WEFT_I_I32 && !ids_fit(s->part[k], at[p->of], n[p->of], k == WEFT_I_NET_ID ? a->n_all : a->n_nets, p->of != WEFT_I_OF_ARCS))
                return wrong(path, "samples-content", diag, "%s of %s: a number is out of range or out of order", p->name, a->name);
        }
        for (int64_t j = at[WEFT_I_OF_LABELS]; j < at[WEFT_I_OF_LABELS] + a->n_labels; j++)
            if (!(real(s->part[WEFT_I_LABEL_VALUES], j * WEFT_I_N_LABELS + 2) > 0.0f)) return wrong(path, "samples-content", diag, "%s: a net without capacitance has a label", a->name);
    }
    return WEFT_OK;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */
static weft_status_t understand(weft_net_samples_t *s, bool summed, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const char *card = weft_i_safetensors_meta(s->file, "weft"), *said = weft_i_safetensors_meta(s->file, "crc32");
    char sum[9];
    s->card = card ? json_loads(card, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *kind = json_string_value(json_object_get(s->card, "kind"));
    if (!kind || strcmp(kind, WEFT_I_NET_SAMPLES_KIND)) return wrong(path, "samples-kind", diag, "no sample file of this version (weft dataset build writes one): %.40s", kind ? kind : "it does not say what it is");
    if (!names_are(json_object_get(s->card, "columns"), WEFT_I_N_NET_COLUMNS, column_name) || !names_are(json_object_get(s->card, "labels"), WEFT_I_N_LABELS, label_name))
        return wrong(path, "samples-columns", diag, "its columns are those of another version; weft dataset build makes it anew");
    WEFT_TRY(read_parts(s, path, diag));
    weft_i_net_samples_sum(card, s->part, sum);
    if (summed && (!said || strcmp(said, sum))) return wrong(path, "samples-checksum", diag, "the checksum does not fit: the file was damaged or changed");
    WEFT_TRY(read_libraries(s, path, diag));
    WEFT_TRY(read_designs(s, path, diag));
    WEFT_TRY(check_ids(s, path, diag));
    WEFT_TRY(weft_i_net_samples_finite(s->part, path, diag));
done:
    return status;
}

/* Takes the file. */
static weft_status_t open_file(weft_net_samples_t **samples, weft_i_safetensors_t *file, bool summed, const char *path, weft_diag_t *diag)
{
    weft_net_samples_t *s = weft_i_calloc(1, sizeof *s);
    weft_status_t status = s ? WEFT_OK : WEFT_ENOMEM;
    if (s) s->file = file;
    else weft_i_safetensors_free(file);
    if (s) status = understand(s, summed, path, diag);
    if (status == WEFT_OK) *samples = s;
    else weft_net_samples_free(s);
    return status;
}

weft_status_t weft_net_samples_read(weft_net_samples_t **samples, const char *path, weft_diag_t *diag)
{
    weft_i_safetensors_t *file = NULL;
    *samples = NULL;
    weft_status_t status = weft_i_safetensors_read(&file, path, diag);
    return status == WEFT_OK ? open_file(samples, file, true, path, diag) : status;
}

weft_status_t weft_i_net_samples_parse(weft_net_samples_t **samples, const void *data, size_t size, bool summed, const char *path, weft_diag_t *diag)
{
    weft_i_safetensors_t *file = NULL;
    *samples = NULL;
    weft_status_t status = weft_i_safetensors_parse(&file, data, size, path, diag);
    return status == WEFT_OK ? open_file(samples, file, summed, path, diag) : status;
}

void weft_net_samples_free(weft_net_samples_t *s)
{
    if (!s) return;
    json_decref(s->card);
    weft_i_safetensors_free(s->file);
    weft_i_free(s->design);
    weft_i_free(s->library);
    weft_i_free(s);
}

int32_t weft_net_samples_n_designs(const weft_net_samples_t *s) { return s->n; }
const weft_net_samples_design_t *weft_net_samples_design(const weft_net_samples_t *s, int32_t i) { return &s->design[i].about; }

static const void *from(const weft_net_samples_t *s, int32_t part, int64_t row)
{
    int64_t columns = weft_i_net_samples_part[part].columns;
    return (const char *)s->part[part]->data + row * (columns ? columns : 1) * 4;
}

static void take_rows(weft_calibration_t *c, const weft_net_samples_t *s, const design_t *d, const weft_i_net_graph_t *g)
{
    for (int64_t i = d->at[WEFT_I_OF_LABELS]; i < d->at[WEFT_I_OF_LABELS] + d->about.n_labels; i++) {
        int32_t node = whole(s->part[WEFT_I_LABEL_NET], i);
        float v[WEFT_I_N_LABELS];
        memcpy(v, from(s, WEFT_I_LABEL_VALUES, i), sizeof v);
        weft_i_net_row_t *r = &c->rows.row[c->rows.n++];
        *r = (weft_i_net_row_t){.net = g->net[node], .length = v[0], .n_pins = v[1], .cap = v[2], .elmore = v[3], .elmore_len = v[4], .elmore_edge = v[5]};
        memcpy(r->feature, g->x + (int64_t)node * WEFT_I_N_NET_COLUMNS, sizeof r->feature); /* the trees' columns stand first */
    }
}

weft_status_t weft_calibration_add_sample(weft_calibration_t *c, const weft_net_samples_t *s, int32_t design, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const design_t *d = &s->design[design];
    const weft_net_samples_design_t *a = &d->about;
    int64_t first = c->rows.n;
    size_t x_size = (size_t)a->n_nets * WEFT_I_N_NET_COLUMNS * sizeof(float), id_size = (size_t)a->n_nets * sizeof(int32_t), arc_size = (size_t)a->n_arcs * sizeof(int32_t);
    weft_i_design_rows_t x = {.first = first, .n_all = a->n_all, .graph.n = a->n_nets};
    weft_i_library_key_t library = {.hash = a->library_hash};
    int32_t *arcs = NULL;
    WEFT_TRY_ALLOC(x.graph.x = weft_i_malloc(x_size + 1));
    WEFT_TRY_ALLOC(x.graph.net = weft_i_malloc(id_size + 1));
    WEFT_TRY_ALLOC(arcs = weft_i_malloc(2 * arc_size + 1));
    memcpy(x.graph.x, from(s, WEFT_I_NET_COLUMNS, d->at[WEFT_I_OF_NETS]), x_size);
    memcpy(x.graph.net, from(s, WEFT_I_NET_ID, d->at[WEFT_I_OF_NETS]), id_size);
    memcpy(arcs, from(s, WEFT_I_ARC_FROM, d->at[WEFT_I_OF_ARCS]), arc_size);
    memcpy(arcs + a->n_arcs, from(s, WEFT_I_ARC_TO, d->at[WEFT_I_OF_ARCS]), arc_size);
    WEFT_TRY(weft_i_net_graph_join(&x.graph, a->n_arcs, arcs, arcs + a->n_arcs, diag));
    if (!WEFT_I_ROOM(c->rows.row, c->rows.capacity, first + a->n_labels)) WEFT_TRY(WEFT_ENOMEM);
    take_rows(c, s, d, &x.graph);
    WEFT_TRY_ALLOC(library.cells = weft_i_strndup(s->library[d->library].cells, strlen(s->library[d->library].cells)));
    WEFT_TRY(weft_i_calibration_take(c, &x, a->name, a->family, &library));
    first = c->rows.n;
done:
    weft_i_design_rows_destroy(&x);
    weft_i_free(library.cells);
    weft_i_free(arcs);
    c->rows.n = first;
    return status;
}
