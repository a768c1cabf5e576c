/* timing/latches.h: transparent latches. Data that arrives while the enable is open goes on to Q with the time it has
 * (it borrows; late side only); its own slack is then 0 and it is judged behind Q. Data before the opening edge has the
 * slack to that edge; what comes later than the closing edge less setup fails by the difference. */
#ifndef WEFT_TIMING_LATCHES_H
#define WEFT_TIMING_LATCHES_H
#include "timing/timer.h"

typedef struct weft_i_latch {
    int32_t enable;       /* node of the enable pin, -1: none */
    uint8_t opening;      /* edge of the enable that opens */
    bool always_open;     /* the enable is a constant that keeps it open */
    bool always_closed;
} weft_i_latch_t;

/* The latch behind a D to Q edge. */
weft_i_latch_t weft_i_latch_of(const weft_timer_t *t, int32_t d_to_q);
/* First D to Q edge out of a node, -1: no latch data pin. */
int32_t weft_i_latch_of_data(const weft_timer_t *t, int32_t node);

typedef struct weft_i_window { /* as the data path sees it, in its own time */
    double open, close; /* required times: less uncertainty, plus reconvergence credit; close also less setup */
    double shift;       /* the window's opening edge lies this much after the enable clock's own edge time */
    double crpr;
} weft_i_window_t;
/* The window of enable path q for data path p: it closes at the first closing edge after p's launch and opens at the
 * opening edge before that. Data without a clock counts as launched at the opening edge. `setup`: margin at closing. */
weft_i_window_t weft_i_latch_window(const weft_timer_t *t, const weft_i_path_t *p, const weft_i_path_t *q, double setup);
#endif
