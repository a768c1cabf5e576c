/* data/frames.c: see data/frames.h. */
#include "data/frames.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "graph/graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int64_t weft_profile_columns(const weft_recording_t *r) { return (r->embedding ? r->n_columns : 0) + r->classes.n + WEFT_GEOMETRY_COLUMNS; }

typedef struct node { int64_t box; float x, y, w, h, left, top; } node_t; /* middle from the frame's middle, turned; size; where it stood before the turn */

static int from_left(const void *pa, const void *pb)
{
    const node_t *a = pa, *b = pb;
    if (a->x != b->x) return a->x < b->x ? -1 : 1;
    if (a->y != b->y) return a->y < b->y ? -1 : 1;
    if (a->w * a->h != b->w * b->h) return a->w * a->h < b->w * b->h ? -1 : 1;
    return a->box < b->box ? -1 : 1;
}

typedef struct eye { float c, s, flip, w, h; } eye_t; /* of the turn; -1 in a mirror; the frame's size */

/* A place of the frame as it is seen: from the frame's middle. */
static void seen(const eye_t *e, float x, float y, float *to_x, float *to_y)
{
    x = e->flip * (x - 0.5f * e->w);
    y -= 0.5f * e->h;
    *to_x = e->c * x - e->s * y;
    *to_y = e->s * x + e->c * y;
}

static void profile(const weft_recording_t *r, int64_t frame, const node_t *b, const eye_t *e, float *to)
{
    if (r->embedding) {
        memcpy(to, r->embedding + b->box * r->n_columns, (size_t)r->n_columns * sizeof *to);
        to += r->n_columns;
    }
    if (r->probability) memcpy(to, r->probability + b->box * r->classes.n, (size_t)r->classes.n * sizeof *to);
    else
        for (int32_t k = 0; k < r->classes.n; k++) to[k] = r->guess[b->box] == k ? 1.0f : 0.0f;
    to += r->classes.n;
    to[0] = 4.0f * b->x / e->w;
    to[1] = 4.0f * b->y / e->h;
    to[2] = logf(b->w / e->w);
    to[3] = logf(b->h / e->h);
    to[4] = to[2] - to[3];
    to[5] = r->score[b->box];
    to[6] = to[7] = 0.0f;
    if (r->gaze && !isnan(r->gaze[2 * frame]) && !isnan(r->gaze[2 * frame + 1])) {
        float gx, gy;
        seen(e, r->gaze[2 * frame], r->gaze[2 * frame + 1], &gx, &gy);
        to[6] = fmaxf(-8.0f, fminf(8.0f, 4.0f * (gx - b->x) / e->w));
        to[7] = fmaxf(-8.0f, fminf(8.0f, 4.0f * (gy - b->y) / e->w));
    }
}

static void relation(const node_t *u, const node_t *v, float over, const float *lw, const float *lh, int64_t iu, int64_t iv, float *to)
{
    float dx = (u->x - v->x) * over, dy = (u->y - v->y) * over;
    float iw = fminf(u->left + u->w, v->left + v->w) - fmaxf(u->left, v->left), ih = fminf(u->top + u->h, v->top + v->h) - fmaxf(u->top, v->top);
    float both = iw > 0.0f && ih > 0.0f ? iw * ih : 0.0f;
    float far = sqrtf(dx * dx + dy * dy), by = far > 0.0f ? 1.0f / far : 0.0f;
    to[0] = dx;
    to[1] = dy;
    to[2] = lw[iu] - lw[iv];
    to[3] = lh[iu] - lh[iv];
    to[4] = both / (u->w * u->h + v->w * v->h - both);
    to[5] = dy * by;
    to[6] = dx * by;
}

/* The k nearest of node v, ascending, into source; how many. */
static int64_t nearest(const node_t *b, int64_t n, int64_t v, int64_t k, float *far, int32_t *source, int64_t first)
{
    int64_t taken = 0;
    for (int64_t u = 0; u < n; u++) far[u] = u == v ? INFINITY : (b[u].x - b[v].x) * (b[u].x - b[v].x) + (b[u].y - b[v].y) * (b[u].y - b[v].y);
    for (; taken < k && taken < n - 1; taken++) {
        int64_t best = -1;
        for (int64_t u = 0; u < n; u++)
            if (far[u] >= 0.0f && u != v && (best < 0 || far[u] < far[best])) best = u;
        far[best] = -1.0f;
    }
    int64_t at = 0;
    for (int64_t u = 0; u < n; u++)
        if (u != v && far[u] < 0.0f) source[at++] = (int32_t)(first + u);
    return taken;
}

