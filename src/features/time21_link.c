/* features/time21_link.c: a design of the 21-design set as a circuit. The data hold no instances: output pins and the input pins that arcs join
 * to them are one gate. A register's data pin has no arc, so it stands as an output port with the pin's load. */
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/sdc_records.h"
#include "features/time21.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double site = 0.46e-6; /* m, unit of the node columns 2-5 */

static int32_t root(int32_t *parent, int32_t i)
{
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
}

static weft_status_t broken(const weft_time21_t *t, int32_t node, const char *what, weft_diag_t *diag)
{
    weft_diag_add(diag, WEFT_ERROR, "time21-graph", t->name, 0, 0, "node %d: %s", node, what);
    return WEFT_EINPUT;
}

typedef struct work {
    int32_t *parent;      /* gates as sets of nodes */
    int32_t *driver;      /* [n_nodes] of a sink: the node that drives its net; -1: none */
    uint8_t *in_gate;     /* [n_nodes] some arc starts or ends here */
    int32_t *port;        /* [n_nodes] library port of a gate's pin, -1 */
    int32_t *order;       /* nodes by gate */
    int32_t *first;       /* [n_nodes + 1] of order, by root */
} work_t;

static weft_status_t gates(const weft_time21_t *t, const weft_library_t *l, work_t *w, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    size_t n = (size_t)t->n_nodes + 2;
    WEFT_TRY_ALLOC(w->parent = weft_i_malloc(n * sizeof(int32_t)));
    WEFT_TRY_ALLOC(w->driver = weft_i_malloc(n * sizeof(int32_t)));
    WEFT_TRY_ALLOC(w->port = weft_i_malloc(n * sizeof(int32_t)));
    WEFT_TRY_ALLOC(w->order = weft_i_malloc(n * sizeof(int32_t)));
    WEFT_TRY_ALLOC(w->first = weft_i_calloc(n, sizeof(int32_t)));
    WEFT_TRY_ALLOC(w->in_gate = weft_i_calloc(n, 1));
    for (int32_t i = 0; i < t->n_nodes; i++) {
        w->parent[i] = i;
        w->driver[i] = w->port[i] = -1;
    }
    for (int32_t e = 0; e < t->n_net; e++) {
        if (w->driver[t->to[e]] >= 0) WEFT_TRY(broken(t, t->to[e], "two net edges end here", diag));
        w->driver[t->to[e]] = t->from[e];
    }
    for (int32_t e = 0; e < t->n_net; e++)
        if (w->driver[t->from[e]] >= 0) WEFT_TRY(broken(t, t->from[e], "it drives a net and is driven by one", diag));
    for (int32_t k = 0; k < t->n_cell; k++) {
        int32_t a = t->from[t->n_net + k], b = t->to[t->n_net + k];
        const weft_arc_t *arc = &l->arc[t->arc[k]];
        w->in_gate[a] = w->in_gate[b] = 1;
        if ((w->port[a] >= 0 && w->port[a] != arc->from) || (w->port[b] >= 0 && w->port[b] != arc->to)) {
            /* two arcs of one gate were given different cells (their tables agree): the first names it */
            const weft_library_t *q = l;
            int32_t pin = w->port[b] >= 0 ? b : a, cell = q->port[w->port[pin]].cell;
            int32_t fa = weft_library_find_port(q, cell, weft_names_text(q->names, q->port[arc->from].name), (size_t)weft_names_length(q->names, q->port[arc->from].name));
            int32_t fb = weft_library_find_port(q, cell, weft_names_text(q->names, q->port[arc->to].name), (size_t)weft_names_length(q->names, q->port[arc->to].name));
            if (fa < 0 || fb < 0 || (w->port[a] >= 0 && w->port[a] != fa) || (w->port[b] >= 0 && w->port[b] != fb)) WEFT_TRY(broken(t, a, "its arcs are of different cells", diag));
            w->port[a] = fa;
            w->port[b] = fb;
        } else {
            w->port[a] = arc->from;
            w->port[b] = arc->to;
        }
        w->parent[root(w->parent, a)] = root(w->parent, b);
    }
    for (int32_t i = 0; i < t->n_nodes; i++) w->first[root(w->parent, i) + 1]++;
    for (int32_t i = 0; i < t->n_nodes; i++) w->first[i + 1] += w->first[i];
    for (int32_t i = 0; i < t->n_nodes; i++) w->order[w->first[root(w->parent, i)]++] = i; /* leaves the ends */
    for (int32_t i = t->n_nodes; i > 0; i--) w->first[i] = w->first[i - 1];
    w->first[0] = 0;
done:
    return status;
}

