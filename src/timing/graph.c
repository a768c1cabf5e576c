/* timing/graph.c: the design's pins and arcs as nodes and edges. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/threads.h"
#include "timing/timer.h"

#include <math.h>
#include <string.h>

/* What an arc type is to the graph; -1: not an edge of it. */
static int32_t edge_kind(uint8_t type)
{
    switch (type) {
    case WEFT_ARC_COMBINATIONAL: case WEFT_ARC_COMB_RISE: case WEFT_ARC_COMB_FALL: return WEFT_I_EDGE_CELL;
    case WEFT_ARC_RISING_EDGE: case WEFT_ARC_FALLING_EDGE: return WEFT_I_EDGE_CLK_Q;
    case WEFT_ARC_LATCH_D: return WEFT_I_EDGE_D_Q;
    case WEFT_ARC_LATCH_EN: return WEFT_I_EDGE_EN_Q;
    case WEFT_ARC_PRESET: case WEFT_ARC_CLEAR: return WEFT_I_EDGE_SET_CLR;
    case WEFT_ARC_TRI_ENABLE: return WEFT_I_EDGE_TRI_ENABLE;
    case WEFT_ARC_TRI_DISABLE: return WEFT_I_EDGE_TRI_DISABLE;
    case WEFT_ARC_SETUP_RISING: case WEFT_ARC_SETUP_FALLING: return WEFT_I_EDGE_SETUP;
    case WEFT_ARC_HOLD_RISING: case WEFT_ARC_HOLD_FALLING: return WEFT_I_EDGE_HOLD;
    case WEFT_ARC_RECOVERY_RISING: case WEFT_ARC_RECOVERY_FALLING: return WEFT_I_EDGE_RECOVERY;
    case WEFT_ARC_REMOVAL_RISING: case WEFT_ARC_REMOVAL_FALLING: return WEFT_I_EDGE_REMOVAL;
    case WEFT_ARC_NON_SEQ_SETUP_RISING: case WEFT_ARC_NON_SEQ_SETUP_FALLING: return WEFT_I_EDGE_SETUP;
    case WEFT_ARC_NON_SEQ_HOLD_RISING: case WEFT_ARC_NON_SEQ_HOLD_FALLING: return WEFT_I_EDGE_HOLD;
    default: return -1;
    }
}

static weft_status_t make_nodes(weft_timer_t *t)
{
    const weft_design_t *d = t->design;
    weft_status_t status = WEFT_OK;
    int32_t n_both = 0;
    for (int32_t p = 0; p < d->n_pins; p++) n_both += weft_design_pin_drives(d, p) && weft_design_pin_loads(d, p);
    t->n_nodes = d->n_pins + n_both;
    size_t n = (size_t)t->n_nodes;
    WEFT_TRY_ALLOC(t->node_pin = weft_i_malloc(n * sizeof *t->node_pin));
    WEFT_TRY_ALLOC(t->driver_node = weft_i_malloc((size_t)d->n_pins * sizeof *t->driver_node));
    WEFT_TRY_ALLOC(t->load_node = weft_i_malloc((size_t)d->n_pins * sizeof *t->load_node));
    WEFT_TRY_ALLOC(t->clock_source = weft_i_calloc(n, 1));
    WEFT_TRY_ALLOC(t->value = weft_i_malloc(n));
    memset(t->value, 2, n);
    int32_t extra = d->n_pins;
    for (int32_t p = 0; p < d->n_pins; p++) {
        bool drives = weft_design_pin_drives(d, p), loads = weft_design_pin_loads(d, p);
        t->node_pin[p] = p;
        t->load_node[p] = loads ? p : -1;
        t->driver_node[p] = drives ? (loads ? extra : p) : -1;
        if (drives && loads) t->node_pin[extra++] = p;
    }
done:
    return status;
}

/* Cell edges by the library port they start at: CSR over ports, built once per library. */
typedef struct port_arcs { int32_t *first, *arc; } port_arcs_t;

