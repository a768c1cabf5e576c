/* timing/wire_model.c: the rows of the table of wire models, and a net's tree turned into resistors and capacitors. */
#include "timing/wire_model.h"
#include "base/alloc.h"
#include "base/status.h"
#include "timing/model_file.h"
#include "timing/wire_scales.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- models ------------------------------------------------------------------------------------------------- */
static weft_status_t by_constants(weft_wire_model_t *m, const char *arguments, const char *spec, weft_diag_t *diag)
{
    char *end = NULL;
    double c = strtod(arguments, &end), r = 0.0;
    bool ok = end != arguments && *end == ',';
    const char *second = ok ? end + 1 : arguments;
    if (ok) r = strtod(second, &end);
    if (!ok || end == second || *end || !(c >= 0.0) || !(r >= 0.0) || !isfinite(c) || !isfinite(r)) {
        weft_diag_add(diag, WEFT_ERROR, "model-spec", NULL, 0, 0, "%s: two numbers wanted, C in fF/um and R in ohm/um, as in mst:0.16,2.0", spec);
        return WEFT_EUSAGE;
    }
    m->c = c * 1e-9; /* fF/um = 1e-15 / 1e-6 */
    m->r = r * 1e6;
    return WEFT_OK;
}

/* Mean over the routing layers 2..5 that have constants: c = area * width + 2 edge, r = ohm per square / width. */
static weft_status_t by_lef(weft_wire_model_t *m, const weft_lef_t *const *lefs, int32_t n_lefs, weft_diag_t *diag)
{
    int32_t routing = 0, n = 0;
    for (int32_t i = 0; i < n_lefs; i++)
        for (int32_t k = 0; k < lefs[i]->n_layers; k++) {
            const weft_lef_layer_t *l = &lefs[i]->layer[k];
            if (l->kind != WEFT_LAYER_ROUTING || ++routing < 2 || routing > 5) continue;
            if (isnan(l->resistance) || isnan(l->area_cap) || !(l->width > 0.0)) continue;
            m->c += l->area_cap * l->width + 2.0 * (isnan(l->edge_cap) ? 0.0 : l->edge_cap);
            m->r += l->resistance / l->width;
            n++;
        }
    if (!n) {
        weft_diag_add(diag, WEFT_ERROR, "model-lef", NULL, 0, 0, "no routing layer of the LEF has both resistance and capacitance");
        return WEFT_EINPUT;
    }
    m->c /= n;
    m->r /= n;
    return WEFT_OK;
}

weft_status_t weft_wire_model_new(weft_wire_model_t **model, const char *spec, const weft_lef_t *const *lefs, int32_t n_lefs, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_wire_model_t *m = NULL;
    *model = NULL;
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    WEFT_TRY_ALLOC(m->name = weft_i_strndup(spec, strlen(spec)));
    m->topology = WEFT_I_STEINER;
    if (!strcmp(spec, "zero")) m->topology = WEFT_I_NO_WIRE;
    else if (!strcmp(spec, "lef")) WEFT_TRY(by_lef(m, lefs, n_lefs, diag));
    else if (!strncmp(spec, "mst:", 4)) {
        m->topology = WEFT_I_SPANNING;
        WEFT_TRY(by_constants(m, spec + 4, spec, diag));
    } else if (!strncmp(spec, "steiner:", 8)) WEFT_TRY(by_constants(m, spec + 8, spec, diag));
    else {
        m->topology = WEFT_I_SHORT_WAYS;
        WEFT_TRY(weft_i_model_file_read(m, spec, diag));
    }
    *model = m;
    m = NULL;
done:
    weft_wire_model_free(m);
    return status;
}

void weft_i_kept_free(weft_i_kept_tensor_t *kept, int32_t n)
{
    for (int32_t i = 0; i < n && kept; i++) {
        weft_i_free(kept[i].name);
        weft_i_free(kept[i].value);
    }
    weft_i_free(kept);
}

