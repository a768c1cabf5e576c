/* data/assemble.h: a data set from loose parts, as files by others have them: pairs in any order, labels of any kind, masks. */
#ifndef WEFT_DATA_ASSEMBLE_H
#define WEFT_DATA_ASSEMBLE_H
#include "data/dataset.h"

/* Takes nothing, copies all. pairs [n][2] of one graph of d->n_nodes nodes: loops dropped, each undirected edge kept once, ascending; `directed`: the pairs
 * themselves are kept as arcs too. Errors: dataset-edge (which pair). */
WEFT_MUST_CHECK weft_status_t weft_i_assemble_edges(weft_dataset_t *d, const int32_t *pairs, int64_t n, bool directed, weft_diag_t *diag);
/* The parts of one split: part [variants][items] is taken. */
WEFT_MUST_CHECK weft_status_t weft_i_assemble_split(weft_dataset_t *d, const char *name, int32_t variants, uint8_t *part);
/* A set of node classes that has no split of its own gets "random": ten variants, 60 % of every class train, 20 % validation, the rest test; a function of the
 * labels alone. */
WEFT_MUST_CHECK weft_status_t weft_i_assemble_random_splits(weft_dataset_t *d);
/* Dense features of which less than one in eight is not 0 become rows of those. */
WEFT_MUST_CHECK weft_status_t weft_i_assemble_sparse(weft_dataset_t *d);
#endif
