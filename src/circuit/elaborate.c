#include "circuit/elaborate.h"
#include "base/alloc.h"
#include "base/status.h"

#include <string.h>

/* The local net of a name in the module at hand; made where the module never declared it (an implicit wire). */
static int32_t local_of(weft_i_elab_t *e, weft_i_module_t *m, int32_t *of_name, int32_t name)
{
    if (of_name[name] >= 0) return of_name[name];
    if (!WEFT_I_ROOM(e->local, e->local_cap, e->n_locals + 1)) return -1;
    e->local[e->n_locals] = (weft_i_local_t){.name = name};
    e->n_locals++;
    return of_name[name] = m->n_locals++;
}

static weft_status_t declare(weft_i_elab_t *e, weft_i_module_t *m, int32_t *of_name)
{
    const weft_verilog_t *d = e->docs[m->doc];
    const weft_verilog_module_t *v = &d->module[m->index];
    for (int32_t i = 0; i < v->n_ports; i++) { /* ports first: they name the nets they touch */
        int32_t k = local_of(e, m, of_name, d->port[v->first_port + i]);
        if (k < 0) return WEFT_ENOMEM;
        e->port_local[m->doc][v->first_port + i] = k;
    }
    for (int32_t i = v->first_net; i < v->first_net + v->n_nets; i++) {
        const weft_verilog_net_t *n = &d->net[i];
        int32_t k = local_of(e, m, of_name, n->name);
        if (k < 0) return WEFT_ENOMEM;
        weft_i_local_t *l = &e->local[m->first_local + k];
        if (n->kind != WEFT_VERILOG_WIRE) l->kind = n->kind;
        if (n->is_bus) {
            l->is_bus = true;
            l->msb = n->msb;
            l->lsb = n->lsb;
        }
    }
    return WEFT_OK;
}

static weft_status_t resolve(weft_i_elab_t *e, weft_i_module_t *m, int32_t *of_name, int32_t first, int32_t n)
{
    const weft_verilog_t *d = e->docs[m->doc];
    for (int32_t r = first; r < first + n; r++) {
        int32_t name = d->ref[r].name;
        e->ref_local[m->doc][r] = name < 0 ? -1 : local_of(e, m, of_name, name);
        if (name >= 0 && e->ref_local[m->doc][r] < 0) return WEFT_ENOMEM;
    }
    return WEFT_OK;
}

static weft_status_t prepare_module(weft_i_elab_t *e, weft_i_module_t *m, int32_t *of_name)
{
    weft_status_t status = WEFT_OK;
    const weft_verilog_t *d = e->docs[m->doc];
    const weft_verilog_module_t *v = &d->module[m->index];
    m->first_local = e->n_locals;
    WEFT_TRY(declare(e, m, of_name));
    for (int32_t i = v->first_inst; i < v->first_inst + v->n_insts; i++)
        for (int32_t c = d->inst[i].first_conn; c < d->inst[i].first_conn + d->inst[i].n_conns; c++)
            WEFT_TRY(resolve(e, m, of_name, d->conn[c].first_ref, d->conn[c].n_refs));
    for (int32_t i = v->first_assign; i < v->first_assign + v->n_assigns; i++) {
        WEFT_TRY(resolve(e, m, of_name, d->assign[i].first_left, d->assign[i].n_left));
        WEFT_TRY(resolve(e, m, of_name, d->assign[i].first_right, d->assign[i].n_right));
    }
    int64_t bits = 0;
    for (int32_t k = m->first_local; k < m->first_local + m->n_locals; k++) {
        e->local[k].at = (int32_t)bits;
        bits += weft_i_local_width(&e->local[k]);
        of_name[e->local[k].name] = -1;
    }
    if (bits > INT32_MAX / 2) WEFT_TRY(WEFT_ELIMIT);
    m->n_bits = (int32_t)bits;
done:
    return status;
}

