/* Boxes of frames as graphs: the detector's order does not count, frames without boxes and with one, the same bits for any number of threads, learning, tracks. */
#include "base/rng.h"
#include "data/frames.h"
#include "support/effort.h"
#include "weft/boxes_model.h"
#include "weft/scenes.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static weft_recording_t *make(int32_t index)
{
    weft_recording_t *r = NULL;
    cr_assert_eq(weft_scenes_recording(&r, &(weft_scenes_options_t){4, 40, 106}, index, NULL), WEFT_OK);
    return r;
}

static weft_box_model_t *model_of(weft_recording_t *r, weft_aggregator_t aggregator, const char *name)
{
    weft_recordings_t one = {&r, 1};
    weft_box_options_t o = weft_box_defaults(name);
    weft_box_model_t *m = NULL;
    o.model.aggregator = aggregator;
    o.model.hidden = 16;
    cr_assert_eq(weft_box_model_new(&m, &o, &one, NULL), WEFT_OK);
    return m;
}

static void swap_rows(void *data, size_t row, int64_t a, int64_t b)
{
    char keep[512], *p = data;
    memcpy(keep, p + (size_t)a * row, row);
    memcpy(p + (size_t)a * row, p + (size_t)b * row, row);
    memcpy(p + (size_t)b * row, keep, row);
}

Test(frames, the_detectors_order_does_not_count)
{
    for (int a = WEFT_AGGREGATE_MEAN; a <= WEFT_AGGREGATE_LSTM; a++) {
        weft_recording_t *r = make(0);
        weft_box_model_t *m = model_of(r, (weft_aggregator_t)a, "impn");
        int64_t c = r->classes.n, x = r->frame_ptr[3], y = r->frame_ptr[4] - 1;
        float *p = malloc((size_t)(r->n_boxes * c) * sizeof *p), *q = malloc((size_t)(r->n_boxes * c) * sizeof *q);
        cr_assert_eq(weft_box_model_apply(m, r, p, NULL), WEFT_OK);
        cr_assert_gt(y, x);
        swap_rows(r->box, 4 * sizeof(float), x, y);
        swap_rows(r->score, sizeof(float), x, y);
        swap_rows(r->embedding, (size_t)r->n_columns * sizeof(float), x, y);
        swap_rows(r->probability, (size_t)c * sizeof(float), x, y);
        cr_assert_eq(weft_box_model_apply(m, r, q, NULL), WEFT_OK);
        swap_rows(q, (size_t)c * sizeof(float), x, y);
        for (int64_t i = 0; i < r->n_boxes * c; i++) cr_assert_float_eq(p[i], q[i], 1e-6, "aggregator %d, element %lld", a, (long long)i);
        free(p);
        free(q);
        weft_box_model_free(m);
        weft_recording_free(r);
    }
}

/* All boxes of frame 0 but `left` are taken out. */
Test(frames, none_and_one_box)
{
    for (int64_t left = 0; left < 2; left++)
        for (int a = WEFT_AGGREGATE_MEAN; a <= WEFT_AGGREGATE_LSTM; a++) {
            weft_recording_t *r = make(1);
            weft_box_model_t *m = model_of(r, (weft_aggregator_t)a, "impn");
            r->n_frames = 1;
            r->n_boxes = r->frame_ptr[1] = left;
            float p[WEFT_SCENES_CLASSES] = {-1}, sum = 0;
            cr_assert_eq(weft_box_model_apply(m, r, p, NULL), WEFT_OK);
            for (int k = 0; k < WEFT_SCENES_CLASSES && left; k++) sum += p[k];
            if (left) cr_assert_float_eq(sum, 1.0f, 1e-5);
            weft_box_model_free(m);
            weft_recording_free(r);
        }
}

Test(frames, same_bits_for_any_threads_and_it_learns)
{
    weft_recording_t *r = make(2);
    weft_recordings_t one = {&r, 1};
    int64_t c = r->classes.n, hit = 0;
    float *p[2];
    weft_frame_t frame[40];
    for (int64_t k = 0; k < 40; k++) frame[k] = (weft_frame_t){0, k};
    for (int t = 0; t < 2; t++) {
        weft_box_model_t *m = model_of(r, WEFT_AGGREGATE_MEAN, "impn");
        double loss = 0.0;
        weft_threads_set(t + 1);
        cr_assert_eq(weft_box_model_train(m, &one, frame, 40, &r->truth, EFFORT(100, 5), 2e-2, 5, &loss, NULL, NULL, NULL), WEFT_OK);
        p[t] = malloc((size_t)(r->n_boxes * c) * sizeof *p[t]);
        cr_assert_eq(weft_box_model_apply(m, r, p[t], NULL), WEFT_OK);
        cr_assert(isfinite(loss) && loss < EFFORT(1.0, 10.0), "loss %g", loss);
        weft_box_model_free(m);
    }
    cr_assert_arr_eq(p[0], p[1], (size_t)(r->n_boxes * c) * sizeof(float));
    for (int64_t b = 0; b < r->n_boxes; b++) {
        int32_t best = 0;
        for (int32_t k = 1; k < c; k++)
            if (p[0][b * c + k] > p[0][b * c + best]) best = k;
        hit += best == r->truth[b];
    }
    cr_assert(hit > r->n_boxes * EFFORT(80, 0) / 100, "%lld of %lld", (long long)hit, (long long)r->n_boxes);
    free(p[0]);
    free(p[1]);
    weft_recording_free(r);
}

