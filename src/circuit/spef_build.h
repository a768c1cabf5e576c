/* circuit/spef_build.h: a SPEF document put together net by net. */
#ifndef WEFT_CIRCUIT_SPEF_BUILD_H
#define WEFT_CIRCUIT_SPEF_BUILD_H
#include "weft/spef.h"

typedef struct weft_i_spef_build {
    weft_spef_t *doc;
    char *directions;
    int64_t net_cap, conn_cap, cap_cap, res_cap, dir_cap;
} weft_i_spef_build_t;
WEFT_MUST_CHECK weft_status_t weft_i_spef_begin(weft_i_spef_build_t *b, const char *design);
WEFT_MUST_CHECK weft_status_t weft_i_spef_net(weft_i_spef_build_t *b, const char *name, double total);
/* The node of a pin (port: pin NULL); direction I, O or B. Adds it to *CONN of the net at hand. */
WEFT_MUST_CHECK weft_status_t weft_i_spef_conn(weft_i_spef_build_t *b, const char *inst, const char *pin, char direction, weft_spef_node_t *node);
WEFT_MUST_CHECK weft_status_t weft_i_spef_cap(weft_i_spef_build_t *b, weft_spef_node_t node, double farad);
WEFT_MUST_CHECK weft_status_t weft_i_spef_res(weft_i_spef_build_t *b, weft_spef_node_t a, weft_spef_node_t c, double ohm);
void weft_i_spef_abandon(weft_i_spef_build_t *b);
#endif
