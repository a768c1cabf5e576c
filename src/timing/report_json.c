/* timing/report_json.c: the report for programs, streamed; times in ns. docs/JSON.md is the schema. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "timing/report.h"
#include "timing/timer.h"

#include <math.h>
#include <string.h>

static void string(FILE *f, const char *s)
{
    fputc('"', f);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') fprintf(f, "\\%c", c);
        else if (c < 0x20) fprintf(f, "\\u%04x", c);
        else fputc(c, f);
    }
    fputc('"', f);
}

/* ns; what is no number is null */
static void ns(FILE *f, const char *key, double v)
{
    if (isfinite(v)) fprintf(f, ",\"%s\":%.7g", key, v * 1e9);
    else fprintf(f, ",\"%s\":null", key);
}

static weft_status_t endpoints(const weft_report_t *r, int32_t corner, int32_t el, bool *first, FILE *f)
{
    weft_status_t status = WEFT_OK;
    weft_i_side_t s;
    WEFT_TRY(weft_i_side_init(&s, r, corner, el));
    const weft_endpoint_t *e = s.endpoint;
    for (int32_t i = 0; i < s.n; i++) {
        char name[4096];
        weft_design_pin_name(r->design, e[i].pin, name, sizeof name);
        fprintf(f, "%s\n{\"pin\":", *first ? "" : ",");
        *first = false;
        string(f, name);
        fprintf(f, ",\"side\":\"%s\",\"check\":\"%s\"", el ? "setup" : "hold", weft_check_kind_text((weft_check_kind_t)e[i].kind));
        ns(f, "slack", e[i].slack);
        ns(f, "required", e[i].required);
        ns(f, "arrival", e[i].arrival);
        double half = weft_i_side_half(&s, i);
        ns(f, "lo", e[i].slack - half);
        ns(f, "hi", e[i].slack + half);
        if (s.truth) ns(f, "truth", weft_i_side_truth(&s, i));
        if (e[i].capture_clock >= 0) {
            fputs(",\"clock\":", f);
            string(f, weft_names_text(r->constraints->names, r->constraints->clock[e[i].capture_clock].name));
        }
        fputc('}', f);
    }
done:
    weft_i_side_destroy(&s);
    return status;
}

static weft_status_t errors(const weft_report_t *r, int32_t corner, FILE *f)
{
    weft_status_t status = WEFT_OK;
    fputs(",\n\"errors\":[", f);
    for (int32_t i = -1; i < r->n_rivals; i++) {
        weft_slack_error_t x;
        WEFT_TRY(weft_slack_errors(&x, r->design, corner, i < 0 ? r->timer : r->rivals[i].timer, r->truth));
        fprintf(f, "%s\n{\"wires\":", i < 0 ? "" : ",");
        string(f, i < 0 ? r->wires : r->rivals[i].name);
        ns(f, "setup_mean", x.mean[1]);
        ns(f, "setup_wns", x.wns[1]);
        ns(f, "hold_mean", x.mean[0]);
        ns(f, "hold_wns", x.wns[0]);
        fputc('}', f);
    }
    fputs("]", f);
done:
    return status;
}

/* Worst slack and total negative slack of each path group of one side. */
static weft_status_t groups(const weft_report_t *r, int32_t corner, int32_t el, bool *first, FILE *f)
{
    int32_t n, n_groups = r->timer->n_clocks + r->constraints->n_exceptions + 3;
    const weft_endpoint_t *e = weft_timer_endpoints(r->timer, corner, el, &n);
    typedef struct sum { int32_t worst, n; double tns; } sum_t;
    sum_t *sum = weft_i_calloc((size_t)n_groups, sizeof *sum);
    if (!sum) return WEFT_ENOMEM;
    for (int32_t i = 0; i < n; i++) {
        sum_t *s = &sum[e[i].group + 3];
        if (!s->n++) s->worst = i;
        if (e[i].slack < 0.0) s->tns += e[i].slack;
    }
    for (int32_t g = 0; g < n_groups; g++) {
        if (!sum[g].n) continue;
        fprintf(f, "%s\n{\"name\":", *first ? "" : ",");
        *first = false;
        string(f, weft_i_group_text(r->timer, &e[sum[g].worst]));
        fprintf(f, ",\"side\":\"%s\",\"endpoints\":%d", el ? "setup" : "hold", sum[g].n);
        ns(f, "wns", e[sum[g].worst].slack);
        ns(f, "tns", sum[g].tns);
        fputc('}', f);
    }
    weft_i_free(sum);
    return WEFT_OK;
}

