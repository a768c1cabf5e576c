/* predict/calibrate.c: constants by weighted least squares, then boosted trees on what is left. */
#include "weft/calibrate.h"
#include "base/alloc.h"
#include "base/status.h"
#include "predict/calibration.h"
#include "predict/net_model.h"
#include "timing/model_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- fits ------------------------------------------------------------------------------------------------------ */
/* Minimises sum w (1 - (a x + b y) / t)^2 with a, b >= 0. */
typedef struct two { double xx, xy, yy, x, y; } two_t;
static void two_add(two_t *s, double w, double t, double x, double y)
{
    x /= t;
    y /= t;
    s->xx += w * x * x;
    s->xy += w * x * y;
    s->yy += w * y * y;
    s->x += w * x;
    s->y += w * y;
}
static void two_solve(const two_t *s, double *a, double *b)
{
    double det = s->xx * s->yy - s->xy * s->xy;
    *a = det > 1e-12 * s->xx * s->yy ? (s->x * s->yy - s->y * s->xy) / det : -1.0;
    *b = det > 1e-12 * s->xx * s->yy ? (s->y * s->xx - s->x * s->xy) / det : -1.0;
    if (*a >= 0.0 && *b >= 0.0) return;
    double only_x = s->xx > 0.0 ? s->x / s->xx : 0.0, only_y = s->yy > 0.0 ? s->y / s->yy : 0.0;
    bool x_better = only_x * s->x >= only_y * s->y;
    *a = x_better ? fmax(only_x, 0.0) : 0.0;
    *b = x_better ? 0.0 : fmax(only_y, 0.0);
}

static void constants(const weft_calibration_t *c, const bool *out, weft_wire_model_t *m)
{
    two_t cap = {0}, res = {0};
    for (int32_t k = 0; k < c->n_designs; k++) {
        const weft_i_design_rows_t *d = &c->design[k];
        for (int64_t i = d->first; i < d->first + d->n && !(out && out[k]); i++) {
            const weft_i_net_row_t *r = &c->rows.row[i];
            two_add(&cap, weft_i_cap_weight(d, r), (double)r->cap * 1e15, (double)r->length * 1e6, (double)r->n_pins);
            if (weft_i_has_elmore(r)) two_add(&res, weft_i_res_weight(d, r), (double)r->elmore, (double)r->elmore_len * 1e6, (double)r->elmore_edge);
        }
    }
    two_solve(&cap, &m->c, &m->c_pin);
    two_solve(&res, &m->r, &m->r_edge);
    m->c *= 1e-9;
    m->c_pin *= 1e-15;
    m->r *= 1e6;
}

typedef struct weighted { double v, w; } weighted_t;
static int by_value(const void *a, const void *b)
{
    double x = ((const weighted_t *)a)->v, y = ((const weighted_t *)b)->v;
    return (x > y) - (x < y);
}
static double weighted_median(weighted_t *v, int64_t n)
{
    double sum = 0.0, half = 0.0;
    qsort(v, (size_t)n, sizeof *v, by_value);
    for (int64_t i = 0; i < n; i++) sum += v[i].w;
    for (int64_t i = 0; i < n; i++)
        if ((half += v[i].w) >= sum / 2) return v[i].v;
    return 0.0;
}

typedef struct table { int64_t n; float *x, *y, *w; } table_t; /* what a boosted fit sees */
static void table_free(table_t *t)
{
    weft_i_free(t->x);
    weft_i_free(t->y);
    weft_i_free(t->w);
}

static weft_status_t fill(const weft_calibration_t *c, const bool *out, const weft_wire_model_t *m, bool res, table_t *t)
{
    weft_status_t status = WEFT_OK;
    size_t room = (size_t)c->rows.n + 1;
    WEFT_TRY_ALLOC(t->x = weft_i_malloc(room * WEFT_I_N_WIRE_FEATURES * sizeof *t->x));
    WEFT_TRY_ALLOC(t->y = weft_i_malloc(room * sizeof *t->y));
    WEFT_TRY_ALLOC(t->w = weft_i_malloc(room * sizeof *t->w));
    for (int32_t k = 0; k < c->n_designs; k++) {
        const weft_i_design_rows_t *d = &c->design[k];
        for (int64_t i = d->first; i < d->first + d->n && !(out && out[k]); i++) {
            const weft_i_net_row_t *r = &c->rows.row[i];
            double plain = res ? weft_i_plain_elmore(m, r) : weft_i_plain_cap(m, r), truth = res ? (double)r->elmore : (double)r->cap;
            if (!(plain > 0.0) || (res && !weft_i_has_elmore(r))) continue;
            memcpy(t->x + t->n * WEFT_I_N_WIRE_FEATURES, r->feature, sizeof r->feature);
            t->y[t->n] = (float)weft_i_clip_log(log(truth / plain));
            t->w[t->n++] = (float)(res ? weft_i_res_weight(d, r) : weft_i_cap_weight(d, r));
        }
    }
done:
    return status;
}

