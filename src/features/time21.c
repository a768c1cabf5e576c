/* features/time21.c: the tables of a design of the 21-design set. */
#include "features/time21.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "parsers/scan.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* FOLDER/NAME, plain or packed. */
static bool find(const char *folder, const char *name, char *path, size_t size)
{
    static const char *const tail[] = {"", ".gz", ".zst"};
    for (size_t i = 0; i < 3; i++)
        if (snprintf(path, size, "%s/%s%s", folder, name, tail[i]) < (int)size && access(path, R_OK) == 0) return true;
    snprintf(path, size, "%s/%s", folder, name);
    return false;
}

static weft_status_t missing(const char *path, weft_diag_t *diag)
{
    weft_diag_add(diag, WEFT_ERROR, "time21-file", path, 0, 0, "not there, neither plain nor packed");
    return WEFT_EINPUT;
}

/* Numbers, comma-separated, n_cols a row. *table NULL and *n 0 where the file is not there and need not be. */
static weft_status_t read_table(const char *folder, const char *name, int32_t n_cols, bool needed, float **table, int64_t *n_rows, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_text_t text = {0};
    char path[4096];
    float *v = NULL;
    int64_t n = 0, capacity = 0;
    int32_t line = 1, column = 0;
    *table = NULL;
    *n_rows = 0;
    if (!find(folder, name, path, sizeof path)) return needed ? missing(path, diag) : WEFT_OK;
    WEFT_TRY(weft_i_text_read(&text, path, diag));
    for (const char *p = text.data, *end = text.data + text.size; p < end;) {
        double x;
        while (p < end && (*p == ' ' || *p == '\r')) p++;
        if (p < end && *p == '\n') {
            p++, line++;
            continue; /* an empty line */
        }
        if (p >= end) break;
        bool ok = weft_i_parse_double(&p, end, &x) && isfinite(x) && fabs(x) < 1e30;
        if (ok && !WEFT_I_ROOM(v, capacity, n + 1)) WEFT_TRY(WEFT_ENOMEM);
        if (ok) v[n++] = (float)x;
        column++;
        while (p < end && (*p == ' ' || *p == '\r')) p++;
        bool last = p >= end || *p == '\n';
        ok = ok && (last ? column == n_cols : *p == ',' && column < n_cols);
        if (!ok) {
            weft_diag_add(diag, WEFT_ERROR, "time21-table", path, line, column, "%d numbers a row are wanted", n_cols);
            WEFT_TRY(WEFT_EINPUT);
        }
        if (last) column = 0, line++;
        p++;
    }
    *table = v;
    *n_rows = n / n_cols;
    v = NULL;
done:
    weft_i_free(v);
    weft_i_text_destroy(&text);
    return status;
}

static weft_status_t rows_as(const char *folder, const char *name, int64_t want, int64_t found, const float *table, weft_diag_t *diag)
{
    if (!table || want == found) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "time21-table", folder, 0, 0, "%s has %lld rows, not %lld", name, (long long)found, (long long)want);
    return WEFT_EINPUT;
}

/* A table that has one row per node or edge. */
static weft_status_t read_rows(const char *folder, const char *name, int32_t n_cols, bool needed, int64_t n_rows, float **table, weft_diag_t *diag)
{
    int64_t n;
    weft_status_t status = read_table(folder, name, n_cols, needed, table, &n, diag);
    return status == WEFT_OK ? rows_as(folder, name, n_rows, n, *table, diag) : status;
}

static weft_status_t read_edges(weft_time21_t *t, const char *folder, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    float *edge = NULL;
    int64_t n;
    WEFT_TRY(read_table(folder, "edge.csv", 2, true, &edge, &n, diag));
    if (n > INT32_MAX) WEFT_TRY(WEFT_ELIMIT);
    WEFT_TRY_ALLOC(t->from = weft_i_malloc((size_t)(n + 1) * sizeof *t->from));
    WEFT_TRY_ALLOC(t->to = weft_i_malloc((size_t)(n + 1) * sizeof *t->to));
    for (int64_t i = 0; i < n; i++) {
        float a = edge[2 * i], b = edge[2 * i + 1];
        if (!(a >= 0.0f) || !(b >= 0.0f) || a >= (float)t->n_nodes || b >= (float)t->n_nodes) {
            weft_diag_add(diag, WEFT_ERROR, "time21-graph", folder, (int32_t)i + 1, 0, "edge %lld names a node that is not there", (long long)i);
            WEFT_TRY(WEFT_EINPUT);
        }
        t->from[i] = (int32_t)a;
        t->to[i] = (int32_t)b;
    }
    t->n_net = (int32_t)n; /* less the cell edges, once these are counted */
done:
    weft_i_free(edge);
    return status;
}

