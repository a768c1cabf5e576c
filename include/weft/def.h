/* weft/def.h: DEF as a document: die, components, pins, nets with their routed wires. Coordinates in DEF units (`dbu` of
 * them per micrometre). Names are ids of `names`, without backslashes. */
#ifndef WEFT_DEF_H
#define WEFT_DEF_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_def_component {
    int32_t name, macro, line;
    int32_t x, y;
    uint8_t orient; /* weft_orient_t */
    bool placed;    /* PLACED, FIXED or COVER */
} weft_def_component_t;
typedef struct weft_def_pin {
    int32_t name, net, line;
    int32_t x, y;          /* of the first placed port */
    int32_t x0, y0, x1, y1; /* bounding box of its shapes, as drawn (before orientation); all 0: none */
    int32_t layer;         /* names, -1: none */
    uint8_t orient;
    bool placed, has_shape;
} weft_def_pin_t;
typedef struct weft_def_rect { int32_t x0, y0, x1, y1; } weft_def_rect_t;
typedef struct weft_def_conn { int32_t component; /* names; -1: PIN */ int32_t pin; } weft_def_conn_t;
/* One step of a routed wire: a segment, or a via at (x0, y0). */
typedef struct weft_def_wire {
    int32_t layer;         /* names */
    int32_t via;           /* names, -1: a segment */
    int32_t x0, y0, x1, y1;
    int32_t width;         /* of a TAPERRULE-free special wire; 0: the layer's default */
    bool first;            /* begins a wiring (ROUTED or NEW): `layer` is as written; behind a via it goes on on the via's other layer */
} weft_def_wire_t;
typedef struct weft_def_net { int32_t name, line, first_conn, n_conns, first_wire, n_wires; } weft_def_net_t;

typedef struct weft_def {
    weft_names_t *names;
    char *file;
    int32_t design; /* names or -1 */
    double dbu;     /* units per micrometre */
    bool has_die;
    weft_def_rect_t die;
    int32_t n_components; weft_def_component_t *component;
    int32_t n_pins; weft_def_pin_t *pin;
    int32_t n_blockages; weft_def_rect_t *blockage;
    int32_t n_nets; weft_def_net_t *net;
    int32_t n_conns; weft_def_conn_t *conn;
    int32_t n_wires; weft_def_wire_t *wire;
    int32_t n_rows, n_tracks, n_special_nets, n_regions;
} weft_def_t;

/* Errors: def-syntax, def-number, def-unclosed. Sections it does not know are skipped. O(bytes). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_def_read(weft_def_t **def, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_def_parse(weft_def_t **def, const char *data, size_t size, const char *file, weft_diag_t *diag);
WEFT_API void weft_def_free(weft_def_t *def);

#ifdef __cplusplus
}
#endif
#endif