weft_status_t weft_i_frames_init(weft_i_frames_t *f, const weft_recordings_t *set, const weft_frame_t *frame, int64_t n_frames, const weft_frame_graph_t *form, const weft_i_view_t *view, bool back, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t n = 0, arcs = 0, most = 1, columns = set->n ? weft_profile_columns(set->at[0]) : 0, *offset = NULL;
    int32_t *source = NULL;
    node_t *node = NULL;
    float *scratch = NULL;
    *f = (weft_i_frames_t){0};
    for (int64_t i = 0; i < n_frames; i++) {
        const weft_recording_t *r = set->at[frame[i].recording];
        int64_t m = r->frame_ptr[frame[i].frame + 1] - r->frame_ptr[frame[i].frame];
        n += m;
        arcs += m * (form->nearest > 0 && form->nearest < m - 1 ? form->nearest : m - 1);
        if (m > most) most = m;
    }
    WEFT_TRY_ALLOC(f->recording = weft_i_malloc((size_t)(n + 1) * sizeof *f->recording));
    WEFT_TRY_ALLOC(f->box = weft_i_malloc((size_t)(n + 1) * sizeof *f->box));
    WEFT_TRY_ALLOC(f->mirrored = weft_i_malloc((size_t)(n + 1) * sizeof *f->mirrored));
    WEFT_TRY_ALLOC(f->x = weft_i_aligned((size_t)(n * columns + 1) * sizeof *f->x));
    WEFT_TRY_ALLOC(offset = weft_i_malloc((size_t)(n + 1) * sizeof *offset));
    WEFT_TRY_ALLOC(source = weft_i_malloc((size_t)(arcs + 1) * sizeof *source));
    WEFT_TRY_ALLOC(node = weft_i_malloc((size_t)most * sizeof *node));
    WEFT_TRY_ALLOC(scratch = weft_i_malloc(3 * (size_t)most * sizeof *scratch));
    if (!form->no_relation) WEFT_TRY_ALLOC(f->relation = weft_i_aligned((size_t)(arcs * WEFT_RELATION_COLUMNS + 1) * sizeof *f->relation));
    arcs = 0;
    for (int64_t i = 0; i < n_frames; i++) {
        const weft_recording_t *r = set->at[frame[i].recording];
        int64_t m = 0;
        weft_i_rng_t rng = {view ? view[i].seed : 0, 0, 0};
        const eye_t e = view ? (eye_t){cosf(view[i].turn), sinf(view[i].turn), view[i].mirror ? -1.0f : 1.0f, (float)r->width, (float)r->height} : (eye_t){1.0f, 0.0f, 1.0f, (float)r->width, (float)r->height};
        for (int64_t k = r->frame_ptr[frame[i].frame]; k < r->frame_ptr[frame[i].frame + 1]; k++) {
            const float *b = r->box + 4 * k;
            if (view && view[i].drop > 0.0f && weft_i_rng_uniform(&rng) < (double)view[i].drop) continue;
            node[m] = (node_t){.box = k, .w = fmaxf(b[2] - b[0], 1e-3f), .h = fmaxf(b[3] - b[1], 1e-3f), .left = e.flip < 0.0f ? e.w - b[2] : b[0], .top = b[1]};
            seen(&e, 0.5f * (b[0] + b[2]), 0.5f * (b[1] + b[3]), &node[m].x, &node[m].y);
            m++;
        }
        float area = 0.0f, *lw = scratch, *lh = scratch + m, *far = scratch + 2 * m;
        qsort(node, (size_t)m, sizeof *node, from_left);
        for (int64_t k = 0; k < m; k++) {
            lw[k] = logf(node[k].w);
            lh[k] = logf(node[k].h);
            area += node[k].w * node[k].h;
        }
        float over = m ? 1.0f / sqrtf(area / (float)m) : 0.0f;
        for (int64_t k = 0; k < m; k++) {
            int64_t v = f->n + k, degree = 0;
            f->recording[v] = frame[i].recording;
            f->box[v] = node[k].box;
            f->mirrored[v] = view && view[i].mirror;
            profile(r, frame[i].frame, &node[k], &e, f->x + v * columns);
            offset[v] = arcs;
            if (form->nearest > 0 && form->nearest < m - 1) degree = nearest(node, m, k, form->nearest, far, source + arcs, f->n);
            else
                for (int64_t u = 0; u < m; u++)
                    if (u != k) source[arcs + degree++] = (int32_t)(f->n + u);
            for (int64_t a = arcs; f->relation && a < arcs + degree; a++)
                relation(&node[source[a] - f->n], &node[k], over, lw, lh, source[a] - f->n, k, f->relation + a * WEFT_RELATION_COLUMNS);
            arcs += degree;
        }
        f->n += m;
    }
    offset[f->n] = arcs;
    if (arcs > INT32_MAX) {
        weft_diag_add(diag, WEFT_ERROR, "graph-size", NULL, 0, 0, "2^31 arcs or more");
        status = WEFT_EINPUT;
        goto done;
    }
    status = weft_i_graph_of_rows(&f->graph, f->n, f->n, offset, source, back);
    offset = NULL;
    source = NULL;
done:
    weft_i_free(offset);
    weft_i_free(source);
    weft_i_free(node);
    weft_i_free(scratch);
    if (status != WEFT_OK) weft_i_frames_destroy(f);
    return status;
}

void weft_i_frames_destroy(weft_i_frames_t *f)
{
    weft_i_free(f->recording);
    weft_i_free(f->box);
    weft_i_free(f->mirrored);
    weft_i_free(f->x);
    weft_i_free(f->relation);
    weft_graph_free(f->graph);
    *f = (weft_i_frames_t){0};
}
