/* predict/net_rows.h: what a calibration keeps of every net of a routed design. */
#ifndef WEFT_PREDICT_NET_ROWS_H
#define WEFT_PREDICT_NET_ROWS_H
#include "timing/wire_scales.h"
#include "weft/calibrate.h"

typedef struct weft_i_net_row {
    int32_t net;             /* of its design */
    float feature[WEFT_I_N_WIRE_FEATURES];
    float length, n_pins;    /* of the tree, m */
    float cap;               /* truth: wire capacitance, F */
    float elmore;            /* truth: mean over the sinks, s; 0: not known */
    float elmore_len, elmore_edge; /* the tree's, with the truth's capacitance and 1 ohm/m, and with 1 ohm per edge */
} weft_i_net_row_t;

typedef struct weft_i_net_rows { int64_t n, capacity; weft_i_net_row_t *row; } weft_i_net_rows_t;
/* Appends a row for every net that is placed, has two pins and wire capacitance in the parasitics. */
WEFT_MUST_CHECK weft_status_t weft_i_net_rows_add(weft_i_net_rows_t *rows, const weft_design_t *design, const weft_i_layout_t *layout, const weft_parasitics_t *routed);
#endif
