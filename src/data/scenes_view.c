/* data/scenes_view.c: from things on a desk to what a detector says of them. */
#include "data/scenes.h"

#include <math.h>
#include <string.h>

bool weft_i_scene_point(const weft_i_eye_t *e, const double at[3], double pixel[2])
{
    const double focal = 700.0;
    double d[3] = {at[0] - e->at[0], at[1] - e->at[1], at[2] - e->at[2]};
    double z = d[0] * e->forward[0] + d[1] * e->forward[1] + d[2] * e->forward[2];
    if (z < 0.05) return false;
    pixel[0] = 0.5 * WEFT_I_SCENE_WIDTH + focal * (d[0] * e->right[0] + d[1] * e->right[1] + d[2] * e->right[2]) / z;
    pixel[1] = 0.5 * WEFT_I_SCENE_HEIGHT - focal * (d[0] * e->up[0] + d[1] * e->up[1] + d[2] * e->up[2]) / z;
    return true;
}

bool weft_i_scene_project(const weft_i_eye_t *e, const weft_i_thing_t *t, double box[4], double *depth)
{
    double c = cos(t->yaw), s = sin(t->yaw), full[4] = {1e9, 1e9, -1e9, -1e9};
    double lift = t->carry_until ? 0.06 : 0.0;
    for (int k = 0; k < 8; k++) {
        double u = (k & 1 ? 0.5 : -0.5) * t->size[0], v = (k & 2 ? 0.5 : -0.5) * t->size[1], p[2];
        double at[3] = {t->x + c * u - s * v, t->y + s * u + c * v, lift + (k & 4 ? t->size[2] : 0.0)};
        if (!weft_i_scene_point(e, at, p)) return false;
        full[0] = fmin(full[0], p[0]);
        full[1] = fmin(full[1], p[1]);
        full[2] = fmax(full[2], p[0]);
        full[3] = fmax(full[3], p[1]);
    }
    box[0] = fmax(full[0], 0.0);
    box[1] = fmax(full[1], 0.0);
    box[2] = fmin(full[2], WEFT_I_SCENE_WIDTH);
    box[3] = fmin(full[3], WEFT_I_SCENE_HEIGHT);
    double dx = t->x - e->at[0], dy = t->y - e->at[1], dz = lift + 0.5 * t->size[2] - e->at[2];
    *depth = sqrt(dx * dx + dy * dy + dz * dz);
    return box[2] - box[0] > 4.0 && box[3] - box[1] > 4.0 && (box[2] - box[0]) * (box[3] - box[1]) > 0.25 * (full[2] - full[0]) * (full[3] - full[1]);
}

void weft_i_scene_cover(weft_i_seen_t *seen, int32_t n)
{
    enum { GRID = 8 };
    for (int32_t i = 0; i < n; i++) {
        int32_t by[WEFT_I_MOST_THINGS] = {0}, covered = 0, most = -1;
        const double *b = seen[i].box;
        for (int k = 0; k < GRID * GRID; k++) {
            double x = b[0] + (b[2] - b[0]) * (k % GRID + 0.5) / GRID, y = b[1] + (b[3] - b[1]) * (k / GRID + 0.5) / GRID;
            for (int32_t j = 0; j < n; j++) {
                const double *o = seen[j].box;
                double mx = 0.1 * (o[2] - o[0]), my = 0.1 * (o[3] - o[1]); /* a rectangle holds more than the thing */
                if (j == i || seen[j].depth >= seen[i].depth || x < o[0] + mx || x > o[2] - mx || y < o[1] + my || y > o[3] - my) continue;
                covered++;
                by[j]++;
                break;
            }
        }
        for (int32_t j = 0; j < n; j++)
            if (by[j] && (most < 0 || by[j] > by[most])) most = j;
        seen[i].covered = (double)covered / (GRID * GRID);
        seen[i].coverer = most;
    }
}

static void embed(const weft_i_world_t *w, const weft_i_thing_t *things, const weft_i_eye_t *eye, const weft_i_seen_t *s, weft_i_rng_t *rng, float *to)
{
    const weft_i_thing_t *t = &things[s->thing];
    double turn = eye->azimuth - t->yaw, far = s->depth, small = 60.0 / fmax(sqrt((s->box[2] - s->box[0]) * (s->box[3] - s->box[1])), 12.0);
    double view[4] = {cos(turn), sin(turn), 2.0 * (eye->elevation - 0.87), 2.0 * (far - 1.1)}, noise = 0.35 + 0.25 * s->covered + 0.1 * fmin(small, 3.0);
    for (int j = 0; j < WEFT_SCENES_COLUMNS; j++) {
        double x = w->prototype[t->kind][j] + t->offset[j];
        for (int k = 0; k < 4; k++) x += view[k] * w->view[t->kind][k][j];
        to[j] = (float)(x + noise * weft_i_rng_normal(rng));
    }
}

