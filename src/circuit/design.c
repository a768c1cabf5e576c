/* circuit/design.c: a design's names: look-up by canonical name, and back. */
#include "weft/design.h"
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/elaborate.h"

#include <string.h>

typedef struct index { int32_t *inst, *net, *port; } index_t; /* by name id; -1: none */

weft_status_t weft_i_design_index(weft_design_t *d)
{
    weft_status_t status = WEFT_OK;
    size_t n = (size_t)weft_names_n(d->names);
    index_t *x = weft_i_calloc(1, sizeof *x);
    WEFT_TRY_ALLOC(x);
    d->private_data = x;
    WEFT_TRY_ALLOC(x->inst = weft_i_malloc(n * sizeof *x->inst));
    WEFT_TRY_ALLOC(x->net = weft_i_malloc(n * sizeof *x->net));
    WEFT_TRY_ALLOC(x->port = weft_i_malloc(n * sizeof *x->port));
    memset(x->inst, -1, n * sizeof *x->inst);
    memset(x->net, -1, n * sizeof *x->net);
    memset(x->port, -1, n * sizeof *x->port);
    for (int32_t i = 0; i < d->n_insts; i++) x->inst[d->inst_name[i]] = i;
    for (int32_t i = 0; i < d->n_nets; i++) x->net[d->net_name[i]] = i;
    for (int32_t i = 0; i < d->n_ports; i++) x->port[d->port_name[i]] = d->n_inst_pins + i;
done:
    return status;
}

void weft_design_free(weft_design_t *d)
{
    if (!d) return;
    index_t *x = d->private_data;
    if (x) {
        weft_i_free(x->inst);
        weft_i_free(x->net);
        weft_i_free(x->port);
        weft_i_free(x);
    }
    WEFT_I_FREE_ALL(d->inst_name, d->inst_cell, d->inst_box_name, d->inst_first_pin, d->inst_line, d->pin_inst, d->pin_port, d->pin_net, d->pin_direction,
                     d->pin_box_name, d->port_name, d->port_line, d->net_name, d->net_constant, d->net_is_bit, d->net_first, d->net_pin, d->net_n_drivers, d->net_line,
                     d->inst_x, d->inst_y, d->inst_orient, d->pin_x, d->pin_y, d->pin_w, d->pin_h, d->blockage);
    weft_names_free(d->names);
    weft_i_free(d);
}

static int32_t find(const weft_design_t *d, const int32_t *table, const char *name, size_t length)
{
    int32_t id = weft_names_find(d->names, name, length);
    return id < 0 ? -1 : table[id];
}

int32_t weft_design_find_inst(const weft_design_t *d, const char *name, size_t n) { return find(d, ((const index_t *)d->private_data)->inst, name, n); }
int32_t weft_design_find_net(const weft_design_t *d, const char *name, size_t n) { return find(d, ((const index_t *)d->private_data)->net, name, n); }
int32_t weft_design_find_port(const weft_design_t *d, const char *name, size_t n) { return find(d, ((const index_t *)d->private_data)->port, name, n); }

int32_t weft_design_find_pin(const weft_design_t *d, const char *name, size_t length)
{
    int32_t port = weft_design_find_port(d, name, length);
    if (port >= 0) return port;
    for (size_t cut = length; cut-- > 0;) { /* the last '/' splits instance and pin */
        if (name[cut] != '/') continue;
        int32_t inst = weft_design_find_inst(d, name, cut);
        if (inst < 0) return -1;
        for (int32_t p = d->inst_first_pin[inst]; p < d->inst_first_pin[inst + 1]; p++) {
            const weft_names_t *names = d->pin_port[p] < 0 ? d->names : d->library->names;
            int32_t id = d->pin_port[p] < 0 ? d->pin_box_name[p] : d->library->port[d->pin_port[p]].name;
            if ((size_t)weft_names_length(names, id) == length - cut - 1 && !memcmp(weft_names_text(names, id), name + cut + 1, length - cut - 1)) return p;
        }
        return -1;
    }
    return -1;
}

int32_t weft_design_pin_name(const weft_design_t *d, int32_t pin, char *buffer, size_t size)
{
    if (pin >= d->n_inst_pins) return snprintf(buffer, size, "%s", weft_names_text(d->names, d->port_name[pin - d->n_inst_pins]));
    const char *port = d->pin_port[pin] < 0 ? weft_names_text(d->names, d->pin_box_name[pin]) : weft_names_text(d->library->names, d->library->port[d->pin_port[pin]].name);
    return snprintf(buffer, size, "%s/%s", weft_names_text(d->names, d->inst_name[d->pin_inst[pin]]), port);
}
