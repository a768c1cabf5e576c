/* timing/timer.h: the timer's insides, shared by the files of this room.
 *
 * Nodes: node i < n_pins is pin i; an inout pin's driving side is an extra node behind. Edges are sorted by their
 * `from` node, so the out-edges of a node are a range. Delays lie in one pool: of edge e and edge pair c = 2 * from + to,
 * delay[delay_at[e] + rank(c) * n_aps + ap] where rank counts the pairs below c in pairs[e]. */
#ifndef WEFT_TIMING_TIMER_H
#define WEFT_TIMING_TIMER_H
#include "timing/delay_calc.h"
#include "timing/derate.h"
#include "timing/exceptions.h"
#include "timing/wire_source.h"
#include "weft/timing.h"

#include <stdatomic.h>

enum { /* edge kinds */
    WEFT_I_EDGE_NET = 0, WEFT_I_EDGE_CELL, WEFT_I_EDGE_CLK_Q, WEFT_I_EDGE_D_Q, WEFT_I_EDGE_EN_Q, WEFT_I_EDGE_SET_CLR,
    WEFT_I_EDGE_TRI_ENABLE, WEFT_I_EDGE_TRI_DISABLE, WEFT_I_EDGE_SETUP, WEFT_I_EDGE_HOLD, WEFT_I_EDGE_RECOVERY,
    WEFT_I_EDGE_REMOVAL, WEFT_I_N_EDGE_KINDS
};
enum { WEFT_I_OFF_CONSTANT = 1, WEFT_I_OFF_DISABLED = 2, WEFT_I_OFF_LOOP = 4, WEFT_I_OFF_MODE = 8 }; /* why an edge is off */

/* One arrival of a node: the extreme over everything that has the same tag, edge and analysis point. */
typedef struct weft_i_path {
    double arrival, required; /* required NaN: unconstrained */
    int32_t tag;
    int32_t prev;             /* path index it came from, -1: a start */
    int32_t node;
    uint8_t edge, ap;
    int16_t pad;
} weft_i_path_t;

typedef struct weft_i_end_paths { int32_t data, capture; /* path indices; capture -1: none */ } weft_i_end_paths_t;

/* What must be kept apart: interned, compared by id. */
typedef struct weft_i_tag {
    int32_t clock;            /* -1: none */
    uint8_t clock_edge;
    bool is_clock;            /* still in the clock network */
    uint8_t unclocked;        /* 1: the clock pin of a register without a clock; 2: launched there */
    bool propagated;
    int32_t crpr_node;        /* driver of the launching register's clock net, -1: none */
    uint8_t crpr_edge;
    int32_t states;           /* exception states in flight: id of a set, 0 none */
    int32_t base;             /* id of the same tag without crpr: equal bases compete */
} weft_i_tag_t;

/* All but base; not by memcmp, for there is padding. */
static inline bool weft_i_tag_same(const weft_i_tag_t *a, const weft_i_tag_t *b)
{
    return a->clock == b->clock && a->clock_edge == b->clock_edge && a->is_clock == b->is_clock && a->unclocked == b->unclocked
        && a->propagated == b->propagated && a->crpr_node == b->crpr_node && a->crpr_edge == b->crpr_edge && a->states == b->states;
}

typedef struct weft_i_tags {
    bool frozen;
    int32_t n; int64_t capacity; weft_i_tag_t *tag;
    int32_t n_slots; int32_t *slot;
} weft_i_tags_t;
int32_t weft_i_tag_intern(weft_i_tags_t *tags, weft_i_tag_t tag); /* -1: memory; WEFT_I_UNKNOWN: frozen, and new */
void weft_i_tags_destroy(weft_i_tags_t *tags);

/* A clock with its waveform worked out. [early/late][rise/fall] */
typedef struct weft_i_clock {
    double period, edge[2];
    bool propagated, known;   /* known: a generated clock's master was found */
    double insertion[2][2];   /* source latency */
    double latency[2][2];     /* network latency while ideal */
    double transition[2][2];  /* while ideal; NaN: none */
    double uncertainty[2];    /* [hold, setup] */
} weft_i_clock_t;

struct weft_timer {
    const weft_design_t *design;
    const weft_library_t *lib;
    const weft_constraints_t *sdc;
    weft_constraints_t *no_constraints; /* owned; stands in where the caller gives none */
    weft_timing_options_t opt;
    const weft_i_delay_calc_t *calc;
    int32_t n_aps, n_corners;
    weft_timer_counts_t counts;

    atomic_int *n_users;      /* timers that share the arrays of WEFT_I_TIMER_SHARED: see weft_i_timer_begin */
    int32_t n_nodes;
    int32_t *node_pin;        /* [n_nodes] */
    int32_t *driver_node;     /* [n_pins]: the side that drives the net, -1: none */
    int32_t *load_node;       /* [n_pins]: the side that loads it, -1: none */
    uint8_t *value;           /* [n_nodes] 0, 1 or 2 = not constant */

