/* circuit/link_spef.c: SPEF nets onto design nets. A small hash per net gives its nodes local numbers. */
#include "base/alloc.h"
#include "base/status.h"
#include "weft/spef.h"

#include <string.h>

typedef struct link {
    weft_parasitics_t *p;
    const weft_design_t *d;
    weft_diag_t *diag;
    weft_spef_coverage_t *cover;
    int64_t n_nodes, cap_cap, pin_cap, n_res, a_cap, b_cap, res_cap;
    int32_t *slot, n_slots, stamp, *slot_stamp; /* open addressing, emptied by a new stamp */
    weft_spef_node_t *slot_key;
    int32_t *lib_name; /* [doc name] -> library name or -1 */
    int32_t *inst_of, *port_of; /* [doc name] -> instance / port pin of the design, -1 none, -2 not asked */
} link_t;

static int32_t inst_of(link_t *l, const weft_spef_t *s, int32_t name)
{
    if (l->inst_of[name] == -2) l->inst_of[name] = weft_design_find_inst(l->d, weft_names_text(s->names, name), (size_t)weft_names_length(s->names, name));
    return l->inst_of[name];
}

static int32_t port_of(link_t *l, const weft_spef_t *s, int32_t name)
{
    if (l->port_of[name] == -2) l->port_of[name] = weft_design_find_port(l->d, weft_names_text(s->names, name), (size_t)weft_names_length(s->names, name));
    return l->port_of[name];
}

/* The design pin a node stands for, -1: an internal node. */
static int32_t node_pin(link_t *l, const weft_spef_t *s, weft_spef_node_t x, int32_t net)
{
    if (x.suffix == -1) {
        int32_t port = port_of(l, s, x.name);
        return port >= 0 && l->d->pin_net[port] == net ? port : -1;
    }
    if (x.suffix >= 0) return -1;
    int32_t inst = inst_of(l, s, x.name);
    if (inst < 0 || l->d->inst_cell[inst] < 0) return -1;
    int32_t want = l->lib_name[-2 - x.suffix];
    for (int32_t p = l->d->inst_first_pin[inst]; p < l->d->inst_first_pin[inst + 1]; p++)
        if (l->d->library->port[l->d->pin_port[p]].name == want) return l->d->pin_net[p] == net ? p : -1;
    return -1;
}

static bool widen(link_t *l, int32_t need)
{
    int32_t n = 64;
    while (n < 2 * need) n *= 2;
    if (n <= l->n_slots) return true;
    weft_i_free(l->slot);
    weft_i_free(l->slot_stamp);
    weft_i_free(l->slot_key);
    l->slot = weft_i_malloc((size_t)n * sizeof *l->slot);
    l->slot_stamp = weft_i_calloc((size_t)n, sizeof *l->slot_stamp);
    l->slot_key = weft_i_malloc((size_t)n * sizeof *l->slot_key);
    l->n_slots = n;
    l->stamp = 0;
    return l->slot && l->slot_stamp && l->slot_key;
}

/* Local number of a node, made where it is new; -1: memory. */
static int32_t local(link_t *l, const weft_spef_t *s, weft_spef_node_t x, int32_t net, int64_t first)
{
    uint32_t mask = (uint32_t)l->n_slots - 1;
    uint32_t at = ((uint32_t)x.name * 2654435761u ^ (uint32_t)x.suffix * 40503u * 65537u) >> 7 & mask;
    for (; l->slot_stamp[at] == l->stamp; at = (at + 1) & mask)
        if (l->slot_key[at].name == x.name && l->slot_key[at].suffix == x.suffix) return l->slot[at];
    if (!WEFT_I_ROOM(l->p->cap, l->cap_cap, l->n_nodes + 1) || !WEFT_I_ROOM(l->p->pin, l->pin_cap, l->n_nodes + 1)) return -1;
    l->slot_stamp[at] = l->stamp;
    l->slot_key[at] = x;
    l->slot[at] = (int32_t)(l->n_nodes - first);
    l->p->cap[l->n_nodes] = 0.0f;
    l->p->pin[l->n_nodes++] = node_pin(l, s, x, net);
    return l->slot[at];
}

static weft_status_t put_net(link_t *l, const weft_spef_t *s, const weft_spef_net_t *n, int32_t net)
{
    int64_t first = l->n_nodes;
    if (!widen(l, n->n_caps + 2 * n->n_res + n->n_conns + 1)) return WEFT_ENOMEM;
    l->stamp++;
    for (int32_t i = n->first_conn; i < n->first_conn + n->n_conns; i++) {
        int32_t k = local(l, s, s->conn[i], net, first);
        if (k < 0) return WEFT_ENOMEM;
        bool found = l->p->pin[first + k] >= 0;
        if (l->cover) {
            l->cover->n_pins++;
            l->cover->n_pins_matched += found;
        }
        if (!found) {
            weft_spef_node_t x = s->conn[i];
            weft_diag_add(l->diag, WEFT_WARNING, "spef-no-pin", s->file, n->line, 0, "%s%s%s is not on net %s of the design", weft_names_text(s->names, x.name), x.suffix < -1 ? "/" : "",
                          x.suffix < -1 ? weft_names_text(s->names, -2 - x.suffix) : "", weft_names_text(s->names, n->name));
        }
    }
    for (int32_t i = n->first_cap; i < n->first_cap + n->n_caps; i++) {
        int32_t k = local(l, s, s->cap[i].node, net, first);
        if (k < 0) return WEFT_ENOMEM;
        l->p->cap[first + k] += s->cap[i].value;
    }
    for (int32_t i = n->first_res; i < n->first_res + n->n_res; i++) {
        int32_t a = local(l, s, s->res[i].a, net, first), b = local(l, s, s->res[i].b, net, first);
        if (a < 0 || b < 0) return WEFT_ENOMEM;
        if (!WEFT_I_ROOM(l->p->a, l->a_cap, l->n_res + 1) || !WEFT_I_ROOM(l->p->b, l->b_cap, l->n_res + 1) || !WEFT_I_ROOM(l->p->res, l->res_cap, l->n_res + 1)) return WEFT_ENOMEM;
        l->p->a[l->n_res] = a;
        l->p->b[l->n_res] = b;
        l->p->res[l->n_res++] = s->res[i].value < 0 ? 0.0f : s->res[i].value;
    }
    return WEFT_OK;
}

