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
    "<style>body{font:14px sans-serif;margin:1em;color:#222}svg{background:#f6f6f6;border:1px solid #bbb;max-width:100%}figure{display:inline-block;margin:0 1em 1em 0;vertical-align:top;width:480px}"
    "figcaption{margin-bottom:.3em}table{border-collapse:collapse;font-size:12px}td,th{padding:0 .6em;text-align:left}rect{fill:none;stroke-width:2}"
    ".g{stroke:#009e73}.f{stroke:#0072b2}.m{stroke:#999}text{font:14px sans-serif;fill:#222}</style></head><body>\n";

static void frame(FILE *to, const weft_session_t *s, int32_t i, int64_t f)
{
    const weft_recording_t *r = s->set.at[i];
    int32_t c = r->classes.n;
    fputs("<figure><figcaption>", to);
    text(to, r->name);
    fprintf(to, ", frame %lld", (long long)r->frame[f]);
    if (r->frame_name && r->frame_name[f]) {
        fputs(" (", to);
        text(to, r->frame_name[f]);
        fputs(")", to);
    }
    fprintf(to, "</figcaption>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"480\" viewBox=\"0 0 %d %d\">\n", r->width, r->height);
    for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++) {
        const float *x = r->box + 4 * b;
        int32_t g = s->pool.given[i][b], w = weft_session_flowed(s, i, b);
        fprintf(to, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/><text x=\"%.1f\" y=\"%.1f\">%lld</text>\n", g >= 0 ? "g" : w >= 0 ? "f" : "m", (double)x[0], (double)x[1], (double)(x[2] - x[0]),
                (double)(x[3] - x[1]), (double)x[0] + 4, (double)x[1] + 16, (long long)(b - r->frame_ptr[f]));
    }
    fputs("</svg>\n<table><tr><th>box</th><th>predicted</th><th>confidence</th><th>corrected</th></tr>\n", to);
    for (int64_t b = r->frame_ptr[f]; b < r->frame_ptr[f + 1]; b++) {
        const float *p = s->pool.probability[i] + b * c;
        int32_t best = 0, g = s->pool.given[i][b], w = weft_session_flowed(s, i, b);
        for (int32_t k = 1; k < c; k++)
            if (p[k] > p[best]) best = k;
        fprintf(to, "<tr><td>%lld</td><td>", (long long)(b - r->frame_ptr[f]));
        text(to, r->classes.name[best]);
        fprintf(to, "</td><td>%.2f</td><td>", (double)p[best]);
        if (g >= 0 || w >= 0) text(to, r->classes.name[g >= 0 ? g : w]);
        fputs(g >= 0 ? "" : w >= 0 ? " (along its track)" : "", to);
        fputs("</td></tr>\n", to);
    }
    fputs("</table></figure>\n", to);
}

weft_status_t weft_session_page(weft_session_t *s, const char *path, int64_t most, weft_diag_t *diag)
{
    weft_i_out_t out;
    weft_status_t status = weft_session_ask(s, diag);
    if (status == WEFT_OK) status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    fputs(front, out.file);
    fprintf(out.file, "<h1>weft annotate</h1><p>%lld boxes labelled, %lld more along their tracks. Green: a person's label; blue: along a track; grey: the model's guess alone.</p>\n", (long long)s->pool.n_given,
            (long long)weft_session_n_flowed(s));
    for (int32_t i = 0; i < s->set.n; i++) {
        const weft_recording_t *r = s->set.at[i];
        int64_t n = most > 0 && most < r->n_frames ? most : r->n_frames;
        fputs("<h2>", out.file);
        text(out.file, r->name);
        fprintf(out.file, "</h2><p>%lld of %lld frames</p>\n", (long long)n, (long long)r->n_frames);
        for (int64_t k = 0; k < n; k++) frame(out.file, s, i, k * r->n_frames / n);
    }
    fputs("</body></html>\n", out.file);
    return weft_i_out_commit(&out, diag);
}