/* The fields of one line; false at the end. */
enum { MAX_FIELDS = 16 };
static bool next_line(const char **p, const char *end, const char *field[MAX_FIELDS], size_t length[MAX_FIELDS], int32_t *n)
{
    *n = 0;
    if (*p >= end) return false;
    const char *stop = memchr(*p, '\n', (size_t)(end - *p));
    if (!stop) stop = end;
    for (const char *s = *p; s <= stop && *n < MAX_FIELDS;) {
        const char *comma = memchr(s, ',', (size_t)(stop - s));
        if (!comma) comma = stop;
        field[*n] = s;
        length[(*n)++] = (size_t)(comma - s) - (comma == stop && comma > s && comma[-1] == '\r');
        s = comma + 1;
    }
    *p = stop + 1;
    return true;
}

/* The index-th timing group from one port to another: arcs of a cell stand in the file's order. */
static int32_t find_arc(const weft_library_t *l, int32_t cell, int32_t from, int32_t to, int64_t index)
{
    const weft_lib_cell_t *c = &l->cell[cell];
    int64_t k = 0;
    for (int32_t pass = 0; pass < 2; pass++, k = 0) /* the index counts the groups of the pin; groups without delay are not arcs here, so then by pair */
        for (int32_t a = c->first_arc; a < c->first_arc + c->n_arcs; a++) {
            if (l->arc[a].to != to || (pass && l->arc[a].from != from)) continue;
            if (k++ == index && l->arc[a].from == from) return a;
        }
    for (int32_t a = c->first_arc; a < c->first_arc + c->n_arcs; a++)
        if (l->arc[a].to == to && l->arc[a].from == from) return a;
    return -1;
}

static weft_status_t read_arcs(weft_time21_t *t, const char *folder, const weft_library_t *l, weft_diag_t *diag)
{
    static const char *const kinds[] = {"comb", "edge", "async_off", "const_off"};
    weft_status_t status = WEFT_OK;
    weft_i_text_t text = {0};
    char path[4096];
    int64_t arc_cap = 0, label_cap = 0, kind_cap = 0;
    const char *f[MAX_FIELDS];
    size_t n[MAX_FIELDS];
    int32_t n_fields, line = 1;
    if (!find(folder, "cell-arc.csv", path, sizeof path)) return missing(path, diag);
    WEFT_TRY(weft_i_text_read(&text, path, diag));
    const char *p = text.data, *end = text.data + text.size;
    next_line(&p, end, f, n, &n_fields); /* the header */
    for (; next_line(&p, end, f, n, &n_fields); line++) {
        if (n_fields == 1 && !n[0]) continue;
        int64_t index[2] = {-1, -1};
        const char *q[2] = {n_fields >= 9 ? f[5] : "", n_fields >= 9 ? f[6] : ""};
        int32_t cell = n_fields >= 9 ? weft_library_find_cell(l, f[0], n[0]) : -1, kind = -1;
        int32_t from = cell < 0 ? -1 : weft_library_find_port(l, cell, f[1], n[1]), to = cell < 0 ? -1 : weft_library_find_port(l, cell, f[2], n[2]);
        for (int32_t k = 0; k < 4 && n_fields >= 9; k++)
            if (n[8] == strlen(kinds[k]) && !memcmp(f[8], kinds[k], n[8])) kind = k;
        bool ok = from >= 0 && to >= 0 && kind >= 0 && weft_i_parse_int(&q[0], end, &index[0]) && weft_i_parse_int(&q[1], end, &index[1]);
        int32_t arc = ok ? find_arc(l, cell, from, to, index[0]) : -1, label = ok ? find_arc(l, cell, from, to, index[1]) : -1;
        if (arc < 0 || label < 0) {
            weft_diag_add(diag, WEFT_ERROR, "time21-cell", path, line + 1, 0, "the library has no such arc");
            WEFT_TRY(WEFT_EINPUT);
        }
        if (!WEFT_I_ROOM(t->arc, arc_cap, t->n_cell + 1) || !WEFT_I_ROOM(t->label_arc, label_cap, t->n_cell + 1) || !WEFT_I_ROOM(t->arc_kind, kind_cap, t->n_cell + 1)) WEFT_TRY(WEFT_ENOMEM);
        t->arc[t->n_cell] = arc;
        t->label_arc[t->n_cell] = label;
        t->arc_kind[t->n_cell++] = (uint8_t)kind;
    }
    if (t->n_cell > t->n_net) {
        weft_diag_add(diag, WEFT_ERROR, "time21-table", path, 0, 0, "more cell arcs than edges");
        WEFT_TRY(WEFT_EINPUT);
    }
    t->n_net -= t->n_cell;
done:
    weft_i_text_destroy(&text);
    return status;
}

