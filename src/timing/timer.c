/* timing/timer.c: one timer from design and constraints to slacks, and what callers read from it. */
#include "timing/timer.h"
#include "base/alloc.h"
#include "base/status.h"
#include "timing/wire_model.h"

#include <math.h>

/* The timer's own numbers beside the graph, which may be another timer's too. */
static weft_status_t own_values(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    WEFT_TRY_ALLOC(t->delay = weft_i_calloc((size_t)t->n_delays, sizeof *t->delay));
    WEFT_TRY_ALLOC(t->is_clock = weft_i_calloc((size_t)t->n_nodes, 1));
    WEFT_TRY_ALLOC(t->is_endpoint = weft_i_calloc((size_t)t->n_nodes, 1));
done:
    return status;
}

typedef struct phase { const char *name; weft_status_t (*step)(weft_timer_t *, weft_diag_t *); } phase_t;
enum { N_PHASES = 12, N_SHARED = 4, N_PARALLEL = 8 }; /* what timers share; the first N_PARALLEL use all threads, the others one: search by tags has an order */
static const phase_t phases[N_PHASES] = {{"graph", weft_i_timer_graph}, {"constants", weft_i_timer_constants}, {"clock network", weft_i_timer_clock_network}, {"levels", weft_i_timer_levels},
                                         {"values", own_values}, {"settings", weft_i_timer_settings}, {"delays", weft_i_timer_delays},
                                         {"given delays", weft_i_timer_given_delays}, {"clocks", weft_i_timer_clocks},
                                         {"arrivals", weft_i_timer_arrivals}, {"checks", weft_i_timer_checks}, {"required", weft_i_timer_required}};

static weft_status_t run(weft_timer_t *t, int32_t first, int32_t last, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = first; i < last; i++) {
        if (t->opt.progress && !t->opt.progress(t->opt.progress_context, phases[i].name, (double)i / N_PHASES)) WEFT_TRY(WEFT_ECANCEL);
        WEFT_TRY(phases[i].step(t, diag));
    }
done:
    return status;
}

static void share(weft_timer_t *t, const weft_timer_t *like)
{
#define SHARE(array) t->array = like->array;
    WEFT_I_TIMER_SHARED(SHARE)
#undef SHARE
    t->n_nodes = like->n_nodes;
    t->n_edges = like->n_edges;
    t->n_delays = like->n_delays;
    t->n_levels = like->n_levels;
    t->counts.n_nodes = like->counts.n_nodes;
    t->counts.n_edges = like->counts.n_edges;
    t->counts.n_levels = like->counts.n_levels;
    t->counts.n_cut_edges = like->counts.n_cut_edges;
    t->n_users = like->n_users;
    atomic_fetch_add(t->n_users, 1);
}

static void unshare(weft_timer_t *t)
{
    if (!t->n_users || atomic_fetch_sub(t->n_users, 1) > 1) return;
#define FREE(array) weft_i_free(t->array);
    WEFT_I_TIMER_SHARED(FREE)
#undef FREE
    weft_i_free(t->n_users);
}

weft_status_t weft_i_timer_begin(weft_timer_t **timer, const weft_design_t *design, const weft_constraints_t *constraints, const weft_timing_options_t *options, const weft_timer_t *like,
                                 weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_timer_t *t = NULL;
    WEFT_TRY_ALLOC(t = weft_i_calloc(1, sizeof *t));
    t->design = design;
    t->lib = design->library;
    if (options) t->opt = *options;
    if (t->opt.wires) {
        t->wires = weft_i_wires_source(t->opt.wires);
        t->has_wires = true;
    }
    if (!constraints) WEFT_TRY_ALLOC(t->no_constraints = weft_constraints_new());
    t->sdc = constraints ? constraints : t->no_constraints;
    WEFT_TRY(weft_i_exceptions_init(&t->exceptions, t->sdc, design));
    WEFT_TRY(weft_i_derates_init(&t->derates, t->sdc, design));
    t->wire_load = t->sdc->wire_load_model >= 0 ? t->sdc->wire_load_model : t->lib->n_files ? t->lib->file[0].default_wire_load : -1;
    t->n_aps = t->lib->n_aps;
    t->n_corners = t->lib->n_corners;
    t->calc = weft_i_delay_calc_find(t->opt.delay_model ? t->opt.delay_model : "ceff");
    if (!t->calc) {
        weft_diag_add(diag, WEFT_ERROR, "timing-delay-model", NULL, 0, 0, "no delay model %s; there are: ceff, lumped", t->opt.delay_model);
        WEFT_TRY(WEFT_EUSAGE);
    }
    bool alike = like && like->opt.enable_preset_clear == t->opt.enable_preset_clear;
    if (alike) share(t, like);
    else {
        WEFT_TRY_ALLOC(t->n_users = weft_i_malloc(sizeof *t->n_users));
        atomic_init(t->n_users, 1);
    }
    WEFT_TRY(run(t, alike ? N_SHARED : 0, N_PARALLEL, diag));
    *timer = t;
    t = NULL;
done:
    weft_timer_free(t);
    return status;
}

weft_status_t weft_i_timer_search(weft_timer_t *t, weft_diag_t *diag) { return run(t, N_PARALLEL, N_PHASES, diag); }

