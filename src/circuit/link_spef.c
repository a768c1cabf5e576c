/* circuit/link_spef.c: SPEF nets onto design nets, ranges of them side by side. A small hash per net gives its nodes local numbers, so that a net's
 * network does not depend on the ranges. */
#include "base/alloc.h"
#include "base/status.h"
#include "weft/spef.h"

#include <string.h>

/* What a document's names are in the design, asked for once: several threads may ask at a time, and find the same. */
typedef struct names_of {
    int32_t *lib_name;          /* [doc name] -> library name or -1 */
    int32_t *inst_of, *port_of; /* [doc name] -> instance / port pin of the design, -1 none, -2 not asked */
} names_of_t;

/* One range of nets and the networks made for it. */
typedef struct link {
    const weft_design_t *d;
    const names_of_t *names;    /* of the document at hand */
    weft_diag_t *diag;
    weft_spef_coverage_t cover;
    int64_t n_nodes, cap_cap, pin_cap, n_res, a_cap, b_cap, res_cap;
    float *cap, *res;
    int32_t *pin, *a, *b;
    int32_t *slot, n_slots, stamp, *slot_stamp; /* open addressing, emptied by a new stamp */
    weft_spef_node_t *slot_key;
    weft_status_t status;
} link_t;

static int32_t inst_of(link_t *l, const weft_spef_t *s, int32_t name)
{
    int32_t *at = &l->names->inst_of[name], v = __atomic_load_n(at, __ATOMIC_RELAXED);
    if (v == -2) __atomic_store_n(at, v = weft_design_find_inst(l->d, weft_names_text(s->names, name), (size_t)weft_names_length(s->names, name)), __ATOMIC_RELAXED);
    return v;
}

static int32_t port_of(link_t *l, const weft_spef_t *s, int32_t name)
{
    int32_t *at = &l->names->port_of[name], v = __atomic_load_n(at, __ATOMIC_RELAXED);
    if (v == -2) __atomic_store_n(at, v = weft_design_find_port(l->d, weft_names_text(s->names, name), (size_t)weft_names_length(s->names, name)), __ATOMIC_RELAXED);
    return v;
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
    int32_t want = l->names->lib_name[-2 - x.suffix];
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
    if (!WEFT_I_ROOM(l->cap, l->cap_cap, l->n_nodes + 1) || !WEFT_I_ROOM(l->pin, l->pin_cap, l->n_nodes + 1)) return -1;
    l->slot_stamp[at] = l->stamp;
    l->slot_key[at] = x;
    l->slot[at] = (int32_t)(l->n_nodes - first);
    l->cap[l->n_nodes] = 0.0f;
    l->pin[l->n_nodes++] = node_pin(l, s, x, net);
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
        bool found = l->pin[first + k] >= 0;
        l->cover.n_pins++;
        l->cover.n_pins_matched += found;
        if (!found) {
            weft_spef_node_t x = s->conn[i];
            weft_diag_add(l->diag, WEFT_WARNING, "spef-no-pin", s->file, n->line, 0, "%s%s%s is not on net %s of the design", weft_names_text(s->names, x.name), x.suffix < -1 ? "/" : "",
                          x.suffix < -1 ? weft_names_text(s->names, -2 - x.suffix) : "", weft_names_text(s->names, n->name));
        }
    }
    for (int32_t i = n->first_cap; i < n->first_cap + n->n_caps; i++) {
        int32_t k = local(l, s, s->cap[i].node, net, first);
        if (k < 0) return WEFT_ENOMEM;
        l->cap[first + k] += s->cap[i].value;
    }
    for (int32_t i = n->first_res; i < n->first_res + n->n_res; i++) {
        int32_t a = local(l, s, s->res[i].a, net, first), b = local(l, s, s->res[i].b, net, first);
        if (a < 0 || b < 0) return WEFT_ENOMEM;
        if (!WEFT_I_ROOM(l->a, l->a_cap, l->n_res + 1) || !WEFT_I_ROOM(l->b, l->b_cap, l->n_res + 1) || !WEFT_I_ROOM(l->res, l->res_cap, l->n_res + 1)) return WEFT_ENOMEM;
        l->a[l->n_res] = a;
        l->b[l->n_res] = b;
        l->res[l->n_res++] = s->res[i].value < 0 ? 0.0f : s->res[i].value;
    }
    return WEFT_OK;
}

typedef struct place { int32_t doc, net; } place_t;

