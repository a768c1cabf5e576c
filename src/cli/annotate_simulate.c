/* cli/annotate_simulate.c: weft annotate simulate. */
#include "cli/annotate.h"
#include "cli/interrupt.h"

#include <string.h>

static bool go_on(void *context, const char *stage, double fraction)
{
    (void)context, (void)stage, (void)fraction;
    return !cli_interrupted();
}

static void write_json(FILE *f, const annotate_args_t *a, const weft_simulate_options_t *o, const weft_simulation_t *s)
{
    fprintf(f, "{\"select\":\"%s\",\"propagate\":%s,\"model\":\"%s\",\"seed\":%lld,\"full_accuracy\":%.6f,\"full_lookalike_accuracy\":%.6f,\"boxes\":%lld,\"curve\":[", weft_select_name(a->select), o->flow ? "true" : "false", o->model.model.model, (long long)a->seed, s->full_accuracy, s->full_lookalike, (long long)s->boxes);
    for (int64_t k = 0; k < s->n_curve; k++)
        fprintf(f, "%s{\"labels\":%lld,\"flowed\":%lld,\"accuracy\":%.6f,\"lookalike_accuracy\":%.6f}", k ? "," : "", (long long)s->curve[k].labels, (long long)s->curve[k].flowed, s->curve[k].accuracy, s->curve[k].lookalike);
    fputs("],\"labels_to_target\":", f);
    if (s->labels_to_target >= 0) fprintf(f, "%lld}\n", (long long)s->labels_to_target);
    else fputs("null}\n", f);
}

weft_status_t annotate_simulate(const annotate_args_t *a, weft_diag_t *diag)
{
    weft_recordings_t set = {0};
    weft_simulate_options_t o = weft_simulate_defaults();
    weft_simulation_t s = {0};
    FILE *json = NULL;
    o.select = a->select;
    o.flow = a->propagate >= 0 ? a->propagate : a->select == WEFT_SELECT_WEFT;
    o.seed = (uint64_t)a->seed;
    o.budget = a->budget;
    o.batch = a->batch;
    o.grow = a->grow;
    if (a->steps) o.steps = (int32_t)a->steps;
    if (a->model) o.model = weft_box_defaults(a->model);
    annotate_one_thread(a);
    cli_interrupt_watch();
    weft_status_t status = weft_recordings_import(&set, a->data, a->format, true, diag);
    if (status == WEFT_OK && a->json && !(json = cli_json_open(a->json, diag))) status = WEFT_EIO; /* told before the work, not after */
    if (status == WEFT_OK) status = weft_simulate(&s, &set, &o, go_on, NULL, diag);
    if (status == WEFT_OK && annotate_speaks(a)) {
        printf("from all %lld labels: accuracy %.4f, look-alikes %.4f\n%8s %8s %10s %12s\n", (long long)s.boxes, s.full_accuracy, s.full_lookalike, "labels", "flowed", "accuracy", "look-alikes");
        for (int64_t k = 0; k < s.n_curve; k++) printf("%8lld %8lld %10.4f %12.4f\n", (long long)s.curve[k].labels, (long long)s.curve[k].flowed, s.curve[k].accuracy, s.curve[k].lookalike);
        if (s.labels_to_target >= 0) printf("%s: %lld label%s to within a point\n", weft_select_name(a->select), (long long)s.labels_to_target, annotate_s(s.labels_to_target));
        else printf("%s: not within a point after %lld labels\n", weft_select_name(a->select), (long long)(s.n_curve ? s.curve[s.n_curve - 1].labels : 0));
    }
    if (status == WEFT_OK && json) write_json(json, a, &o, &s);
    if (json) {
        weft_status_t end = cli_json_end(json, diag);
        if (status == WEFT_OK) status = end;
    }
    weft_simulation_destroy(&s);
    weft_recordings_destroy(&set);
    return status;
}
