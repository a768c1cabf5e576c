/* weft/plot.h: curves as SVG 1.1: panels one below the other, each with axes, ticks, a legend. */
#ifndef WEFT_PLOT_H
#define WEFT_PLOT_H
#include "weft/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_series {
    const char *name;      /* in the legend; NULL: not there */
    const double *x, *y;   /* [n]; a value that is not finite breaks the line */
    int64_t n;
    int32_t colour;        /* series of one colour number look alike; 0 .. */
} weft_series_t;
typedef struct weft_panel {
    const char *title, *x_label, *y_label;
    const weft_series_t *series; int32_t n_series;
    bool log_y;            /* where all finite y are above 0 */
} weft_panel_t;

/* Written beside and renamed; "-": stdout. Text is escaped. Long lines are thinned to what 640 pixels show (the least and the most of each stretch).
 * O(points). Errors: file-create, file-write. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_plot_write(const char *path, const weft_panel_t *panel, int32_t n_panels, weft_diag_t *diag);

#ifdef __cplusplus
}
#endif
#endif
