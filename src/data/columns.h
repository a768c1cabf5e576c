/* data/columns.h: attributes of nodes that come as texts, column by column: a class, a part of the split, numbers. */
#ifndef WEFT_DATA_COLUMNS_H
#define WEFT_DATA_COLUMNS_H
#include "base/text_file.h"
#include "data/assemble.h"

typedef struct weft_i_columns weft_i_columns_t;
/* Columns by name: label, class, y, target: the class (any text); split, part: train, val (valid, validation), test, or 1, 2, 3; train_mask, val_mask, test_mask: true or 1;
 * id, name, key: passed over; the others are features: a number, or several (by blanks, commas, brackets), the same count for every node. */
weft_i_columns_t *weft_i_columns_new(int64_t n_nodes); /* NULL: memory */
void weft_i_columns_free(weft_i_columns_t *columns);
/* Errors: dataset-text (file and line: no number, another count than before), dataset-label. */
WEFT_MUST_CHECK weft_status_t weft_i_columns_add(weft_i_columns_t *columns, const char *column, int64_t node, const char *text, size_t length, const char *file, int32_t line, weft_diag_t *diag);
/* Hands everything to the set: labels, features, a split "default" or the random ones. A node without a class is in no part. Errors: dataset-label (no class at all). */
WEFT_MUST_CHECK weft_status_t weft_i_columns_finish(weft_i_columns_t *columns, weft_dataset_t *d, weft_diag_t *diag);
/* The text of nodes.csv: a header that names columns (that called id or node_id, else the first, names the nodes), then a node a line. Counts d->n_nodes, fills ids, makes *columns (the
 * caller's). Errors: dataset-text. */
WEFT_MUST_CHECK weft_status_t weft_i_csv_nodes(weft_dataset_t *d, const weft_i_text_t *text, const char *path, weft_names_t *ids, weft_i_columns_t **columns, weft_diag_t *diag);
#endif
