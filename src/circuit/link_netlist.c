/* circuit/link_netlist.c: flattening. Scopes (instances of modules) are worked off a queue, top first, so that the smallest bit of
 * a joined net is the one nearest the top and gives it its name. Bits are joined by union-find. */
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/flat.h"

#include <math.h>
#include <string.h>

typedef weft_i_flat_t flat_t;
typedef weft_i_scope_t scope_t;

int32_t weft_i_flat_root(flat_t *f, int32_t b)
{
    while (f->up[b] != b) b = f->up[b] = f->up[f->up[b]];
    return b;
}

static void join(flat_t *f, int32_t a, int32_t b)
{
    a = weft_i_flat_root(f, a);
    b = weft_i_flat_root(f, b);
    if (a == b) return;
    if (a <= WEFT_I_ONE_BIT || b <= WEFT_I_ONE_BIT) { /* tied to a literal: marked, so that its name stays */
        int32_t lit = a <= WEFT_I_ONE_BIT ? a : b, net = a <= WEFT_I_ONE_BIT ? b : a;
        if (net > WEFT_I_ONE_BIT) f->constant[net] = lit == WEFT_I_ONE_BIT ? WEFT_NET_ONE : WEFT_NET_ZERO;
        return;
    }
    int32_t low = a < b ? a : b, high = a < b ? b : a;
    f->up[high] = low;
    if (f->constant[high]) f->constant[low] = f->constant[high];
}

static weft_status_t add_bits(flat_t *f, int32_t n)
{
    if (f->n_bits + n > INT32_MAX) return WEFT_ELIMIT;
    if (!WEFT_I_ROOM(f->up, f->bit_cap, f->n_bits + n) || !WEFT_I_ROOM(f->constant, f->constant_cap, f->n_bits + n)) return WEFT_ENOMEM;
    for (int64_t i = f->n_bits; i < f->n_bits + n; i++) {
        f->up[i] = (int32_t)i;
        f->constant[i] = 0;
    }
    f->n_bits += n;
    return WEFT_OK;
}

static weft_status_t push_scope(flat_t *f, int32_t module, int32_t prefix, int32_t parent)
{
    weft_status_t status = WEFT_OK;
    int32_t depth = 0;
    for (int32_t s = parent; s >= 0; s = f->scope[s].parent) {
        const weft_i_module_t *m = &f->e.module[module];
        if (f->scope[s].module == module || ++depth > 1000) {
            weft_diag_add(f->e.diag, WEFT_ERROR, "link-recursion", f->e.docs[m->doc]->file, f->e.docs[m->doc]->module[m->index].line, 0,
                          "module %s contains itself", weft_names_text(f->e.docs[m->doc]->names, f->e.docs[m->doc]->module[m->index].name));
            return WEFT_EINPUT;
        }
    }
    if (!WEFT_I_ROOM(f->scope, f->scope_cap, f->n_scopes + 1)) return WEFT_ENOMEM;
    f->scope[f->n_scopes++] = (scope_t){module, (int32_t)f->n_bits, prefix, parent};
    WEFT_TRY(add_bits(f, f->e.module[module].n_bits));
    const weft_i_module_t *m = &f->e.module[module];
    for (int32_t k = 0; k < m->n_locals; k++) {
        const weft_i_local_t *l = &f->e.local[m->first_local + k];
        if (l->kind < WEFT_VERILOG_SUPPLY0) continue;
        for (int32_t i = 0; i < weft_i_local_width(l); i++)
            f->constant[f->scope[f->n_scopes - 1].base + l->at + i] = l->kind == WEFT_VERILOG_SUPPLY1 ? WEFT_NET_ONE : WEFT_NET_ZERO;
    }
done:
    return status;
}

static weft_status_t put_bit(flat_t *f, int32_t bit)
{
    if (!WEFT_I_ROOM(f->buffer, f->buffer_cap, f->n_buffer + 1)) return WEFT_ENOMEM;
    f->buffer[f->n_buffer++] = bit;
    return WEFT_OK;
}

