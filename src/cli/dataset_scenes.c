/* cli/dataset_scenes.c: weft dataset scenes: recordings of desk scenes with truth. */
#include "cli/cli.h"
#include "weft/scenes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct args { weft_scenes_options_t o; const char *out; } args_t;
static bool take_recordings(void *a, const char *v)
{
    int64_t n = 0;
    bool good = cli_whole("recordings", v, 1, 10000, &n);
    ((args_t *)a)->o.recordings = (int32_t)n;
    return good;
}
static bool take_frames(void *a, const char *v)
{
    int64_t n = 0;
    bool good = cli_whole("frames", v, 1, 10000000, &n);
    ((args_t *)a)->o.frames = (int32_t)n;
    return good;
}
static bool take_seed(void *a, const char *v)
{
    int64_t n = 0;
    bool good = cli_whole("seed", v, 0, INT64_MAX, &n);
    ((args_t *)a)->o.seed = (uint64_t)n;
    return good;
}
static bool take_out(void *a, const char *v) { return (((args_t *)a)->out = v) != NULL; }
static const cli_option_t options[] = {
    {"recordings", "R", "recordings; the last quarter of them shows novel views (default 12)", take_recordings},
    {"frames", "N", "frames per recording, 10 a second (default 200)", take_frames},
    {"seed", "S", "everything is a function of it (default 1)", take_seed},
    {"out", "DIR", "made where missing; recording-0000.. and classes.txt are written into it", take_out},
    {NULL, NULL, NULL, NULL}};

int cli_dataset_scenes(const cli_verb_t *verb, int argc, char **argv)
{
    args_t a = {.o = {12, 200, 1}};
    const cli_option_t *const tables[] = {options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code >= 0) return code;
    if (!a.out) {
        fprintf(stderr, "weft dataset scenes: --out is needed\n");
        return EXIT_USAGE;
    }
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = WEFT_OK;
    int64_t boxes = 0;
    if (mkdir(a.out, 0777) && errno != EEXIST) {
        weft_diag_add(diag, WEFT_ERROR, "file-create", a.out, 0, 0, "%s", strerror(errno));
        status = WEFT_EIO;
    }
    for (int32_t i = 0; i < a.o.recordings && status == WEFT_OK; i++) {
        weft_recording_t *r = NULL;
        char path[4096];
        status = weft_scenes_recording(&r, &a.o, i, diag);
        if (status == WEFT_OK && snprintf(path, sizeof path, "%s/%s", a.out, r->name) < (int)sizeof path) status = weft_recording_write(r, path, diag);
        if (status == WEFT_OK && snprintf(path, sizeof path, "%s/classes.txt", a.out) < (int)sizeof path && !i) status = weft_classes_write(&r->classes, path, diag);
        if (r) boxes += r->n_boxes;
        weft_recording_free(r);
    }
    if (status == WEFT_OK) printf("%s: %d recordings of %d frames, %lld boxes\n", a.out, a.o.recordings, a.o.frames, (long long)boxes);
    return cli_end(status, diag, false, "weft dataset scenes");
}
