/* timing/delays.c: gate and wire delays and slews, level by level; a level's drivers in parallel, so that each node is
 * written by one thread. Nets with several drivers share their sinks and are taken one after the other. */
#include "base/alloc.h"
#include "base/crew.h"
#include "base/status.h"
#include "timing/driver_load.h"

#include <math.h>
#include <omp.h>
#include <string.h>

typedef weft_i_load_t worker_t; /* one thread's */

static const weft_thresholds_t *thresholds_of(const weft_timer_t *t, int32_t ap)
{
    return &t->lib->file[t->lib->ap_file[ap]].thresholds;
}

static int32_t node_port(const weft_timer_t *t, int32_t node) { return t->node_pin[node] - t->design->n_inst_pins; }

static bool better(float old, double now, bool early) { return isnan(old) || (early ? now < old : now > old); }

/* Wires from a driver edge to all sinks: merges delay and slew into the net edges and sinks. Independently of each
 * other, as the golden timer does. */
static void drive_sinks(weft_timer_t *t, worker_t *w, int32_t node, int32_t edge, int32_t ap, int32_t n_loads, int32_t nv,
                        const weft_i_drive_t *drive, const double *port_slew)
{
    bool early = !(ap & 1);
    int32_t v = nv == 4 ? (ap & 1) * 2 + edge : edge;
    int32_t pair = edge == WEFT_RISE ? 0 : 3, e = t->out_first[node];
    for (int32_t i = 0; i < n_loads; i++) {
        int32_t sink = t->load_node[w->load[i]];
        if (sink < 0 || w->load[i] == t->node_pin[node]) continue;
        while (e < t->out_first[node + 1] && (t->edge_arc[e] >= 0 || t->edge_to[e] != sink)) e++;
        if (e == t->out_first[node + 1]) return;
        double delay, slew, elmore = w->elmore[(int64_t)i * nv + v], beta = t->calc->needs_beta ? w->beta[(int64_t)i * nv + v] : 0;
        if (port_slew) t->calc->port_sink(thresholds_of(t, ap), edge, *port_slew, elmore, beta, &delay, &slew);
        else t->calc->sink(drive, elmore, beta, &delay, &slew);
        float *to_delay = weft_i_edge_delay(t, e, pair) + ap, *to_slew = weft_i_slew(t, sink, edge) + ap;
        if (better(*to_delay, delay, early)) *to_delay = (float)delay;
        if (better(*to_slew, slew, early)) *to_slew = (float)slew;
        e++;
    }
}

/* The slew an arc starts from: at a register under an ideal clock the clock's own transition. */
static float slew_from(const weft_timer_t *t, int32_t node, int32_t edge, int32_t ap)
{
    float ideal = t->ideal_slew ? t->ideal_slew[(int64_t)node * 4 + 2 * edge + (ap & 1)] : NAN;
    return isnan(ideal) ? weft_i_slew(t, node, edge)[ap] : ideal;
}

static float slew_into(const weft_timer_t *t, int32_t e, int32_t edge, int32_t ap)
{
    bool launch = t->edge_kind[e] == WEFT_I_EDGE_CLK_Q || t->edge_kind[e] == WEFT_I_EDGE_EN_Q;
    return launch ? slew_from(t, t->edge_from[e], edge, ap) : weft_i_slew(t, t->edge_from[e], edge)[ap];
}

/* One arc into the driver, one edge pair, one ap: a gate solve. */
static void solve_arc(weft_timer_t *t, worker_t *w, int32_t e, int32_t pair, int32_t ap, const weft_i_pi_t *pi, weft_i_drive_t *drive)
{
    int32_t from_edge = pair >> 1, to_edge = pair & 1;
    const weft_arc_t *arc = &t->lib->arc[t->edge_arc[e]];
    const int32_t *table = t->lib->arc_table + arc->table_at + 4 * (int64_t)ap;
    weft_i_gate_t gate = {.library = t->lib, .delay_table = table[to_edge], .slew_table = table[2 + to_edge],
                          .in_slew = slew_into(t, e, from_edge, ap), .out_edge = to_edge,
                          .thresholds = thresholds_of(t, ap)};
    t->calc->gate(&gate, pi, drive);
    w->n_solves++;
}

