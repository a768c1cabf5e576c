/* circuit/spef_build.c: builds SPEF documents, and writes them. */
#include "circuit/spef_build.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <ctype.h>
#include <string.h>

weft_status_t weft_i_spef_begin(weft_i_spef_build_t *b, const char *design)
{
    *b = (weft_i_spef_build_t){0};
    b->doc = weft_i_calloc(1, sizeof *b->doc);
    if (!b->doc) return WEFT_ENOMEM;
    b->doc->names = weft_names_new();
    b->doc->file = weft_i_strndup("", 0);
    b->doc->design = weft_i_strndup(design, strlen(design));
    b->doc->cap_unit = 1e-15;
    b->doc->res_unit = 1.0;
    b->doc->time_unit = 1e-12;
    return b->doc->names && b->doc->file && b->doc->design ? WEFT_OK : WEFT_ENOMEM;
}

weft_status_t weft_i_spef_net(weft_i_spef_build_t *b, const char *name, double total)
{
    weft_spef_t *d = b->doc;
    int32_t id = weft_names_add(d->names, name, strlen(name));
    if (id < 0 || !WEFT_I_ROOM(d->net, b->net_cap, d->n_nets + 1)) return WEFT_ENOMEM;
    d->net[d->n_nets++] = (weft_spef_net_t){.name = id, .total = (float)total, .first_conn = d->n_conns, .first_cap = d->n_caps, .first_res = d->n_res};
    return WEFT_OK;
}

weft_status_t weft_i_spef_conn(weft_i_spef_build_t *b, const char *inst, const char *pin, char direction, weft_spef_node_t *node)
{
    weft_spef_t *d = b->doc;
    int32_t id = weft_names_add(d->names, inst, strlen(inst)), pin_id = pin ? weft_names_add(d->names, pin, strlen(pin)) : -1;
    if (id < 0 || (pin && pin_id < 0)) return WEFT_ENOMEM;
    *node = (weft_spef_node_t){id, pin ? -2 - pin_id : -1};
    if (!WEFT_I_ROOM(d->conn, b->conn_cap, d->n_conns + 1) || !WEFT_I_ROOM(b->directions, b->dir_cap, d->n_conns + 1)) return WEFT_ENOMEM;
    b->directions[d->n_conns] = direction;
    d->conn[d->n_conns++] = *node;
    d->net[d->n_nets - 1].n_conns++;
    return WEFT_OK;
}

weft_status_t weft_i_spef_cap(weft_i_spef_build_t *b, weft_spef_node_t node, double farad)
{
    weft_spef_t *d = b->doc;
    if (!WEFT_I_ROOM(d->cap, b->cap_cap, d->n_caps + 1)) return WEFT_ENOMEM;
    d->cap[d->n_caps++] = (weft_spef_cap_t){node, (float)farad};
    d->net[d->n_nets - 1].n_caps++;
    return WEFT_OK;
}

weft_status_t weft_i_spef_res(weft_i_spef_build_t *b, weft_spef_node_t a, weft_spef_node_t c, double ohm)
{
    weft_spef_t *d = b->doc;
    if (!WEFT_I_ROOM(d->res, b->res_cap, d->n_res + 1)) return WEFT_ENOMEM;
    d->res[d->n_res++] = (weft_spef_res_t){a, c, (float)ohm};
    d->net[d->n_nets - 1].n_res++;
    return WEFT_OK;
}

void weft_i_spef_abandon(weft_i_spef_build_t *b)
{
    weft_spef_free(b->doc);
    weft_i_free(b->directions);
    *b = (weft_i_spef_build_t){0};
}

/* A bracket that is no bus bit's gets a backslash; in a buffer that grows. NULL: memory. */
static const char *quoted(const char *name, bool is_bit, char **room, int64_t *capacity)
{
    if (is_bit || !strpbrk(name, "[]")) return name;
    if (!WEFT_I_ROOM(*room, *capacity, 2 * (int64_t)strlen(name) + 1)) return NULL;
    char *to = *room;
    for (const char *p = name; *p; p++) {
        if (*p == '[' || *p == ']') *to++ = '\\';
        *to++ = *p;
    }
    *to = 0;
    return *room;
}

