/* circuit/flat_nets.c: behind flattening: ports of the top, bits to nets, nets to their pins. */
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/flat.h"

#include <string.h>

typedef weft_i_flat_t flat_t;
typedef weft_i_scope_t scope_t;

static int32_t bit_name(flat_t *f, const scope_t *s, const weft_i_local_t *l, int32_t offset)
{
    const weft_verilog_t *v = f->e.docs[f->e.module[s->module].doc];
    const char *name = weft_names_text(v->names, l->name);
    int32_t n = weft_names_length(v->names, l->name);
    if (!l->is_bus) return weft_i_flat_name(f, s->prefix, name, n);
    char small[256], *text = n < 200 ? small : weft_i_malloc((size_t)n + 32);
    if (!text) return -1;
    int k = snprintf(text, (size_t)n + 32, "%.*s[%d]", n, name, l->msb >= l->lsb ? l->msb - offset : l->msb + offset);
    int32_t id = weft_i_flat_name(f, s->prefix, text, k);
    if (text != small) weft_i_free(text);
    return id;
}

weft_status_t weft_i_flat_top_ports(flat_t *f)
{
    weft_status_t status = WEFT_OK;
    weft_design_t *d = f->d;
    const weft_i_module_t *m = &f->e.module[f->scope[0].module];
    const weft_verilog_t *v = f->e.docs[m->doc];
    const weft_verilog_module_t *top = &v->module[m->index];
    int64_t n = 0;
    for (int32_t i = 0; i < top->n_ports; i++) n += weft_i_local_width(&f->e.local[m->first_local + f->e.port_local[m->doc][top->first_port + i]]);
    WEFT_TRY_ALLOC(d->port_name = weft_i_malloc((size_t)n * sizeof *d->port_name));
    WEFT_TRY_ALLOC(d->port_line = weft_i_malloc((size_t)n * sizeof *d->port_line));
    for (int32_t i = 0; i < top->n_ports; i++) {
        const weft_i_local_t *l = &f->e.local[m->first_local + f->e.port_local[m->doc][top->first_port + i]];
        uint8_t direction = l->kind == WEFT_VERILOG_INPUT ? WEFT_INPUT : l->kind == WEFT_VERILOG_OUTPUT ? WEFT_OUTPUT : l->kind == WEFT_VERILOG_INOUT ? WEFT_INOUT : WEFT_UNKNOWN_DIRECTION;
        for (int32_t k = 0; k < weft_i_local_width(l); k++) {
            int32_t name = bit_name(f, &f->scope[0], l, k);
            if (name < 0) WEFT_TRY(WEFT_ENOMEM);
            d->port_name[d->n_ports] = name;
            d->port_line[d->n_ports] = top->line;
            WEFT_TRY(weft_i_flat_put_pin(f, -1, d->n_ports, f->scope[0].base + l->at + k, direction));
            d->n_ports++;
        }
    }
done:
    return status;
}

