/* predict/net_graph.c: see net_graph.h. */
#include "predict/net_graph.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <omp.h>
#include <string.h>

static double input_cap(const weft_design_t *d, int32_t pin)
{
    if (pin >= d->n_inst_pins || d->pin_port[pin] < 0) return 0.0;
    const weft_lib_port_value_t *v = &d->library->port_value[(int64_t)d->pin_port[pin] * d->library->n_aps];
    double c = 0.5 * ((double)v->cap[0] + (double)v->cap[1]);
    return isfinite(c) && c > 0.0 ? c : 0.0;
}

static double most_load(const weft_design_t *d, int32_t pin)
{
    if (pin >= d->n_inst_pins || d->pin_port[pin] < 0) return 0.0;
    double c = (double)d->library->port_value[(int64_t)d->pin_port[pin] * d->library->n_aps].max_cap;
    return isfinite(c) && c > 0.0 ? c : 0.0;
}

static weft_status_t columns(weft_i_net_graph_t *g, const weft_design_t *d, const weft_i_layout_t *layout)
{
    bool failed = false;
#pragma omp parallel num_threads(weft_threads())
    {
        weft_i_wire_scratch_t s = {0};
#pragma omp for schedule(dynamic, 256)
        for (int32_t i = 0; i < g->n; i++) {
            bool placed = false;
            int32_t net = g->net[i], first = d->net_first[net], n = d->net_first[net + 1] - first;
            float *x = g->x + (int64_t)i * WEFT_I_N_NET_COLUMNS;
            double load = 0.0;
            if (layout->feature) memcpy(x, layout->feature + (int64_t)net * WEFT_I_N_WIRE_FEATURES, WEFT_I_N_WIRE_FEATURES * sizeof *x);
            else if (weft_i_net_trees_at(layout->trees, net, &s, &placed) == WEFT_OK) weft_i_wire_features(d, layout, net, &s.tree, x);
            else {
#pragma omp atomic write
                failed = true;
            }
            for (int32_t k = 1; k < n; k++) load += input_cap(d, d->net_pin[first + k]);
            x[WEFT_I_N_WIRE_FEATURES] = (float)log2(1.0 + load * 1e15);
            x[WEFT_I_N_WIRE_FEATURES + 1] = (float)log2(1.0 + most_load(d, d->net_pin[first]) * 1e15);
        }
        weft_i_wire_scratch_destroy(&s);
    }
    return failed ? WEFT_ENOMEM : WEFT_OK;
}

weft_status_t weft_i_net_graph_join(weft_i_net_graph_t *g, int64_t n, const int32_t *from, const int32_t *to, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *zero = NULL;
    WEFT_TRY_ALLOC(zero = weft_i_calloc((size_t)g->n + 1, sizeof *zero));
    WEFT_TRY(weft_graph_new(&g->fanin, g->n, g->n, n, from, to, WEFT_GRAPH_MERGE, diag));
    WEFT_TRY(weft_graph_new(&g->fanout, g->n, g->n, n, to, from, WEFT_GRAPH_MERGE, diag));
    WEFT_TRY(weft_graph_from_lookup(&g->spread, 1, g->n, zero, false, diag));
    WEFT_TRY(weft_graph_from_lookup(&g->all, 1, g->n, zero, true, diag));
done:
    weft_i_free(zero);
    return status;
}

enum { MOST_PINS = 64 };

/* Arcs in -> out for every pair of nets that a gate joins; a macro of many pins joins too much to tell anything. */
static weft_status_t arcs(weft_i_net_graph_t *g, const weft_design_t *d, const int32_t *node, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = 0, room[2] = {0};
    int32_t *from = NULL, *to = NULL;
    for (int32_t inst = 0; inst < d->n_insts; inst++) {
        int32_t first = d->inst_first_pin[inst], last = d->inst_first_pin[inst + 1];
        for (int32_t o = first; o < last && last - first <= MOST_PINS; o++) {
            if (d->pin_net[o] < 0 || !weft_design_pin_drives(d, o) || node[d->pin_net[o]] < 0) continue;
            for (int32_t i = first; i < last; i++) {
                if (i == o || d->pin_net[i] < 0 || node[d->pin_net[i]] < 0 || weft_design_pin_drives(d, i)) continue;
                if (d->pin_port[i] >= 0 && d->library->port[d->pin_port[i]].is_reg_clock) continue;
                if (!WEFT_I_ROOM(from, room[0], n + 1) || !WEFT_I_ROOM(to, room[1], n + 1)) WEFT_TRY(WEFT_ENOMEM);
                from[n] = node[d->pin_net[i]];
                to[n++] = node[d->pin_net[o]];
            }
        }
    }
    WEFT_TRY(weft_i_net_graph_join(g, n, from, to, diag));
done:
    weft_i_free(from);
    weft_i_free(to);
    return status;
}

weft_status_t weft_i_net_graph_init(weft_i_net_graph_t *g, const weft_design_t *d, const weft_i_layout_t *layout, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int32_t *node = NULL;
    *g = (weft_i_net_graph_t){0};
    WEFT_TRY_ALLOC(node = weft_i_malloc(((size_t)d->n_nets + 1) * sizeof *node));
    WEFT_TRY_ALLOC(g->net = weft_i_malloc(((size_t)d->n_nets + 1) * sizeof *g->net));
    for (int32_t net = 0; net < d->n_nets; net++) {
        bool known = false;
        for (int32_t i = d->net_first[net]; i < d->net_first[net + 1] && !known; i++) known = !isnan(d->pin_x[d->net_pin[i]]);
        known = known && d->net_first[net + 1] - d->net_first[net] > 1 && d->net_n_drivers[net] > 0;
        node[net] = known ? g->n : -1;
        if (known) g->net[g->n++] = net;
    }
    WEFT_TRY_ALLOC(g->x = weft_i_malloc((size_t)g->n * WEFT_I_N_NET_COLUMNS * sizeof *g->x + 1));
    WEFT_TRY(columns(g, d, layout));
    WEFT_TRY(arcs(g, d, node, diag));
done:
    weft_i_free(node);
    if (status != WEFT_OK) weft_i_net_graph_destroy(g);
    return status;
}

void weft_i_net_graph_destroy(weft_i_net_graph_t *g)
{
    weft_graph_free(g->fanin);
    weft_graph_free(g->fanout);
    weft_graph_free(g->all);
    weft_graph_free(g->spread);
    weft_i_free(g->net);
    weft_i_free(g->x);
    *g = (weft_i_net_graph_t){0};
}
