/* cli/train_watch.h: what a user sees of a training while it runs: log lines, a progress bar, curves. */
#ifndef WEFT_CLI_TRAIN_WATCH_H
#define WEFT_CLI_TRAIN_WATCH_H
#include "weft/train.h"

typedef struct train_watch {
    FILE *log;
    bool bar;                 /* a bar on standard error (a terminal) */
    int32_t runs, epochs;     /* in all; most per run */
    const char *metric;
    weft_epoch_t *seen; int64_t n, capacity; /* for curves, where keep */
    bool keep, failed;
    double begin, shown;      /* seconds of a clock */
    int64_t at_begin;         /* epochs that were done before this session */
} train_watch_t;

/* Opens the log: anew, or (resume) with the lines before epoch `epoch` of run `run` kept. Errors: file-create, file-open. */
weft_status_t cli_watch_open(train_watch_t *w, const char *log, bool resume, int32_t run, int32_t epoch, weft_diag_t *diag);
bool cli_watch_epoch(void *watch, const weft_epoch_t *e); /* a weft_epoch_fn; false once interrupted or unable to write */
void cli_watch_clear(const train_watch_t *w);             /* takes the bar off the line */
weft_status_t cli_watch_close(train_watch_t *w);
/* Loss and metric over the epochs, a curve per run. */
weft_status_t cli_watch_plot(const train_watch_t *w, const char *title, const char *path, weft_diag_t *diag);
#endif
