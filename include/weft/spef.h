/* weft/spef.h: SPEF (IEEE 1481) as a document: nets with their capacitances and resistances, names without backslashes. */
#ifndef WEFT_SPEF_H
#define WEFT_SPEF_H
#include "weft/base.h"
#include "weft/design.h"
#include "weft/parasitics.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A node: the name it stands under and what follows the delimiter. suffix >= 0: number of an internal node; -1: nothing (a
 * port, or the net itself); <= -2: a pin, whose name is id -2 - suffix. */
typedef struct weft_spef_node { int32_t name, suffix; } weft_spef_node_t;
typedef struct weft_spef_cap { weft_spef_node_t node; float value; } weft_spef_cap_t;                     /* F; a coupling is one per end that is named first */
typedef struct weft_spef_res { weft_spef_node_t a, b; float value; } weft_spef_res_t;                     /* ohm */
typedef struct weft_spef_net {
    int32_t name, line;
    float total;                       /* F */
    int32_t first_conn, n_conns;       /* pins and ports of *CONN */
    int32_t first_cap, n_caps, first_res, n_res;
    bool reduced;                      /* *R_NET: only its total is kept */
} weft_spef_net_t;

typedef struct weft_spef {
    weft_names_t *names;
    char *file, *design;
    double cap_unit, res_unit, time_unit;
    int32_t n_nets; weft_spef_net_t *net;
    int32_t n_conns; weft_spef_node_t *conn;
    int32_t n_caps; weft_spef_cap_t *cap;
    int32_t n_res; weft_spef_res_t *res;
    int64_t n_couplings;
} weft_spef_t;

/* Of a triplet min:typ:max the middle one is taken. Errors: spef-syntax, spef-number, spef-name-map (an index that the map
 * lacks), spef-unclosed. O(bytes). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_spef_read(weft_spef_t **spef, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_spef_parse(weft_spef_t **spef, const char *data, size_t size, const char *file, weft_diag_t *diag);
WEFT_API void weft_spef_free(weft_spef_t *spef);

/* Writes the document beside FILE and renames: *D_NET with *CONN, *CAP, *RES; fF and ohm; names with a backslash before every character that SPEF
 * does not let stand alone. Pins are written without a direction unless `directions` (one of I, O, B per conn) is given. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_spef_write(const weft_spef_t *spef, const char *directions, const char *path, weft_diag_t *diag);
/* The networks of a design as a document (nets without parasitics are left out). Owner: the caller. O(nodes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_spef_from_parasitics(weft_spef_t **spef, char **directions, const weft_parasitics_t *parasitics);

typedef struct weft_spef_coverage { int64_t n_nets, n_matched, n_pins, n_pins_matched; } weft_spef_coverage_t;
/* Networks by design net. Every coupling counts as a ground capacitor of its own value at its own net's node. A later
 * document wins net by net. Names that match nothing are told (spef-no-net, spef-no-pin). coverage may be NULL. O(nodes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_parasitics_link(weft_parasitics_t **parasitics, const weft_design_t *design,
                                                            const weft_spef_t *const *docs, int32_t n_docs,
                                                            weft_spef_coverage_t *coverage, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
