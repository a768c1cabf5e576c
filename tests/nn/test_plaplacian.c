/* p-Laplacian message passing on random graphs, in double: its steps lower the energy that it is derived from, their fixed point is stationary, its gradients
 * by finite differences in both ways to treat a difference of 0, and at p = 2 it is APPNP. */
#include "nn/check_parameters.h"
#include "support/effort.h"

enum { NODES = 14, COLUMNS = 3, N_GRAPHS = EFFORT(6, 2), STEPS = 3 };

/* A random graph both ways, weights alike both ways. Nodes 0 and 1 are neighbours, have the same neighbours, weights and features: their difference is 0. */
typedef struct world {
    weft_graph_t *g;
    weft_topology_t t;
    weft_real_t x[NODES * COLUMNS], *w;
    weft_plaplacian_t layer;
    weft_real_t *m[STEPS]; /* weights of arcs, step by step: of fixed() */
} world_t;

static double weight_of(int32_t a, int32_t b) { return 1.0 + 0.7 * sin((a < 2 ? 0 : a) + (b < 2 ? 0 : b) + (a < 2 ? 0.0 : 3.0 * a) * (b < 2 ? 0.0 : b)); }

static void world_init(world_t *r, uint64_t seed)
{
    weft_i_rng_t rng = {seed, 11, 0};
    int32_t from[NODES * NODES], to[NODES * NODES], n = 0;
    for (int32_t i = 0; i < NODES; i++)
        for (int32_t j = i + 1; j < NODES; j++) {
            bool joined = (i == 0 && j == 1) || (i >= 2 && (j == i + 1 || weft_i_rng_uniform(&rng) < 0.2));
            if (i < 2 && j >= 2) joined = (j + (int32_t)seed) % 3 == 0;
            if (joined) from[n] = i, to[n++] = j;
        }
    *r = (world_t){0};
    cr_assert_eq(weft_graph_new(&r->g, NODES, NODES, n, from, to, WEFT_GRAPH_BOTH_WAYS, NULL), WEFT_OK);
    cr_assert_eq(weft_topology_init(&r->t, r->g, NULL), WEFT_OK);
    for (int i = 0; i < NODES * COLUMNS; i++) r->x[i] = (weft_real_t)(2.0 * weft_i_rng_uniform(&rng) - 1.0);
    memcpy(r->x + COLUMNS, r->x, COLUMNS * sizeof *r->x);
    r->w = malloc((size_t)weft_graph_n_arcs(r->g) * sizeof *r->w);
    for (int32_t v = 0; v < NODES; v++)
        for (int64_t e = weft_graph_offsets(r->g)[v]; e < weft_graph_offsets(r->g)[v + 1]; e++) r->w[e] = (weft_real_t)weight_of(weft_graph_sources(r->g)[e], v);
}

static void world_free(world_t *r)
{
    free(r->w);
    weft_topology_destroy(&r->t);
    weft_graph_free(r->g);
}

static double w_at(const world_t *r, bool weighted, int64_t e) { return weighted ? (double)r->w[e] : 1.0; }

static double degree(const world_t *r, bool weighted, int32_t v)
{
    double d = 0.0;
    for (int64_t e = weft_graph_offsets(r->g)[v]; e < weft_graph_offsets(r->g)[v + 1]; e++) d += w_at(r, weighted, e);
    return d;
}

