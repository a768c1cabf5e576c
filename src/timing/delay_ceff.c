/* timing/delay_ceff.c: effective capacitance (Dartu, Menezes and Pileggi 1996). The driver is a ramp of width dt that starts at t0,
 * behind Rd. Three unknowns (t0, dt, Ceff), three equations: the ramp into Ceff crosses the delay threshold and the lower slew
 * threshold when the tables say, and draws the same mean current as the pi does. Everything is normalised to a rising 0..1 swing.
 *
 * With H(s) = (1 + z s) / ((1 + s/p1)(1 + s/p2)) from source to near end, the answer to a ramp of slope 1 is
 * g(t) = t + k + b exp(-p1 t) + d exp(-p2 t); a sink adds the pole p3 = 1 / elmore. */
#include "timing/delay_rows.h"
#include "timing/nldm.h"
#include "timing/waves.h"

#include <math.h>
#include <stdbool.h>

enum { KIND_CAP = 0, KIND_PI = 1 }; /* weft_i_drive_t.kind */
enum { P_P1 = 0, P_P2, P_K, P_B, P_D, P_CROSS, P_LATEST, P_LOW, P_HIGH }; /* in p[] */

typedef struct levels { double vth, vl, vh, derate; } levels_t;

static levels_t levels_of(const weft_thresholds_t *t, int32_t edge)
{
    levels_t v;
    v.derate = (double)t->slew_derate;
    if (edge == WEFT_RISE) {
        v.vth = (double)t->output_delay[0];
        v.vl = (double)t->slew_lower[0];
        v.vh = (double)t->slew_upper[0];
    } else { /* mirrored: the waveform is 1 - v */
        v.vth = 1.0 - (double)t->output_delay[1];
        v.vl = 1.0 - (double)t->slew_upper[1];
        v.vh = 1.0 - (double)t->slew_lower[1];
    }
    return v;
}

/* One pole tau driven by a ramp of slope 1: h, h' and dh/dtau at u (0 before the start); e = exp(-u / tau). */
static void one_pole(double u, double tau, double e, double *h, double *h1, double *h_tau)
{
    if (u <= 0.0) {
        *h = *h1 = *h_tau = 0.0;
        return;
    }
    *h = u - tau * (1.0 - e);
    *h1 = 1.0 - e;
    *h_tau = -(1.0 - e) + u / tau * e;
}

typedef struct solve {
    const weft_i_curve_t *delay, *slew;
    levels_t v;
    double rd, c, k, b, d, p1, p2; /* c: total */
    bool two;                       /* only t0 and dt are unknown: Ceff is given */
} solve_t;

/* Charge times Rd dt that the pi draws more than Ceff does within `span`; *rate: its slope by span. all: exp of minus p1, p2, 1 / tau times span. */
static double charge(const solve_t *s, double tau, double span, const double all[3], double *rate, double *by_tau)
{
    double e1 = all[0], e2 = all[1], e = all[2];
    *rate = -(s->k + s->b * e1 + s->d * e2) - tau * (1.0 - e);
    *by_tau = -(span - 2.0 * tau * (1.0 - e) + span * e);
    return -(s->k * span + s->b / s->p1 * (1.0 - e1) + s->d / s->p2 * (1.0 - e2)) - (tau * span - tau * tau * (1.0 - e));
}

/* Values and slopes of the equations at (t0, dt, ceff). The slopes are the golden timer's, not the true ones: table values
 * count as constant, the current's mean is over the whole ramp, and past the ramp's end dy/d(dt) has a sum where the
 * derivative has a difference. They do not move the solution, but decide where the steps leave 0..C and it gives up. */