static weft_status_t copy_trees(weft_i_boost_t **to, const weft_i_boost_t *m)
{
    weft_status_t status = WEFT_OK;
    weft_i_boost_t *n = NULL;
    *to = NULL;
    if (!m) return WEFT_OK;
    size_t nodes = (size_t)m->n_nodes + 1;
    WEFT_TRY_ALLOC(n = weft_i_calloc(1, sizeof *n));
    n->n_features = m->n_features;
    n->n_trees = m->n_trees;
    n->n_nodes = m->n_nodes;
    n->base = m->base;
    WEFT_TRY_ALLOC(n->first = weft_i_malloc(((size_t)m->n_trees + 1) * 4));
    WEFT_TRY_ALLOC(n->feature = weft_i_malloc(nodes * 4));
    WEFT_TRY_ALLOC(n->left = weft_i_malloc(nodes * 4));
    WEFT_TRY_ALLOC(n->threshold = weft_i_malloc(nodes * 4));
    WEFT_TRY_ALLOC(n->value = weft_i_malloc(nodes * 4));
    memcpy(n->first, m->first, ((size_t)m->n_trees + 1) * 4);
    if (m->n_nodes) {
        memcpy(n->feature, m->feature, (size_t)m->n_nodes * 4);
        memcpy(n->left, m->left, (size_t)m->n_nodes * 4);
        memcpy(n->threshold, m->threshold, (size_t)m->n_nodes * 4);
        memcpy(n->value, m->value, (size_t)m->n_nodes * 4);
    }
    *to = n;
    n = NULL;
done:
    weft_i_boost_free(n);
    return status;
}

/* Trees for C or the Elmore delay, or none, and what is left of the error. */
static weft_status_t boosted(const weft_calibration_t *c, const bool *out, bool any, weft_wire_model_t *m, bool res, double *error)
{
    weft_status_t status = WEFT_OK;
    table_t t = {0};
    weighted_t *v = NULL;
    weft_i_boost_t **trees = res ? &m->res_trees : &m->cap_trees;
    const weft_i_boost_options_t options = {.n_trees = 300, .depth = 5, .rate = 0.05, .min_weight = 200};
    const weft_i_boost_t none = {.n_features = WEFT_I_N_WIRE_FEATURES, .first = (int32_t[]){0}};
    WEFT_TRY(fill(c, out, m, res, &t));
    WEFT_TRY(any ? weft_i_boost_fit(trees, (int32_t)t.n, WEFT_I_N_WIRE_FEATURES, t.x, t.y, t.w, &options) : copy_trees(trees, &none));
    WEFT_TRY_ALLOC(v = weft_i_malloc(((size_t)t.n + 1) * sizeof *v));
    for (int64_t i = 0; i < t.n; i++) v[i] = (weighted_t){fabs((double)t.y[i] - weft_i_boost_at(*trees, t.x + i * WEFT_I_N_WIRE_FEATURES)), (double)t.w[i]};
    *error = weighted_median(v, t.n);
done:
    table_free(&t);
    weft_i_free(v);
    return status;
}

static weft_status_t few(const weft_calibration_t *c, const bool *out, weft_fit_report_t *report, weft_diag_t *diag)
{
    *report = (weft_fit_report_t){0};
    for (int32_t k = 0; k < c->n_designs; k++)
        if (!out || !out[k]) report->n_nets += c->design[k].n;
    if (report->n_nets >= 50 && report->n_nets < INT32_MAX) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "calibrate-few", NULL, 0, 0, "%lld nets are placed and routed; at least 50 are needed", (long long)report->n_nets);
    return WEFT_EINPUT;
}

static weft_status_t fit(const weft_calibration_t *c, const bool *out, bool trees, weft_wire_model_t **model, weft_fit_report_t *report, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_wire_model_t *m = NULL;
    weft_fit_report_t own;
    if (!report) report = &own;
    *model = NULL;
    WEFT_TRY(few(c, out, report, diag));
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    WEFT_TRY_ALLOC(m->name = weft_i_strndup("fitted", 6));
    m->topology = WEFT_I_SHORT_WAYS;
    constants(c, out, m);
    WEFT_TRY(boosted(c, out, trees, m, false, &report->cap_error));
    WEFT_TRY(boosted(c, out, trees, m, true, &report->res_error));
    report->c = m->c;
    report->c_pin = m->c_pin;
    report->r = m->r;
    report->r_edge = m->r_edge;
    *model = m;
    m = NULL;
done:
    weft_wire_model_free(m);
    return status;
}

weft_status_t weft_calibration_fit(const weft_calibration_t *c, const bool *out, weft_wire_model_t **model, weft_fit_report_t *report, weft_diag_t *diag) { return fit(c, out, true, model, report, diag); }
weft_status_t weft_calibration_fit_constants(const weft_calibration_t *c, const bool *out, weft_wire_model_t **model, weft_fit_report_t *report, weft_diag_t *diag) { return fit(c, out, false, model, report, diag); }

