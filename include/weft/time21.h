/* weft/time21.h: the 21-design sky130 set of TimingPredict (Guo et al., DAC 2022; also used by PreRoutGNN, AAAI 2024) as graphs, and as a
 * circuit that the timing engine runs on.
 *
 * A node is a pin or port. Columns of four are ER, EF, LR, LF: early (ff corner), late (ss corner), rise, fall; ns, pF. Net edges go from
 * driver to sink, cell edges from input to output pin. Node columns: 0 is-port, 1 is-driver, 2-5 distances to the core's sides in sites of
 * 0.46 um, 6-9 pin capacitance. Label transforms: ln(1e-4 + delay) + 7.6, ln(1e-4 + slew) + 3. */
#ifndef WEFT_TIME21_H
#define WEFT_TIME21_H
#include "weft/constraints.h"
#include "weft/design.h"
#include "weft/library.h"
#include "weft/partition.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_time21_arc { WEFT_TIME21_COMB = 0, WEFT_TIME21_EDGE, WEFT_TIME21_ASYNC_OFF, WEFT_TIME21_CONST_OFF } weft_time21_arc_t;

typedef struct weft_time21 {
    char *name;
    int32_t n_nodes, n_net, n_cell;  /* nodes, net edges, cell edges */
    float *node;                     /* [n_nodes, 10] */
    int32_t *from, *to;              /* [n_net + n_cell], net edges first */
    int32_t *arc, *label_arc;        /* [n_cell] library arcs: of the edge features, and of the cell delay label */
    uint8_t *arc_kind;               /* [n_cell] weft_time21_arc_t */
    float *at_slew;                  /* [n_nodes, 8] labels: arrival (ns), log slew */
    float *net_delay;                /* [n_nodes, 4] label: log net delay; NULL: not there */
    float *cell_delay;               /* [n_cell, 4] label; NULL: not there */
    uint8_t *endpoint, *invalid, *is_input; /* [n_nodes] is_input: a primary input (invalid: of a constant net) */
    float *slack;                    /* [n_nodes, 2] labels: setup, hold of the rise; NULL: not there */
    int32_t clock_node;              /* the clock's port, -1: none */
    double period;                   /* ns */
    int32_t *level;                  /* [n_nodes] longest path from a node without in-edges */
    int32_t n_levels;
    /* the circuit: registers' data pins and other ends are output ports that load their net as the pin does */
    weft_design_t *design;           /* NULL: a window */
    const weft_library_t *library;   /* borrowed */
    weft_constraints_t *constraints;
    int32_t *node_pin;               /* [n_nodes] pin of the design; of a window: node of the whole */
    int32_t *node_net;               /* [n_nodes] net of the design, -1: none */
} weft_time21_t;

/* The two corners as one library, early and late: DIR/..ff_n40C_1v95.lib and ..ss_100C_1v60.lib, plain or packed. Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_library(weft_library_t **library, const char *dir, weft_diag_t *diag);
/* Reads DATA/NAME: the CSVs (plain or packed), cell-arc.csv, meta.json. Arrivals and slews of the primary inputs are needed, other labels
 * are not. The library is borrowed. Errors: time21-file, time21-table (row, column), time21-cell, time21-graph. O(bytes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_read(weft_time21_t **out, const char *data, const char *name, const weft_library_t *library, weft_diag_t *diag);
WEFT_API void weft_time21_free(weft_time21_t *design);
/* Its graph as weft/partition.h takes it; borrowed. */
WEFT_API weft_levels_t weft_time21_levels(const weft_time21_t *design);
/* The part of the graph that stands in a block of levels and what it needs around it; node_pin says which node each was, levels stay as they were.
 * Context nodes have `invalid` 2 and count in no loss.
 *   READ    the nodes before the block that it reads, and (whole_nets) the rest of their nets, so that what a net convolution says of them is what
 *           it says in the whole graph; edges into the block, and of nets
 *   PADDED  the published form: all nodes of `pad` levels around the block and all edges between them
 * Nets of the block are whole where first is even. No circuit comes with it. O(design). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_window(weft_time21_t **window, const weft_time21_t *of, int32_t first, int32_t last, weft_context_t context, int32_t pad, bool whole_nets);

/* What a model says of a design: ns; arrival [n_nodes, 4], slew [n_nodes, 4], net delay [n_nodes, 4] (sinks), cell delay [n_cell, 4]. */
typedef struct weft_time21_answer { float *arrival, *slew, *net_delay, *cell_delay; } weft_time21_answer_t;
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_answer_init(weft_time21_answer_t *answer, const weft_time21_t *design);
WEFT_API void weft_time21_answer_destroy(weft_time21_answer_t *answer);
/* DIR/at_slew.csv, netdelay.csv, celldelay.csv: the form that the set's evaluation reads. The folder is made. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_time21_answer_write(const weft_time21_answer_t *answer, const weft_time21_t *design, const char *dir, weft_diag_t *diag);

/* R2 with the truth in the denominator: arrival, log slew (valid nodes), log net delay (sinks), cell delay (edges that are on), slack of
 * endpoints (rise); and mean errors, ns. NaN where the label is not there. */
typedef struct weft_time21_score { double arrival, log_slew, log_net_delay, cell_delay, setup, hold, arrival_mae, setup_mae, hold_mae; } weft_time21_score_t;
WEFT_API weft_time21_score_t weft_time21_score(const weft_time21_t *design, const weft_time21_answer_t *answer);

#ifdef __cplusplus
}
#endif
#endif
