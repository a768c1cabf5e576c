/* cli/cmd_explain.c: weft explain: the worst path into an endpoint, stage by stage: physics, the model's correction, how sure that is. */
#include "cli/cli.h"
#include "weft/net_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct args { cli_inputs_t in; const char *endpoint, *json; bool hold; int32_t corner; } args_t;

static bool take_endpoint(void *a, const char *v) { return (((args_t *)a)->endpoint = v) != NULL; }
static bool take_json(void *a, const char *v) { return (((args_t *)a)->json = v) != NULL; }
static bool take_check(void *a, const char *v)
{
    if (strcmp(v, "setup") && strcmp(v, "hold")) {
        fprintf(stderr, "weft explain: --check takes setup or hold, not %s\n", v);
        return false;
    }
    ((args_t *)a)->hold = v[0] == 'h';
    return true;
}
static const cli_option_t options[] = {
    {"endpoint", "NAME", "a register's data pin (instance/pin) or a port; default: the worst", take_endpoint},
    {"check", "KIND", "setup (default) or hold", take_check},
    {"json", "FILE", "as JSON; - is stdout", take_json},
    {NULL, NULL, NULL, NULL}};

/* One estimate of the design: its wires and the timer on them. */
typedef struct view { weft_wire_model_t *model; weft_wires_t *wires; weft_timer_t *timer; } view_t;

typedef struct explain {
    args_t a;
    cli_loaded_t loaded;
    view_t main, heavier, physics;
    char wires[4600];
    const char *physics_name;
    weft_path_step_t *step;
    int32_t n_steps, endpoint;
    double interval[2];
} explain_t;

static weft_status_t fill(explain_t *x, weft_diag_t *diag)
{
    const cli_loaded_t *l = &x->loaded;
    weft_status_t status = cli_choose_model(&x->a.in, l, &x->main.model, x->wires, sizeof x->wires, diag);
    if (status != WEFT_OK) return status;
    x->physics_name = "lef";
    if (weft_wire_model_new(&x->physics.model, "lef", (const weft_lef_t *const *)l->lef, l->n_lefs, NULL) != WEFT_OK) {
        x->physics_name = "steiner:0.18,2.0";
        status = weft_wire_model_new(&x->physics.model, x->physics_name, NULL, 0, diag);
    }
    weft_wire_model_interval(x->main.model, x->interval);
    if (status == WEFT_OK) status = weft_wires_predict(&x->main.wires, x->main.model, l->design, 0.0, diag);
    if (status == WEFT_OK) status = weft_wires_shifted(&x->heavier.wires, x->main.wires, 1.0);
    if (status == WEFT_OK) status = weft_wires_new(&x->physics.wires, x->physics.model, l->design, 0.0, diag);
    view_t *const view[3] = {&x->main, &x->heavier, &x->physics};
    weft_timing_options_t o[3];
    weft_timer_t *timer[3] = {NULL};
    for (int k = 0; k < 3; k++) o[k] = (weft_timing_options_t){.delay_model = x->a.in.delay_model, .pin_cap = x->a.in.pin_cap, .no_cppr = x->a.in.no_cppr, .wires = view[k]->wires};
    if (status == WEFT_OK) status = weft_timers_new(timer, 3, l->design, l->constraints, o, diag);
    for (int k = 0; k < 3; k++) view[k]->timer = timer[k];
    return status;
}

static weft_status_t find_endpoint(explain_t *x, weft_diag_t *diag)
{
    int32_t n;
    const weft_endpoint_t *e = weft_timer_endpoints(x->main.timer, x->a.corner, !x->a.hold, &n);
    char name[4096];
    for (x->endpoint = 0; x->endpoint < n; x->endpoint++) {
        if (!x->a.endpoint) return WEFT_OK;
        weft_design_pin_name(x->loaded.design, e[x->endpoint].pin, name, sizeof name);
        if (!strcmp(name, x->a.endpoint)) return WEFT_OK;
    }
    weft_diag_add(diag, WEFT_ERROR, "explain-endpoint", NULL, 0, 0, "no %s path ends at %s%s", x->a.hold ? "hold" : "setup", x->a.endpoint ? x->a.endpoint : "any pin",
                  x->a.endpoint ? " (instance/pin of a register's data pin, or a port)" : "");
    return WEFT_EINPUT;
}

/* The same endpoint's slack by another timer; NaN: it has none. */
static double slack_of(const explain_t *x, const weft_timer_t *t, int32_t pin)
{
    int32_t n;
    const weft_endpoint_t *e = weft_timer_endpoints(t, x->a.corner, !x->a.hold, &n);
    for (int32_t i = 0; i < n; i++)
        if (e[i].pin == pin) return e[i].slack;
    return NAN;
}

