/* timing/path_borrow.c: the time that a latch lends, in the layout that static timing tools share. */
#include "timing/latches.h"
#include "timing/report.h"

#include <math.h>

static bool shown(double s) { return fabs(s) >= 5e-14; }

static void row(FILE *out, const char *text, double s) { fprintf(out, "%-36s%10.4f\n", text, shown(s) ? s * 1e9 : 0.0); }

static void rule(FILE *out) { fputs("----------------------------------------------\n", out); }

/* How much later, beyond its place in the waveform, the closing edge comes than the opening one. */
static double closing_is_later(const weft_timer_t *t, const weft_i_path_t *enable)
{
    const weft_i_tag_t *h = &t->tags.tag[enable->tag];
    const weft_i_clock_t *k = &t->clock[h->clock];
    int32_t n;
    const weft_i_path_t *p = weft_i_node_paths(t, enable->node, &n);
    for (int32_t i = 0; i < n; i++) {
        const weft_i_tag_t *g = &t->tags.tag[p[i].tag];
        if (!g->is_clock || g->clock != h->clock || g->clock_edge == h->clock_edge || p[i].edge == enable->edge || p[i].ap != enable->ap) continue;
        return (weft_i_clock_path_arrival(t, &p[i]) - k->edge[g->clock_edge]) - (weft_i_clock_path_arrival(t, enable) - k->edge[h->clock_edge]);
    }
    return 0.0;
}

void weft_i_print_borrowing(const weft_timer_t *t, const weft_endpoint_t *e, const weft_i_path_t *data, const weft_i_path_t *enable, FILE *out)
{
    const weft_i_tag_t *g = &t->tags.tag[data->tag], *h = &t->tags.tag[enable->tag];
    const weft_i_clock_t *k = &t->clock[h->clock];
    double width = k->edge[!h->clock_edge] - k->edge[h->clock_edge], later = k->propagated ? closing_is_later(t, enable) : 0.0;
    double uncertainty = weft_i_clock_uncertainty(t, g->clock, h->clock, h->clock_edge, t->node_pin[enable->node], 1);
    double open = weft_i_clock_path_arrival(t, enable) + e->edge_shift + e->crpr - uncertainty, borrow = fmax(e->required - open, 0.0);
    char text[256];
    if (width <= 0.0) width += k->period;
    fputs("Time Borrowing Information\n", out);
    rule(out);
    snprintf(text, sizeof text, "%s%s%s pulse width", weft_names_text(t->sdc->names, t->sdc->clock[h->clock].name), enable->edge == h->clock_edge ? "" : "'", k->propagated ? " nominal" : "");
    row(out, text, width);
    if (shown(later)) row(out, "clock latency difference", later);
    row(out, "library setup time", -e->margin);
    rule(out);
    row(out, "max time borrow", width + later - e->margin);
    rule(out);
    row(out, "actual time borrow", borrow);
    if (borrow > 0.0 && (shown(uncertainty) || shown(e->crpr))) {
        if (shown(uncertainty)) row(out, "open edge uncertainty", -uncertainty);
        if (shown(e->crpr)) row(out, "open edge crpr", e->crpr);
        rule(out);
        row(out, "time given to startpoint", borrow - uncertainty + e->crpr);
    }
    rule(out);
    fputc('\n', out);
}