static weft_status_t read_meta(weft_time21_t *t, const char *folder, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_text_t text = {0};
    char path[4096];
    json_t *meta = NULL;
    json_error_t error;
    if (!find(folder, "meta.json", path, sizeof path)) return missing(path, diag);
    WEFT_TRY(weft_i_text_read(&text, path, diag));
    meta = json_loadb(text.data, text.size, 0, &error);
    t->period = json_number_value(json_object_get(meta, "clock_period_ns"));
    json_t *clock = json_object_get(meta, "clock_pi_node"), *invalid = json_object_get(meta, "invalid_nodes"), *v;
    t->clock_node = json_is_integer(clock) && json_integer_value(clock) >= 0 && json_integer_value(clock) < t->n_nodes ? (int32_t)json_integer_value(clock) : -1;
    if (!meta || !(t->period > 0.0)) {
        weft_diag_add(diag, WEFT_ERROR, "time21-table", path, meta ? 0 : error.line, 0, "%s", meta ? "no clock_period_ns above 0" : error.text);
        WEFT_TRY(WEFT_EINPUT);
    }
    size_t i;
    json_array_foreach(invalid, i, v)
        if (json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) < t->n_nodes) t->invalid[json_integer_value(v)] = 1;
done:
    json_decref(meta);
    weft_i_text_destroy(&text);
    return status;
}

/* Longest path from nodes without in-edges; a loop is an error. */
static weft_status_t levels(weft_time21_t *t, const char *folder, weft_diag_t *diag)
{
    if (!(t->level = weft_i_calloc((size_t)t->n_nodes + 1, sizeof *t->level))) return WEFT_ENOMEM;
    weft_status_t status = weft_levels_find(t->level, &t->n_levels, t->n_nodes, (int64_t)t->n_net + t->n_cell, t->from, t->to, diag);
    if (status == WEFT_EINPUT) weft_diag_add(diag, WEFT_ERROR, "time21-graph", folder, 0, 0, "the graph has a loop");
    for (int32_t i = 0; i < t->n_nodes; i++) t->is_input[i] = !t->level[i] && t->node[10 * (int64_t)i] > 0.5f;
    return status;
}

static weft_status_t read_labels(weft_time21_t *t, const char *folder, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    float *setup = NULL, *hold = NULL, *endpoint = NULL;
    WEFT_TRY(read_rows(folder, "atslew.csv", 8, true, t->n_nodes, &t->at_slew, diag));
    WEFT_TRY(read_rows(folder, "netdelay_log.csv", 4, false, t->n_nodes, &t->net_delay, diag));
    WEFT_TRY(read_rows(folder, "celldelay.csv", 4, false, t->n_cell, &t->cell_delay, diag));
    WEFT_TRY(read_rows(folder, "is-timing-endpt.csv", 1, false, t->n_nodes, &endpoint, diag));
    WEFT_TRY(read_rows(folder, "node-label-setup-slack.csv", 1, false, t->n_nodes, &setup, diag));
    WEFT_TRY(read_rows(folder, "node-label-hold-slack.csv", 1, false, t->n_nodes, &hold, diag));
    for (int32_t i = 0; i < t->n_nodes && endpoint; i++) t->endpoint[i] = endpoint[i] > 0.5f;
    if (setup && hold) {
        WEFT_TRY_ALLOC(t->slack = weft_i_malloc((size_t)t->n_nodes * 2 * sizeof *t->slack));
        for (int32_t i = 0; i < t->n_nodes; i++) {
            t->slack[2 * (int64_t)i] = setup[i];
            t->slack[2 * (int64_t)i + 1] = hold[i];
        }
    }
done:
    weft_i_free(setup);
    weft_i_free(hold);
    weft_i_free(endpoint);
    return status;
}

