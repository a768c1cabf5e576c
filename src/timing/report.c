/* timing/report.c: slack tables for people, errors against the truth. */
#include "weft/report.h"
#include "base/alloc.h"
#include "base/status.h"
#include "timing/report.h"
#include "timing/timer.h"

#include <math.h>
#include <string.h>

weft_status_t weft_i_slack_by_pin(double **slack, const weft_design_t *d, const weft_timer_t *t, int32_t corner, int32_t el)
{
    int32_t n;
    *slack = weft_i_malloc((size_t)d->n_pins * sizeof **slack + 1);
    if (!*slack) return WEFT_ENOMEM;
    for (int32_t i = 0; i < d->n_pins; i++) (*slack)[i] = NAN;
    const weft_endpoint_t *e = weft_timer_endpoints(t, corner, el, &n);
    for (int32_t i = n - 1; i >= 0; i--) (*slack)[e[i].pin] = e[i].slack; /* worst first, so the worst stays */
    return WEFT_OK;
}

weft_status_t weft_slack_errors(weft_slack_error_t *out, const weft_design_t *d, int32_t corner, const weft_timer_t *estimate, const weft_timer_t *truth)
{
    weft_status_t status = WEFT_OK;
    double *a = NULL, *b = NULL;
    *out = (weft_slack_error_t){0};
    for (int32_t el = 0; el < 2; el++) {
        WEFT_TRY(weft_i_slack_by_pin(&a, d, estimate, corner, el));
        WEFT_TRY(weft_i_slack_by_pin(&b, d, truth, corner, el));
        double sum = 0.0;
        for (int32_t i = 0; i < d->n_pins; i++) {
            double e = fabs(a[i] - b[i]);
            if (isnan(e)) continue;
            sum += e;
            out->worst_endpoint[el] = fmax(out->worst_endpoint[el], e);
            out->n[el]++;
        }
        out->mean[el] = out->n[el] ? sum / out->n[el] : NAN;
        out->wns[el] = fabs(weft_timer_wns(estimate, corner, el) - weft_timer_wns(truth, corner, el));
        weft_i_free(a);
        weft_i_free(b);
        a = b = NULL;
    }
done:
    weft_i_free(a);
    weft_i_free(b);
    return status;
}

weft_status_t weft_i_side_init(weft_i_side_t *s, const weft_report_t *r, int32_t corner, int32_t el)
{
    weft_status_t status = WEFT_OK;
    *s = (weft_i_side_t){.report = r, .early_late = el};
    s->endpoint = weft_timer_endpoints(r->timer, corner, el, &s->n);
    if (r->shifted) WEFT_TRY(weft_i_slack_by_pin(&s->shifted, r->design, r->shifted, corner, el));
    if (r->truth) WEFT_TRY(weft_i_slack_by_pin(&s->truth, r->design, r->truth, corner, el));
done:
    return status;
}

void weft_i_side_destroy(weft_i_side_t *s)
{
    weft_i_free(s->shifted);
    weft_i_free(s->truth);
}

double weft_i_side_half(const weft_i_side_t *s, int32_t i)
{
    if (!s->shifted) return NAN;
    double slack = s->endpoint[i].slack, shifted = s->shifted[s->endpoint[i].pin];
    return weft_wire_model_half_width(s->report->interval[s->early_late], isnan(shifted) ? 0.0 : slack - shifted);
}

double weft_i_side_truth(const weft_i_side_t *s, int32_t i) { return s->truth ? s->truth[s->endpoint[i].pin] : NAN; }

static void histogram(const weft_endpoint_t *e, int32_t n, FILE *out)
{
    enum { BINS = 10 };
    if (n < BINS) return;
    double low = e[0].slack, high = e[n - 1].slack, step = (high - low) / BINS;
    int32_t count[BINS] = {0}, most = 1;
    if (!(step > 0.0)) return;
    for (int32_t i = 0; i < n; i++) {
        int32_t b = (int32_t)((e[i].slack - low) / step);
        count[b < BINS ? b : BINS - 1]++;
    }
    for (int32_t b = 0; b < BINS; b++)
        if (count[b] > most) most = count[b];
    fprintf(out, "  slack, ns               endpoints\n");
    for (int32_t b = 0; b < BINS; b++)
        fprintf(out, "  %9.4f .. %9.4f %7d %.*s\n", (low + b * step) * 1e9, (low + (b + 1) * step) * 1e9, count[b], (int)(40.0 * count[b] / most + 0.999),
                "########################################");
}

