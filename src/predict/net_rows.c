/* predict/net_rows.c: features and truth of every net, one pass. */
#include "predict/net_rows.h"
#include "base/alloc.h"
#include "base/status.h"
#include "timing/rc_reduce.h"

#include <math.h>

typedef struct scratch {
    weft_i_wire_scratch_t wire;
    weft_i_rc_scratch_t rc;
    int64_t load_cap, pin_cap_cap, elmore_cap, cap_cap, res_cap, pin_cap;
    int32_t *load, *pin;
    float *pin_c, *elmore, *cap, *res;
} scratch_t;

static float input_cap(const weft_design_t *d, int32_t pin)
{
    if (pin >= d->n_inst_pins || d->pin_port[pin] < 0) return 0.0f;
    const weft_lib_port_value_t *v = &d->library->port_value[(int64_t)d->pin_port[pin] * d->library->n_aps];
    float c = 0.5f * (v->cap[0] + v->cap[1]);
    return isnan(c) ? 0.0f : c;
}

/* Mean Elmore delay from the driver to the loads. */
static weft_status_t mean_elmore(scratch_t *s, const weft_rc_net_t *net, int32_t driver, int32_t n_loads, double *mean)
{
    weft_i_pi_t pi;
    weft_status_t status = weft_i_rc_reduce(&s->rc, net, driver, n_loads, s->load, 1, s->pin_c, &pi, s->elmore, NULL, NULL);
    *mean = 0.0;
    for (int32_t i = 0; i < n_loads && status == WEFT_OK; i++) *mean += (double)s->elmore[i] / n_loads;
    return status;
}

/* The tree with a given total capacitance, shared by length, a pin counting as 1 um; resistances per metre or per edge. */
static weft_status_t tree_elmore(scratch_t *s, const weft_design_t *d, int32_t net, double total, int32_t n_loads, double *per_len, double *per_edge)
{
    weft_status_t status = WEFT_OK;
    const weft_i_tree_t *t = &s->wire.tree;
    int32_t first = d->net_first[net], n_pins = d->net_first[net + 1] - first;
    if (!WEFT_I_ROOM(s->cap, s->cap_cap, t->n_nodes) || !WEFT_I_ROOM(s->res, s->res_cap, t->n_edges + 1) || !WEFT_I_ROOM(s->pin, s->pin_cap, t->n_nodes)) return WEFT_ENOMEM;
    double unit = total / (t->length + 1e-6 * n_pins);
    for (int32_t i = 0; i < t->n_nodes; i++) {
        s->pin[i] = i < n_pins ? d->net_pin[first + i] : -1;
        s->cap[i] = i < n_pins ? (float)(unit * 1e-6) : 0.0f;
    }
    for (int32_t pass = 0; pass < 2 && status == WEFT_OK; pass++) {
        for (int32_t e = 0; e < t->n_edges; e++) {
            double length = fabs(t->x[t->a[e]] - t->x[t->b[e]]) + fabs(t->y[t->a[e]] - t->y[t->b[e]]);
            s->res[e] = pass ? 1.0f : (float)(length * 1e6); /* ohm per um keeps floats in range */
            if (pass) continue;
            s->cap[t->a[e]] += (float)(0.5 * unit * length);
            s->cap[t->b[e]] += (float)(0.5 * unit * length);
        }
        weft_rc_net_t v = {.n_nodes = t->n_nodes, .n_res = t->n_edges, .cap = s->cap, .pin = s->pin, .a = t->a, .b = t->b, .res = s->res, .present = true};
        status = mean_elmore(s, &v, d->net_pin[first], n_loads, pass ? per_edge : per_len);
    }
    *per_len *= 1e-6;
    return status;
}

static weft_status_t one(weft_i_net_rows_t *rows, scratch_t *s, const weft_i_layout_t *g, const weft_design_t *d, const weft_parasitics_t *routed, int32_t net)
{
    bool placed = false;
    int32_t first = d->net_first[net], n_pins = d->net_first[net + 1] - first, n_loads = 0;
    weft_rc_net_t truth = weft_parasitics_net(routed, net);
    double cap = (double)truth.extra_cap, elmore = 0.0, per_len = 0.0, per_edge = 0.0;
    weft_status_t status = weft_i_net_trees_at(g->trees, net, &s->wire, &placed);
    if (status != WEFT_OK || !placed || !truth.present || d->net_n_drivers[net] < 1) return status;
    for (int32_t i = 0; i < truth.n_nodes; i++) cap += (double)truth.cap[i];
    if (!(cap > 1e-18)) return WEFT_OK;
    if (!WEFT_I_ROOM(s->load, s->load_cap, n_pins) || !WEFT_I_ROOM(s->pin_c, s->pin_cap_cap, n_pins) || !WEFT_I_ROOM(s->elmore, s->elmore_cap, n_pins)) return WEFT_ENOMEM;
    for (int32_t i = 1; i < n_pins; i++) {
        s->load[n_loads] = d->net_pin[first + i];
        s->pin_c[n_loads++] = input_cap(d, d->net_pin[first + i]);
    }
    WEFT_TRY(mean_elmore(s, &truth, d->net_pin[first], n_loads, &elmore));
    WEFT_TRY(tree_elmore(s, d, net, cap, n_loads, &per_len, &per_edge));
    if (!WEFT_I_ROOM(rows->row, rows->capacity, rows->n + 1)) return WEFT_ENOMEM;
    weft_i_net_row_t *r = &rows->row[rows->n++];
    *r = (weft_i_net_row_t){.net = net, .length = (float)s->wire.tree.length, .n_pins = (float)n_pins, .cap = (float)cap, .elmore = (float)elmore,
                            .elmore_len = (float)per_len, .elmore_edge = (float)per_edge};
    weft_i_wire_features(d, g, net, &s->wire.tree, r->feature);
done:
    return status;
}

weft_status_t weft_i_net_rows_add(weft_i_net_rows_t *rows, const weft_design_t *d, const weft_i_layout_t *layout, const weft_parasitics_t *routed)
{
    weft_status_t status = WEFT_OK;
    scratch_t s = {0};
    for (int32_t net = 0; net < d->n_nets; net++) WEFT_TRY(one(rows, &s, layout, d, routed, net));
done:
    weft_i_wire_scratch_destroy(&s.wire);
    weft_i_rc_scratch_destroy(&s.rc);
    void *owned[] = {s.load, s.pin, s.pin_c, s.elmore, s.cap, s.res};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    return status;
}
