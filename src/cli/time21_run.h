/* cli/time21_run.h: designs of the 21-design set by --data, --lib-dir, --design, --holdout, as train and eval take them. */
#ifndef WEFT_CLI_TIME21_RUN_H
#define WEFT_CLI_TIME21_RUN_H
#include "cli/cli.h"
#include "weft/time21_model.h"

enum { CLI_MOST_DESIGNS = 256 };
typedef struct cli_time21 {
    const char *dataset, *data, *lib_dir;
    const char *design[CLI_MOST_DESIGNS], *holdout[CLI_MOST_DESIGNS];
    int32_t n_designs, n_holdouts;
    char *text[CLI_MOST_DESIGNS]; int32_t n_texts; /* owned */
    weft_library_t *library;
} cli_time21_t;
extern const cli_option_t cli_time21_options[];
/* Checks the arguments, reads the library, lists the designs of the folder where none is named; held-out ones are taken away. */
weft_status_t cli_time21_open(cli_time21_t *t, weft_diag_t *diag);
void cli_time21_close(cli_time21_t *t);

/* Designs by name, all of them. Owner: the caller, one by one. */
weft_status_t cli_time21_read(const cli_time21_t *t, const char *const *name, int32_t n, weft_time21_t **design, weft_diag_t *diag);
bool cli_time21_names(cli_time21_t *t, const char *list); /* adds A,B,.. to the designs */
int cli_time21_finish(const char *verb, weft_status_t status, weft_diag_t *diag); /* prints and frees diag; the exit code */

int cli_train_timing(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: timing */
int cli_eval_timing(const cli_verb_t *verb, int argc, char **argv);
#endif
