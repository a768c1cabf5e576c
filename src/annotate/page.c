/* annotate/page.c: one HTML file that shows a session: frames as drawings, labels, confidence. Nothing is fetched, no script runs. */
#include "annotate/session.h"
#include "base/status.h"
#include "base/text_file.h"

#include <math.h>

static void text(FILE *f, const char *s)
{
    for (; *s; s++)
        if (*s == '<') fputs("&lt;", f);
        else if (*s == '>') fputs("&gt;", f);
        else if (*s == '&') fputs("&amp;", f);
        else if (*s == '"') fputs("&quot;", f);
        else if (*s == '\'') fputs("&#39;", f);
        else fputc((unsigned char)*s < 0x20 ? ' ' : *s, f);
}

static const char front[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>weft annotate</title>\n"
    "<style>body{font:14px sans-serif;margin:1.2em;color:#222}svg{background:#f6f6f6;border:1px solid #bbb;max-width:100%}figure{display:inline-block;margin:0 1em 1.4em 0;vertical-align:top;width:480px}"
    "figcaption{margin-bottom:.3em;font-weight:bold}table{border-collapse:collapse;font-size:13px;margin-top:.3em}td,th{padding:.1em .8em .1em .3em;text-align:left}.n{text-align:right}.w{background:#fbe3d6}"
    "rect{fill:none;stroke-width:3}.g{stroke:#009e73;stroke-width:6}.f{stroke:#0072b2}.m{stroke:#999}text{font:19px sans-serif;fill:#222;paint-order:stroke;stroke:#f6f6f6;stroke-width:5px}"
    ".k{display:inline-block;width:1.6em;height:.9em;border:2px solid #999;margin:0 .4em 0 1.2em;vertical-align:-.1em}.kg{border:3px solid #009e73;margin-left:0}.kf{border-color:#0072b2}</style></head><body>\n";

static int32_t likeliest(const weft_session_t *s, int32_t i, int64_t b)
{
    int32_t c = s->set.at[i]->classes.n, best = 0;
    const float *p = s->pool.probability[i] + b * c;
    for (int32_t k = 1; k < c; k++)
        if (p[k] > p[best]) best = k;
    return best;
}

/* Boxes first, then what is written over them. */
static void drawing(FILE *to, const weft_session_t *s, int32_t i, int64_t f)
{
    const weft_recording_t *r = s->set.at[i];
    const int64_t first = r->frame_ptr[f], end = r->frame_ptr[f + 1];
    for (int64_t b = first; b < end; b++) {
        const float *x = r->box + 4 * b;
        fprintf(to, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", s->pool.given[i][b] >= 0 ? "g" : weft_session_flowed(s, i, b) >= 0 ? "f" : "m", (double)x[0], (double)x[1],
                (double)(x[2] - x[0]), (double)(x[3] - x[1]));
    }
    for (int64_t b = first; b < end; b++) {
        int32_t g = s->pool.given[i][b], w = weft_session_flowed(s, i, b);
        fprintf(to, "<text x=\"%.1f\" y=\"%.1f\">%lld ", (double)r->box[4 * b] + 5, (double)r->box[4 * b + 1] + 21, (long long)(b - first));
        text(to, r->classes.name[g >= 0 ? g : w >= 0 ? w : likeliest(s, i, b)]);
        fputs("</text>\n", to);
    }
}

/* A box's row of the table: marked where a label says otherwise than the model. */
static void row(FILE *to, const weft_session_t *s, int32_t i, int64_t f, int64_t b)
{
    const weft_recording_t *r = s->set.at[i];
    int32_t best = likeliest(s, i, b), g = s->pool.given[i][b], w = weft_session_flowed(s, i, b), label = g >= 0 ? g : w;
    fprintf(to, "<tr%s><td class=\"n\">%lld</td><td>", label >= 0 && label != best ? " class=\"w\"" : "", (long long)(b - r->frame_ptr[f]));
    text(to, r->classes.name[best]);
    fprintf(to, "</td><td class=\"n\">%.2f</td><td>", (double)s->pool.probability[i][b * r->classes.n + best]);
    if (label >= 0) text(to, r->classes.name[label]);
    fputs(g >= 0 || w < 0 ? "" : " (along its track)", to);
    fputs("</td></tr>\n", to);
}

static void frame(FILE *to, const weft_session_t *s, int32_t i, int64_t f)
{
    const weft_recording_t *r = s->set.at[i];
    fputs("<figure><figcaption>", to);
    text(to, r->name);
    fprintf(to, ", frame %lld", (long long)r->frame[f]);
    if (r->frame_name && r->frame_name[f]) {
        fputs(" (", to);
        text(to, r->frame_name[f]);
        fputs(")", to);
    }
    fprintf(to, "</figcaption>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"480\" viewBox=\"0 0 %d %d\">\n", r->width, r->height);
    drawing(to, s, i, f);
    fputs("</svg>\n<table><tr><th class=\"n\">box</th><th>predicted</th><th class=\"n\">confidence</th><th>corrected</th></tr>\n", to);
    for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++) row(to, s, i, f, b);
    fputs("</table></figure>\n", to);
}

/* Shown are the frames that a person labelled in, and `most` more, evenly taken (0: all). */
static bool shown(const weft_session_t *s, int32_t i, int64_t f, int64_t most)
{
    const weft_recording_t *r = s->set.at[i];
    if (most <= 0 || most >= r->n_frames || f * most / r->n_frames != (f - 1) * most / r->n_frames || !f) return true;
    for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++)
        if (s->pool.given[i][b] >= 0) return true;
    return false;
}

weft_status_t weft_session_page(weft_session_t *s, const char *path, int64_t most, weft_diag_t *diag)
{
    weft_i_out_t out;
    weft_status_t status = weft_session_ask(s, diag);
    if (status == WEFT_OK) status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    fputs(front, out.file);
    long long labels = s->pool.n_given, flowed = weft_session_n_flowed(s);
    fprintf(out.file, "<h1>weft annotate</h1><p>%lld box%s labelled, %lld more along their tracks.</p><p><span class=\"k kg\"></span>a person's label <span class=\"k kf\"></span>along a track <span class=\"k\"></span>the model's guess alone"
            " <span class=\"k w\"></span>a label that is not what the model says</p>\n", labels, labels == 1 ? "" : "es", flowed);
    for (int32_t i = 0; i < s->set.n; i++) {
        const weft_recording_t *r = s->set.at[i];
        int64_t n = 0;
        for (int64_t f = 0; f < r->n_frames; f++) n += shown(s, i, f, most);
        fputs("<h2>", out.file);
        text(out.file, r->name);
        fprintf(out.file, "</h2><p>%lld of %lld frames</p>\n", (long long)n, (long long)r->n_frames);
        for (int64_t f = 0; f < r->n_frames; f++)
            if (shown(s, i, f, most)) frame(out.file, s, i, f);
    }
    fputs("</body></html>\n", out.file);
    return weft_i_out_commit(&out, diag);
}