/* Bits of a run of references in a scope, most significant first, into the buffer; -1: x or out of range. */
static weft_status_t gather(flat_t *f, const scope_t *s, int32_t first, int32_t n, int32_t line)
{
    weft_status_t status = WEFT_OK;
    const weft_i_module_t *m = &f->e.module[s->module];
    const weft_verilog_t *d = f->e.docs[m->doc];
    f->n_buffer = 0;
    for (int32_t r = first; r < first + n; r++) {
        const weft_verilog_ref_t *x = &d->ref[r];
        if (x->name < 0) {
            WEFT_TRY(put_bit(f, x->name == WEFT_VERILOG_ZERO ? WEFT_I_ZERO_BIT : x->name == WEFT_VERILOG_ONE ? WEFT_I_ONE_BIT : -1));
            continue;
        }
        const weft_i_local_t *l = &f->e.local[m->first_local + f->e.ref_local[m->doc][r]];
        int32_t width = weft_i_local_width(l), msb = x->msb == WEFT_VERILOG_WHOLE ? l->msb : x->msb, lsb = x->msb == WEFT_VERILOG_WHOLE ? l->lsb : x->lsb;
        int32_t step = msb > lsb ? -1 : 1;
        for (int32_t i = msb;; i += step) {
            int32_t offset = l->msb >= l->lsb ? l->msb - i : i - l->msb;
            if (offset < 0 || offset >= width) {
                weft_diag_add(f->e.diag, WEFT_WARNING, "link-bit-range", d->file, line, 0, "%s[%d] is outside its range", weft_names_text(d->names, x->name), i);
                WEFT_TRY(put_bit(f, -1));
            } else WEFT_TRY(put_bit(f, s->base + l->at + offset));
            if (i == lsb) break;
        }
    }
done:
    return status;
}

/* prefix/name as an id of the design. */
int32_t weft_i_flat_name(flat_t *f, int32_t prefix, const char *name, int32_t length)
{
    if (prefix < 0) return weft_names_add(f->d->names, name, (size_t)length);
    int32_t n = weft_names_length(f->d->names, prefix);
    if (!WEFT_I_ROOM(f->text, f->text_cap, (int64_t)n + length + 2)) return -1;
    memcpy(f->text, weft_names_text(f->d->names, prefix), (size_t)n);
    f->text[n] = '/';
    memcpy(f->text + n + 1, name, (size_t)length);
    return weft_names_add(f->d->names, f->text, (size_t)n + 1 + (size_t)length);
}

weft_status_t weft_i_flat_put_pin(flat_t *f, int32_t inst, int32_t port, int32_t bit, uint8_t direction)
{
    weft_design_t *d = f->d;
    if (!WEFT_I_ROOM(d->pin_inst, f->pin_cap[0], d->n_pins + 1) || !WEFT_I_ROOM(d->pin_port, f->pin_cap[1], d->n_pins + 1)
        || !WEFT_I_ROOM(d->pin_net, f->pin_cap[2], d->n_pins + 1) || !WEFT_I_ROOM(d->pin_direction, f->pin_cap[3], d->n_pins + 1))
        return WEFT_ENOMEM;
    d->pin_inst[d->n_pins] = inst;
    d->pin_port[d->n_pins] = port;
    d->pin_net[d->n_pins] = bit;
    d->pin_direction[d->n_pins++] = direction;
    return WEFT_OK;
}

static weft_status_t put_inst(flat_t *f, int32_t name, int32_t cell, int32_t line)
{
    weft_design_t *d = f->d;
    if (name < 0 || !WEFT_I_ROOM(d->inst_name, f->inst_cap[0], d->n_insts + 1) || !WEFT_I_ROOM(d->inst_cell, f->inst_cap[1], d->n_insts + 1)
        || !WEFT_I_ROOM(d->inst_line, f->inst_cap[2], d->n_insts + 1) || !WEFT_I_ROOM(d->inst_first_pin, f->first_cap, d->n_insts + 2)
        || !WEFT_I_ROOM(d->inst_box_name, f->box_cap, d->n_insts + 1))
        return WEFT_ENOMEM;
    d->inst_name[d->n_insts] = name;
    d->inst_cell[d->n_insts] = cell;
    d->inst_box_name[d->n_insts] = -1;
    d->inst_line[d->n_insts] = line;
    d->inst_first_pin[d->n_insts++] = d->n_pins;
    return WEFT_OK;
}

