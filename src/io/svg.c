/* io/svg.c: curves as SVG. */
#include "base/text_file.h"
#include "base/status.h"
#include "weft/plot.h"

#include <math.h>

enum { WIDTH = 760, HEIGHT = 300, LEFT = 72, RIGHT = 16, TOP = 34, BOTTOM = 46, PLOT_W = WIDTH - LEFT - RIGHT, PLOT_H = HEIGHT - TOP - BOTTOM };
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"}; /* told apart by colour-blind eyes too */
enum { N_COLOURS = sizeof colours / sizeof *colours };

typedef struct frame { double x0, x1, y0, y1; bool log_y; int top; } frame_t;

static void text(FILE *f, const char *s)
{
    for (; s && *s; s++)
        if (*s == '<') fputs("&lt;", f);
        else if (*s == '>') fputs("&gt;", f);
        else if (*s == '&') fputs("&amp;", f);
        else if (*s == '"') fputs("&quot;", f);
        else if ((unsigned char)*s >= 0x20) fputc(*s, f);
}

static double in_y(const frame_t *a, double y) { return a->log_y ? log10(y) : y; }
static double px(const frame_t *a, double x) { return LEFT + PLOT_W * (x - a->x0) / (a->x1 - a->x0); }
static double py(const frame_t *a, double y) { return a->top + TOP + PLOT_H * (1.0 - (in_y(a, y) - a->y0) / (a->y1 - a->y0)); }
static bool drawn(const frame_t *a, double x, double y) { return isfinite(x) && isfinite(y) && (!a->log_y || y > 0.0); }

static frame_t frame_of(const weft_panel_t *p, int top)
{
    frame_t a = {INFINITY, -INFINITY, INFINITY, -INFINITY, p->log_y, top};
    for (int32_t s = 0; s < p->n_series && a.log_y; s++)
        for (int64_t i = 0; i < p->series[s].n; i++) a.log_y &= !(p->series[s].y[i] <= 0.0);
    for (int32_t s = 0; s < p->n_series; s++)
        for (int64_t i = 0; i < p->series[s].n; i++) {
            double x = p->series[s].x[i], y = p->series[s].y[i];
            if (!drawn(&a, x, y)) continue;
            a.x0 = fmin(a.x0, x);
            a.x1 = fmax(a.x1, x);
            a.y0 = fmin(a.y0, in_y(&a, y));
            a.y1 = fmax(a.y1, in_y(&a, y));
        }
    if (!(a.x0 <= a.x1)) a.x0 = 0.0, a.x1 = 1.0, a.y0 = 0.0, a.y1 = 1.0, a.log_y = false; /* nothing to draw */
    if (a.x0 == a.x1) a.x1 = a.x0 + 1.0;
    double room = a.y1 > a.y0 ? 0.04 * (a.y1 - a.y0) : fabs(a.y0) > 0.0 ? 0.1 * fabs(a.y0) : 1.0;
    a.y0 -= room;
    a.y1 += room;
    return a;
}

/* Distance of ticks: 1, 2 or 5 times a power of ten, about `n` of them. */
static double tick(double range, int n)
{
    double power = pow(10.0, floor(log10(range / n))), m = range / n / power;
    return (m < 1.5 ? 1.0 : m < 3.5 ? 2.0 : m < 7.5 ? 5.0 : 10.0) * power;
}

