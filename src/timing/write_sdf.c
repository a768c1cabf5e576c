/* timing/write_sdf.c: delays and checks as SDF 3.0 (IEEE 1497-2001): one triple per value, early as its minimum, late as its maximum; of a check the
 * maximum is the value that binds: of setup the late one, of hold the early one.
 *
 * Several conditional arcs between two pins become one entry with their extremes. An arc both of whose input edges can cause the
 * same output edge (an exclusive-or) is told once per input edge. */
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"
#include "timing/timer.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static const char *const edge_word[2] = {"posedge", "negedge"};

/* SDF escapes whatever is not a letter, digit or '_' (timing tools want '$' escaped, too); '/' divides the hierarchy, and a bit select stands as it is. */
static void identifier(FILE *f, const char *s, bool is_bit)
{
    const char *bit = is_bit ? strrchr(s, '[') : NULL;
    for (; *s; s++) {
        if (!isalnum((unsigned char)*s) && *s != '_' && *s != '/' && !(bit && s >= bit)) fputc('\\', f);
        fputc(*s, f);
    }
}

static void port_text(FILE *f, const weft_timer_t *t, int32_t port) { identifier(f, weft_names_text(t->lib->names, t->lib->port[port].name), t->lib->port[port].bus >= 0); }

static void pin_text(FILE *f, const weft_timer_t *t, int32_t pin)
{
    const weft_design_t *d = t->design;
    if (pin >= d->n_inst_pins) {
        identifier(f, weft_names_text(d->names, d->port_name[pin - d->n_inst_pins]), true);
        return;
    }
    identifier(f, weft_names_text(d->names, d->inst_name[d->pin_inst[pin]]), false);
    fputc('/', f);
    port_text(f, t, d->pin_port[pin]);
}

static void triple(FILE *f, const double value[2])
{
    if (isnan(value[0]) && isnan(value[1])) fputs(" ()", f);
    else if (isnan(value[0])) fprintf(f, " (::%.6g)", value[1] * 1e9);
    else if (isnan(value[1])) fprintf(f, " (%.6g::)", value[0] * 1e9);
    else fprintf(f, " (%.6g::%.6g)", value[0] * 1e9, value[1] * 1e9);
}

enum { OFF = WEFT_I_OFF_DISABLED | WEFT_I_OFF_MODE };

/* Extremes of all arcs like e, by edge pair. False: an arc before e has told them, or there are none. */
static bool extremes(const weft_timer_t *t, int32_t corner, int32_t e, double value[4][2])
{
    int32_t from = t->edge_from[e], to = t->edge_to[e];
    for (int32_t k = t->out_first[from]; k < e; k++)
        if (t->edge_to[k] == to && t->edge_kind[k] == t->edge_kind[e] && !(t->edge_off[k] & OFF)) return false;
    for (int32_t pair = 0; pair < 4; pair++) {
        value[pair][0] = value[pair][1] = NAN;
        for (int32_t k = e; k < t->out_first[from + 1]; k++) {
            if (t->edge_to[k] != to || t->edge_kind[k] != t->edge_kind[e] || (t->edge_off[k] & OFF) || !(t->edge_pairs[k] >> pair & 1)) continue;
            for (int32_t el = 0; el < 2; el++) {
                double x = (double)weft_i_edge_delay(t, k, pair)[2 * corner + el];
                if (!isnan(x) && (isnan(value[pair][el]) || (el ? x > value[pair][el] : x < value[pair][el]))) value[pair][el] = x;
            }
        }
    }
    return true;
}

static bool none(const double v[2]) { return isnan(v[0]) && isnan(v[1]); }

