/* circuit/elaborate.h: Verilog documents prepared for flattening: every reference resolved to a local net of its module. */
#ifndef WEFT_CIRCUIT_ELABORATE_H
#define WEFT_CIRCUIT_ELABORATE_H
#include "weft/design.h"

typedef struct weft_i_local { int32_t name, msb, lsb, at; uint8_t kind; bool is_bus; } weft_i_local_t; /* at: first bit of it in the module */
typedef struct weft_i_module {
    int32_t doc, index;       /* where it stands */
    int32_t first_local, n_locals, n_bits;
    bool used;                /* instantiated by some module */
} weft_i_module_t;

typedef struct weft_i_elab {
    const weft_library_t *lib;
    const weft_verilog_t *const *docs;
    int32_t n_docs;
    weft_diag_t *diag;
    int32_t n_modules; weft_i_module_t *module;
    int32_t n_locals; int64_t local_cap; weft_i_local_t *local;
    int32_t **ref_local;      /* [doc][ref]: local number in its module, -1 constant */
    int32_t **module_of;      /* [doc][name]: module or -1 */
    int32_t **cell_of;        /* [doc][name]: library cell or -1 */
    int32_t **lib_name;       /* [doc][name]: name id in the library or -1 */
    int32_t **port_local;     /* [doc][port]: local number in its module */
} weft_i_elab_t;

weft_status_t weft_i_elab_prepare(weft_i_elab_t *e);
void weft_i_elab_destroy(weft_i_elab_t *e);
static inline int32_t weft_i_local_width(const weft_i_local_t *l) { return (l->msb > l->lsb ? l->msb - l->lsb : l->lsb - l->msb) + 1; }
weft_status_t weft_i_design_index(weft_design_t *design); /* design.c: names to ids */
#endif
