/* weft/report.h: what a timer found, for people and for programs; and a prediction beside the truth. */
#ifndef WEFT_REPORT_H
#define WEFT_REPORT_H
#include "weft/base.h"
#include "weft/timing.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_rival { const char *name; const weft_timer_t *timer; } weft_rival_t;

/* All timers are of the same design, constraints and library; borrowed. */
typedef struct weft_report {
    const weft_design_t *design;
    const weft_constraints_t *constraints;
    const weft_timer_t *timer;
    const weft_timer_t *shifted;     /* the same with wires one spread heavier: gives every slack its bounds; NULL: none */
    double interval[2];              /* s, of weft_wire_model_interval; both 0 and no `shifted`: no bounds */
    const weft_timer_t *truth;       /* with routed wires; NULL: none */
    const weft_rival_t *rivals;      /* other estimates to stand beside it in the table of errors */
    int32_t n_rivals;
    const char *wires;               /* where the wires come from, in words */
    bool limits;                     /* electrical and pulse limits too (weft_timer_limits) */
    const weft_diag_t *diag;         /* its warnings become notices; NULL: none */
} weft_report_t;

/* Errors of one estimate against the truth over the endpoints both constrain, in s: mean |error| and |error of the worst
 * slack|; [early/late]. NaN where there are none. O(endpoints). */
typedef struct weft_slack_error { double mean[2], worst_endpoint[2], wns[2]; int32_t n[2]; } weft_slack_error_t;
WEFT_API WEFT_MUST_CHECK weft_status_t weft_slack_errors(weft_slack_error_t *out, const weft_design_t *design, int32_t corner,
                                                         const weft_timer_t *estimate, const weft_timer_t *truth);

/* How good slacks are as predictions, of one side ([early/late]); s where not said otherwise; NaN where there is nothing to say. Over the n endpoints that both constrain:
 * r2 = 1 - sum (e)^2 / sum (truth - mean truth)^2; mean and worst |e|; wns and tns: |error| of the worst slack and of the sum of negative slacks; rank: Spearman's
 * correlation among the 100 endpoints that are worst by the truth; covered: share of truths within their interval, width: its mean width (NaN: no intervals). */
typedef struct weft_slack_score { int32_t n; double r2, mean, worst, wns, tns, rank, covered, width; } weft_slack_score_t;
/* shifted, interval: as in weft_report_t; NULL: no intervals. O(endpoints log endpoints). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_slack_scores(weft_slack_score_t score[2], const weft_design_t *design, int32_t corner, const weft_timer_t *estimate,
                                                         const weft_timer_t *shifted, const double interval[2], const weft_timer_t *truth);

/* The slack table (worst n_rows per side), bounds and truth where there are some, a histogram, the table of errors. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_report_print(const weft_report_t *report, int32_t corner, int32_t n_rows, FILE *out);
/* The same for programs; the schema stands in docs/JSON.md. Written beside and renamed; "-" is stdout. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_report_write_json(const weft_report_t *report, const char *path, weft_diag_t *diag);
/* Every endpoint's slack with its interval, setup first, worst first: CSV, ns; `low` and `high` empty where there are no bounds, `routed` where there is no truth. As above,
 * written beside and renamed. O(endpoints). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_report_write_endpoints_csv(const weft_report_t *report, int32_t corner, const char *path, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