/* Which document's net each design net takes; the last wins. */
static weft_status_t match(const weft_design_t *d, const weft_spef_t *const *docs, int32_t n_docs, place_t *of, weft_spef_coverage_t *cover, weft_diag_t *diag)
{
    int32_t *found = NULL;
    int64_t capacity = 0;
    for (int32_t i = 0; i < d->n_nets; i++) of[i] = (place_t){-1, -1};
    for (int32_t k = 0; k < n_docs; k++) {
        const weft_spef_t *s = docs[k];
        if (!WEFT_I_ROOM(found, capacity, s->n_nets + 1)) {
            weft_i_free(found);
            return WEFT_ENOMEM;
        }
#pragma omp parallel for schedule(static) num_threads(weft_threads())
        for (int32_t i = 0; i < s->n_nets; i++) found[i] = weft_design_find_net(d, weft_names_text(s->names, s->net[i].name), (size_t)weft_names_length(s->names, s->net[i].name));
        for (int32_t i = 0; i < s->n_nets; i++) {
            const weft_spef_net_t *n = &s->net[i];
            int32_t net = found[i];
            cover->n_nets++;
            cover->n_matched += net >= 0;
            if (net < 0) weft_diag_add(diag, WEFT_WARNING, "spef-no-net", s->file, n->line, 0, "the design has no net %s", weft_names_text(s->names, n->name));
            else if (of[net].doc >= 0) weft_diag_add(diag, WEFT_WARNING, "spef-net-twice", s->file, n->line, 0, "net %s has parasitics already; these hold", weft_names_text(s->names, n->name));
            if (net >= 0) of[net] = (place_t){k, i};
        }
    }
    weft_i_free(found);
    return WEFT_OK;
}

static weft_status_t names_init(names_of_t *n, const weft_design_t *d, const weft_spef_t *s)
{
    int32_t count = weft_names_n(s->names);
    weft_status_t status = WEFT_OK;
    WEFT_TRY_ALLOC(n->lib_name = weft_i_malloc(((size_t)count + 1) * sizeof *n->lib_name));
    WEFT_TRY_ALLOC(n->inst_of = weft_i_malloc(((size_t)count + 1) * sizeof *n->inst_of));
    WEFT_TRY_ALLOC(n->port_of = weft_i_malloc(((size_t)count + 1) * sizeof *n->port_of));
#pragma omp parallel for schedule(static) num_threads(weft_threads())
    for (int32_t i = 0; i < count; i++) {
        n->lib_name[i] = weft_names_find(d->library->names, weft_names_text(s->names, i), (size_t)weft_names_length(s->names, i));
        n->inst_of[i] = n->port_of[i] = -2;
    }
done:
    return status;
}

/* Nets first..last-1; net_node and net_res count from the range's own start. */
static void link_range(link_t *l, weft_parasitics_t *p, const weft_spef_t *const *docs, const names_of_t *names, const place_t *of, int32_t first, int32_t last)
{
    for (int32_t net = first; net < last && l->status == WEFT_OK; net++) {
        p->net_node[net] = l->n_nodes;
        p->net_res[net] = l->n_res;
        if (of[net].doc < 0) continue;
        const weft_spef_t *s = docs[of[net].doc];
        const weft_spef_net_t *x = &s->net[of[net].net];
        l->names = &names[of[net].doc];
        l->status = put_net(l, s, x, net);
        p->net_present[net] = 1;
        if (x->reduced || (!x->n_caps && !x->n_res)) p->net_extra[net] = x->total;
    }
}

/* Appends to an array and frees what was appended: the ranges' arrays are never all there twice. */
static bool append(void **to, int64_t n, void **from, int64_t more, size_t size)
{
    void *grown = n ? weft_i_realloc(*to, (size_t)(n + more) * size) : *from;
    if (n && !grown) return false;
    if (n && more) memcpy((char *)grown + (size_t)n * size, *from, (size_t)more * size);
    if (n) weft_i_free(*from);
    *from = NULL;
    *to = grown;
    return true;
}

static weft_status_t join(weft_parasitics_t *p, link_t *range, int32_t n, const int32_t *first)
{
    int64_t nodes = 0, res = 0;
    for (int32_t i = 0; i < n; i++) {
        link_t *l = &range[i];
        if (l->status != WEFT_OK) return l->status;
        for (int32_t net = first[i]; net < first[i + 1]; net++) {
            p->net_node[net] += nodes;
            p->net_res[net] += res;
        }
        nodes += l->n_nodes;
        res += l->n_res;
    }
    p->net_node[first[n]] = nodes;
    p->net_res[first[n]] = res;
    for (int32_t k = 0; k < 5; k++) {
        void **to[5] = {(void **)&p->cap, (void **)&p->pin, (void **)&p->a, (void **)&p->b, (void **)&p->res};
        int64_t have = 0;
        for (int32_t i = 0; i < n; i++) {
            link_t *l = &range[i];
            void **from[5] = {(void **)&l->cap, (void **)&l->pin, (void **)&l->a, (void **)&l->b, (void **)&l->res};
            int64_t more = k < 2 ? l->n_nodes : l->n_res;
            if (!append(to[k], have, from[k], more, 4)) return WEFT_ENOMEM;
            have += more;
        }
    }
    return WEFT_OK;
}

