#include "timing/nldm.h"

static const float zero[1] = {0.0f};

void weft_i_curve_init(weft_i_curve_t *c, const weft_library_t *l, int32_t table, double slew)
{
    *c = (weft_i_curve_t){.axis = zero, .row0 = zero, .row1 = zero, .n = 1, .stride = 1};
    if (table < 0) return;
    const weft_table_t *t = &l->table[table];
    const float *v = l->pool + t->value_at;
    int32_t load = -1, in = -1;
    for (int32_t a = 0; a < t->n_axes && a < 2; a++) {
        if (t->axis[a] == WEFT_AXIS_LOAD) load = a;
        else if (t->axis[a] == WEFT_AXIS_SLEW || t->axis[a] == WEFT_AXIS_RELATED_SLEW) in = a;
    }
    int32_t step_load = load == 0 ? t->n[1] : 1, step_in = in == 0 ? t->n[1] : 1;
    if (load >= 0) {
        c->axis = l->pool + t->axis_at[load];
        c->n = t->n[load];
    }
    c->stride = step_load;
    c->row0 = c->row1 = v;
    if (in < 0 || t->n[in] < 2) return;
    const float *axis = l->pool + t->axis_at[in];
    int32_t i = 0;
    while (i < t->n[in] - 2 && slew >= (double)axis[i + 1]) i++;
    c->row0 = v + (int64_t)i * step_in;
    c->row1 = c->row0 + step_in;
    c->fraction = (slew - (double)axis[i]) / ((double)axis[i + 1] - (double)axis[i]);
}

double weft_i_curve_at(const weft_i_curve_t *c, double load, double *slope)
{
    double f = c->fraction;
    if (c->n < 2) {
        *slope = 0.0;
        return (double)c->row0[0] * (1.0 - f) + (double)c->row1[0] * f;
    }
    int32_t i = 0;
    while (i < c->n - 2 && load >= (double)c->axis[i + 1]) i++;
    double a = (double)c->row0[i * c->stride] * (1.0 - f) + (double)c->row1[i * c->stride] * f;
    double b = (double)c->row0[(i + 1) * c->stride] * (1.0 - f) + (double)c->row1[(i + 1) * c->stride] * f;
    *slope = (b - a) / ((double)c->axis[i + 1] - (double)c->axis[i]);
    return a + *slope * (load - (double)c->axis[i]);
}