/* A node that no arc touches and no net drives: it drives from outside. One that a net drives ends outside. */
static bool drives(const work_t *w, int32_t i) { return w->driver[i] < 0; }

static weft_status_t netlist(const weft_time21_t *t, const weft_library_t *l, const work_t *w, char **text, size_t *size, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    FILE *f = open_memstream(text, size);
    if (!f) return WEFT_ENOMEM;
    fputs("module time21 (", f);
    for (int32_t i = 0, any = 0; i < t->n_nodes; i++)
        if (!w->in_gate[i]) fprintf(f, "%s%c%d", any++ ? "," : "", drives(w, i) ? 'n' : 'p', i);
    fputs(");\n", f);
    for (int32_t i = 0; i < t->n_nodes; i++) {
        if (!w->in_gate[i]) fprintf(f, drives(w, i) ? "input n%d;\n" : "output p%d;\n", i);
        else if (drives(w, i)) fprintf(f, "wire n%d;\n", i);
    }
    for (int32_t i = 0; i < t->n_nodes; i++) {
        if (!w->in_gate[i] && w->driver[i] >= 0) fprintf(f, "assign p%d = n%d;\n", i, w->driver[i]);
        if (!w->in_gate[i] || w->parent[i] != i) continue;
        fprintf(f, "%s u%d (", weft_names_text(l->names, l->cell[l->port[w->port[i]].cell].name), i);
        for (int32_t k = w->first[i], any = 0; k < w->first[i + 1]; k++) {
            int32_t v = w->order[k];
            if (l->port[w->port[v]].cell != l->port[w->port[i]].cell) status = broken(t, v, "its arcs are of different cells", diag);
            fprintf(f, "%s.%s(n%d)", any++ ? "," : "", weft_names_text(l->names, l->port[w->port[v]].name), w->driver[v] >= 0 ? w->driver[v] : v);
        }
        fputs(");\n", f);
    }
    fputs("endmodule\n", f);
    if (fclose(f)) return WEFT_ENOMEM;
    return status;
}

static weft_status_t find_pins(weft_time21_t *t, const weft_library_t *l, const work_t *w, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_design_t *d = t->design;
    WEFT_TRY_ALLOC(t->node_pin = weft_i_malloc((size_t)t->n_nodes * sizeof *t->node_pin));
    WEFT_TRY_ALLOC(t->node_net = weft_i_malloc((size_t)t->n_nodes * sizeof *t->node_net));
    WEFT_TRY_ALLOC(d->pin_x = weft_i_malloc((size_t)d->n_pins * sizeof *d->pin_x));
    WEFT_TRY_ALLOC(d->pin_y = weft_i_malloc((size_t)d->n_pins * sizeof *d->pin_y));
    for (int32_t i = 0; i < d->n_pins; i++) d->pin_x[i] = d->pin_y[i] = NAN;
    double width = 0.0, height = 0.0;
    for (int32_t i = 0; i < t->n_nodes; i++) {
        char name[64];
        const float *f = t->node + 10 * (int64_t)i;
        int n = w->in_gate[i] ? snprintf(name, sizeof name, "u%d/", root(w->parent, i)) : snprintf(name, sizeof name, "%c%d", drives(w, i) ? 'n' : 'p', i);
        if (w->in_gate[i]) n += snprintf(name + n, sizeof name - (size_t)n, "%s", weft_names_text(l->names, l->port[w->port[i]].name));
        int32_t pin = w->in_gate[i] ? weft_design_find_pin(d, name, (size_t)n) : weft_design_find_port(d, name, (size_t)n);
        if (pin < 0) WEFT_TRY(broken(t, i, "two pins of one gate have one name", diag));
        t->node_pin[i] = pin;
        t->node_net[i] = d->pin_net[pin];
        d->pin_x[pin] = site * (double)f[2];
        d->pin_y[pin] = site * (double)f[4];
        width = fmax(width, site * ((double)f[2] + (double)f[3]));
        height = fmax(height, site * ((double)f[4] + (double)f[5]));
    }
    d->die[0] = d->die[1] = 0.0;
    d->die[2] = width;
    d->die[3] = height;
done:
    return status;
}

