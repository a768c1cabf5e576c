/* parsers/spef_parts.c: SPEF in parts, side by side: the header with its name map is one, the nets the others. Parts know mapped names by their index and
 * number all others themselves; joining gives both the ids that one parser over the whole text would have given. */
#include "base/alloc.h"
#include "base/status.h"
#include "parsers/spef_parser.h"

#include <string.h>

typedef weft_i_spef_parser_t parser_t;

static const char *find(const char *a, const char *end, const char *word) { return a < end ? memmem(a, (size_t)(end - a), word, strlen(word)) : NULL; }

/* Not read to its end without a complaint; a comment may hide what the text was cut at. */
static bool bad(const parser_t *p) { return p->out_of_memory || p->s.n_errors > 0 || p->commented || p->s.p < p->s.end; }

/* ---- parts ---------------------------------------------------------------------------------------------------------- */
/* Behind the first lines, which name units and delimiter, the header's parser goes on to the first net. */
static bool begin_header(parser_t *p, const char *data, const char *nets, const char *file)
{
    const char *map = find(data, nets, "\n*NAME_MAP");
    map = map ? map + 1 : nets;
    if (weft_i_spef_start(p, data, (size_t)(map - data), file, NULL) != WEFT_OK) return false;
    weft_i_spef_lines(p);
    if (bad(p)) return false;
    p->s.end = nets;
    p->foreign = false;
    return true;
}

static bool begin_part(parser_t *p, const char *a, const char *b, const parser_t *header)
{
    if (weft_i_spef_start(p, a, (size_t)(b - a), NULL, NULL) != WEFT_OK) return false;
    p->is_part = true;
    p->delimiter = header->delimiter;
    p->doc->cap_unit = header->doc->cap_unit;
    p->doc->res_unit = header->doc->res_unit;
    return true;
}

/* ---- joining -------------------------------------------------------------------------------------------------------- */
/* Ids in the joined document of a part's own names, in the order in which one parser would have met them. */
static int32_t *ids_of(weft_names_t *names, const weft_names_t *own)
{
    int32_t n = weft_names_n(own), *id = weft_i_malloc(((size_t)n + 1) * sizeof *id);
    for (int32_t i = 0; id && i < n; i++)
        if ((id[i] = weft_names_add(names, weft_names_text(own, i), (size_t)weft_names_length(own, i))) < 0) {
            weft_i_free(id);
            return NULL;
        }
    return id;
}

static bool resolve(int32_t *name, const parser_t *header, const int32_t *id)
{
    *name = *name < 0 ? id[-1 - *name] : *name < header->n_map ? header->map[*name] : -1;
    return *name >= 0;
}

static bool resolve_node(weft_spef_node_t *x, const parser_t *header, const int32_t *id)
{
    if (x->suffix < -1) x->suffix = -2 - id[-2 - x->suffix];
    return resolve(&x->name, header, id);
}

/* Everything of a part into the joined document's ids, and its nets' ranges and lines behind those of the parts before. False: an index without a name. */
static bool settle(weft_spef_t *d, const parser_t *header, const int32_t *id, const weft_spef_net_t *before)
{
    bool good = true;
    for (int32_t i = 0; i < d->n_nets; i++) {
        weft_spef_net_t *n = &d->net[i];
        good &= resolve(&n->name, header, id);
        n->line += before->line;
        n->first_conn += before->first_conn;
        n->first_cap += before->first_cap;
        n->first_res += before->first_res;
    }
    for (int32_t i = 0; i < d->n_conns; i++) good &= resolve_node(&d->conn[i], header, id);
    for (int32_t i = 0; i < d->n_caps; i++) good &= resolve_node(&d->cap[i].node, header, id);
    for (int32_t i = 0; i < d->n_res; i++) good &= resolve_node(&d->res[i].a, header, id) & resolve_node(&d->res[i].b, header, id);
    return good;
}

/* Appends and frees: the parts' arrays are never all there twice. */
static bool append(void **to, int64_t *n, void **from, int32_t more, size_t size)
{
    if (!more) return true;
    void *grown = *n ? weft_i_realloc(*to, (size_t)(*n + more) * size) : *from;
    if (!grown) return false;
    if (*n) {
        memcpy((char *)grown + (size_t)*n * size, *from, (size_t)more * size);
        weft_i_free(*from);
    }
    *from = NULL;
    *to = grown;
    *n += more;
    return true;
}

