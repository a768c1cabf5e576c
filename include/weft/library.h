/* weft/library.h: cells, ports, timing arcs and look-up tables, joined from one or more Liberty files, in SI units.
 *
 * A library serves several analysis points: ap = 2 * corner + (early 0 | late 1). Every value that a Liberty file can
 * give differently per file is kept per ap; where two aps were read from the same file they hold the same table id.
 * All arrays are read-only for callers and owned by the library; ids index them. s, F, ohm, V, m, W. */
#ifndef WEFT_LIBRARY_H
#define WEFT_LIBRARY_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WEFT_EARLY = 0, WEFT_LATE = 1 };
enum { WEFT_RISE = 0, WEFT_FALL = 1 };

typedef enum weft_direction {
    WEFT_INPUT = 0, WEFT_OUTPUT, WEFT_INOUT, WEFT_INTERNAL, WEFT_POWER, WEFT_UNKNOWN_DIRECTION
} weft_direction_t;

/* What an axis of a table stands for. */
typedef enum weft_table_axis {
    WEFT_AXIS_NONE = 0,
    WEFT_AXIS_SLEW,         /* input_net_transition, input_transition_time, constrained..: see arc type */
    WEFT_AXIS_LOAD,         /* total_output_net_capacitance */
    WEFT_AXIS_RELATED_SLEW, /* related_pin_transition (clock side of a check) */
    WEFT_AXIS_CONSTRAINED_SLEW, /* constrained_pin_transition (data side of a check) */
    WEFT_AXIS_FANOUT, WEFT_AXIS_RELATED_LOAD, WEFT_AXIS_LENGTH, WEFT_AXIS_OTHER
} weft_table_axis_t;

/* 0 to 3 axes; value[i0][i1][i2] row-major in file order; axes strictly increasing. Offsets into library->pool. */
typedef struct weft_table {
    uint8_t n_axes;
    uint8_t axis[3];   /* weft_table_axis_t */
    int32_t n[3];      /* lengths; 1 where the axis is not there */
    int32_t axis_at[3];
    int32_t value_at;
} weft_table_t;

typedef enum weft_arc_type {
    WEFT_ARC_COMBINATIONAL = 0, WEFT_ARC_COMB_RISE, WEFT_ARC_COMB_FALL, /* combinational_rise / _fall: only that output edge */
    WEFT_ARC_RISING_EDGE, WEFT_ARC_FALLING_EDGE,          /* clock to output, by clock edge */
    WEFT_ARC_LATCH_D, WEFT_ARC_LATCH_EN,                  /* latch D -> Q and enable -> Q */
    WEFT_ARC_PRESET, WEFT_ARC_CLEAR,
    WEFT_ARC_TRI_ENABLE, WEFT_ARC_TRI_DISABLE,            /* with _rise / _fall forms folded into edges[] */
    WEFT_ARC_SETUP_RISING, WEFT_ARC_SETUP_FALLING, WEFT_ARC_HOLD_RISING, WEFT_ARC_HOLD_FALLING,
    WEFT_ARC_RECOVERY_RISING, WEFT_ARC_RECOVERY_FALLING, WEFT_ARC_REMOVAL_RISING, WEFT_ARC_REMOVAL_FALLING,
    WEFT_ARC_SKEW_RISING, WEFT_ARC_SKEW_FALLING,
    WEFT_ARC_NON_SEQ_SETUP_RISING, WEFT_ARC_NON_SEQ_SETUP_FALLING, WEFT_ARC_NON_SEQ_HOLD_RISING, WEFT_ARC_NON_SEQ_HOLD_FALLING,
    WEFT_ARC_MIN_PULSE_WIDTH, WEFT_ARC_MIN_PERIOD,
    WEFT_ARC_OTHER, /* kept, not timed */
    WEFT_N_ARC_TYPES
} weft_arc_type_t;
WEFT_API bool weft_arc_type_is_check(weft_arc_type_t type); /* setup, hold, recovery, removal, non_seq_* */
WEFT_API const char *weft_arc_type_text(weft_arc_type_t type); /* Liberty's word */

typedef enum weft_sense { WEFT_NON_UNATE = 0, WEFT_POSITIVE_UNATE, WEFT_NEGATIVE_UNATE } weft_sense_t;

