/* circuit/path_query.c: paths named by hand, as a group_path of the constraints. */
#include "base/status.h"
#include "circuit/sdc_call.h"
#include "circuit/sdc_records.h"

#include <string.h>

static bool push_object(weft_i_arena_t *arena, weft_objects_t *l, uint8_t kind, int32_t id)
{
    if ((l->n & (l->n - 1)) == 0) {
        weft_object_t *more = weft_i_arena_alloc(arena, (size_t)(l->n ? 2 * (int64_t)l->n : 1) * sizeof *more);
        if (!more) return false;
        if (l->n) memcpy(more, l->object, (size_t)l->n * sizeof *more);
        l->object = more;
    }
    l->object[l->n++] = (weft_object_t){kind, id};
    return true;
}

/* A glob over ports, pins, instances, clocks (not on the way) and nets (only on the way); the first kind that has any. */
static weft_status_t find(weft_constraints_t *c, const weft_design_t *d, const char *pattern, bool through, weft_objects_t *to)
{
    weft_i_arena_t *arena = &((weft_i_constraints_private_t *)c->private_data)->arena;
    char name[4096];
    size_t n = strlen(pattern);
    bool plain = !strpbrk(pattern, "*?");
    int32_t pin = plain ? weft_design_find_port(d, pattern, n) : -1;
    if (plain && pin < 0) pin = weft_design_find_pin(d, pattern, n);
    if (pin >= 0) return push_object(arena, to, WEFT_OBJ_PIN, pin) ? WEFT_OK : WEFT_ENOMEM;
    for (int32_t i = 0; i < d->n_ports; i++)
        if (weft_i_glob(pattern, weft_names_text(d->names, d->port_name[i])) && !push_object(arena, to, WEFT_OBJ_PIN, d->n_inst_pins + i)) return WEFT_ENOMEM;
    if (to->n) return WEFT_OK;
    for (int32_t i = 0; i < d->n_insts; i++)
        if (weft_i_glob(pattern, weft_names_text(d->names, d->inst_name[i])) && !push_object(arena, to, WEFT_OBJ_INST, i)) return WEFT_ENOMEM;
    if (to->n) return WEFT_OK;
    for (int32_t i = 0; i < d->n_inst_pins && !plain; i++) {
        weft_design_pin_name(d, i, name, sizeof name);
        if (weft_i_glob(pattern, name) && !push_object(arena, to, WEFT_OBJ_PIN, i)) return WEFT_ENOMEM;
    }
    for (int32_t i = 0; i < c->n_clocks && !to->n && !through; i++)
        if (!c->clock[i].gone && weft_i_glob(pattern, weft_names_text(c->names, c->clock[i].name)) && !push_object(arena, to, WEFT_OBJ_CLOCK, i)) return WEFT_ENOMEM;
    for (int32_t i = 0; i < d->n_nets && !to->n && through; i++)
        if (weft_i_glob(pattern, weft_names_text(d->names, d->net_name[i])) && !push_object(arena, to, WEFT_OBJ_NET, i)) return WEFT_ENOMEM;
    return WEFT_OK;
}

weft_status_t weft_constraints_add_path_group(weft_constraints_t *c, const weft_design_t *d, const char *name, const weft_path_point_t *points, int32_t n_points, int32_t *index, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_constraints_private_t *x = c->private_data;
    weft_exception_t e = {.kind = WEFT_GROUP_PATH, .minmax = 3, .to_end_edges = 3, .weight = 1.0, .file = -1, .group = weft_names_add(c->names, name, strlen(name))};
    int32_t n_through = 0;
    if (e.group < 0) return WEFT_ENOMEM;
    for (int32_t i = 0; i < n_points; i++) n_through += points[i].where == 1;
    e.through = weft_i_arena_alloc(&x->arena, ((size_t)n_through + 1) * sizeof *e.through);
    WEFT_TRY_ALLOC(e.through);
    for (int32_t i = 0; i < n_points; i++) {
        weft_exception_point_t *p = points[i].where == 0 ? &e.from : points[i].where == 2 ? &e.to : &e.through[e.n_throughs];
        if (points[i].where == 1) {
            *p = (weft_exception_point_t){0};
            e.n_throughs++;
        }
        e.has_from |= points[i].where == 0;
        e.has_to |= points[i].where == 2;
        p->edges = 3;
        int32_t before = p->objects.n;
        WEFT_TRY(find(c, d, points[i].pattern, points[i].where == 1, &p->objects));
        if (p->objects.n == before) {
            weft_diag_add(diag, WEFT_ERROR, "path-no-object", NULL, 0, 0, "no port, pin, instance or %s matches %s", points[i].where == 1 ? "net" : "clock", points[i].pattern);
            WEFT_TRY(WEFT_EINPUT);
        }
    }
    if (!WEFT_I_ROOM(c->exception, x->exception_cap, c->n_exceptions + 1)) WEFT_TRY(WEFT_ENOMEM);
    *index = c->n_exceptions;
    c->exception[c->n_exceptions++] = e;
done:
    return status;
}
