/* circuit/library_arc.c: timing() groups as arcs: what they are, which edges they join, their tables per analysis point. */
#include "base/alloc.h"
#include "circuit/library_build.h"

#include <math.h>
#include <string.h>

#define ROOM(array, cap, n) (WEFT_I_ROOM(array, cap, n) ? true : (b->out_of_memory = true, false))

static const struct { const char *name; uint8_t type; } type_row[] = {
    {"combinational", WEFT_ARC_COMBINATIONAL}, {"combinational_rise", WEFT_ARC_COMB_RISE}, {"combinational_fall", WEFT_ARC_COMB_FALL},
    {"rising_edge", WEFT_ARC_RISING_EDGE}, {"falling_edge", WEFT_ARC_FALLING_EDGE}, {"preset", WEFT_ARC_PRESET}, {"clear", WEFT_ARC_CLEAR},
    {"three_state_enable", WEFT_ARC_TRI_ENABLE}, {"three_state_enable_rise", WEFT_ARC_TRI_ENABLE}, {"three_state_enable_fall", WEFT_ARC_TRI_ENABLE},
    {"three_state_disable", WEFT_ARC_TRI_DISABLE}, {"three_state_disable_rise", WEFT_ARC_TRI_DISABLE}, {"three_state_disable_fall", WEFT_ARC_TRI_DISABLE},
    {"setup_rising", WEFT_ARC_SETUP_RISING}, {"setup_falling", WEFT_ARC_SETUP_FALLING}, {"hold_rising", WEFT_ARC_HOLD_RISING},
    {"hold_falling", WEFT_ARC_HOLD_FALLING}, {"recovery_rising", WEFT_ARC_RECOVERY_RISING}, {"recovery_falling", WEFT_ARC_RECOVERY_FALLING},
    {"removal_rising", WEFT_ARC_REMOVAL_RISING}, {"removal_falling", WEFT_ARC_REMOVAL_FALLING}, {"skew_rising", WEFT_ARC_SKEW_RISING},
    {"skew_falling", WEFT_ARC_SKEW_FALLING}, {"non_seq_setup_rising", WEFT_ARC_NON_SEQ_SETUP_RISING}, {"non_seq_setup_falling", WEFT_ARC_NON_SEQ_SETUP_FALLING},
    {"non_seq_hold_rising", WEFT_ARC_NON_SEQ_HOLD_RISING}, {"non_seq_hold_falling", WEFT_ARC_NON_SEQ_HOLD_FALLING},
    {"min_pulse_width", WEFT_ARC_MIN_PULSE_WIDTH}, {"minimum_period", WEFT_ARC_MIN_PERIOD}};

bool weft_arc_type_is_check(weft_arc_type_t type)
{
    return (type >= WEFT_ARC_SETUP_RISING && type <= WEFT_ARC_REMOVAL_FALLING) || (type >= WEFT_ARC_NON_SEQ_SETUP_RISING && type <= WEFT_ARC_NON_SEQ_HOLD_FALLING);
}

const char *weft_arc_type_text(weft_arc_type_t type)
{
    if (type == WEFT_ARC_LATCH_D) return "combinational";
    if (type == WEFT_ARC_LATCH_EN) return "rising_edge";
    for (size_t i = 0; i < sizeof type_row / sizeof *type_row; i++)
        if (type_row[i].type == type) return type_row[i].name;
    return "other";
}

static int32_t attribute(const weft_liberty_t *doc, int32_t item, const char *name, const weft_liberty_item_t **x)
{
    int32_t c = weft_i_lib_child(doc, item, name);
    *x = c < 0 ? NULL : &doc->item[c];
    return c;
}

static bool text_is(const weft_liberty_item_t *x, const char *s)
{
    return x && (size_t)x->text_length == strlen(s) && !memcmp(x->text, s, (size_t)x->text_length);
}

static uint8_t read_type(const weft_liberty_item_t *x)
{
    if (!x) return WEFT_ARC_COMBINATIONAL;
    for (size_t i = 0; i < sizeof type_row / sizeof *type_row; i++)
        if (text_is(x, type_row[i].name)) return type_row[i].type;
    return WEFT_ARC_OTHER;
}

