/* circuit/library_table.c: look-up tables: read from Liberty groups, evaluated by linear inter- and extrapolation. */
#include "base/alloc.h"
#include "circuit/library_build.h"
#include "parsers/scan.h"

#include <math.h>
#include <string.h>

static uint8_t axis_of(const weft_liberty_item_t *x)
{
    static const struct { const char *name; uint8_t axis; } row[] = {
        {"input_net_transition", WEFT_AXIS_SLEW}, {"input_transition_time", WEFT_AXIS_SLEW}, {"total_output_net_capacitance", WEFT_AXIS_LOAD},
        {"related_pin_transition", WEFT_AXIS_RELATED_SLEW}, {"constrained_pin_transition", WEFT_AXIS_CONSTRAINED_SLEW},
        {"fanout_number", WEFT_AXIS_FANOUT}, {"related_out_total_output_net_capacitance", WEFT_AXIS_RELATED_LOAD},
        {"output_net_length", WEFT_AXIS_LENGTH}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if ((size_t)x->text_length == strlen(row[i].name) && !memcmp(x->text, row[i].name, (size_t)x->text_length)) return row[i].axis;
    return WEFT_AXIS_OTHER;
}

/* Appends all numbers of a text to the pool, scaled; returns how many. */
static int32_t numbers(weft_i_lib_build_t *b, const weft_liberty_item_t *x, double unit)
{
    const char *p = x->text, *end = p + x->text_length;
    int32_t n = 0;
    while (p < end) {
        double v;
        if ((unsigned)(*p - '0') >= 10 && *p != '-' && *p != '+' && *p != '.') {
            p++;
            continue;
        }
        if (!weft_i_parse_double(&p, end, &v)) {
            p++;
            continue;
        }
        if (!WEFT_I_ROOM(b->lib->pool, b->pool_cap, b->lib->n_pool + 1)) {
            b->out_of_memory = true;
            return 0;
        }
        b->lib->pool[b->lib->n_pool++] = (float)(v * unit);
        n++;
    }
    return n;
}

static const weft_i_lib_template_t *find_template(const weft_i_lib_doc_t *d, const weft_liberty_item_t *x)
{
    for (int32_t i = 0; i < d->n_templates; i++)
        if (d->template_row[i].length == x->text_length && !memcmp(d->template_row[i].name, x->text, (size_t)x->text_length)) return &d->template_row[i];
    return NULL;
}

int32_t weft_i_lib_table(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t item, double value_unit)
{
    static const char *const variable[] = {"variable_1", "variable_2", "variable_3"}, *const index[] = {"index_1", "index_2", "index_3"};
    const weft_liberty_item_t *x = &d->doc->item[item];
    weft_library_t *l = b->lib;
    weft_table_t t = {.n = {1, 1, 1}};
    int64_t pool_start = l->n_pool;
    const weft_i_lib_template_t *row = find_template(d, x);
    for (int32_t a = 0; a < 3 && row; a++) {
        int32_t v = weft_i_lib_child(d->doc, row->item, variable[a]);
        if (v < 0) break;
        t.axis[a] = axis_of(&d->doc->item[v]);
        int32_t own = weft_i_lib_child(d->doc, item, index[a]), at = own;
        const weft_liberty_item_t *source = NULL;
        if (own >= 0) source = &d->doc->item[at];
        else if ((at = weft_i_lib_child(d->doc, row->item, index[a])) >= 0) source = &d->doc->item[at];
        if (!source) break;
        double unit = t.axis[a] == WEFT_AXIS_LOAD || t.axis[a] == WEFT_AXIS_RELATED_LOAD ? d->file->cap_unit
                    : t.axis[a] == WEFT_AXIS_FANOUT || t.axis[a] == WEFT_AXIS_LENGTH || t.axis[a] == WEFT_AXIS_OTHER ? 1.0 : d->file->time_unit;
        t.axis_at[a] = (int32_t)l->n_pool;
        t.n[a] = numbers(b, source, unit);
        t.n_axes = (uint8_t)(a + 1);
        bool rising = t.n[a] > 0;
        for (int32_t k = 1; k < t.n[a]; k++) rising &= l->pool[t.axis_at[a] + k] > l->pool[t.axis_at[a] + k - 1];
        if (!rising) {
            weft_diag_add(b->diag, WEFT_WARNING, "liberty-table-axis", d->path, source->line, 0, "axis %d is empty or does not rise; the table is left out", a + 1);
            l->n_pool = pool_start;
            return -1;
        }
    }
    int32_t values = weft_i_lib_child(d->doc, item, "values");
    if (values < 0) {
        l->n_pool = pool_start;
        return -1;
    }
    t.value_at = (int32_t)l->n_pool;
    int64_t want = (int64_t)t.n[0] * t.n[1] * t.n[2];
    int32_t have = numbers(b, &d->doc->item[values], value_unit);
    if (have == 1) { /* one number is a constant whatever the template says */
        t.n_axes = 0;
        t.n[0] = t.n[1] = t.n[2] = 1;
    } else if (have != want) {
        weft_diag_add(b->diag, WEFT_WARNING, "liberty-table-size", d->path, d->doc->item[values].line, 0,
                      "%d values where the axes ask for %lld; the table is left out", have, (long long)want);
        l->n_pool = pool_start;
        return -1;
    }
    if (!WEFT_I_ROOM(l->table, b->table_cap, l->n_tables + 1)) {
        b->out_of_memory = true;
        return -1;
    }
    l->table[l->n_tables] = t;
    return l->n_tables++;
}

/* Segment of x on a rising axis and the place in it; below and above, the end segments go on. */
static int32_t segment(const float *axis, int32_t n, double x, double *fraction)
{
    int32_t low = 0, high = n - 2;
    while (low < high) {
        int32_t mid = (low + high + 1) / 2;
        if (axis[mid] <= x) low = mid;
        else high = mid - 1;
    }
    *fraction = (x - (double)axis[low]) / ((double)axis[low + 1] - (double)axis[low]);
    return low;
}

double weft_table_lookup(const weft_library_t *l, int32_t table, const double *x)
{
    const weft_table_t *t = &l->table[table];
    const float *v = l->pool + t->value_at;
    int32_t at[3] = {0, 0, 0}, step[3];
    double f[3] = {0, 0, 0}, sum = 0.0;
    for (int32_t a = 0; a < t->n_axes; a++)
        if (t->n[a] > 1) at[a] = segment(l->pool + t->axis_at[a], t->n[a], x[a], &f[a]);
    for (int32_t a = 0; a < 3; a++) step[a] = t->n[a] > 1;
    for (int32_t i = 0; i <= step[0]; i++)
        for (int32_t j = 0; j <= step[1]; j++)
            for (int32_t k = 0; k <= step[2]; k++) {
                double w = (step[0] ? (i ? f[0] : 1 - f[0]) : 1) * (step[1] ? (j ? f[1] : 1 - f[1]) : 1) * (step[2] ? (k ? f[2] : 1 - f[2]) : 1);
                sum += w * (double)v[((int64_t)(at[0] + i) * t->n[1] + at[1] + j) * t->n[2] + at[2] + k];
            }
    return sum;
}

double weft_table_at(const weft_library_t *l, int32_t table, double slew, double load, double constrained_slew)
{
    double x[3] = {0, 0, 0};
    const weft_table_t *t = &l->table[table];
    for (int32_t a = 0; a < t->n_axes; a++)
        x[a] = t->axis[a] == WEFT_AXIS_LOAD ? load : t->axis[a] == WEFT_AXIS_CONSTRAINED_SLEW ? constrained_slew
             : t->axis[a] == WEFT_AXIS_SLEW || t->axis[a] == WEFT_AXIS_RELATED_SLEW ? slew : 0.0;
    return weft_table_lookup(l, table, x);
}
