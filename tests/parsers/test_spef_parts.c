/* SPEF in parts: the same document, and the same networks behind the linker, as from one parser; and what sends a text back to one parser. */
#include "parsers/spef_parser.h"
#include "support/effort.h"
#include "support/tiny.h"
#include "weft/spef.h"

typedef struct text { char *p; size_t n; } text_t;

static void put(text_t *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    t->p = realloc(t->p, t->n + 400);
    cr_assert(t->p);
    t->n += (size_t)vsnprintf(t->p + t->n, 400, format, args);
    va_end(args);
}

/* A row of inverters g0.., net of gate i: n<i>; every third name outside of the map. */
static text_t spef_of(int n, const char *odd, int odd_at)
{
    text_t t = {0};
    put(&t, "*SPEF \"IEEE\"\n*DESIGN \"m\"\n*C_UNIT 1 FF\n*R_UNIT 2 OHM\n*DELIMITER :\n*NAME_MAP\n");
    for (int i = 0; i < n; i++) put(&t, "*%d n%d\n*%d g%d\n", i, i, n + i, i);
    put(&t, "*PORTS\n");
    for (int i = 0; i < n; i++) {
        char name[40], to[40];
        snprintf(name, sizeof name, i % 3 ? "*%d" : "n%d", i);
        snprintf(to, sizeof to, i % 2 ? "*%d" : "g%d", i % 2 ? n + i + 1 : i + 1);
        if (i == odd_at) put(&t, "%s", odd);
        put(&t, "*D_NET %s %d.5\n*CONN\n*I g%d:Y O\n%s%s%s*CAP\n1 %s:1 0.5\n2 g%d:Y %s:1 0.%d\n*RES\n1 g%d:Y %s:1 3\n%s%s%s*END\n\n", name, i, i, i + 1 < n ? "*I " : "", i + 1 < n ? to : "", i + 1 < n ? ":A I\n" : "", name, i,
            name, i + 1, i, name, i + 1 < n ? "2 " : "", i + 1 < n ? name : "", i + 1 < n ? ":1 gx:A 1\n" : "");
    }
    return t;
}

static bool same(const weft_spef_t *a, const weft_spef_t *b)
{
    if (weft_names_n(a->names) != weft_names_n(b->names) || a->n_nets != b->n_nets || a->n_conns != b->n_conns || a->n_caps != b->n_caps || a->n_res != b->n_res || a->n_couplings != b->n_couplings) return false;
    for (int32_t i = 0; i < weft_names_n(a->names); i++)
        if (strcmp(weft_names_text(a->names, i), weft_names_text(b->names, i))) return false;
    for (int32_t i = 0; i < a->n_nets; i++) {
        const weft_spef_net_t *x = &a->net[i], *y = &b->net[i];
        if (x->name != y->name || x->line != y->line || x->total != y->total || x->first_conn != y->first_conn || x->n_conns != y->n_conns || x->first_cap != y->first_cap || x->n_caps != y->n_caps
            || x->first_res != y->first_res || x->n_res != y->n_res || x->reduced != y->reduced)
            return false;
    }
    return !memcmp(a->conn, b->conn, (size_t)a->n_conns * sizeof *a->conn) && !memcmp(a->cap, b->cap, (size_t)a->n_caps * sizeof *a->cap) && !memcmp(a->res, b->res, (size_t)a->n_res * sizeof *a->res)
        && a->cap_unit == b->cap_unit && a->res_unit == b->res_unit && !strcmp(a->design, b->design) && !strcmp(a->file, b->file);
}

Test(spef_parts, any_number_gives_the_same_document)
{
    text_t t = spef_of(500, "", -1);
    weft_spef_t *one = NULL;
    weft_threads_set(2);
    cr_assert_eq(weft_spef_parse(&one, t.p, t.n, "test", NULL), WEFT_OK);
    for (int32_t n = 1; n < 600; n += n < 9 ? 1 : 97) {
        weft_spef_t *many = weft_i_spef_parts(t.p, t.n, "test", n);
        cr_assert(many, "%d parts", n);
        cr_expect(same(one, many), "%d parts", n);
        weft_spef_free(many);
    }
    weft_spef_free(one);
    free(t.p);
    weft_threads_set(0);
}

static const struct { const char *name, *text; weft_status_t status; } odd[] = {
    {"a block comment", "/* here *D_NET\n*D_NET\n*/\n", WEFT_OK},
    {"a unit in the middle", "*C_UNIT 1 PF\n", WEFT_OK},
    {"a map in the middle", "*NAME_MAP\n*90 x\n", WEFT_OK},
    {"an index that the map lacks", "*D_NET *99999 1\n*END\n", WEFT_EINPUT},
    {"no number", "*D_NET x y\n*END\n", WEFT_EINPUT},
};