/* In a latch, the combinational arc from the data pin is D to Q and the edge arc from the enable is EN to Q. */
static uint8_t latch_type(const weft_library_t *l, int32_t cell, int32_t from, uint8_t type)
{
    const weft_lib_cell_t *k = &l->cell[cell];
    for (int32_t s = k->first_seq; s < k->first_seq + k->n_seqs; s++) {
        if (l->seq[s].kind != WEFT_SEQ_LATCH) continue;
        if (type <= WEFT_ARC_COMB_FALL && weft_i_expr_uses(l, l->seq[s].data, from)) return WEFT_ARC_LATCH_D;
        if ((type == WEFT_ARC_RISING_EDGE || type == WEFT_ARC_FALLING_EDGE) && weft_i_expr_uses(l, l->seq[s].clock, from)) return WEFT_ARC_LATCH_EN;
    }
    return type;
}

enum { RR = 1, RF = 2, FR = 4, FF = 8 };

static uint8_t edges_of(uint8_t type, uint8_t sense, bool falling_clock, bool rise, bool fall)
{
    uint8_t to = (uint8_t)((rise ? RR | FR : 0) | (fall ? RF | FF : 0));
    uint8_t by_sense = sense == WEFT_POSITIVE_UNATE ? RR | FF : sense == WEFT_NEGATIVE_UNATE ? RF | FR : RR | RF | FR | FF;
    switch (type) {
    case WEFT_ARC_COMBINATIONAL: case WEFT_ARC_LATCH_D: return by_sense & to;
    case WEFT_ARC_COMB_RISE: return by_sense & to & (RR | FR);
    case WEFT_ARC_COMB_FALL: return by_sense & to & (RF | FF);
    case WEFT_ARC_PRESET: return by_sense & (RR | FR);
    case WEFT_ARC_CLEAR: return by_sense & (RF | FF);
    case WEFT_ARC_TRI_ENABLE: case WEFT_ARC_TRI_DISABLE: /* the sense names the edge of the enable pin that does it */
        return to & (sense == WEFT_POSITIVE_UNATE ? RR | RF : sense == WEFT_NEGATIVE_UNATE ? FR | FF : 15);
    default: return to & (falling_clock ? FR | FF : RR | RF);
    }
}

static bool falling_type(const weft_liberty_item_t *x)
{
    return x && ((x->text_length >= 7 && !memcmp(x->text + x->text_length - 7, "falling", 7)) || text_is(x, "falling_edge"));
}

static int32_t find_arc(const weft_library_t *l, const weft_arc_t *k, int32_t first)
{
    for (int32_t a = first; a < l->n_arcs; a++) {
        const weft_arc_t *x = &l->arc[a];
        if (x->from == k->from && x->to == k->to && x->type == k->type && x->sense == k->sense && x->has_when == k->has_when && x->sdf_cond == k->sdf_cond) return a;
    }
    return -1;
}

/* Same tables asked for twice (early and late of one file) are read once. */
static void read_tables(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t item, bool check, int32_t out[4])
{
    static const char *const name[2][4] = {{"cell_rise", "cell_fall", "rise_transition", "fall_transition"}, {"rise_constraint", "fall_constraint", "", ""}};
    for (int32_t k = 0; k < 4; k++) {
        int32_t c = weft_i_lib_child(d->doc, item, name[check][k]);
        out[k] = c < 0 ? -1 : weft_i_lib_table(b, d, c, d->file->time_unit);
    }
}

