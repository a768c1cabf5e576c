/* features/pin_graph.c: see pin_graph.h. */
#include "features/pin_graph.h"
#include "base/alloc.h"
#include "base/status.h"
#include "timing/density.h"
#include "timing/net_trees.h"

#include <math.h>
#include <string.h>

/* Path length from the tree's node `from` to every pin. */
typedef struct paths { int64_t cap[4]; double *far; int32_t *first, *next, *stack; } paths_t;

static bool tree_paths(paths_t *p, const weft_i_tree_t *t, int32_t from)
{
    if (!WEFT_I_ROOM(p->far, p->cap[0], t->n_nodes) || !WEFT_I_ROOM(p->first, p->cap[1], t->n_nodes + 1) || !WEFT_I_ROOM(p->next, p->cap[2], 2 * t->n_edges + 1) || !WEFT_I_ROOM(p->stack, p->cap[3], t->n_nodes)) return false;
    for (int32_t i = 0; i < t->n_nodes; i++) {
        p->far[i] = -1.0;
        p->first[i] = -1;
    }
    for (int32_t e = 0; e < 2 * t->n_edges; e++) { /* half-edges as lists by their start */
        int32_t a = e & 1 ? t->b[e >> 1] : t->a[e >> 1];
        p->next[e] = p->first[a];
        p->first[a] = e;
    }
    int32_t n = 1;
    p->stack[0] = from;
    p->far[from] = 0.0;
    while (n) {
        int32_t a = p->stack[--n];
        for (int32_t e = p->first[a]; e >= 0; e = p->next[e]) {
            int32_t b = e & 1 ? t->a[e >> 1] : t->b[e >> 1];
            if (p->far[b] >= 0.0) continue;
            p->far[b] = p->far[a] + fabs(t->x[a] - t->x[b]) + fabs(t->y[a] - t->y[b]);
            p->stack[n++] = b;
        }
    }
    return true;
}

static float length_of(double m) { return (float)log2(fabs(m) * 1e6 + 1.0); }
static float log_ps(double seconds) { return (float)log(0.1 + fmax(isfinite(seconds) ? seconds : 0.0, 0.0) * 1e12); }

static void pin_columns(const weft_design_t *d, const weft_timer_t *m, int32_t pin, bool driver, float *x)
{
    bool port = pin >= d->n_inst_pins;
    int32_t lib_port = port ? -1 : d->pin_port[pin], node = driver ? m->driver_node[pin] : m->load_node[pin];
    x[13] = driver;
    x[14] = port;
    x[15] = lib_port >= 0 && d->inst_cell[d->pin_inst[pin]] >= 0 && d->library->port[lib_port].is_reg_clock;
    for (int32_t el = 0; el < 2; el++) {
        double c = driver ? 0.0 : 0.5 * ((double)weft_i_pin_cap(m, pin, 0, el) + (double)weft_i_pin_cap(m, pin, 1, el));
        x[19 + el] = (float)log2(1.0 + fmax(c, 0.0) * 1e15);
    }
    for (int32_t k = 0; k < 4; k++) {
        x[WEFT_I_PIN_SLEW + k] = log_ps(node < 0 ? 0.0 : (double)weft_i_slew(m, node, k & 1)[k >> 1]);
        x[WEFT_I_PIN_NET_DELAY + k] = log_ps(0.0);
    }
    for (int32_t e = node < 0 || driver ? 0 : m->in_first[node]; node >= 0 && !driver && e < m->in_first[node + 1]; e++) {
        int32_t edge = m->in_edge[e];
        if (m->edge_kind[edge] != WEFT_I_EDGE_NET) continue;
        for (int32_t k = 0; k < 4; k++)
            if (m->edge_pairs[edge] >> 3 * (k & 1) & 1) x[WEFT_I_PIN_NET_DELAY + k] = log_ps((double)weft_i_edge_delay(m, edge, 3 * (k & 1))[k >> 1]);
    }
}

static weft_status_t net_columns(weft_i_pin_graph_t *g, const weft_design_t *d, const weft_timer_t *m, const weft_i_density_t *density, weft_i_wire_scratch_t *s, paths_t *p, int32_t net)
{
    bool placed = false;
    int32_t first = d->net_first[net], n = d->net_first[net + 1] - first, from = -1;
    float f[WEFT_I_N_NET_FEATURES] = {0};
    weft_status_t status = n < 2 ? WEFT_OK : weft_i_net_tree(d, WEFT_I_STEINER, net, s, &placed);
    if (status != WEFT_OK) return status;
    for (int32_t i = 0; i < n && from < 0; i++)
        if (weft_design_pin_drives(d, d->net_pin[first + i])) from = i;
    if (placed) {
        weft_i_net_features(d, density, net, &s->tree, f);
        if (!tree_paths(p, &s->tree, from < 0 ? 0 : from)) return WEFT_ENOMEM;
    }
    for (int32_t i = 0; i < n; i++) {
        int32_t pin = d->net_pin[first + i];
        float *x = g->x + (int64_t)pin * WEFT_I_N_PIN_FEATURES;
        memcpy(x, f, sizeof f);
        pin_columns(d, m, pin, i == from, x);
        g->driver[pin] = from < 0 ? -1 : d->net_pin[first + from];
        if (!placed || from < 0) continue;
        x[16] = length_of(fmax(p->far[i], 0.0));
        x[17] = length_of(s->tree.x[i] - s->tree.x[from]);
        x[18] = length_of(s->tree.y[i] - s->tree.y[from]);
    }
    return WEFT_OK;
}

