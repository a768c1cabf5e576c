/* parsers/graphml.c: GraphML, element by element. Edges may come before their nodes, so their ends are looked up at the end. */
#include "weft/graphml.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "parsers/xml.h"

#include <string.h>

typedef struct parser {
    weft_graphml_t *doc;
    int64_t edge_cap, datum_cap, key_cap, end_cap;
    char **end;          /* [2 n_edges]: names of the ends */
    int32_t *edge_line;
    int64_t line_cap;
    weft_graphml_for_t of; /* what the open element is */
    int64_t item;
    int32_t open_key;
    bool in_graph, done, told;
} parser_t;

static void add_key(weft_i_xml_t *x)
{
    parser_t *p = x->context;
    char *of = weft_i_xml_attribute(x, "for");
    if (!WEFT_I_ROOM(p->doc->key, p->key_cap, p->doc->n_keys + 1)) x->status = WEFT_ENOMEM;
    if (x->status == WEFT_OK) {
        weft_graphml_key_t *k = &p->doc->key[p->doc->n_keys];
        *k = (weft_graphml_key_t){.id = weft_i_xml_attribute(x, "id"), .name = weft_i_xml_attribute(x, "attr.name"), .type = weft_i_xml_attribute(x, "attr.type"),
                                  .of = of && !strcmp(of, "edge") ? WEFT_GRAPHML_EDGE : of && !strcmp(of, "graph") ? WEFT_GRAPHML_GRAPH : WEFT_GRAPHML_NODE};
        p->doc->n_keys++;
        p->open_key = p->doc->n_keys - 1;
        if (!k->id) weft_i_xml_wrong(x, "graphml-key", "a key without an id");
    }
    weft_i_free(of);
}

static void add_node(weft_i_xml_t *x)
{
    parser_t *p = x->context;
    char *id = weft_i_xml_attribute(x, "id");
    if (!id) {
        if (x->status == WEFT_OK) weft_i_xml_wrong(x, "graphml-node", "a node without an id");
        return;
    }
    if (weft_names_find(p->doc->ids, id, strlen(id)) >= 0) weft_i_xml_wrong(x, "graphml-node", "node %s stands twice", id);
    else if (weft_names_add(p->doc->ids, id, strlen(id)) < 0) x->status = WEFT_ENOMEM;
    else p->item = p->doc->n_nodes++;
    p->of = WEFT_GRAPHML_NODE;
    weft_i_free(id);
}

static void add_edge(weft_i_xml_t *x)
{
    parser_t *p = x->context;
    char *from = weft_i_xml_attribute(x, "source"), *to = weft_i_xml_attribute(x, "target");
    int64_t n = p->doc->n_edges;
    if (x->status == WEFT_OK && (!from || !to)) weft_i_xml_wrong(x, "graphml-edge", "an edge without source or target");
    if (x->status == WEFT_OK && from && to && WEFT_I_ROOM(p->end, p->end_cap, 2 * n + 2) && WEFT_I_ROOM(p->edge_line, p->line_cap, n + 1)) {
        p->end[2 * n] = from;
        p->end[2 * n + 1] = to;
        p->edge_line[n] = weft_i_xml_line(x);
        p->doc->n_edges++;
        p->of = WEFT_GRAPHML_EDGE;
        p->item = n;
        return;
    }
    if (x->status == WEFT_OK && from && to) x->status = WEFT_ENOMEM;
    weft_i_free(from);
    weft_i_free(to);
}

static int32_t find_key(const parser_t *p, const char *id)
{
    for (int32_t k = 0; k < p->doc->n_keys; k++)
        if (p->doc->key[k].id && !strcmp(p->doc->key[k].id, id)) return k;
    return -1;
}

static void add_datum(weft_i_xml_t *x)
{
    parser_t *p = x->context;
    char *id = weft_i_xml_attribute(x, "key");
    int32_t key = id ? find_key(p, id) : -1;
    if (x->status == WEFT_OK && key < 0) weft_i_xml_wrong(x, "graphml-key", "no key %s", id ? id : "at all");
    weft_i_free(id);
    if (key < 0 || p->item < 0) return;
    if (!WEFT_I_ROOM(p->doc->datum, p->datum_cap, p->doc->n_data + 1)) {
        x->status = WEFT_ENOMEM;
        return;
    }
    weft_graphml_datum_t *d = &p->doc->datum[p->doc->n_data];
    *d = (weft_graphml_datum_t){.item = p->item, .key = key, .line = weft_i_xml_line(x)};
    if ((d->text = weft_i_xml_text(x))) p->doc->n_data++;
}