weft_status_t weft_time21_read(weft_time21_t **out, const char *data, const char *name, const weft_library_t *library, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_time21_t *t = NULL;
    char folder[3500];
    int64_t n;
    *out = NULL;
    if (snprintf(folder, sizeof folder, "%s/%s", data, name) >= (int)sizeof folder) return WEFT_EUSAGE;
    WEFT_TRY_ALLOC(t = weft_i_calloc(1, sizeof *t));
    WEFT_TRY_ALLOC(t->name = weft_i_strndup(name, strlen(name)));
    WEFT_TRY(read_table(folder, "node-feat.csv", 10, true, &t->node, &n, diag));
    if (n < 1 || n > 16000000) { /* ids stand in tables of floats */
        weft_diag_add(diag, WEFT_ERROR, "time21-table", folder, 0, 0, "%lld nodes", (long long)n);
        WEFT_TRY(WEFT_EINPUT);
    }
    t->n_nodes = (int32_t)n;
    t->library = library;
    WEFT_TRY_ALLOC(t->endpoint = weft_i_calloc((size_t)n, 1));
    WEFT_TRY_ALLOC(t->invalid = weft_i_calloc((size_t)n, 1));
    WEFT_TRY_ALLOC(t->is_input = weft_i_calloc((size_t)n, 1));
    WEFT_TRY(read_edges(t, folder, diag));
    WEFT_TRY(read_arcs(t, folder, library, diag));
    WEFT_TRY(read_meta(t, folder, diag));
    WEFT_TRY(read_labels(t, folder, diag));
    WEFT_TRY(levels(t, folder, diag));
    WEFT_TRY(weft_i_time21_link(t, library, diag));
    *out = t;
    t = NULL;
done:
    weft_time21_free(t);
    return status;
}

void weft_time21_free(weft_time21_t *t)
{
    if (!t) return;
    weft_constraints_free(t->constraints);
    weft_design_free(t->design);
    void *owned[] = {t->name, t->node, t->from, t->to, t->arc, t->label_arc, t->arc_kind, t->at_slew, t->net_delay, t->cell_delay, t->endpoint, t->invalid,
                     t->is_input, t->slack, t->level, t->node_pin, t->node_net};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    weft_i_free(t);
}

weft_status_t weft_time21_library(weft_library_t **library, const char *dir, weft_diag_t *diag)
{
    char path[2][4096];
    static const char *const name[2] = {"sky130_fd_sc_hd__ff_n40C_1v95.lib", "sky130_fd_sc_hd__ss_100C_1v60.lib"};
    weft_lib_source_t source[2];
    for (int32_t k = 0; k < 2; k++) {
        if (!find(dir, name[k], path[k], sizeof path[k])) return missing(path[k], diag);
        source[k] = (weft_lib_source_t){path[k], NULL, k == 0, k == 1};
    }
    return weft_library_read(library, source, 2, diag);
}

/* ---- answers ------------------------------------------------------------------------------------------------------ */
weft_status_t weft_time21_answer_init(weft_time21_answer_t *a, const weft_time21_t *t)
{
    weft_status_t status = WEFT_OK;
    size_t n = (size_t)t->n_nodes * 4, m = (size_t)t->n_cell * 4 + 1;
    *a = (weft_time21_answer_t){0};
    WEFT_TRY_ALLOC(a->arrival = weft_i_calloc(n, sizeof(float)));
    WEFT_TRY_ALLOC(a->slew = weft_i_calloc(n, sizeof(float)));
    WEFT_TRY_ALLOC(a->net_delay = weft_i_calloc(n, sizeof(float)));
    WEFT_TRY_ALLOC(a->cell_delay = weft_i_calloc(m, sizeof(float)));
done:
    if (status != WEFT_OK) weft_time21_answer_destroy(a);
    return status;
}

