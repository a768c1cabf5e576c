/* timing/report.h: shared by the two forms of the report. */
#ifndef WEFT_TIMING_REPORT_H
#define WEFT_TIMING_REPORT_H
#include "weft/report.h"

struct weft_i_path;

/* Worst slack of every pin's endpoints, NaN where it is none; the caller frees. */
WEFT_MUST_CHECK weft_status_t weft_i_slack_by_pin(double **slack, const weft_design_t *design, const weft_timer_t *timer, int32_t corner, int32_t early_late);
/* One side of a report: its endpoints, worst first, with what stands beside them. The caller destroys it. */
typedef struct weft_i_side {
    const weft_report_t *report;
    int32_t early_late, n;
    const weft_endpoint_t *endpoint;
    double *shifted, *truth; /* slack by pin of these timers; NULL: none */
} weft_i_side_t;
WEFT_MUST_CHECK weft_status_t weft_i_side_init(weft_i_side_t *side, const weft_report_t *report, int32_t corner, int32_t early_late);
void weft_i_side_destroy(weft_i_side_t *side);
/* Half of the interval around the slack of endpoint i, s; NaN: none. */
double weft_i_side_half(const weft_i_side_t *side, int32_t i);
double weft_i_side_truth(const weft_i_side_t *side, int32_t i); /* NaN: none */
/* Name of the path group an endpoint belongs to, as reports show it. */
const char *weft_i_group_text(const weft_timer_t *t, const weft_endpoint_t *e);
/* How much of a latch's window the data took, as it stands behind the path. path_borrow.c */
void weft_i_print_borrowing(const weft_timer_t *t, const weft_endpoint_t *e, const struct weft_i_path *data, const struct weft_i_path *enable, FILE *out);
#endif
