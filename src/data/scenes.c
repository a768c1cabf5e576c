/* data/scenes.c: the desk, what moves on it and the head above it; see weft/scenes.h for the world's rules. */
#include "data/scenes.h"
#include "base/alloc.h"
#include "base/status.h"

#include <math.h>
#include <string.h>

static const char *const class_name[WEFT_SCENES_CLASSES] = {"background", "tablet-left", "tablet-right", "device-left", "device-right", "controller-left", "controller-right", "screen", "keyboard", "book", "cup"};
static const int32_t class_group[WEFT_SCENES_CLASSES] = {0, 1, 1, 3, 3, 5, 5, 7, 8, 9, 10};
static const double typical_size[WEFT_I_ALL_KINDS][3] = {{0.25, 0.18, 0.01}, {0.16, 0.10, 0.04}, {0.12, 0.09, 0.05}, {0.50, 0.08, 0.32}, {0.40, 0.14, 0.02}, {0.24, 0.17, 0.03}, {0.09, 0.09, 0.10},
                                                         {0.15, 0.12, 0.02}, {0.20, 0.06, 0.03}, {0.10, 0.10, 0.06}, {0.20, 0.10, 0.06}};

typedef struct desk {
    weft_i_thing_t thing[WEFT_I_MOST_THINGS];
    int32_t n, hand;
    double axis[2], foot[2]; /* of the workplace: unit vector, keyboard's middle */
    double base[3], sway[5]; /* azimuth, elevation, distance; states of the head's motion */
    double look[2];
    int32_t gaze, gaze_until, carried;
} desk_t;

/* Streams: 0 the world, then eight per recording. */
enum { STREAM_LAYOUT = 1, STREAM_MOTION, STREAM_DETECTOR };
static weft_i_rng_t rng_of(uint64_t seed, int32_t recording, int32_t what) { return (weft_i_rng_t){seed, (uint64_t)recording * 8 + (uint64_t)what, 0}; }
static double between(weft_i_rng_t *r, double low, double high) { return low + (high - low) * weft_i_rng_uniform(r); }

static void world_init(weft_i_world_t *w, uint64_t seed)
{
    weft_i_rng_t r = {seed, 0, 0};
    for (int k = 0; k < WEFT_I_ALL_KINDS; k++)
        for (int j = 0; j < WEFT_SCENES_COLUMNS; j++) {
            w->prototype[k][j] = (float)weft_i_rng_normal(&r);
            for (int v = 0; v < 4; v++) w->view[k][v][j] = (float)(0.3 * weft_i_rng_normal(&r));
        }
    for (int k = 0; k < 3; k++) /* clutter looks half like something */
        for (int j = 0; j < WEFT_SCENES_COLUMNS; j++) w->prototype[WEFT_I_CLUTTER + k][j] = 0.5f * (w->prototype[WEFT_I_CLUTTER + k][j] + w->prototype[(2 * k + 1) % WEFT_I_N_KINDS][j]);
}

static double side(const desk_t *d, double x, double y) { return d->axis[0] * (y - d->foot[1]) - d->axis[1] * (x - d->foot[0]); }

/* A free place on the wanted side (0: any; -1, 1), 8 to 55 cm off the axis; nearer and nearer to others as tries run out. */
static void place(const desk_t *d, const weft_i_thing_t *t, int32_t wanted, weft_i_rng_t *r, double to[2])
{
    double reach = 0.5 * fmax(t->size[0], t->size[1]);
    for (int k = 0; k < 400; k++) {
        double x = between(r, -0.66, 0.66), y = between(r, -0.38, 0.38), off = side(d, x, y);
        bool good = wanted ? off * wanted > 0.08 && off * wanted < 0.55 : true;
        for (int32_t i = 0; i < d->n && good; i++) {
            const weft_i_thing_t *o = &d->thing[i];
            double dx = x - o->x, dy = y - o->y, room = reach + 0.5 * fmin(o->size[0], o->size[1]) + 0.01;
            good = o == t || sqrt(dx * dx + dy * dy) > room * (1.0 - k / 400.0);
        }
        to[0] = x;
        to[1] = y;
        if (good) return;
    }
    if (wanted) { /* a full desk: on top of something, on the right side all the same */
        to[0] = d->foot[0] - wanted * 0.2 * d->axis[1];
        to[1] = d->foot[1] + wanted * 0.2 * d->axis[0];
    }
}