void weft_time21_answer_destroy(weft_time21_answer_t *a)
{
    weft_i_free(a->arrival);
    weft_i_free(a->slew);
    weft_i_free(a->net_delay);
    weft_i_free(a->cell_delay);
    *a = (weft_time21_answer_t){0};
}

static weft_status_t write_rows(const char *dir, const char *name, const float *a, const float *b, int64_t n, weft_diag_t *diag)
{
    weft_i_out_t out;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    for (int64_t i = 0; i < n; i++) {
        for (int32_t k = 0; k < (b ? 8 : 4); k++) fprintf(out.file, "%s%.7g", k ? "," : "", (double)(k < 4 ? a[4 * i + k] : b[4 * i + k - 4]));
        fputc('\n', out.file);
    }
    return weft_i_out_commit(&out, diag);
}

weft_status_t weft_time21_answer_write(const weft_time21_answer_t *a, const weft_time21_t *t, const char *dir, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096];
    for (const char *p = dir; p; ) { /* every folder on the way */
        p = strchr(p + 1, '/');
        snprintf(path, sizeof path, "%.*s", p ? (int)(p - dir) : (int)strlen(dir), dir);
        if (mkdir(path, 0777) && access(path, F_OK)) break; /* opening the files tells */
    }
    WEFT_TRY(write_rows(dir, "at_slew.csv", a->arrival, a->slew, t->n_nodes, diag));
    WEFT_TRY(write_rows(dir, "netdelay.csv", a->net_delay, NULL, t->n_nodes, diag));
    WEFT_TRY(write_rows(dir, "celldelay.csv", a->cell_delay, NULL, t->n_cell, diag));
done:
    return status;
}

typedef struct r2 { double n, sum, square, error, absolute; } r2_t;
static void r2_add(r2_t *r, double truth, double guess)
{
    r->n += 1.0;
    r->sum += truth;
    r->square += truth * truth;
    r->error += (truth - guess) * (truth - guess);
    r->absolute += fabs(truth - guess);
}
static double r2_value(const r2_t *r)
{
    double spread = r->square - r->sum * r->sum / r->n;
    return spread > 0.0 ? 1.0 - r->error / spread : NAN;
}
static double log_of(double x, double shift) { return log(1e-4 + fmax(x, 0.0)) + shift; }

weft_time21_score_t weft_time21_score(const weft_time21_t *t, const weft_time21_answer_t *a)
{
    r2_t at = {0}, slew = {0}, net = {0}, cell = {0}, setup = {0}, hold = {0};
    for (int64_t i = 0; i < t->n_nodes; i++) {
        if (t->invalid[i]) continue;
        for (int32_t k = 0; k < 4; k++) {
            r2_add(&at, (double)t->at_slew[8 * i + k], (double)a->arrival[4 * i + k]);
            r2_add(&slew, (double)t->at_slew[8 * i + 4 + k], log_of((double)a->slew[4 * i + k], 3.0));
            if (t->net_delay && t->node[10 * i + 1] < 0.5f) r2_add(&net, (double)t->net_delay[4 * i + k], log_of((double)a->net_delay[4 * i + k], 7.6));
        }
        if (!t->endpoint[i] || !t->slack) continue;
        double s = (double)t->slack[2 * i], h = (double)t->slack[2 * i + 1];
        r2_add(&setup, s, s + (double)t->at_slew[8 * i + 2] - (double)a->arrival[4 * i + 2]);
        r2_add(&hold, h, h - (double)t->at_slew[8 * i] + (double)a->arrival[4 * i]);
    }
    for (int64_t i = 0; i < t->n_cell && t->cell_delay; i++) {
        const float *d = t->cell_delay + 4 * i;
        if (d[0] == 0.0f && d[1] == 0.0f && d[2] == 0.0f && d[3] == 0.0f) continue; /* switched off */
        for (int32_t k = 0; k < 4; k++) r2_add(&cell, (double)d[k], (double)a->cell_delay[4 * i + k]);
    }
    return (weft_time21_score_t){r2_value(&at), r2_value(&slew), r2_value(&net), r2_value(&cell), r2_value(&setup), r2_value(&hold),
                                 at.absolute / at.n, setup.absolute / setup.n, hold.absolute / hold.n};
}
