/* data/columns.c: see columns.h. */
#include "data/columns.h"
#include "base/alloc.h"
#include "base/status.h"
#include "parsers/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_COLUMNS = 4096, MOST_WIDTH = 65536 };
typedef struct column { char *name; int64_t width; float *value; bool *there; } column_t; /* value [n_nodes][width] */

struct weft_i_columns {
    int64_t n_nodes;
    weft_names_t *classes;
    int32_t *class_of; /* -1: none */
    uint8_t *part;
    bool has_class, has_part;
    int32_t n;
    int64_t capacity;
    column_t *column;
};

weft_i_columns_t *weft_i_columns_new(int64_t n)
{
    weft_i_columns_t *c = weft_i_calloc(1, sizeof *c);
    if (!c) return NULL;
    c->n_nodes = n;
    c->classes = weft_names_new();
    c->class_of = weft_i_malloc((size_t)n * sizeof *c->class_of + 1);
    c->part = weft_i_calloc((size_t)n + 1, 1);
    if (!c->classes || !c->class_of || !c->part) {
        weft_i_columns_free(c);
        return NULL;
    }
    for (int64_t i = 0; i < n; i++) c->class_of[i] = -1;
    return c;
}

void weft_i_columns_free(weft_i_columns_t *c)
{
    if (!c) return;
    for (int32_t k = 0; k < c->n; k++) {
        weft_i_free(c->column[k].name);
        weft_i_free(c->column[k].value);
        weft_i_free(c->column[k].there);
    }
    weft_i_free(c->column);
    weft_names_free(c->classes);
    weft_i_free(c->class_of);
    weft_i_free(c->part);
    weft_i_free(c);
}

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (!strcasecmp(name, *list)) return true;
    return false;
}

static bool text_is(const char *text, size_t n, const char *want) { return strlen(want) == n && !strncasecmp(text, want, n); }

static int part_of(const char *text, size_t n)
{
    static const char *const word[] = {"train", "1", "val", "valid", "validation", "2", "test", "3", "", "none", "unused", "0"};
    static const int part[] = {1, 1, 2, 2, 2, 2, 3, 3, 0, 0, 0, 0};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (text_is(text, n, word[i])) return part[i];
    return -1;
}

static weft_status_t wrong(const char *id, const char *file, int32_t line, weft_diag_t *diag, const char *what, const char *column, const char *text, size_t n)
{
    weft_diag_add(diag, WEFT_ERROR, id, file, line, 0, "%s, column %s: '%.*s'", what, column, (int)(n > 40 ? 40 : n), text);
    return WEFT_EINPUT;
}

