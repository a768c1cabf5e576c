/* weft/placement.h: joins LEF and DEF to a linked design: where every instance and pin lies. */
#ifndef WEFT_PLACEMENT_H
#define WEFT_PLACEMENT_H
#include "weft/base.h"
#include "weft/def.h"
#include "weft/design.h"
#include "weft/lef.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_placement_report {
    int32_t n_insts, n_placed;          /* of the netlist */
    int32_t n_ports, n_ports_placed;
    int32_t n_components, n_unmatched;  /* of the DEF; unmatched: fillers and taps too */
    int32_t n_no_macro;                 /* placed instances whose cell no LEF describes: their pins lie at the corner */
    int32_t n_other_cell;               /* DEF and netlist disagree about the cell; the netlist is taken */
} weft_placement_report_t;

/* Fills the placement arrays of the design (metres). A pin lies in the middle of the bounding box of its LEF shapes, turned
 * by the orientation of its instance, added to the placed lower-left corner; without shapes in the middle of the macro. A
 * later DEF wins. What has no place is NaN and told: place-unplaced, place-port, place-no-macro, place-other-cell
 * (warnings, with counts and examples). report may be NULL. O(components + pins). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_design_place(weft_design_t *design, const weft_lef_t *const *lefs, int32_t n_lefs,
                                                         const weft_def_t *const *defs, int32_t n_defs,
                                                         weft_placement_report_t *report, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
