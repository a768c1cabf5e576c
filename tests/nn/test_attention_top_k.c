/* Softmax attention over the best blocks of keys, in float: all of them are weft_attention to the bit; ties go to the first; one block that matters is found; the same bits for threads
 * and vectors; what has no gradient or makes no sense is refused; no allocation that fails is missed. Values: tests/golden/gps_torch.py. */
#include "base/alloc.h"
#include "base/isa.h"
#include "weft/base.h"
#include "weft/gps.h"
#include "weft/train.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADS = 2, COLS = 8, KEYS = 64, ROWS = 1 + 200 + 64 * 21 + 5 };
static const int64_t first[] = {0, 1, 1, 201, ROWS};
static const weft_segments_t segments = {4, first, NULL};
typedef struct world { float q[ROWS * COLS], k[ROWS * COLS], v[ROWS * COLS], y[ROWS * COLS]; } world_t;

static void draw(world_t *w)
{
    uint32_t z = 7;
    for (int64_t i = 0; i < 3 * ROWS * COLS; i++) {
        z = z * 1664525u + 1013904223u;
        (i < ROWS * COLS ? w->q : i < 2 * ROWS * COLS ? w->k : w->v)[i % (ROWS * COLS)] = (float)(z >> 8) * 0x1p-22f - 2.0f;
    }
}

/* top_k 0: weft_attention. */
static weft_status_t run(world_t *w, const weft_segments_t *of, int32_t top_k, bool sink)
{
    static const float b[HEADS] = {0.5f, -1.0f};
    weft_tape_t *t = weft_tape_new();
    if (!t) return WEFT_ENOMEM;
    weft_var_t *q = weft_tape_constant(t, w->q, ROWS, COLS), *k = weft_tape_constant(t, w->k, ROWS, COLS), *v = weft_tape_constant(t, w->v, ROWS, COLS), *s = sink ? weft_tape_constant(t, b, 1, HEADS) : NULL;
    weft_var_t *y = top_k ? weft_attention_top_k(q, k, v, s, HEADS, of, top_k) : weft_attention(q, k, v, s, HEADS, of, 0.0);
    weft_status_t status = weft_tape_status(t, NULL);
    if (status == WEFT_OK) memcpy(w->y, weft_var_data(y), sizeof w->y);
    weft_tape_free(t);
    return status;
}

Test(top_k, all_blocks_are_attention_to_the_bit)
{
    static world_t all, some;
    static const int32_t enough[] = {22, 23, 1000, INT32_MAX};
    for (int sink = 0; sink < 2; sink++)
        for (int i = 0; i < 4; i++) {
            draw(&all), draw(&some);
            cr_assert_eq(run(&all, &segments, 0, sink), WEFT_OK);
            cr_assert_eq(run(&some, &segments, enough[i], sink), WEFT_OK);
            cr_assert_eq(memcmp(all.y, some.y, sizeof all.y), 0, "top_k %d", enough[i]);
            cr_assert_eq(run(&some, &segments, 4, sink), WEFT_OK); /* of 22 blocks, of 4 and of 1 */
            cr_assert_eq(memcmp(all.y, some.y, sizeof(float) * 201 * COLS), 0, "segments of at most 4 blocks");
            cr_assert_neq(memcmp(all.y, some.y, sizeof all.y), 0);
        }
}

/* Equal keys: every choice is a tie, so that the first blocks stay and a row is the mean of their values. */
Test(top_k, ties_go_to_the_first)
{
    static world_t w;
    for (int32_t k = 1; k < 21; k++) {
        draw(&w);
        for (int64_t i = 0; i < ROWS * COLS; i++) w.k[i] = 0.25f * (float)(i % COLS);
        for (int64_t i = 0; i < ROWS * COLS; i++) w.v[i] = (float)(i / COLS);
        cr_assert_eq(run(&w, &segments, k, false), WEFT_OK);
        for (int64_t i = first[3]; i < ROWS; i++) cr_assert_float_eq(w.y[i * COLS], (double)first[3] + 0.5 * (KEYS * k - 1), 1e-2, "top_k %d, row %lld: %g", k, (long long)i, (double)w.y[i * COLS]);
    }
}

/* One block of keys along the queries, wherever it lies, however few are kept. */
Test(top_k, the_block_that_matters_is_found)
{
    static world_t w;
    for (int32_t k = 1; k < 8; k++)
        for (int64_t at = first[3]; at < ROWS; at += KEYS) {
            for (int64_t i = 0; i < ROWS * COLS; i++) w.q[i] = 3.0f, w.k[i] = w.v[i] = i / COLS >= at && i / COLS < at + KEYS ? 3.0f : 0.0f;
            cr_assert_eq(run(&w, &segments, k, false), WEFT_OK);
            for (int64_t i = first[3] * COLS; i < ROWS * COLS; i++) cr_assert_float_eq(w.y[i], 3.0, 1e-3, "top_k %d, keys from %lld: %g", k, (long long)at, (double)w.y[i]);
        }
}