/* One timing() group of one related pin. Edge bits: bit (2 * from_edge + to_edge), edges WEFT_RISE / WEFT_FALL. */
typedef struct weft_arc {
    int32_t from, to;   /* ports of the library; for a check: from = clock (related) pin, to = data pin */
    uint8_t type;       /* weft_arc_type_t */
    uint8_t sense;      /* weft_sense_t as the file says, or derived from the function where it does not */
    uint8_t edges;      /* which edge pairs exist: positive unate = r->r, f->f; a rising-edge clock arc = r->r, r->f;
                           setup_rising = clock r -> data r, f */
    uint8_t has_when;
    int32_t when;       /* expression or -1 */
    int32_t sdf_cond;   /* name id of the when text or -1 */
    int32_t sdf_text;   /* name id of the sdf_cond text or -1 */
    int32_t line;
    int32_t table_at;   /* arc_table[table_at + 4 * ap + k]: k 0/1 cell_rise/fall or rise/fall_constraint, 2/3
                           rise/fall_transition; table id or -1. k follows the `to` edge. */
} weft_arc_t;

/* Boolean expressions, in prefix-free node form; three-valued evaluation by weft_expr_eval. */
typedef enum weft_expr_op { WEFT_EXPR_ZERO = 0, WEFT_EXPR_ONE, WEFT_EXPR_PORT, WEFT_EXPR_NOT, WEFT_EXPR_AND, WEFT_EXPR_OR, WEFT_EXPR_XOR } weft_expr_op_t;
typedef struct weft_expr { uint8_t op; int32_t a, b; } weft_expr_t; /* PORT: a = library port id; else child expression ids */

typedef struct weft_lib_port {
    int32_t name;          /* bus bits: "A[3]" */
    int32_t cell;
    uint8_t direction;     /* weft_direction_t; WEFT_INTERNAL: IQ and other internal nodes */
    bool is_clock, is_clock_gate_clock, is_clock_gate_enable, is_clock_gate_out;
    bool is_reg_clock;     /* some clock-to-Q or latch-enable arc starts here */
    bool is_check_clock;
    int32_t function, three_state; /* expressions or -1 */
    int32_t bus, bit;      /* index of the bus in library->bus or -1; bit number */
    int32_t line;
} weft_lib_port_t;

/* Per port and ap: port_value[(port * n_aps + ap)]. NaN: not given. */
typedef struct weft_lib_port_value {
    float cap[2], cap_min[2], cap_max[2]; /* [rise/fall]; cap_min/max from *_capacitance_range, else equal to cap */
    float max_cap, min_cap, max_slew, max_fanout, fanout_load, min_pulse_width[2] /* high, low */, min_period;
} weft_lib_port_value_t;

typedef struct weft_lib_bus { int32_t name, cell, msb, lsb, first_port; } weft_lib_bus_t; /* port of bit b: first_port + |b - msb| */

typedef enum weft_seq_kind { WEFT_SEQ_NONE = 0, WEFT_SEQ_FF, WEFT_SEQ_LATCH, WEFT_SEQ_STATETABLE } weft_seq_kind_t;

/* ff / latch groups. Expressions or -1. state[0], state[1]: internal ports (IQ, IQN). */
typedef struct weft_lib_seq {
    int32_t cell; uint8_t kind; bool is_bank;
    int32_t clock, data, clear, preset; /* FF: clocked_on, next_state; LATCH: enable, data_in */
    int32_t state[2];
} weft_lib_seq_t;

typedef struct weft_lib_cell {
    int32_t name;
    int32_t first_port, n_ports;  /* all kinds of ports in file order, buses as bits */
    int32_t first_arc, n_arcs;    /* sorted as in the file of the first ap; arcs only other files have come last */
    int32_t first_seq, n_seqs;
    uint8_t seq_kind;             /* of its first ff / latch / statetable */
    bool is_clock_gate, is_macro, is_pad, is_memory, dont_use, interface_timing, is_tristate, is_buffer, is_inverter;
    uint8_t clock_gate;           /* clock_gating_integrated_cell begins with: 1 latch_posedge, 2 latch_negedge, 3 other */
    float area;                   /* m^2 are not meant: Liberty's area unit, as in the file */
    float leakage;
    int32_t line, file;           /* file: index in library->file */
} weft_lib_cell_t;

/* wire_load groups: length (m? no: Liberty length units) per fan-out; F and ohm per length unit. */
typedef struct weft_wire_load {
    int32_t name; float resistance, capacitance, area, slope; int32_t first_point, n_points; /* into wire_load_point */
} weft_wire_load_t;
typedef struct weft_wire_load_point { float fanout, length; } weft_wire_load_point_t;