static void equations(const solve_t *s, const double x[3], double f[3], double j[3][3])
{
    double t0 = x[0], dt = x[1], ceff = x[2], tau = s->rd * ceff, unused;
    double t_vth = weft_i_curve_at(s->delay, ceff, &unused), slew = weft_i_curve_at(s->slew, ceff, &unused) * s->v.derate;
    double u[4] = {t_vth - t0, t_vth - slew * (s->v.vth - s->v.vl) / (s->v.vh - s->v.vl) - t0}, want[2] = {s->v.vth, s->v.vl};
    double span = slew / (s->v.vh - s->v.vl), rate, by_tau, e[12] = {0};
    if (span > 1.4 * dt) span = 1.4 * dt;
    for (int i = 0; i < 4; i++) {
        if (i > 1) u[i] = u[i - 2] - dt;
        e[i] = u[i] > 0.0 ? -(u[i] / tau) : 0.0;
    }
    if (!s->two)
        for (int i = 0; i < 2; i++) {
            double t = i ? dt : span;
            e[4 + 4 * i] = -s->p1 * t;
            e[5 + 4 * i] = -s->p2 * t;
            e[6 + 4 * i] = -t / tau;
        }
    weft_i_rough_exps(s->two ? 4 : 12, e);
    for (int i = 0; i < 2; i++) {
        double h, h1, h_tau, g, g1, g_tau;
        one_pole(u[i], tau, e[i], &h, &h1, &h_tau);
        one_pole(u[i + 2], tau, e[i + 2], &g, &g1, &g_tau);
        f[i] = (h - g) / dt - want[i];
        j[i][0] = -(h1 - g1) / dt;
        j[i][1] = -(h + g) / (dt * dt) + g1 / dt;
        j[i][2] = s->rd * (h_tau - g_tau) / dt;
    }
    if (s->two) return;
    f[2] = charge(s, tau, span, e + 4, &rate, &by_tau) / (s->rd * span * dt);
    double whole = charge(s, tau, dt, e + 8, &rate, &by_tau);
    j[2][0] = 0.0;
    j[2][1] = (rate - 2.0 * whole / dt) / (s->rd * dt * dt);
    j[2][2] = by_tau / (dt * dt);
}

static bool step3(double j[3][3], const double f[3], double s[3])
{
    double a = j[1][1] * j[2][2] - j[1][2] * j[2][1], b = j[1][2] * j[2][0] - j[1][0] * j[2][2], c = j[1][0] * j[2][1] - j[1][1] * j[2][0];
    double det = j[0][0] * a + j[0][1] * b + j[0][2] * c;
    if (det == 0.0 || !isfinite(det)) return false;
    s[0] = -(a * f[0] + (j[0][2] * j[2][1] - j[0][1] * j[2][2]) * f[1] + (j[0][1] * j[1][2] - j[0][2] * j[1][1]) * f[2]) / det;
    s[1] = -(b * f[0] + (j[0][0] * j[2][2] - j[0][2] * j[2][0]) * f[1] + (j[0][2] * j[1][0] - j[0][0] * j[1][2]) * f[2]) / det;
    s[2] = -(c * f[0] + (j[0][1] * j[2][0] - j[0][0] * j[2][1]) * f[1] + (j[0][0] * j[1][1] - j[0][1] * j[1][0]) * f[2]) / det;
    return isfinite(s[0]) && isfinite(s[1]) && isfinite(s[2]);
}

static bool step2(double j[3][3], const double f[3], double s[3])
{
    double det = j[0][0] * j[1][1] - j[0][1] * j[1][0];
    if (det == 0.0 || !isfinite(det)) return false;
    s[0] = -(j[1][1] * f[0] - j[0][1] * f[1]) / det;
    s[1] = -(j[0][0] * f[1] - j[1][0] * f[0]) / det;
    s[2] = 0.0;
    return isfinite(s[0]) && isfinite(s[1]);
}

/* Newton from Ceff = ceff until every step is below 1 % of its unknown, as the golden timer stops (what is left is part of
 * its numbers). False where it leaves 0 < dt, 0 <= Ceff <= C or does not settle in 100 steps. */