static bool same_inputs(const weft_timer_t *t, int32_t e, int32_t from_edge, int32_t ap_early)
{
    const float slew[2] = {slew_into(t, e, from_edge, ap_early), slew_into(t, e, from_edge, ap_early + 1)};
    const weft_arc_t *arc = &t->lib->arc[t->edge_arc[e]];
    const int32_t *a = t->lib->arc_table + arc->table_at + 4 * (int64_t)ap_early;
    return slew[0] == slew[1] && !memcmp(a, a + 4, 4 * sizeof *a);
}

static void merge_drive(weft_timer_t *t, worker_t *w, int32_t node, int32_t e, int32_t pair, int32_t ap,
                        const weft_i_drive_t *drive, int32_t n_loads, int32_t nv)
{
    int32_t to_edge = pair & 1;
    weft_i_edge_delay(t, e, pair)[ap] = (float)drive->delay;
    float *slew = weft_i_slew(t, node, to_edge) + ap;
    if (better(*slew, drive->slew, !(ap & 1))) *slew = (float)drive->slew;
    drive_sinks(t, w, node, to_edge, ap, n_loads, nv, drive, NULL);
}

static void gates_of_corner(weft_timer_t *t, worker_t *w, int32_t node, int32_t corner, int32_t n_loads, int32_t nv, const weft_i_pi_t *pi)
{
    for (int32_t i = t->in_first[node]; i < t->in_first[node + 1]; i++) {
        int32_t e = t->in_edge[i];
        if (t->edge_arc[e] < 0 || t->edge_off[e]) continue;
        for (int32_t pair = 0; pair < 4; pair++) {
            if (!(t->edge_pairs[e] >> pair & 1)) continue;
            int32_t a0 = 2 * corner;
            weft_i_drive_t drive;
            bool used = t->edge_used[e] >> pair & 1, shared = nv == 2 && same_inputs(t, e, pair >> 1, a0);
            for (int32_t el = 0; el < 2; el++) {
                const float *in = weft_i_slew(t, t->edge_from[e], pair >> 1) + a0 + el;
                if (isnan(*in)) continue;
                if (el == 0 || !shared) solve_arc(t, w, e, pair, a0 + el, &pi[nv == 4 ? el * 2 + (pair & 1) : pair & 1], &drive);
                if (used) merge_drive(t, w, node, e, pair, a0 + el, &drive, n_loads, nv);
                else weft_i_edge_delay(t, e, pair)[a0 + el] = (float)drive.delay;
            }
        }
    }
}

