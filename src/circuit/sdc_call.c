/* circuit/sdc_call.c: options and objects of an SDC command. */
#include "circuit/sdc_call.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In the child alone. It has no memory left; its end by a signal is what its parent, the library, tells as WEFT_ELIMIT. */
void *weft_i_child_grown(void *p, size_t size)
{
    p = realloc(p, size);
    if (!p) abort();
    return p;
}

/* Place of the option that `word` names or begins; -1 none, -2 several. */
static int option_place(const char *options, const char *word, bool *flag)
{
    size_t m = strlen(word);
    int place = 0, found = -1;
    for (const char *o = options; *o; place++) {
        size_t n = strcspn(o, " "), w = o[n - 1] == '!' ? n - 1 : n;
        if (m <= w && m && !strncmp(o, word, m)) {
            bool exact = m == w;
            if (found < 0 || exact) *flag = w != n;
            if (exact) return place;
            found = found == -1 ? place : -2;
        }
        o += n;
        while (*o == ' ') o++;
    }
    return found;
}

bool weft_i_call_options(weft_i_call_t *k, const char *options)
{
    bool ok = true;
    for (int i = 1; i < k->argc; i++) {
        const char *a = k->argv[i];
        bool number = a[0] == '-' && (a[1] == '.' || (a[1] >= '0' && a[1] <= '9')), flag = false;
        if (a[0] != '-' || number || !a[1]) {
            if (k->n_plain < 8) k->plain[k->n_plain++] = a;
            continue;
        }
        if (!strcmp(a, "-comment")) {
            i++;
            continue;
        }
        int at = option_place(options, a + 1, &flag);
        if (at < 0 || at >= (int)(sizeof k->option / sizeof *k->option)) {
            weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-option", "%s: %s option %s", k->name, at == -2 ? "ambiguous" : "unknown", a);
            ok = false;
        } else if (flag || i + 1 < k->argc) {
            k->option[at] = flag ? "" : k->argv[++i];
            k->seen = weft_i_child_grown(k->seen, ((size_t)k->n_seen + 1) * sizeof *k->seen);
            k->seen[k->n_seen++] = (weft_i_seen_t){at, k->option[at]};
        } else {
            weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-option", "%s: %s needs a value", k->name, a);
            ok = false;
        }
    }
    return ok;
}

double weft_i_call_number(weft_i_call_t *k, const char *text)
{
    char *end;
    double v = text ? strtod(text, &end) : NAN;
    if (!text || end == text || *end || !isfinite(v)) {
        weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-number", "%s: '%s' is no number", k->name, text ? text : "");
        return NAN;
    }
    return v;
}