weft_status_t weft_spef_from_parasitics(weft_spef_t **spef, char **directions, const weft_parasitics_t *p)
{
    static const char letter[] = {[WEFT_INPUT] = 'I', [WEFT_OUTPUT] = 'O', [WEFT_INOUT] = 'B', [WEFT_INTERNAL] = 'B', [WEFT_POWER] = 'B', [WEFT_UNKNOWN_DIRECTION] = 'B'};
    const weft_design_t *d = p->design;
    weft_status_t status = WEFT_OK;
    weft_i_spef_build_t b = {0};
    weft_spef_node_t *node = NULL;
    char *text = NULL;
    int64_t room = 0, text_room = 0;
    WEFT_TRY(weft_i_spef_begin(&b, weft_names_text(d->names, d->name)));
    for (int32_t n = 0; n < d->n_nets; n++) {
        weft_rc_net_t v = weft_parasitics_net(p, n);
        const char *name = quoted(weft_names_text(d->names, d->net_name[n]), d->net_is_bit[n], &text, &text_room);
        WEFT_TRY_ALLOC(name);
        double total = (double)v.extra_cap;
        if (!v.present) continue;
        for (int32_t i = 0; i < v.n_nodes; i++) total += (double)v.cap[i];
        WEFT_TRY(weft_i_spef_net(&b, name, total));
        if (!WEFT_I_ROOM(node, room, v.n_nodes + 1)) WEFT_TRY(WEFT_ENOMEM);
        int32_t own = weft_names_find(b.doc->names, name, strlen(name));
        for (int32_t i = 0; i < v.n_nodes; i++) {
            int32_t pin = v.pin[i];
            node[i] = (weft_spef_node_t){own, i + 1};
            if (pin < 0) continue;
            if (pin >= d->n_inst_pins) WEFT_TRY(weft_i_spef_conn(&b, weft_names_text(d->names, d->port_name[pin - d->n_inst_pins]), NULL, letter[d->pin_direction[pin]], &node[i]));
            else {
                const char *inst = quoted(weft_names_text(d->names, d->inst_name[d->pin_inst[pin]]), false, &text, &text_room);
                WEFT_TRY_ALLOC(inst);
                WEFT_TRY(weft_i_spef_conn(&b, inst, weft_names_text(d->library->names, d->library->port[d->pin_port[pin]].name), letter[d->pin_direction[pin]], &node[i]));
            }
        }
        for (int32_t i = 0; i < v.n_nodes; i++)
            if (v.cap[i] > 0.0f) WEFT_TRY(weft_i_spef_cap(&b, node[i], (double)v.cap[i]));
        for (int32_t i = 0; i < v.n_res; i++) WEFT_TRY(weft_i_spef_res(&b, node[v.a[i]], node[v.b[i]], (double)v.res[i]));
    }
    *spef = b.doc;
    if (directions) *directions = b.directions;
    else weft_i_free(b.directions);
    b = (weft_i_spef_build_t){0};
done:
    weft_i_free(node);
    weft_i_free(text);
    weft_i_spef_abandon(&b);
    return status;
}

/* ---- text ------------------------------------------------------------------------------------------------------- */
static void put_name(FILE *f, const char *name)
{
    for (const char *p = name; *p; p++) {
        if (*p == '\\' && p[1]) { /* quoted already: a bracket that is part of a name */
            fputc(*p++, f);
            fputc(*p, f);
            continue;
        }
        if (!isalnum((unsigned char)*p) && *p != '_' && *p != '/' && *p != '[' && *p != ']') fputc('\\', f);
        fputc(*p, f);
    }
}

static void put_node(FILE *f, const weft_spef_t *d, weft_spef_node_t n)
{
    put_name(f, weft_names_text(d->names, n.name));
    if (n.suffix >= 0) fprintf(f, ":%d", n.suffix);
    else if (n.suffix <= -2) {
        fputc(':', f);
        put_name(f, weft_names_text(d->names, -2 - n.suffix));
    }
}

weft_status_t weft_spef_write(const weft_spef_t *d, const char *directions, const char *path, weft_diag_t *diag)
{
    weft_i_out_t out;
    weft_status_t status = weft_i_out_open(&out, path, diag);
    if (status != WEFT_OK) return status;
    FILE *f = out.file;
    fprintf(f, "*SPEF \"IEEE 1481-1998\"\n*DESIGN \"%s\"\n*DATE \"\"\n*VENDOR \"\"\n*PROGRAM \"weft\"\n*VERSION \"%s\"\n*DESIGN_FLOW \"PIN_CAP NONE\"\n*DIVIDER /\n*DELIMITER :\n*BUS_DELIMITER [ ]\n"
               "*T_UNIT 1 PS\n*C_UNIT 1 FF\n*R_UNIT 1 OHM\n*L_UNIT 1 HENRY\n", d->design ? d->design : "", weft_version());
    for (int32_t i = 0; i < d->n_nets; i++) {
        const weft_spef_net_t *n = &d->net[i];
        fputs("\n*D_NET ", f);
        put_name(f, weft_names_text(d->names, n->name));
        fprintf(f, " %.6g\n*CONN\n", (double)n->total * 1e15);
        for (int32_t k = n->first_conn; k < n->first_conn + n->n_conns; k++) {
            fputs(d->conn[k].suffix == -1 ? "*P " : "*I ", f);
            put_node(f, d, d->conn[k]);
            fprintf(f, " %c\n", directions ? directions[k] : 'B');
        }
        if (n->n_caps) fputs("*CAP\n", f);
        for (int32_t k = 0; k < n->n_caps; k++) {
            fprintf(f, "%d ", k + 1);
            put_node(f, d, d->cap[n->first_cap + k].node);
            fprintf(f, " %.6g\n", (double)d->cap[n->first_cap + k].value * 1e15);
        }
        if (n->n_res) fputs("*RES\n", f);
        for (int32_t k = 0; k < n->n_res; k++) {
            fprintf(f, "%d ", k + 1);
            put_node(f, d, d->res[n->first_res + k].a);
            fputc(' ', f);
            put_node(f, d, d->res[n->first_res + k].b);
            fprintf(f, " %.6g\n", (double)d->res[n->first_res + k].value);
        }
        fputs("*END\n", f);
    }
    return weft_i_out_commit(&out, diag);
}
