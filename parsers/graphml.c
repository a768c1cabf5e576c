/* parsers/graphml.c: GraphML by libxml2's streaming reader. Edges may come before their nodes, so their ends are looked up at the end. */
#include "weft/graphml.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <limits.h>
#include <libxml/xmlreader.h>
#include <string.h>

typedef struct parser {
    xmlTextReaderPtr r;
    weft_graphml_t *doc;
    weft_diag_t *diag;
    const char *file;
    int64_t edge_cap, datum_cap, key_cap, end_cap;
    char **end;          /* [2 n_edges]: names of the ends */
    int32_t *edge_line;
    int64_t line_cap;
    int32_t n_errors;
    weft_graphml_for_t of; /* what the open element is */
    int64_t item;
    int32_t open_key;
    bool in_graph, done, told;
    weft_status_t status;
} parser_t;

static int line_of(const parser_t *p)
{
    xmlNodePtr at = xmlTextReaderCurrentNode(p->r); /* the parser itself has read ahead */
    long n = at ? xmlGetLineNo(at) : 0;
    return n > 0 && n < INT_MAX ? (int)n : 0;
}

static void wrong(parser_t *p, const char *id, const char *format, const char *what)
{
    weft_diag_add(p->diag, WEFT_ERROR, id, p->file, line_of(p), 0, format, what);
    p->n_errors++;
}

/* A copy in our own memory; NULL: not there, or out of memory (then the status says so). */
static char *attribute(parser_t *p, const char *name)
{
    xmlChar *v = xmlTextReaderGetAttribute(p->r, (const xmlChar *)name);
    if (!v) return NULL;
    char *own = weft_i_strndup((const char *)v, strlen((const char *)v));
    xmlFree(v);
    if (!own) p->status = WEFT_ENOMEM;
    return own;
}

static void add_key(parser_t *p)
{
    char *of = attribute(p, "for");
    if (!WEFT_I_ROOM(p->doc->key, p->key_cap, p->doc->n_keys + 1)) p->status = WEFT_ENOMEM;
    if (p->status == WEFT_OK) {
        weft_graphml_key_t *k = &p->doc->key[p->doc->n_keys];
        *k = (weft_graphml_key_t){.id = attribute(p, "id"), .name = attribute(p, "attr.name"), .type = attribute(p, "attr.type"),
                                  .of = of && !strcmp(of, "edge") ? WEFT_GRAPHML_EDGE : of && !strcmp(of, "graph") ? WEFT_GRAPHML_GRAPH : WEFT_GRAPHML_NODE};
        p->doc->n_keys++;
        p->open_key = p->doc->n_keys - 1;
        if (!k->id) wrong(p, "graphml-key", "a key without an id%s", "");
    }
    weft_i_free(of);
}

static void add_node(parser_t *p)
{
    char *id = attribute(p, "id");
    if (!id) {
        if (p->status == WEFT_OK) wrong(p, "graphml-node", "a node without an id%s", "");
        return;
    }
    if (weft_names_find(p->doc->ids, id, strlen(id)) >= 0) wrong(p, "graphml-node", "node %s stands twice", id);
    else if (weft_names_add(p->doc->ids, id, strlen(id)) < 0) p->status = WEFT_ENOMEM;
    else p->item = p->doc->n_nodes++;
    p->of = WEFT_GRAPHML_NODE;
    weft_i_free(id);
}

static void add_edge(parser_t *p)
{
    char *from = attribute(p, "source"), *to = attribute(p, "target");
    int64_t n = p->doc->n_edges;
    if (p->status == WEFT_OK && (!from || !to)) wrong(p, "graphml-edge", "an edge without source or target%s", "");
    if (p->status == WEFT_OK && from && to && WEFT_I_ROOM(p->end, p->end_cap, 2 * n + 2) && WEFT_I_ROOM(p->edge_line, p->line_cap, n + 1)) {
        p->end[2 * n] = from;
        p->end[2 * n + 1] = to;
        p->edge_line[n] = line_of(p);
        p->doc->n_edges++;
        p->of = WEFT_GRAPHML_EDGE;
        p->item = n;
        return;
    }
    if (p->status == WEFT_OK && from && to) p->status = WEFT_ENOMEM;
    weft_i_free(from);
    weft_i_free(to);
}

static int32_t find_key(const parser_t *p, const char *id)
{
    for (int32_t k = 0; k < p->doc->n_keys; k++)
        if (p->doc->key[k].id && !strcmp(p->doc->key[k].id, id)) return k;
    return -1;
}

/* The text of a data or default element; the reader moves to its end. */
static char *inner_text(parser_t *p)
{
    char *own = NULL;
    xmlChar *v = xmlTextReaderReadString(p->r);
    own = weft_i_strndup(v ? (const char *)v : "", v ? strlen((const char *)v) : 0);
    if (v) xmlFree(v);
    if (!own) p->status = WEFT_ENOMEM;
    return own;
}

static void add_datum(parser_t *p)
{
    char *id = attribute(p, "key");
    int32_t key = id ? find_key(p, id) : -1;
    if (p->status == WEFT_OK && key < 0) wrong(p, "graphml-key", "no key %s", id ? id : "at all");
    weft_i_free(id);
    if (key < 0 || p->item < 0) return;
    if (!WEFT_I_ROOM(p->doc->datum, p->datum_cap, p->doc->n_data + 1)) {
        p->status = WEFT_ENOMEM;
        return;
    }
    weft_graphml_datum_t *d = &p->doc->datum[p->doc->n_data];
    *d = (weft_graphml_datum_t){.item = p->item, .key = key, .line = line_of(p)};
    if ((d->text = inner_text(p))) p->doc->n_data++;
}