/* Types that detectors take for one another. */
static const int32_t mistaken_for[WEFT_I_N_KINDS] = {WEFT_I_BOOK, WEFT_I_CONTROLLER, WEFT_I_DEVICE, WEFT_I_TABLET, WEFT_I_DEVICE, WEFT_I_TABLET, WEFT_I_CONTROLLER};

static float probabilities(const weft_i_thing_t *t, double covered, weft_i_rng_t *rng, float *to)
{
    bool nothing = t->kind >= WEFT_I_N_KINDS;
    double of_kind[WEFT_I_N_KINDS], sum = 0.0, background = exp(nothing ? 0.8 + 0.8 * weft_i_rng_normal(rng) : -2.0 + 0.7 * weft_i_rng_normal(rng) + 1.5 * covered);
    int32_t top = nothing ? (int32_t)weft_i_rng_below(rng, WEFT_I_N_KINDS) : t->kind;
    double lead = nothing ? 0.8 : 2.6 - 1.2 * covered;
    if (!nothing && weft_i_rng_uniform(rng) < 0.06 + 0.2 * covered) top = mistaken_for[t->kind];
    for (int k = 0; k < WEFT_I_N_KINDS; k++) {
        of_kind[k] = exp((k == top ? lead : -1.0) + 0.6 * weft_i_rng_normal(rng));
        sum += of_kind[k];
    }
    sum += background;
    to[0] = (float)(background / sum);
    for (int k = 0, c = 1; k < WEFT_I_N_KINDS; k++) {
        double share = 0.2 + 0.6 * weft_i_rng_uniform(rng), p = of_kind[k] / sum;
        if (k > WEFT_I_CONTROLLER) share = 1.0;
        to[c++] = (float)(p * share);
        if (k <= WEFT_I_CONTROLLER) to[c++] = (float)(p * (1.0 - share));
    }
    return (float)fmin(0.999, fmax(0.05, 1.0 - background / sum - 0.25 * weft_i_rng_uniform(rng)));
}

bool weft_i_scene_detect(const weft_i_world_t *w, const weft_i_thing_t *things, const weft_i_eye_t *eye, const weft_i_seen_t *s, weft_i_rng_t *rng, float box[4], float *embedding, float *probability, float *score)
{
    const weft_i_thing_t *t = &things[s->thing];
    double missed = t->kind == WEFT_I_HAND ? 0.6 : t->kind >= WEFT_I_CLUTTER ? 0.7 : 0.04 + 1.3 * fmax(0.0, s->covered - 0.25);
    double width = s->box[2] - s->box[0], height = s->box[3] - s->box[1], edge[4];
    if (weft_i_rng_uniform(rng) < missed) return false;
    for (int k = 0; k < 4; k++) edge[k] = s->box[k] + (1.0 + 0.03 * (k & 1 ? height : width)) * weft_i_rng_normal(rng);
    box[0] = (float)fmax(0.0, edge[0]);
    box[1] = (float)fmax(0.0, edge[1]);
    box[2] = (float)fmin(WEFT_I_SCENE_WIDTH, fmax(edge[2], edge[0] + 3.0));
    box[3] = (float)fmin(WEFT_I_SCENE_HEIGHT, fmax(edge[3], edge[1] + 3.0));
    embed(w, things, eye, s, rng, embedding);
    if (s->coverer >= 0 && s->covered > 0.0) {
        float other[WEFT_SCENES_COLUMNS];
        weft_i_seen_t front = {.thing = s->coverer, .depth = s->depth, .coverer = -1};
        memcpy(front.box, s->box, sizeof front.box);
        embed(w, things, eye, &front, rng, other);
        for (int j = 0; j < WEFT_SCENES_COLUMNS; j++) embedding[j] = (float)((1.0 - s->covered) * embedding[j] + s->covered * other[j]);
    }
    *score = probabilities(t, s->covered, rng, probability);
    return true;
}