static weft_status_t side(const weft_report_t *r, int32_t corner, int32_t el, int32_t n_rows, FILE *out)
{
    weft_status_t status = WEFT_OK;
    weft_i_side_t s;
    WEFT_TRY(weft_i_side_init(&s, r, corner, el));
    const weft_endpoint_t *e = s.endpoint;
    const int32_t n = s.n;
    int32_t n_negative = 0;
    while (n_negative < n && e[n_negative].slack < 0.0) n_negative++;
    fprintf(out, "\n%s: %d endpoints, %d negative; worst slack %.4f ns, total negative slack %.4f ns", el ? "setup" : "hold", n, n_negative,
            weft_timer_wns(r->timer, corner, el) * 1e9, weft_timer_tns(r->timer, corner, el) * 1e9);
    if (r->truth) fprintf(out, " (routed: %.4f, %.4f)", weft_timer_wns(r->truth, corner, el) * 1e9, weft_timer_tns(r->truth, corner, el) * 1e9);
    fputc('\n', out);
    if (n) {
        fprintf(out, "  %10s", "slack");
        if (s.shifted) fprintf(out, " %10s %10s", "low", "high");
        if (s.truth) fprintf(out, " %10s %8s", "routed", "error,ps");
        fprintf(out, " %10s %10s  %-14s %s\n", "arrival", "required", "check", "endpoint");
    }
    for (int32_t i = 0; i < n && i < n_rows; i++) {
        char name[512];
        weft_design_pin_name(r->design, e[i].pin, name, sizeof name);
        fprintf(out, "  %10.4f", e[i].slack * 1e9);
        double half = weft_i_side_half(&s, i), routed = weft_i_side_truth(&s, i);
        if (s.shifted) fprintf(out, " %10.4f %10.4f", (e[i].slack - half) * 1e9, (e[i].slack + half) * 1e9);
        if (s.truth) fprintf(out, " %10.4f %8.1f", routed * 1e9, (e[i].slack - routed) * 1e12);
        fprintf(out, " %10.4f %10.4f  %-14s %s\n", e[i].arrival * 1e9, e[i].required * 1e9, weft_check_kind_text((weft_check_kind_t)e[i].kind), name);
    }
    if (n_rows > 0) histogram(e, n, out);
done:
    weft_i_side_destroy(&s);
    return status;
}

static weft_status_t error_table(const weft_report_t *r, int32_t corner, FILE *out)
{
    weft_status_t status = WEFT_OK;
    fprintf(out, "\nerror against the routed design, ps        setup mean    worst slack      hold mean    worst slack\n");
    for (int32_t i = -1; i < r->n_rivals; i++) {
        weft_slack_error_t x;
        WEFT_TRY(weft_slack_errors(&x, r->design, corner, i < 0 ? r->timer : r->rivals[i].timer, r->truth));
        const char *name = i < 0 ? r->wires : r->rivals[i].name, *base = i < 0 ? strrchr(name, '/') : NULL;
        fprintf(out, "  %-38s %14.2f %14.2f %14.2f %14.2f\n", base ? base + 1 : name, x.mean[1] * 1e12, x.wns[1] * 1e12, x.mean[0] * 1e12, x.wns[0] * 1e12);
    }
done:
    return status;
}

weft_status_t weft_report_print(const weft_report_t *r, int32_t corner, int32_t n_rows, FILE *out)
{
    weft_status_t status = WEFT_OK;
    const weft_library_t *l = r->design->library;
    weft_timer_counts_t n = weft_timer_counts(r->timer);
    fprintf(out, "%s, corner %s: %d instances, %d pins, %d nets (%lld routed, %lld estimated)\nwires: %s\n", weft_names_text(r->design->names, r->design->name),
            weft_names_text(l->names, l->corner_name[corner]), r->design->n_insts, r->design->n_pins, r->design->n_nets, (long long)n.n_annotated_nets,
            (long long)n.n_estimated_nets, r->wires);
    WEFT_TRY(side(r, corner, WEFT_LATE, n_rows, out));
    WEFT_TRY(side(r, corner, WEFT_EARLY, n_rows, out));
    if (r->truth) WEFT_TRY(error_table(r, corner, out));
done:
    return status;
}