/* A port with set_driving_cell: its gate is timed, less its delay without load. */
static void drive_by_cell(weft_timer_t *t, worker_t *w, const weft_driving_cell_t *dc, int32_t node, int32_t corner, int32_t n_loads,
                          int32_t nv, const weft_i_pi_t *pi)
{
    const weft_lib_cell_t *cell = &t->lib->cell[dc->lib_cell];
    for (int32_t a = cell->first_arc; a < cell->first_arc + cell->n_arcs; a++) {
        const weft_arc_t *arc = &t->lib->arc[a];
        if (weft_arc_type_is_check((weft_arc_type_t)arc->type) || arc->type >= WEFT_ARC_PRESET) continue;
        if ((dc->to_port >= 0 && arc->to != dc->to_port) || (dc->from_port >= 0 && arc->from != dc->from_port)) continue;
        for (int32_t pair = 0; pair < 4; pair++) {
            if (!(arc->edges >> pair & 1)) continue;
            for (int32_t el = 0; el < 2; el++) {
                int32_t ap = 2 * corner + el, edge = pair & 1;
                if (!(dc->edges >> edge & 1) || !(dc->minmax >> el & 1)) continue;
                const int32_t *table = t->lib->arc_table + arc->table_at + 4 * (int64_t)ap;
                double in = dc->from_slew[pair >> 1];
                weft_i_gate_t gate = {.library = t->lib, .delay_table = table[edge], .slew_table = table[2 + edge],
                                      .in_slew = isnan(in) ? 0 : in, .out_edge = edge, .thresholds = thresholds_of(t, ap)};
                weft_i_drive_t drive, empty;
                weft_i_pi_t none = {0, 0, 0};
                t->calc->gate(&gate, &pi[nv == 4 ? el * 2 + edge : edge], &drive);
                t->calc->gate(&gate, &none, &empty);
                float *slew = weft_i_slew(t, node, edge) + ap, *extra = t->port_drive_delay + ((int64_t)node_port(t, node) * 2 + edge) * t->n_aps + ap;
                double intrinsic = drive.delay - empty.delay;
                if (better(*slew, drive.slew, !el)) *slew = (float)drive.slew;
                if (better(*extra, intrinsic, !el)) *extra = (float)intrinsic;
                drive_sinks(t, w, node, edge, ap, n_loads, nv, &drive, NULL);
                w->n_solves++;
            }
        }
    }
}

/* set_drive: resistance times load is the delay and the slew of the port. Without it the port's own slew. */
static double drive_by_resistance(weft_timer_t *t, int32_t node, int32_t edge, int32_t ap, const weft_i_pi_t *pi)
{
    int64_t at = ((int64_t)node_port(t, node) * 2 + edge) * t->n_aps + ap;
    float *slew = weft_i_slew(t, node, edge) + ap;
    if (t->port_drive && !isnan(t->port_drive[at])) {
        *slew = t->port_drive[at] * (pi->c_near + pi->c_far);
        t->port_drive_delay[at] = *slew;
    }
    return (double)*slew;
}

static void drive_node(weft_timer_t *t, worker_t *w, int32_t node)
{
    const weft_design_t *d = t->design;
    int32_t pin = t->node_pin[node], net = d->pin_net[pin];
    weft_rc_net_t view = {0};
    if (net >= 0 && (w->status = weft_i_load_wire(t, w, net, pin, &view)) != WEFT_OK) return;
    for (int32_t corner = 0; corner < t->n_corners; corner++) {
        weft_i_pi_t pi[4];
        int32_t n_loads = 0, nv = 2;
        if ((w->status = weft_i_load_reduce(t, w, &view, node, corner, &n_loads, &nv, pi)) != WEFT_OK) return;
        if (pin < d->n_inst_pins) {
            gates_of_corner(t, w, node, corner, n_loads, nv, pi);
            continue;
        }
        int32_t dc = t->port_driving_cell[pin - d->n_inst_pins];
        if (dc >= 0) {
            drive_by_cell(t, w, &t->sdc->driving_cell[dc], node, corner, n_loads, nv, pi);
            continue;
        }
        for (int32_t ap = 2 * corner; ap < 2 * corner + 2; ap++)
            for (int32_t edge = 0; edge < 2; edge++) {
                double slew = drive_by_resistance(t, node, edge, ap, &pi[nv == 4 ? (ap & 1) * 2 + edge : edge]);
                drive_sinks(t, w, node, edge, ap, n_loads, nv, NULL, &slew);
            }
    }
}

/* Checks: setup takes the early clock slew and the late data slew, hold the reverse. */
static void check_edges(weft_timer_t *t, int32_t node)
{
    for (int32_t i = t->in_first[node]; i < t->in_first[node + 1]; i++) {
        int32_t e = t->in_edge[i];
        if (!weft_i_edge_is_check(t->edge_kind[e])) continue;
        const weft_arc_t *arc = &t->lib->arc[t->edge_arc[e]];
        for (int32_t pair = 0; pair < 4; pair++) {
            if (!(t->edge_pairs[e] >> pair & 1)) continue;
            for (int32_t ap = 0; ap < t->n_aps; ap++) {
                int32_t table = t->lib->arc_table[arc->table_at + 4 * (int64_t)ap + (pair & 1)];
                float clock = slew_from(t, t->edge_from[e], pair >> 1, ap ^ 1), data = weft_i_slew(t, node, pair & 1)[ap];
                weft_i_edge_delay(t, e, pair)[ap] = table < 0 || isnan(clock) || isnan(data) ? 0.0f
                                                  : (float)weft_table_at(t->lib, table, clock, 0.0, data);
            }
        }
    }
}