/* Arrivals and slews of inputs, loads of outputs; column k of four: early/late k / 2, edge k % 2. */
static weft_status_t constrain(weft_time21_t *t, const work_t *w, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_constraints_t *c = t->constraints;
    weft_i_constraints_private_t *x = c->private_data;
    if (t->clock_node >= 0 && !w->in_gate[t->clock_node] && drives(w, t->clock_node)) {
        char name[32];
        snprintf(name, sizeof name, "n%d", t->clock_node);
        WEFT_TRY(weft_constraints_add_clock(c, t->design, name, t->period * 1e-9, diag));
    }
    for (int32_t i = 0; i < t->n_nodes; i++) {
        if (w->in_gate[i]) continue;
        for (int32_t k = 0; k < 4; k++) {
            uint8_t edges = (uint8_t)(1u << (k & 1)), minmax = (uint8_t)(1u << (k >> 1));
            weft_setting_t s = {.edges = edges, .minmax = minmax, .el = 3, .object = {WEFT_OBJ_PIN, t->node_pin[i]}, .object2 = -1, .file = -1};
            if (!WEFT_I_ROOM(c->setting, x->setting_cap, c->n_settings + 1) || !WEFT_I_ROOM(c->port_delay, x->delay_cap, c->n_port_delays + 1)) WEFT_TRY(WEFT_ENOMEM);
            if (!drives(w, i)) {
                s.kind = WEFT_SET_LOAD;
                s.value = (double)t->node[10 * (int64_t)i + 6 + k] * 1e-12;
                c->setting[c->n_settings++] = s;
                continue;
            }
            s.kind = WEFT_SET_INPUT_TRANSITION;
            s.value = fmax(exp((double)t->at_slew[8 * (int64_t)i + 4 + k] - 3.0) - 1e-4, 0.0) * 1e-9;
            c->setting[c->n_settings++] = s;
            if (i == t->clock_node || !t->is_input[i] || t->invalid[i] || !c->n_clocks) continue;
            c->port_delay[c->n_port_delays++] = (weft_port_delay_t){.pin = t->node_pin[i], .clock = 0, .is_input = true, .edges = edges, .minmax = minmax, .reference_pin = -1, .add = k > 0, .file = -1,
                                                                     .delay = (double)t->at_slew[8 * (int64_t)i + k] * 1e-9};
        }
    }
done:
    return status;
}

weft_status_t weft_i_time21_link(weft_time21_t *t, const weft_library_t *library, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    work_t w = {0};
    char *text = NULL;
    size_t size = 0;
    weft_verilog_t *v = NULL;
    WEFT_TRY(gates(t, library, &w, diag));
    WEFT_TRY(netlist(t, library, &w, &text, &size, diag));
    WEFT_TRY(weft_verilog_parse(&v, text, size, t->name, diag));
    WEFT_TRY(weft_design_link(&t->design, library, (const weft_verilog_t *const *)&v, 1, NULL, diag));
    WEFT_TRY(find_pins(t, library, &w, diag));
    WEFT_TRY_ALLOC(t->constraints = weft_constraints_new());
    WEFT_TRY(constrain(t, &w, diag));
done:
    free(text);
    weft_verilog_free(v);
    weft_i_free(w.parent);
    weft_i_free(w.driver);
    weft_i_free(w.port);
    weft_i_free(w.order);
    weft_i_free(w.first);
    weft_i_free(w.in_gate);
    return status;
}