static void link_destroy(link_t *l)
{
    WEFT_I_FREE_ALL(l->cap, l->pin, l->a, l->b, l->res, l->slot, l->slot_stamp, l->slot_key);
    weft_diag_free(l->diag);
}

enum { RANGE = 4096, RANGES_PER_THREAD = 4 };

weft_status_t weft_parasitics_link(weft_parasitics_t **out, const weft_design_t *d, const weft_spef_t *const *docs, int32_t n_docs, weft_spef_coverage_t *coverage, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_spef_coverage_t cover = {0};
    weft_parasitics_t *p = NULL;
    place_t *of = NULL;
    names_of_t *names = NULL;
    int32_t *first = NULL, most = RANGES_PER_THREAD * weft_threads(), n_ranges = weft_threads() > 1 ? d->n_nets / RANGE + 1 : 1;
    link_t *range = NULL;
    size_t n = (size_t)d->n_nets;
    if (n_ranges > most) n_ranges = most;
    *out = NULL;
    WEFT_TRY_ALLOC(p = weft_i_calloc(1, sizeof *p));
    p->design = d;
    WEFT_TRY_ALLOC(p->net_node = weft_i_calloc(n + 1, sizeof *p->net_node));
    WEFT_TRY_ALLOC(p->net_res = weft_i_calloc(n + 1, sizeof *p->net_res));
    WEFT_TRY_ALLOC(p->net_present = weft_i_calloc(n + 1, 1));
    WEFT_TRY_ALLOC(p->net_extra = weft_i_calloc(n + 1, sizeof *p->net_extra));
    WEFT_TRY_ALLOC(of = weft_i_malloc((n + 1) * sizeof *of));
    WEFT_TRY_ALLOC(names = weft_i_calloc((size_t)n_docs + 1, sizeof *names));
    WEFT_TRY_ALLOC(range = weft_i_calloc((size_t)n_ranges, sizeof *range));
    WEFT_TRY_ALLOC(first = weft_i_malloc(((size_t)n_ranges + 1) * sizeof *first));
    WEFT_TRY(match(d, docs, n_docs, of, &cover, diag));
    for (int32_t k = 0; k < n_docs; k++) WEFT_TRY(names_init(&names[k], d, docs[k]));
    for (int32_t i = 0; i <= n_ranges; i++) first[i] = (int32_t)((int64_t)d->n_nets * i / n_ranges);
    for (int32_t i = 0; i < n_ranges; i++) {
        range[i].d = d;
        if (diag) WEFT_TRY_ALLOC(range[i].diag = weft_diag_new());
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads())
    for (int32_t i = 0; i < n_ranges; i++) link_range(&range[i], p, docs, names, of, first[i], first[i + 1]);
    for (int32_t i = 0; i < n_ranges; i++) {
        weft_diag_append(diag, range[i].diag);
        cover.n_pins += range[i].cover.n_pins;
        cover.n_pins_matched += range[i].cover.n_pins_matched;
    }
    WEFT_TRY(join(p, range, n_ranges, first));
    for (int32_t i = 0; i < d->n_nets; i++) p->n_annotated += p->net_present[i];
    if (coverage) *coverage = cover;
    *out = p;
    p = NULL;
done:
    weft_parasitics_free(p);
    for (int32_t i = 0; range && i < n_ranges; i++) link_destroy(&range[i]);
    for (int32_t k = 0; names && k < n_docs; k++) {
        weft_i_free(names[k].lib_name);
        weft_i_free(names[k].inst_of);
        weft_i_free(names[k].port_of);
    }
    weft_i_free(range);
    weft_i_free(names);
    weft_i_free(first);
    weft_i_free(of);
    return status;
}

void weft_parasitics_free(weft_parasitics_t *p)
{
    if (!p) return;
    WEFT_I_FREE_ALL(p->net_node, p->net_res, p->net_present, p->net_extra, p->cap, p->pin, p->a, p->b, p->res);
    weft_i_free(p);
}