weft_status_t weft_i_kept_copy(weft_i_kept_tensor_t **to, const weft_i_kept_tensor_t *from, int32_t n)
{
    weft_status_t status = WEFT_OK;
    weft_i_kept_tensor_t *k = NULL;
    *to = NULL;
    WEFT_TRY_ALLOC(k = weft_i_calloc((size_t)n + 1, sizeof *k));
    for (int32_t i = 0; i < n; i++) {
        size_t size = (size_t)(from[i].rows * from[i].cols) * sizeof(float);
        k[i].rows = from[i].rows;
        k[i].cols = from[i].cols;
        WEFT_TRY_ALLOC(k[i].name = weft_i_strndup(from[i].name, strlen(from[i].name)));
        WEFT_TRY_ALLOC(k[i].value = weft_i_malloc(size + 1));
        memcpy(k[i].value, from[i].value, size);
    }
    *to = k;
    k = NULL;
done:
    weft_i_kept_free(k, n);
    return status;
}

void weft_wire_model_free(weft_wire_model_t *m)
{
    if (!m) return;
    weft_i_boost_free(m->cap_trees);
    weft_i_boost_free(m->res_trees);
    weft_i_kept_free(m->kept, m->n_kept);
    weft_i_free(m->json);
    weft_i_free(m->name);
    weft_i_free(m);
}

const char *weft_wire_model_name(const weft_wire_model_t *m) { return m->name; }

weft_status_t weft_wire_model_plain(weft_wire_model_t **plain, const weft_wire_model_t *model)
{
    weft_status_t status = WEFT_OK;
    weft_wire_model_t *m = NULL;
    *plain = NULL;
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    WEFT_TRY_ALLOC(m->name = weft_i_strndup("constants", 9));
    m->topology = model->topology;
    m->c = model->c;
    m->r = model->r;
    m->c_pin = model->c_pin;
    m->r_edge = model->r_edge;
    *plain = m;
    m = NULL;
done:
    weft_wire_model_free(m);
    return status;
}

void weft_wire_model_interval(const weft_wire_model_t *m, double interval[2])
{
    interval[0] = m->interval[0];
    interval[1] = m->interval[1];
}

static const double floor_part = 1200.0;
double weft_wire_model_half_width(double interval, double shift) { return interval > 0.0 ? pow(interval, 0.2) * pow(fabs(shift) + interval / floor_part, 0.8) : 0.0; }

/* Newton in log q, where the log of the half-width grows from slope 0.2 to 1 and is convex: from above, where shift is 0, it comes down to the root. */
double weft_wire_model_interval_for(double error, double shift)
{
    if (!(error > 0.0)) return 0.0;
    double u = log(error) + 0.8 * log(floor_part);
    for (int i = 0; i < 50; i++) {
        double part = exp(u) / floor_part, whole = fabs(shift) + part, step = (0.2 * u + 0.8 * log(whole) - log(error)) / (0.2 + 0.8 * part / whole);
        u -= step;
        if (fabs(step) < 1e-12) break;
    }
    return exp(u);
}

/* ---- one net ------------------------------------------------------------------------------------------------ */
void weft_i_wire_scratch_destroy(weft_i_wire_scratch_t *s)
{
    weft_i_tree_destroy(&s->tree);
    weft_i_free(s->x);
    weft_i_free(s->y);
    weft_i_free(s->pin);
    weft_i_free(s->cap);
    weft_i_free(s->res);
}