static weft_status_t doc_tables(weft_i_elab_t *e, int32_t i)
{
    weft_status_t status = WEFT_OK;
    const weft_verilog_t *d = e->docs[i];
    size_t n = (size_t)weft_names_n(d->names);
    WEFT_TRY_ALLOC(e->ref_local[i] = weft_i_malloc((size_t)d->n_refs * sizeof(int32_t)));
    WEFT_TRY_ALLOC(e->port_local[i] = weft_i_malloc((size_t)d->n_ports * sizeof(int32_t)));
    WEFT_TRY_ALLOC(e->module_of[i] = weft_i_malloc(n * sizeof(int32_t)));
    WEFT_TRY_ALLOC(e->cell_of[i] = weft_i_malloc(n * sizeof(int32_t)));
    WEFT_TRY_ALLOC(e->lib_name[i] = weft_i_malloc(n * sizeof(int32_t)));
    memset(e->module_of[i], -1, n * sizeof(int32_t));
    for (size_t k = 0; k < n; k++) {
        int32_t id = weft_names_find(e->lib->names, weft_names_text(d->names, (int32_t)k), (size_t)weft_names_length(d->names, (int32_t)k));
        e->lib_name[i][k] = id;
        e->cell_of[i][k] = id < 0 ? -1 : e->lib->cell_of_name[id];
    }
done:
    return status;
}

static int32_t find_module(const weft_i_elab_t *e, const char *text, int32_t length)
{
    for (int32_t k = 0; k < e->n_modules; k++) {
        const weft_verilog_t *d = e->docs[e->module[k].doc];
        int32_t name = d->module[e->module[k].index].name;
        if (weft_names_length(d->names, name) == length && !memcmp(weft_names_text(d->names, name), text, (size_t)length)) return k;
    }
    return -1;
}

weft_status_t weft_i_elab_prepare(weft_i_elab_t *e)
{
    weft_status_t status = WEFT_OK;
    int32_t *of_name = NULL, total = 0;
    size_t n = (size_t)e->n_docs;
    for (int32_t i = 0; i < e->n_docs; i++) total += e->docs[i]->n_modules;
    WEFT_TRY_ALLOC(e->module = weft_i_calloc((size_t)total, sizeof *e->module));
    WEFT_TRY_ALLOC(e->ref_local = weft_i_calloc(n, sizeof *e->ref_local));
    WEFT_TRY_ALLOC(e->module_of = weft_i_calloc(n, sizeof *e->module_of));
    WEFT_TRY_ALLOC(e->cell_of = weft_i_calloc(n, sizeof *e->cell_of));
    WEFT_TRY_ALLOC(e->lib_name = weft_i_calloc(n, sizeof *e->lib_name));
    WEFT_TRY_ALLOC(e->port_local = weft_i_calloc(n, sizeof *e->port_local));
    for (int32_t i = 0; i < e->n_docs; i++) {
        const weft_verilog_t *d = e->docs[i];
        WEFT_TRY(doc_tables(e, i));
        for (int32_t k = 0; k < d->n_modules; k++) {
            const char *text = weft_names_text(d->names, d->module[k].name);
            if (find_module(e, text, weft_names_length(d->names, d->module[k].name)) >= 0) {
                weft_diag_add(e->diag, WEFT_WARNING, "link-module-twice", d->file, d->module[k].line, 0, "module %s is there already; the first one holds", text);
                continue;
            }
            e->module[e->n_modules++] = (weft_i_module_t){.doc = i, .index = k};
        }
    }
    for (int32_t i = 0; i < e->n_docs; i++) {
        const weft_verilog_t *d = e->docs[i];
        weft_i_free(of_name);
        WEFT_TRY_ALLOC(of_name = weft_i_malloc((size_t)weft_names_n(d->names) * sizeof *of_name));
        memset(of_name, -1, (size_t)weft_names_n(d->names) * sizeof *of_name);
        for (int32_t k = 0; k < e->n_modules; k++)
            if (e->module[k].doc == i) WEFT_TRY(prepare_module(e, &e->module[k], of_name));
        for (int32_t k = 0; k < d->n_insts; k++) {
            int32_t name = d->inst[k].module;
            if (e->cell_of[i][name] >= 0 || e->module_of[i][name] >= 0) continue;
            e->module_of[i][name] = find_module(e, weft_names_text(d->names, name), weft_names_length(d->names, name));
            if (e->module_of[i][name] >= 0) e->module[e->module_of[i][name]].used = true;
        }
    }
done:
    weft_i_free(of_name);
    return status;
}

void weft_i_elab_destroy(weft_i_elab_t *e)
{
    int32_t **table[] = {e->ref_local, e->module_of, e->cell_of, e->lib_name, e->port_local};
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        for (int32_t i = 0; table[t] && i < e->n_docs; i++) weft_i_free(table[t][i]);
        weft_i_free(table[t]);
    }
    weft_i_free(e->module);
    weft_i_free(e->local);
}
