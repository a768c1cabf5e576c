/* timing/report.h: shared by the two forms of the report. */
#ifndef WEFT_TIMING_REPORT_H
#define WEFT_TIMING_REPORT_H
#include "weft/report.h"

struct weft_i_path;

/* Worst slack of every pin's endpoints, NaN where it is none; the caller frees. */
WEFT_MUST_CHECK weft_status_t weft_i_slack_by_pin(double **slack, const weft_design_t *design, const weft_timer_t *timer, int32_t corner, int32_t early_late);
/* Half of the interval around a slack, s. */
double weft_i_half_width(const weft_report_t *report, int32_t early_late, double slack, double shifted);
/* Name of the path group an endpoint belongs to, as reports show it. */
const char *weft_i_group_text(const weft_timer_t *t, const weft_endpoint_t *e);
/* How much of a latch's window the data took, as it stands behind the path. path_borrow.c */
void weft_i_print_borrowing(const weft_timer_t *t, const weft_endpoint_t *e, const struct weft_i_path *data, const struct weft_i_path *enable, FILE *out);
#endif
