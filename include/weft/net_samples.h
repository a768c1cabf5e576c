/* weft/net_samples.h: sample files: what the fits of wire models see of routed designs, so that a fit starts without netlist, placement, library and parasitics.
 *
 * A safetensors file (any reader of that format shows it). N nets, L of them with labels, A arcs, all designs one after the other:
 *   net.columns  f32 [N, 31]  what is known of a net before routing; names, units and scales in the card
 *   net.id       i32 [N]      its number in the netlist, ascending in a design
 *   label.net    i32 [L]      row of the net within its design, ascending
 *   label.values f32 [L, 6]   m of tree; pins; F of wire; s from the driver, mean over the sinks; the tree's own delay at 1 ohm/m and at 1 ohm an edge (weft/calibrate.h)
 *   arc.from, arc.to  i32 [A] rows within the design: a gate leads from one net to the other
 * The metadata hold `weft`, the card (JSON: columns, labels, libraries by hash and cell names, and per design name, family, folder, counts), and `crc32` over the card and the
 * tensors in the order above. */
#ifndef WEFT_NET_SAMPLES_H
#define WEFT_NET_SAMPLES_H
#include "weft/calibrate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes all designs of a calibration; folder[design]: where weft eval and folds find what they time. Beside and renamed: a kill leaves the file of before. The same
 * designs give the same bytes. Errors: samples-name (a name or folder that is no UTF-8), samples-number (a column or label that is no finite number), file-create, file-write.
 * O(nets + arcs). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_net_samples_write(const weft_calibration_t *calibration, const char *const *folder, const char *path, weft_diag_t *diag);

typedef struct weft_net_samples weft_net_samples_t;
/* Reads (rather than maps: a file that is cut meanwhile cannot fault) and checks everything. Errors: samples-kind (no sample file of this version), samples-columns (of other
 * columns), samples-checksum, samples-content (a shape, count or id that does not fit), samples-number, and those of files. Owner: the caller. O(bytes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_net_samples_read(weft_net_samples_t **samples, const char *path, weft_diag_t *diag);
WEFT_API void weft_net_samples_free(weft_net_samples_t *samples);

typedef struct weft_net_samples_design { /* owned by the samples */
    const char *name, *family, *folder;
    int32_t n_all, n_nets, n_labels; /* nets of the netlist; with a driver and a place; routed besides */
    int64_t n_arcs;
    uint64_t library_hash;
} weft_net_samples_design_t;
WEFT_API int32_t weft_net_samples_n_designs(const weft_net_samples_t *samples);
WEFT_API const weft_net_samples_design_t *weft_net_samples_design(const weft_net_samples_t *samples, int32_t design);
/* As weft_calibration_add of the routed design, to the bit. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_calibration_add_sample(weft_calibration_t *calibration, const weft_net_samples_t *samples, int32_t design, weft_diag_t *diag);
/* Columns of a net: name, unit, and scale: the column is that function of the quantity x in that unit. */
WEFT_API int32_t weft_net_samples_n_columns(void);
WEFT_API void weft_net_samples_column(int32_t column, const char **name, const char **unit, const char **scale);

#ifdef __cplusplus
}
#endif
#endif