/* Each edge once (w |g|^2 + eps^2)^(p/2), mu |f - x|^2 of every node: what the steps lower. slope [NODES, COLUMNS] or NULL: its gradient. */
static double energy(const world_t *r, bool weighted, const weft_real_t *f, double p, double mu, double eps, double *slope)
{
    double sum = 0.0;
    for (int32_t v = 0; v < NODES; v++) {
        double dv = sqrt(degree(r, weighted, v));
        for (int j = 0; j < COLUMNS; j++) {
            double away = (double)f[v * COLUMNS + j] - (double)r->x[v * COLUMNS + j];
            sum += mu * away * away;
            if (slope) slope[v * COLUMNS + j] = 2.0 * mu * away;
        }
        for (int64_t e = weft_graph_offsets(r->g)[v]; e < weft_graph_offsets(r->g)[v + 1]; e++) {
            int32_t u = weft_graph_sources(r->g)[e];
            double du = sqrt(degree(r, weighted, u)), w = w_at(r, weighted, e), s = eps * eps;
            for (int j = 0; j < COLUMNS; j++) s += w * pow((double)f[u * COLUMNS + j] / du - (double)f[v * COLUMNS + j] / dv, 2);
            sum += 0.5 * pow(s, p / 2);
            for (int j = 0; j < COLUMNS && slope; j++) slope[v * COLUMNS + j] += p * w * pow(s, p / 2 - 1) * ((double)f[v * COLUMNS + j] / dv - (double)f[u * COLUMNS + j] / du) / dv;
        }
    }
    return sum;
}

static void walk(const world_t *r, bool weighted, int32_t k, double p, double mu, double eps, weft_real_t *f)
{
    const weft_plaplacian_t l = {.k = k, .p = (weft_real_t)p, .mu = (weft_real_t)mu, .beta_scale = 2.0, .eps = eps};
    weft_tape_t *tape = weft_tape_new();
    weft_var_t *w = weighted ? weft_tape_constant(tape, r->w, weft_graph_n_arcs(r->g), 1) : NULL, *y = weft_plaplacian_gated(&l, &r->t, weft_tape_constant(tape, r->x, NODES, COLUMNS), w);
    cr_assert(y);
    memcpy(f, weft_var_data(y), NODES * COLUMNS * sizeof *f);
    weft_tape_free(tape);
}

Test(plaplacian, steps_lower_the_energy)
{
    static const double ps[] = {1.05, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0}, mus[] = {0.01, 0.1, 1.0}; /* above 2: damped */
    for (uint64_t seed = 0; seed < N_GRAPHS; seed++)
        for (int a = 0; a < 7; a++)
            for (int b = 0; b < 3; b++)
                for (int weighted = 0; weighted < 2; weighted++) {
                    world_t r;
                    weft_real_t f[NODES * COLUMNS];
                    world_init(&r, seed);
                    double before = energy(&r, weighted, r.x, ps[a], mus[b], 1e-3, NULL);
                    for (int32_t k = 1; k < 16; k++) {
                        walk(&r, weighted, k, ps[a], mus[b], 1e-3, f);
                        double now = energy(&r, weighted, f, ps[a], mus[b], 1e-3, NULL);
                        cr_assert(now <= before * (1 + 1e-12), "graph %d weighted %d p %g mu %g step %d: %.12g after %.12g", (int)seed, weighted, ps[a], mus[b], k, now, before);
                        before = now;
                    }
                    world_free(&r);
                }
}

/* The energy is convex: where its slope is 0 nothing lies lower. */
Test(plaplacian, the_fixed_point_is_stationary)
{
    static const double ps[] = {1.25, 1.5, 1.75, 2.0, 3.0};
    for (uint64_t seed = 0; seed < N_GRAPHS; seed++)
        for (int a = 0; a < 5; a++)
            for (int weighted = 0; weighted < 2; weighted++) {
                world_t r;
                weft_real_t f[NODES * COLUMNS], g[NODES * COLUMNS];
                double slope[NODES * COLUMNS], start[NODES * COLUMNS], most = 0.0, first = 0.0, eps = 0.02, mu = 0.5;
                world_init(&r, seed);
                walk(&r, weighted, 1000, ps[a], mu, eps, f);
                double lowest = energy(&r, weighted, f, ps[a], mu, eps, slope);
                energy(&r, weighted, r.x, ps[a], mu, eps, start);
                for (int i = 0; i < NODES * COLUMNS; i++) most = fmax(most, fabs(slope[i])), first = fmax(first, fabs(start[i]));
                cr_assert(first > 0.1 && most < 1e-8, "graph %d weighted %d p %g: slope %.3g, %.3g at the start", (int)seed, weighted, ps[a], most, first);
                for (int i = 0; i < NODES * COLUMNS; i += 5) {
                    memcpy(g, f, sizeof g);
                    g[i] += (weft_real_t)0.01;
                    cr_assert_gt(energy(&r, weighted, g, ps[a], mu, eps, NULL), lowest);
                }
                world_free(&r);
            }
}

