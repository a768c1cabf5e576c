/* circuit/flat.h: a netlist while it is flattened: scopes, bits joined by union-find, and what turns them into nets. */
#ifndef WEFT_CIRCUIT_FLAT_H
#define WEFT_CIRCUIT_FLAT_H
#include "circuit/elaborate.h"

typedef struct weft_i_scope { int32_t module, base, prefix /* name or -1 */, parent; } weft_i_scope_t;

typedef struct weft_i_flat {
    weft_i_elab_t e;
    weft_design_t *d;
    int64_t n_bits, bit_cap;
    int32_t *up;        /* union-find; a root points to itself */
    uint8_t *constant;
    int64_t constant_cap;
    int64_t n_scopes, scope_cap;
    weft_i_scope_t *scope;
    int64_t inst_cap[3], first_cap, pin_cap[4], box_cap, boxname_cap;
    int64_t buffer_cap, n_buffer;
    int32_t *buffer;    /* bits of the expression at hand */
    char *text;
    int64_t text_cap;
    bool any_box;
} weft_i_flat_t;

enum { WEFT_I_ZERO_BIT = 0, WEFT_I_ONE_BIT = 1 };

/* link_netlist.c */
int32_t weft_i_flat_root(weft_i_flat_t *f, int32_t bit);
/* prefix/name as an id of the design; -1: memory. */
int32_t weft_i_flat_name(weft_i_flat_t *f, int32_t prefix, const char *name, int32_t length);
WEFT_MUST_CHECK weft_status_t weft_i_flat_put_pin(weft_i_flat_t *f, int32_t inst, int32_t port, int32_t bit, uint8_t direction);

/* flat_nets.c, in this order */
WEFT_MUST_CHECK weft_status_t weft_i_flat_top_ports(weft_i_flat_t *f);
WEFT_MUST_CHECK weft_status_t weft_i_flat_number_nets(weft_i_flat_t *f); /* roots become nets in bit order; pins go from bits to nets */
WEFT_MUST_CHECK weft_status_t weft_i_flat_net_pins(weft_i_flat_t *f);    /* each net's pins, drivers first */
#endif
