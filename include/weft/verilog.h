/* weft/verilog.h: structural Verilog as a document: modules, declared nets, instances, connections, assigns.
 * Names are without their backslash. Flat arrays; ids and ranges instead of pointers. */
#ifndef WEFT_VERILOG_H
#define WEFT_VERILOG_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A piece of an expression, most significant first. name >= 0: a net; else a constant bit. */
enum { WEFT_VERILOG_ZERO = -1, WEFT_VERILOG_ONE = -2, WEFT_VERILOG_X = -3 };
typedef struct weft_verilog_ref {
    int32_t name;
    int32_t msb, lsb;    /* bits taken; both WEFT_VERILOG_WHOLE: all of it */
} weft_verilog_ref_t;
#define WEFT_VERILOG_WHOLE INT32_MIN

typedef enum weft_verilog_net_kind { WEFT_VERILOG_WIRE = 0, WEFT_VERILOG_INPUT, WEFT_VERILOG_OUTPUT, WEFT_VERILOG_INOUT, WEFT_VERILOG_SUPPLY0, WEFT_VERILOG_SUPPLY1 } weft_verilog_net_kind_t;
typedef struct weft_verilog_net { int32_t name, msb, lsb, line; uint8_t kind; bool is_bus; } weft_verilog_net_t;
typedef struct weft_verilog_conn { int32_t port /* name, -1: by position */, first_ref, n_refs /* 0: open */, line; } weft_verilog_conn_t;
typedef struct weft_verilog_inst { int32_t module, name, first_conn, n_conns, line; } weft_verilog_inst_t;
typedef struct weft_verilog_assign { int32_t first_left, n_left, first_right, n_right, line; } weft_verilog_assign_t;
typedef struct weft_verilog_module {
    int32_t name, line;
    int32_t first_port, n_ports;     /* into port: names in the order of the header */
    int32_t first_net, n_nets;       /* declared nets; a port declared again as wire appears twice */
    int32_t first_inst, n_insts;
    int32_t first_assign, n_assigns;
} weft_verilog_module_t;

typedef struct weft_verilog {
    weft_names_t *names;
    char *file;
    int32_t n_modules; weft_verilog_module_t *module;
    int32_t n_ports; int32_t *port;
    int32_t n_nets; weft_verilog_net_t *net;
    int32_t n_insts; weft_verilog_inst_t *inst;
    int32_t n_conns; weft_verilog_conn_t *conn;
    int32_t n_refs; weft_verilog_ref_t *ref;
    int32_t n_assigns; weft_verilog_assign_t *assign;
} weft_verilog_t;

/* Errors: verilog-syntax, verilog-behaviour (always, initial, function, specify ..: not structural), verilog-gate
 * (primitives), verilog-constant, verilog-unclosed. Parsing goes on behind the statement. O(bytes). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_verilog_read(weft_verilog_t **verilog, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_verilog_parse(weft_verilog_t **verilog, const char *data, size_t size, const char *file, weft_diag_t *diag);
WEFT_API void weft_verilog_free(weft_verilog_t *verilog);

#ifdef __cplusplus
}
#endif
#endif