weft_status_t weft_timers_new(weft_timer_t **timers, int32_t n, const weft_design_t *design, const weft_constraints_t *constraints,
                              const weft_timing_options_t *options, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; i < n; i++) timers[i] = NULL;
    for (int32_t i = 0; i < n; i++) WEFT_TRY(weft_i_timer_begin(&timers[i], design, constraints, options ? &options[i] : NULL, i ? timers[0] : NULL, i ? NULL : diag));
    int32_t n_threads = n < weft_threads() ? n : weft_threads();
    if (n_threads > 1) {
        weft_status_t failed = WEFT_OK;
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads)
        for (int32_t i = 0; i < n; i++) {
            weft_status_t s = weft_i_timer_search(timers[i], i ? NULL : diag);
#pragma omp critical(weft_timers)
            if (s != WEFT_OK) failed = s;
        }
        WEFT_TRY(failed);
    } else for (int32_t i = 0; i < n; i++) WEFT_TRY(weft_i_timer_search(timers[i], i ? NULL : diag));
done:
    for (int32_t i = 0; i < n && status != WEFT_OK; i++) {
        weft_timer_free(timers[i]);
        timers[i] = NULL;
    }
    return status;
}

weft_status_t weft_timer_new(weft_timer_t **timer, const weft_design_t *design, const weft_constraints_t *constraints,
                             const weft_timing_options_t *options, weft_diag_t *diag)
{
    return weft_timers_new(timer, 1, design, constraints, options, diag);
}

void weft_timer_free(weft_timer_t *t)
{
    if (!t) return;
    for (int32_t ap = 0; ap < t->n_aps; ap++) {
        if (t->endpoint) weft_i_free(t->endpoint[ap]);
        if (t->endpoint_path) weft_i_free(t->endpoint_path[ap]);
    }
    unshare(t);
    WEFT_I_FREE_ALL(t->delay, t->slew, t->port_drive, t->port_load, t->port_slew, t->port_drive_delay, t->port_driving_cell, t->corner_split, t->clock,
                    t->master_guess, t->clock_unrelated, t->separation, t->path, t->path_first, t->is_clock, t->is_endpoint,
                    t->data_check_first, t->data_check_of, t->port_delay_first, t->port_delay_of, t->n_endpoints, t->endpoint,
                    t->endpoint_path);
    weft_i_tags_destroy(&t->tags);
    weft_i_exceptions_destroy(&t->exceptions);
    weft_i_derates_destroy(&t->derates);
    weft_constraints_free(t->no_constraints);
    weft_i_free(t);
}

weft_pin_timing_t weft_timer_pin(const weft_timer_t *t, int32_t corner, int32_t pin, bool as_driver)
{
    weft_pin_timing_t r;
    for (int32_t el = 0; el < 2; el++)
        for (int32_t e = 0; e < 2; e++) {
            r.slew[el][e] = NAN;
            r.arrival[el][e] = r.slack[el][e] = NAN;
        }
    r.is_clock = r.is_endpoint = false;
    int32_t node = as_driver || t->load_node[pin] < 0 ? t->driver_node[pin] : t->load_node[pin], n;
    if (node < 0) return r;
    r.is_clock = t->is_clock[node];
    r.is_endpoint = t->is_endpoint[node];
    for (int32_t el = 0; el < 2; el++)
        for (int32_t e = 0; e < 2; e++) r.slew[el][e] = weft_i_slew(t, node, e)[2 * corner + el];
    const weft_i_path_t *p = weft_i_node_paths(t, node, &n);
    for (int32_t i = 0; i < n; i++) {
        if (p[i].ap >> 1 != corner) continue;
        int32_t el = p[i].ap & 1;
        double *a = &r.arrival[el][p[i].edge], *s = &r.slack[el][p[i].edge];
        if (isnan(*a) || (el ? p[i].arrival > *a : p[i].arrival < *a)) *a = p[i].arrival;
        double slack = el ? p[i].required - p[i].arrival : p[i].arrival - p[i].required;
        if (isnan(*s) || slack < *s) *s = isnan(slack) ? *s : slack;
    }
    return r;
}

const weft_endpoint_t *weft_timer_endpoints(const weft_timer_t *t, int32_t corner, int32_t early_late, int32_t *n)
{
    *n = t->n_endpoints[2 * corner + early_late];
    return t->endpoint[2 * corner + early_late];
}

double weft_timer_wns(const weft_timer_t *t, int32_t corner, int32_t early_late)
{
    int32_t n;
    const weft_endpoint_t *e = weft_timer_endpoints(t, corner, early_late, &n);
    return n ? e[0].slack : NAN;
}

double weft_timer_tns(const weft_timer_t *t, int32_t corner, int32_t early_late)
{
    int32_t n;
    double sum = 0.0;
    const weft_endpoint_t *e = weft_timer_endpoints(t, corner, early_late, &n);
    for (int32_t i = 0; i < n && e[i].slack < 0.0; i++) sum += e[i].slack;
    return sum;
}

weft_timer_counts_t weft_timer_counts(const weft_timer_t *t) { return t->counts; }

const char *weft_check_kind_text(weft_check_kind_t kind)
{
    static const char *const text[] = {"setup", "hold", "recovery", "removal", "output setup", "output hold", "clock gating setup",
                                       "clock gating hold", "data setup", "data hold", "max delay", "min delay", "latch setup"};
    return (size_t)kind < sizeof text / sizeof *text ? text[kind] : "?";
}
