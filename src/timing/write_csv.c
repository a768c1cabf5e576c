/* timing/write_csv.c: pins and arcs as CSV, column by column what golden_pins.csv and golden_arcs.csv hold, and endpoints with their intervals. ns, 7 digits. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "timing/report.h"
#include "timing/timer.h"

#include <math.h>
#include <string.h>

static void field(FILE *f, double seconds)
{
    if (isnan(seconds)) fputc(',', f);
    else fprintf(f, ",%.7g", seconds * 1e9);
}

/* Rows: every signal pin of every library cell, then every port; an inout has its loading side first. */
static bool has_row(const weft_timer_t *t, int32_t pin)
{
    const weft_design_t *d = t->design;
    return pin >= d->n_inst_pins || d->inst_cell[d->pin_inst[pin]] >= 0;
}

static void name_field(FILE *f, const weft_timer_t *t, int32_t pin)
{
    const weft_design_t *d = t->design;
    if (pin >= d->n_inst_pins) {
        fputs(weft_names_text(d->names, d->port_name[pin - d->n_inst_pins]), f);
        return;
    }
    fputs(weft_names_text(d->names, d->inst_name[d->pin_inst[pin]]), f);
    fputc('/', f);
    fputs(weft_names_text(t->lib->names, t->lib->port[d->pin_port[pin]].name), f);
}

static void pin_row(FILE *f, const weft_timer_t *t, int32_t corner, int32_t pin, bool as_driver)
{
    weft_pin_timing_t r = weft_timer_pin(t, corner, pin, as_driver);
    name_field(f, t, pin);
    fprintf(f, ",%d,%d", r.is_clock, r.is_endpoint);
    for (int32_t el = 0; el < 2; el++)
        for (int32_t e = 0; e < 2; e++) {
            field(f, r.slew[el][e]);
            field(f, r.arrival[el][e]);
        }
    for (int32_t e = 0; e < 2; e++) {
        field(f, r.slack[WEFT_EARLY][e]);
        field(f, r.slack[WEFT_LATE][e]);
    }
    fputc('\n', f);
}

weft_status_t weft_timer_write_pins_csv(const weft_timer_t *t, int32_t corner, const char *path, weft_diag_t *diag)
{
    weft_i_out_t out = {0};
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    fputs("pin,is_clock,is_endpoint,slew_early_rise,arrival_early_rise,slew_early_fall,arrival_early_fall,slew_late_rise,"
          "arrival_late_rise,slew_late_fall,arrival_late_fall,slack_hold_rise,slack_setup_rise,slack_hold_fall,slack_setup_fall\n", out.file);
    for (int32_t p = 0; p < t->design->n_pins; p++) {
        if (!has_row(t, p)) continue;
        pin_row(out.file, t, corner, p, false);
        if (t->load_node[p] >= 0 && t->driver_node[p] >= 0) pin_row(out.file, t, corner, p, true);
    }
    return weft_i_out_commit(&out, diag);
}

static const char *const kind_text[WEFT_I_N_EDGE_KINDS] = {"net", "cell", "clk_q", "d_q", "en_q", "set_clr", "tristate_enable",
                                                           "tristate_disable", "setup", "hold", "recovery", "removal"};

/* Row number of every node in the pins file. */
static weft_status_t number_rows(const weft_timer_t *t, int32_t **rows)
{
    int32_t *row = weft_i_malloc((size_t)t->n_nodes * sizeof *row), n = 0;
    if (!row) return WEFT_ENOMEM;
    memset(row, -1, (size_t)t->n_nodes * sizeof *row);
    for (int32_t p = 0; p < t->design->n_pins; p++) {
        if (!has_row(t, p)) continue;
        if (t->load_node[p] >= 0) row[t->load_node[p]] = n;
        if (t->load_node[p] < 0 && t->driver_node[p] >= 0) row[t->driver_node[p]] = n;
        n++;
        if (t->load_node[p] >= 0 && t->driver_node[p] >= 0) row[t->driver_node[p]] = n++;
    }
    *rows = row;
    return WEFT_OK;
}