/* What a box's landmarks say of it, by the box's place in the recording; pairs * 2 columns. */
static float *seen_as(weft_recording_t *r, const weft_i_view_t *view, int64_t *n, int32_t pairs)
{
    weft_recordings_t one = {&r, 1};
    weft_i_frames_t f;
    weft_params_t *params = weft_params_new(3);
    weft_landmarks_t l = weft_landmarks_init(params, "l", r->n_columns, pairs);
    weft_tape_t *tape = weft_tape_new();
    int64_t c = weft_profile_columns(r);
    cr_assert_eq(weft_i_frames_init(&f, &one, &(weft_frame_t){0, 5}, 1, &(weft_frame_graph_t){0}, view, false, NULL), WEFT_OK);
    weft_var_t *x = weft_columns(weft_tape_constant(tape, f.x, f.n, c), 0, r->n_columns);
    weft_var_t *y = weft_landmarks(&l, f.graph, weft_x_dense(x), weft_tape_constant(tape, f.relation, weft_graph_n_arcs(f.graph), WEFT_RELATION_COLUMNS));
    cr_assert_not_null(y);
    float *to = calloc((size_t)(r->n_boxes * 2 * pairs), sizeof *to);
    for (int64_t i = 0; i < f.n; i++) {
        cr_assert_eq(f.mirrored[i], view && view->mirror);
        memcpy(to + f.box[i] * 2 * pairs, weft_var_data(y) + i * 2 * pairs, 2 * (size_t)pairs * sizeof *to);
    }
    *n = f.n;
    weft_tape_free(tape);
    weft_params_free(params);
    weft_i_frames_destroy(&f);
    return to;
}

Test(frames, landmarks_in_a_turn_and_in_a_mirror)
{
    weft_recording_t *r = make(0);
    enum { PAIRS = 3 };
    int64_t n, m;
    float *plain = seen_as(r, NULL, &n, PAIRS), largest = 0.0f;
    for (int k = 0; k < 3; k++) {
        weft_i_view_t view = {.turn = k ? 2.0f : 0.0f, .mirror = k != 1};
        float *other = seen_as(r, &view, &m, PAIRS);
        cr_assert_eq(m, n);
        for (int64_t b = 0; b < r->n_boxes; b++)
            for (int j = 0; j < 2 * PAIRS; j++) {
                float want = plain[b * 2 * PAIRS + j] * (j < PAIRS && view.mirror ? -1.0f : 1.0f);
                cr_assert_float_eq(other[b * 2 * PAIRS + j], want, 2e-4, "view %d, box %lld, column %d: %g, %g", k, (long long)b, j, (double)other[b * 2 * PAIRS + j], (double)want);
                if (j < PAIRS) largest = fmaxf(largest, fabsf(want));
            }
        free(other);
    }
    cr_assert_gt(largest, 0.05f);
    free(plain);
    free(seen_as(r, &(weft_i_view_t){.drop = 0.5f, .seed = 9}, &m, PAIRS));
    cr_assert(m < n, "%lld of %lld boxes are left", (long long)m, (long long)n);
    weft_recording_free(r);
}

Test(frames, classes_in_a_mirror)
{
    weft_recording_t *r = make(0);
    for (int32_t c = 0; c < r->classes.n; c++) {
        int32_t other = weft_classes_mirrored(&r->classes, c);
        cr_assert_eq(other != c, weft_classes_lookalike(&r->classes, c), "class %d", c);
        cr_assert_eq(weft_classes_mirrored(&r->classes, other), c);
    }
    char *name[] = {(char *)"none", (char *)"left-lid", (char *)"right-lid", (char *)"left", (char *)"lefty"};
    int32_t apart[] = {0, 1, 2, 3, 3}, together[] = {0, 1, 1, 3, 3};
    cr_assert_eq(weft_classes_mirrored(&(weft_classes_t){5, name, apart}, 1), 1); /* not of one group */
    cr_assert_eq(weft_classes_mirrored(&(weft_classes_t){5, name, together}, 1), 2);
    cr_assert_eq(weft_classes_mirrored(&(weft_classes_t){5, name, together}, 3), 3); /* no right there */
    weft_recording_free(r);
}