/* Thresholds as fractions; per ap. Measured slew = table slew * slew_derate. */
typedef struct weft_thresholds {
    float input_delay[2], output_delay[2]; /* [rise/fall], default 0.5 */
    float slew_lower[2], slew_upper[2];    /* default 0.2, 0.8 */
    float slew_derate;                     /* slew_derate_from_library, default 1 */
} weft_thresholds_t;

typedef struct weft_lib_file {
    int32_t path, library_name;            /* names */
    int32_t corner; uint8_t early, late;   /* which aps it feeds */
    double time_unit, cap_unit, res_unit, voltage_unit, current_unit, power_unit, distance_unit; /* SI value of one unit */
    uint64_t hash;                         /* XXH3 of the unpacked text */
    weft_thresholds_t thresholds;
    int32_t default_wire_load;             /* index in wire_load or -1 */
    int8_t wire_load_mode;                 /* 0 top, 1 enclosed, 2 segmented, -1 not said */
    float default_max_slew, default_max_cap, default_max_fanout, default_fanout_load;
    float nominal_voltage, nominal_temperature, nominal_process;
} weft_lib_file_t;

typedef struct weft_library {
    weft_names_t *names;
    int32_t n_corners, n_aps;      /* n_aps = 2 * n_corners */
    int32_t *corner_name;          /* names */
    int32_t n_files; weft_lib_file_t *file;
    int32_t *ap_file;              /* first file of each ap */
    int32_t n_cells; weft_lib_cell_t *cell;
    int32_t n_ports; weft_lib_port_t *port; weft_lib_port_value_t *port_value;
    int32_t n_arcs; weft_arc_t *arc; int32_t *arc_table;
    int32_t n_tables; weft_table_t *table;
    int64_t n_pool; float *pool;
    int32_t n_exprs; weft_expr_t *expr;
    int32_t n_buses; weft_lib_bus_t *bus;
    int32_t n_seqs; weft_lib_seq_t *seq;
    int32_t n_wire_loads; weft_wire_load_t *wire_load;
    int32_t n_wire_load_points; weft_wire_load_point_t *wire_load_point;
    uint64_t hash;                 /* over the sorted file hashes: identifies the set whatever its order */
    int32_t *cell_of_name;         /* by name id, -1: no cell */
    void *private_data;
} weft_library_t;

/* One Liberty file to read. */
typedef struct weft_lib_source {
    const char *path;
    const char *corner;   /* NULL: "default" */
    bool early, late;     /* both true for an ordinary file */
} weft_lib_source_t;

/* Reads and joins the files, in parallel, in the order given (units of the SDC are those of file 0). A cell that two
 * files of one ap hold: the first wins, with a warning. Cells are matched over aps by name, arcs by (from, to, type,
 * sense, when); an arc that only some aps have gets -1 tables at the others. O(bytes).
 * Errors: WEFT_EIO, WEFT_EINPUT (a file that is not Liberty), WEFT_ENOMEM. Owner: the caller, weft_library_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_library_read(weft_library_t **library, const weft_lib_source_t *sources,
                                                         int32_t n_sources, weft_diag_t *diag);
WEFT_API void weft_library_free(weft_library_t *library);
/* -1 where it is not there. O(name). */
WEFT_API int32_t weft_library_find_cell(const weft_library_t *library, const char *name, size_t length);
WEFT_API int32_t weft_library_find_port(const weft_library_t *library, int32_t cell, const char *name, size_t length);

/* Linear inter- and extrapolation on every axis (NLDM; OpenSTA and Liberty user guide). x[i] belongs to axis i of the
 * table in file order; SI in, SI out. O(log n). */
WEFT_API double weft_table_lookup(const weft_library_t *library, int32_t table, const double *x);
/* The same with x chosen by what each axis stands for: slew (input or related), load, constrained slew. */
WEFT_API double weft_table_at(const weft_library_t *library, int32_t table, double slew, double load, double constrained_slew);

/* Three-valued: value_of[port - cell.first_port] in {0, 1, 2 = unknown}; the same out. */
WEFT_API uint8_t weft_expr_eval(const weft_library_t *library, int32_t expr, int32_t first_port, const uint8_t *value_of);

#ifdef __cplusplus
}
#endif
#endif