static double ns(double s) { return fabs(s) < 5e-14 ? 0.0 : s * 1e9; }

/* What the model adds to physics, and how far it moves where wires are one spread heavier. */
static double correction(const explain_t *x, const weft_path_step_t *s) { return s->delay - weft_timer_arc_delay(x->physics.timer, x->a.corner, !x->a.hold, s); }
static double spread(const explain_t *x, const weft_path_step_t *s) { return fabs(weft_timer_arc_delay(x->heavier.timer, x->a.corner, !x->a.hold, s) - s->delay); }

static double half_width(const explain_t *x, const weft_endpoint_t *e) { return weft_wire_model_half_width(x->interval[!x->a.hold], slack_of(x, x->heavier.timer, e->pin) - e->slack); }

static void describe(const explain_t *x, const weft_path_step_t *s, char *text, size_t size)
{
    const weft_design_t *d = x->loaded.design;
    int32_t n = weft_design_pin_name(d, s->pin, text, size);
    if (n < 0 || (size_t)n + 64 > size) return;
    if (s->pin < d->n_inst_pins && d->inst_cell[d->pin_inst[s->pin]] >= 0)
        snprintf(text + n, size - (size_t)n, " (%s)", weft_names_text(d->library->names, d->library->cell[d->inst_cell[d->pin_inst[s->pin]]].name));
}

static void print(const explain_t *x, FILE *f)
{
    const weft_endpoint_t *e = weft_timer_endpoints(x->main.timer, x->a.corner, !x->a.hold, &(int32_t){0}) + x->endpoint;
    char text[5000], end[4096];
    double sums[2] = {0, 0}, part[2] = {0, 0};
    weft_design_pin_name(x->loaded.design, e->pin, end, sizeof end);
    fprintf(f, "Endpoint: %s (%s)\nWires: %s\nPhysics: %s, the same tables\n\n", end, weft_check_kind_text((weft_check_kind_t)e->kind), x->wires, x->physics_name);
    fprintf(f, "Fanout       Cap      Slew     Delay      Time   Physics   Correct        +-   Description\n");
    fprintf(f, "--------------------------------------------------------------------------------------------------------------\n");
    for (int32_t i = 0; i < x->n_steps; i++) {
        const weft_path_step_t *s = &x->step[i];
        describe(x, s, text, sizeof text);
        if (s->fanout >= 0) fprintf(f, "%6d%10.4f", s->fanout, s->cap * 1e12);
        else fprintf(f, "%16s", "");
        fprintf(f, "%10.4f", isnan(s->slew) ? 0.0 : ns(s->slew));
        if (isnan(s->delay)) fprintf(f, "%10s%10.4f%30s", "", ns(s->arrival), "");
        else {
            double c = correction(x, s), w = spread(x, s);
            fprintf(f, "%10.4f%10.4f%10.4f%10.4f%10.4f", ns(s->delay), ns(s->arrival), ns(s->delay - c), ns(c), ns(w));
            sums[s->is_net] += s->delay;
            part[s->is_net] += c;
        }
        fprintf(f, " %c %s%s\n", s->edge == WEFT_RISE ? '^' : 'v', text, s->is_net ? "" : s->is_clock && s->from_pin < 0 ? " clock" : "");
    }
    double w = half_width(x, e), by_physics = slack_of(x, x->physics.timer, e->pin);
    fprintf(f, "--------------------------------------------------------------------------------------------------------------\n");
    fprintf(f, "gates %.4f ns (corrected by %+.4f, their loads being other), wires %.4f ns (corrected by %+.4f)\n", ns(sums[0]), ns(part[0]), ns(sums[1]), ns(part[1]));
    fprintf(f, "arrival %.4f, required %.4f\nslack %.4f (%s), some 9 of 10 routed slacks within %.4f .. %.4f; by physics alone %.4f\n", ns(e->arrival), ns(e->required), ns(e->slack), e->slack < 0.0 ? "VIOLATED" : "MET",
            ns(e->slack - w), ns(e->slack + w), ns(by_physics));
    double last = INFINITY;
    for (int rank = 0; rank < 3; rank++) { /* what the answer rests on most */
        int32_t best = -1;
        double most = 5e-13;
        for (int32_t i = 0; i < x->n_steps; i++) {
            double c = isnan(x->step[i].delay) ? 0.0 : fabs(correction(x, &x->step[i]));
            if (c > most && c < last) most = c, best = i;
        }
        if (best < 0) break;
        last = most;
        describe(x, &x->step[best], text, sizeof text);
        fprintf(f, "%s %s into %s, %+.4f ns\n", rank ? "                    " : "largest corrections:", x->step[best].is_net ? "wire" : "gate", text, ns(correction(x, &x->step[best])));
    }
}