Test(frames, tracks_follow_things)
{
    weft_recording_t *r = make(3);
    int32_t n = 0, *track = malloc((size_t)r->n_boxes * sizeof *track);
    int64_t same = 0, pairs = 0;
    cr_assert_eq(weft_tracks(track, &n, r), WEFT_OK);
    for (int64_t f = 1; f < r->n_frames; f++)
        for (int64_t a = r->frame_ptr[f - 1]; a < r->frame_ptr[f]; a++)
            for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++) {
                if (track[a] != track[b] || r->object[a] < 0) continue;
                pairs++;
                same += r->object[a] == r->object[b];
            }
    cr_assert(pairs > r->n_boxes / 2 && same > pairs * 90 / 100, "%lld of %lld, %d tracks", (long long)same, (long long)pairs, n);
    for (int64_t f = 0; f < r->n_frames; f++) /* a track holds one box of a frame */
        for (int64_t a = r->frame_ptr[f]; a < r->frame_ptr[f + 1]; a++)
            for (int64_t b = a + 1; b < r->frame_ptr[f + 1]; b++) cr_assert_neq(track[a], track[b]);
    free(track);
    weft_recording_free(r);
}

/* The fused passes beside the ops that they stand for, at widths below, at and above a block; node 4 hears of nobody. */
Test(frames, passes_over_arcs_are_their_compositions)
{
    enum { N = 5, K = 4, MOST = 40 };
    static const int32_t source[] = {1, 2, 3, 0, 2, 0, 1, 3, 4, 0}, target[] = {0, 0, 0, 1, 1, 2, 2, 2, 2, 3};
    static float m[N * MOST], r[10 * K], w[K * MOST], b[MOST];
    weft_graph_t *g = NULL;
    weft_i_rng_t rng = {5, 0, 0};
    cr_assert_eq(weft_graph_new(&g, N, N, 10, source, target, 0, NULL), WEFT_OK);
    for (int i = 0; i < N * MOST; i++) m[i] = (float)weft_i_rng_normal(&rng);
    for (int i = 0; i < 10 * K; i++) r[i] = (float)weft_i_rng_normal(&rng) * (i % 7 ? 1.0f : 100.0f); /* gates at both ends, too */
    for (int i = 0; i < K * MOST; i++) w[i] = (float)weft_i_rng_normal(&rng);
    for (int i = 0; i < MOST; i++) b[i] = (float)weft_i_rng_normal(&rng);
    for (int f = 8; f <= MOST; f += 8) {
        weft_tape_t *t = weft_tape_new();
        weft_tape_set_training(t, false);
        weft_var_t *vm = weft_tape_constant(t, m, N, f), *vr = weft_tape_constant(t, r, 10, K), *vw = weft_tape_constant(t, w, K, f), *vb = weft_tape_constant(t, b, 1, f);
        for (int reduce = WEFT_SUM; reduce <= WEFT_MAX; reduce++) {
            weft_var_t *one = weft_gated_arcs(g, vm, vr, vw, vb, (weft_reduce_t)reduce);
            weft_var_t *all = weft_spmm_arcs(g, NULL, weft_mul(weft_arc_ends(g, WEFT_ENDS_ADD, vm, NULL), weft_sigmoid(weft_bias(weft_matmul(vr, vw), vb))), false, (weft_reduce_t)reduce);
            cr_assert(one && all);
            for (int i = 0; i < N * f; i++) cr_assert_float_eq(weft_var_data(one)[i], weft_var_data(all)[i], 2e-6, "width %d, reduction %d, element %d", f, reduce, i);
        }
        weft_var_t *one = weft_arc_means(g, vm, vr, 2), *weight = weft_segment_softmax(g, weft_arc_ends(g, WEFT_ENDS_ADD, vm, NULL));
        for (int c = 0; c < 2; c++) {
            weft_var_t *all = weft_spmm_arcs(g, NULL, weft_row_scale(weight, weft_columns(vr, c, 1)), false, WEFT_SUM);
            cr_assert(one && all);
            for (int v = 0; v < N; v++)
                for (int j = 0; j < f; j++) {
                    float x = weft_var_data(one)[v * 2 * f + c * f + j], y = weft_var_data(all)[v * f + j];
                    cr_assert_float_eq(x, y, 1e-5 * (1.0 + fabs((double)y)), "width %d, node %d, column %d: %g, %g", f, v, j, (double)x, (double)y);
                }
        }
        weft_tape_free(t);
    }
    weft_graph_free(g);
}