/* Rise and fall; of a tri-state's enabling and disabling arcs the fields for transitions from and to Z, so that one does not override the other. */
static void iopath(FILE *f, const weft_timer_t *t, int32_t e, double value[4][2], int32_t from_edge)
{
    static const int8_t field[3][6] = {{0, 1, -1, -1, -1, -1}, {-1, -1, -1, 0, -1, 1}, {-1, -1, 0, -1, 1, -1}}; /* which output edge stands in 01 10 0Z Z1 1Z Z0 */
    int32_t form = t->edge_kind[e] == WEFT_I_EDGE_TRI_ENABLE ? 1 : t->edge_kind[e] == WEFT_I_EDGE_TRI_DISABLE ? 2 : 0;
    const weft_design_t *d = t->design;
    int32_t from = d->pin_port[t->node_pin[t->edge_from[e]]], to = d->pin_port[t->node_pin[t->edge_to[e]]];
    fputs("     (IOPATH ", f);
    if (from_edge >= 0) fprintf(f, "(%s ", edge_word[from_edge]);
    port_text(f, t, from);
    fputs(from_edge >= 0 ? ") " : " ", f);
    port_text(f, t, to);
    for (int32_t i = 0; i < (form ? 6 : 2); i++) {
        int32_t edge = field[form][i], pair = from_edge >= 0 ? 2 * from_edge + edge : edge >= 0 && none(value[edge]) ? 2 + edge : edge;
        if (edge < 0) fputs(" ()", f);
        else triple(f, value[pair]);
    }
    fputs(")\n", f);
}

static void cell_arc(FILE *f, const weft_timer_t *t, int32_t corner, int32_t e)
{
    double v[4][2];
    if (!extremes(t, corner, e, v)) return;
    bool by_edge = t->edge_kind[e] == WEFT_I_EDGE_CLK_Q || t->edge_kind[e] == WEFT_I_EDGE_EN_Q;
    for (int32_t edge = 0; edge < 2; edge++) by_edge = by_edge || (!none(v[edge]) && !none(v[2 + edge]));
    if (!by_edge) iopath(f, t, e, v, -1);
    for (int32_t from = 0; from < 2 && by_edge; from++)
        if (!none(v[2 * from]) || !none(v[2 * from + 1])) iopath(f, t, e, v, from);
}

static const char *check_word(uint8_t kind)
{
    return kind == WEFT_I_EDGE_SETUP ? "SETUP" : kind == WEFT_I_EDGE_HOLD ? "HOLD" : kind == WEFT_I_EDGE_RECOVERY ? "RECOVERY" : "REMOVAL";
}

static void check_arc(FILE *f, const weft_timer_t *t, int32_t corner, int32_t e)
{
    double v[4][2];
    if (!extremes(t, corner, e, v)) return;
    const weft_design_t *d = t->design;
    bool early = t->edge_kind[e] == WEFT_I_EDGE_HOLD || t->edge_kind[e] == WEFT_I_EDGE_REMOVAL;
    for (int32_t pair = 0; pair < 4; pair++) {
        if (none(v[pair])) continue;
        double binds = v[pair][early ? 0 : 1], other = v[pair][early ? 1 : 0];
        v[pair][0] = other > binds ? binds : other;
        v[pair][1] = binds;
        fprintf(f, "     (%s (%s ", check_word(t->edge_kind[e]), edge_word[pair & 1]);
        port_text(f, t, d->pin_port[t->node_pin[t->edge_to[e]]]);
        fprintf(f, ") (%s ", edge_word[pair >> 1]);
        port_text(f, t, d->pin_port[t->node_pin[t->edge_from[e]]]);
        fputc(')', f);
        triple(f, v[pair]);
        fputs(")\n", f);
    }
}

static void width_checks(FILE *f, const weft_timer_t *t, int32_t corner, int32_t pin)
{
    const weft_lib_port_value_t *v = &t->lib->port_value[(int64_t)t->design->pin_port[pin] * t->n_aps + 2 * corner];
    for (int32_t edge = 0; edge < 3; edge++) {
        double w[2];
        for (int32_t el = 0; el < 2; el++) w[el] = edge < 2 ? (double)v[el].min_pulse_width[edge] : (double)v[el].min_period;
        if (none(w)) continue;
        fprintf(f, edge < 2 ? "     (WIDTH (%s " : "     (PERIOD (%s ", edge_word[edge & 1]);
        port_text(f, t, t->design->pin_port[pin]);
        fputc(')', f);
        triple(f, w);
        fputs(")\n", f);
    }
}

