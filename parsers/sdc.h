/* parsers/sdc.h: runs SDC text as Tcl in a safe interpreter, in a forked child under limits, command by command.
 *
 * The caller's `command` is called in the child for every command Tcl itself does not know. It may write records with
 * weft_i_sdc_emit; the parent gets them all, as one buffer, when the child has ended. The child's memory is a copy: what
 * `command` changes is lost, only records come back, and the parent must not trust them. */
#ifndef WEFT_PARSERS_SDC_H
#define WEFT_PARSERS_SDC_H
#include "weft/base.h"

typedef struct weft_i_sdc_run weft_i_sdc_run_t;

typedef struct weft_i_sdc_handler {
    void *context;
    /* Returns false where the command is not known. On error, weft_i_sdc_report. The result is set by weft_i_sdc_result. */
    bool (*command)(void *context, weft_i_sdc_run_t *run, int argc, const char *const *argv);
    const char *prelude; /* Tcl evaluated before the files: commands best written in Tcl itself; NULL: none */
} weft_i_sdc_handler_t;

typedef struct weft_i_sdc_out { char *data; int64_t size, capacity; } weft_i_sdc_out_t;

/* Appends the records of all files to out. cpu_seconds, memory_bytes (beyond what the process uses now) bound the child.
 * Errors: sdc-syntax, sdc-error, sdc-unknown-command (through the diag, with file and line); WEFT_ELIMIT with sdc-time-limit or
 * sdc-memory-limit or sdc-output-limit; WEFT_EINPUT with sdc-crash. */
WEFT_MUST_CHECK weft_status_t weft_i_sdc_run(const char *const *paths, int32_t n_paths, const weft_i_sdc_handler_t *handler,
                                             double cpu_seconds, int64_t memory_bytes, weft_i_sdc_out_t *out, weft_diag_t *diag);

/* In the child: */
void weft_i_sdc_emit(weft_i_sdc_run_t *run, const char *format, ...) WEFT_PRINTF(2, 3); /* one line of a record; "\n" is added */
void weft_i_sdc_report(weft_i_sdc_run_t *run, weft_severity_t severity, const char *id, const char *format, ...) WEFT_PRINTF(4, 5);
void weft_i_sdc_result(weft_i_sdc_run_t *run, const char *text);
/* Splits a Tcl list; *items from Tcl, freed by weft_i_sdc_list_free. False: no list. */
bool weft_i_sdc_list(weft_i_sdc_run_t *run, const char *text, int *n, const char ***items);
void weft_i_sdc_list_free(const char **items);
/* Sets the regular expression that weft_i_sdc_matches holds whole texts against. False: not one; the result tells why. */
bool weft_i_sdc_regexp(weft_i_sdc_run_t *run, const char *pattern, bool nocase);
bool weft_i_sdc_matches(weft_i_sdc_run_t *run, const char *text);
int32_t weft_i_sdc_line(const weft_i_sdc_run_t *run);
int32_t weft_i_sdc_file(const weft_i_sdc_run_t *run);
#endif