static weft_i_thing_t *add(desk_t *d, int32_t kind, weft_i_rng_t *r)
{
    weft_i_thing_t *t = &d->thing[d->n];
    *t = (weft_i_thing_t){.kind = kind, .yaw = between(r, -3.14159265, 3.14159265)};
    double grown = between(r, 0.88, 1.12);
    for (int k = 0; k < 3; k++) t->size[k] = grown * typical_size[kind][k];
    for (int j = 0; j < WEFT_SCENES_COLUMNS; j++) t->offset[j] = (float)(0.45 * weft_i_rng_normal(r));
    return t;
}

static void add_placed(desk_t *d, int32_t kind, int32_t wanted, weft_i_rng_t *r)
{
    weft_i_thing_t *t = add(d, kind, r);
    double at[2];
    place(d, t, wanted, r, at);
    t->x = at[0];
    t->y = at[1];
    d->n++;
}

static void desk_init(desk_t *d, const weft_scenes_options_t *o, int32_t index)
{
    weft_i_rng_t r = rng_of(o->seed, index, STREAM_LAYOUT);
    double turn = between(&r, -0.61, 0.61), wide = 4 * index < 3 * o->recordings ? 1.05 : 2.09;
    *d = (desk_t){.axis = {-sin(turn), cos(turn)}, .carried = -1};
    d->foot[0] = between(&r, -0.15, 0.15) - 0.15 * d->axis[0];
    d->foot[1] = between(&r, -0.08, 0.08) - 0.15 * d->axis[1];
    for (int k = 0; k < 2; k++) { /* keyboard and screen stand across the axis */
        weft_i_thing_t *t = add(d, k ? WEFT_I_SCREEN : WEFT_I_KEYBOARD, &r);
        t->yaw = turn + between(&r, -0.1, 0.1);
        t->x = d->foot[0] + 0.35 * k * d->axis[0];
        t->y = d->foot[1] + 0.35 * k * d->axis[1];
        d->n++;
    }
    for (int32_t kind = WEFT_I_TABLET; kind <= WEFT_I_CONTROLLER; kind++)
        for (int32_t s = -1; s <= 1; s += 2) add_placed(d, kind, s, &r);
    for (int32_t kind = WEFT_I_BOOK; kind <= WEFT_I_CUP; kind++)
        for (int64_t k = weft_i_rng_below(&r, 2); k >= 0; k--) add_placed(d, kind, 0, &r);
    for (int32_t k = 0; k < 3; k++) add_placed(d, WEFT_I_CLUTTER + k, 0, &r);
    add(d, WEFT_I_HAND, &r);
    d->hand = d->n++;
    d->thing[d->hand].y = -0.6;
    d->base[0] = between(&r, -wide, wide);
    d->base[1] = between(&r, 0.66, 1.08);
    d->base[2] = between(&r, 0.85, 1.35);
    d->gaze = (int32_t)weft_i_rng_below(&r, d->hand);
}