typedef struct place { int32_t doc, net; } place_t;

/* Which document's net each design net takes; the last wins. */
static weft_status_t match(link_t *l, const weft_spef_t *const *docs, int32_t n_docs, place_t *of)
{
    for (int32_t i = 0; i < l->d->n_nets; i++) of[i] = (place_t){-1, -1};
    for (int32_t k = 0; k < n_docs; k++)
        for (int32_t i = 0; i < docs[k]->n_nets; i++) {
            const weft_spef_net_t *n = &docs[k]->net[i];
            const char *name = weft_names_text(docs[k]->names, n->name);
            int32_t net = weft_design_find_net(l->d, name, (size_t)weft_names_length(docs[k]->names, n->name));
            if (l->cover) {
                l->cover->n_nets++;
                l->cover->n_matched += net >= 0;
            }
            if (net < 0) {
                weft_diag_add(l->diag, WEFT_WARNING, "spef-no-net", docs[k]->file, n->line, 0, "the design has no net %s", name);
                continue;
            }
            if (of[net].doc >= 0) weft_diag_add(l->diag, WEFT_WARNING, "spef-net-twice", docs[k]->file, n->line, 0, "net %s has parasitics already; these hold", name);
            of[net] = (place_t){k, i};
        }
    return WEFT_OK;
}

weft_status_t weft_parasitics_link(weft_parasitics_t **out, const weft_design_t *d, const weft_spef_t *const *docs, int32_t n_docs, weft_spef_coverage_t *coverage, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    link_t l = {.d = d, .diag = diag, .cover = coverage};
    place_t *of = NULL;
    size_t n = (size_t)d->n_nets;
    *out = NULL;
    if (coverage) *coverage = (weft_spef_coverage_t){0};
    WEFT_TRY_ALLOC(l.p = weft_i_calloc(1, sizeof *l.p));
    l.p->design = d;
    WEFT_TRY_ALLOC(l.p->net_node = weft_i_calloc(n + 1, sizeof *l.p->net_node));
    WEFT_TRY_ALLOC(l.p->net_res = weft_i_calloc(n + 1, sizeof *l.p->net_res));
    WEFT_TRY_ALLOC(l.p->net_present = weft_i_calloc(n, 1));
    WEFT_TRY_ALLOC(l.p->net_extra = weft_i_calloc(n, sizeof *l.p->net_extra));
    WEFT_TRY_ALLOC(of = weft_i_malloc(n * sizeof *of));
    WEFT_TRY(match(&l, docs, n_docs, of));
    int32_t ready = -1; /* the document whose name tables are loaded */
    for (int32_t net = 0; net < d->n_nets; net++) {
        l.p->net_node[net] = l.n_nodes;
        l.p->net_res[net] = l.n_res;
        if (of[net].doc < 0) continue;
        const weft_spef_t *s = docs[of[net].doc];
        if (ready != of[net].doc) {
            int32_t names = weft_names_n(s->names);
            ready = of[net].doc;
            weft_i_free(l.lib_name);
            weft_i_free(l.inst_of);
            weft_i_free(l.port_of);
            l.inst_of = l.port_of = NULL;
            WEFT_TRY_ALLOC(l.lib_name = weft_i_malloc((size_t)names * sizeof *l.lib_name));
            WEFT_TRY_ALLOC(l.inst_of = weft_i_malloc((size_t)names * sizeof *l.inst_of));
            WEFT_TRY_ALLOC(l.port_of = weft_i_malloc((size_t)names * sizeof *l.port_of));
            for (int32_t i = 0; i < names; i++) {
                l.lib_name[i] = weft_names_find(d->library->names, weft_names_text(s->names, i), (size_t)weft_names_length(s->names, i));
                l.inst_of[i] = l.port_of[i] = -2;
            }
        }
        const weft_spef_net_t *x = &s->net[of[net].net];
        WEFT_TRY(put_net(&l, s, x, net));
        l.p->net_present[net] = 1;
        if (x->reduced || (!x->n_caps && !x->n_res)) l.p->net_extra[net] = x->total;
        l.p->n_annotated++;
    }
    l.p->net_node[d->n_nets] = l.n_nodes;
    l.p->net_res[d->n_nets] = l.n_res;
    *out = l.p;
    l.p = NULL;
done:
    weft_parasitics_free(l.p);
    weft_i_free(of);
    weft_i_free(l.slot);
    weft_i_free(l.slot_stamp);
    weft_i_free(l.slot_key);
    weft_i_free(l.lib_name);
    weft_i_free(l.inst_of);
    weft_i_free(l.port_of);
    return status;
}

void weft_parasitics_free(weft_parasitics_t *p)
{
    if (!p) return;
    void *owned[] = {p->net_node, p->net_res, p->net_present, p->net_extra, p->cap, p->pin, p->a, p->b, p->res};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) weft_i_free(owned[i]);
    weft_i_free(p);
}
