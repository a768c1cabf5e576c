/* weft/scenes.h: desk scenes seen from a moving head, made up: recordings with detections, embeddings, gaze and truth.
 *
 * The world. A desk of 1.4 m x 0.8 m carries a workplace: a keyboard and, 0.35 m behind it, a screen; the line from one to the other is the workplace's
 * axis, turned by up to 35 degrees against the desk. Around it lie two tablets, two devices, two controllers, one or two books and cups, and three pieces of
 * clutter (cables, paper; no class of their own). Tablets, devices and controllers are look-alikes: which is a *-left and which a *-right is said by
 * one rule alone,
 *      left  <=>  (screen - keyboard) x (object - keyboard) > 0      on the desk's plane,
 * that is: the side of the workplace on which the object lies. At first one of each pair lies on each side; a hand carries objects about, half of the times to
 * the other side, and their class then changes. Neither embedding nor probabilities know the side.
 *
 * The view. A head (pinhole, 960 x 720, focal length 700 pixels) sways about a place of its own per recording: azimuth within 60 degrees of the desk's front
 * for the first three quarters of the recordings, within 120 degrees for the last quarter (novel views), elevation 38..62 degrees, 0.85..1.35 m away; it turns
 * half-way after the gaze, which goes from object to object. 10 frames a second.
 *
 * The detector. Box = the projected cuboid's rectangle cut at the frame, edges jittered by 3 % + 1 pixel; missed with 4 % + what nearer boxes cover; clutter found
 * with 30 % per piece and the hand with 40 % (class background). Embedding (32 columns) = prototype of the type + offset of the instance (new objects in
 * every recording) + view (azimuth, elevation and distance by a map of the type) + noise, mixed with the coverer's by the covered part. Probabilities are spread over types with
 * confusion of 6 % (more where covered), within a pair at random.
 *
 * Everything is a function of (seed, number of the recording, number of recordings); prototypes of the seed. */
#ifndef WEFT_SCENES_H
#define WEFT_SCENES_H
#include "weft/recording.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_scenes_options {
    int32_t recordings, frames; /* frames per recording; together 1..10,000,000 */
    uint64_t seed;
} weft_scenes_options_t;

enum { WEFT_SCENES_COLUMNS = 32, WEFT_SCENES_CLASSES = 11 };

/* Recording `index` of the set. Owner: the caller, by weft_recording_free. O(frames). Errors: scenes-options. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_scenes_recording(weft_recording_t **recording, const weft_scenes_options_t *options, int32_t index, weft_diag_t *diag);

/* The rule on what the detector left: class_of_box[n_boxes]. Told every box's type (of truth, without the side), it takes the middle of the frame's keyboard box, the foot of its screen
 * box and the middle of the object's; where one of the two was missed it uses the axis of the nearest earlier frame that had both, else of the nearest later one, else the frame's vertical. Not the truth: boxes are
 * jittered, things have height, both anchors may be out of sight; it is the ceiling for layout. O(boxes). */
WEFT_API void weft_scenes_oracle(const weft_recording_t *recording, int32_t *class_of_box);

#ifdef __cplusplus
}
#endif
#endif