static weft_var_t *build(weft_tape_t *tape, weft_var_t **in, void *context)
{
    const world_t *r = context;
    (void)tape;
    return weft_plaplacian_gated(&r->layer, &r->t, in[0], in[1]);
}

/* Of x, which is both where the steps start and what pulls, of w, p and mu. */
Test(plaplacian, gradients)
{
    for (uint64_t seed = 0; seed < N_GRAPHS; seed++)
        for (int mask = 0; mask < 2; mask++) {
            world_t r;
            weft_i_rng_t rng = {3, 4, 0};
            inputs_t in = {0};
            weft_params_t *params = weft_params_new(5);
            char name[64];
            snprintf(name, sizeof name, "plaplacian graph %d %s", (int)seed, mask ? "mask" : "smooth");
            world_init(&r, seed);
            inputs_add(&in, NODES, COLUMNS, &rng);
            inputs_add(&in, weft_graph_n_arcs(r.g), 1, &rng);
            memcpy(in.value[0], r.x, sizeof r.x);
            memcpy(in.value[1], r.w, (size_t)weft_graph_n_arcs(r.g) * sizeof *r.w);
            const weft_plaplacian_t o = {.k = 3, .p = (weft_real_t)1.5, .mu = (weft_real_t)0.3, .beta_scale = 2.0, .eps = mask ? 1e-3 : 0.05, .mask = mask, .learn_p = true, .learn_mu = true};
            r.layer = weft_plaplacian_init(params, "l", &o);
            r.layer.p_free->value[0] = (weft_real_t)0.2;
            r.layer.mu_free->value[0] = (weft_real_t)-0.05;
            check_gradient(name, &in, build, &r);
            check_parameters(name, &in, build, &r, params, INT64_MAX, 4e-6);
            weft_params_free(params);
            inputs_free(&in);
            world_free(&r);
        }
}

/* The steps again from other ops, with M given as numbers. */
static weft_var_t *fixed(weft_tape_t *tape, weft_var_t **in, void *context)
{
    const world_t *r = context;
    const weft_plaplacian_t *l = &r->layer;
    weft_var_t *ones = weft_affine(weft_columns(in[0], 0, 1), 0.0, 1.0), *root = weft_divide(ones, weft_sqrt(weft_affine(weft_spmm_weighted(r->g, in[1], ones), 1.0, 1e-12), 0.0));
    weft_var_t *p = weft_affine(weft_softplus(weft_affine(weft_param_var(tape, l->p_free), 1.0, log(expm1((double)l->p - 1.0)))), 1.0, 1.0);
    weft_var_t *pull = weft_affine(weft_divide(weft_softplus(weft_affine(weft_param_var(tape, l->mu_free), 1.0, log(expm1((double)l->mu)))), p), 2.0, 0.0), *f = in[0];
    for (int k = 0; k < STEPS; k++) {
        weft_var_t *m = weft_tape_constant(tape, r->m[k], weft_graph_n_arcs(r->g), 1);
        weft_var_t *sum = weft_row_scale(weft_spmm_weighted(r->g, m, weft_row_scale(f, root)), root);
        weft_var_t *under = weft_add(weft_mul(weft_spmm_weighted(r->g, m, ones), weft_mul(root, root)), weft_scalar_scale(ones, pull));
        f = weft_row_scale(weft_add(sum, weft_scalar_scale(in[0], pull)), weft_divide(ones, under));
    }
    return f;
}

