/* data/scenes.h: the inside of the scene generator: the desk and its motion (scenes.c), the eye and the detector (scenes_view.c). */
#ifndef WEFT_DATA_SCENES_H
#define WEFT_DATA_SCENES_H
#include "base/rng.h"
#include "weft/scenes.h"

typedef enum weft_i_kind { WEFT_I_TABLET = 0, WEFT_I_DEVICE, WEFT_I_CONTROLLER, WEFT_I_SCREEN, WEFT_I_KEYBOARD, WEFT_I_BOOK, WEFT_I_CUP, WEFT_I_N_KINDS, WEFT_I_CLUTTER = WEFT_I_N_KINDS, WEFT_I_HAND = WEFT_I_CLUTTER + 3, WEFT_I_ALL_KINDS } weft_i_kind_t;
enum { WEFT_I_MOST_THINGS = 20, WEFT_I_SCENE_WIDTH = 960, WEFT_I_SCENE_HEIGHT = 720 };

typedef struct weft_i_thing {
    int32_t kind;
    double x, y, yaw, size[3];         /* middle on the desk, metres; extent along, across, up */
    double from[2], to[2];             /* where it is carried */
    int32_t carry_from, carry_until;   /* frames; until 0: lies */
    float offset[WEFT_SCENES_COLUMNS]; /* of the instance's embedding */
} weft_i_thing_t;

typedef struct weft_i_eye { double at[3], forward[3], right[3], up[3], azimuth, elevation, distance; } weft_i_eye_t;

/* What the seed alone decides: prototypes and view maps per kind. */
typedef struct weft_i_world { float prototype[WEFT_I_ALL_KINDS][WEFT_SCENES_COLUMNS], view[WEFT_I_ALL_KINDS][4][WEFT_SCENES_COLUMNS]; } weft_i_world_t;

typedef struct weft_i_seen { int32_t thing; double box[4], depth, covered; int32_t coverer; /* a place in the list of cover, a thing for detect; -1 */ } weft_i_seen_t;

/* The rectangle of a thing in the frame; false: less than a quarter of it in sight, or behind the eye. */
bool weft_i_scene_project(const weft_i_eye_t *eye, const weft_i_thing_t *thing, double box[4], double *depth);
bool weft_i_scene_point(const weft_i_eye_t *eye, const double at[3], double pixel[2]);
/* Covered parts of boxes by nearer ones, on an 8 x 8 grid. */
void weft_i_scene_cover(weft_i_seen_t *seen, int32_t n);
/* One detection from what is seen: jittered box, embedding, probabilities, score, guess; false: missed. */
bool weft_i_scene_detect(const weft_i_world_t *world, const weft_i_thing_t *things, const weft_i_eye_t *eye, const weft_i_seen_t *seen, weft_i_rng_t *rng, float box[4], float *embedding, float *probability, float *score);
#endif