/* Half of an edge's capacitance to each of its ends, a pin's own stub to the pin. */
static weft_status_t rc_of_net(const void *context, void *scratch, int32_t net, weft_rc_net_t *view)
{
    const weft_wires_t *w = context;
    const weft_wire_model_t *m = w->model;
    weft_i_wire_scratch_t *s = scratch;
    bool placed = false;
    *view = (weft_rc_net_t){.present = m->topology == WEFT_I_NO_WIRE};
    if (m->topology == WEFT_I_NO_WIRE) return WEFT_OK;
    weft_status_t status = w->layout ? weft_i_net_trees_at(w->layout->trees, net, s, &placed) : weft_i_net_tree(w->design, m->topology, net, s, &placed);
    if (status != WEFT_OK || !placed) return status;
    const weft_i_tree_t *t = &s->tree;
    if (!WEFT_I_ROOM(s->pin, s->pin_cap, t->n_nodes) || !WEFT_I_ROOM(s->cap, s->cap_cap, t->n_nodes) || !WEFT_I_ROOM(s->res, s->res_cap, t->n_edges + 1))
        return WEFT_ENOMEM;
    double cs = w->cap_factor * (w->cap_scale ? (double)w->cap_scale[net] : 1.0), rs = w->res_factor * (w->res_scale ? (double)w->res_scale[net] : 1.0);
    int32_t first = w->design->net_first[net], n_pins = w->design->net_first[net + 1] - first;
    for (int32_t i = 0; i < t->n_nodes; i++) {
        s->pin[i] = i < n_pins ? w->design->net_pin[first + i] : -1;
        s->cap[i] = i < n_pins ? (float)(cs * m->c_pin) : 0.0f;
    }
    for (int32_t e = 0; e < t->n_edges; e++) {
        double length = fabs(t->x[t->a[e]] - t->x[t->b[e]]) + fabs(t->y[t->a[e]] - t->y[t->b[e]]);
        s->res[e] = (float)fmax(rs * (m->r * length + m->r_edge), 1e-3);
        s->cap[t->a[e]] += (float)(0.5 * cs * m->c * length);
        s->cap[t->b[e]] += (float)(0.5 * cs * m->c * length);
    }
    *view = (weft_rc_net_t){.n_nodes = t->n_nodes, .n_res = t->n_edges, .cap = s->cap, .pin = s->pin, .a = t->a, .b = t->b, .res = s->res, .present = true};
    return WEFT_OK;
}

static void *scratch_new(const void *context)
{
    (void)context;
    return weft_i_calloc(1, sizeof(weft_i_wire_scratch_t));
}

static void scratch_free(void *scratch)
{
    if (!scratch) return;
    weft_i_wire_scratch_destroy(scratch);
    weft_i_free(scratch);
}

weft_i_wire_source_t weft_i_wires_source(const weft_wires_t *wires)
{
    return (weft_i_wire_source_t){.net = rc_of_net, .scratch_new = scratch_new, .scratch_free = scratch_free, .context = wires};
}

/* ---- a design ----------------------------------------------------------------------------------------------- */
weft_status_t weft_wires_new(weft_wires_t **wires, const weft_wire_model_t *model, const weft_design_t *design, double shift, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_wires_t *w = NULL;
    *wires = NULL;
    if (!design->pin_x && model->topology != WEFT_I_NO_WIRE) {
        weft_diag_add(diag, WEFT_ERROR, "model-placement", NULL, 0, 0, "wire model %s needs a placement: give --lef and --def", model->name);
        return WEFT_EUSAGE;
    }
    WEFT_TRY_ALLOC(w = weft_i_calloc(1, sizeof *w));
    w->model = model;
    w->design = design;
    w->cap_factor = exp(shift * model->cap_spread);
    w->res_factor = exp(shift * model->res_spread);
    if (model->cap_trees || model->res_trees) {
        WEFT_TRY(weft_i_layout_new(&w->layout, design));
        WEFT_TRY(weft_i_wires_scales(w));
    }
    *wires = w;
    w = NULL;
done:
    weft_wires_free(w);
    return status;
}