enum { GN = 5, GK = 4, GMOST = 40 };
static void gradients(const weft_graph_t *g, weft_params_t *p, weft_param_t *const of[4], weft_reduce_t reduce, bool fused, float *to)
{
    static const int32_t label[GN] = {3, 1, 0, 2, 5};
    weft_tape_t *t = weft_tape_new();
    weft_params_zero_grad(p);
    weft_var_t *m = weft_param_var(t, of[0]), *r = weft_param_var(t, of[1]), *w = weft_param_var(t, of[2]), *b = weft_param_var(t, of[3]);
    weft_var_t *y = fused ? weft_gated_arcs(g, m, r, w, b, reduce)
                          : weft_spmm_arcs(g, NULL, weft_mul(weft_arc_ends(g, WEFT_ENDS_ADD, m, NULL), weft_sigmoid(weft_bias(weft_matmul(r, w), b))), false, reduce);
    cr_assert_eq(weft_tape_backward(t, weft_cross_entropy(y, label, NULL, 0, NULL), NULL), WEFT_OK);
    for (int i = 0; i < 4; i++) {
        memcpy(to, of[i]->grad, (size_t)(of[i]->rows * of[i]->cols) * sizeof *to);
        to += of[i]->rows * of[i]->cols;
    }
    weft_tape_free(t);
}

/* Widths below a block, of one, and of one and a part: tests of gradients by differences use small ones only. */
Test(frames, gradients_over_arcs_are_their_compositions)
{
    static const int32_t source[] = {1, 2, 3, 0, 2, 0, 1, 3, 4, 0}, target[] = {0, 0, 0, 1, 1, 2, 2, 2, 2, 3};
    static float a[2][GN * GMOST + 10 * GK + GK * GMOST + GMOST];
    weft_graph_t *g = NULL;
    cr_assert_eq(weft_graph_new(&g, GN, GN, 10, source, target, 0, NULL), WEFT_OK);
    for (int f = 8; f <= GMOST; f += 8) {
        weft_params_t *p = weft_params_new((uint64_t)f);
        weft_param_t *of[4] = {weft_params_add(p, "m", GN, f, WEFT_INIT_FAN_IN, 1), weft_params_add(p, "r", 10, GK, WEFT_INIT_FAN_IN, 1), weft_params_add(p, "w", GK, f, WEFT_INIT_FAN_IN, 1), weft_params_add(p, "b", 1, f, WEFT_INIT_FAN_IN, 1)};
        cr_assert_eq(weft_params_status(p), WEFT_OK);
        for (int reduce = WEFT_SUM; reduce <= WEFT_MAX; reduce++) {
            double size = 0.0;
            gradients(g, p, of, (weft_reduce_t)reduce, true, a[0]);
            gradients(g, p, of, (weft_reduce_t)reduce, false, a[1]);
            int n = GN * f + 10 * GK + GK * f + f;
            for (int i = 0; i < n; i++) size += fabs((double)a[1][i]) / n;
            cr_assert(size > 1e-4);
            for (int i = 0; i < n; i++) cr_assert_float_eq(a[0][i], a[1][i], 1e-5 * (1.0 + fabs((double)a[1][i])), "width %d, reduction %d, element %d: %g, %g", f, reduce, i, (double)a[0][i], (double)a[1][i]);
        }
        weft_params_free(p);
    }
    weft_graph_free(g);
}

Test(frames, what_does_not_fit_is_told)
{
    weft_recording_t *r = make(1);
    const weft_recordings_t one = {&r, 1}, none = {&r, 0};
    weft_box_options_t o = weft_box_defaults("mlp");
    weft_box_model_t *m = NULL;
    weft_diag_t *diag = weft_diag_new();
    cr_expect_eq(weft_box_model_new(&m, &o, &none, diag), WEFT_EUSAGE);
    o.batch = 0;
    cr_expect_eq(weft_box_model_new(&m, &o, &one, diag), WEFT_EUSAGE);
    cr_expect_eq(weft_diag_n_of_id(diag, "boxes-options"), 2);
    m = model_of(r, WEFT_AGGREGATE_MEAN, "mlp");
    r->classes.n--;
    cr_expect_eq(weft_box_model_apply(m, r, NULL, diag), WEFT_EINPUT);
    cr_expect_eq(weft_diag_n_of_id(diag, "boxes-columns"), 1);
    r->classes.n++;
    weft_box_model_free(m);
    weft_diag_free(diag);
    weft_recording_free(r);
}