/* One frame on: carrying, gaze, head. */
static void desk_step(desk_t *d, int64_t frame, weft_i_rng_t *r)
{
    weft_i_thing_t *hand = &d->thing[d->hand];
    if (d->carried < 0 && weft_i_rng_uniform(r) < 1.0 / 60.0) {
        d->carried = 2 + (int32_t)weft_i_rng_below(r, 6);
        weft_i_thing_t *t = &d->thing[d->carried];
        int32_t wanted = weft_i_rng_uniform(r) < 0.5 ? 1 : -1;
        t->from[0] = t->x;
        t->from[1] = t->y;
        place(d, t, wanted, r, t->to);
        t->carry_from = (int32_t)frame;
        t->carry_until = (int32_t)frame + 8 + (int32_t)weft_i_rng_below(r, 8);
        d->gaze = d->carried;
        d->gaze_until = t->carry_until;
    }
    if (d->carried >= 0) {
        weft_i_thing_t *t = &d->thing[d->carried];
        double part = (double)(frame - t->carry_from) / (t->carry_until - t->carry_from);
        part = part * part * (3.0 - 2.0 * part);
        t->x = t->from[0] + part * (t->to[0] - t->from[0]);
        t->y = t->from[1] + part * (t->to[1] - t->from[1]);
        hand->x = t->x;
        hand->y = t->y - 0.05;
        if (frame >= t->carry_until) {
            t->carry_until = 0;
            d->carried = -1;
        }
    } else { /* the hand rests in front of the desk, or near what is looked at */
        double rest[2] = {d->gaze % 3 ? 0.0 : d->thing[d->gaze].x, d->gaze % 3 ? -0.6 : d->thing[d->gaze].y - 0.1};
        hand->x += 0.2 * (rest[0] - hand->x);
        hand->y += 0.2 * (rest[1] - hand->y);
    }
    if (frame >= d->gaze_until) {
        d->gaze = (int32_t)weft_i_rng_below(r, d->hand);
        d->gaze_until = (int32_t)frame + 5 + (int32_t)weft_i_rng_below(r, 15);
    }
    for (int k = 0; k < 5; k++) d->sway[k] = 0.97 * d->sway[k] + 0.243 * weft_i_rng_normal(r); /* variance 1, about three seconds */
    for (int k = 0; k < 2; k++) d->look[k] += 0.25 * (0.5 * (k ? d->thing[d->gaze].y : d->thing[d->gaze].x) - d->look[k]);
}

static void eye_of(const desk_t *d, weft_i_eye_t *e)
{
    double az = d->base[0] + 0.3 * d->sway[0], el = fmin(1.2, fmax(0.5, d->base[1] + 0.07 * d->sway[1])), far = fmax(0.7, d->base[2] + 0.06 * d->sway[2]), roll = 0.07 * d->sway[3];
    double aim[3] = {d->look[0], d->look[1] + 0.04 * d->sway[4], 0.05}, n = 0.0, right[3], up[3];
    *e = (weft_i_eye_t){.at = {far * sin(az) * cos(el), -far * cos(az) * cos(el), far * sin(el)}, .azimuth = az, .elevation = el, .distance = far};
    for (int k = 0; k < 3; k++) n += (aim[k] - e->at[k]) * (aim[k] - e->at[k]);
    for (int k = 0; k < 3; k++) e->forward[k] = (aim[k] - e->at[k]) / sqrt(n);
    n = sqrt(e->forward[0] * e->forward[0] + e->forward[1] * e->forward[1]);
    right[0] = e->forward[1] / n;
    right[1] = -e->forward[0] / n;
    right[2] = 0.0;
    up[0] = right[1] * e->forward[2];
    up[1] = -right[0] * e->forward[2];
    up[2] = right[0] * e->forward[1] - right[1] * e->forward[0];
    for (int k = 0; k < 3; k++) {
        e->right[k] = cos(roll) * right[k] + sin(roll) * up[k];
        e->up[k] = cos(roll) * up[k] - sin(roll) * right[k];
    }
}

static int32_t class_of(const desk_t *d, const weft_i_thing_t *t)
{
    if (t->kind >= WEFT_I_N_KINDS) return 0;
    if (t->kind > WEFT_I_CONTROLLER) return 7 + t->kind - WEFT_I_SCREEN;
    return 1 + 2 * t->kind + (side(d, t->x, t->y) > 0.0 ? 0 : 1);
}

typedef struct room { int64_t box, score, guess, track, truth, object, embedding, probability; } room_t;

