/* timing/derate.h: set_timing_derate: factors on delays as the search sees them. An instance's or a net's factor before its library cell's
 * before the design's; a later command before an earlier one. */
#ifndef WEFT_TIMING_DERATE_H
#define WEFT_TIMING_DERATE_H
#include "weft/constraints.h"
#include "weft/design.h"

enum { WEFT_I_DERATE_CELL = 0, WEFT_I_DERATE_CHECK, WEFT_I_DERATE_NET, WEFT_I_N_DERATES };
typedef struct weft_i_derate_table { float factor[WEFT_I_N_DERATES][2 /* clock, data */][2 /* edge */][2 /* early, late */]; } weft_i_derate_table_t;

typedef struct weft_i_derates {
    int32_t n;             /* tables; 0: no derating */
    int64_t capacity;
    weft_i_derate_table_t *table; /* NaN: not said; table 0 is the design's */
    int32_t *of_inst, *of_net, *of_cell; /* table or -1; NULL: none */
} weft_i_derates_t;
WEFT_MUST_CHECK weft_status_t weft_i_derates_init(weft_i_derates_t *x, const weft_constraints_t *sdc, const weft_design_t *d);
void weft_i_derates_destroy(weft_i_derates_t *x);
/* inst, net: -1 where it does not apply. */
double weft_i_derate(const weft_i_derates_t *x, const weft_design_t *d, int32_t inst, int32_t net, int32_t type, bool data, int32_t edge, int32_t early_late);
#endif
