/* Encoders of eigenvectors, in double: gradients by finite differences; flips (and, where promised, turns of the basis) change nothing; another numbering of the nodes
 * numbers the result so. */
#include "nn/check_parameters.h"
#include "weft/gps.h"

enum { NODES = 7, K = 3, WIDTH = 4 };
typedef struct world { weft_graph_t *graph; weft_params_t *params; weft_sign_net_t net; weft_stable_position_t stable; bool sign; } world_t;
static const int32_t source[] = {0, 1, 2, 3, 4, 0, 2}, target[] = {1, 2, 3, 4, 5, 5, 5}; /* 6 is alone */

static void world_init(world_t *w, bool sign, bool other, const int32_t *order)
{
    int32_t s[7], t[7];
    weft_i_rng_t rng = {9, 4, 0};
    for (int i = 0; i < 7; i++) s[i] = order ? order[source[i]] : source[i], t[i] = order ? order[target[i]] : target[i];
    *w = (world_t){.sign = sign, .params = weft_params_new(3)};
    cr_assert_eq(weft_graph_new(&w->graph, NODES, NODES, 7, s, t, WEFT_GRAPH_BOTH_WAYS, NULL), WEFT_OK);
    if (sign) w->net = weft_sign_net_init(w->params, "s", &(weft_sign_net_options_t){K, 2, WIDTH, 5, other});
    else w->stable = weft_stable_position_init(w->params, "r", K, WIDTH, other);
    cr_assert_eq(weft_params_status(w->params), WEFT_OK);
    for (int32_t i = 0; i < weft_params_n(w->params); i++) {
        weft_param_t *p = weft_params_at(w->params, i);
        for (int64_t k = 0; p->grad && k < p->rows * p->cols; k++) p->value[k] += (weft_real_t)(0.4 * (weft_i_rng_uniform(&rng) - 0.5));
    }
}

static void world_free(world_t *w)
{
    weft_params_free(w->params);
    weft_graph_free(w->graph);
}

static weft_var_t *build(weft_tape_t *tape, weft_var_t **in, void *context)
{
    static weft_real_t there[NODES * K];
    world_t *w = context;
    for (int i = 0; i < NODES * K; i++) there[i] = 1;
    return w->sign ? weft_sign_net(&w->net, w->graph, in[0], weft_tape_constant(tape, there, NODES, K)) : weft_stable_position(&w->stable, w->graph, in[0]);
}

Test(eigenvectors, gradients)
{
    for (int which = 0; which < 4; which++) {
        world_t w;
        inputs_t in = {0};
        weft_i_rng_t rng = {5, 1, 0};
        world_init(&w, which < 2, which % 2, NULL);
        inputs_add(&in, NODES, K, &rng);
        check_gradient("eigenvectors", &in, build, &w);
        check_parameters("eigenvectors", &in, build, &w, w.params, 64, 4e-6);
        inputs_free(&in);
        world_free(&w);
    }
}

static int64_t run(world_t *w, const weft_real_t *v, weft_real_t *y)
{
    weft_tape_t *tape = weft_tape_new();
    weft_tape_set_training(tape, true);
    weft_var_t *in = weft_tape_constant(tape, v, NODES, K), *out = build(tape, &in, w);
    cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK);
    int64_t n = weft_var_rows(out) * weft_var_cols(out);
    memcpy(y, weft_var_data(out), (size_t)n * sizeof *y);
    weft_tape_free(tape);
    return n;
}

Test(eigenvectors, flips_turns_and_numbering)
{
    static const int32_t order[NODES] = {3, 6, 0, 5, 1, 2, 4};
    for (int which = 0; which < 4; which++) {
        world_t w, renamed;
        weft_real_t v[NODES * K], u[NODES * K], y[64], z[64];
        bool sign = which < 2, other = which % 2;
        world_init(&w, sign, other, NULL);
        world_init(&renamed, sign, other, order);
        for (int i = 0; i < NODES * K; i++) v[i] = (weft_real_t)sin(1.3 * i + 0.1 * i * i);
        int64_t n = run(&w, v, y);
        for (int i = 0; i < NODES * K; i++) u[i] = i % K == 1 ? -v[i] : v[i];
        run(&w, u, z);
        for (int64_t i = 0; i < n && (sign || !other); i++) cr_expect_float_eq(y[i], z[i], 1e-12, "case %d: a flip changes element %lld", which, (long long)i);
        for (int i = 0; i < NODES; i++) {
            u[i * K] = (weft_real_t)0.6 * v[i * K] - (weft_real_t)0.8 * v[i * K + 1];
            u[i * K + 1] = (weft_real_t)0.8 * v[i * K] + (weft_real_t)0.6 * v[i * K + 1];
            u[i * K + 2] = v[i * K + 2];
        }
        run(&w, u, z);
        for (int64_t i = 0; i < n && !sign && !other; i++) cr_expect_float_eq(y[i], z[i], 1e-12, "a turn changes element %lld", (long long)i);
        for (int i = 0; i < NODES; i++)
            for (int k = 0; k < K; k++) u[order[i] * K + k] = v[i * K + k];
        run(&renamed, u, z);
        int64_t cols = sign ? n / NODES : 0;
        for (int64_t i = 0; i < n && sign; i++) cr_expect_float_eq(y[i], z[order[i / cols] * cols + i % cols], 1e-12, "case %d: numbering changes element %lld", which, (long long)i);
        for (int32_t a = 0; a < NODES && !sign; a++) { /* by the arcs' ends */
            const int64_t *p = weft_graph_offsets(w.graph), *q = weft_graph_offsets(renamed.graph);
            for (int64_t e = p[a]; e < p[a + 1]; e++)
                for (int64_t g = q[order[a]]; g < q[order[a] + 1]; g++)
                    if (weft_graph_sources(renamed.graph)[g] == order[weft_graph_sources(w.graph)[e]]) cr_expect_float_eq(y[e], z[g], 1e-12, "case %d: numbering changes an arc", which);
        }
        world_free(&w);
        world_free(&renamed);
    }
}
