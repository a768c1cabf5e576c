/* circuit/sdc_records.h: records of the SDC child, checked field by field, become constraints. */
#ifndef WEFT_CIRCUIT_SDC_RECORDS_H
#define WEFT_CIRCUIT_SDC_RECORDS_H
#include "base/alloc.h"
#include "weft/constraints.h"

typedef struct weft_i_constraints_private { /* room of the arrays, and what the structures point into */
    weft_i_arena_t arena;
    int64_t file_cap, clock_cap, groups_cap, delay_cap, setting_cap, pair_cap, disable_cap, driving_cap, exception_cap, check_cap;
} weft_i_constraints_private_t;

/* Appends to arena-held ids; false: no memory. */
bool weft_i_ids_push(weft_i_arena_t *arena, weft_ids_t *ids, int32_t id);
/* One record a line; n_files files were added to c->file for them. Errors: sdc-record (a line that does not hold). */
WEFT_MUST_CHECK weft_status_t weft_i_sdc_records(weft_constraints_t *c, const weft_design_t *d, char *data, int32_t n_files, weft_diag_t *diag);
#endif
