/* parsers/sdf.c: SDF's groups: header, cells, delays, timing checks. Nesting is fixed by the grammar, so nothing recurses. */
#include "parsers/sdf_parser.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

#include <math.h>

enum { ANY_EDGE = 1 << WEFT_RISE | 1 << WEFT_FALL };

/* The edges a word names, 0: it names none. Transitions from Z to a level count as that edge. */
static uint8_t edge_word(const weft_i_sdf_parser_t *p)
{
    static const struct { const char *word; uint8_t edges; } table[] = {{"posedge", 1 << WEFT_RISE}, {"negedge", 1 << WEFT_FALL}, {"01", 1 << WEFT_RISE}, {"10", 1 << WEFT_FALL},
                                                                        {"z1", 1 << WEFT_RISE}, {"z0", 1 << WEFT_FALL}, {"0z", 1 << WEFT_RISE}, {"1z", 1 << WEFT_FALL}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (weft_i_sdf_is(p, table[i].word)) return table[i].edges;
    return 0;
}

/* A condition, from behind COND of the group on. It ends before "(IOPATH" or "(posedge" and kin, whose word is then the current token, or with a last word,
 * a port, before the group's ')'. *port -1: no such word. */
static bool condition(weft_i_sdf_parser_t *p, int32_t group, int32_t *cond, int32_t *port)
{
    int64_t n = 0, last = 0;
    *cond = *port = -1;
    while (p->kind && !(p->kind == ')' && p->depth < group)) {
        if (p->kind == '(') {
            weft_i_sdf_next(p);
            if (p->depth == group + 1 && (weft_i_sdf_is(p, "IOPATH") || edge_word(p))) break;
            if (!weft_i_sdf_text(p, &n, "(", 1)) return false;
            continue;
        }
        last = n;
        if (p->kind != 's' && !weft_i_sdf_text(p, &n, p->at, p->length)) return false; /* a string is the condition's label */
        weft_i_sdf_next(p);
    }
    if (p->kind == ')' && n > last) {
        *port = weft_names_add(p->doc->names, p->text + last, (size_t)(n - last));
        p->out_of_memory |= *port < 0;
        n = last;
    }
    if (!p->kind || n == 0) return (weft_i_sdf_complain(p, "sdf-syntax", "a condition expected"), false);
    *cond = weft_names_add(p->doc->names, p->text, (size_t)n);
    p->out_of_memory |= *cond < 0;
    return !p->out_of_memory;
}

/* port, (edge port), or in a check (COND condition port or (edge port)). */
static bool port_spec(weft_i_sdf_parser_t *p, int32_t *name, uint8_t *edges, int32_t *cond, bool is_path)
{
    *edges = ANY_EDGE;
    if (p->kind == 'w') {
        *name = weft_i_sdf_name(p, is_path);
        weft_i_sdf_next(p);
        return !p->out_of_memory;
    }
    if (p->kind != '(') return (weft_i_sdf_complain(p, "sdf-syntax", "a port expected"), false);
    int32_t group = p->depth, text;
    weft_i_sdf_next(p);
    if (weft_i_sdf_is(p, "COND") && cond) {
        weft_i_sdf_next(p);
        if (!condition(p, group, &text, name)) return false;
        *cond = *cond < 0 ? text : *cond;
        if (*name >= 0) return (weft_i_sdf_leave(p, group), true);
    }
    *edges = edge_word(p);
    if (!*edges) return (weft_i_sdf_complain(p, "sdf-syntax", "posedge or negedge expected"), false);
    weft_i_sdf_next(p);
    if (p->kind != 'w') return (weft_i_sdf_complain(p, "sdf-syntax", "a port expected"), false);
    *name = weft_i_sdf_name(p, is_path);
    weft_i_sdf_leave(p, group);
    return !p->out_of_memory;
}

static bool put(weft_i_sdf_parser_t *p, const weft_sdf_entry_t *e)
{
    if (!WEFT_I_ROOM(p->doc->entry, p->entry_cap, p->doc->n_entries + 1)) return (p->out_of_memory = true, false);
    p->doc->entry[p->doc->n_entries++] = *e;
    return true;
}

/* One delay behind its keyword, up to the ')'. */
static void delay(weft_i_sdf_parser_t *p, weft_sdf_entry_t e)
{
    uint8_t edges;
    e.first_value = p->doc->n_values;
    bool good = true, is_path = e.kind == WEFT_SDF_INTERCONNECT || e.kind == WEFT_SDF_PORT;
    if (e.kind == WEFT_SDF_IOPATH || e.kind == WEFT_SDF_INTERCONNECT) good = port_spec(p, &e.from, &e.from_edges, NULL, is_path);
    if (good && (e.kind != WEFT_SDF_DEVICE || p->kind == 'w')) good = port_spec(p, &e.to, &edges, NULL, is_path);
    if (good && weft_i_sdf_values(p, &e.n_values) && e.n_values) put(p, &e);
}

static const struct { const char *word; uint8_t kind; } delay_words[] = {{"IOPATH", WEFT_SDF_IOPATH}, {"INTERCONNECT", WEFT_SDF_INTERCONNECT}, {"PORT", WEFT_SDF_PORT}, {"DEVICE", WEFT_SDF_DEVICE}};

static void delays(weft_i_sdf_parser_t *p, bool increment)
{
    for (int32_t group; weft_i_sdf_group(p, &group); weft_i_sdf_leave(p, group)) {
        weft_sdf_entry_t e = {.from = -1, .to = -1, .cond = -1, .line = p->line, .from_edges = ANY_EDGE, .to_edges = ANY_EDGE, .increment = increment, .kind = WEFT_SDF_N_KINDS};
        int32_t port;
        bool cond = weft_i_sdf_is(p, "COND");
        e.is_else = weft_i_sdf_is(p, "CONDELSE");
        if (cond || e.is_else) weft_i_sdf_next(p);
        if (cond && !condition(p, group, &e.cond, &port)) continue;
        if (e.is_else && p->kind == '(') weft_i_sdf_next(p);
        for (size_t i = 0; i < sizeof delay_words / sizeof *delay_words; i++)
            if (weft_i_sdf_is(p, delay_words[i].word)) e.kind = delay_words[i].kind;
        if ((cond || e.is_else) && e.kind != WEFT_SDF_IOPATH) weft_i_sdf_complain(p, "sdf-syntax", "(IOPATH expected behind the condition");
        else if (e.kind < WEFT_SDF_N_KINDS) {
            weft_i_sdf_next(p);
            delay(p, e);
        } else if (weft_i_sdf_is(p, "NETDELAY")) p->doc->n_skipped++;
        else weft_i_sdf_complain(p, "sdf-syntax", "IOPATH, COND, INTERCONNECT, PORT, NETDELAY or DEVICE expected");
    }
}

static void delay_groups(weft_i_sdf_parser_t *p)
{
    for (int32_t group; weft_i_sdf_group(p, &group);) {
        bool increment = weft_i_sdf_is(p, "INCREMENT");
        if (increment || weft_i_sdf_is(p, "ABSOLUTE")) {
            weft_i_sdf_next(p);
            delays(p, increment);
            continue;
        }
        if (weft_i_sdf_is(p, "PATHPULSE") || weft_i_sdf_is(p, "PATHPULSEPERCENT") || weft_i_sdf_is(p, "GLOBALPATHPULSE")) p->doc->n_skipped++;
        else weft_i_sdf_complain(p, "sdf-syntax", "ABSOLUTE or INCREMENT expected");
        weft_i_sdf_leave(p, group);
    }
}

/* kind2: the second value's, of SETUPHOLD and RECREM. */
static const struct { const char *word; uint8_t kind, kind2, n_ports; } check_words[] = {
    {"SETUP", WEFT_SDF_SETUP, 0, 2}, {"HOLD", WEFT_SDF_HOLD, 0, 2}, {"SETUPHOLD", WEFT_SDF_SETUP, WEFT_SDF_HOLD, 2},
    {"RECOVERY", WEFT_SDF_RECOVERY, 0, 2}, {"REMOVAL", WEFT_SDF_REMOVAL, 0, 2}, {"RECREM", WEFT_SDF_RECOVERY, WEFT_SDF_REMOVAL, 2},
    {"WIDTH", WEFT_SDF_WIDTH, 0, 1}, {"PERIOD", WEFT_SDF_PERIOD, 0, 1},
    {"SKEW", WEFT_SDF_N_KINDS, 0, 0}, {"BIDIRECTSKEW", WEFT_SDF_N_KINDS, 0, 0}, {"NOCHANGE", WEFT_SDF_N_KINDS, 0, 0}};

static void check(weft_i_sdf_parser_t *p, size_t row)
{
    weft_sdf_entry_t e = {.from = -1, .to = -1, .cond = -1, .line = p->line, .kind = check_words[row].kind, .n_values = 1, .from_edges = ANY_EDGE, .first_value = p->doc->n_values};
    uint8_t n;
    weft_i_sdf_next(p);
    if (!port_spec(p, &e.to, &e.to_edges, &e.cond, false)) return;
    if (check_words[row].n_ports == 2 && !port_spec(p, &e.from, &e.from_edges, &e.cond, false)) return;
    bool two = check_words[row].kind2 != 0;
    if (!weft_i_sdf_values(p, &n)) return;
    if (n != 1 + two) {
        weft_i_sdf_complain(p, "sdf-syntax", two ? "two values expected" : "one value expected");
        return;
    }
    put(p, &e);
    e.first_value++;
    e.kind = check_words[row].kind2;
    if (two) put(p, &e);
}

static void checks(weft_i_sdf_parser_t *p)
{
    for (int32_t group; weft_i_sdf_group(p, &group); weft_i_sdf_leave(p, group)) {
        size_t row = 0, n = sizeof check_words / sizeof *check_words;
        while (row < n && !weft_i_sdf_is(p, check_words[row].word)) row++;
        if (row == n) weft_i_sdf_complain(p, "sdf-syntax", "a timing check expected");
        else if (check_words[row].kind == WEFT_SDF_N_KINDS) p->doc->n_skipped++;
        else check(p, row);
    }
}

static void cell(weft_i_sdf_parser_t *p)
{
    weft_sdf_t *d = p->doc;
    weft_sdf_cell_t c = {.type = -1, .instance = -1, .first_entry = d->n_entries, .line = p->line};
    weft_i_sdf_next(p);
    for (int32_t group; weft_i_sdf_group(p, &group);) {
        bool is_type = weft_i_sdf_is(p, "CELLTYPE"), is_instance = weft_i_sdf_is(p, "INSTANCE"), is_delay = weft_i_sdf_is(p, "DELAY");
        if (is_delay || weft_i_sdf_is(p, "TIMINGCHECK")) {
            weft_i_sdf_next(p);
            if (is_delay) delay_groups(p);
            else checks(p);
            continue;
        }
        if (is_type || is_instance) {
            weft_i_sdf_next(p);
            if (is_type && p->kind != 's') weft_i_sdf_complain(p, "sdf-syntax", "a cell type in quotes expected");
            else if (is_type) c.type = weft_i_sdf_name(p, false);
            else if (p->kind == 'w') c.instance = p->length == 1 && *p->at == '*' ? -2 : weft_i_sdf_name(p, true);
        } else if (weft_i_sdf_is(p, "TIMINGENV") || weft_i_sdf_is(p, "LABEL")) d->n_skipped++;
        else weft_i_sdf_complain(p, "sdf-syntax", "CELLTYPE, INSTANCE, DELAY or TIMINGCHECK expected");
        weft_i_sdf_leave(p, group);
    }
    c.n_entries = d->n_entries - c.first_entry;
    if (!WEFT_I_ROOM(d->cell, p->cell_cap, d->n_cells + 1)) p->out_of_memory = true;
    else d->cell[d->n_cells++] = c;
}

/* "1ns", "100 ps": 1, 10 or 100 of a unit. */
static void timescale(weft_i_sdf_parser_t *p)
{
    static const struct { const char *word; double unit; } table[] = {{"s", 1.0}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"ps", 1e-12}, {"fs", 1e-15}};
    const char *q = p->at;
    double x = 0.0, unit = 0.0;
    if (p->kind == 'w' && weft_i_parse_double(&q, p->at + p->length, &x) && q == p->at + p->length) {
        weft_i_sdf_next(p);
        q = p->at;
    }
    for (size_t i = 0; p->kind == 'w' && i < sizeof table / sizeof *table; i++) {
        size_t n = strlen(table[i].word);
        if ((size_t)(p->at + p->length - q) == n && !strncasecmp(q, table[i].word, n)) unit = table[i].unit;
    }
    if (unit > 0.0 && x > 0.0 && x <= 1000.0) p->doc->time_unit = x * unit;
    else weft_i_sdf_complain(p, "sdf-timescale", "a time such as 1ns or 100 ps expected");
}

