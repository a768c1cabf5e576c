/* timing/settings.c: what the constraints put on ports: loads, input slews, driving cells. */
#include "base/alloc.h"
#include "base/status.h"
#include "timing/timer.h"

#include <math.h>
#include <string.h>

/* Writes value to every (edge, ap) of a port that the masks name. */
static void spread(const weft_timer_t *t, float *array, int32_t port, uint8_t edges, uint8_t minmax, float value)
{
    for (int32_t edge = 0; edge < 2; edge++)
        for (int32_t ap = 0; ap < t->n_aps; ap++)
            if ((edges >> edge & 1) && (minmax >> (ap & 1) & 1)) array[((int64_t)port * 2 + edge) * t->n_aps + ap] = value;
}

static void apply(weft_timer_t *t)
{
    const weft_design_t *d = t->design;
    for (int32_t i = 0; i < t->sdc->n_settings; i++) {
        const weft_setting_t *s = &t->sdc->setting[i];
        if (s->object.kind != WEFT_OBJ_PIN || s->object.id < d->n_inst_pins) continue;
        int32_t port = s->object.id - d->n_inst_pins;
        if (s->kind == WEFT_SET_LOAD) spread(t, t->port_load, port, s->edges, s->minmax, (float)s->value);
        if (s->kind == WEFT_SET_INPUT_TRANSITION) {
            spread(t, t->port_slew, port, s->edges, s->minmax, (float)s->value);
            t->port_driving_cell[port] = -1;
        }
        if (s->kind == WEFT_SET_DRIVE && t->port_drive) spread(t, t->port_drive, port, s->edges, s->minmax, (float)s->value);
    }
    for (int32_t i = 0; i < t->sdc->n_driving_cells; i++) {
        const weft_driving_cell_t *c = &t->sdc->driving_cell[i];
        if (c->pin >= d->n_inst_pins && c->lib_cell >= 0) t->port_driving_cell[c->pin - d->n_inst_pins] = i;
    }
}

static bool corner_differs(const weft_timer_t *t, int32_t corner)
{
    int32_t a = 2 * corner;
    for (int32_t p = 0; p < t->lib->n_ports; p++) {
        const weft_lib_port_value_t *v = &t->lib->port_value[(int64_t)p * t->n_aps + a];
        for (int32_t e = 0; e < 2; e++) /* NaN equals NaN here */
            if (memcmp(&v[0].cap[e], &v[1].cap[e], sizeof(float)) || memcmp(&v[0].cap_min[e], &v[1].cap_min[e], sizeof(float))
                || memcmp(&v[0].cap_max[e], &v[1].cap_max[e], sizeof(float)))
                return true;
    }
    for (int64_t i = 0; i < 2 * (int64_t)t->design->n_ports; i++)
        if (t->port_load[i * t->n_aps + a] != t->port_load[i * t->n_aps + a + 1]) return true;
    return false;
}

weft_status_t weft_i_timer_settings(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    size_t n = (size_t)t->design->n_ports * 2 * (size_t)t->n_aps;
    WEFT_TRY_ALLOC(t->port_load = weft_i_calloc(n, sizeof *t->port_load));
    WEFT_TRY_ALLOC(t->port_slew = weft_i_calloc(n, sizeof *t->port_slew));
    WEFT_TRY_ALLOC(t->port_drive_delay = weft_i_malloc(n * sizeof *t->port_drive_delay));
    WEFT_TRY_ALLOC(t->port_driving_cell = weft_i_malloc((size_t)t->design->n_ports * sizeof *t->port_driving_cell));
    WEFT_TRY_ALLOC(t->corner_split = weft_i_calloc((size_t)t->n_corners, sizeof *t->corner_split));
    for (size_t i = 0; i < n; i++) t->port_drive_delay[i] = NAN;
    for (int32_t i = 0; i < t->design->n_ports; i++) t->port_driving_cell[i] = -1;
    bool drives = false;
    for (int32_t i = 0; i < t->sdc->n_settings; i++) drives |= t->sdc->setting[i].kind == WEFT_SET_DRIVE;
    if (drives) WEFT_TRY_ALLOC(t->port_drive = weft_i_malloc(n * sizeof *t->port_drive));
    for (size_t i = 0; drives && i < n; i++) t->port_drive[i] = NAN;
    apply(t);
    for (int32_t c = 0; c < t->n_corners; c++) t->corner_split[c] = corner_differs(t, c);
    for (int32_t i = 0; i < t->design->n_nets; i++) t->any_shared_net |= t->design->net_n_drivers[i] > 1;
done:
    return status;
}