static weft_status_t arcs(weft_i_pin_graph_t *g, const weft_timer_t *m, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = 0, n_gate = 0;
    int32_t *from = NULL, *to = NULL, *gate_from = NULL, *gate_to = NULL;
    WEFT_TRY_ALLOC(from = weft_i_malloc(((size_t)g->n_pins + 1) * sizeof *from));
    WEFT_TRY_ALLOC(to = weft_i_malloc(((size_t)g->n_pins + 1) * sizeof *to));
    WEFT_TRY_ALLOC(gate_from = weft_i_malloc(((size_t)m->n_edges + 1) * sizeof *gate_from));
    WEFT_TRY_ALLOC(gate_to = weft_i_malloc(((size_t)m->n_edges + 1) * sizeof *gate_to));
    for (int32_t i = 0; i < g->n_pins; i++)
        if (g->driver[i] >= 0 && g->driver[i] != i) {
            from[n] = g->driver[i];
            to[n++] = i;
        }
    for (int32_t e = 0; e < m->n_edges; e++)
        if (m->edge_kind[e] != WEFT_I_EDGE_NET && !weft_i_edge_is_check(m->edge_kind[e]) && m->edge_kind[e] != WEFT_I_EDGE_SET_CLR) {
            gate_from[n_gate] = m->node_pin[m->edge_from[e]];
            gate_to[n_gate++] = m->node_pin[m->edge_to[e]];
        }
    WEFT_TRY(weft_graph_new(&g->net, g->n_pins, g->n_pins, n, from, to, 0, diag));
    WEFT_TRY(weft_graph_new(&g->sinks, g->n_pins, g->n_pins, n, to, from, 0, diag));
    WEFT_TRY(weft_graph_new(&g->gate, g->n_pins, g->n_pins, n_gate, gate_from, gate_to, WEFT_GRAPH_MERGE, diag));
    WEFT_TRY(weft_graph_new(&g->fed, g->n_pins, g->n_pins, n_gate, gate_to, gate_from, WEFT_GRAPH_MERGE, diag));
done:
    weft_i_free(from);
    weft_i_free(to);
    weft_i_free(gate_from);
    weft_i_free(gate_to);
    return status;
}

weft_status_t weft_i_pin_graph_init(weft_i_pin_graph_t *g, const weft_design_t *d, const weft_timer_t *m, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_density_t density = {0};
    weft_i_wire_scratch_t s = {0};
    paths_t p = {0};
    *g = (weft_i_pin_graph_t){.n_pins = d->n_pins};
    WEFT_TRY_ALLOC(g->driver = weft_i_malloc(((size_t)d->n_pins + 1) * sizeof *g->driver));
    WEFT_TRY_ALLOC(g->x = weft_i_calloc((size_t)d->n_pins * WEFT_I_N_PIN_FEATURES + 1, sizeof *g->x));
    memset(g->driver, -1, (size_t)d->n_pins * sizeof *g->driver);
    WEFT_TRY(weft_i_density_new(&density, d));
    for (int32_t net = 0; net < d->n_nets; net++) WEFT_TRY(net_columns(g, d, m, &density, &s, &p, net));
    for (int32_t i = 0; i < d->n_pins; i++)
        if (d->pin_net[i] < 0) pin_columns(d, m, i, m->driver_node[i] >= 0, g->x + (int64_t)i * WEFT_I_N_PIN_FEATURES);
    WEFT_TRY(arcs(g, m, diag));
done:
    weft_i_density_destroy(&density);
    weft_i_wire_scratch_destroy(&s);
    weft_i_free(p.far);
    weft_i_free(p.first);
    weft_i_free(p.next);
    weft_i_free(p.stack);
    if (status != WEFT_OK) weft_i_pin_graph_destroy(g);
    return status;
}

void weft_i_pin_graph_destroy(weft_i_pin_graph_t *g)
{
    weft_graph_free(g->net);
    weft_graph_free(g->sinks);
    weft_graph_free(g->gate);
    weft_graph_free(g->fed);
    weft_i_free(g->driver);
    weft_i_free(g->x);
    *g = (weft_i_pin_graph_t){0};
}
