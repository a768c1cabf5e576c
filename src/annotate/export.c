/* annotate/export.c: labels as files that a person's usual tool opens. */
#include "annotate/session.h"
#include "base/alloc.h"
#include "base/status.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

weft_status_t weft_session_export(weft_session_t *s, const char *format, const char *out, bool guesses, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_boxes_format_t *f = weft_boxes_format_by_name(format);
    if (!f) {
        weft_diag_add(diag, WEFT_ERROR, "boxes-format", NULL, 0, 0, "no format %s; there are voc, cvat, coco, mot, csv", format);
        return WEFT_EUSAGE;
    }
    if (guesses && (status = weft_session_ask(s, diag)) != WEFT_OK) return status;
    if (mkdir(out, 0777) && errno != EEXIST) {
        int why = errno;
        weft_diag_add(diag, WEFT_ERROR, "file-create", out, 0, 0, "%s", strerror(why));
        return why == ENOSPC || why == EDQUOT ? WEFT_ELIMIT : WEFT_EIO;
    }
    for (int32_t i = 0; i < s->set.n && status == WEFT_OK; i++) {
        const weft_recording_t *r = s->set.at[i];
        int32_t c = r->classes.n, *label = weft_i_malloc((size_t)(r->n_boxes + 1) * sizeof *label);
        float *score = weft_i_malloc((size_t)(r->n_boxes + 1) * sizeof *score);
        weft_boxes_doc_t *doc = NULL;
        char path[4096];
        if (!label || !score) status = WEFT_ENOMEM;
        for (int64_t b = 0; b < r->n_boxes && status == WEFT_OK; b++) {
            const float *p = s->pool.probability[i] + b * c;
            label[b] = s->pool.given[i][b] >= 0 ? s->pool.given[i][b] : weft_session_flowed(s, i, b);
            score[b] = label[b] >= 0 ? 1.0f : r->score[b];
            if (label[b] >= 0 || !guesses) continue;
            label[b] = 0;
            for (int32_t k = 1; k < c; k++)
                if (p[k] > p[label[b]]) label[b] = k;
            score[b] = p[label[b]];
        }
        if (status == WEFT_OK) status = weft_boxes_from_recording(&doc, r, label, score);
        snprintf(path, sizeof path, "%s/%s%s", out, r->name, f->per_frame ? "" : f->suffix);
        if (status == WEFT_OK) status = weft_boxes_write(doc, format, path, diag);
        weft_boxes_free(doc);
        weft_i_free(label);
        weft_i_free(score);
    }
    return status;
}