static void weights_of(const world_t *r, const weft_real_t *f, double p, double eps, bool mask, weft_real_t *m)
{
    for (int32_t v = 0; v < NODES; v++)
        for (int64_t e = weft_graph_offsets(r->g)[v]; e < weft_graph_offsets(r->g)[v + 1]; e++) {
            int32_t u = weft_graph_sources(r->g)[e];
            double w = (double)r->w[e], s = 0.0;
            for (int j = 0; j < COLUMNS; j++) s += w * pow((double)f[u * COLUMNS + j] / sqrt(degree(r, true, u)) - (double)f[v * COLUMNS + j] / sqrt(degree(r, true, v)), 2);
            m[e] = (weft_real_t)(mask ? (s > eps * eps ? w * pow(s, p / 2 - 1) : 0.0) : w * pow(s + eps * eps, p / 2 - 1));
        }
}

/* Detached, the gradient is that of the steps with M given as numbers, whose own is right by finite differences; and it is not the whole gradient. */
Test(plaplacian, detached_gradients_are_those_of_fixed_weights)
{
    enum { MOST = NODES * NODES };
    for (uint64_t seed = 0; seed < N_GRAPHS; seed++)
        for (int way = 0; way < 4; way++) {
            const bool mask = way == 1;
            world_t r;
            weft_i_rng_t rng = {3, 4, 0};
            inputs_t in = {0};
            weft_params_t *params = weft_params_new(5);
            weft_tape_t *tape = weft_tape_new();
            weft_real_t f[NODES * COLUMNS], want[2][MOST], dp[2];
            const double p = way == 2 ? 2.0 : way == 3 ? 1.2 : 1.5, eps = mask ? 1e-3 : 0.05;
            world_init(&r, seed);
            int64_t n[2] = {NODES * COLUMNS, weft_graph_n_arcs(r.g)};
            for (int k = 0; k < STEPS; k++) {
                const weft_plaplacian_t l = {.k = k, .p = (weft_real_t)p, .mu = (weft_real_t)0.3, .beta_scale = 2.0, .eps = eps, .mask = mask};
                weft_tape_reset(tape);
                weft_var_t *y = weft_plaplacian_gated(&l, &r.t, weft_tape_constant(tape, r.x, NODES, COLUMNS), weft_tape_constant(tape, r.w, n[1], 1));
                memcpy(f, weft_var_data(y), sizeof f);
                r.m[k] = malloc((size_t)n[1] * sizeof *r.m[k]);
                weights_of(&r, f, p, eps, mask, r.m[k]);
            }
            inputs_add(&in, NODES, COLUMNS, &rng);
            inputs_add(&in, n[1], 1, &rng);
            memcpy(in.value[0], r.x, sizeof r.x);
            memcpy(in.value[1], r.w, (size_t)n[1] * sizeof *r.w);
            weft_plaplacian_t o = {.k = STEPS, .p = (weft_real_t)p, .mu = (weft_real_t)0.3, .beta_scale = 2.0, .eps = eps, .mask = mask, .learn_p = true, .learn_mu = true, .detach = true};
            r.layer = weft_plaplacian_init(params, "l", &o);
            weft_params_zero_grad(params);
            check_gradient("fixed weights", &in, fixed, &r);
            for (int k = 0; k < 2; k++) memcpy(want[k], in.grad[k], (size_t)n[k] * sizeof *want[k]);
            dp[0] = r.layer.p_free->grad[0], dp[1] = r.layer.mu_free->grad[0];
            double apart = 0.0;
            for (int detach = 1; detach >= 0; detach--) {
                r.layer.detach = detach;
                weft_params_zero_grad(params);
                for (int k = 0; k < 2; k++) memset(in.grad[k], 0, (size_t)n[k] * sizeof *in.grad[k]);
                run_once(tape, &in, build, &r, true, "detached");
                double off = fmax(fabs((double)(r.layer.p_free->grad[0] - dp[0])), fabs((double)(r.layer.mu_free->grad[0] - dp[1])));
                for (int k = 0; k < 2; k++)
                    for (int64_t i = 0; i < n[k]; i++) off = fmax(off, fabs((double)(in.grad[k][i] - want[k][i])));
                if (detach) cr_assert(off < 1e-9, "graph %d way %d: off by %.3g", (int)seed, way, off);
                else apart = off;
            }
            cr_assert(apart > 1e-3, "graph %d way %d: the whole gradient is no other (%.3g)", (int)seed, way, apart);
            for (int k = 0; k < STEPS; k++) free(r.m[k]);
            weft_tape_free(tape);
            weft_params_free(params);
            inputs_free(&in);
            world_free(&r);
        }
}

