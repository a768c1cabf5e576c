/* circuit/link_library.c: Liberty files to one library: read in parallel, joined in the order given. */
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/library_build.h"
#include "parsers/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int32_t weft_i_lib_child(const weft_liberty_t *doc, int32_t item, const char *name)
{
    for (int32_t c = item + 1; c < doc->item[item].end; c = doc->item[c].end)
        if (weft_i_lib_is(&doc->item[c], name)) return c;
    return -1;
}

bool weft_i_lib_number_of(const weft_liberty_item_t *x, double *value)
{
    const char *p = x->text, *end = p + x->text_length;
    while (p < end && (*p == ' ' || *p == '"' || *p == '\t')) p++;
    return weft_i_parse_double(&p, end, value);
}

double weft_i_lib_number(const weft_liberty_t *doc, int32_t item, const char *name, double otherwise)
{
    int32_t c = weft_i_lib_child(doc, item, name);
    double v;
    return c >= 0 && weft_i_lib_number_of(&doc->item[c], &v) ? v : otherwise;
}

int32_t weft_i_lib_name(weft_i_lib_build_t *b, const char *text, int32_t length)
{
    while (length && (*text == ' ' || *text == '"' || *text == '\t' || *text == '\n')) text++, length--;
    while (length && (text[length - 1] == ' ' || text[length - 1] == '"' || text[length - 1] == '\t' || text[length - 1] == '\n')) length--;
    int32_t id = weft_names_add(b->lib->names, text, (size_t)length);
    if (id < 0) b->out_of_memory = true;
    return id;
}

/* "1ns", "1 pf", "(1, pf)", "1kohm": number and SI prefix. */
static double unit_of(const weft_liberty_item_t *x, double otherwise)
{
    const char *p = x->text, *end = p + x->text_length;
    double v = 1.0;
    while (p < end && (*p == ' ' || *p == '"')) p++;
    weft_i_parse_double(&p, end, &v);
    while (p < end && (*p == ' ' || *p == ',' || *p == '"')) p++;
    if (p >= end) return otherwise;
    switch (*p) {
    case 'f': return v * 1e-15;
    case 'p': return v * 1e-12;
    case 'n': return v * 1e-9;
    case 'u': return v * 1e-6;
    case 'm': return v * 1e-3;
    case 'k': return v * 1e3;
    case 'M': return v * 1e6;
    default: return v;
    }
}

static double unit(const weft_liberty_t *doc, const char *name, double otherwise)
{
    int32_t c = weft_i_lib_child(doc, 0, name);
    return c < 0 ? otherwise : unit_of(&doc->item[c], otherwise);
}

static void read_thresholds(const weft_liberty_t *doc, weft_thresholds_t *t)
{
    static const struct { const char *name[2]; size_t at; float otherwise; } row[] = {
        {{"input_threshold_pct_rise", "input_threshold_pct_fall"}, offsetof(weft_thresholds_t, input_delay), 50},
        {{"output_threshold_pct_rise", "output_threshold_pct_fall"}, offsetof(weft_thresholds_t, output_delay), 50},
        {{"slew_lower_threshold_pct_rise", "slew_lower_threshold_pct_fall"}, offsetof(weft_thresholds_t, slew_lower), 20},
        {{"slew_upper_threshold_pct_rise", "slew_upper_threshold_pct_fall"}, offsetof(weft_thresholds_t, slew_upper), 80}};
    for (size_t i = 0; i < 4; i++)
        for (int32_t e = 0; e < 2; e++) *((float *)((char *)t + row[i].at) + e) = (float)(weft_i_lib_number(doc, 0, row[i].name[e], (double)row[i].otherwise) / 100.0);
    t->slew_derate = (float)weft_i_lib_number(doc, 0, "slew_derate_from_library", 1.0);
}