static void put_string(FILE *f, const char *s)
{
    fputc('"', f);
    for (; *s; s++)
        if (*s == '"' || *s == '\\') fprintf(f, "\\%c", *s);
        else if ((unsigned char)*s < ' ') fprintf(f, "\\u%04x", *s);
        else fputc(*s, f);
    fputc('"', f);
}

static void number(FILE *f, const char *key, double v)
{
    if (isnan(v)) fprintf(f, ",\"%s\":null", key);
    else fprintf(f, ",\"%s\":%.9g", key, v);
}

static void print_json(const explain_t *x, FILE *f)
{
    const weft_endpoint_t *e = weft_timer_endpoints(x->main.timer, x->a.corner, !x->a.hold, &(int32_t){0}) + x->endpoint;
    double w = half_width(x, e);
    char text[5000];
    weft_design_pin_name(x->loaded.design, e->pin, text, sizeof text);
    fprintf(f, "{\"schema\":\"weft-explain-1\",\"endpoint\":");
    put_string(f, text);
    fprintf(f, ",\"check\":\"%s\",\"wires\":", weft_check_kind_text((weft_check_kind_t)e->kind));
    put_string(f, x->wires);
    fprintf(f, ",\"physics\":\"%s\"", x->physics_name);
    number(f, "slack", ns(e->slack));
    number(f, "lo", ns(e->slack - w));
    number(f, "hi", ns(e->slack + w));
    number(f, "physics_slack", ns(slack_of(x, x->physics.timer, e->pin)));
    number(f, "arrival", ns(e->arrival));
    number(f, "required", ns(e->required));
    fprintf(f, ",\"stages\":[");
    for (int32_t i = 0; i < x->n_steps; i++) {
        const weft_path_step_t *s = &x->step[i];
        weft_design_pin_name(x->loaded.design, s->pin, text, sizeof text);
        fprintf(f, "%s{\"pin\":", i ? "," : "");
        put_string(f, text);
        fprintf(f, ",\"edge\":\"%s\",\"kind\":\"%s\",\"is_clock\":%s", s->edge == WEFT_RISE ? "r" : "f", s->from_pin < 0 ? "start" : s->is_net ? "net" : "cell", s->is_clock ? "true" : "false");
        number(f, "arrival", ns(s->arrival));
        number(f, "slew", ns(s->slew));
        number(f, "delay", ns(s->delay));
        number(f, "correction", isnan(s->delay) ? NAN : ns(correction(x, s)));
        number(f, "spread", isnan(s->delay) ? NAN : ns(spread(x, s)));
        if (s->fanout >= 0) fprintf(f, ",\"fanout\":%d,\"cap_pf\":%.9g", s->fanout, s->cap * 1e12);
        fprintf(f, "}");
    }
    fprintf(f, "]}\n");
}

static void view_free(view_t *v)
{
    weft_timer_free(v->timer);
    weft_wires_free(v->wires);
    weft_wire_model_free(v->model);
}

int cmd_explain(int argc, char **argv)
{
    const cli_verb_t *verb = cli_verb("explain");
    explain_t *x = calloc(1, sizeof *x);
    if (!x) return EXIT_RESOURCES;
    const cli_option_t *const tables[] = {cli_input_options, options, NULL};
    void *const into[] = {&x->a.in, &x->a};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = cli_load(&x->a.in, NULL, &x->loaded, diag);
        if (status == WEFT_OK && !x->a.in.n_defs) {
            weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "explain needs a placement: --lef and --def");
            status = WEFT_EUSAGE;
        }
        if (status == WEFT_OK) status = fill(x, diag);
        if (status == WEFT_OK) status = find_endpoint(x, diag);
        if (status == WEFT_OK) status = weft_timer_path(x->main.timer, x->a.corner, !x->a.hold, x->endpoint, &x->step, &x->n_steps);
        if (status == WEFT_OK) {
            FILE *f = !x->a.json || !strcmp(x->a.json, "-") ? stdout : fopen(x->a.json, "w");
            if (!f) {
                weft_diag_add(diag, WEFT_ERROR, "file-write", x->a.json, 0, 0, "cannot be written");
                status = WEFT_EIO;
            } else {
                if (x->a.json) print_json(x, f);
                if (f != stdout || !x->a.json) print(x, stdout);
                if (f != stdout ? fclose(f) : fflush(f)) status = WEFT_EIO;
            }
        }
        code = cli_end(status, diag, x->a.in.quiet, "weft explain");
    }
    weft_timer_path_free(x->step);
    view_free(&x->main);
    view_free(&x->heavier);
    view_free(&x->physics);
    cli_unload(&x->loaded);
    cli_inputs_free(&x->a.in);
    free(x);
    return code;
}