static void opened(weft_i_xml_t *x)
{
    parser_t *p = x->context;
    const char *name = weft_i_xml_name(x);
    if (p->done) return;
    if (!strcmp(name, "key")) add_key(x);
    else if (!strcmp(name, "default") && p->open_key >= 0) {
        weft_i_free(p->doc->key[p->open_key].otherwise);
        p->doc->key[p->open_key].otherwise = weft_i_xml_text(x);
    } else if (!strcmp(name, "graph")) {
        char *way = p->in_graph ? NULL : weft_i_xml_attribute(x, "edgedefault");
        if (p->in_graph && !p->told) {
            weft_diag_add(x->diag, WEFT_WARNING, "graphml-nested", x->file, weft_i_xml_line(x), 0, "a graph within a graph: its nodes and edges are taken as the outer one's");
            p->told = true;
        }
        if (!p->in_graph) p->doc->directed = !way || strcmp(way, "undirected");
        p->in_graph = true;
        weft_i_free(way);
    } else if (!p->in_graph) return;
    else if (!strcmp(name, "node")) add_node(x);
    else if (!strcmp(name, "edge")) add_edge(x);
    else if (!strcmp(name, "data")) add_datum(x);
    else if (!strcmp(name, "hyperedge")) weft_diag_add(x->diag, WEFT_WARNING, "graphml-hyperedge", x->file, weft_i_xml_line(x), 0, "a hyperedge is left out");
}

static void closed(weft_i_xml_t *x)
{
    parser_t *p = x->context;
    const char *name = weft_i_xml_name(x);
    if (!strcmp(name, "node") || !strcmp(name, "edge")) p->item = -1;
    if (!strcmp(name, "key")) p->open_key = -1;
    if (!strcmp(name, "graph") && x->depth <= 1) p->done = true;
}

static void link_ends(weft_i_xml_t *x)
{
    parser_t *p = x->context;
    weft_graphml_t *d = p->doc;
    if (!(d->edge = weft_i_malloc((size_t)d->n_edges * 2 * sizeof *d->edge + 1))) x->status = WEFT_ENOMEM;
    for (int64_t i = 0; i < 2 * d->n_edges && x->status == WEFT_OK; i++) {
        d->edge[i] = weft_names_find(d->ids, p->end[i], strlen(p->end[i]));
        if (d->edge[i] >= 0) continue;
        weft_diag_add(x->diag, WEFT_ERROR, "graphml-edge", x->file, p->edge_line[i / 2], 0, "no node %s", p->end[i]);
        x->n_errors++;
    }
}

weft_status_t weft_graphml_parse(weft_graphml_t **graphml, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    parser_t p = {.item = -1, .open_key = -1};
    weft_i_xml_t x = {.id_xml = "graphml-xml", .id_doctype = "graphml-doctype", .open = opened, .close = closed, .deep = true, .context = &p, .file = file, .diag = diag};
    int64_t n_ends = 0;
    *graphml = NULL;
    WEFT_TRY_ALLOC(p.doc = weft_i_calloc(1, sizeof *p.doc));
    WEFT_TRY_ALLOC(p.doc->ids = weft_names_new());
    WEFT_TRY(weft_i_xml_walk(&x, data, size));
    if (!p.in_graph) {
        weft_diag_add(diag, WEFT_ERROR, "graphml-graph", file, 0, 0, "no graph in this file");
        WEFT_TRY(WEFT_EINPUT);
    }
    link_ends(&x);
    WEFT_TRY(x.status);
    if (x.n_errors) WEFT_TRY(WEFT_EINPUT);
    *graphml = p.doc;
done:
    n_ends = p.doc ? 2 * p.doc->n_edges : 0;
    for (int64_t i = 0; i < n_ends; i++) weft_i_free(p.end[i]);
    weft_i_free(p.end);
    weft_i_free(p.edge_line);
    if (!*graphml) weft_graphml_free(p.doc);
    return status;
}

weft_status_t weft_graphml_read(weft_graphml_t **graphml, const char *path, weft_diag_t *diag)
{
    weft_i_text_t text;
    *graphml = NULL;
    weft_status_t status = weft_i_text_read(&text, path, diag);
    if (status != WEFT_OK) return status;
    status = weft_graphml_parse(graphml, text.data, text.size, path, diag);
    weft_i_text_destroy(&text);
    return status;
}

void weft_graphml_free(weft_graphml_t *d)
{
    if (!d) return;
    for (int32_t k = 0; k < d->n_keys; k++) {
        char *owned[] = {d->key[k].id, d->key[k].name, d->key[k].type, d->key[k].otherwise};
        for (int i = 0; i < 4; i++) weft_i_free(owned[i]);
    }
    for (int64_t i = 0; i < d->n_data; i++) weft_i_free(d->datum[i].text);
    weft_i_free(d->key);
    weft_i_free(d->datum);
    weft_i_free(d->edge);
    weft_names_free(d->ids);
    weft_i_free(d);
}