static void axes(FILE *f, const frame_t *a, const weft_panel_t *p)
{
    double base = a->top + TOP + PLOT_H, step = tick(a->x1 - a->x0, 8);
    fprintf(f, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>\n<text x=\"%d\" y=\"%d\" font-weight=\"bold\">", LEFT, a->top + TOP, PLOT_W, PLOT_H, LEFT, a->top + 20);
    text(f, p->title);
    fputs("</text>\n", f);
    for (double x = ceil(a->x0 / step) * step; x <= a->x1 + 1e-9 * step; x += step)
        fprintf(f, "<path d=\"M%.1f %.1fv4\" stroke=\"#888\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>\n", px(a, x), base, px(a, x), base + 17, fabs(x) < 1e-9 * step ? 0.0 : x);
    step = a->log_y ? fmax(1.0, tick(a->y1 - a->y0, 5)) : tick(a->y1 - a->y0, 5);
    bool narrow = a->log_y && a->y1 - a->y0 < 2.0; /* less than two decades: 1, 2 and 5 of each */
    for (double y = ceil(a->y0 / step - (narrow ? 1.0 : 0.0)) * step; y <= a->y1 + 1e-9 * step; y += step)
        for (int k = 0; k < (narrow ? 3 : 1); k++) {
            static const double part[] = {1.0, 2.0, 5.0};
            double v = a->log_y ? part[k] * pow(10.0, y) : fabs(y) < 1e-9 * step ? 0.0 : y, at = in_y(a, v);
            if (at < a->y0 || at > a->y1) continue;
            fprintf(f, "<path d=\"M%d %.1fh%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", LEFT, py(a, v), PLOT_W, LEFT - 6, py(a, v) + 4, v);
        }
    fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"middle\">", LEFT + PLOT_W / 2, base + 35);
    text(f, p->x_label);
    fprintf(f, "</text>\n<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">", a->top + TOP + PLOT_H / 2);
    text(f, p->y_label);
    fputs("</text>\n", f);
}

/* Of more points than pixels the least and the most of each stretch are drawn, in their order. */
static void line(FILE *f, const frame_t *a, const weft_series_t *s)
{
    int64_t stretch = s->n > 2 * PLOT_W ? (s->n + PLOT_W - 1) / PLOT_W : 1, alone = 0;
    bool pen = false;
    fprintf(f, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.4\" d=\"", colours[s->colour % N_COLOURS]);
    for (int64_t i = 0; i < s->n; i += stretch) {
        int64_t least = i, most = i;
        bool broken = false;
        for (int64_t k = i; k < i + stretch && k < s->n; k++) {
            broken |= !drawn(a, s->x[k], s->y[k]);
            if (s->y[k] < s->y[least]) least = k;
            if (s->y[k] > s->y[most]) most = k;
        }
        int64_t two[2] = {least < most ? least : most, least < most ? most : least};
        for (int k = two[0] == two[1]; k < 2 && !broken; k++, pen = true, alone++) fprintf(f, "%s%.1f %.1f", pen ? "L" : "M", px(a, s->x[two[k]]), py(a, s->y[two[k]]));
        if (broken) pen = false;
    }
    fputs("\"/>\n", f);
    if (alone == 1) /* a line of one point is not seen */
        for (int64_t i = 0; i < s->n; i++)
            if (drawn(a, s->x[i], s->y[i])) fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", px(a, s->x[i]), py(a, s->y[i]), colours[s->colour % N_COLOURS]);
}

static void legend(FILE *f, const frame_t *a, const weft_panel_t *p)
{
    int x = WIDTH - RIGHT;
    for (int32_t s = p->n_series - 1; s >= 0; s--) {
        int n = 0;
        if (!p->series[s].name) continue;
        for (const char *c = p->series[s].name; *c; c++) n += ((unsigned char)*c & 0xc0) != 0x80;
        x -= 7 * n + 34;
        fprintf(f, "<path d=\"M%d %dh18\" stroke=\"%s\" stroke-width=\"2\"/><text x=\"%d\" y=\"%d\">", x, a->top + 16, colours[p->series[s].colour % N_COLOURS], x + 22, a->top + 20);
        text(f, p->series[s].name);
        fputs("</text>\n", f);
    }
}

weft_status_t weft_plot_write(const char *path, const weft_panel_t *panel, int32_t n_panels, weft_diag_t *diag)
{
    weft_i_out_t out;
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    FILE *f = out.file;
    fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n", WIDTH,
            HEIGHT * n_panels, WIDTH, HEIGHT * n_panels);
    for (int32_t k = 0; k < n_panels; k++) {
        frame_t a = frame_of(&panel[k], k * HEIGHT);
        axes(f, &a, &panel[k]);
        for (int32_t s = 0; s < panel[k].n_series; s++) line(f, &a, &panel[k].series[s]);
        legend(f, &a, &panel[k]);
    }
    fputs("</svg>\n", f);
    return weft_i_out_commit(&out, diag);
}