static bool supply_name(const char *n)
{
    static const char *const name[] = {"VPWR", "VGND", "VPB", "VNB", "VDD", "VSS", "VNW", "VPW", "VCC", "GND", "vdd", "gnd", "vss", "vcc", "VDDPE", "VDDCE", "VSSE", "vccd1", "vssd1", "KAPWR", "LOWLVPWR"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        if (!strcmp(n, name[i])) return true;
    return false;
}

static weft_status_t cell_inst(flat_t *f, const scope_t *s, const weft_verilog_inst_t *x, int32_t cell)
{
    weft_status_t status = WEFT_OK;
    const weft_library_t *lib = f->e.lib;
    const weft_lib_cell_t *k = &lib->cell[cell];
    const weft_i_module_t *m = &f->e.module[s->module];
    const weft_verilog_t *v = f->e.docs[m->doc];
    weft_design_t *d = f->d;
    WEFT_TRY(put_inst(f, weft_i_flat_name(f, s->prefix, weft_names_text(v->names, x->name), weft_names_length(v->names, x->name)), cell, x->line));
    int32_t first = d->n_pins, n = 0;
    for (int32_t p = k->first_port; p < k->first_port + k->n_ports; p++) {
        uint8_t dir = lib->port[p].direction;
        if (dir == WEFT_INTERNAL || dir == WEFT_POWER) continue;
        WEFT_TRY(weft_i_flat_put_pin(f, d->n_insts - 1, p, -1, dir));
        n++;
    }
    for (int32_t c = x->first_conn; c < x->first_conn + x->n_conns; c++) {
        const weft_verilog_conn_t *y = &v->conn[c];
        int32_t lib_name = y->port < 0 ? -1 : f->e.lib_name[m->doc][y->port], at = -1, width = 1;
        if (y->port < 0) at = c - x->first_conn < n ? c - x->first_conn : -1;
        for (int32_t p = 0; p < n && lib_name >= 0 && at < 0; p++)
            if (lib->port[d->pin_port[first + p]].name == lib_name) at = p;
        for (int32_t b = 0; b < lib->n_buses && lib_name >= 0 && at < 0; b++)
            if (lib->bus[b].cell == cell && lib->bus[b].name == lib_name) {
                width = (lib->bus[b].msb > lib->bus[b].lsb ? lib->bus[b].msb - lib->bus[b].lsb : lib->bus[b].lsb - lib->bus[b].msb) + 1;
                for (int32_t p = 0; p < n; p++)
                    if (d->pin_port[first + p] == lib->bus[b].first_port) at = p;
            }
        if (at < 0) {
            const char *name = y->port < 0 ? "(by position)" : weft_names_text(v->names, y->port);
            if (!supply_name(name))
                weft_diag_add(f->e.diag, WEFT_WARNING, "link-no-port", v->file, y->line, 0, "cell %s has no pin %s (instance %s)", weft_names_text(lib->names, k->name), name,
                              weft_names_text(v->names, x->name));
            continue;
        }
        if (!y->n_refs) continue;
        WEFT_TRY(gather(f, s, y->first_ref, y->n_refs, y->line));
        if (f->n_buffer != width)
            weft_diag_add(f->e.diag, WEFT_WARNING, "link-port-width", v->file, y->line, 0, "%lld bits at pin %s of %s, which has %d", (long long)f->n_buffer,
                          y->port < 0 ? "(by position)" : weft_names_text(v->names, y->port), weft_names_text(lib->names, k->name), width);
        for (int32_t i = 0; i < width && i < f->n_buffer; i++) /* from the least significant end */
            d->pin_net[first + at + width - 1 - i] = f->buffer[f->n_buffer - 1 - i];
    }
done:
    return status;
}

static weft_status_t box_inst(flat_t *f, const scope_t *s, const weft_verilog_inst_t *x)
{
    weft_status_t status = WEFT_OK;
    const weft_i_module_t *m = &f->e.module[s->module];
    const weft_verilog_t *v = f->e.docs[m->doc];
    weft_design_t *d = f->d;
    const char *cell = weft_names_text(v->names, x->module);
    weft_diag_add(f->e.diag, WEFT_WARNING, "link-no-module", v->file, x->line, 0, "%s is in no library and no module: %s is a black box", cell, weft_names_text(v->names, x->name));
    WEFT_TRY(put_inst(f, weft_i_flat_name(f, s->prefix, weft_names_text(v->names, x->name), weft_names_length(v->names, x->name)), -1, x->line));
    f->any_box = true;
    if ((d->inst_box_name[d->n_insts - 1] = weft_names_add(d->names, cell, strlen(cell))) < 0) WEFT_TRY(WEFT_ENOMEM);
    for (int32_t c = x->first_conn; c < x->first_conn + x->n_conns; c++) {
        const weft_verilog_conn_t *y = &v->conn[c];
        WEFT_TRY(gather(f, s, y->first_ref, y->n_refs, y->line));
        for (int64_t i = 0; i < f->n_buffer; i++) {
            char text[256];
            int n = f->n_buffer > 1 ? snprintf(text, sizeof text, "%.200s[%lld]", y->port < 0 ? "port" : weft_names_text(v->names, y->port), (long long)(f->n_buffer - 1 - i))
                                    : snprintf(text, sizeof text, "%.200s", y->port < 0 ? "port" : weft_names_text(v->names, y->port));
            if (!WEFT_I_ROOM(d->pin_box_name, f->boxname_cap, d->n_pins + 1)) WEFT_TRY(WEFT_ENOMEM);
            WEFT_TRY(weft_i_flat_put_pin(f, d->n_insts - 1, -1, f->buffer[i], WEFT_UNKNOWN_DIRECTION));
            if ((d->pin_box_name[d->n_pins - 1] = weft_names_add(d->names, text, (size_t)n)) < 0) WEFT_TRY(WEFT_ENOMEM);
        }
    }
done:
    return status;
}

/* Joins a module's port bits with what the instance connects. */
static weft_status_t module_inst(flat_t *f, int64_t scope, const weft_verilog_inst_t *x, int32_t module)
{
    weft_status_t status = WEFT_OK;
    const weft_i_module_t *outer = &f->e.module[f->scope[scope].module], *m = &f->e.module[module];
    const weft_verilog_t *v = f->e.docs[outer->doc], *w = f->e.docs[m->doc];
    const weft_verilog_module_t *inner = &w->module[m->index];
    int32_t prefix = weft_i_flat_name(f, f->scope[scope].prefix, weft_names_text(v->names, x->name), weft_names_length(v->names, x->name));
    if (prefix < 0) WEFT_TRY(WEFT_ENOMEM);
    WEFT_TRY(push_scope(f, module, prefix, (int32_t)scope));
    int32_t base = f->scope[f->n_scopes - 1].base;
    for (int32_t c = x->first_conn; c < x->first_conn + x->n_conns; c++) {
        const weft_verilog_conn_t *y = &v->conn[c];
        int32_t port = -1;
        if (y->port < 0) port = c - x->first_conn < inner->n_ports ? c - x->first_conn : -1;
        else {
            int32_t id = weft_names_find(w->names, weft_names_text(v->names, y->port), (size_t)weft_names_length(v->names, y->port));
            for (int32_t i = 0; i < inner->n_ports && port < 0; i++)
                if (w->port[inner->first_port + i] == id) port = i;
        }
        if (port < 0) {
            weft_diag_add(f->e.diag, WEFT_WARNING, "link-no-port", v->file, y->line, 0, "module %s has no port %s", weft_names_text(w->names, inner->name),
                          y->port < 0 ? "(by position)" : weft_names_text(v->names, y->port));
            continue;
        }
        if (!y->n_refs) continue;
        WEFT_TRY(gather(f, &f->scope[scope], y->first_ref, y->n_refs, y->line));
        const weft_i_local_t *l = &f->e.local[m->first_local + f->e.port_local[m->doc][inner->first_port + port]];
        int32_t width = weft_i_local_width(l);
        if (f->n_buffer != width)
            weft_diag_add(f->e.diag, WEFT_WARNING, "link-port-width", v->file, y->line, 0, "%lld bits at port %s of %s, which has %d", (long long)f->n_buffer,
                          weft_names_text(w->names, l->name), weft_names_text(w->names, inner->name), width);
        for (int32_t i = 0; i < width && i < f->n_buffer; i++)
            if (f->buffer[f->n_buffer - 1 - i] >= 0) join(f, f->buffer[f->n_buffer - 1 - i], base + l->at + width - 1 - i);
    }
done:
    return status;
}

static weft_status_t assigns(flat_t *f, int64_t scope)
{
    weft_status_t status = WEFT_OK;
    const weft_i_module_t *m = &f->e.module[f->scope[scope].module];
    const weft_verilog_t *v = f->e.docs[m->doc];
    int32_t *left = NULL;
    for (int32_t i = v->module[m->index].first_assign; i < v->module[m->index].first_assign + v->module[m->index].n_assigns; i++) {
        const weft_verilog_assign_t *a = &v->assign[i];
        WEFT_TRY(gather(f, &f->scope[scope], a->first_left, a->n_left, a->line));
        int64_t n = f->n_buffer;
        weft_i_free(left);
        WEFT_TRY_ALLOC(left = weft_i_malloc((size_t)n * sizeof *left));
        memcpy(left, f->buffer, (size_t)n * sizeof *left);
        WEFT_TRY(gather(f, &f->scope[scope], a->first_right, a->n_right, a->line));
        if (n > f->n_buffer) weft_diag_add(f->e.diag, WEFT_WARNING, "link-port-width", v->file, a->line, 0, "assign of %lld bits to %lld", (long long)f->n_buffer, (long long)n);
        for (int64_t k = 0; k < n && k < f->n_buffer; k++)
            if (left[n - 1 - k] >= 0 && f->buffer[f->n_buffer - 1 - k] >= 0) join(f, left[n - 1 - k], f->buffer[f->n_buffer - 1 - k]);
    }
done:
    weft_i_free(left);
    return status;
}

static weft_status_t flatten(flat_t *f)
{
    weft_status_t status = WEFT_OK;
    for (int64_t s = 0; s < f->n_scopes; s++) {
        const weft_i_module_t *m = &f->e.module[f->scope[s].module];
        const weft_verilog_t *v = f->e.docs[m->doc];
        int32_t first = v->module[m->index].first_inst, n = v->module[m->index].n_insts;
        for (int32_t i = first; i < first + n; i++) {
            const weft_verilog_inst_t *x = &v->inst[i];
            int32_t cell = f->e.cell_of[m->doc][x->module], module = f->e.module_of[m->doc][x->module];
            scope_t here = f->scope[s];
            if (cell >= 0) WEFT_TRY(cell_inst(f, &here, x, cell));
            else if (module >= 0) WEFT_TRY(module_inst(f, s, x, module));
            else WEFT_TRY(box_inst(f, &here, x));
        }
        WEFT_TRY(assigns(f, s));
    }
    if (!WEFT_I_ROOM(f->d->inst_first_pin, f->first_cap, f->d->n_insts + 1)) WEFT_TRY(WEFT_ENOMEM);
    f->d->inst_first_pin[f->d->n_insts] = f->d->n_inst_pins = f->d->n_pins;
done:
    return status;
}

static weft_status_t choose_top(flat_t *f, const char *top, int32_t *module)
{
    *module = -1;
    int32_t n = 0;
    char list[512] = "";
    for (int32_t k = 0; k < f->e.n_modules; k++) {
        const weft_verilog_t *v = f->e.docs[f->e.module[k].doc];
        const char *name = weft_names_text(v->names, v->module[f->e.module[k].index].name);
        if (top ? strcmp(name, top) : f->e.module[k].used) continue;
        *module = k;
        n++;
        size_t at = strlen(list);
        snprintf(list + at, sizeof list - at, "%s%s", at ? ", " : "", name);
    }
    if (n == 1) return WEFT_OK;
    if (n) weft_diag_add(f->e.diag, WEFT_ERROR, "link-many-tops", NULL, 0, 0, "several modules could be the top: %s; name one with --top", list);
    else weft_diag_add(f->e.diag, WEFT_ERROR, "link-no-top", NULL, 0, 0, top ? "there is no module %s" : "there is no module that no other instantiates%s", top ? top : "");
    return WEFT_EINPUT;
}

weft_status_t weft_design_link(weft_design_t **design, const weft_library_t *library, const weft_verilog_t *const *docs, int32_t n_docs, const char *top, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    flat_t f = {.e = {.lib = library, .docs = docs, .n_docs = n_docs, .diag = diag}};
    int32_t module;
    *design = NULL;
    WEFT_TRY_ALLOC(f.d = weft_i_calloc(1, sizeof *f.d));
    WEFT_TRY_ALLOC(f.d->names = weft_names_new());
    f.d->library = library;
    for (int32_t i = 0; i < 4; i++) f.d->die[i] = NAN;
    WEFT_TRY(weft_i_elab_prepare(&f.e));
    WEFT_TRY(choose_top(&f, top, &module));
    const weft_verilog_t *v = docs[f.e.module[module].doc];
    const char *name = weft_names_text(v->names, v->module[f.e.module[module].index].name);
    if ((f.d->name = weft_names_add(f.d->names, name, strlen(name))) < 0) WEFT_TRY(WEFT_ENOMEM);
    WEFT_TRY(add_bits(&f, 2));
    WEFT_TRY(push_scope(&f, module, -1, -1));
    WEFT_TRY(flatten(&f));
    WEFT_TRY(weft_i_flat_top_ports(&f));
    WEFT_TRY(weft_i_flat_number_nets(&f));
    WEFT_TRY(weft_i_flat_net_pins(&f));
    WEFT_TRY(weft_i_design_index(f.d));
    if (!f.any_box) {
        weft_i_free(f.d->inst_box_name);
        f.d->inst_box_name = NULL;
    }
    *design = f.d;
    f.d = NULL;
done:
    weft_design_free(f.d);
    weft_i_elab_destroy(&f.e);
    weft_i_free(f.up);
    weft_i_free(f.constant);
    weft_i_free(f.scope);
    weft_i_free(f.buffer);
    weft_i_free(f.text);
    return status;
}
