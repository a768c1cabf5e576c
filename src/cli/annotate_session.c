/* cli/annotate_session.c: weft annotate init, update, propagate, undo, report, export, page, recover. */
#include "cli/annotate.h"
#include "weft/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

weft_status_t annotate_init(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_recordings_t set = {0};
    weft_session_options_t o = {a->model, (uint64_t)a->seed};
    int64_t frames = 0, boxes = 0;
    weft_status_t status = weft_recordings_import(&set, a->data, a->format, a->truth, diag);
    if (status == WEFT_OK) status = weft_session_init(a->session, &set, &o, diag);
    for (int32_t i = 0; i < set.n; i++) frames += set.at[i]->n_frames, boxes += set.at[i]->n_boxes;
    if (status == WEFT_OK && annotate_speaks(a)) printf("%s: %d recording%s, %lld frame%s, %lld box%s\n", a->session, set.n, annotate_s(set.n), (long long)frames, annotate_s(frames), (long long)boxes, boxes == 1 ? "" : "es");
    weft_recordings_destroy(&set);
    return status;
}

weft_status_t annotate_update(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_session_t *s = NULL;
    weft_update_t u;
    FILE *json = NULL;
    annotate_one_thread(a);
    weft_status_t status = weft_session_open(&s, a->session, diag);
    if (status == WEFT_OK) status = weft_session_update(s, (int32_t)a->steps, &u, diag);
    if (status == WEFT_OK && annotate_speaks(a)) {
        printf("learned from %lld label%s and %lld along tracks: %d steps, loss %.4f, %.2f s", (long long)u.labels, annotate_s(u.labels), (long long)u.flowed, u.steps, u.loss, u.seconds);
        if (isfinite(u.accuracy)) printf("; accuracy %.4f on %lld boxes that nobody labelled", u.accuracy, (long long)u.of);
        printf("\n");
    }
    if (status == WEFT_OK && a->json && !(json = cli_json_open(a->json, diag))) status = WEFT_EIO;
    if (json) {
        fprintf(json, "{\"labels\":%lld,\"flowed\":%lld,\"steps\":%d,\"loss\":%.6f,\"accuracy\":", (long long)u.labels, (long long)u.flowed, u.steps, u.loss);
        cli_json_number(json, u.accuracy);
        fprintf(json, ",\"seconds\":%.3f}\n", u.seconds);
        status = cli_json_end(json, diag);
    }
    weft_session_free(s);
    return status;
}

weft_status_t annotate_undo(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_session_t *s = NULL;
    int64_t n = 0;
    FILE *json = NULL;
    weft_status_t status = weft_session_open(&s, a->session, diag);
    if (status == WEFT_OK) status = weft_session_undo(s, &n, diag);
    if (status == WEFT_OK && annotate_speaks(a)) printf("%lld label%s taken back\n", (long long)n, annotate_s(n));
    if (status == WEFT_OK && a->json && !(json = cli_json_open(a->json, diag))) status = WEFT_EIO;
    if (json) {
        fprintf(json, "{\"undone\":%lld}\n", (long long)n);
        status = cli_json_end(json, diag);
    }
    weft_session_free(s);
    return status;
}

typedef struct conflicts { const weft_session_t *s; FILE *json; bool speaks; int64_t n; } conflicts_t;

static int64_t frame_at(const weft_recording_t *r, int64_t b)
{
    int64_t f = 0;
    while (r->frame_ptr[f + 1] <= b) f++;
    return f;
}

static void conflict(void *context, int32_t i, int64_t x, int64_t y)
{
    conflicts_t *c = context;
    const weft_recording_t *r = weft_session_recordings(c->s)->at[i];
    int64_t f = frame_at(r, x), g = frame_at(r, y);
    const char *p = r->classes.name[weft_session_given(c->s, i, x)], *q = r->classes.name[weft_session_given(c->s, i, y)];
    if (c->speaks) printf("conflict: %s, one track: frame %lld box %lld is %s, frame %lld box %lld is %s\n", r->name, (long long)r->frame[f], (long long)(x - r->frame_ptr[f]), p, (long long)r->frame[g], (long long)(y - r->frame_ptr[g]), q);
    if (c->json) {
        fprintf(c->json, "%s{\"recording\":", c->n ? "," : "");
        cli_json_text(c->json, r->name);
        fprintf(c->json, ",\"frames\":[%lld,%lld],\"boxes\":[%lld,%lld],\"classes\":[", (long long)r->frame[f], (long long)r->frame[g], (long long)(x - r->frame_ptr[f]), (long long)(y - r->frame_ptr[g]));
        cli_json_text(c->json, p);
        fputc(',', c->json);
        cli_json_text(c->json, q);
        fputs("]}", c->json);
    }
    c->n++;
}

weft_status_t annotate_propagate(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_session_t *s = NULL;
    conflicts_t c = {.speaks = annotate_speaks(a)};
    weft_status_t status = weft_session_open(&s, a->session, diag);
    if (status == WEFT_OK && a->json && !(c.json = cli_json_open(a->json, diag))) status = WEFT_EIO;
    c.s = s;
    if (c.json) fputs("{\"conflicts\":[", c.json);
    if (status == WEFT_OK) status = weft_session_propagate(s, !a->off, conflict, &c, diag);
    if (status == WEFT_OK && c.speaks) printf("%lld label%s along tracks from %lld given, %lld conflict%s\n", (long long)weft_session_n_flowed(s), annotate_s(weft_session_n_flowed(s)), (long long)weft_session_n_given(s), (long long)c.n, annotate_s(c.n));
    if (c.json) {
        fprintf(c.json, "],\"labels\":%lld,\"flowed\":%lld}\n", s ? (long long)weft_session_n_given(s) : 0LL, s ? (long long)weft_session_n_flowed(s) : 0LL);
        weft_status_t end = cli_json_end(c.json, diag);
        if (status == WEFT_OK) status = end;
    }
    weft_session_free(s);
    return status;
}