void weft_i_call_ignored(weft_i_call_t *k, const char *what) { weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-ignored", "%s: %s", k->name, what); }

/* ---- tokens ---------------------------------------------------------------------------------------------------- */
void weft_i_tokens_put(weft_i_tokens_t *l, char kind, int32_t id)
{
    if (l->n + 24 > l->room) {
        l->room = l->room * 2 + 256;
        l->text = weft_i_child_grown(l->text, l->room);
    }
    l->n += (size_t)sprintf(l->text + l->n, "%s@%c%d", l->n ? " " : "", kind, id);
    l->count++;
}

bool weft_i_token_parse(const char *text, char *kind, int32_t *id)
{
    int end = 0;
    return text[0] == '@' && sscanf(text, "@%c%d%n", kind, id, &end) == 2 && !text[end] && strchr("pinclL", *kind) && *id >= 0;
}

const char *weft_i_token_name(const weft_i_sdc_child_t *c, char kind, int32_t id)
{
    static char room[4][4096]; /* the child runs one thread */
    static int turn;
    const weft_design_t *d = c->design;
    const weft_library_t *l = d->library;
    char *text = room[turn++ & 3];
    switch (kind) {
    case 'p':
        if (id < d->n_pins) return weft_design_pin_name(d, id, text, sizeof room[0]), text;
        break;
    case 'i':
        if (id < d->n_insts) return weft_names_text(d->names, d->inst_name[id]);
        break;
    case 'n':
        if (id < d->n_nets) return weft_names_text(d->names, d->net_name[id]);
        break;
    case 'c':
        if (id < c->n_clocks) return c->clock[id].name;
        break;
    case 'l':
        if (id < l->n_cells) return weft_names_text(l->names, l->cell[id].name);
        break;
    case 'L':
        if (id < l->n_ports) {
            snprintf(text, sizeof room[0], "%s/%s", weft_names_text(l->names, l->cell[l->port[id].cell].name), weft_names_text(l->names, l->port[id].name));
            return text;
        }
        break;
    default: break;
    }
    return "";
}

int weft_i_object_kind(char kind)
{
    switch (kind) {
    case 'i': return WEFT_OBJ_INST;
    case 'n': return WEFT_OBJ_NET;
    case 'c': return WEFT_OBJ_CLOCK;
    case 'l': return WEFT_OBJ_LIB_CELL;
    case 'L': return WEFT_OBJ_LIB_PORT;
    default: return WEFT_OBJ_PIN;
    }
}

/* ---- matching -------------------------------------------------------------------------------------------------- */
static bool same_letter(char a, char b, bool nocase) { return a == b || (nocase && tolower((unsigned char)a) == tolower((unsigned char)b)); }

static bool glob(const char *p, const char *s, bool nocase)
{
    const char *star = NULL, *back = NULL;
    while (*s) {
        if (*p == '*') {
            star = ++p;
            back = s;
        } else if (*p == '\\' && p[1] && p[1] == *s) {
            p += 2;
            s++;
        } else if (*p && (*p == '?' || same_letter(*p, *s, nocase))) {
            p++;
            s++;
        } else if (star) {
            p = star;
            s = ++back;
        } else return false;
    }
    while (*p == '*') p++;
    return !*p;
}
bool weft_i_glob(const char *pattern, const char *text) { return glob(pattern, text, false); }

typedef struct matcher { weft_i_call_t *k; const char *pattern; weft_i_match_t how; bool whole_path; } matcher_t;

/* -hierarchical holds a pattern of n parts against the last n parts of a name. */
static const char *tail_of(const char *pattern, const char *name)
{
    int parts = 0;
    for (const char *p = pattern; *p; p++) parts += *p == '/';
    const char *at = name + strlen(name);
    while (at > name && (at[-1] != '/' || parts-- > 0)) at--;
    return at;
}

static bool matches(const matcher_t *m, const char *name)
{
    if (m->how.hierarchical) name = m->how.regexp ? name : tail_of(m->pattern, name);
    return m->how.regexp ? weft_i_sdc_matches(m->k->run, name) : glob(m->pattern, name, m->how.nocase);
}

static bool plain_name(const matcher_t *m) { return !m->how.regexp && !m->how.nocase && !m->how.hierarchical && !strpbrk(m->pattern, "*?\\"); }

static void match_ports(const matcher_t *m, weft_i_tokens_t *out)
{
    const weft_design_t *d = m->k->c->design;
    size_t n = strlen(m->pattern);
    int32_t one = plain_name(m) ? weft_design_find_port(d, m->pattern, n) : -1;
    if (one >= 0) {
        weft_i_tokens_put(out, 'p', one);
        return;
    }
    for (int32_t i = 0; i < d->n_ports; i++) {
        const char *name = weft_names_text(d->names, d->port_name[i]);
        bool whole_bus = !m->how.regexp && !strncmp(name, m->pattern, n) && name[n] == '[' && !strchr(name + n + 1, '[');
        if (whole_bus || matches(m, name)) weft_i_tokens_put(out, 'p', d->n_inst_pins + i);
    }
}

static void match_pins(const matcher_t *m, weft_i_tokens_t *out)
{
    const weft_design_t *d = m->k->c->design;
    char name[4096], bare[4096];
    if (plain_name(m) || (!m->how.regexp && !m->how.hierarchical && strchr(m->pattern, '\\'))) { /* exact, also with escapes taken out */
        size_t n = 0;
        for (const char *p = m->pattern; *p && n < sizeof bare - 1; p++)
            if (*p != '\\') bare[n++] = *p;
        bare[n] = 0;
        int32_t pin = weft_design_find_pin(d, bare, n);
        if (pin >= 0 && pin < d->n_inst_pins) {
            weft_i_tokens_put(out, 'p', pin);
            return;
        }
        if (plain_name(m)) return;
    }
    matcher_t own = *m; /* a pin's own name is its last part: inst/pin counts as one level */
    for (int32_t p = 0; p < d->n_inst_pins; p++) {
        weft_design_pin_name(d, p, name, sizeof name);
        if (matches(&own, name)) weft_i_tokens_put(out, 'p', p);
    }
}

static void match_named(const matcher_t *m, char kind, weft_i_tokens_t *out)
{
    const weft_i_sdc_child_t *c = m->k->c;
    const weft_design_t *d = c->design;
    const weft_library_t *l = d->library;
    int32_t n = kind == 'i' ? d->n_insts : kind == 'n' ? d->n_nets : kind == 'c' ? c->n_clocks : kind == 'l' ? l->n_cells : l->n_ports;
    size_t length = strlen(m->pattern);
    if ((kind == 'i' || kind == 'n') && plain_name(m)) {
        int32_t id = kind == 'i' ? weft_design_find_inst(d, m->pattern, length) : weft_design_find_net(d, m->pattern, length);
        if (id >= 0) weft_i_tokens_put(out, kind, id);
        return;
    }
    for (int32_t i = 0; i < n; i++)
        if (matches(m, weft_i_token_name(c, kind, i)) && !(kind == 'c' && c->clock[i].gone)) weft_i_tokens_put(out, kind, i);
}

/* LIB/CELL and LIB/CELL/PIN: the library's own name does not count. */
static const char *without_library(const char *pattern, char kind)
{
    int parts = 0;
    for (const char *p = pattern; *p; p++) parts += *p == '/';
    return parts > (kind == 'L') ? strchr(pattern, '/') + 1 : pattern;
}

void weft_i_call_match(weft_i_call_t *k, const char *pattern, const char *kinds, const weft_i_match_t *how, weft_i_tokens_t *out)
{
    int32_t before = out->count;
    for (const char *x = kinds; *x && out->count == before; x++) {
        matcher_t m = {.k = k, .pattern = *x == 'l' || *x == 'L' ? without_library(pattern, *x) : pattern};
        if (how) m.how = *how;
        if (m.how.regexp && !weft_i_sdc_regexp(k->run, m.pattern, m.how.nocase)) {
            weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-regexp", "%s: '%s' is no regular expression", k->name, m.pattern);
            return;
        }
        if (*x == 'P') match_ports(&m, out);
        else if (*x == 'p') match_pins(&m, out);
        else match_named(&m, *x, out);
    }
}

static void objects(weft_i_call_t *k, const char *text, const char *kinds, weft_i_tokens_t *out, int depth)
{
    int n;
    const char **items;
    if (!text || depth > 20 || !weft_i_sdc_list(k->run, text, &n, &items)) return;
    for (int i = 0; i < n; i++) {
        char kind;
        int32_t id;
        if (weft_i_token_parse(items[i], &kind, &id)) {
            if (*weft_i_token_name(k->c, kind, id)) weft_i_tokens_put(out, kind, id);
        } else if (n > 1 || strpbrk(items[i], " \t\n")) objects(k, items[i], kinds, out, depth + 1);
        else {
            int32_t before = out->count;
            weft_i_call_match(k, items[i], kinds, NULL, out);
            if (out->count == before) weft_i_sdc_report(k->run, WEFT_WARNING, "sdc-empty", "%s: nothing matches '%s'", k->name, items[i]);
        }
    }
    weft_i_sdc_list_free(items);
}

weft_i_object_ids_t weft_i_call_resolve(weft_i_call_t *k, const char *text, const char *kinds)
{
    weft_i_tokens_t l = {0};
    objects(k, text, kinds, &l, 0);
    weft_i_object_ids_t r = {0, weft_i_child_grown(NULL, ((size_t)l.count + 1) * sizeof *r.at)};
    for (char *p = l.text; p && *p;) {
        r.at[r.n].kind = p[1];
        r.at[r.n++].id = (int32_t)strtol(p + 2, &p, 10);
        while (*p == ' ') p++;
    }
    free(l.text);
    return r;
}