static weft_status_t index_arcs(const weft_library_t *lib, port_arcs_t *pa)
{
    weft_status_t status = WEFT_OK;
    WEFT_TRY_ALLOC(pa->first = weft_i_calloc((size_t)lib->n_ports + 2, sizeof *pa->first));
    WEFT_TRY_ALLOC(pa->arc = weft_i_malloc((size_t)lib->n_arcs * sizeof *pa->arc));
    for (int32_t a = 0; a < lib->n_arcs; a++)
        if (lib->arc[a].from >= 0) pa->first[lib->arc[a].from + 2]++;
    for (int32_t p = 0; p < lib->n_ports; p++) pa->first[p + 2] += pa->first[p + 1];
    for (int32_t a = 0; a < lib->n_arcs; a++)
        if (lib->arc[a].from >= 0) pa->arc[pa->first[lib->arc[a].from + 1]++] = a;
done:
    return status;
}

/* Pin of a library port of an instance, or -1 (an internal port has none). */
static int32_t inst_pin(const weft_design_t *d, int32_t inst, int32_t port, int32_t hint)
{
    int32_t first = d->inst_first_pin[inst], last = d->inst_first_pin[inst + 1];
    if (hint >= first && hint < last && d->pin_port[hint] == port) return hint;
    for (int32_t p = first; p < last; p++)
        if (d->pin_port[p] == port) return p;
    return -1;
}

typedef struct edge_sink { int32_t n, from; int64_t n_delays; weft_timer_t *t; } edge_sink_t;

static void put_edge(edge_sink_t *s, int32_t to, int32_t arc, int32_t kind, uint8_t pairs)
{
    weft_timer_t *t = s->t;
    if (t->edge_to) {
        t->edge_from[s->n] = s->from;
        t->edge_to[s->n] = to;
        t->edge_arc[s->n] = arc;
        t->edge_kind[s->n] = (uint8_t)kind;
        t->edge_pairs[s->n] = t->edge_used[s->n] = pairs;
        t->delay_at[s->n] = s->n_delays;
    }
    s->n++;
    s->n_delays += (int64_t)weft_i_n_pairs(pairs) * t->n_aps;
}

/* Emits the out-edges of one node, cell arcs in library order, then net edges in the order of the net's pins. */
static void node_edges(edge_sink_t *s, const port_arcs_t *pa, int32_t node)
{
    weft_timer_t *t = s->t;
    const weft_design_t *d = t->design;
    int32_t pin = t->node_pin[node];
    s->from = node;
    if ((node == t->load_node[pin] || t->load_node[pin] < 0) && pin < d->n_inst_pins && d->pin_port[pin] >= 0) { /* arcs may start at outputs */
        int32_t port = d->pin_port[pin], inst = d->pin_inst[pin];
        int32_t first_port = t->lib->cell[d->inst_cell[inst]].first_port;
        for (int32_t i = pa->first[port]; i < pa->first[port + 1]; i++) {
            const weft_arc_t *arc = &t->lib->arc[pa->arc[i]];
            int32_t kind = edge_kind(arc->type);
            if (kind < 0) continue;
            int32_t to = inst_pin(d, inst, arc->to, d->inst_first_pin[inst] + arc->to - first_port);
            if (to < 0) continue;
            int32_t to_node = weft_i_edge_is_check((uint8_t)kind) ? t->load_node[to] : t->driver_node[to];
            if (to_node >= 0) put_edge(s, to_node, pa->arc[i], kind, arc->edges);
        }
    }
    if (node == t->driver_node[pin] && d->pin_net[pin] >= 0) {
        int32_t net = d->pin_net[pin];
        for (int32_t i = d->net_first[net]; i < d->net_first[net + 1]; i++) {
            int32_t load = t->load_node[d->net_pin[i]];
            if (load >= 0 && d->net_pin[i] != pin) put_edge(s, load, -1, WEFT_I_EDGE_NET, 0x9);
        }
    }
}

/* Nodes go by chunks, whose edges are counted first, so that each knows where its own begin. */
enum { CHUNK = 2048 };
typedef struct place { int64_t edges, delays; } place_t;