    int32_t n_edges;
    int32_t *edge_from, *edge_to, *edge_arc; /* arc -1: net */
    uint8_t *edge_kind, *edge_off, *edge_pairs, *edge_used; /* pairs: stored; used: those constants leave */
    int64_t *delay_at;
    float *delay;
    int64_t n_delays;
    int32_t *out_first;       /* [n_nodes + 1] edge ids */
    int32_t *in_first, *in_edge;

    int32_t n_levels;
    int32_t *level;           /* [n_nodes] */
    int32_t *level_first, *order; /* nodes by level */

    uint8_t *clock_point;     /* [n_pins] set_sense or set_propagated_clock speaks of this pin; NULL: of none */
    float *ideal_slew;        /* [node * 4 + 2 * edge + early/late] what registers see of ideal clocks; NaN: none is there; NULL: no ideal clocks */
    float *slew;              /* [(node * 2 + edge) * n_aps + ap]; NaN: none */
    float *port_load;         /* [(port * 2 + edge) * n_aps + ap] F, of set_load */
    float *port_slew;         /* likewise, of set_input_transition; 0 where not said */
    float *port_drive_delay;  /* likewise: what a driving cell or resistance adds; NaN: none */
    float *port_drive;        /* likewise: set_drive, ohm; NaN: none; NULL: none at all */
    int32_t wire_load;        /* for nets nothing else knows: library->wire_load, or -1 */
    int32_t *port_driving_cell; /* [n_ports] index in sdc->driving_cell or -1 */
    bool *corner_split;       /* early and late pin capacitances differ */
    bool any_shared_net, has_wires, pin_uncertainty; /* pin_uncertainty: set_clock_uncertainty speaks of some pin */
    weft_i_wire_source_t wires;

    int32_t n_clocks; weft_i_clock_t *clock;
    int32_t *master_guess;    /* [n_clocks] clock found at -source by propagation, -1: none; NULL before */
    uint8_t *clock_unrelated;  /* [n_clocks * n_clocks], by set_clock_groups */
    double *separation;       /* [(2a + edge) * 2 n_clocks + 2b + edge] * 2: setup, hold */

    /* search */
    weft_i_exceptions_t exceptions;
    weft_i_derates_t derates;
    weft_i_tags_t tags;
    weft_i_path_t *path; int64_t n_paths, path_capacity;
    int64_t *path_first;      /* [n_nodes + 1] by position in `order`: see weft_i_node_paths */
    int32_t *position;        /* node -> position in order */
    uint8_t *is_clock, *is_endpoint, *clock_source;
    int32_t *port_delay_first, *port_delay_of; /* port delays by pin */
    int32_t *data_check_first, *data_check_of; /* data checks by `to` pin; NULL: none */

    int32_t *n_endpoints;     /* [n_corners * 2] */
    weft_endpoint_t **endpoint;
    weft_i_end_paths_t **endpoint_path; /* the paths behind each endpoint */
};

/* How many of the four edge pairs: a table in a word, since not every processor this is built for counts bits. */
static inline int32_t weft_i_n_pairs(unsigned pairs) { return (int32_t)(0x4332322132212110 >> 4 * (pairs & 15) & 15); }

static inline int32_t weft_i_pair_rank(uint8_t pairs, int32_t pair)
{
    return weft_i_n_pairs((unsigned)pairs & ((1u << pair) - 1u));
}
static inline float *weft_i_edge_delay(const weft_timer_t *t, int32_t edge, int32_t pair)
{
    return t->delay + t->delay_at[edge] + (int64_t)weft_i_pair_rank(t->edge_pairs[edge], pair) * t->n_aps;
}
static inline float *weft_i_slew(const weft_timer_t *t, int32_t node, int32_t edge)
{
    return t->slew + ((int64_t)node * 2 + edge) * t->n_aps;
}
static inline bool weft_i_edge_is_check(uint8_t kind) { return kind >= WEFT_I_EDGE_SETUP; }
static inline weft_i_path_t *weft_i_node_paths(const weft_timer_t *t, int32_t node, int32_t *n)
{
    int32_t p = t->position[node];
    *n = (int32_t)(t->path_first[p + 1] - t->path_first[p]);
    return t->path + t->path_first[p];
}

/* Arrays that do not depend on wires or delays, and that nothing writes once the levels stand: timers of one design and one set of constraints share them. */
#define WEFT_I_TIMER_SHARED(X) \
    X(node_pin) X(driver_node) X(load_node) X(value) X(edge_from) X(edge_to) X(edge_arc) X(edge_kind) X(edge_off) X(edge_pairs) X(edge_used) X(delay_at) X(out_first) X(in_first) X(in_edge) \
    X(level) X(level_first) X(order) X(position) X(clock_source) X(clock_point) X(ideal_slew)