static void read_header(weft_i_lib_build_t *b, weft_i_lib_doc_t *d)
{
    const weft_liberty_t *doc = d->doc;
    weft_lib_file_t *f = d->file;
    f->hash = doc->hash;
    f->library_name = weft_i_lib_name(b, doc->item[0].text, doc->item[0].text_length);
    f->time_unit = unit(doc, "time_unit", 1e-9);
    f->cap_unit = unit(doc, "capacitive_load_unit", 1e-12);
    f->res_unit = unit(doc, "pulling_resistance_unit", 1e3);
    f->voltage_unit = unit(doc, "voltage_unit", 1.0);
    f->current_unit = unit(doc, "current_unit", 1e-3);
    f->power_unit = unit(doc, "leakage_power_unit", 1e-9);
    f->distance_unit = 1e-6;
    read_thresholds(doc, &f->thresholds);
    f->default_max_slew = (float)(weft_i_lib_number(doc, 0, "default_max_transition", NAN) * f->time_unit);
    f->default_max_cap = (float)(weft_i_lib_number(doc, 0, "default_max_capacitance", NAN) * f->cap_unit);
    f->default_max_fanout = (float)weft_i_lib_number(doc, 0, "default_max_fanout", NAN);
    f->default_fanout_load = (float)weft_i_lib_number(doc, 0, "default_fanout_load", NAN);
    f->nominal_voltage = (float)weft_i_lib_number(doc, 0, "nom_voltage", NAN);
    f->nominal_temperature = (float)weft_i_lib_number(doc, 0, "nom_temperature", NAN);
    f->nominal_process = (float)weft_i_lib_number(doc, 0, "nom_process", NAN);
    f->default_wire_load = f->wire_load_mode = -1;
    d->default_cap[WEFT_INPUT] = (float)weft_i_lib_number(doc, 0, "default_input_pin_cap", NAN);
    d->default_cap[WEFT_OUTPUT] = (float)weft_i_lib_number(doc, 0, "default_output_pin_cap", NAN);
    d->default_cap[WEFT_INOUT] = (float)weft_i_lib_number(doc, 0, "default_inout_pin_cap", NAN);
    for (int32_t c = 1; c < doc->item[0].end; c = doc->item[c].end) {
        const weft_liberty_item_t *x = &doc->item[c];
        if (x->kind != WEFT_LIBERTY_GROUP || !weft_i_lib_is(x, "lu_table_template")) continue;
        if (!WEFT_I_ROOM(d->template_row, d->template_capacity, d->n_templates + 1)) {
            b->out_of_memory = true;
            return;
        }
        d->template_row[d->n_templates++] = (weft_i_lib_template_t){x->text, x->text_length, c};
    }
}

static void read_wire_loads(weft_i_lib_build_t *b, weft_i_lib_doc_t *d)
{
    weft_library_t *l = b->lib;
    const weft_liberty_t *doc = d->doc;
    int32_t chosen = weft_i_lib_child(doc, 0, "default_wire_load");
    for (int32_t c = 1; c < doc->item[0].end && !b->out_of_memory; c = doc->item[c].end) {
        const weft_liberty_item_t *x = &doc->item[c];
        if (x->kind != WEFT_LIBERTY_GROUP || !weft_i_lib_is(x, "wire_load")) continue;
        if (!WEFT_I_ROOM(l->wire_load, b->wire_cap, l->n_wire_loads + 1)) {
            b->out_of_memory = true;
            return;
        }
        weft_wire_load_t *w = &l->wire_load[l->n_wire_loads];
        *w = (weft_wire_load_t){.name = weft_i_lib_name(b, x->text, x->text_length),
                                .resistance = (float)(weft_i_lib_number(doc, c, "resistance", 0) * d->file->res_unit),
                                .capacitance = (float)(weft_i_lib_number(doc, c, "capacitance", 0) * d->file->cap_unit),
                                .area = (float)weft_i_lib_number(doc, c, "area", 0), .slope = (float)weft_i_lib_number(doc, c, "slope", 0),
                                .first_point = l->n_wire_load_points};
        for (int32_t k = c + 1; k < x->end; k = doc->item[k].end) {
            weft_liberty_item_t y = doc->item[k];
            double fanout, length;
            const char *comma = memchr(y.text, ',', (size_t)y.text_length);
            if (!weft_i_lib_is(&y, "fanout_length") || !comma || !weft_i_lib_number_of(&y, &fanout)) continue;
            y.text_length -= (int32_t)(comma + 1 - y.text);
            y.text = comma + 1;
            if (!weft_i_lib_number_of(&y, &length)) continue;
            if (!WEFT_I_ROOM(l->wire_load_point, b->point_cap, l->n_wire_load_points + 1)) {
                b->out_of_memory = true;
                return;
            }
            l->wire_load_point[l->n_wire_load_points++] = (weft_wire_load_point_t){(float)fanout, (float)length};
            w->n_points++;
        }
        if (chosen >= 0 && doc->item[chosen].text_length == x->text_length && !memcmp(doc->item[chosen].text, x->text, (size_t)x->text_length))
            d->file->default_wire_load = l->n_wire_loads;
        l->n_wire_loads++;
    }
}

static int32_t find_corner(weft_i_lib_build_t *b, const char *name)
{
    weft_library_t *l = b->lib;
    int32_t id = weft_i_lib_name(b, name, (int32_t)strlen(name));
    for (int32_t i = 0; i < l->n_corners; i++)
        if (l->corner_name[i] == id) return i;
    l->corner_name[l->n_corners] = id;
    return l->n_corners++;
}