#define APPEND(field, count)                                                                                                            \
    do {                                                                                                                                \
        int64_t have_ = 0;                                                                                                              \
        for (int32_t i_ = 0; i_ < n; i_++)                                                                                              \
            if (!append((void **)&d->field, &have_, (void **)&part[i_].doc->field, part[i_].doc->count, sizeof *d->field)) return false; \
        d->count = (int32_t)have_;                                                                                                      \
    } while (0)

static bool join(weft_spef_t *d, parser_t *part, int32_t n)
{
    int64_t total[4] = {0};
    for (int32_t i = 0; i < n; i++) {
        const weft_spef_t *p = part[i].doc;
        d->n_couplings += p->n_couplings;
        total[0] += p->n_nets, total[1] += p->n_conns, total[2] += p->n_caps, total[3] += p->n_res;
    }
    for (int32_t k = 0; k < 4; k++)
        if (total[k] > INT32_MAX) return false;
    APPEND(cap, n_caps);
    APPEND(res, n_res);
    APPEND(conn, n_conns);
    APPEND(net, n_nets);
    return true;
}

static bool settle_all(parser_t *header, parser_t *part, int32_t n)
{
    weft_spef_net_t *before = weft_i_calloc((size_t)n + 1, sizeof *before);
    int32_t **id = weft_i_calloc((size_t)n, sizeof *id);
    bool good = before && id;
    if (good) before[0].line = header->s.line - 1;
    for (int32_t i = 0; i < n && good; i++) {
        const weft_spef_t *d = part[i].doc;
        good = (id[i] = ids_of(header->doc->names, d->names)) != NULL;
        before[i + 1] = (weft_spef_net_t){.line = before[i].line + part[i].s.line - 1, .first_conn = before[i].first_conn + d->n_conns, .first_cap = before[i].first_cap + d->n_caps,
                                          .first_res = before[i].first_res + d->n_res};
    }
    int32_t n_bad = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads()) reduction(+ : n_bad)
    for (int32_t i = 0; i < n; i++)
        if (good) n_bad += !settle(part[i].doc, header, id[i], &before[i]);
    for (int32_t i = 0; i < n && id; i++) weft_i_free(id[i]);
    weft_i_free(id);
    weft_i_free(before);
    return good && !n_bad;
}

weft_spef_t *weft_i_spef_parts(const char *data, size_t size, const char *file, int32_t n)
{
    const char *end = data + size, *nets = find(data, end, "\n*D_NET");
    if (!nets || n < 1) return NULL;
    nets++;
    parser_t *p = weft_i_calloc((size_t)n + 1, sizeof *p), *header = p;
    weft_spef_t *d = NULL;
    if (!p) return NULL;
    bool good = begin_header(header, data, nets, file);
    const char *a = nets;
    int32_t n_parts = 0;
    for (int32_t i = 0; i < n && good && a < end; i++) {
        const char *target = nets + (int64_t)(end - nets) / n * (i + 1), *b = i + 1 < n && target > a ? find(target, end, "\n*D_NET") : NULL;
        b = i + 1 == n || (!b && target > a) ? end : b ? b + 1 : a;
        if (b > a) good = begin_part(&p[1 + n_parts++], a, b, header);
        a = b;
    }
    if (good) {
        char delimiter = header->delimiter;
        double cap_unit = header->doc->cap_unit, res_unit = header->doc->res_unit;
#pragma omp parallel for schedule(dynamic, 1) num_threads(weft_threads())
        for (int32_t i = 0; i <= n_parts; i++) weft_i_spef_lines(&p[i]);
        weft_i_spef_end(&p[n_parts]);
        good = header->delimiter == delimiter && header->doc->cap_unit == cap_unit && header->doc->res_unit == res_unit && header->section <= 2;
    }
    for (int32_t i = 0; i <= n_parts && good; i++) good = !bad(&p[i]) && (i == 0 || !p[i].foreign);
    if (good && settle_all(header, p + 1, n_parts) && join(header->doc, p + 1, n_parts)) {
        d = header->doc;
        header->doc = NULL;
    }
    for (int32_t i = 0; i <= n_parts; i++) weft_i_spef_done(&p[i]);
    weft_i_free(p);
    return d;
}
