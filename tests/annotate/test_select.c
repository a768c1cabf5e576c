/* Pieces of tracks keep one class, selection asks each thing once, labels flow to the nearest answer, the simulated loop. */
#include "annotate/pool.h"
#include "weft/scenes.h"

#include "support/effort.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static weft_recordings_t make(int32_t n, int32_t frames, uint64_t seed)
{
    weft_recordings_t set = {calloc((size_t)n, sizeof *set.at), n};
    for (int32_t i = 0; i < n; i++) cr_assert_eq(weft_scenes_recording(&set.at[i], &(weft_scenes_options_t){n, frames, seed}, i, NULL), WEFT_OK);
    return set;
}
static void unmake(weft_recordings_t *set)
{
    for (int32_t i = 0; i < set->n; i++) weft_recording_free(set->at[i]);
    free(set->at);
}

/* One look answers for all: in every piece nearly all boxes have one class, and pieces hold nearly all boxes. */
Test(select, still_pieces_are_of_one_class)
{
    weft_recordings_t set = make(4, 150, 21);
    int64_t pure = 0, in = 0, all = 0;
    for (int32_t i = 0; i < set.n; i++) {
        const weft_recording_t *r = set.at[i];
        int32_t *piece = malloc((size_t)r->n_boxes * sizeof *piece), n = 0;
        cr_assert_eq(weft_i_pieces(piece, &n, r), WEFT_OK);
        int64_t *of = calloc((size_t)n * WEFT_SCENES_CLASSES, sizeof *of);
        for (int64_t b = 0; b < r->n_boxes; b++) {
            cr_assert(piece[b] >= -1 && piece[b] < n);
            if (piece[b] >= 0) of[piece[b] * WEFT_SCENES_CLASSES + r->truth[b]]++, in++;
        }
        for (int32_t k = 0; k < n; k++) {
            int64_t most = 0;
            for (int c = 0; c < WEFT_SCENES_CLASSES; c++) most = of[k * WEFT_SCENES_CLASSES + c] > most ? of[k * WEFT_SCENES_CLASSES + c] : most;
            pure += most;
        }
        all += r->n_boxes;
        free(of);
        free(piece);
    }
    cr_assert(in > all * 85 / 100 && pure > in * 995 / 1000, "%lld boxes, %lld in pieces, %lld of the piece's class", (long long)all, (long long)in, (long long)pure);
    unmake(&set);
}

Test(select, asks_each_thing_once_and_never_what_is_answered)
{
    weft_recordings_t set = make(2, 40, 22);
    weft_i_pool_t p;
    weft_asked_t a[40], b[40];
    int64_t n = 0, m = 0;
    cr_assert_eq(weft_i_pool_init(&p, &set), WEFT_OK);
    for (int select = 0; select < 3; select++) {
        cr_assert_eq(weft_i_pool_select(a, &n, &p, (weft_select_t)select, 40, 7), WEFT_OK);
        cr_assert_eq(weft_i_pool_select(b, &m, &p, (weft_select_t)select, 40, 7), WEFT_OK);
        cr_assert(n == 40 && m == 40);
        for (int64_t k = 0; k < n; k++) {
            cr_assert(a[k].recording == b[k].recording && a[k].box == b[k].box); /* a function of its arguments */
            for (int64_t q = 0; q < k; q++) {
                cr_assert(a[k].recording != a[q].recording || a[k].box != a[q].box);
                if (select == WEFT_SELECT_WEFT && a[k].recording == a[q].recording) cr_assert_neq(p.piece[a[k].recording][a[k].box], p.piece[a[q].recording][a[q].box]);
            }
        }
    }
    /* all answered but three: those three, by any rule */
    for (int32_t i = 0; i < set.n; i++)
        for (int64_t k = 0; k < set.at[i]->n_boxes; k++) p.given[i][k] = i == 1 && k < 3 ? -1 : 0;
    for (int select = 0; select < 3; select++) {
        cr_assert_eq(weft_i_pool_select(a, &n, &p, (weft_select_t)select, 40, 7), WEFT_OK);
        cr_assert_eq(n, 3);
        for (int64_t k = 0; k < n; k++) cr_assert(a[k].recording == 1 && a[k].box < 3);
    }
    weft_i_pool_destroy(&p);
    unmake(&set);
}

static int conflicts;
static void conflict(void *context, int32_t i, int64_t a, int64_t b)
{
    (void)context, (void)i;
    cr_assert(a < b);
    conflicts++;
}

Test(select, labels_flow_to_the_nearest)
{
    weft_recordings_t set = make(1, 60, 23);
    const weft_recording_t *r = set.at[0];
    weft_i_pool_t p;
    int64_t count[4096] = {0}, first = -1, last = -1;
    int32_t best = 0;
    cr_assert_eq(weft_i_pool_init(&p, &set), WEFT_OK);
    for (int64_t b = 0; b < r->n_boxes; b++)
        if (p.piece[0][b] >= 0 && ++count[p.piece[0][b]] > count[best]) best = p.piece[0][b];
    for (int64_t b = 0; b < r->n_boxes; b++)
        if (p.piece[0][b] == best) first = first < 0 ? b : first, last = b;
    cr_assert_gt(count[best], 10);
    p.given[0][first] = 3;
    cr_assert_eq(weft_i_pool_flow(&p, conflict, NULL), WEFT_OK);
    cr_assert(p.n_flowed == count[best] - 1 && p.flowed[0][last] == 3 && conflicts == 0);
    p.given[0][last] = 4;
    cr_assert_eq(weft_i_pool_flow(&p, conflict, NULL), WEFT_OK);
    cr_assert(p.n_flowed == count[best] - 2 && conflicts == 1);
    int64_t of[2] = {0}, changes = 0;
    int32_t before = 3;
    for (int64_t b = first + 1; b < last; b++) {
        if (p.piece[0][b] != best) continue;
        of[p.flowed[0][b] == 4]++;
        changes += p.flowed[0][b] != before;
        before = p.flowed[0][b];
    }
    cr_assert(changes == 1 && of[0] > 0 && of[1] > 0);
    weft_i_pool_destroy(&p);
    unmake(&set);
}

Test(select, the_simulated_loop)
{
    weft_recordings_t set = make(4, 40, 24);
    weft_simulate_options_t o = weft_simulate_defaults();
    weft_simulation_t a, b;
    weft_diag_t *diag = weft_diag_new();
    o.steps = EFFORT(60, 10);
    o.budget = EFFORT(30, 16);
    o.batch = 8;
    o.flow = true;
    cr_assert_eq(weft_simulate(&a, &set, &o, NULL, NULL, NULL), WEFT_OK);
    cr_assert_eq(weft_simulate(&b, &set, &o, NULL, NULL, NULL), WEFT_OK);
    cr_assert(a.n_curve > 0 && a.n_curve == b.n_curve && !memcmp(a.curve, b.curve, (size_t)a.n_curve * sizeof *a.curve)); /* the same bits */
    cr_assert(a.curve[0].labels == 8 && a.curve[a.n_curve - 1].labels <= 30 && a.curve[0].flowed > 8);
    weft_simulation_destroy(&b);
    set.at[0]->truth[0] = -1;
    cr_assert_eq(weft_simulate(&b, &set, &o, NULL, NULL, diag), WEFT_EINPUT);
    cr_assert_eq(weft_diag_n_of_id(diag, "simulate-data"), 1);
    weft_diag_free(diag);
    weft_simulation_destroy(&a);
    unmake(&set);
}