/* D to Q edges that lie on a loop have a delay, too, though nothing is swept through them. */
static weft_status_t cut_latches(weft_timer_t *t, worker_t *w)
{
    for (int32_t e = 0; e < t->n_edges; e++) {
        if (t->edge_kind[e] != WEFT_I_EDGE_D_Q || t->edge_off[e] != WEFT_I_OFF_LOOP) continue;
        int32_t node = t->edge_to[e], net = t->design->pin_net[t->node_pin[node]], n_loads, nv;
        weft_rc_net_t view = {0};
        weft_i_pi_t pi[4];
        weft_status_t status = net >= 0 ? weft_i_load_wire(t, w, net, t->node_pin[node], &view) : WEFT_OK;
        for (int32_t corner = 0; corner < t->n_corners && status == WEFT_OK; corner++) {
            status = weft_i_load_reduce(t, w, &view, node, corner, &n_loads, &nv, pi);
            for (int32_t pair = 0; pair < 4 && status == WEFT_OK; pair++)
                for (int32_t el = 0; el < 2 && (t->edge_pairs[e] >> pair & 1); el++) {
                    weft_i_drive_t drive;
                    if (isnan(weft_i_slew(t, t->edge_from[e], pair >> 1)[2 * corner + el])) continue;
                    solve_arc(t, w, e, pair, 2 * corner + el, &pi[nv == 4 ? el * 2 + (pair & 1) : pair & 1], &drive);
                    weft_i_edge_delay(t, e, pair)[2 * corner + el] = (float)drive.delay;
                }
        }
        if (status != WEFT_OK) return status;
    }
    return WEFT_OK;
}

static void init_values(weft_timer_t *t)
{
    const weft_design_t *d = t->design;
    for (int64_t i = 0; i < (int64_t)t->n_nodes * 2 * t->n_aps; i++) t->slew[i] = NAN;
    for (int32_t e = 0; e < t->n_edges; e++)
        if (t->edge_arc[e] < 0)
            for (int32_t k = 0; k < 2 * t->n_aps; k++) t->delay[t->delay_at[e] + k] = NAN;
    for (int32_t i = 0; i < t->n_nodes; i++) { /* starts: ports, pins of nothing, undriven loads */
        int32_t pin = t->node_pin[i];
        bool port = pin >= d->n_inst_pins && t->driver_node[pin] == i, root = true;
        for (int32_t k = t->in_first[i]; k < t->in_first[i + 1] && root; k++) root = weft_i_edge_is_check(t->edge_kind[t->in_edge[k]]);
        if (t->value[i] != 2) { /* a constant moves nothing, in no time */
            for (int32_t k = 0; k < 2 * t->n_aps; k++) t->slew[(int64_t)i * 2 * t->n_aps + k] = 0.0f;
            for (int32_t e = t->out_first[i]; e < t->out_first[i + 1]; e++)
                if (t->edge_arc[e] < 0)
                    for (int32_t k = 0; k < 2 * t->n_aps; k++) t->delay[t->delay_at[e] + k] = 0.0f;
            continue;
        }
        if (port && t->port_driving_cell[pin - d->n_inst_pins] >= 0) continue;
        if (!port && !root) continue;
        for (int32_t k = 0; k < 2 * t->n_aps; k++)
            t->slew[(int64_t)i * 2 * t->n_aps + k] = port ? t->port_slew[(int64_t)(pin - d->n_inst_pins) * 2 * t->n_aps + k] : 0.0f;
    }
}

