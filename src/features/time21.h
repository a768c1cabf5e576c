/* features/time21.h: the insides of a design of the 21-design set, shared by the files of this room. */
#ifndef WEFT_FEATURES_TIME21_H
#define WEFT_FEATURES_TIME21_H
#include "timing/timer.h"
#include "weft/time21.h"

/* The circuit of the graph: instances by their arcs, ports for what drives or ends outside them; fills design, constraints and
 * node_pin. Errors: time21-cell, time21-graph. */
WEFT_MUST_CHECK weft_status_t weft_i_time21_link(weft_time21_t *t, const weft_library_t *library, weft_diag_t *diag);
/* The engine's answer with these wires; the timer is the caller's. */
WEFT_MUST_CHECK weft_status_t weft_i_time21_time(const weft_time21_t *t, const weft_wires_t *wires, weft_timer_t **timer, weft_time21_answer_t *answer, weft_diag_t *diag);
/* Factors of the wires that suit the labels: w->cap_scale and res_scale, both there; weights: how much each log factor moves delays, s^2. */
WEFT_MUST_CHECK weft_status_t weft_i_time21_fit(const weft_time21_t *t, weft_wires_t *w, double *cap_weight, double *res_weight, weft_diag_t *diag);
void weft_i_time21_collect(const weft_time21_t *t, const weft_timer_t *timer, weft_time21_answer_t *answer);
#endif
