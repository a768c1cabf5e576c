/* circuit/extract.h: what the files that extract parasitics share. */
#ifndef WEFT_CIRCUIT_EXTRACT_H
#define WEFT_CIRCUIT_EXTRACT_H
#include "base/alloc.h"
#include "circuit/spef_build.h"
#include "weft/extract.h"

typedef struct weft_i_wire_node { int32_t layer, x, y; } weft_i_wire_node_t;
typedef struct weft_i_wire_span { int32_t layer, x0, y0, x1, y1; } weft_i_wire_span_t;
typedef struct weft_i_wire_edge { int32_t a, b, layer; double length; } weft_i_wire_edge_t; /* layer -1: a via */

typedef struct weft_i_extract {
    const weft_def_t *def;
    const weft_lef_t *const *lefs;
    int32_t n_lefs;
    double via_ohm, pad; /* pad: half a via, in DEF units */
    weft_extract_report_t *report;
    weft_diag_t *diag;
    weft_i_spef_build_t out;
    const weft_lef_layer_t **layer;  /* by DEF name, NULL: none */
    int32_t (*via)[2];               /* by DEF name: the DEF names of its two routing layers, -1 none */
    double *via_r;
    int32_t *component;              /* by DEF name */
    int32_t *port;                   /* by DEF name: DEF pin */
    /* of the net at hand */
    int64_t node_cap, row_cap, span_cap, edge_cap, parent_cap, cap_cap, node_name_cap, via_cap;
    int32_t n_nodes, n_spans, n_edges, n_vias;
    weft_i_wire_node_t *node; /* by layer, x, y */
    int32_t *row; /* nodes by layer, y, x */
    weft_i_wire_span_t *span, *via_at; /* via_at: layer and x0 = the two layers, x1, y1 = place */
    weft_i_wire_edge_t *edge;
    int32_t *parent;
    double *cap;
    weft_spef_node_t *name;
} weft_i_extract_t;

/* A place a net goes to: a pin of a component, or a port. */
typedef struct weft_i_wired_pin { const weft_lef_t *lef; const weft_lef_macro_t *macro; const weft_lef_pin_t *pin; const weft_def_component_t *at; const weft_def_pin_t *port; } weft_i_wired_pin_t;

/* The DEF's id of a name of the LEF; -1: none. */
static inline int32_t weft_i_extract_name(const weft_def_t *d, const weft_lef_t *l, int32_t id)
{
    return id < 0 ? -1 : weft_names_find(d->names, weft_names_text(l->names, id), (size_t)weft_names_length(l->names, id));
}

/* Which nodes are joined: the root of a node's piece; false where two were of one piece already. */
static inline int32_t weft_i_extract_root(weft_i_extract_t *x, int32_t i)
{
    while (x->parent[i] != i) i = x->parent[i] = x->parent[x->parent[i]];
    return i;
}

static inline bool weft_i_extract_unite(weft_i_extract_t *x, int32_t a, int32_t b)
{
    a = weft_i_extract_root(x, a);
    b = weft_i_extract_root(x, b);
    if (a == b) return false;
    x->parent[a] = b;
    return true;
}

/* extract_wires.c: of a net's wires the nodes, sorted, with spans and vias between them; then the edges, each once. */
WEFT_MUST_CHECK weft_status_t weft_i_extract_points(weft_i_extract_t *x, const weft_def_net_t *n);
WEFT_MUST_CHECK weft_status_t weft_i_extract_edges(weft_i_extract_t *x);
/* First node not before the key, by columns or by rows. */
int32_t weft_i_extract_lower(const weft_i_extract_t *x, weft_i_wire_node_t key, bool row);

/* extract_pins.c: false: no such component or port. */
bool weft_i_extract_pin(const weft_i_extract_t *x, const weft_def_conn_t *c, weft_i_wired_pin_t *p);
bool weft_i_extract_has_driver(const weft_i_extract_t *x, const weft_def_net_t *n);
/* Joins every pin of a net to the wire nodes in its shapes, or to the nearest. */
WEFT_MUST_CHECK weft_status_t weft_i_extract_pins(weft_i_extract_t *x, const weft_def_net_t *n);
#endif
