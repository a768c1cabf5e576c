/* weft/recording.h: recordings of boxes: frames, detected boxes with profile (class probabilities, embedding), gaze, truth.
 *
 * On disk a recording is a folder:
 *   detections.csv     MOT-like with a head line: frame,id,bb_left,bb_top,bb_width,bb_height,conf,class   (id -1: not tracked; pixels)
 *   frames.csv         frame,width,height,gaze_x,gaze_y                          (optional; gaze in pixels, empty: none)
 *   embeddings.npy     [boxes, columns] float32 in the order of detections.csv   (optional)
 *   probabilities.npy  [boxes, classes] float32                                  (optional)
 *   truth.csv          frame,box,class,object: one line per box, `box` its place in the frame (optional)
 *   names.csv          frame,name: pictures the frames were; the name goes to the end of the line (optional)
 * and classes.txt in the folder or in its parent: a class per line, "name group"; classes of one group look alike. The first class is background. */
#ifndef WEFT_RECORDING_H
#define WEFT_RECORDING_H
#include "weft/base.h"
#include "weft/boxes.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weft_classes {
    int32_t n;
    char **name;
    int32_t *group; /* number of the group's first class */
} weft_classes_t;

/* Plain data, owned by the recording. Boxes stand frame after frame. */
typedef struct weft_recording {
    char *name;
    int32_t width, height;  /* of frames, in pixels; one size per recording */
    int64_t n_frames, n_boxes;
    int64_t *frame_ptr;     /* [n_frames + 1] */
    int64_t *frame;         /* [n_frames] numbers as in the file, ascending */
    float *gaze;            /* [n_frames][2], NaN: none; NULL: none at all */
    float *box;             /* [n_boxes][4]: left, top, right, bottom */
    float *score;           /* [n_boxes] */
    int32_t *guess;         /* [n_boxes] the detector's class, -1: none */
    int32_t *track;         /* [n_boxes] -1: none */
    int32_t *truth;         /* [n_boxes] class, -1: not known */
    int32_t *object;        /* [n_boxes] which object of the scene, -1: none */
    int64_t n_columns;
    float *embedding;       /* [n_boxes][n_columns] or NULL */
    float *probability;     /* [n_boxes][classes.n] or NULL */
    weft_classes_t classes;
    char **frame_name;      /* [n_frames], each may be NULL; NULL: none at all */
} weft_recording_t;

/* Owner: the caller, by weft_recording_free. Errors: recording-syntax (file and line), recording-class (a class that classes.txt has not), recording-order (frames
 * that do not ascend), recording-shape (arrays that do not fit the boxes), recording-truth (a box that is not there), file-open. O(bytes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_recording_read(weft_recording_t **recording, const char *folder, weft_diag_t *diag);
/* Makes the folder where it is missing (its parent must be there). Errors: file-create, file-write. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_recording_write(const weft_recording_t *recording, const char *folder, weft_diag_t *diag);
WEFT_API void weft_recording_free(weft_recording_t *recording);
WEFT_API WEFT_MUST_CHECK weft_status_t weft_classes_write(const weft_classes_t *classes, const char *path, weft_diag_t *diag);

/* Every recording of a folder of recordings (those sub-folders with a detections.csv), in the order of their names; all must have the same classes and
 * columns. A folder that is itself a recording gives that one. Errors: as above, recording-none, recording-shape. */
typedef struct weft_recordings { weft_recording_t **at; int32_t n; } weft_recordings_t;
WEFT_API WEFT_MUST_CHECK weft_status_t weft_recordings_read(weft_recordings_t *set, const char *folder, weft_diag_t *diag);
WEFT_API void weft_recordings_destroy(weft_recordings_t *set);
/* A set from annotation files: a file is a recording, or (voc) a folder with a file per frame; a folder of those is a set. classes.txt in the folder, in the file's folder or above it is heeded, else
 * classes are the labels of all files. Embeddings: STEM.npy beside STEM.suffix; embeddings.npy in a folder of frames. format NULL: by content; "recording": weft_recordings_read. Errors: those of
 * weft_boxes_read, weft_recording_from_boxes, weft_recordings_read. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_recordings_import(weft_recordings_t *set, const char *path, const char *format, bool truth, weft_diag_t *diag);
/* Owner: the caller, by weft_classes_destroy. Errors: recording-syntax, file-open. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_classes_read(weft_classes_t *classes, const char *path, weft_diag_t *diag);
WEFT_API void weft_classes_destroy(weft_classes_t *classes);

/* A document of boxes as a recording: labels are the detector's guesses and, where `truth`, the truth too; a box without a score has 1. Classes: those given, else "background" and the
 * document's labels; a label that no class has is, where it is a whole number, the class of that number. Frames are numbered by the document where all its numbers differ, else by the last digits of
 * their names where all have some that differ, else by their place; they are ordered by number. `embeddings` (may be NULL): an npy file with a row per box in the order of the document's text. Errors:
 * recording-class (with the box's line), recording-shape (pictures of two sizes; rows that do not fit). Owner: the caller. O(boxes). */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_recording_from_boxes(weft_recording_t **recording, const weft_boxes_doc_t *doc, const char *name, const weft_classes_t *classes, bool truth, const char *embeddings,
                                                                 const char *file, weft_diag_t *diag);
/* And back: label[n_boxes] (class, negative: none), NULL: the truth. score[n_boxes], NULL: the detector's. Owner: the caller, by weft_boxes_free. */
WEFT_API WEFT_MUST_CHECK weft_status_t weft_boxes_from_recording(weft_boxes_doc_t **doc, const weft_recording_t *recording, const int32_t *label, const float *score);
/* True where another class of the same group exists: only layout tells it apart. */
WEFT_API bool weft_classes_lookalike(const weft_classes_t *classes, int32_t c);
/* What c is in a mirror: the class of its group whose name is c's with "left" and "right" exchanged; c itself where there is none. */
WEFT_API int32_t weft_classes_mirrored(const weft_classes_t *classes, int32_t c);

#ifdef __cplusplus
}
#endif
#endif
