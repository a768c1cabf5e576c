/* weft/design.h: the flat, placed netlist: instances, pins, nets and ports as ids; and its linker.
 *
 * Names are canonical: hierarchical, joined by '/', without any backslash (Verilog \a.b[0]  and SPEF a\.b\[0\] are both
 * a.b[0]). Arrays are read-only for callers and owned by the design. Coordinates in metres. */
#ifndef WEFT_DESIGN_H
#define WEFT_DESIGN_H
#include "weft/base.h"
#include "weft/library.h"
#include "weft/verilog.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_orient { WEFT_N = 0, WEFT_S, WEFT_W, WEFT_E, WEFT_FN, WEFT_FS, WEFT_FW, WEFT_FE } weft_orient_t;

/* Constant value of a net: driven by a literal in the netlist. */
enum { WEFT_NET_NORMAL = 0, WEFT_NET_ZERO = 1, WEFT_NET_ONE = 2 };

typedef struct weft_design {
    weft_names_t *names;            /* instance and net and port names; separate from the library's */
    const weft_library_t *library;  /* borrowed: must outlive the design */
    int32_t name;                   /* of the top module */

    /* Instances of library cells and of black boxes; hierarchy is flattened. */
    int32_t n_insts;
    int32_t *inst_name;             /* names */
    int32_t *inst_cell;             /* library cell, -1: black box */
    int32_t *inst_box_name;         /* names: cell name of a black box; NULL where there is none */
    int32_t *inst_first_pin;        /* [n_insts + 1]; pins of an instance: one per signal port of its cell, in port
                                       order (no WEFT_INTERNAL, no WEFT_POWER); of a black box: one per connection */
    int32_t *inst_line;             /* line in the netlist */

    /* Pins: those of instances first, by instance; then one per bit of the ports of the top module. */
    int32_t n_pins, n_inst_pins;
    int32_t *pin_inst;              /* -1: port of the top module */
    int32_t *pin_port;              /* instance pin: library port id (-1 in a black box); top port: index in port arrays */
    int32_t *pin_net;               /* -1: unconnected */
    uint8_t *pin_direction;         /* weft_direction_t, as seen from the cell or, for ports, from outside: an input
                                       port has WEFT_INPUT and drives its net */
    int32_t *pin_box_name;          /* names: pin names of black boxes, -1 elsewhere; NULL where there is none */

    int32_t n_ports;                /* bits of top ports; pin of port i: n_inst_pins + i */
    int32_t *port_name;             /* names: "a" or "data[3]" */
    int32_t *port_line;

    /* Nets. */
    int32_t n_nets;
    int32_t *net_name;              /* names; where `assign` joins nets, the name nearest the top, ports first */
    uint8_t *net_constant;          /* WEFT_NET_* */
    uint8_t *net_is_bit;            /* its name is that of a bus bit: the bracket was not part of an escaped name */
    int32_t *net_first;             /* [n_nets + 1] into net_pin */
    int32_t *net_pin;               /* drivers first */
    int32_t *net_n_drivers;
    int32_t *net_line;

    /* Placement; NULL until a DEF is linked. */
    double *inst_x, *inst_y;        /* lower-left corner of the placed cell; NaN: unplaced */
    uint8_t *inst_orient;
    double *pin_x, *pin_y;          /* middle of the pin's shapes; NaN: not known */
    float *pin_w, *pin_h;           /* width and height of the box about them, m; 0: not known. NULL: nothing is known of shapes */
    double die[4];                  /* x0 y0 x1 y1; NaN without DEF */
    /* Blockages and filler area: rectangles that hold no routing or cells. */
    int32_t n_blockages; double *blockage; /* 4 each */

    void *private_data;             /* name indices of the linker */
} weft_design_t;

/* Flattens the documents under `top` (NULL: the one module nobody instantiates; several: WEFT_EINPUT with their names).
 * Nets joined by assign or through hierarchy are one. Cells that neither the library nor a module defines become black
 * boxes ("link-no-module", a warning). library must outlive the design, docs need not. O(bytes of the netlist).
 * Errors: link-no-top, link-many-tops, link-recursion; warnings: link-no-port, link-port-width, link-no-module,
 * link-multiple-drivers, link-module-twice. Owner: the caller, weft_design_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_design_link(weft_design_t **design, const weft_library_t *library,
                                                        const weft_verilog_t *const *docs, int32_t n_docs, const char *top,
                                                        weft_diag_t *diag);
WEFT_API void weft_design_free(weft_design_t *design);
/* Look up by canonical name; -1 where there is none. Pins: "inst/port" or a top port. O(name). */
WEFT_API int32_t weft_design_find_inst(const weft_design_t *design, const char *name, size_t length);
WEFT_API int32_t weft_design_find_net(const weft_design_t *design, const char *name, size_t length);
WEFT_API int32_t weft_design_find_pin(const weft_design_t *design, const char *name, size_t length);
WEFT_API int32_t weft_design_find_port(const weft_design_t *design, const char *name, size_t length); /* pin id */
/* Writes "inst/port" into buffer (cut to size, NUL-ended); returns the full length. */
WEFT_API int32_t weft_design_pin_name(const weft_design_t *design, int32_t pin, char *buffer, size_t size);
/* A pin that drives its net: output, inout of an instance; input or inout port. */
static inline bool weft_design_pin_drives(const weft_design_t *d, int32_t pin)
{
    uint8_t dir = d->pin_direction[pin];
    return pin < d->n_inst_pins ? dir == WEFT_OUTPUT || dir == WEFT_INOUT : dir == WEFT_INPUT || dir == WEFT_INOUT;
}
/* A pin that loads its net: input, inout of an instance; output or inout port. */
static inline bool weft_design_pin_loads(const weft_design_t *d, int32_t pin)
{
    uint8_t dir = d->pin_direction[pin];
    return pin < d->n_inst_pins ? dir == WEFT_INPUT || dir == WEFT_INOUT : dir == WEFT_OUTPUT || dir == WEFT_INOUT;
}

#ifdef __cplusplus
}
#endif
#endif