static bool newton(const solve_t *s, double ceff, double x[3])
{
    double unused;
    double slew = weft_i_curve_at(s->slew, ceff, &unused) * s->v.derate, t_vth = weft_i_curve_at(s->delay, ceff, &unused);
    x[2] = ceff;
    x[1] = slew / (s->v.vh - s->v.vl);
    x[0] = t_vth + log(1.0 - s->v.vth) * s->rd * ceff - s->v.vth * x[1];
    for (int i = 0; i < 100; i++) {
        double f[3], j[3][3], d[3];
        if (!(x[1] > 0.0) || x[2] < 0.0 || x[2] > s->c * (1.0 + 1e-12)) return false;
        equations(s, x, f, j);
        if (!(s->two ? step2(j, f, d) : step3(j, f, d))) return false;
        bool done = true;
        for (int k = 0; k < 3; k++) {
            done &= fabs(d[k]) <= 0.01 * fabs(x[k]);
            x[k] += d[k];
        }
        if (done) return x[1] > 0.0 && x[2] >= 0.0 && x[2] <= s->c * (1.0 + 1e-12);
    }
    return false;
}

static void by_tables(weft_i_drive_t *d, const weft_i_curve_t *delay, const weft_i_curve_t *slew, double c)
{
    double unused;
    d->kind = KIND_CAP;
    d->ceff = c;
    d->delay = weft_i_curve_at(delay, c, &unused);
    d->slew = weft_i_curve_at(slew, c, &unused);
}

/* Poles and weights of the near end. */
static void poles(const weft_i_pi_t *pi, double rd, bool no_near, double p[2], double *k, double w[2])
{
    double c1 = (double)pi->c_far, c2 = (double)pi->c_near, r = (double)pi->r, z = r * c1;
    if (no_near) {
        p[0] = 1.0 / ((r + rd) * c1);
        p[1] = p[0] * 2.0; /* without weight */
        *k = z - 1.0 / p[0];
        w[0] = -*k;
        w[1] = 0.0;
        return;
    }
    double a1 = z + rd * (c1 + c2), a2 = rd * r * c1 * c2, root = sqrt(a1 * a1 - 4.0 * a2);
    p[1] = 2.0 / (a1 + root);
    p[0] = 1.0 / (a2 * p[1]);
    *k = z - a1;
    w[0] = p[1] * (1.0 - z * p[0]) / (p[0] * (p[1] - p[0]));
    w[1] = p[0] * (1.0 - z * p[1]) / (p[1] * (p[0] - p[1]));
}