/* Every cell group of every file, in order, then grouped by name: the first place of a name decides its cell's place. */
static weft_status_t build_cells(weft_i_lib_build_t *b)
{
    weft_status_t status = WEFT_OK;
    weft_library_t *l = b->lib;
    int32_t *name = NULL, *doc = NULL, *item = NULL, *next = NULL, *last = NULL, *group_doc = NULL, *group_item = NULL, n = 0;
    int64_t total = 0;
    for (int32_t i = 0; i < b->n_docs; i++)
        for (int32_t c = 1; c < b->doc[i].doc->item[0].end; c = b->doc[i].doc->item[c].end)
            total += b->doc[i].doc->item[c].kind == WEFT_LIBERTY_GROUP && weft_i_lib_is(&b->doc[i].doc->item[c], "cell");
    WEFT_TRY_ALLOC(name = weft_i_malloc((size_t)total * sizeof *name));
    WEFT_TRY_ALLOC(doc = weft_i_malloc((size_t)total * sizeof *doc));
    WEFT_TRY_ALLOC(item = weft_i_malloc((size_t)total * sizeof *item));
    WEFT_TRY_ALLOC(next = weft_i_malloc((size_t)total * sizeof *next));
    WEFT_TRY_ALLOC(group_doc = weft_i_malloc((size_t)total * sizeof *group_doc));
    WEFT_TRY_ALLOC(group_item = weft_i_malloc((size_t)total * sizeof *group_item));
    for (int32_t i = 0; i < b->n_docs; i++)
        for (int32_t c = 1; c < b->doc[i].doc->item[0].end; c = b->doc[i].doc->item[c].end) {
            const weft_liberty_item_t *x = &b->doc[i].doc->item[c];
            if (x->kind != WEFT_LIBERTY_GROUP || !weft_i_lib_is(x, "cell")) continue;
            name[n] = weft_i_lib_name(b, x->text, x->text_length);
            doc[n] = i;
            item[n] = c;
            next[n++] = -1;
        }
    if (b->out_of_memory) WEFT_TRY(WEFT_ENOMEM);
    int32_t n_names = weft_names_n(l->names);
    WEFT_TRY_ALLOC(last = weft_i_malloc((size_t)n_names * sizeof *last));
    memset(last, -1, (size_t)n_names * sizeof *last);
    for (int32_t i = 0; i < n; i++) { /* chains of equal names; the head keeps its place */
        if (last[name[i]] >= 0) {
            next[last[name[i]]] = i;
            doc[i] = ~doc[i]; /* not a head */
        }
        last[name[i]] = i;
    }
    for (int32_t i = 0; i < n && !b->out_of_memory; i++) {
        if (doc[i] < 0) continue;
        int32_t k = 0;
        uint64_t seen = 0;
        for (int32_t j = i; j >= 0; j = next[j]) {
            int32_t dj = doc[j] < 0 ? ~doc[j] : doc[j];
            const weft_lib_file_t *f = b->doc[dj].file;
            uint64_t bits = (uint64_t)((f->early ? 1 : 0) | (f->late ? 2 : 0)) << (2 * (f->corner & 31));
            if (seen & bits) {
                weft_diag_add(b->diag, WEFT_WARNING, "liberty-cell-twice", b->doc[dj].path, b->doc[dj].doc->item[item[j]].line, 0,
                              "cell %s is there already; the first one holds", weft_names_text(l->names, name[i]));
                continue;
            }
            seen |= bits;
            group_doc[k] = dj;
            group_item[k++] = item[j];
        }
        weft_i_lib_cell(b, name[i], group_doc, group_item, k);
    }
    if (b->out_of_memory) WEFT_TRY(WEFT_ENOMEM);
done:
    weft_i_free(name);
    weft_i_free(doc);
    weft_i_free(item);
    weft_i_free(next);
    weft_i_free(last);
    weft_i_free(group_doc);
    weft_i_free(group_item);
    return status;
}