static weft_status_t limits(const weft_report_t *r, int32_t corner, FILE *f)
{
    static const double unit[WEFT_N_LIMIT_KINDS] = {1e9, 1e12, 1e12, 1.0, 1e9, 1e9};
    weft_limits_t l;
    weft_status_t status = weft_timer_limits(&l, r->timer, corner);
    if (status != WEFT_OK) return status;
    fputs(",\n\"limits\":[", f);
    for (int32_t k = 0, i = 0; k < WEFT_N_LIMIT_KINDS; k++) {
        fprintf(f, "%s\n{\"limit\":\"%s\",\"checked\":%d,\"violated\":[", k ? "," : "", weft_limit_kind_text((weft_limit_kind_t)k), l.n_checked[k]);
        for (int32_t n = 0; i < l.n && l.limit[i].kind == k; i++) {
            char name[4096];
            weft_design_pin_name(r->design, l.limit[i].pin, name, sizeof name);
            fputs(n++ ? ",\n{\"pin\":" : "\n{\"pin\":", f);
            string(f, name);
            fprintf(f, ",\"edge\":\"%s\",\"value\":%.7g,\"limit\":%.7g,\"slack\":%.7g}", l.limit[i].edge ? "fall" : "rise", l.limit[i].value * unit[k], l.limit[i].limit * unit[k], l.limit[i].slack * unit[k]);
        }
        fputs("]}", f);
    }
    fputc(']', f);
    weft_limits_destroy(&l);
    return WEFT_OK;
}

static weft_status_t corner_object(const weft_report_t *r, int32_t corner, FILE *f)
{
    weft_status_t status = WEFT_OK;
    const weft_library_t *l = r->design->library;
    bool first = true;
    fputs("{\"corner\":", f);
    string(f, weft_names_text(l->names, l->corner_name[corner]));
    static const char *const key[2][2] = {{"wns_hold", "tns_hold"}, {"wns", "tns"}};
    for (int32_t el = 1; el >= 0; el--) {
        ns(f, key[el][0], weft_timer_wns(r->timer, corner, el));
        ns(f, key[el][1], weft_timer_tns(r->timer, corner, el));
        if (!r->truth) continue;
        ns(f, el ? "truth_wns" : "truth_wns_hold", weft_timer_wns(r->truth, corner, el));
        ns(f, el ? "truth_tns" : "truth_tns_hold", weft_timer_tns(r->truth, corner, el));
    }
    if (r->truth) WEFT_TRY(errors(r, corner, f));
    fputs(",\n\"groups\":[", f);
    WEFT_TRY(groups(r, corner, WEFT_LATE, &first, f));
    WEFT_TRY(groups(r, corner, WEFT_EARLY, &first, f));
    fputc(']', f);
    if (r->limits) WEFT_TRY(limits(r, corner, f));
    first = true;
    fputs(",\n\"endpoints\":[", f);
    WEFT_TRY(endpoints(r, corner, WEFT_LATE, &first, f));
    WEFT_TRY(endpoints(r, corner, WEFT_EARLY, &first, f));
    fputs("]}", f);
done:
    return status;
}

weft_status_t weft_report_write_json(const weft_report_t *r, const char *path, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_out_t out;
    const weft_constraints_t *c = r->constraints;
    WEFT_TRY(weft_i_out_open(&out, path, diag));
    FILE *f = out.file;
    fputs("{\"schema\":\"weft-timing-1\",\"design\":", f);
    string(f, weft_names_text(r->design->names, r->design->name));
    fprintf(f, ",\"instances\":%d,\"pins\":%d,\"nets\":%d,\"wires\":", r->design->n_insts, r->design->n_pins, r->design->n_nets);
    string(f, r->wires);
    fputs(",\n\"clocks\":[", f);
    for (int32_t i = 0; i < c->n_clocks; i++) {
        fprintf(f, "%s{\"name\":", i ? "," : "");
        string(f, weft_names_text(c->names, c->clock[i].name));
        ns(f, "period", r->timer->clock[i].period);
        fprintf(f, ",\"propagated\":%s}", r->timer->clock[i].propagated ? "true" : "false");
    }
    fputs("],\n\"corners\":[", f);
    for (int32_t k = 0; k < r->design->library->n_corners && status == WEFT_OK; k++) {
        if (k) fputs(",\n", f);
        status = corner_object(r, k, f);
    }
    fputs("],\n\"notices\":[", f);
    for (int32_t i = 0, n = 0; r->diag && i < weft_diag_n_entries(r->diag); i++) {
        const weft_diag_entry_t *e = weft_diag_entry(r->diag, i);
        fprintf(f, "%s\n{\"severity\":\"%s\",\"id\":", n++ ? "," : "", e->severity == WEFT_ERROR ? "error" : e->severity == WEFT_WARNING ? "warning" : "note");
        string(f, e->id);
        fputs(",\"text\":", f);
        string(f, e->text);
        if (e->file) {
            fputs(",\"file\":", f);
            string(f, e->file);
        }
        fprintf(f, ",\"line\":%d}", e->line);
    }
    fputs("]}\n", f);
    if (status != WEFT_OK) {
        weft_i_out_abort(&out);
        goto done;
    }
    WEFT_TRY(weft_i_out_commit(&out, diag));
done:
    return status;
}
