/* weft/extract.h: parasitics from routed wires, by the constants of the LEF. */
#ifndef WEFT_EXTRACT_H
#define WEFT_EXTRACT_H
#include "weft/def.h"
#include "weft/lef.h"
#include "weft/spef.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_extract_options { double via_ohm; /* of a via where the LEF says none; 0: 4.5 */ } weft_extract_options_t;
typedef struct weft_extract_report {
    int64_t n_nets, n_unrouted, n_open, n_pins, n_far_pins, n_loops; /* open: pins joined although no wire does; far: a pin off its wires by more than half a via */
    double length, cap;                                              /* m, F */
} weft_extract_report_t;

/* A wire of length L and width W on a routing layer: R = R_square L / W, C = (C_area W + 2 C_edge) L, half of it at each end; a via: its resistance.
 * Wires meet where they share a point of a layer, also inside a segment; pins join the wire nodes in (or nearest to) their shapes; loops are cut.
 * Couplings are not told apart from ground. Nets without a driver (supplies) are left out. The document's nets stand in the DEF's order.
 * Errors: extract-layer (a routing layer without constants), extract-no-wires; warnings: extract-open, extract-unrouted.
 * O(n log n) in wires. Owner: the caller, weft_spef_free and free(*directions) by weft_extract_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_extract(weft_spef_t **spef, char **directions, const weft_def_t *def, const weft_lef_t *const *lefs, int32_t n_lefs,
                                                    const weft_extract_options_t *options, weft_extract_report_t *report, weft_diag_t *diag);
WEFT_API void weft_extract_free(weft_spef_t *spef, char *directions);

#ifdef __cplusplus
}
#endif
#endif
