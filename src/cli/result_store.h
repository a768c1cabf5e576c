/* cli/result_store.h: results of training runs in an append-only text file, one line each.
 *
 * A line is whole or it does not count: it ends in a field "." and a newline, is written by one call and synced. What a killed process left
 * half written is passed over when the file is read, and the next line begins on its own. Several processes may append to one file. */
#ifndef WEFT_CLI_RESULT_STORE_H
#define WEFT_CLI_RESULT_STORE_H
#include "weft/train.h"

typedef struct stored_result {
    char set[64], split[64], model[32], preset[32], settings[256]; /* settings: "key=value .." beyond the preset */
    char options[17];                                              /* cli_options_hash: all options in force */
    char metric[16];                                               /* told, not compared */
    int32_t run;
    uint64_t seed;
    weft_run_t result;
} stored_result_t;

typedef struct result_store {
    char *path;
    stored_result_t *result;
    int32_t n, broken; /* broken: lines that were not whole */
    int64_t capacity;
} result_store_t;

/* A file that is not there is an empty store. Errors: file-open, store-form (the file is something else). */
weft_status_t cli_store_open(result_store_t *store, const char *path, weft_diag_t *diag);
void cli_store_close(result_store_t *store);
/* Appends to file and memory. Errors: file-write. */
weft_status_t cli_store_add(result_store_t *store, const stored_result_t *result, weft_diag_t *diag);
/* The result of the same work, or NULL. */
const stored_result_t *cli_store_find(const result_store_t *store, const stored_result_t *like);
/* 16 hexadecimal digits over name and value of every option that is not neutral: an option that is new in a later version changes none. */
void cli_options_hash(const weft_train_options_t *options, char hash[17]);
#endif