weft_status_t weft_wires_shifted(weft_wires_t **wires, const weft_wires_t *of, double shift)
{
    weft_status_t status = WEFT_OK;
    weft_wires_t *w = NULL;
    size_t bytes = (size_t)of->design->n_nets * sizeof *w->cap_scale;
    *wires = NULL;
    WEFT_TRY_ALLOC(w = weft_i_calloc(1, sizeof *w));
    w->model = of->model;
    w->design = of->design;
    w->cap_factor = exp(shift * of->model->cap_spread);
    w->res_factor = exp(shift * of->model->res_spread);
    if (of->layout) w->layout = weft_i_layout_hold(of->layout);
    if (of->cap_scale) {
        WEFT_TRY_ALLOC(w->cap_scale = weft_i_malloc(bytes + 1));
        WEFT_TRY_ALLOC(w->res_scale = weft_i_malloc(bytes + 1));
        memcpy(w->cap_scale, of->cap_scale, bytes);
        memcpy(w->res_scale, of->res_scale, bytes);
    }
    *wires = w;
    w = NULL;
done:
    weft_wires_free(w);
    return status;
}

double weft_wires_beyond(const weft_wires_t *w) { return w->beyond; }

void weft_wires_free(weft_wires_t *w)
{
    if (!w) return;
    weft_i_layout_free(w->layout);
    weft_i_free(w->cap_scale);
    weft_i_free(w->res_scale);
    weft_i_free(w);
}

weft_status_t weft_wires_store(weft_parasitics_t **parasitics, const weft_wires_t *w)
{
    weft_status_t status = WEFT_OK;
    weft_parasitics_t *p = NULL;
    const weft_design_t *d = w->design;
    int64_t node_cap = 0, pin_cap = 0, a_cap = 0, b_cap = 0, res_cap = 0;
    void *scratch = NULL;
    *parasitics = NULL;
    WEFT_TRY_ALLOC(scratch = scratch_new(w));
    WEFT_TRY_ALLOC(p = weft_i_calloc(1, sizeof *p));
    p->design = d;
    WEFT_TRY_ALLOC(p->net_node = weft_i_calloc((size_t)d->n_nets + 1, sizeof *p->net_node));
    WEFT_TRY_ALLOC(p->net_res = weft_i_calloc((size_t)d->n_nets + 1, sizeof *p->net_res));
    WEFT_TRY_ALLOC(p->net_present = weft_i_calloc((size_t)d->n_nets + 1, 1));
    for (int32_t i = 0; i < d->n_nets; i++) {
        weft_rc_net_t v;
        WEFT_TRY(rc_of_net(w, scratch, i, &v));
        int64_t n = p->net_node[i], m = p->net_res[i];
        if (!WEFT_I_ROOM(p->cap, node_cap, n + v.n_nodes) || !WEFT_I_ROOM(p->pin, pin_cap, n + v.n_nodes) || !WEFT_I_ROOM(p->a, a_cap, m + v.n_res)
            || !WEFT_I_ROOM(p->b, b_cap, m + v.n_res) || !WEFT_I_ROOM(p->res, res_cap, m + v.n_res)) WEFT_TRY(WEFT_ENOMEM);
        if (v.n_nodes) {
            memcpy(p->cap + n, v.cap, (size_t)v.n_nodes * sizeof *v.cap);
            memcpy(p->pin + n, v.pin, (size_t)v.n_nodes * sizeof *v.pin);
        }
        if (v.n_res) {
            memcpy(p->a + m, v.a, (size_t)v.n_res * sizeof *v.a);
            memcpy(p->b + m, v.b, (size_t)v.n_res * sizeof *v.b);
            memcpy(p->res + m, v.res, (size_t)v.n_res * sizeof *v.res);
        }
        p->net_node[i + 1] = n + v.n_nodes;
        p->net_res[i + 1] = m + v.n_res;
        p->net_present[i] = v.present;
        p->n_annotated += v.present;
    }
    *parasitics = p;
    p = NULL;
done:
    weft_parasitics_free(p);
    scratch_free(scratch);
    return status;
}
