/* weft/lef.h: LEF as a document: layers with their electrical constants, vias, macros with pin shapes. Lengths in metres,
 * resistances in ohm per square (routing) or per cut, capacitances in F/m^2 and F/m. Names are ids of `names`. */
#ifndef WEFT_LEF_H
#define WEFT_LEF_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_layer_kind { WEFT_LAYER_OTHER = 0, WEFT_LAYER_ROUTING, WEFT_LAYER_CUT } weft_layer_kind_t;
typedef struct weft_lef_layer {
    int32_t name, line;
    uint8_t kind;        /* weft_layer_kind_t */
    bool vertical;
    double width, pitch, thickness;
    double resistance;   /* ohm per square; of a cut layer ohm per cut; NaN: not said */
    double area_cap;     /* F/m^2, NaN: not said */
    double edge_cap;     /* F/m per edge, NaN: not said */
} weft_lef_layer_t;
typedef struct weft_lef_shape { int32_t layer; /* names; -1: none */ double x0, y0, x1, y1; } weft_lef_shape_t;
typedef struct weft_lef_via { int32_t name, first_shape, n_shapes; double resistance; /* NaN: not said */ } weft_lef_via_t;
typedef struct weft_lef_pin {
    int32_t name, first_shape, n_shapes;
    uint8_t direction;   /* weft_direction_t as in weft/library.h; power and ground by USE */
    bool is_supply;
} weft_lef_pin_t;
typedef struct weft_lef_macro {
    int32_t name, line;
    bool is_block;       /* CLASS BLOCK */
    double width, height, origin_x, origin_y;
    int32_t first_pin, n_pins, first_obs, n_obs; /* obs: shapes */
} weft_lef_macro_t;

typedef struct weft_lef {
    weft_names_t *names;
    char *file;
    int32_t n_layers; weft_lef_layer_t *layer; /* in file order: from the bottom */
    int32_t n_vias; weft_lef_via_t *via;
    int32_t n_macros; weft_lef_macro_t *macro;
    int32_t n_pins; weft_lef_pin_t *pin;
    int32_t n_shapes; weft_lef_shape_t *shape; /* rectangles; polygons and paths as bounding boxes */
    int32_t *macro_of_name;                    /* [names] macro or -1 */
} weft_lef_t;

/* Errors: lef-syntax, lef-number, lef-unclosed. Unknown statements are skipped to their ';'. O(bytes). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_lef_read(weft_lef_t **lef, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_lef_parse(weft_lef_t **lef, const char *data, size_t size, const char *file, weft_diag_t *diag);
WEFT_API void weft_lef_free(weft_lef_t *lef);
/* Macro by name, -1: none. */
WEFT_API int32_t weft_lef_find_macro(const weft_lef_t *lef, const char *name, size_t length);

#ifdef __cplusplus
}
#endif
#endif