/* Several conditional arcs between the same pins: early is their least, late their greatest, in one row. */
static void arc_rows(FILE *f, const weft_timer_t *t, int32_t corner, const int32_t *row, int32_t e)
{
    int32_t from = t->edge_from[e], to = t->edge_to[e];
    for (int32_t k = t->out_first[from]; k < e; k++)
        if (t->edge_to[k] == to && t->edge_kind[k] == t->edge_kind[e]) return; /* told with the first */
    for (int32_t pair = 0; pair < 4; pair++) {
        double value[2] = {NAN, NAN};
        for (int32_t k = e; k < t->out_first[from + 1]; k++) {
            if (t->edge_to[k] != to || t->edge_kind[k] != t->edge_kind[e] || !(t->edge_pairs[k] >> pair & 1)) continue;
            for (int32_t el = 0; el < 2; el++) {
                double x = weft_i_edge_delay(t, k, pair)[2 * corner + el];
                if (!isnan(x) && (isnan(value[el]) || (el ? x > value[el] : x < value[el]))) value[el] = x;
            }
        }
        if (isnan(value[0]) && isnan(value[1])) continue;
        fprintf(f, "%d,%d,%s,%c,%c", row[from], row[to], kind_text[t->edge_kind[e]], pair & 2 ? 'f' : 'r', pair & 1 ? 'f' : 'r');
        field(f, value[0]);
        field(f, value[1]);
        fputc('\n', f);
    }
}

weft_status_t weft_timer_write_arcs_csv(const weft_timer_t *t, int32_t corner, const char *path, weft_diag_t *diag)
{
    weft_i_out_t out = {0};
    int32_t *row = NULL;
    weft_status_t status = number_rows(t, &row);
    if (status == WEFT_OK) status = weft_i_out_open(&out, path, diag);
    if (status == WEFT_OK) {
        fputs("from,to,kind,from_edge,to_edge,delay_early,delay_late\n", out.file);
        for (int32_t e = 0; e < t->n_edges; e++)
            if (row[t->edge_from[e]] >= 0 && row[t->edge_to[e]] >= 0) arc_rows(out.file, t, corner, row, e);
        status = weft_i_out_commit(&out, diag);
    }
    weft_i_free(row);
    return status;
}

/* A name as a field: quoted where it holds what ends one. */
static void quoted(FILE *f, const char *name)
{
    if (!strpbrk(name, ",\"\n")) {
        fputs(name, f);
        return;
    }
    fputc('"', f);
    for (; *name; name++) {
        if (*name == '"') fputc('"', f);
        fputc(*name, f);
    }
    fputc('"', f);
}

static weft_status_t endpoint_rows(const weft_report_t *r, int32_t corner, int32_t el, FILE *f)
{
    weft_status_t status = WEFT_OK;
    weft_i_side_t s;
    WEFT_TRY(weft_i_side_init(&s, r, corner, el));
    for (int32_t i = 0; i < s.n; i++) {
        const weft_endpoint_t *e = &s.endpoint[i];
        double half = weft_i_side_half(&s, i);
        char name[4096];
        weft_design_pin_name(r->design, e->pin, name, sizeof name);
        quoted(f, name);
        fprintf(f, ",%s,%s,", el ? "setup" : "hold", weft_check_kind_text((weft_check_kind_t)e->kind));
        if (e->capture_clock >= 0) quoted(f, weft_names_text(r->constraints->names, r->constraints->clock[e->capture_clock].name));
        field(f, e->slack);
        field(f, e->slack - half);
        field(f, e->slack + half);
        field(f, e->required);
        field(f, e->arrival);
        field(f, weft_i_side_truth(&s, i));
        fputc('\n', f);
    }
done:
    weft_i_side_destroy(&s);
    return status;
}

weft_status_t weft_report_write_endpoints_csv(const weft_report_t *r, int32_t corner, const char *path, weft_diag_t *diag)
{
    weft_i_out_t out = {0};
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    fputs("endpoint,side,check,clock,slack,low,high,required,arrival,routed\n", out.file);
    for (int32_t el = 1; el >= 0 && status == WEFT_OK; el--) status = endpoint_rows(r, corner, el, out.file);
    if (status == WEFT_OK) return weft_i_out_commit(&out, diag);
    weft_i_out_abort(&out);
    return status;
}