/* weft_timer_new in two: up to the delays, which may then be changed, and the rest. `like`: a timer of the same design and constraints, whose graph and levels the new one shares where its
 * options allow (either may be freed first), or NULL. timer.c */
WEFT_MUST_CHECK weft_status_t weft_i_timer_begin(weft_timer_t **timer, const weft_design_t *design, const weft_constraints_t *constraints, const weft_timing_options_t *options, const weft_timer_t *like,
                                                 weft_diag_t *diag);
WEFT_MUST_CHECK weft_status_t weft_i_timer_search(weft_timer_t *t, weft_diag_t *diag);

weft_status_t weft_i_timer_settings(weft_timer_t *t, weft_diag_t *diag); /* settings.c: ports' loads, slews, drivers */
weft_status_t weft_i_timer_graph(weft_timer_t *t, weft_diag_t *diag);     /* graph.c: nodes, edges */
weft_status_t weft_i_timer_constants(weft_timer_t *t, weft_diag_t *diag); /* constants.c */
weft_status_t weft_i_timer_clock_network(weft_timer_t *t, weft_diag_t *diag); /* clock_network.c: what ideal clocks reach */
weft_status_t weft_i_timer_levels(weft_timer_t *t, weft_diag_t *diag);    /* levels.c */
weft_status_t weft_i_timer_delays(weft_timer_t *t, weft_diag_t *diag);    /* delays.c */
weft_status_t weft_i_timer_given_delays(weft_timer_t *t, weft_diag_t *diag); /* given_delays.c: those of an SDF */
weft_status_t weft_i_timer_clocks(weft_timer_t *t, weft_diag_t *diag);    /* clocks.c */
weft_status_t weft_i_timer_arrivals(weft_timer_t *t, weft_diag_t *diag);  /* arrivals.c */
weft_status_t weft_i_timer_checks(weft_timer_t *t, weft_diag_t *diag);    /* checks.c: endpoint slacks, seeds required */
weft_status_t weft_i_timer_required(weft_timer_t *t, weft_diag_t *diag);  /* required.c */

/* All a driver of this node sees at an edge, wire and pins, F; and its loads. driver_load.c */
WEFT_MUST_CHECK weft_status_t weft_i_driver_load(const weft_timer_t *t, int32_t node, int32_t edge, int32_t ap, double *cap, int32_t *fanout);
/* Capacitance of a load pin, F. */
float weft_i_pin_cap(const weft_timer_t *t, int32_t pin, int32_t edge, int32_t ap);
/* Tag of what leaves `path` through edge e towards to_edge; -1: stopped; -2: memory; or WEFT_I_UNKNOWN. Shared by arrivals and required. */
int32_t weft_i_tag_through(weft_timer_t *t, const weft_i_path_t *path, int32_t edge, int32_t to_edge);
/* No new tags or states while frozen: then several threads may follow paths. */
static inline void weft_i_tags_freeze(weft_timer_t *t, bool frozen) { t->tags.frozen = t->exceptions.frozen = frozen; }
/* Delay of an edge as the search sees it, derated. */
double weft_i_search_delay(const weft_timer_t *t, const weft_i_path_t *path, int32_t edge, int32_t pair);
/* The value of a check edge, derated. */
double weft_i_check_margin(const weft_timer_t *t, int32_t edge, int32_t pair, int32_t ap);
bool weft_i_clocks_related(const weft_timer_t *t, int32_t a, int32_t b);
/* Capture time - launch time of two clock edges: [0] for hold (<= 0, closest), [1] for setup (> 0, closest). */
static inline const double *weft_i_clock_separation(const weft_timer_t *t, int32_t launch, int32_t launch_edge, int32_t capture, int32_t capture_edge)
{
    return t->separation + 2 * (((int64_t)2 * launch + launch_edge) * 2 * t->n_clocks + 2 * capture + capture_edge);
}
/* Uncertainty between two clocks at the capture side, s >= 0; setup 1, hold 0; launch may be -1. */
double weft_i_clock_uncertainty(const weft_timer_t *t, int32_t launch, int32_t capture, int32_t capture_edge, int32_t pin, int32_t setup);
/* Arrival of a clock path as a launch or capture: the path's own, or, of an ideal clock, edge + latencies, whatever the tree adds. */
double weft_i_clock_path_arrival(const weft_timer_t *t, const weft_i_path_t *path);
/* Credit for the pessimism two clock paths share; `data` is the launched path, `capture` the clock path at the check. */
double weft_i_crpr(const weft_timer_t *t, const weft_i_path_t *data, const weft_i_path_t *capture);
/* Largest credit the launching side of a tag could ever get. */
double weft_i_crpr_bound(const weft_timer_t *t, const weft_i_tag_t *tag, int32_t ap);
#endif
