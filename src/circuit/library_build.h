/* circuit/library_build.h: the state while Liberty documents become a library. Shared by link_library.c, library_cell.c,
 * library_table.c and library_expr.c. */
#ifndef WEFT_CIRCUIT_LIBRARY_BUILD_H
#define WEFT_CIRCUIT_LIBRARY_BUILD_H
#include "weft/liberty.h"
#include "weft/library.h"

typedef struct weft_i_lib_template { const char *name; int32_t length; int32_t item; } weft_i_lib_template_t;

typedef struct weft_i_lib_doc {
    const weft_liberty_t *doc;
    const char *path;
    weft_lib_file_t *file;
    double slew_unit;      /* = time unit */
    int32_t n_templates; int64_t template_capacity; weft_i_lib_template_t *template_row;
    float default_cap[3];  /* input, output, inout; NaN: none */
} weft_i_lib_doc_t;

typedef struct weft_i_lib_build {
    weft_library_t *lib;
    weft_diag_t *diag;
    weft_i_lib_doc_t *doc;
    int32_t n_docs;
    int64_t cell_cap, port_cap, value_cap, arc_cap, arc_table_cap, table_cap, pool_cap, expr_cap, bus_cap, seq_cap, wire_cap, point_cap;
    bool out_of_memory;
} weft_i_lib_build_t;

/* Children of item i: for (c = i + 1; c < item[i].end; c = item[c].end). */
static inline bool weft_i_lib_is(const weft_liberty_item_t *x, const char *name)
{
    int32_t i = 0;
    for (; i < x->name_length; i++)
        if (name[i] != x->name[i] || !name[i]) return false;
    return !name[i];
}
/* First child with the name, or -1. */
int32_t weft_i_lib_child(const weft_liberty_t *doc, int32_t item, const char *name);
double weft_i_lib_number(const weft_liberty_t *doc, int32_t item, const char *name, double otherwise);
bool weft_i_lib_number_of(const weft_liberty_item_t *x, double *value);
int32_t weft_i_lib_name(weft_i_lib_build_t *b, const char *text, int32_t length); /* interned; quotes and blanks trimmed */

/* A table group (cell_rise (template) { .. }) as a table id; -1: none. `value_unit` SI per unit of the values. */
int32_t weft_i_lib_table(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t item, double value_unit);
/* An expression over the ports of a cell; -1 where it cannot be read ("liberty-expression"). */
int32_t weft_i_lib_expr(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, const weft_liberty_item_t *x);
bool weft_i_expr_uses(const weft_library_t *lib, int32_t expr, int32_t port);
/* Sense of function in port by cofactors. */
uint8_t weft_i_expr_sense(const weft_library_t *lib, int32_t function, int32_t port, int32_t first_port, int32_t n_ports);
/* One cell from all groups of that name. */
void weft_i_lib_cell(weft_i_lib_build_t *b, int32_t name, const int32_t *doc_of, const int32_t *item_of, int32_t n);
void weft_i_lib_arc(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item, int32_t to);
#endif
