/* timing/checks.h: shared by the files that end paths. */
#ifndef WEFT_TIMING_CHECKS_H
#define WEFT_TIMING_CHECKS_H
#include "timing/timer.h"

/* Keeps the worst end per (node, early/late, corner); required times per path tighten on the way. */
typedef struct weft_i_ends {
    weft_timer_t *t;
    weft_endpoint_t *end;
    weft_i_end_paths_t *path;
    int64_t n, capacity, path_capacity;
    int64_t node_first; /* ends of the node at hand start here */
    weft_status_t status;
} weft_i_ends_t;

/* The required time of a path is the tightest of all ends behind it. */
void weft_i_tighten(weft_i_path_t *path, double required);
/* The slack of data path number `data` against a capturing path. */
void weft_i_check_pair(weft_i_ends_t *ends, int64_t data, const weft_i_path_t *capture, double margin, int32_t kind);

/* gating.c: a gate where data meets a clock holds the data still while the clock could pass. */
void weft_i_gating_ends(weft_i_ends_t *ends, int32_t node);
/* data_checks.c: set_data_check. */
WEFT_MUST_CHECK weft_status_t weft_i_data_check_index(weft_timer_t *t);
void weft_i_data_check_ends(weft_i_ends_t *ends, int32_t node);
#endif