static void element(parser_t *p)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(p->r);
    bool empty = xmlTextReaderIsEmptyElement(p->r) == 1;
    if (!strcmp(name, "key")) add_key(p);
    else if (!strcmp(name, "default") && p->open_key >= 0) {
        weft_i_free(p->doc->key[p->open_key].otherwise);
        p->doc->key[p->open_key].otherwise = inner_text(p);
    } else if (!strcmp(name, "graph")) {
        char *way = p->in_graph ? NULL : attribute(p, "edgedefault");
        if (p->in_graph && !p->told) {
            weft_diag_add(p->diag, WEFT_WARNING, "graphml-nested", p->file, line_of(p), 0, "a graph within a graph: its nodes and edges are taken as the outer one's");
            p->told = true;
        }
        if (!p->in_graph) p->doc->directed = !way || strcmp(way, "undirected");
        p->in_graph = true;
        weft_i_free(way);
    } else if (!p->in_graph) return;
    else if (!strcmp(name, "node")) add_node(p);
    else if (!strcmp(name, "edge")) add_edge(p);
    else if (!strcmp(name, "data")) add_datum(p);
    else if (!strcmp(name, "hyperedge")) weft_diag_add(p->diag, WEFT_WARNING, "graphml-hyperedge", p->file, line_of(p), 0, "a hyperedge is left out");
    if (empty && (!strcmp(name, "node") || !strcmp(name, "edge"))) p->item = -1;
}

static void end_element(parser_t *p)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(p->r);
    if (!strcmp(name, "node") || !strcmp(name, "edge")) p->item = -1;
    if (!strcmp(name, "key")) p->open_key = -1;
    if (!strcmp(name, "graph") && xmlTextReaderDepth(p->r) <= 1) p->done = true;
}

static void link_ends(parser_t *p)
{
    weft_graphml_t *d = p->doc;
    if (!(d->edge = weft_i_malloc((size_t)d->n_edges * 2 * sizeof *d->edge + 1))) p->status = WEFT_ENOMEM;
    for (int64_t i = 0; i < 2 * d->n_edges && p->status == WEFT_OK; i++) {
        d->edge[i] = weft_names_find(d->ids, p->end[i], strlen(p->end[i]));
        if (d->edge[i] >= 0) continue;
        weft_diag_add(p->diag, WEFT_ERROR, "graphml-edge", p->file, p->edge_line[i / 2], 0, "no node %s", p->end[i]);
        p->n_errors++;
    }
}

static void quiet(void *context, const char *text, xmlParserSeverities severity, xmlTextReaderLocatorPtr at)
{
    parser_t *p = context;
    if (severity != XML_PARSER_SEVERITY_ERROR && severity != XML_PARSER_SEVERITY_VALIDITY_ERROR) return;
    int n = (int)strcspn(text, "\n");
    weft_diag_add(p->diag, WEFT_ERROR, "graphml-xml", p->file, xmlTextReaderLocatorLineNumber(at), 0, "%.*s", n, text);
    p->n_errors++;
}

weft_status_t weft_graphml_parse(weft_graphml_t **graphml, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    parser_t p = {.diag = diag, .file = file, .item = -1, .open_key = -1};
    int more = 0;
    *graphml = NULL;
    if (size > INT_MAX) {
        weft_diag_add(diag, WEFT_ERROR, "graphml-xml", file, 0, 0, "a file of 2 GB or more");
        return WEFT_ELIMIT;
    }
    WEFT_TRY_ALLOC(p.doc = weft_i_calloc(1, sizeof *p.doc));
    WEFT_TRY_ALLOC(p.doc->ids = weft_names_new());
    WEFT_TRY_ALLOC(p.r = xmlReaderForMemory(data, (int)size, NULL, NULL, XML_PARSE_NONET | XML_PARSE_COMPACT));
    xmlTextReaderSetErrorHandler(p.r, quiet, &p);
    while (p.status == WEFT_OK && !p.done && p.n_errors < 20 && (more = xmlTextReaderRead(p.r)) == 1) {
        int type = xmlTextReaderNodeType(p.r);
        if (type == XML_READER_TYPE_DOCUMENT_TYPE) {
            wrong(&p, "graphml-doctype", "a document type is not read (entities could be anything)%s", "");
            break;
        }
        if (type == XML_READER_TYPE_ELEMENT) element(&p);
        else if (type == XML_READER_TYPE_END_ELEMENT) end_element(&p);
    }
    if (p.status == WEFT_OK && !p.n_errors && (more < 0 || (!p.done && p.in_graph))) wrong(&p, "graphml-xml", "the document ends too early%s", "");
    if (p.status == WEFT_OK && !p.n_errors && !p.in_graph) wrong(&p, "graphml-graph", "no graph in this file%s", "");
    if (p.status == WEFT_OK && !p.n_errors) link_ends(&p);
    WEFT_TRY(p.status);
    if (p.n_errors) WEFT_TRY(WEFT_EINPUT);
    *graphml = p.doc;
    p.doc = NULL;
done:
    for (int64_t i = 0; p.end && p.doc && i < 2 * p.doc->n_edges; i++) weft_i_free(p.end[i]);
    for (int64_t i = 0; p.end && *graphml && i < 2 * (*graphml)->n_edges; i++) weft_i_free(p.end[i]);
    weft_i_free(p.end);
    weft_i_free(p.edge_line);
    if (p.r) xmlFreeTextReader(p.r);
    weft_graphml_free(p.doc);
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
