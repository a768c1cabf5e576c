/* cli/json_out.h: results as JSON, to a file or ("-") to standard output. */
#ifndef WEFT_CLI_JSON_OUT_H
#define WEFT_CLI_JSON_OUT_H
#include "weft/base.h"

#include <stdio.h>

/* NULL: told (file-create). End: closed, written whole or told (file-write; ELIMIT: disk full). */
FILE *cli_json_open(const char *path, weft_diag_t *diag);
weft_status_t cli_json_end(FILE *f, weft_diag_t *diag);
weft_status_t cli_json_close(FILE *f, weft_status_t status, weft_diag_t *diag); /* end behind what may have failed: the first trouble */
void cli_json_text(FILE *f, const char *text);
void cli_json_number(FILE *f, double x); /* null where it is not finite */
#endif