static void one_arc(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item, int32_t from, int32_t to, const int32_t tables[4])
{
    weft_library_t *l = b->lib;
    const weft_liberty_item_t *type_item, *sense_item, *when_item, *cond_item;
    attribute(d->doc, item, "timing_type", &type_item);
    attribute(d->doc, item, "timing_sense", &sense_item);
    attribute(d->doc, item, "when", &when_item);
    attribute(d->doc, item, "sdf_cond", &cond_item);
    weft_arc_t k = {.from = from, .to = to, .type = latch_type(l, cell, from, read_type(type_item)), .when = -1, .sdf_cond = -1, .sdf_text = -1, .line = d->doc->item[item].line,
                    .has_when = when_item != NULL};
    if (text_is(sense_item, "positive_unate")) k.sense = WEFT_POSITIVE_UNATE;
    else if (text_is(sense_item, "negative_unate")) k.sense = WEFT_NEGATIVE_UNATE;
    else if (!sense_item && k.type <= WEFT_ARC_COMB_FALL)
        k.sense = weft_i_expr_sense(l, l->port[to].function, from, l->cell[cell].first_port, l->cell[cell].n_ports);
    bool check = weft_arc_type_is_check((weft_arc_type_t)k.type);
    bool rise = tables[0] >= 0 || (!check && tables[2] >= 0), fall = tables[1] >= 0 || (!check && tables[3] >= 0);
    k.edges = edges_of(k.type, k.sense, falling_type(type_item), rise, fall);
    if (when_item) k.sdf_cond = weft_i_lib_name(b, when_item->text, when_item->text_length); /* the key that tells conditions apart */
    if (cond_item) k.sdf_text = weft_i_lib_name(b, cond_item->text, cond_item->text_length);
    int32_t a = d->file->early && d->file->late && b->n_docs == 1 ? -1 : find_arc(l, &k, l->cell[cell].first_arc);
    bool mine = a >= 0;
    if (mine) { /* a second group of the same key in one file is another arc */
        const int32_t *t = &l->arc_table[l->arc[a].table_at + 4 * (2 * d->file->corner + (d->file->early ? 0 : 1))];
        if (t[0] >= 0 || t[1] >= 0 || t[2] >= 0 || t[3] >= 0) a = -1;
    }
    if (a < 0) {
        if (when_item) k.when = weft_i_lib_expr(b, d, cell, when_item);
        if (!ROOM(l->arc, b->arc_cap, l->n_arcs + 1) || !ROOM(l->arc_table, b->arc_table_cap, (int64_t)(l->n_arcs + 1) * 4 * l->n_aps)) return;
        a = l->n_arcs++;
        k.table_at = a * 4 * l->n_aps;
        l->arc[a] = k;
        for (int32_t i = 0; i < 4 * l->n_aps; i++) l->arc_table[k.table_at + i] = -1;
    }
    l->arc[a].edges |= k.edges;
    for (int32_t el = 0; el < 2; el++)
        if (el ? d->file->late : d->file->early) memcpy(&l->arc_table[l->arc[a].table_at + 4 * (2 * d->file->corner + el)], tables, 4 * sizeof *tables);
}

void weft_i_lib_arc(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, int32_t item, int32_t to)
{
    weft_library_t *l = b->lib;
    const weft_liberty_item_t *related, *type_item;
    attribute(d->doc, item, "related_pin", &related);
    attribute(d->doc, item, "timing_type", &type_item);
    uint8_t type = read_type(type_item);
    if (type == WEFT_ARC_OTHER || type == WEFT_ARC_MIN_PULSE_WIDTH || type == WEFT_ARC_MIN_PERIOD) return;
    if (!related) {
        weft_diag_add(b->diag, WEFT_WARNING, "liberty-related-pin", d->path, d->doc->item[item].line, 0, "timing group of %s without related_pin",
                      weft_names_text(l->names, l->port[to].name));
        return;
    }
    int32_t tables[4];
    read_tables(b, d, item, weft_arc_type_is_check((weft_arc_type_t)type), tables);
    const char *p = related->text, *end = p + related->text_length;
    while (p < end && !b->out_of_memory) { /* a blank-separated list of pins or buses */
        while (p < end && (*p == ' ' || *p == ',' || *p == '\t' || *p == '"' || *p == '\\' || *p == '\n')) p++;
        const char *a = p;
        while (p < end && *p != ' ' && *p != ',' && *p != '\t' && *p != '"') p++;
        if (a == p) break;
        int32_t from = weft_library_find_port(l, cell, a, (size_t)(p - a));
        if (from >= 0) {
            one_arc(b, d, cell, item, from, to, tables);
            continue;
        }
        bool any = false;
        for (int32_t k = 0; k < l->n_buses; k++) {
            const weft_lib_bus_t *bus = &l->bus[k];
            if (bus->cell != cell || weft_names_length(l->names, bus->name) != p - a || memcmp(weft_names_text(l->names, bus->name), a, (size_t)(p - a))) continue;
            int32_t width = (bus->msb > bus->lsb ? bus->msb - bus->lsb : bus->lsb - bus->msb) + 1;
            for (int32_t i = 0; i < width; i++) one_arc(b, d, cell, item, bus->first_port + i, to, tables);
            any = true;
        }
        if (!any) weft_diag_add(b->diag, WEFT_WARNING, "liberty-related-pin", d->path, related->line, 0, "related_pin %.*s is no pin of %s", (int)(p - a), a,
                                weft_names_text(l->names, l->cell[cell].name));
    }
}