/* The entries of one instance; nothing for one without arcs. */
static void instance(FILE *f, const weft_timer_t *t, int32_t corner, int32_t inst)
{
    const weft_design_t *d = t->design;
    int32_t cell = d->inst_cell[inst];
    if (cell < 0) return;
    for (int32_t checks = 0, any = 0; checks < 2; checks++) {
        bool open = false;
        for (int32_t p = d->inst_first_pin[inst]; p < d->inst_first_pin[inst + 1]; p++) {
            int32_t node[2] = {t->load_node[p], t->driver_node[p]};
            for (int32_t k = 0; k < 2; k++) {
                if (node[k] < 0 || (k && node[1] == node[0])) continue;
                for (int32_t e = t->out_first[node[k]]; e < t->out_first[node[k] + 1]; e++) {
                    bool check = weft_i_edge_is_check(t->edge_kind[e]);
                    if (t->edge_kind[e] == WEFT_I_EDGE_NET || check != (checks == 1) || (t->edge_off[e] & OFF) != 0) continue;
                    if (!any) {
                        fputs(" (CELL\n  (CELLTYPE \"", f);
                        fputs(weft_names_text(t->lib->names, t->lib->cell[cell].name), f);
                        fputs("\")\n  (INSTANCE ", f);
                        identifier(f, weft_names_text(d->names, d->inst_name[inst]), false);
                        fputs(")\n", f);
                        any = 1;
                    }
                    if (!open) fputs(checks ? "  (TIMINGCHECK\n" : "  (DELAY\n    (ABSOLUTE\n", f);
                    open = true;
                    if (check) check_arc(f, t, corner, e);
                    else cell_arc(f, t, corner, e);
                }
            }
            if (checks && open) width_checks(f, t, corner, p);
        }
        if (open) fputs(checks ? "  )\n" : "    )\n  )\n", f);
        if (checks && any) fputs(" )\n", f);
    }
}

static void wires(FILE *f, const weft_timer_t *t, int32_t corner)
{
    fputs(" (CELL\n  (CELLTYPE \"", f);
    fputs(weft_names_text(t->design->names, t->design->name), f);
    fputs("\")\n  (INSTANCE)\n  (DELAY\n    (ABSOLUTE\n", f);
    for (int32_t e = 0; e < t->n_edges; e++) {
        if (t->edge_kind[e] != WEFT_I_EDGE_NET) continue;
        double v[2][2];
        for (int32_t edge = 0; edge < 2; edge++)
            for (int32_t el = 0; el < 2; el++) v[edge][el] = t->edge_pairs[e] >> 3 * edge & 1 ? (double)weft_i_edge_delay(t, e, 3 * edge)[2 * corner + el] : NAN;
        if (none(v[0]) && none(v[1])) continue;
        fputs("     (INTERCONNECT ", f);
        pin_text(f, t, t->node_pin[t->edge_from[e]]);
        fputc(' ', f);
        pin_text(f, t, t->node_pin[t->edge_to[e]]);
        triple(f, v[0]);
        triple(f, v[1]);
        fputs(")\n", f);
    }
    fputs("    )\n  )\n )\n", f);
}

weft_status_t weft_timer_write_sdf(const weft_timer_t *t, int32_t corner, const char *path, weft_diag_t *diag)
{
    weft_i_out_t out = {0};
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    FILE *f = out.file;
    fprintf(f, "(DELAYFILE\n (SDFVERSION \"3.0\")\n (DESIGN \"%s\")\n (VENDOR \"weft\")\n (PROGRAM \"weft\")\n (VERSION \"%s\")\n (DIVIDER /)\n", weft_names_text(t->design->names, t->design->name),
            weft_version());
    fprintf(f, " (PROCESS \"%s\")\n (TIMESCALE 1ns)\n", weft_names_text(t->lib->names, t->lib->corner_name[corner]));
    wires(f, t, corner);
    for (int32_t i = 0; i < t->design->n_insts; i++) instance(f, t, corner, i);
    fputs(")\n", f);
    return weft_i_out_commit(&out, diag);
}