Test(top_k, same_bits_for_threads_and_vectors)
{
    static world_t one, more;
    for (int32_t k = 1; k < 12; k += 2)
        for (int way = 0; way < 4; way++) { /* 1, 2, 4 threads; no more than AVX2 */
            world_t *w = way ? &more : &one;
            weft_threads_set(way == 3 ? 1 : 1 << way);
            weft_i_isa_limit(way == 3 ? WEFT_I_ISA_AVX2 : WEFT_I_N_ISAS);
            draw(w);
            cr_assert_eq(run(w, &segments, k, true), WEFT_OK);
            if (way) cr_assert_eq(memcmp(&one, &more, sizeof one), 0, "top_k %d, way %d", k, way);
        }
    weft_threads_set(0);
    weft_i_isa_limit(WEFT_I_N_ISAS);
}

Test(top_k, what_makes_no_sense_is_refused)
{
    static world_t w;
    static float dq[ROWS * COLS], ones[ROWS];
    weft_diag_t *diag = weft_diag_new();
    draw(&w);
    cr_assert_eq(run(&w, &segments, -1, false), WEFT_EUSAGE);
    weft_tape_t *t = weft_tape_new();
    cr_assert_null(weft_attention_top_k(weft_tape_constant(t, w.q, ROWS, COLS), weft_tape_constant(t, w.k, ROWS, COLS), weft_tape_constant(t, w.v, ROWS, COLS), NULL, HEADS, NULL, 0));
    cr_assert_eq(weft_tape_status(t, diag), WEFT_EUSAGE);
    cr_assert(strstr(weft_diag_entry(diag, 0)->text, "top_k"), "%s", weft_diag_entry(diag, 0)->text);
    weft_tape_reset(t);
    weft_var_t *y = weft_attention_top_k(weft_tape_leaf(t, w.q, dq, ROWS, COLS), weft_tape_constant(t, w.k, ROWS, COLS), weft_tape_constant(t, w.v, ROWS, COLS), NULL, HEADS, &segments, 2);
    weft_var_t *sum = weft_matmul(weft_tape_constant(t, ones, 1, ROWS), weft_columns(y, 0, 1));
    cr_assert_eq(weft_tape_status(t, NULL), WEFT_OK);
    cr_assert_eq(weft_tape_backward(t, sum, diag), WEFT_EUSAGE);
    cr_assert(strstr(weft_diag_entry(diag, 1)->text, "no gradient"), "%s", weft_diag_entry(diag, 1)->text);
    weft_tape_free(t);
    weft_diag_free(diag);
}

Test(top_k, every_allocation_that_fails_is_told)
{
    static world_t w;
    weft_status_t status = WEFT_ENOMEM;
    draw(&w);
    for (int64_t nth = 1; status != WEFT_OK; nth++) {
        weft_i_alloc_fail(nth, false);
        status = run(&w, &segments, 2, false);
        weft_i_alloc_fail(0, false);
        cr_assert(status == WEFT_OK ? nth > 6 : status == WEFT_ENOMEM, "allocation %lld: %d", (long long)nth, (int)status);
    }
}

/* With one thread's tile the means are more than what a plan rounds up by. */
Test(top_k, plans_hold_the_means)
{
    enum { N = 20000, WIDE = 128 };
    int64_t peak[2];
    float *x = calloc((size_t)N * WIDE, sizeof *x);
    weft_threads_set(1);
    weft_tape_t *t = weft_tape_new();
    weft_tape_set_training(t, false);
    for (int run = 0; run < 2; run++) {
        weft_tape_reset(t);
        weft_tape_plan(t, !run);
        weft_tape_peak(t, true);
        weft_var_t *in = weft_tape_constant(t, x, N, WIDE);
        cr_assert_not_null(weft_attention_top_k(in, in, in, NULL, HEADS, NULL, 2));
        cr_assert_eq(weft_tape_status(t, NULL), WEFT_OK);
        peak[run] = weft_tape_peak(t, false);
    }
    cr_assert(peak[0] >= peak[1] && peak[0] <= peak[1] + 300000, "planned %lld, taken %lld", (long long)peak[0], (long long)peak[1]);
    weft_tape_free(t);
    weft_threads_set(0);
    free(x);
}