Test(spef_parts, what_parts_cannot_read_is_read_by_one)
{
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i += EFFORT(1, 4)) {
        text_t t = spef_of(9000, odd[i].text, 6000);
        cr_assert(t.n > 1 << 19);
        weft_diag_t *diag[2] = {weft_diag_new(), weft_diag_new()};
        weft_spef_t *spef[2] = {NULL, NULL};
        weft_spef_t *parts = weft_i_spef_parts(t.p, t.n, "test", 4);
        cr_expect(!parts || odd[i].status == WEFT_OK, "%s", odd[i].name);
        for (int k = 0; k < 2; k++) {
            weft_threads_set(k + 1);
            cr_expect_eq(weft_spef_parse(&spef[k], t.p, t.n, "test", diag[k]), odd[i].status, "%s", odd[i].name);
        }
        if (spef[0] && spef[1]) cr_expect(same(spef[0], spef[1]), "%s", odd[i].name);
        if (spef[0] && parts) cr_expect(same(spef[0], parts), "%s", odd[i].name);
        cr_assert_eq(weft_diag_n_entries(diag[0]), weft_diag_n_entries(diag[1]));
        for (int32_t k = 0; k < weft_diag_n_entries(diag[0]); k++) {
            cr_expect_eq(weft_diag_entry(diag[0], k)->line, weft_diag_entry(diag[1], k)->line);
            cr_expect_str_eq(weft_diag_entry(diag[0], k)->text, weft_diag_entry(diag[1], k)->text);
        }
        for (int k = 0; k < 2; k++) {
            weft_spef_free(spef[k]);
            weft_diag_free(diag[k]);
        }
        weft_spef_free(parts);
        free(t.p);
    }
    weft_threads_set(0);
}

Test(spef_parts, the_same_networks_for_any_number_of_threads)
{
    enum { N = 9000 };
    text_t v = {0}, t = spef_of(N, "*D_NET nosuch 1\n*END\n", 8000);
    weft_library_t *l = tiny_library();
    weft_verilog_t *doc = NULL;
    weft_design_t *d = NULL;
    put(&v, "module m (a, y); input a; output y;\n");
    for (int i = 0; i < N; i++) put(&v, "wire n%d;\n", i);
    for (int i = 0; i < N; i++) put(&v, i ? "INV g%d (.A(n%d), .Y(n%d));\n" : "INV g0 (.A(a), .Y(n0));\n", i, i - 1, i);
    put(&v, "assign y = n%d; endmodule\n", N - 1);
    cr_assert_eq(weft_verilog_parse(&doc, v.p, v.n, "test", NULL), WEFT_OK);
    cr_assert_eq(weft_design_link(&d, l, (const weft_verilog_t *const *)&doc, 1, NULL, NULL), WEFT_OK);
    weft_parasitics_t *p[3];
    weft_diag_t *diag[3];
    weft_spef_coverage_t cover[3];
    for (int k = 0; k < 3; k++) {
        weft_spef_t *s = NULL;
        weft_threads_set(k + 1);
        diag[k] = weft_diag_new();
        cr_assert_eq(weft_spef_parse(&s, t.p, t.n, "test", diag[k]), WEFT_OK);
        cr_assert_eq(weft_parasitics_link(&p[k], d, (const weft_spef_t *const *)&s, 1, &cover[k], diag[k]), WEFT_OK);
        weft_spef_free(s);
    }
    for (int k = 1; k < 3; k++) {
        size_t n = (size_t)d->n_nets + 1, nodes = (size_t)p[0]->net_node[d->n_nets], res = (size_t)p[0]->net_res[d->n_nets];
        cr_assert(!memcmp(p[0]->net_node, p[k]->net_node, n * 8) && !memcmp(p[0]->net_res, p[k]->net_res, n * 8));
        cr_expect(!memcmp(p[0]->cap, p[k]->cap, nodes * 4) && !memcmp(p[0]->pin, p[k]->pin, nodes * 4));
        cr_expect(!memcmp(p[0]->a, p[k]->a, res * 4) && !memcmp(p[0]->b, p[k]->b, res * 4) && !memcmp(p[0]->res, p[k]->res, res * 4));
        cr_expect_eq(p[0]->n_annotated, p[k]->n_annotated);
        cr_expect(!memcmp(&cover[0], &cover[k], sizeof cover[0]));
        cr_assert_eq(weft_diag_n_entries(diag[0]), weft_diag_n_entries(diag[k]));
        for (int32_t i = 0; i < weft_diag_n_entries(diag[0]); i++) cr_expect_str_eq(weft_diag_entry(diag[0], i)->text, weft_diag_entry(diag[k], i)->text);
    }
    cr_expect_eq(p[0]->n_annotated, N - 1); /* the last net is named y, after its port */
    cr_expect_eq(cover[0].n_nets, N + 1);
    for (int k = 0; k < 3; k++) {
        weft_parasitics_free(p[k]);
        weft_diag_free(diag[k]);
    }
    weft_verilog_free(doc);
    weft_design_free(d);
    weft_library_free(l);
    free(v.p);
    free(t.p);
    weft_threads_set(0);
}