static weft_status_t plot(const char *path, const weft_update_t *u, int64_t n, weft_diag_t *diag)
{
    double *v = malloc((size_t)(3 * n + 1) * sizeof *v);
    if (!v) return WEFT_ENOMEM;
    for (int64_t k = 0; k < n; k++) {
        v[k] = (double)u[k].labels;
        v[n + k] = u[k].accuracy;
        v[2 * n + k] = u[k].lookalike;
    }
    const weft_series_t series[] = {{"all boxes", v, v + n, n, 0}, {"look-alikes", v, v + 2 * n, n, 1}};
    const weft_panel_t panel = {.title = "labels against accuracy", .x_label = "labels", .y_label = "accuracy", .series = series, .n_series = 2};
    weft_status_t status = weft_plot_write(path, &panel, 1, diag);
    free(v);
    return status;
}

weft_status_t annotate_report(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_session_t *s = NULL;
    FILE *json = NULL;
    int64_t n = 0, boxes = 0, right = 0, of = 0;
    weft_status_t status = weft_session_open(&s, a->session, diag);
    if (status != WEFT_OK) return status;
    const weft_recordings_t *set = weft_session_recordings(s);
    const weft_update_t *u = weft_session_updates(s, &n);
    for (int32_t i = 0; i < set->n; i++)
        for (int64_t b = 0; b < set->at[i]->n_boxes; b++, boxes++) {
            int32_t flowed = weft_session_flowed(s, i, b);
            if (flowed < 0 || set->at[i]->truth[b] < 0) continue;
            of++;
            right += flowed == set->at[i]->truth[b];
        }
    if (annotate_speaks(a)) {
        printf("%s: %lld of %lld boxes labelled, %lld more along tracks", a->session, (long long)weft_session_n_given(s), (long long)boxes, (long long)weft_session_n_flowed(s));
        if (of) printf(" (%.4f of them right)", (double)right / (double)of);
        printf("\n");
        if (n) printf("%8s %8s %8s %10s %12s\n", "labels", "flowed", "loss", "accuracy", "look-alikes");
        for (int64_t k = 0; k < n; k++) printf("%8lld %8lld %8.4f %10.4f %12.4f\n", (long long)u[k].labels, (long long)u[k].flowed, u[k].loss, u[k].accuracy, u[k].lookalike);
    }
    if (a->json && !(json = cli_json_open(a->json, diag))) status = WEFT_EIO;
    if (json) {
        fprintf(json, "{\"labels\":%lld,\"flowed\":%lld,\"boxes\":%lld,\"flowed_accuracy\":", (long long)weft_session_n_given(s), (long long)weft_session_n_flowed(s), (long long)boxes);
        cli_json_number(json, of ? (double)right / (double)of : NAN);
        fputs(",\"curve\":[", json);
        for (int64_t k = 0; k < n; k++) {
            fprintf(json, "%s{\"labels\":%lld,\"flowed\":%lld,\"loss\":%.6f,\"accuracy\":", k ? "," : "", (long long)u[k].labels, (long long)u[k].flowed, u[k].loss);
            cli_json_number(json, u[k].accuracy);
            fputs(",\"lookalike_accuracy\":", json);
            cli_json_number(json, u[k].lookalike);
            fputc('}', json);
        }
        fputs("]}\n", json);
        status = cli_json_end(json, diag);
    }
    if (status == WEFT_OK && a->plot) status = plot(a->plot, u, n, diag);
    weft_session_free(s);
    return status;
}

static bool lacks(const char *option, const char *value, weft_diag_t *diag)
{
    if (!value) weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "--%s is needed", option);
    return !value;
}

weft_status_t annotate_export(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_session_t *s = NULL;
    if (lacks("format", a->format, diag) || lacks("out", a->out, diag)) return WEFT_EUSAGE;
    weft_status_t status = weft_session_open(&s, a->session, diag);
    if (status == WEFT_OK) status = weft_session_export(s, a->format, a->out, a->guesses, diag);
    if (status == WEFT_OK && annotate_speaks(a)) printf("%s: %d recording%s as %s\n", a->out, weft_session_recordings(s)->n, annotate_s(weft_session_recordings(s)->n), a->format);
    weft_session_free(s);
    return status;
}

weft_status_t annotate_page(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_session_t *s = NULL;
    if (lacks("out", a->out, diag)) return WEFT_EUSAGE;
    weft_status_t status = weft_session_open(&s, a->session, diag);
    if (status == WEFT_OK) status = weft_session_page(s, a->out, a->frames, diag);
    weft_session_free(s);
    return status;
}

weft_status_t annotate_recover(const annotate_args_t *a, weft_diag_t *diag)
{
    int64_t kept = 0, lost = 0;
    FILE *json = NULL;
    weft_status_t status = weft_session_recover(a->session, &kept, &lost, diag);
    if (status == WEFT_OK && annotate_speaks(a)) printf("%lld record%s kept, %lld byte%s taken out; the damaged file is %s/journal.damaged\n", (long long)kept, annotate_s(kept), (long long)lost, annotate_s(lost), a->session);
    if (status == WEFT_OK && a->json && !(json = cli_json_open(a->json, diag))) status = WEFT_EIO;
    if (json) {
        fprintf(json, "{\"kept\":%lld,\"lost_bytes\":%lld}\n", (long long)kept, (long long)lost);
        status = cli_json_end(json, diag);
    }
    return status;
}