static bool shared_net(const weft_timer_t *t, int32_t node)
{
    int32_t net = t->design->pin_net[t->node_pin[node]];
    return net >= 0 && t->design->net_n_drivers[net] > 1;
}

static bool to_drive(const weft_timer_t *t, int32_t node) { return t->value[node] == 2 && t->driver_node[t->node_pin[node]] == node; }

enum { CHUNK = 16, FEW = 48 }; /* nodes taken at once; below FEW a level is one thread's */

/* One thread's part: level by level, chunks as they come. Levels too small to share go to thread 0 without a barrier between them, and nets with
 * several drivers to thread 0 behind one. */
static void sweep(weft_timer_t *t, worker_t *workers, weft_i_crew_t *crew, int me, int n)
{
    worker_t *w = &workers[me];
    bool apart = false; /* the level before was thread 0's alone */
    for (int32_t l = 0; l < t->n_levels; l++) {
        int32_t first = t->level_first[l], last = t->level_first[l + 1];
        bool alone = n == 1 || last - first < FEW;
        if (alone) {
            for (int32_t i = first; i < last && me == 0 && w->status == WEFT_OK; i++)
                if (to_drive(t, t->order[i])) drive_node(t, w, t->order[i]);
            apart = true;
            continue;
        }
        if (apart) weft_i_crew_wait(crew, n);
        apart = false;
        for (int64_t at; (at = first + weft_i_crew_take(crew, CHUNK)) < last;)
            for (int64_t i = at; i < last && i < at + CHUNK && w->status == WEFT_OK; i++)
                if (to_drive(t, t->order[i]) && !shared_net(t, t->order[i])) drive_node(t, w, t->order[i]);
        weft_i_crew_wait(crew, n);
        for (int32_t i = first; i < last && t->any_shared_net && me == 0 && w->status == WEFT_OK; i++)
            if (to_drive(t, t->order[i]) && shared_net(t, t->order[i])) drive_node(t, w, t->order[i]);
        apart = t->any_shared_net;
    }
    if (apart) weft_i_crew_wait(crew, n);
    for (int64_t at; (at = weft_i_crew_take(crew, 1024)) < t->n_nodes;)
        for (int64_t i = at; i < t->n_nodes && i < at + 1024; i++) check_edges(t, (int32_t)i);
}

weft_status_t weft_i_timer_delays(weft_timer_t *t, weft_diag_t *diag)
{
    (void)diag;
    weft_status_t status = WEFT_OK;
    weft_i_crew_t crew = {0};
    int32_t n_workers = weft_threads();
    worker_t *workers = NULL;
    WEFT_TRY_ALLOC(t->slew = weft_i_malloc((size_t)t->n_nodes * 2 * (size_t)t->n_aps * sizeof *t->slew));
    WEFT_TRY_ALLOC(workers = weft_i_calloc((size_t)n_workers, sizeof *workers));
    for (int32_t i = 0; i < n_workers && t->has_wires && t->wires.scratch_new; i++)
        WEFT_TRY_ALLOC(workers[i].wire_scratch = t->wires.scratch_new(t->wires.context));
    init_values(t);
#pragma omp parallel num_threads(n_workers)
    sweep(t, workers, &crew, omp_get_thread_num(), omp_get_num_threads());
    if (workers[0].status == WEFT_OK) workers[0].status = cut_latches(t, &workers[0]);
    for (int32_t i = 0; i < n_workers; i++) {
        if (workers[i].status != WEFT_OK) status = workers[i].status;
        t->counts.n_gate_solves += workers[i].n_solves;
        t->counts.n_annotated_nets += workers[i].n_spef;
        t->counts.n_estimated_nets += workers[i].n_estimated;
        t->counts.n_bare_nets += workers[i].n_bare;
    }
done:
    for (int32_t i = 0; workers && i < n_workers; i++) weft_i_load_destroy(t, &workers[i]);
    weft_i_free(workers);
    return status;
}