/* Twins are cut apart by the mask and tied together by smoothing: the two ways must differ, or the gradients above say nothing of differences of 0. */
Test(plaplacian, a_difference_of_zero_is_met)
{
    for (uint64_t seed = 0; seed < N_GRAPHS; seed++) {
        world_t r;
        world_init(&r, seed);
        weft_tape_t *tape = weft_tape_new();
        weft_var_t *x = weft_tape_constant(tape, r.x, NODES, COLUMNS), *both[2];
        for (int mask = 0; mask < 2; mask++) {
            const weft_plaplacian_t l = {.k = 1, .p = (weft_real_t)1.5, .mu = (weft_real_t)0.3, .beta_scale = 2.0, .eps = 1e-3, .mask = mask};
            both[mask] = weft_plaplacian(&l, &r.t, x);
        }
        cr_assert(both[0] && both[1]);
        double apart = 0.0;
        for (int j = 0; j < 2 * COLUMNS; j++) apart = fmax(apart, fabs((double)weft_var_data(both[0])[j] - (double)weft_var_data(both[1])[j]));
        cr_assert_gt(apart, 1e-2, "graph %d", (int)seed);
        weft_tape_free(tape);
        world_free(&r);
    }
}

/* p = 2 walks f <- (S f + mu x) / (1 + mu), S = D^-1/2 W D^-1/2 without loops: APPNP of teleport mu / (1 + mu). */
Test(plaplacian, two_is_appnp_without_loops)
{
    double mu = 0.3;
    for (uint64_t seed = 0; seed < N_GRAPHS; seed++)
        for (int weighted = 0; weighted < 2; weighted++) {
            world_t r;
            world_init(&r, seed);
            double f[NODES * COLUMNS], g[NODES * COLUMNS];
            for (int i = 0; i < NODES * COLUMNS; i++) f[i] = (double)r.x[i];
            for (int k = 0; k < 5; k++) {
                for (int32_t v = 0; v < NODES; v++)
                    for (int j = 0; j < COLUMNS; j++) {
                        double s = 0.0;
                        for (int64_t e = weft_graph_offsets(r.g)[v]; e < weft_graph_offsets(r.g)[v + 1]; e++) {
                            int32_t u = weft_graph_sources(r.g)[e];
                            s += w_at(&r, weighted, e) * f[u * COLUMNS + j] / sqrt(degree(&r, weighted, v) * degree(&r, weighted, u));
                        }
                        g[v * COLUMNS + j] = (s + mu * (double)r.x[v * COLUMNS + j]) / (1 + mu);
                    }
                memcpy(f, g, sizeof f);
            }
            for (int near = 0; near < 2; near++) { /* the short way, and the general one at almost 2 */
                weft_real_t y[NODES * COLUMNS];
                walk(&r, weighted, 5, near ? 1.9999999 : 2.0, mu, 1e-6, y);
                for (int i = 0; i < NODES * COLUMNS; i++) cr_assert(fabs((double)y[i] - f[i]) < 1e-5, "graph %d weighted %d element %d", (int)seed, weighted, i);
            }
            world_free(&r);
        }
}