static bool between(char c) { return c == ' ' || c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r' || c == '[' || c == ']' || c == '(' || c == ')'; }

static weft_status_t numbers(weft_i_columns_t *c, const char *name, int64_t node, const char *text, size_t length, const char *file, int32_t line, weft_diag_t *diag)
{
    int32_t k = 0;
    int64_t n = 0;
    const char *p = text, *end = text + length;
    while (k < c->n && strcmp(c->column[k].name, name)) k++;
    for (int pass = k < c->n; pass < 2; pass++) { /* count, where the column is new; then take */
        n = 0;
        for (p = text; p < end;) {
            double v;
            if (between(*p)) {
                p++;
                continue;
            }
            if (text_is(p, (size_t)(end - p), "true") || text_is(p, (size_t)(end - p), "false")) v = *p == 't' || *p == 'T', p = end;
            else if (!weft_i_parse_double(&p, end, &v) || (p < end && !between(*p)) || !isfinite(v)) return wrong("dataset-text", file, line, diag, "no number", name, text, length);
            if (pass && n < c->column[k].width) c->column[k].value[node * c->column[k].width + n] = (float)v;
            n++;
        }
        if (pass) break;
        if (!n) return WEFT_OK; /* empty: stays 0 */
        if (c->n >= MOST_COLUMNS || n > MOST_WIDTH) return wrong("dataset-text", file, line, diag, "too many columns", name, text, length);
        if (!WEFT_I_ROOM(c->column, c->capacity, c->n + 1)) return WEFT_ENOMEM;
        column_t *new = &c->column[k];
        *new = (column_t){.name = weft_i_strndup(name, strlen(name)), .width = n, .value = weft_i_calloc((size_t)c->n_nodes, (size_t)n * sizeof(float)), .there = weft_i_calloc((size_t)c->n_nodes + 1, 1)};
        c->n++;
        if (!new->name || !new->value || !new->there) return WEFT_ENOMEM;
    }
    if (n && n != c->column[k].width) return wrong("dataset-text", file, line, diag, "another count of numbers than before", name, text, length);
    c->column[k].there[node] = n > 0;
    return WEFT_OK;
}

weft_status_t weft_i_columns_add(weft_i_columns_t *c, const char *name, int64_t node, const char *text, size_t length, const char *file, int32_t line, weft_diag_t *diag)
{
    static const char *const label[] = {"label", "class", "y", "target", NULL}, *const split[] = {"split", "part", NULL}, *const passed[] = {"id", "name", "key", "node", "node_id", NULL},
                      *const mask[] = {"train_mask", "val_mask", "test_mask", NULL};
    while (length && between(*text)) text++, length--;
    while (length && between(text[length - 1])) length--;
    if (is_one_of(name, passed)) return WEFT_OK;
    if (is_one_of(name, label)) {
        if (!length) return WEFT_OK;
        if (text_is(text, length, "nan")) return wrong("dataset-label", file, line, diag, "no class", name, text, length);
        c->class_of[node] = weft_names_add(c->classes, text, length);
        c->has_class = true;
        return c->class_of[node] < 0 ? WEFT_ENOMEM : WEFT_OK;
    }
    if (is_one_of(name, split)) {
        int part = part_of(text, length);
        if (part < 0) return wrong("dataset-text", file, line, diag, "train, val, test or 0..3 expected", name, text, length);
        c->part[node] = (uint8_t)part;
        c->has_part = true;
        return WEFT_OK;
    }
    for (int k = 0; k < 3; k++)
        if (!strcasecmp(name, mask[k])) {
            if (text_is(text, length, "true") || text_is(text, length, "1")) c->part[node] = (uint8_t)(k + 1);
            c->has_part = true;
            return WEFT_OK;
        }
    return numbers(c, name, node, text, length, file, line, diag);
}

/* Classes in the order of their numbers where both are numbers, else of their texts. */
static int by_text(const void *a, const void *b, void *names)
{
    const char *x = weft_names_text(names, *(const int32_t *)a), *y = weft_names_text(names, *(const int32_t *)b);
    char *ex, *ey;
    double u = strtod(x, &ex), v = strtod(y, &ey);
    if (!*ex && !*ey && u != v) return (u > v) - (u < v);
    return strcmp(x, y);
}

static weft_status_t classes(weft_i_columns_t *c, weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t n = weft_names_n(c->classes), *order = NULL, *rank = NULL;
    if (!c->has_class) return weft_i_data_wrong(d, "dataset-label", diag, "no node has a class (a column label, class, y or target)");
    if (n > 100000) return weft_i_data_wrong(d, "dataset-label", diag, "%d different labels: these are no classes", n);
    WEFT_TRY_ALLOC(order = weft_i_malloc((size_t)n * sizeof *order));
    WEFT_TRY_ALLOC(rank = weft_i_malloc((size_t)n * sizeof *rank));
    WEFT_TRY_ALLOC(d->label = weft_i_malloc((size_t)d->n_nodes * sizeof *d->label + 1));
    for (int32_t i = 0; i < n; i++) order[i] = i;
    qsort_r(order, (size_t)n, sizeof *order, by_text, c->classes);
    for (int32_t i = 0; i < n; i++) rank[order[i]] = i;
    for (int64_t i = 0; i < d->n_nodes; i++) d->label[i] = c->class_of[i] < 0 ? 0 : rank[c->class_of[i]];
    d->n_classes = n;
done:
    weft_i_free(order);
    weft_i_free(rank);
    return status;
}

weft_status_t weft_i_columns_finish(weft_i_columns_t *c, weft_dataset_t *d, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    uint8_t *part = NULL;
    int64_t at = 0;
    WEFT_TRY(classes(c, d, diag));
    for (int32_t k = 0; k < c->n; k++) d->n_features += c->column[k].width;
    if (d->n_features) WEFT_TRY_ALLOC(d->x = weft_i_calloc((size_t)d->n_nodes, (size_t)d->n_features * sizeof *d->x));
    for (int32_t k = 0; k < c->n; at += c->column[k].width, k++)
        for (int64_t i = 0; i < d->n_nodes; i++) memcpy(d->x + i * d->n_features + at, c->column[k].value + i * c->column[k].width, (size_t)c->column[k].width * sizeof *d->x);
    if (c->has_part) {
        WEFT_TRY_ALLOC(part = weft_i_malloc((size_t)d->n_nodes + 1));
        for (int64_t i = 0; i < d->n_nodes; i++) part[i] = c->class_of[i] < 0 ? 0 : c->part[i];
        uint8_t *taken = part;
        part = NULL;
        WEFT_TRY(weft_i_assemble_split(d, "default", 1, taken));
    } else WEFT_TRY(weft_i_assemble_random_splits(d));
    for (int64_t i = 0; i < d->n_nodes; i++) /* a node without a class is in no part */
        for (int32_t s = 0; s < d->n_splits && c->class_of[i] < 0; s++)
            for (int32_t v = 0; v < d->split[s].n; v++) d->split[s].part[v * d->n_nodes + i] = 0;
    WEFT_TRY(weft_i_assemble_sparse(d));
    if (!d->x && !d->x_row) WEFT_TRY(weft_dataset_degree_codes(d));
done:
    weft_i_free(part);
    return status;
}
