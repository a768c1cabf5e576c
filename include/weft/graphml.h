/* weft/graphml.h: GraphML as a document: nodes, edges, and their attributes as text by column. */
#ifndef WEFT_GRAPHML_H
#define WEFT_GRAPHML_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_graphml_for { WEFT_GRAPHML_NODE = 0, WEFT_GRAPHML_EDGE, WEFT_GRAPHML_GRAPH } weft_graphml_for_t;
typedef struct weft_graphml_key { char *id, *name, *type; weft_graphml_for_t of; char *otherwise; } weft_graphml_key_t; /* otherwise: the default, or NULL */
typedef struct weft_graphml_datum { int64_t item; int32_t key; char *text; int32_t line; } weft_graphml_datum_t;

typedef struct weft_graphml {
    bool directed;
    int32_t n_keys; weft_graphml_key_t *key;
    weft_names_t *ids;                     /* node i has the i-th name */
    int64_t n_nodes, n_edges;
    int32_t *edge;                         /* [n_edges][2] */
    int64_t n_data; weft_graphml_datum_t *datum; /* of nodes and edges, as they come */
} weft_graphml_t;

/* The first graph of the file; nested graphs, hyperedges and ports are told and left out. No entity is expanded, no DTD read, nothing fetched: a document
 * type is refused. Errors: graphml-xml (not well-formed), graphml-doctype, graphml-key (a data element without its key), graphml-node (twice, or without an
 * id), graphml-edge (an end that no node has), graphml-graph (no graph). O(bytes). Owner: the caller. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graphml_read(weft_graphml_t **graphml, const char *path, weft_diag_t *diag);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_graphml_parse(weft_graphml_t **graphml, const char *data, size_t size, const char *file, weft_diag_t *diag);
WEFT_API void weft_graphml_free(weft_graphml_t *graphml);

#ifdef __cplusplus
}
#endif
#endif