static void header(weft_i_sdf_parser_t *p)
{
    static const char *const other[] = {"DATE", "VENDOR", "PROGRAM", "VERSION", "VOLTAGE", "PROCESS", "TEMPERATURE"};
    bool version = weft_i_sdf_is(p, "SDFVERSION"), known = false;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) known |= weft_i_sdf_is(p, other[i]);
    if (known) return;
    if (version || weft_i_sdf_is(p, "DESIGN")) {
        weft_i_sdf_next(p);
        if (p->kind == 's') *(version ? &p->doc->version : &p->doc->design) = weft_i_sdf_name(p, false);
    } else if (weft_i_sdf_is(p, "DIVIDER")) {
        weft_i_sdf_next(p);
        if (p->kind == 'w' && p->length == 1 && (*p->at == '/' || *p->at == '.')) p->divider = *p->at;
        else weft_i_sdf_complain(p, "sdf-syntax", "/ or . expected");
    } else if (weft_i_sdf_is(p, "TIMESCALE")) {
        weft_i_sdf_next(p);
        timescale(p);
    } else weft_i_sdf_complain(p, "sdf-syntax", "a header or CELL expected");
}

static void parse(weft_i_sdf_parser_t *p)
{
    weft_i_sdf_next(p);
    bool opens = p->kind == '(';
    if (opens) weft_i_sdf_next(p);
    if (!opens || !weft_i_sdf_is(p, "DELAYFILE")) {
        weft_i_sdf_complain(p, "sdf-syntax", "(DELAYFILE expected");
        return;
    }
    weft_i_sdf_next(p);
    for (int32_t group; weft_i_sdf_group(p, &group);) {
        if (weft_i_sdf_is(p, "CELL")) {
            cell(p);
            continue;
        }
        header(p);
        weft_i_sdf_leave(p, group);
    }
    if (weft_i_sdf_more(p) && p->kind) weft_i_sdf_complain(p, "sdf-syntax", "nothing may stand behind the last )");
}

