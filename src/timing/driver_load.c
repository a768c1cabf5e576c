/* timing/driver_load.c: wires and pins behind a driver. */
#include "timing/driver_load.h"
#include "base/alloc.h"

#include <math.h>

float weft_i_pin_cap(const weft_timer_t *t, int32_t pin, int32_t edge, int32_t ap)
{
    const weft_design_t *d = t->design;
    if (pin >= d->n_inst_pins) return t->port_load[((int64_t)(pin - d->n_inst_pins) * 2 + edge) * t->n_aps + ap];
    int32_t port = d->pin_port[pin];
    if (port < 0) return 0.0f;
    const weft_lib_port_value_t *v = &t->lib->port_value[(int64_t)port * t->n_aps + ap];
    const float *c = t->opt.pin_cap == WEFT_PIN_CAP_RANGE_MIN ? v->cap_min : t->opt.pin_cap == WEFT_PIN_CAP_RANGE_MAX ? v->cap_max : v->cap;
    return isnan(c[edge]) ? 0.0f : c[edge];
}

weft_status_t weft_i_load_wire(const weft_timer_t *t, weft_i_load_t *w, int32_t net, int32_t driver, weft_rc_net_t *view)
{
    *view = (weft_rc_net_t){0};
    w->by_fanout = false;
    if (t->opt.parasitics && t->opt.parasitics->net_present[net]) {
        *view = weft_parasitics_net(t->opt.parasitics, net);
        w->n_spef++;
        return WEFT_OK;
    }
    if (t->has_wires) {
        weft_status_t status = t->wires.net(t->wires.context, w->wire_scratch, net, view);
        if (status != WEFT_OK) return status;
    }
    if (view->present) w->n_estimated++;
    else w->n_bare++;
    if (view->present || t->wire_load < 0) return WEFT_OK;
    w->by_fanout = true;
    return weft_i_wire_load_net(&w->wire_load, t->design, t->wire_load, net, driver, view);
}

weft_status_t weft_i_load_reduce(const weft_timer_t *t, weft_i_load_t *w, const weft_rc_net_t *view, int32_t node, int32_t corner,
                            int32_t *n_loads, int32_t *n_variants, weft_i_pi_t *pi)
{
    const weft_design_t *d = t->design;
    int32_t pin = t->node_pin[node], net = d->pin_net[pin], n = 0;
    int32_t nv = t->corner_split[corner] ? 4 : 2;
    int64_t most = net < 0 ? 0 : d->net_first[net + 1] - d->net_first[net];
    if (!WEFT_I_ROOM(w->load, w->load_capacity, most + 1) || !WEFT_I_ROOM(w->cap, w->cap_capacity, most * nv + 1)
        || !WEFT_I_ROOM(w->elmore, w->elmore_capacity, most * nv + 1) || !WEFT_I_ROOM(w->beta, w->beta_capacity, most * nv + 1))
        return WEFT_ENOMEM;
    for (int64_t i = 0; i < most; i++) {
        int32_t p = d->net_pin[d->net_first[net] + i];
        if (p == pin && (!t->calc->own_cap || (p >= d->n_inst_pins && t->load_node[p] < 0))) continue;
        w->load[n] = p; /* a sink, or a driver, whose own pin's capacitance counts too */
        for (int32_t v = 0; v < nv; v++) w->cap[n * nv + v] = weft_i_pin_cap(t, p, v & 1, 2 * corner + (v >> 1));
        n++;
    }
    *n_loads = n;
    *n_variants = nv;
    weft_status_t status = weft_i_rc_reduce(&w->rc, view, pin, n, w->load, nv, w->cap, pi, w->elmore, t->calc->needs_beta ? w->beta : NULL, NULL);
    for (int32_t i = 0; i < n && w->by_fanout && view->n_res && status == WEFT_OK; i++) /* as the golden timer has it, what hangs at a port does not slow the wire to it */
        if (w->load[i] >= d->n_inst_pins)
            for (int32_t v = 0; v < nv; v++) w->elmore[i * nv + v] = view->res[0] * view->cap[1];
    return status;
}

void weft_i_load_destroy(const weft_timer_t *t, weft_i_load_t *w)
{
    weft_i_rc_scratch_destroy(&w->rc);
    weft_i_wire_load_destroy(&w->wire_load);
    if (w->wire_scratch) t->wires.scratch_free(w->wire_scratch);
    weft_i_free(w->load);
    weft_i_free(w->cap);
    weft_i_free(w->elmore);
    weft_i_free(w->beta);
}

weft_status_t weft_i_driver_load(const weft_timer_t *t, int32_t node, int32_t edge, int32_t ap, double *cap, int32_t *fanout)
{
    weft_i_load_t w = {0};
    weft_rc_net_t view = {0};
    int32_t pin = t->node_pin[node], net = t->design->pin_net[pin];
    *cap = 0.0;
    *fanout = 0;
    if (net < 0) return WEFT_OK;
    if (t->has_wires && t->wires.scratch_new && !(w.wire_scratch = t->wires.scratch_new(t->wires.context))) return WEFT_ENOMEM;
    weft_status_t status = weft_i_load_wire(t, &w, net, pin, &view);
    for (int32_t i = 0; i < view.n_nodes && status == WEFT_OK; i++) *cap += (double)view.cap[i];
    *cap += (double)view.extra_cap;
    for (int32_t i = t->design->net_first[net]; i < t->design->net_first[net + 1]; i++) {
        int32_t p = t->design->net_pin[i];
        if (p == pin && p >= t->design->n_inst_pins && t->load_node[p] < 0) continue;
        *cap += (double)weft_i_pin_cap(t, p, edge, ap);
        *fanout += p != pin && weft_design_pin_loads(t->design, p);
    }
    weft_i_load_destroy(t, &w);
    return status;
}
