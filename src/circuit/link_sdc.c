/* circuit/link_sdc.c: constraints: made, freed, read from SDC files through the child. */
#include "base/alloc.h"
#include "base/status.h"
#include "circuit/sdc_commands.h"
#include "circuit/sdc_records.h"

#include <math.h>
#include <string.h>

typedef weft_i_constraints_private_t private_t;

weft_constraints_t *weft_constraints_new(void)
{
    weft_constraints_t *c = weft_i_calloc(1, sizeof *c);
    if (!c) return NULL;
    c->names = weft_names_new();
    c->private_data = weft_i_calloc(1, sizeof(private_t));
    c->wire_load_model = c->wire_load_mode = -1;
    if (c->names && c->private_data) return c;
    weft_constraints_free(c);
    return NULL;
}

void weft_constraints_free(weft_constraints_t *c)
{
    if (!c) return;
    if (c->private_data) weft_i_arena_destroy(&((private_t *)c->private_data)->arena);
    WEFT_I_FREE_ALL(c->private_data, c->file, c->clock, c->clock_groups, c->port_delay, c->setting, c->pair_uncertainty, c->driving_cell, c->disable, c->exception, c->data_check);
    weft_names_free(c->names);
    weft_i_free(c);
}

weft_status_t weft_constraints_add_clock(weft_constraints_t *c, const weft_design_t *d, const char *port, double period, weft_diag_t *diag)
{
    private_t *x = c->private_data;
    int32_t pin = weft_design_find_port(d, port, strlen(port));
    if (pin < 0) pin = weft_design_find_pin(d, port, strlen(port));
    if (pin < 0 || !(period > 0.0) || !isfinite(period)) {
        weft_diag_add(diag, WEFT_ERROR, pin < 0 ? "clock-no-port" : "clock-period", NULL, 0, 0, pin < 0 ? "no port or pin %s for a clock" : "the clock at %s needs a period above 0", port);
        return WEFT_EINPUT;
    }
    if (!WEFT_I_ROOM(c->clock, x->clock_cap, c->n_clocks + 1)) return WEFT_ENOMEM;
    double *edge = weft_i_arena_alloc(&x->arena, 2 * sizeof *edge);
    weft_clock_t clock = {.name = weft_names_add(c->names, port, strlen(port)), .period = period, .n_edges = 2, .edge = edge, .propagated = true,
                          .master_pin = -1, .master_clock = -1, .duty_cycle = NAN, .file = -1};
    if (!edge || clock.name < 0 || !weft_i_ids_push(&x->arena, &clock.sources, pin)) return WEFT_ENOMEM;
    edge[0] = 0.0;
    edge[1] = period / 2;
    c->clock[c->n_clocks++] = clock;
    return WEFT_OK;
}

weft_status_t weft_constraints_read(weft_constraints_t *c, const weft_design_t *d, const char *const *paths, int32_t n_paths, bool strict, const weft_sdc_limits_t *limits, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_lib_file_t *f = &d->library->file[0];
    weft_i_sdc_child_t child = {.design = d, .time_unit = f->time_unit, .cap_unit = f->cap_unit, .res_unit = f->res_unit};
    weft_i_sdc_handler_t handler = {&child, weft_i_sdc_command, weft_i_sdc_prelude};
    weft_i_sdc_out_t out = {0};
    private_t *x = c->private_data;
    static const char *const ignored[] = {"sdc-ignored", "sdc-empty", "sdc-unknown-command"};
    int64_t errors = weft_diag_n_of(diag, WEFT_ERROR);
    if (n_paths < 1) return WEFT_OK;
    WEFT_TRY(weft_i_sdc_run(paths, n_paths, &handler, limits && limits->cpu_seconds > 0 ? limits->cpu_seconds : 60,
                            limits && limits->memory_bytes > 0 ? limits->memory_bytes : (int64_t)2 << 30, &out, diag));
    if (!WEFT_I_ROOM(c->file, x->file_cap, c->n_files + n_paths)) WEFT_TRY(WEFT_ENOMEM);
    for (int32_t i = 0; i < n_paths; i++) c->file[c->n_files++] = weft_names_add(c->names, paths[i], strlen(paths[i]));
    WEFT_TRY(weft_i_sdc_records(c, d, out.data, n_paths, diag));
    int64_t n = 0;
    for (size_t i = 0; i < 3; i++) n += weft_diag_n_of_id(diag, ignored[i]);
    c->n_ignored = (int32_t)n;
    if (weft_diag_n_of(diag, WEFT_ERROR) > errors || (strict && n)) status = WEFT_EINPUT;
done:
    weft_i_free(out.data);
    return status;
}
