/* cli/train_watch.c: log lines, a progress bar, curves. */
#include "cli/train_watch.h"
#include "cli/interrupt.h"
#include "cli/measure.h"
#include "weft/plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool keep(train_watch_t *w, const weft_epoch_t *e)
{
    if (w->n == w->capacity) {
        int64_t more = w->capacity ? 2 * w->capacity : 1024;
        weft_epoch_t *p = realloc(w->seen, (size_t)more * sizeof *p);
        if (!p) return false;
        w->seen = p;
        w->capacity = more;
    }
    w->seen[w->n++] = *e;
    return true;
}

static double field(const char *line, const char *key)
{
    const char *p = strstr(line, key);
    return p ? strtod(p + strlen(key), NULL) : NAN;
}

/* The lines of an earlier session that are not done again; the file then holds these alone. */
static weft_status_t take_up(train_watch_t *w, const char *path, int32_t run, int32_t epoch, weft_diag_t *diag)
{
    FILE *f = fopen(path, "r+");
    char line[512];
    long good = 0;
    if (!f && errno == ENOENT) f = fopen(path, "w+");
    if (!f) {
        weft_diag_add(diag, WEFT_ERROR, "file-open", path, 0, 0, "%s", strerror(errno));
        return WEFT_EIO;
    }
    while (fgets(line, sizeof line, f) && line[strlen(line) - 1] == '\n') {
        weft_epoch_t e = {.run = (int32_t)field(line, "\"run\":"), .epoch = (int32_t)field(line, "\"epoch\":"), .loss = field(line, "\"loss\":"), .val = field(line, "\"val\":"),
                          .val_loss = field(line, "\"val_loss\":"), .test = field(line, "\"test\":"), .seconds = field(line, "\"seconds\":")};
        if (e.run > run || (e.run == run && e.epoch >= epoch)) break;
        if (w->keep && !keep(w, &e)) w->failed = true;
        good = ftell(f);
    }
    if (fflush(f) || ftruncate(fileno(f), good) || fseek(f, good, SEEK_SET)) w->failed = true;
    w->log = f;
    return WEFT_OK;
}

weft_status_t cli_watch_open(train_watch_t *w, const char *log, bool resume, int32_t run, int32_t epoch, weft_diag_t *diag)
{
    w->begin = cli_now();
    w->at_begin = (int64_t)run * w->epochs + epoch;
    if (!log) return WEFT_OK;
    if (resume) return take_up(w, log, run, epoch, diag);
    w->log = fopen(log, "w");
    if (w->log) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "file-create", log, 0, 0, "%s", strerror(errno));
    return WEFT_EIO;
}

static void number(FILE *f, const char *key, double v)
{
    if (isfinite(v)) fprintf(f, ",\"%s\":%.9g", key, v);
    else fprintf(f, ",\"%s\":null", key);
}

static void write_line(FILE *f, const weft_epoch_t *e)
{
    fprintf(f, "{\"run\":%d,\"epoch\":%d", e->run, e->epoch);
    number(f, "loss", e->loss);
    number(f, "val", e->val);
    number(f, "val_loss", e->val_loss);
    number(f, "test", e->test);
    fprintf(f, ",\"seconds\":%.3f}\n", e->seconds);
    fflush(f);
}

/* Time to go if every run takes all its epochs: early stops come sooner. */
static void show(train_watch_t *w, const weft_epoch_t *e)
{
    enum { CELLS = 24 };
    double t = cli_now();
    int64_t all = (int64_t)w->runs * w->epochs, done = (int64_t)e->run * w->epochs + e->epoch + 1;
    if (t - w->shown < 0.1 && done < all) return;
    w->shown = t;
    char cells[CELLS + 1];
    for (int i = 0; i < CELLS; i++) cells[i] = i < CELLS * done / all ? '#' : '.';
    cells[CELLS] = '\0';
    double left = done > w->at_begin ? (t - w->begin) / (double)(done - w->at_begin) * (double)(all - done) : 0.0;
    fprintf(stderr, "\r[%s] run %d/%d epoch %d/%d  loss %.4f  val %s %.4f  at most %d:%02d left\033[K", cells, e->run + 1, w->runs, e->epoch + 1, w->epochs, e->loss, w->metric, e->val, (int)left / 60, (int)left % 60);
    fflush(stderr);
}

bool cli_watch_epoch(void *context, const weft_epoch_t *e)
{
    train_watch_t *w = context;
    if (e->trial) return !cli_interrupted();
    if (w->log) write_line(w->log, e);
    if (w->log && ferror(w->log)) w->failed = true;
    if (w->keep && !keep(w, e)) w->failed = true;
    if (w->bar) show(w, e);
    return !w->failed && !cli_interrupted();
}

void cli_watch_clear(const train_watch_t *w)
{
    if (w->bar) fputs("\r\033[K", stderr);
}

weft_status_t cli_watch_close(train_watch_t *w)
{
    bool bad = w->log && fclose(w->log);
    free(w->seen);
    w->log = NULL;
    w->seen = NULL;
    return bad ? WEFT_EIO : WEFT_OK;
}

weft_status_t cli_watch_plot(const train_watch_t *w, const char *title, const char *path, weft_diag_t *diag)
{
    enum { CURVES = 3 };
    int32_t runs = 0;
    weft_status_t status = WEFT_ENOMEM;
    double *x = malloc((size_t)(w->n + 1) * sizeof *x), *y = malloc((size_t)(CURVES * w->n + 1) * sizeof *y);
    weft_series_t *series = calloc((size_t)(CURVES * w->runs), sizeof *series);
    if (!x || !y || !series) goto done;
    for (int64_t i = 0; i < w->n; i++) {
        x[i] = w->seen[i].epoch;
        y[i] = w->seen[i].loss;
        y[w->n + i] = w->seen[i].val_loss;
        y[2 * w->n + i] = w->seen[i].val;
    }
    for (int64_t i = 0, from = 0; i <= w->n; i++) /* the epochs of a run stand together */
        if (i == w->n ? from < i : i > from && w->seen[i].run != w->seen[from].run) {
            for (int32_t c = 0; c < CURVES && runs < w->runs; c++) series[c * w->runs + runs] = (weft_series_t){.x = x + from, .y = y + c * w->n + from, .n = i - from, .colour = c};
            runs++;
            from = i;
        }
    static const char *const name[CURVES] = {"training loss", "validation loss", "validation"};
    for (int32_t c = 0; c < CURVES; c++) series[c * w->runs].name = name[c];
    for (int32_t r = 0; r < w->runs; r++) series[2 * w->runs + r].colour = 2;
    const weft_panel_t panel[] = {{.title = title, .x_label = "epoch", .y_label = "loss", .series = series, .n_series = 2 * w->runs, .log_y = true},
                                  {.title = "", .x_label = "epoch", .y_label = w->metric, .series = series + 2 * w->runs, .n_series = w->runs}};
    status = weft_plot_write(path, panel, 2, diag);
done:
    free(x);
    free(y);
    free(series);
    return status;
}