static weft_status_t parse_text(void *document, const weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_sdf_t **sdf = document;
    weft_status_t status = WEFT_OK;
    weft_i_sdf_parser_t p = {.divider = '.'};
    WEFT_TRY_ALLOC(p.doc = weft_i_calloc(1, sizeof *p.doc));
    p.doc->time_unit = 1e-9;
    p.doc->version = p.doc->design = -1;
    WEFT_TRY_ALLOC(p.doc->names = weft_names_new());
    WEFT_TRY_ALLOC(p.doc->file = weft_i_strndup(file ? file : "", file ? strlen(file) : 0));
    weft_i_scan_init(&p.s, text->data, text->size, file, diag);
    parse(&p);
    if (p.out_of_memory) WEFT_TRY(WEFT_ENOMEM);
    if (p.s.n_errors) WEFT_TRY(WEFT_EINPUT);
    *sdf = p.doc;
    p.doc = NULL;
done:
    weft_sdf_free(p.doc);
    weft_i_free(p.text);
    return status;
}

weft_status_t weft_sdf_read(weft_sdf_t **sdf, const char *path, weft_diag_t *diag)
{
    *sdf = NULL;
    return weft_i_text_read_by(parse_text, sdf, path, diag);
}

weft_status_t weft_sdf_parse(weft_sdf_t **sdf, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    *sdf = NULL;
    return weft_i_text_parse_by(parse_text, sdf, data, size, file, diag);
}

void weft_sdf_free(weft_sdf_t *d)
{
    if (!d) return;
    weft_names_free(d->names);
    WEFT_I_FREE_ALL(d->file, d->cell, d->entry, d->value, d);
}