weft_status_t weft_calibration_offsets(const weft_calibration_t *c, const weft_wire_model_t *m, int32_t design, double *cap, double *res, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_i_design_rows_t *d = &c->design[design];
    double sum[2] = {0}, weight[2] = {0};
    float *answer = NULL;
    *cap = *res = 0.0;
    if (m->n_kept) WEFT_TRY(weft_i_net_model_answer(&answer, NULL, m, &d->graph, diag));
    for (int64_t i = d->first, node = 0; i < d->first + d->n; i++) {
        const weft_i_net_row_t *r = &c->rows.row[i];
        while (node + 1 < d->graph.n && d->graph.net[node] < r->net) node++;
        for (int k = 0; k < 2; k++) {
            double plain = k ? weft_i_plain_elmore(m, r) : weft_i_plain_cap(m, r), w = k ? weft_i_res_weight(d, r) : weft_i_cap_weight(d, r);
            const weft_i_boost_t *trees = k ? m->res_trees : m->cap_trees;
            if (!(plain > 0.0) || (k && !weft_i_has_elmore(r))) continue;
            double said = trees ? weft_i_boost_at(trees, r->feature) : 0.0;
            if (answer && d->graph.net[node] == r->net) said = weft_i_with_net(m->net_alone, said, answer[node * WEFT_I_NET_OUT + k]);
            double y = log((k ? (double)r->elmore : (double)r->cap) / plain) - said - (k ? m->res_offset : m->cap_offset);
            sum[k] += w * weft_i_clip_log(y);
            weight[k] += w;
        }
    }
    *cap = weight[0] > 0.0 ? sum[0] / weight[0] : 0.0;
    *res = weight[1] > 0.0 ? sum[1] / weight[1] : 0.0;
done:
    weft_i_free(answer);
    return status;
}

/* What the mean offset of n designs of a flow says of its next one. Offsets vary within families as much as between them (sky130hd: of either's deviation one design
 * tells the half), so n / (n + 1) of it is kept; more of what lies beyond 3 deviations, which is a flow of another kind. */
static double trusted(double offset, double deviation, int32_t n)
{
    double usual = 3.0 * deviation, beyond = fabs(offset) > usual ? usual / fabs(offset) : 1.0;
    return offset * (1.0 - beyond * beyond / (n + 1));
}

weft_status_t weft_calibration_refit(const weft_calibration_t *c, const weft_wire_model_t *base, weft_wire_model_t **model, weft_fit_report_t *report, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_wire_model_t *m = NULL;
    weft_fit_report_t own;
    double cap = 0.0, res = 0.0;
    if (!report) report = &own;
    *model = NULL;
    WEFT_TRY(few(c, NULL, report, diag));
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    *m = *base;
    m->cap_trees = m->res_trees = NULL;
    m->kept = NULL;
    m->n_kept = 0;
    m->json = NULL;
    m->name = NULL;
    WEFT_TRY_ALLOC(m->name = weft_i_strndup(base->name, strlen(base->name)));
    WEFT_TRY(copy_trees(&m->cap_trees, base->cap_trees));
    WEFT_TRY(copy_trees(&m->res_trees, base->res_trees));
    WEFT_TRY(weft_i_kept_copy(&m->kept, base->kept, base->n_kept));
    m->n_kept = base->n_kept;
    for (int32_t k = 0; k < c->n_designs; k++) {
        double a, b;
        WEFT_TRY(weft_calibration_offsets(c, base, k, &a, &b, diag));
        cap += a / c->n_designs;
        res += b / c->n_designs;
    }
    m->cap_offset += trusted(cap, m->cap_spread / WEFT_CAP_SPREAD, c->n_designs);
    m->res_offset += trusted(res, m->res_spread / WEFT_RES_SPREAD, c->n_designs);
    double left = sqrt((c->n_designs + 2.0) / (2.0 * c->n_designs + 2.0));
    m->cap_spread *= left;
    m->res_spread *= left;
    *report = (weft_fit_report_t){.n_nets = report->n_nets, .c = m->c, .c_pin = m->c_pin, .r = m->r, .r_edge = m->r_edge, .cap_error = fabs(cap), .res_error = fabs(res)};
    *model = m;
    m = NULL;
done:
    weft_wire_model_free(m);
    return status;
}

void weft_wire_model_set_error(weft_wire_model_t *m, double cap_spread, double res_spread, const double interval[2])
{
    m->cap_spread = cap_spread;
    m->res_spread = res_spread;
    m->interval[0] = interval[0];
    m->interval[1] = interval[1];
}

weft_status_t weft_wire_model_write(const weft_wire_model_t *m, const weft_model_story_t *s, const char *path, weft_diag_t *diag)
{
    const weft_i_model_story_t story = {.library = s->library, .title = s->title, .trained_on = s->trained_on, .command = s->command,
                                        .n_nets = s->fit ? s->fit->n_nets : 0, .cap_error = s->fit ? s->fit->cap_error : 0.0, .res_error = s->fit ? s->fit->res_error : 0.0};
    return weft_i_model_file_write(m, &story, path, diag);
}
