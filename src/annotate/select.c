/* annotate/select.c: which boxes are worth a person's look.
 *
 *   random       any box without a label, all alike
 *   uncertainty  least margin between the two likeliest classes first
 *   weft (ours)  a still piece of a track is one question, answered once for all its boxes. Its worth is
 *                    n^0.7 (1/10 + u) (1/5 + d):
 *                n its boxes, u one minus the mean margin over them (1 before a model was taught: the detector's doubts are not ours), d how far its mean embedding lies from the nearest piece that has an answer or was just chosen (1 - cosine, cut at 1;
 *                without embeddings 1). Chosen one after the other, so that a batch does not ask twice for what looks the same. Asked is the piece's surest detection. Then boxes that move. */
#include "annotate/pool.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"random", "uncertainty", "weft", NULL};

const char *weft_select_name(weft_select_t select) { return names[select]; }

bool weft_select_by_name(weft_select_t *select, const char *name)
{
    for (int i = 0; names[i]; i++)
        if (!strcmp(names[i], name)) return *select = (weft_select_t)i, true;
    return false;
}

double weft_i_margin(const float *p, int32_t classes)
{
    float first = 0.0f, second = 0.0f;
    for (int32_t c = 0; c < classes; c++)
        if (p[c] > first) second = first, first = p[c];
        else if (p[c] > second) second = p[c];
    return (double)(first - second);
}

static int by_worth(const void *pa, const void *pb)
{
    const weft_asked_t *a = pa, *b = pb;
    if (a->worth != b->worth) return a->worth > b->worth ? -1 : 1;
    return a->recording != b->recording ? (a->recording < b->recording ? -1 : 1) : a->box < b->box ? -1 : a->box > b->box;
}

/* Every box without a label; worth by chance or by margin. */
static weft_status_t boxes(weft_asked_t *asked, int64_t *n, const weft_i_pool_t *p, bool chance, bool flowed, int64_t most, uint64_t seed)
{
    int64_t all = 0, k = 0;
    for (int32_t i = 0; i < p->set->n; i++) all += p->set->at[i]->n_boxes;
    weft_asked_t *list = weft_i_malloc((size_t)(all + 1) * sizeof *list);
    weft_i_rng_t rng = {seed, 31, 0};
    if (!list) return WEFT_ENOMEM;
    for (int32_t i = 0; i < p->set->n; i++)
        for (int64_t b = 0; b < p->set->at[i]->n_boxes; b++) {
            int32_t c = p->set->at[i]->classes.n;
            double dice = weft_i_rng_uniform(&rng);
            if (p->given[i][b] >= 0 || (!flowed && p->flowed[i][b] >= 0)) continue;
            bool taken = false;
            for (int64_t q = 0; q < *n && !taken; q++) taken = asked[q].recording == i && asked[q].box == b;
            if (!taken) list[k++] = (weft_asked_t){i, b, chance ? dice : 1.0 - weft_i_margin(p->probability[i] + b * c, c)};
        }
    if (k) qsort(list, (size_t)k, sizeof *list, by_worth);
    for (int64_t q = 0; q < k && *n < most; q++) asked[(*n)++] = list[q];
    weft_i_free(list);
    return WEFT_OK;
}

/* ---- pieces -------------------------------------------------------------------------------------------------------------------------------- */
typedef struct piece { int32_t recording; int64_t box, n; double doubt, near; float surest; bool answered, chosen; float *mean; } piece_t;

static void sum_pieces(piece_t *piece, const weft_i_pool_t *p, float *mean, int64_t columns)
{
    int64_t first = 0;
    for (int32_t i = 0; i < p->set->n; i++) {
        const weft_recording_t *r = p->set->at[i];
        for (int32_t k = 0; k < p->n_pieces[i]; k++) piece[first + k] = (piece_t){.recording = i, .box = -1, .near = 1.0, .mean = mean + (first + k) * columns};
        for (int64_t b = 0; b < r->n_boxes; b++) {
            if (p->piece[i][b] < 0) continue;
            piece_t *q = &piece[first + p->piece[i][b]];
            q->n++;
            q->doubt += 1.0 - weft_i_margin(p->probability[i] + b * r->classes.n, r->classes.n);
            q->answered |= p->given[i][b] >= 0;
            if (q->box < 0 || r->score[b] > q->surest) q->surest = r->score[b], q->box = b;
            for (int64_t j = 0; r->embedding && j < columns; j++) q->mean[j] += r->embedding[b * columns + j];
        }
        first += p->n_pieces[i];
    }
    for (int64_t k = 0; k < first; k++) {
        float length = 0.0f;
        for (int64_t j = 0; j < columns; j++) length += piece[k].mean[j] * piece[k].mean[j];
        for (int64_t j = 0; j < columns && length > 0.0f; j++) piece[k].mean[j] /= sqrtf(length);
        if (piece[k].n) piece[k].doubt /= (double)piece[k].n;
    }
}

static void approach(piece_t *piece, int64_t n, const piece_t *to, int64_t columns)
{
    for (int64_t k = 0; k < n; k++) {
        float dot = 0.0f;
        for (int64_t j = 0; j < columns; j++) dot += piece[k].mean[j] * to->mean[j];
        piece[k].near = fmin(piece[k].near, columns ? fmax(0.0, 1.0 - (double)dot) : 1.0);
    }
}

static weft_status_t pieces(weft_asked_t *asked, int64_t *n, const weft_i_pool_t *p, int64_t most)
{
    weft_status_t status = WEFT_OK;
    int64_t all = 0, columns = p->set->n && p->set->at[0]->embedding ? p->set->at[0]->n_columns : 0;
    piece_t *piece = NULL;
    float *mean = NULL;
    for (int32_t i = 0; i < p->set->n; i++) all += p->n_pieces[i];
    WEFT_TRY_ALLOC(piece = weft_i_malloc((size_t)(all + 1) * sizeof *piece));
    WEFT_TRY_ALLOC(mean = weft_i_calloc((size_t)(all * columns + 1), sizeof *mean));
    sum_pieces(piece, p, mean, columns);
    for (int64_t k = 0; k < all; k++)
        if (piece[k].answered) approach(piece, all, &piece[k], columns);
    while (*n < most) {
        piece_t *best = NULL;
        double most_worth = 0.0;
        for (int64_t k = 0; k < all; k++) {
            if (piece[k].answered || piece[k].chosen || !piece[k].n) continue;
            double worth = pow((double)piece[k].n, 0.7) * (0.1 + (p->taught ? piece[k].doubt : 1.0)) * (0.2 + piece[k].near);
            if (!best || worth > most_worth) best = &piece[k], most_worth = worth;
        }
        if (!best) break;
        best->chosen = true;
        asked[(*n)++] = (weft_asked_t){best->recording, best->box, most_worth};
        approach(piece, all, best, columns);
    }
done:
    weft_i_free(piece);
    weft_i_free(mean);
    return status;
}

weft_status_t weft_i_pool_select(weft_asked_t *asked, int64_t *n, const weft_i_pool_t *p, weft_select_t select, int64_t most, uint64_t seed)
{
    weft_status_t status = WEFT_OK;
    *n = 0;
    if (select == WEFT_SELECT_WEFT) status = pieces(asked, n, p, most);
    if (status == WEFT_OK && *n < most) status = boxes(asked, n, p, select == WEFT_SELECT_RANDOM, false, most, seed);
    if (status == WEFT_OK && *n < most) status = boxes(asked, n, p, select == WEFT_SELECT_RANDOM, true, most, seed); /* what a person has not confirmed, at last */
    return status;
}