static void chunk_edges(weft_timer_t *t, const port_arcs_t *pa, int32_t chunk, place_t *at)
{
    edge_sink_t s = {.t = t, .n = (int32_t)at->edges, .n_delays = at->delays};
    int32_t last = t->n_nodes - chunk * CHUNK < CHUNK ? t->n_nodes : (chunk + 1) * CHUNK;
    for (int32_t i = chunk * CHUNK; i < last; i++) {
        if (t->edge_to) t->out_first[i] = s.n;
        node_edges(&s, pa, i);
    }
    *at = (place_t){s.n, s.n_delays};
}

static weft_status_t make_edges(weft_timer_t *t)
{
    weft_status_t status = WEFT_OK;
    port_arcs_t pa = {0};
    int32_t n_chunks = (t->n_nodes + CHUNK - 1) / CHUNK;
    place_t *at = weft_i_calloc((size_t)n_chunks + 1, sizeof *at), sum = {0};
    WEFT_TRY_ALLOC(at);
    WEFT_TRY(index_arcs(t->lib, &pa));
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_i_threads_for(t->n_nodes))
    for (int32_t c = 0; c < n_chunks; c++) chunk_edges(t, &pa, c, &at[c]);
    for (int32_t c = 0; c < n_chunks; c++) {
        place_t own = at[c];
        at[c] = sum;
        sum = (place_t){sum.edges + own.edges, sum.delays + own.delays};
    }
    if (sum.edges > INT32_MAX) WEFT_TRY(WEFT_ELIMIT);
    size_t n = (size_t)sum.edges;
    t->n_edges = (int32_t)sum.edges;
    t->n_delays = sum.delays;
    WEFT_TRY_ALLOC(t->out_first = weft_i_malloc(((size_t)t->n_nodes + 1) * sizeof *t->out_first));
    WEFT_TRY_ALLOC(t->edge_from = weft_i_malloc(n * sizeof *t->edge_from));
    WEFT_TRY_ALLOC(t->edge_arc = weft_i_malloc(n * sizeof *t->edge_arc));
    WEFT_TRY_ALLOC(t->edge_kind = weft_i_malloc(n));
    WEFT_TRY_ALLOC(t->edge_off = weft_i_calloc(n, 1));
    WEFT_TRY_ALLOC(t->edge_pairs = weft_i_malloc(n));
    WEFT_TRY_ALLOC(t->edge_used = weft_i_malloc(n));
    WEFT_TRY_ALLOC(t->delay_at = weft_i_malloc(n * sizeof *t->delay_at));
    WEFT_TRY_ALLOC(t->edge_to = weft_i_malloc(n * sizeof *t->edge_to));
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_i_threads_for(t->n_nodes))
    for (int32_t c = 0; c < n_chunks; c++) chunk_edges(t, &pa, c, &at[c]);
    t->out_first[t->n_nodes] = t->n_edges;
done:
    weft_i_free(at);
    weft_i_free(pa.first);
    weft_i_free(pa.arc);
    return status;
}

static weft_status_t index_in_edges(weft_timer_t *t)
{
    weft_status_t status = WEFT_OK;
    int32_t *cursor = NULL;
    WEFT_TRY_ALLOC(t->in_first = weft_i_calloc((size_t)t->n_nodes + 1, sizeof *t->in_first));
    WEFT_TRY_ALLOC(t->in_edge = weft_i_malloc((size_t)t->n_edges * sizeof *t->in_edge));
    WEFT_TRY_ALLOC(cursor = weft_i_malloc((size_t)t->n_nodes * sizeof *cursor));
    for (int32_t e = 0; e < t->n_edges; e++) t->in_first[t->edge_to[e] + 1]++;
    for (int32_t i = 0; i < t->n_nodes; i++) t->in_first[i + 1] += t->in_first[i];
    memcpy(cursor, t->in_first, (size_t)t->n_nodes * sizeof *cursor);
    for (int32_t e = 0; e < t->n_edges; e++) t->in_edge[cursor[t->edge_to[e]]++] = e;
done:
    weft_i_free(cursor);
    return status;
}

weft_status_t weft_i_timer_graph(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    WEFT_TRY(make_nodes(t));
    WEFT_TRY(make_edges(t));
    WEFT_TRY(index_in_edges(t));
    t->counts.n_nodes = t->n_nodes;
    t->counts.n_edges = t->n_edges;
done:
    return status;
}