void weft_i_ceff_gate(const weft_i_gate_t *g, const weft_i_pi_t *pi, weft_i_drive_t *d)
{
    weft_i_curve_t delay, slew;
    double c1 = (double)pi->c_far, c2 = (double)pi->c_near, r = (double)pi->r, c = c1 + c2, unused;
    *d = (weft_i_drive_t){.thresholds = g->thresholds, .out_edge = g->out_edge};
    weft_i_curve_init(&delay, g->library, g->delay_table, g->in_slew);
    weft_i_curve_init(&slew, g->library, g->slew_table, g->in_slew);
    double rd = c > 0.0 ? fabs(weft_i_curve_at(&delay, 0.825 * c, &unused) - weft_i_curve_at(&delay, 0.75 * c, &unused)) / (0.075 * c) : 0.0;
    if (rd < 0.01 || r < rd / 1000.0 || c1 <= 0.0 || c1 < c2 / 1000.0) {
        by_tables(d, &delay, &slew, c);
        return;
    }
    bool no_near = c2 < c1 / 1000.0;
    solve_t s = {.delay = &delay, .slew = &slew, .v = levels_of(g->thresholds, g->out_edge), .rd = rd, .c = c, .two = no_near};
    double p[2], w[2], x[3];
    poles(pi, rd, no_near, p, &s.k, w);
    s.p1 = p[0];
    s.p2 = p[1];
    s.b = w[0];
    s.d = w[1];
    if (!newton(&s, no_near ? c1 : c, x)) {
        by_tables(d, &delay, &slew, c);
        return;
    }
    d->kind = KIND_PI;
    d->t0 = x[0];
    d->dt = x[1];
    d->ceff = x[2];
    d->rd = rd;
    d->p[P_P1] = s.p1;
    d->p[P_P2] = s.p2;
    d->p[P_K] = s.k;
    d->p[P_B] = s.b;
    d->p[P_D] = s.d;
    weft_i_wave_t near = {.t0 = x[0], .dt = x[1], .k = s.k, .p = {s.p1, s.p2}, .w = {s.b, s.d}, .n = no_near ? 1 : 2};
    /* The golden timer looks for crossings up to this time; where one lies behind it, the table's slew stands. */
    double latest = x[0] + x[1] + 2.0 * c * (rd + r), at_table = weft_i_curve_at(&delay, x[2], &unused), table_slew = weft_i_curve_at(&slew, x[2], &unused);
    double half = 0.5 * table_slew * s.v.derate, t[3];
    double v[3] = {s.v.vth, s.v.vl, s.v.vh}, guess[3] = {at_table, at_table - half, at_table + half};
    d->p[P_LATEST] = latest;
    d->p[P_CROSS] = d->delay = at_table;
    d->p[P_LOW] = guess[1];
    d->p[P_HIGH] = guess[2];
    d->slew = table_slew;
    double top = weft_i_wave_crossings(&near, v, guess, latest, s.v.vh, t);
    if (top < s.v.vth) return;
    if (top < s.v.vh) { /* levels it does not reach are looked for at the middle one */
        v[2] = s.v.vth;
        (void)weft_i_wave_crossings(&near, v, guess, latest, s.v.vth, t);
    }
    d->p[P_CROSS] = t[0];
    d->p[P_LOW] = t[1];
    d->p[P_HIGH] = t[2];
    if (top < s.v.vh) return;
    if (no_near) d->delay = t[0];
    d->slew = (t[2] - t[1]) / s.v.derate;
}

void weft_i_ceff_sink(const weft_i_drive_t *d, double elmore, double beta, double *delay, double *slew)
{
    (void)beta;
    *delay = elmore;
    *slew = d->slew;
    if (d->kind == KIND_CAP || elmore <= 0.0 || elmore < d->slew / 1000.0) return;
    levels_t v = levels_of(d->thresholds, d->out_edge);
    double p1 = d->p[P_P1], p2 = d->p[P_P2], p3 = 1.0 / elmore;
    if (fabs(p3 - p1) < 1e-5 * p3) p3 *= 1.0 + 2e-5; /* equal poles: the limit, near enough */
    if (fabs(p3 - p2) < 1e-5 * p3) p3 *= 1.0 + 4e-5;
    double b = d->p[P_B] * p3 / (p3 - p1), e = d->p[P_D] * p3 / (p3 - p2), k = d->p[P_K] - 1.0 / p3;
    weft_i_wave_t w = {.t0 = d->t0, .dt = d->dt, .k = k, .p = {p1, p2, p3}, .w = {b, e, -(k + b + e)}, .n = 3};
    double latest = d->p[P_LATEST] + elmore, t[3];
    if (weft_i_wave_crossings(&w, (double[3]){v.vth, v.vl, v.vh}, (double[3]){d->p[P_CROSS] + elmore, d->p[P_LOW] + elmore, d->p[P_HIGH] + elmore}, latest, v.vh, t) < v.vh) return;
    double wire = t[0] - d->p[P_CROSS], at_sink = (t[2] - t[1]) / v.derate;
    if (wire >= 0.0) *delay = wire;
    if (at_sink > *slew) *slew = at_sink;
}

void weft_i_ceff_port(const weft_thresholds_t *t, int32_t edge, double in_slew, double elmore, double beta, double *delay, double *slew)
{
    (void)beta;
    levels_t v = levels_of(t, edge);
    *delay = -log(1.0 - v.vth) * elmore;
    *slew = in_slew + elmore * log((1.0 - v.vl) / (1.0 - v.vh)) / v.derate;
}