static weft_status_t index_cells(weft_library_t *l)
{
    int32_t n = weft_names_n(l->names);
    l->cell_of_name = weft_i_malloc((size_t)n * sizeof *l->cell_of_name);
    if (!l->cell_of_name) return WEFT_ENOMEM;
    memset(l->cell_of_name, -1, (size_t)n * sizeof *l->cell_of_name);
    for (int32_t i = 0; i < l->n_cells; i++) l->cell_of_name[l->cell[i].name] = i;
    return WEFT_OK;
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void hash_set(weft_library_t *l)
{
    uint64_t sorted[64];
    int32_t n = l->n_files > 64 ? 64 : l->n_files;
    for (int32_t i = 0; i < n; i++) sorted[i] = l->file[i].hash;
    qsort(sorted, (size_t)n, sizeof *sorted, by_hash);
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (int32_t i = 0; i < n; i++) h = (h ^ sorted[i]) * 0x100000001b3u + (h >> 31);
    l->hash = h;
}

weft_status_t weft_library_read(weft_library_t **library, const weft_lib_source_t *sources, int32_t n, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_lib_build_t b = {.diag = diag, .n_docs = n};
    weft_liberty_t **docs = NULL;
    weft_diag_t **diags = NULL;
    weft_status_t *results = NULL;
    *library = NULL;
    if (n < 1) return WEFT_EUSAGE;
    WEFT_TRY_ALLOC(docs = weft_i_calloc((size_t)n, sizeof *docs));
    WEFT_TRY_ALLOC(diags = weft_i_calloc((size_t)n, sizeof *diags));
    WEFT_TRY_ALLOC(results = weft_i_calloc((size_t)n, sizeof *results));
    WEFT_TRY_ALLOC(b.doc = weft_i_calloc((size_t)n, sizeof *b.doc));
    for (int32_t i = 0; i < n; i++) diags[i] = weft_diag_new();
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads()) if (n > 1)
    for (int32_t i = 0; i < n; i++) results[i] = weft_liberty_read(&docs[i], sources[i].path, diags[i]);
    for (int32_t i = 0; i < n; i++) {
        weft_diag_append(diag, diags[i]);
        if (status == WEFT_OK) status = results[i];
    }
    if (status != WEFT_OK) goto done;
    weft_library_t *l = b.lib = weft_i_calloc(1, sizeof *l);
    WEFT_TRY_ALLOC(l);
    WEFT_TRY_ALLOC(l->names = weft_names_new());
    WEFT_TRY_ALLOC(l->corner_name = weft_i_calloc((size_t)n, sizeof *l->corner_name));
    WEFT_TRY_ALLOC(l->file = weft_i_calloc((size_t)n, sizeof *l->file));
    l->n_files = n;
    for (int32_t i = 0; i < n; i++) {
        b.doc[i] = (weft_i_lib_doc_t){.doc = docs[i], .path = sources[i].path, .file = &l->file[i]};
        l->file[i].path = weft_i_lib_name(&b, sources[i].path, (int32_t)strlen(sources[i].path));
        l->file[i].corner = find_corner(&b, sources[i].corner ? sources[i].corner : "default");
        l->file[i].early = sources[i].early;
        l->file[i].late = sources[i].late;
        read_header(&b, &b.doc[i]);
    }
    l->n_aps = 2 * l->n_corners;
    WEFT_TRY_ALLOC(l->ap_file = weft_i_malloc((size_t)l->n_aps * sizeof *l->ap_file));
    for (int32_t ap = 0; ap < l->n_aps; ap++) {
        l->ap_file[ap] = -1;
        for (int32_t i = n - 1; i >= 0; i--)
            if (l->file[i].corner == ap / 2 && (ap & 1 ? l->file[i].late : l->file[i].early)) l->ap_file[ap] = i;
        if (l->ap_file[ap] < 0) {
            weft_diag_add(diag, WEFT_ERROR, "liberty-corner", NULL, 0, 0, "corner %s has no library for its %s side",
                          weft_names_text(l->names, l->corner_name[ap / 2]), ap & 1 ? "late" : "early");
            WEFT_TRY(WEFT_EINPUT);
        }
    }
    for (int32_t i = 0; i < n; i++) read_wire_loads(&b, &b.doc[i]);
    if (b.out_of_memory) WEFT_TRY(WEFT_ENOMEM);
    WEFT_TRY(build_cells(&b));
    WEFT_TRY(index_cells(l));
    hash_set(l);
    *library = l;
    b.lib = NULL;
done:
    weft_library_free(b.lib);
    for (int32_t i = 0; i < n; i++) {
        if (docs) weft_liberty_free(docs[i]);
        if (diags) weft_diag_free(diags[i]);
        if (b.doc) weft_i_free(b.doc[i].template_row);
    }
    weft_i_free(docs);
    weft_i_free(diags);
    weft_i_free(results);
    weft_i_free(b.doc);
    return status;
}

void weft_library_free(weft_library_t *l)
{
    if (!l) return;
    WEFT_I_FREE_ALL(l->corner_name, l->file, l->ap_file, l->cell, l->port, l->port_value, l->arc, l->arc_table, l->table, l->pool, l->expr, l->bus,
                     l->seq, l->wire_load, l->wire_load_point, l->cell_of_name);
    weft_names_free(l->names);
    weft_i_free(l);
}

int32_t weft_library_find_cell(const weft_library_t *l, const char *name, size_t length)
{
    int32_t id = weft_names_find(l->names, name, length);
    return id < 0 ? -1 : l->cell_of_name[id];
}

int32_t weft_library_find_port(const weft_library_t *l, int32_t cell, const char *name, size_t length)
{
    int32_t id = weft_names_find(l->names, name, length);
    if (id < 0) return -1;
    for (int32_t p = l->cell[cell].first_port; p < l->cell[cell].first_port + l->cell[cell].n_ports; p++)
        if (l->port[p].name == id) return p;
    return -1;
}