static bool grow(weft_recording_t *r, room_t *room, int64_t n)
{
    return WEFT_I_ROOM(r->box, room->box, 4 * n) && WEFT_I_ROOM(r->score, room->score, n) && WEFT_I_ROOM(r->guess, room->guess, n) && WEFT_I_ROOM(r->track, room->track, n)
        && WEFT_I_ROOM(r->truth, room->truth, n) && WEFT_I_ROOM(r->object, room->object, n) && WEFT_I_ROOM(r->embedding, room->embedding, n * WEFT_SCENES_COLUMNS)
        && WEFT_I_ROOM(r->probability, room->probability, n * WEFT_SCENES_CLASSES);
}

static void detect(const weft_i_world_t *w, const desk_t *d, weft_i_rng_t *rng, weft_recording_t *r)
{
    weft_i_seen_t seen[WEFT_I_MOST_THINGS];
    weft_i_eye_t eye;
    int32_t n = 0, order[WEFT_I_MOST_THINGS];
    eye_of(d, &eye);
    for (int32_t i = 0; i < d->n; i++)
        if (weft_i_scene_project(&eye, &d->thing[i], seen[n].box, &seen[n].depth)) seen[n++].thing = i;
    weft_i_scene_cover(seen, n);
    for (int32_t i = 0; i < n; i++) {
        order[i] = i;
        if (seen[i].coverer >= 0) seen[i].coverer = seen[seen[i].coverer].thing; /* from places to things */
    }
    for (int32_t i = n - 1; i > 0; i--) { /* a detector's order says nothing */
        int64_t j = weft_i_rng_below(rng, i + 1);
        int32_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
    for (int32_t k = 0; k < n; k++) {
        int32_t i = order[k];
        int64_t b = r->n_boxes;
        float *p = r->probability + b * WEFT_SCENES_CLASSES;
        if (!weft_i_scene_detect(w, d->thing, &eye, &seen[i], rng, r->box + 4 * b, r->embedding + b * WEFT_SCENES_COLUMNS, p, &r->score[b])) continue;
        r->guess[b] = 0;
        for (int32_t c = 1; c < WEFT_SCENES_CLASSES; c++)
            if (p[c] > p[r->guess[b]]) r->guess[b] = c;
        r->track[b] = -1;
        r->truth[b] = class_of(d, &d->thing[seen[i].thing]);
        r->object[b] = d->thing[seen[i].thing].kind >= WEFT_I_CLUTTER ? -1 : seen[i].thing;
        r->n_boxes++;
    }
    double at[3] = {d->thing[d->gaze].x, d->thing[d->gaze].y, 0.02}, pixel[2] = {NAN, NAN};
    weft_i_scene_point(&eye, at, pixel);
    for (int k = 0; k < 2; k++) r->gaze[2 * (r->n_frames) + k] = (float)(pixel[k] + 8.0 * weft_i_rng_normal(rng));
}

weft_status_t weft_scenes_recording(weft_recording_t **out, const weft_scenes_options_t *o, int32_t index, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_recording_t *r = NULL;
    weft_i_world_t *world = NULL;
    room_t room = {0};
    desk_t desk;
    *out = NULL;
    if (o->recordings < 1 || o->frames < 1 || index < 0 || index >= o->recordings || (int64_t)o->recordings * o->frames > 10000000) {
        weft_diag_add(diag, WEFT_ERROR, "scenes-options", NULL, 0, 0, "%d recordings of %d frames: both must be 1 or more, together at most 10,000,000 frames", o->recordings, o->frames);
        return WEFT_EUSAGE;
    }
    WEFT_TRY_ALLOC(world = weft_i_malloc(sizeof *world));
    WEFT_TRY_ALLOC(r = weft_i_calloc(1, sizeof *r));
    WEFT_TRY_ALLOC(r->name = weft_i_malloc(32));
    snprintf(r->name, 32, "recording-%04d", index);
    r->width = WEFT_I_SCENE_WIDTH;
    r->height = WEFT_I_SCENE_HEIGHT;
    r->n_columns = WEFT_SCENES_COLUMNS;
    WEFT_TRY_ALLOC(r->classes.name = weft_i_calloc(WEFT_SCENES_CLASSES, sizeof *r->classes.name));
    WEFT_TRY_ALLOC(r->classes.group = weft_i_malloc(sizeof class_group));
    memcpy(r->classes.group, class_group, sizeof class_group);
    for (; r->classes.n < WEFT_SCENES_CLASSES; r->classes.n++) WEFT_TRY_ALLOC(r->classes.name[r->classes.n] = weft_i_strndup(class_name[r->classes.n], strlen(class_name[r->classes.n])));
    WEFT_TRY_ALLOC(r->frame_ptr = weft_i_calloc((size_t)o->frames + 1, sizeof *r->frame_ptr));
    WEFT_TRY_ALLOC(r->frame = weft_i_malloc((size_t)o->frames * sizeof *r->frame));
    WEFT_TRY_ALLOC(r->gaze = weft_i_malloc(2 * (size_t)o->frames * sizeof *r->gaze));
    world_init(world, o->seed);
    desk_init(&desk, o, index);
    weft_i_rng_t motion = rng_of(o->seed, index, STREAM_MOTION), detector = rng_of(o->seed, index, STREAM_DETECTOR);
    for (; r->n_frames < o->frames; r->n_frames++) {
        WEFT_TRY_ALLOC(grow(r, &room, r->n_boxes + WEFT_I_MOST_THINGS));
        desk_step(&desk, r->n_frames, &motion);
        detect(world, &desk, &detector, r);
        r->frame[r->n_frames] = r->n_frames;
        r->frame_ptr[r->n_frames + 1] = r->n_boxes;
    }
    *out = r;
    r = NULL;
done:
    weft_recording_free(r);
    weft_i_free(world);
    return status;
}

/* ---- the rule on detections ------------------------------------------------------------------------------------------------------------ */
/* Middle of the frame's keyboard, foot of its screen; false: one of them was missed. */
static bool axis_of(const weft_recording_t *r, int64_t frame, double axis[4])
{
    bool have[2] = {false, false};
    for (int64_t b = r->frame_ptr[frame]; b < r->frame_ptr[frame + 1]; b++) {
        int32_t c = r->truth[b];
        if (c != 7 && c != 8) continue;
        const float *x = r->box + 4 * b;
        double *to = axis + (c == 7 ? 2 : 0);
        to[0] = 0.5 * ((double)x[0] + (double)x[2]);
        to[1] = (double)x[1] + (c == 7 ? 0.8 : 0.5) * ((double)x[3] - (double)x[1]);
        have[c == 7] = true;
    }
    return have[0] && have[1];
}

void weft_scenes_oracle(const weft_recording_t *r, int32_t *class_of_box)
{
    double axis[4] = {0.5 * r->width, 0.5 * r->height, 0.5 * r->width, 0.0}, now[4];
    for (int64_t f = 0; f < r->n_frames; f++)
        if (axis_of(r, f, axis)) break;
    for (int64_t f = 0; f < r->n_frames; f++) {
        if (axis_of(r, f, now)) memcpy(axis, now, sizeof axis);
        for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++) {
            int32_t c = r->truth[b];
            const float *x = r->box + 4 * b;
            class_of_box[b] = c;
            if (c < 0 || !weft_classes_lookalike(&r->classes, c)) continue;
            double dx = 0.5 * ((double)x[0] + (double)x[2]) - axis[0], dy = 0.5 * ((double)x[1] + (double)x[3]) - axis[1]; /* pixels: y grows downwards */
            class_of_box[b] = r->classes.group[c] + ((axis[2] - axis[0]) * dy - (axis[3] - axis[1]) * dx < 0.0 ? 0 : 1);
        }
    }
}
