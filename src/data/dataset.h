/* data/dataset.h: shared by the readers of the forms. */
#ifndef WEFT_DATA_DATASET_H
#define WEFT_DATA_DATASET_H
#include "io/npy.h"
#include "weft/dataset.h"

/* One row per form: true where the folder looks like it, and its reader, which fills a zeroed set with name and path. */
typedef struct weft_i_form { const char *name; bool (*is)(const char *folder); weft_status_t (*read)(weft_dataset_t *d, weft_diag_t *diag); } weft_i_form_t;
bool weft_i_is_node_folder(const char *folder);
weft_status_t weft_i_read_node_folder(weft_dataset_t *d, weft_diag_t *diag);
bool weft_i_is_tu_text(const char *folder);
weft_status_t weft_i_read_tu_text(weft_dataset_t *d, weft_diag_t *diag);
bool weft_i_is_tu_tables(const char *folder);
weft_status_t weft_i_read_tu_tables(weft_dataset_t *d, weft_diag_t *diag);
bool weft_i_is_molecules(const char *folder);
weft_status_t weft_i_read_molecules(weft_dataset_t *d, weft_diag_t *diag);
bool weft_i_is_molecule_parts(const char *folder);
weft_status_t weft_i_read_molecule_parts(weft_dataset_t *d, weft_diag_t *diag);

bool weft_i_is_csv(const char *folder);
weft_status_t weft_i_read_csv(weft_dataset_t *d, weft_diag_t *diag);
/* Forms that are one file; `is` sees its path. */
bool weft_i_is_npz(const char *path);
weft_status_t weft_i_read_npz_set(weft_dataset_t *d, weft_diag_t *diag);
bool weft_i_is_matrix(const char *path);
weft_status_t weft_i_read_matrix_set(weft_dataset_t *d, weft_diag_t *diag);
bool weft_i_is_graphml(const char *path);
weft_status_t weft_i_read_graphml_set(weft_dataset_t *d, weft_diag_t *diag);

/* FOLDER/NAME in a buffer; false where there is no such file. */
bool weft_i_data_file(char path[4096], const char *folder, const char *name);
/* The first file of a folder whose name ends so, and the name without the ending. */
bool weft_i_data_ending(const char *folder, const char *ending, char stem[512]);
/* Reads (or maps: weft_i_npy_map) FOLDER/NAME with n_dims dimensions (0: any). Errors: dataset-shape. */
WEFT_MUST_CHECK weft_status_t weft_i_data_npy(weft_i_npy_t *a, const char *folder, const char *name, int32_t n_dims, weft_diag_t *diag);
/* Adds a split (takes part). */
WEFT_MUST_CHECK weft_status_t weft_i_data_add_split(weft_dataset_t *d, const char *name, int32_t n, uint8_t *part);
/* Where a variant has no validation part, the next variant's test part serves (taken out of training). */
void weft_i_data_next_fold_validates(weft_split_t *s, int64_t items);
WEFT_MUST_CHECK weft_status_t weft_i_data_wrong(const weft_dataset_t *d, const char *id, weft_diag_t *diag, const char *format, ...) WEFT_PRINTF(4, 5);
/* Codes by column to their sizes; largest value + 1. */
WEFT_MUST_CHECK weft_status_t weft_i_data_code_sizes(int32_t **size, const uint8_t *code, int64_t n, int32_t columns);
/* Classes as they stand in a file (any integers) to 0..n-1, ascending. */
WEFT_MUST_CHECK weft_status_t weft_i_data_classes(weft_dataset_t *d, const int64_t *value, int64_t n, weft_diag_t *diag);

/* A reader of numbers in text that knows its line. */
typedef struct weft_i_numbers { const char *p, *end, *path; int32_t line; bool bad; } weft_i_numbers_t;
bool weft_i_numbers_more(weft_i_numbers_t *r);               /* skips blanks, commas, line ends; false at the end */
bool weft_i_numbers_in_line(weft_i_numbers_t *r);            /* the same, but stays in the line */
double weft_i_numbers_next(weft_i_numbers_t *r);             /* NaN and bad where there is none */
int64_t weft_i_numbers_int(weft_i_numbers_t *r, int64_t low, int64_t high);
#endif