/* The layer prunes outside training alone; the plan refuses what is of no use. */
Test(top_k, layers_prune_outside_training)
{
    static world_t w;
    static float y[4][ROWS * COLS];
    weft_graph_t *graph;
    weft_global_plan_t plan;
    weft_global_options_t o = {.kind = WEFT_GLOBAL_SOFTMAX, .heads = HEADS};
    draw(&w);
    cr_assert_eq(weft_graph_new(&graph, ROWS, ROWS, 0, NULL, NULL, 0, NULL), WEFT_OK);
    for (int way = 0; way < 4; way++) { /* training or not, with top_k or without */
        o.top_k = way & 1 ? 2 : 0;
        weft_params_t *params = weft_params_new(3);
        weft_tape_t *t = weft_tape_new();
        cr_assert_eq(weft_global_plan_init(&plan, &o, graph, 4, first, NULL), WEFT_OK);
        weft_global_t layer = weft_global_init(params, "g", COLS, &o);
        weft_tape_set_training(t, way < 2);
        weft_var_t *out = weft_global(&layer, &plan, weft_tape_constant(t, w.q, ROWS, COLS));
        cr_assert_eq(weft_tape_status(t, NULL), WEFT_OK);
        memcpy(y[way], weft_var_data(out), sizeof y[way]);
        weft_tape_free(t);
        weft_params_free(params);
        weft_global_plan_destroy(&plan);
    }
    cr_assert_eq(memcmp(y[0], y[1], sizeof *y), 0);
    cr_assert_eq(memcmp(y[0], y[2], sizeof *y), 0);
    cr_assert_neq(memcmp(y[2], y[3], sizeof *y), 0);
    static const weft_global_options_t wrong[] = {{.kind = WEFT_GLOBAL_SOFTMAX, .heads = 1, .top_k = -1}, {.kind = WEFT_GLOBAL_AGENT, .heads = 1, .top_k = 2}, {.kind = WEFT_GLOBAL_SOFTMAX, .heads = 1, .top_k = 2, .pairs = true}};
    for (int i = 0; i < 3; i++) {
        weft_diag_t *diag = weft_diag_new();
        cr_assert_eq(weft_global_plan_init(&plan, &wrong[i], graph, 4, first, diag), WEFT_EUSAGE);
        cr_assert_eq(weft_diag_n_of_id(diag, "attention-top-k"), 1);
        weft_diag_free(diag);
    }
    weft_graph_free(graph);
}

/* A stored model is told to prune: all of it or, where memory is out, none of it. */
Test(top_k, stored_models_take_it_whole_or_not_at_all)
{
    static const char *const meta[] = {"weft", "{\"kind\":\"graph-model-1\",\"model\":\"gps\",\"task\":\"node_class\",\"in\":3,\"edge_in\":0,\"out\":2,\"delta\":1.0,\"options\":{\"global\":\"softmax\","
                                               "\"local\":\"gin\",\"position\":\"none\",\"hidden\":\"8\",\"heads\":\"2\",\"layers\":\"1\"}}"};
    char path[] = "/tmp/weft-top-k-XXXXXX";
    weft_train_options_t o;
    weft_model_t *model;
    weft_stored_t *stored;
    weft_status_t status = WEFT_ENOMEM;
    int file = mkstemp(path);
    cr_assert(file >= 0 && !close(file));
    cr_assert_eq(weft_train_defaults(&o, "gps", NULL, NULL, NULL), WEFT_OK);
    o.model.global = WEFT_GLOBAL_SOFTMAX, o.model.local = WEFT_LOCAL_GIN, o.model.position = WEFT_POSITION_NONE;
    o.model.hidden = 8, o.model.heads = 2, o.model.layers = 1, o.model.in = 3, o.model.out = 2;
    cr_assert_eq(weft_model_new(&model, &o.model, 1, NULL), WEFT_OK);
    cr_assert_eq(weft_params_write(weft_model_params(model), path, meta, 1, NULL), WEFT_OK);
    cr_assert_eq(weft_stored_read(&stored, path, NULL), WEFT_OK);
    for (int64_t nth = 1; status != WEFT_OK; nth++) {
        weft_i_alloc_fail(nth, false);
        status = weft_stored_set_top_k(stored, 3, NULL);
        weft_i_alloc_fail(0, false);
        cr_assert(status == WEFT_OK ? nth > 2 : status == WEFT_ENOMEM, "allocation %lld: %d", (long long)nth, (int)status);
        cr_assert_eq(weft_stored_options(stored)->model.top_k, status == WEFT_OK ? 3 : 0);
    }
    cr_assert_eq(weft_stored_set_top_k(stored, -1, NULL), WEFT_EUSAGE);
    cr_assert_eq(weft_stored_options(stored)->model.top_k, 3);
    weft_stored_free(stored);
    weft_model_free(model);
    unlink(path);
}
