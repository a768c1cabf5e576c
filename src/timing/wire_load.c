/* timing/wire_load.c: the estimate of wires by fan-out alone. */
#include "timing/wire_load.h"
#include "base/alloc.h"

static double length_of(const weft_library_t *l, const weft_wire_load_t *w, int32_t fanout)
{
    const weft_wire_load_point_t *p = l->wire_load_point + w->first_point;
    int32_t n = w->n_points;
    if (!n) return 0.0;
    if (fanout <= (double)p[0].fanout) return (double)p[0].length;
    if (fanout >= (double)p[n - 1].fanout) return (double)p[n - 1].length + (fanout - (double)p[n - 1].fanout) * (double)w->slope;
    int32_t i = 1;
    while ((double)p[i].fanout < fanout) i++;
    double part = (fanout - (double)p[i - 1].fanout) / (double)(p[i].fanout - p[i - 1].fanout);
    return (double)p[i - 1].length + part * (double)(p[i].length - p[i - 1].length);
}

weft_status_t weft_i_wire_load_net(weft_i_wire_load_scratch_t *s, const weft_design_t *d, int32_t wire_load, int32_t net, int32_t driver, weft_rc_net_t *view)
{
    const weft_wire_load_t *w = &d->library->wire_load[wire_load];
    int32_t n = 0;
    int64_t most = d->net_first[net + 1] - d->net_first[net] + 1;
    if (!WEFT_I_ROOM(s->cap, s->cap_room, most) || !WEFT_I_ROOM(s->pin, s->pin_room, most) || !WEFT_I_ROOM(s->a, s->a_room, most) || !WEFT_I_ROOM(s->b, s->b_room, most)
        || !WEFT_I_ROOM(s->res, s->res_room, most)) return WEFT_ENOMEM;
    s->cap[0] = 0.0f;
    s->pin[0] = driver;
    for (int32_t i = d->net_first[net]; i < d->net_first[net + 1]; i++) {
        int32_t p = d->net_pin[i];
        if (p == driver || !weft_design_pin_loads(d, p)) continue;
        s->pin[n + 1] = p;
        s->a[n] = 0;
        s->b[n] = n + 1;
        n++;
    }
    double length = length_of(d->library, w, n);
    for (int32_t i = 0; i < n; i++) {
        s->cap[i + 1] = (float)(length * (double)w->capacitance / n);
        s->res[i] = (float)(length * (double)w->resistance / n);
    }
    *view = (weft_rc_net_t){.n_nodes = n + 1, .n_res = n, .cap = s->cap, .pin = s->pin, .a = s->a, .b = s->b, .res = s->res, .present = true};
    return WEFT_OK;
}

void weft_i_wire_load_destroy(weft_i_wire_load_scratch_t *s)
{
    weft_i_free(s->cap);
    weft_i_free(s->res);
    weft_i_free(s->pin);
    weft_i_free(s->a);
    weft_i_free(s->b);
    *s = (weft_i_wire_load_scratch_t){0};
}
