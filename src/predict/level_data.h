/* predict/level_data.h: a design of the 21-design set as the tensors of the published networks, and the steps of their propagation: one step
 * over all levels where the states behind every arc are known (training by the labels), one per level where they are not. */
#ifndef WEFT_PREDICT_LEVEL_DATA_H
#define WEFT_PREDICT_LEVEL_DATA_H
#include "weft/graph.h"
#include "weft/time21.h"

enum { WEFT_I_LUTS = 8, WEFT_I_LUT_SIDE = 7, WEFT_I_LUT_CELLS = 49 };

/* Mean and deviation of the training designs' columns; the tensors below hold normed numbers. Axes of the attention's keys and tables are scaled by
 * their deviation alone. */
typedef struct weft_i_level_norm {
    float node[2][10], placed[2][19], e[2], axes[2][14], table, state[2][8], net[2][4], cell[2][4];
} weft_i_level_norm_t;
enum { WEFT_I_LEVEL_NORM = sizeof(weft_i_level_norm_t) / sizeof(float) };
/* Of these designs, all labels there. */
WEFT_MUST_CHECK weft_status_t weft_i_level_norm_of(weft_i_level_norm_t *norm, const weft_time21_t *const *designs, int32_t n, weft_diag_t *diag);
void weft_i_level_norm_none(weft_i_level_norm_t *norm);

typedef struct weft_i_level_step {
    int32_t n_net, n_cell, n_dst;
    int32_t *net, *cell, *dst;          /* net edges, cell edges, output nodes of this step */
    weft_graph_t *net_from, *net_to;    /* look-ups [n nodes -> n_net] */
    weft_graph_t *cell_from, *cell_to;  /* [n nodes -> n_cell] */
    weft_graph_t *into, *at_dst;        /* [n_cell -> n_dst] sums; [n nodes -> n_dst] */
    float *table, *axes, *query_axes;   /* [n_cell * 8, 49], [n_cell * 8, 14], [n_cell * 32, 15] (valid, axes; each LUT four times) */
} weft_i_level_step_t;

/* Net and cell edges into some nodes, both ways: look-ups of their ends, sums at their targets. */
typedef struct weft_i_level_both {
    int64_t n_edges;
    weft_graph_t *from, *to, *into;     /* [n -> n_edges] twice, [n_edges -> targets] */
    float *e;                           /* [n_edges, 12]: kind (2), means of the eight tables, dx, dy; the reverse has all of them negated */
} weft_i_level_both_t;
/* Edges into the nodes first..last - 1. */
WEFT_MUST_CHECK weft_status_t weft_i_level_both_init(weft_i_level_both_t *b, const weft_time21_t *t, const weft_i_level_norm_t *norm, int32_t first, int32_t last, weft_diag_t *diag);
void weft_i_level_both_destroy(weft_i_level_both_t *b);

typedef struct weft_i_level_data {
    const weft_time21_t *t;             /* a design, or a window of it */
    const weft_i_level_norm_t *norm;
    float *node, *placed;               /* [n, 10], [n, 19]: with places in 0..1 of the whole design, level and its waves */
    int32_t n, n_drivers;
    int32_t *driver;                    /* nodes that drive */
    float *net_e;                       /* [n_net, 2] dx, dy, driver to sink */
    float *net_e_back;                  /* its negative */
    weft_graph_t *from, *to;            /* look-ups [n -> n_net] of net edges */
    weft_graph_t *into_sink, *into_driver; /* sums [n_net -> n] */
    weft_graph_t *at_driver, *put_driver;  /* [n -> n_drivers], [n_drivers -> n] */
    weft_i_level_both_t all;            /* of the auto-encoder */
    weft_graph_t *mean;                 /* [n -> 1] as a sum */
    const float *latent;                /* [n, 8] latent values and their mean, where they are given; borrowed; NULL: the encoder runs */
    int32_t n_steps;
    weft_i_level_step_t whole, *step;   /* whole: all levels; step: in the order of levels, parts of a level */
    float *state;                       /* [n, 8] labels; truth of training, start of level 0 */
} weft_i_level_data_t;

/* The tensors of a step that has only its edges (as the steps by level have after init), and back. */
WEFT_MUST_CHECK weft_status_t weft_i_level_step_fill(weft_i_level_step_t *s, const weft_i_level_data_t *d, weft_diag_t *diag);
void weft_i_level_step_destroy(weft_i_level_step_t *s);
/* STEPS: the steps by level, unfilled, instead of the whole; CODER: the edges of the auto-encoder. */
enum { WEFT_I_LEVEL_STEPS = 1, WEFT_I_LEVEL_CODER = 2 };
/* whole: the design that t is a window of, or t. Errors: time21-lut (a table that is not 7 x 7). O(n + edges). */
WEFT_MUST_CHECK weft_status_t weft_i_level_data_init(weft_i_level_data_t *d, const weft_time21_t *t, const weft_time21_t *whole, const weft_i_level_norm_t *norm, unsigned flags, weft_diag_t *diag);
void weft_i_level_data_destroy(weft_i_level_data_t *d);
/* [n, 19], not normed: the node columns with places in 0..1 of the whole design, level, sine and cosine waves of it. */
void weft_i_level_placed(const weft_time21_t *t, const weft_time21_t *whole, float *placed);
/* The eight tables of a library arc: table [8, 49] ns, axes [8, 14] ns and pF, valid [8]. */
WEFT_MUST_CHECK weft_status_t weft_i_arc_luts(const weft_library_t *l, int32_t arc, float *table, float *axes, float *valid, weft_diag_t *diag);
#endif