/* Roots become nets in bit order; pins go from bits to nets. */
weft_status_t weft_i_flat_number_nets(flat_t *f)
{
    weft_status_t status = WEFT_OK;
    weft_design_t *d = f->d;
    int32_t *net = NULL;
    bool used[2] = {false, false};
    WEFT_TRY_ALLOC(net = weft_i_malloc((size_t)f->n_bits * sizeof *net));
    for (int32_t p = 0; p < d->n_pins; p++)
        if (d->pin_net[p] == WEFT_I_ZERO_BIT || d->pin_net[p] == WEFT_I_ONE_BIT) used[d->pin_net[p]] = true;
    int32_t n = 0;
    for (int32_t b = 0; b < f->n_bits; b++) net[b] = weft_i_flat_root(f, b) == b && (b > WEFT_I_ONE_BIT || used[b]) ? n++ : -1;
    d->n_nets = n;
    WEFT_TRY_ALLOC(d->net_name = weft_i_malloc((size_t)n * sizeof *d->net_name));
    WEFT_TRY_ALLOC(d->net_constant = weft_i_calloc((size_t)n, 1));
    WEFT_TRY_ALLOC(d->net_is_bit = weft_i_calloc((size_t)n, 1));
    WEFT_TRY_ALLOC(d->net_line = weft_i_calloc((size_t)n, sizeof *d->net_line));
    for (int32_t b = 0; b <= WEFT_I_ONE_BIT; b++)
        if (net[b] >= 0) {
            if ((d->net_name[net[b]] = weft_names_add(d->names, b ? "1'b1" : "1'b0", 4)) < 0) WEFT_TRY(WEFT_ENOMEM);
            d->net_constant[net[b]] = b ? WEFT_NET_ONE : WEFT_NET_ZERO;
        }
    for (int64_t s = 0; s < f->n_scopes; s++) {
        const weft_i_module_t *m = &f->e.module[f->scope[s].module];
        for (int32_t k = m->first_local; k < m->first_local + m->n_locals; k++)
            for (int32_t i = 0; i < weft_i_local_width(&f->e.local[k]); i++) {
                int32_t b = f->scope[s].base + f->e.local[k].at + i;
                if (net[b] < 0) continue;
                int32_t name = bit_name(f, &f->scope[s], &f->e.local[k], i);
                if (name < 0) WEFT_TRY(WEFT_ENOMEM);
                d->net_name[net[b]] = name;
                d->net_is_bit[net[b]] = f->e.local[k].is_bus;
                d->net_constant[net[b]] = f->constant[b];
            }
    }
    for (int32_t p = 0; p < d->n_pins; p++)
        if (d->pin_net[p] >= 0) d->pin_net[p] = net[weft_i_flat_root(f, d->pin_net[p])];
done:
    weft_i_free(net);
    return status;
}

weft_status_t weft_i_flat_net_pins(flat_t *f)
{
    weft_status_t status = WEFT_OK;
    weft_design_t *d = f->d;
    int32_t *cursor = NULL;
    WEFT_TRY_ALLOC(d->net_first = weft_i_calloc((size_t)d->n_nets + 1, sizeof *d->net_first));
    WEFT_TRY_ALLOC(d->net_pin = weft_i_malloc((size_t)d->n_pins * sizeof *d->net_pin));
    WEFT_TRY_ALLOC(d->net_n_drivers = weft_i_calloc((size_t)d->n_nets, sizeof *d->net_n_drivers));
    WEFT_TRY_ALLOC(cursor = weft_i_malloc((size_t)d->n_nets * sizeof *cursor));
    for (int32_t p = 0; p < d->n_pins; p++)
        if (d->pin_net[p] >= 0) d->net_first[d->pin_net[p] + 1]++;
    for (int32_t i = 0; i < d->n_nets; i++) {
        d->net_first[i + 1] += d->net_first[i];
        cursor[i] = d->net_first[i];
    }
    for (int32_t pass = 0; pass < 2; pass++)
        for (int32_t p = 0; p < d->n_pins; p++) {
            bool drives = weft_design_pin_drives(d, p);
            if (d->pin_net[p] < 0 || drives != !pass) continue;
            d->net_pin[cursor[d->pin_net[p]]++] = p;
            d->net_n_drivers[d->pin_net[p]] += drives;
        }
    for (int32_t i = 0; i < d->n_nets; i++) { /* tri-states and inouts may share a net; plain outputs may not */
        int32_t plain = 0;
        for (int32_t k = d->net_first[i]; k < d->net_first[i] + d->net_n_drivers[i]; k++) {
            int32_t p = d->net_pin[k];
            plain += p < d->n_inst_pins ? d->pin_direction[p] == WEFT_OUTPUT && d->pin_port[p] >= 0 && d->library->port[d->pin_port[p]].three_state < 0 : d->pin_direction[p] == WEFT_INPUT;
        }
        if (plain > 1) weft_diag_add(f->e.diag, WEFT_WARNING, "link-multiple-drivers", NULL, 0, 0, "net %s has %d drivers", weft_names_text(d->names, d->net_name[i]), plain);
    }
done:
    weft_i_free(cursor);
    return status;
}
