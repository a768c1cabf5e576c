/* parsers/verilog.c: structural Verilog: modules, ports, nets, instances, assigns; one pass of descent. */
#include "parsers/verilog_parser.h"
#include "base/alloc.h"
#include "base/status.h"
#include "base/text_file.h"

static bool put_net(weft_i_verilog_parser_t *p, int32_t name, uint8_t kind, bool bus, int64_t msb, int64_t lsb, int32_t line)
{
    if (!WEFT_I_ROOM(p->doc->net, p->net_cap, p->doc->n_nets + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->net[p->doc->n_nets++] = (weft_verilog_net_t){name, (int32_t)msb, (int32_t)lsb, line, kind, bus};
    return true;
}

static bool put_port(weft_i_verilog_parser_t *p, int32_t name)
{
    if (!WEFT_I_ROOM(p->doc->port, p->port_cap, p->doc->n_ports + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->port[p->doc->n_ports++] = name;
    return true;
}

static bool range(weft_i_verilog_parser_t *p, bool *bus, int64_t *msb, int64_t *lsb)
{
    *bus = p->kind == '[';
    *msb = *lsb = 0;
    if (!*bus) return true;
    weft_i_verilog_next(p);
    return weft_i_verilog_number(p, msb) && weft_i_verilog_expect(p, ':', "':' expected") && weft_i_verilog_number(p, lsb) && weft_i_verilog_expect(p, ']', "']' expected");
}

static int32_t direction(const weft_i_verilog_parser_t *p)
{
    return weft_i_verilog_is(p, "input") ? WEFT_VERILOG_INPUT : weft_i_verilog_is(p, "output") ? WEFT_VERILOG_OUTPUT : weft_i_verilog_is(p, "inout") ? WEFT_VERILOG_INOUT : -1;
}

static bool is_wire_word(const weft_i_verilog_parser_t *p)
{
    static const char *const word[] = {"wire", "tri", "wand", "wor", "tri0", "tri1", "reg", "logic", "signed", "uwire"};
    for (size_t i = 0; i < sizeof word / sizeof *word; i++)
        if (weft_i_verilog_is(p, word[i])) return true;
    return false;
}

/* input [3:0] a, b; also in a module header, where it ends before ')' or the next direction. */
static bool declaration(weft_i_verilog_parser_t *p, uint8_t kind, bool header)
{
    bool bus;
    int64_t msb, lsb;
    while (is_wire_word(p)) weft_i_verilog_next(p);
    if (!range(p, &bus, &msb, &lsb)) return false;
    for (;;) {
        if (p->kind != 'n') {
            weft_i_verilog_complain(p, "verilog-syntax", "a name expected");
            return false;
        }
        int32_t name = weft_i_verilog_intern(p), line = p->line;
        weft_i_verilog_next(p);
        if (!put_net(p, name, kind, bus, msb, lsb, line)) return false;
        if (header && !put_port(p, name)) return false;
        if (!header && p->kind == '=') { /* wire a = b; is an assign too */
            weft_i_verilog_next(p);
            weft_verilog_assign_t a = {.first_left = p->doc->n_refs, .n_left = 1, .line = line};
            if (!weft_i_verilog_put_ref(p, name, WEFT_VERILOG_WHOLE, WEFT_VERILOG_WHOLE)) return false;
            a.first_right = p->doc->n_refs;
            if (!weft_i_verilog_expression(p)) return false;
            a.n_right = p->doc->n_refs - a.first_right;
            if (!WEFT_I_ROOM(p->doc->assign, p->assign_cap, p->doc->n_assigns + 1)) {
                p->out_of_memory = true;
                return false;
            }
            p->doc->assign[p->doc->n_assigns++] = a;
        }
        if (p->kind != ',') break;
        weft_i_verilog_next(p);
        if (header && direction(p) >= 0) return true;
    }
    return header || weft_i_verilog_expect(p, ';', "';' expected");
}

static bool header_ports(weft_i_verilog_parser_t *p)
{
    if (p->kind == '#') { /* #(parameter ..) */
        int32_t depth = 0;
        do {
            weft_i_verilog_next(p);
            depth += p->kind == '(' ? 1 : p->kind == ')' ? -1 : 0;
        } while (depth && p->kind);
        weft_i_verilog_next(p);
    }
    if (p->kind == ';') {
        weft_i_verilog_next(p);
        return true;
    }
    if (!weft_i_verilog_expect(p, '(', "'(' or ';' expected")) return false;
    while (p->kind && p->kind != ')') {
        int32_t d = direction(p);
        if (d >= 0) {
            weft_i_verilog_next(p);
            if (!declaration(p, (uint8_t)d, true)) return false;
        } else if (p->kind == 'n') {
            if (!put_port(p, weft_i_verilog_intern(p))) return false;
            weft_i_verilog_next(p);
            if (p->kind == ',') weft_i_verilog_next(p);
        } else {
            weft_i_verilog_complain(p, "verilog-syntax", "a port expected");
            return false;
        }
    }
    return weft_i_verilog_expect(p, ')', "')' expected") && weft_i_verilog_expect(p, ';', "';' expected");
}

static bool connection(weft_i_verilog_parser_t *p, bool named)
{
    weft_verilog_conn_t c = {.port = -1, .line = p->line};
    if (named) {
        weft_i_verilog_next(p);
        if (p->kind != 'n') {
            weft_i_verilog_complain(p, "verilog-syntax", "a port name expected");
            return false;
        }
        c.port = weft_i_verilog_intern(p);
        weft_i_verilog_next(p);
        if (!weft_i_verilog_expect(p, '(', "'(' expected")) return false;
    }
    c.first_ref = p->doc->n_refs;
    if (p->kind != ')' && p->kind != ',' && !weft_i_verilog_expression(p)) return false;
    c.n_refs = p->doc->n_refs - c.first_ref;
    if (named && !weft_i_verilog_expect(p, ')', "')' expected")) return false;
    if (!WEFT_I_ROOM(p->doc->conn, p->conn_cap, p->doc->n_conns + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->conn[p->doc->n_conns++] = c;
    return true;
}

/* CELL #(..) name (connections), name2 (..); */
static bool instances(weft_i_verilog_parser_t *p)
{
    int32_t module = weft_i_verilog_intern(p);
    weft_i_verilog_next(p);
    if (p->kind == '#') {
        int32_t depth = 0;
        do {
            weft_i_verilog_next(p);
            depth += p->kind == '(' ? 1 : p->kind == ')' ? -1 : 0;
        } while (depth > 0 && p->kind);
        weft_i_verilog_next(p);
    }
    for (;;) {
        if (p->kind != 'n') {
            weft_i_verilog_complain(p, "verilog-syntax", "an instance name expected");
            return false;
        }
        weft_verilog_inst_t x = {.module = module, .name = weft_i_verilog_intern(p), .first_conn = p->doc->n_conns, .line = p->line};
        weft_i_verilog_next(p);
        if (p->kind == '[') {
            weft_i_verilog_complain(p, "verilog-syntax", "arrays of instances are not read");
            return false;
        }
        if (!weft_i_verilog_expect(p, '(', "'(' expected")) return false;
        while (p->kind && p->kind != ')') {
            if (!connection(p, p->kind == '.')) return false;
            if (p->kind == ',') weft_i_verilog_next(p);
            else if (p->kind != ')') {
                weft_i_verilog_complain(p, "verilog-syntax", "',' or ')' expected");
                return false;
            }
        }
        if (!weft_i_verilog_expect(p, ')', "')' expected")) return false;
        x.n_conns = p->doc->n_conns - x.first_conn;
        if (!WEFT_I_ROOM(p->doc->inst, p->inst_cap, p->doc->n_insts + 1)) {
            p->out_of_memory = true;
            return false;
        }
        p->doc->inst[p->doc->n_insts++] = x;
        if (p->kind != ',') break;
        weft_i_verilog_next(p);
    }
    return weft_i_verilog_expect(p, ';', "';' expected");
}

static bool assign(weft_i_verilog_parser_t *p)
{
    weft_i_verilog_next(p);
    for (;;) {
        weft_verilog_assign_t a = {.first_left = p->doc->n_refs, .line = p->line};
        if (!weft_i_verilog_expression(p)) return false;
        a.n_left = p->doc->n_refs - a.first_left;
        if (!weft_i_verilog_expect(p, '=', "'=' expected")) return false;
        a.first_right = p->doc->n_refs;
        if (!weft_i_verilog_expression(p)) return false;
        a.n_right = p->doc->n_refs - a.first_right;
        if (!WEFT_I_ROOM(p->doc->assign, p->assign_cap, p->doc->n_assigns + 1)) {
            p->out_of_memory = true;
            return false;
        }
        p->doc->assign[p->doc->n_assigns++] = a;
        if (p->kind != ',') break;
        weft_i_verilog_next(p);
    }
    return weft_i_verilog_expect(p, ';', "';' expected");
}

/* Words that open what is not structure, and the word that ends it (NULL: the next ';'). */
static const struct { const char *open, *close; } behaviour[] = {
    {"always", NULL}, {"initial", NULL}, {"function", "endfunction"}, {"task", "endtask"}, {"specify", "endspecify"}, {"generate", "endgenerate"},
    {"primitive", "endprimitive"}, {"table", "endtable"}};
static const char *const primitive[] = {"and", "nand", "or", "nor", "xor", "xnor", "buf", "not", "bufif0", "bufif1", "notif0", "notif1", "nmos", "pmos", "tran"};

static void skip_behaviour(weft_i_verilog_parser_t *p, size_t row)
{
    weft_i_verilog_complain(p, "verilog-behaviour", "not structural");
    int32_t depth = 0;
    weft_i_verilog_next(p);
    while (p->kind && !weft_i_verilog_is(p, "endmodule")) {
        if (behaviour[row].close ? weft_i_verilog_is(p, behaviour[row].close) : false) {
            weft_i_verilog_next(p);
            return;
        }
        if (!behaviour[row].close) {
            depth += weft_i_verilog_is(p, "begin") || weft_i_verilog_is(p, "case") ? 1 : weft_i_verilog_is(p, "end") || weft_i_verilog_is(p, "endcase") ? -1 : 0;
            if ((p->kind == ';' && depth <= 0) || (weft_i_verilog_is(p, "end") && depth <= 0)) {
                weft_i_verilog_next(p);
                return;
            }
        }
        weft_i_verilog_next(p);
    }
}

static void item(weft_i_verilog_parser_t *p)
{
    int32_t d = direction(p);
    bool ok = true;
    if (p->kind == ';') weft_i_verilog_next(p);
    else if (d >= 0) {
        weft_i_verilog_next(p);
        ok = declaration(p, (uint8_t)d, false);
    } else if (is_wire_word(p)) ok = declaration(p, WEFT_VERILOG_WIRE, false);
    else if (weft_i_verilog_is(p, "supply0") || weft_i_verilog_is(p, "supply1")) {
        uint8_t kind = weft_i_verilog_is(p, "supply0") ? WEFT_VERILOG_SUPPLY0 : WEFT_VERILOG_SUPPLY1;
        weft_i_verilog_next(p);
        ok = declaration(p, kind, false);
    } else if (weft_i_verilog_is(p, "assign")) ok = assign(p);
    else if (weft_i_verilog_is(p, "parameter") || weft_i_verilog_is(p, "localparam") || weft_i_verilog_is(p, "defparam") || weft_i_verilog_is(p, "genvar") || weft_i_verilog_is(p, "integer")) weft_i_verilog_resync(p);
    else {
        for (size_t i = 0; i < sizeof behaviour / sizeof *behaviour; i++)
            if (weft_i_verilog_is(p, behaviour[i].open)) {
                skip_behaviour(p, i);
                return;
            }
        for (size_t i = 0; i < sizeof primitive / sizeof *primitive; i++)
            if (weft_i_verilog_is(p, primitive[i])) {
                weft_i_verilog_complain(p, "verilog-gate", "gate primitives are not library cells");
                weft_i_verilog_resync(p);
                return;
            }
        if (p->kind == 'n') ok = instances(p);
        else {
            weft_i_verilog_complain(p, "verilog-syntax", "a declaration or an instance expected");
            ok = false;
        }
    }
    if (!ok) weft_i_verilog_resync(p);
}

static void module(weft_i_verilog_parser_t *p)
{
    weft_i_verilog_next(p);
    if (p->kind != 'n') {
        weft_i_verilog_complain(p, "verilog-syntax", "a module name expected");
        return;
    }
    weft_verilog_t *d = p->doc;
    weft_verilog_module_t m = {.name = weft_i_verilog_intern(p), .line = p->line, .first_port = d->n_ports, .first_net = d->n_nets, .first_inst = d->n_insts, .first_assign = d->n_assigns};
    weft_i_verilog_next(p);
    if (!header_ports(p)) weft_i_verilog_resync(p);
    m.n_ports = d->n_ports - m.first_port;
    while (p->kind && !weft_i_verilog_is(p, "endmodule") && !weft_i_verilog_is(p, "module") && p->s.n_errors < p->s.max_errors && !p->out_of_memory) item(p);
    if (weft_i_verilog_is(p, "endmodule")) weft_i_verilog_next(p);
    else if (!p->out_of_memory) weft_i_verilog_complain(p, "verilog-unclosed", "endmodule expected");
    m.n_nets = d->n_nets - m.first_net;
    m.n_insts = d->n_insts - m.first_inst;
    m.n_assigns = d->n_assigns - m.first_assign;
    if (!WEFT_I_ROOM(d->module, p->module_cap, d->n_modules + 1)) p->out_of_memory = true;
    else d->module[d->n_modules++] = m;
}

static weft_status_t parse_text(void *document, const weft_i_text_t *text, const char *file, weft_diag_t *diag)
{
    weft_verilog_t **verilog = document;
    weft_status_t status = WEFT_OK;
    weft_i_verilog_parser_t p = {0};
    WEFT_TRY_ALLOC(p.doc = weft_i_calloc(1, sizeof *p.doc));
    WEFT_TRY_ALLOC(p.doc->names = weft_names_new());
    WEFT_TRY_ALLOC(p.doc->file = weft_i_strndup(file ? file : "", file ? strlen(file) : 0));
    weft_i_scan_init(&p.s, text->data, text->size, file, diag);
    weft_i_verilog_next(&p);
    while (p.kind && p.s.n_errors < p.s.max_errors && !p.out_of_memory) {
        if (weft_i_verilog_is(&p, "module") || weft_i_verilog_is(&p, "macromodule")) module(&p);
        else {
            weft_i_verilog_complain(&p, "verilog-syntax", "module expected");
            while (p.kind && !weft_i_verilog_is(&p, "module")) weft_i_verilog_next(&p);
        }
    }
    if (p.out_of_memory) WEFT_TRY(WEFT_ENOMEM);
    if (p.s.n_errors) WEFT_TRY(WEFT_EINPUT);
    *verilog = p.doc;
    p.doc = NULL;
done:
    weft_verilog_free(p.doc);
    return status;
}

weft_status_t weft_verilog_read(weft_verilog_t **verilog, const char *path, weft_diag_t *diag)
{
    *verilog = NULL;
    return weft_i_text_read_by(parse_text, verilog, path, diag);
}

weft_status_t weft_verilog_parse(weft_verilog_t **verilog, const char *data, size_t size, const char *file, weft_diag_t *diag)
{
    *verilog = NULL;
    return weft_i_text_parse_by(parse_text, verilog, data, size, file, diag);
}

void weft_verilog_free(weft_verilog_t *d)
{
    if (!d) return;
    weft_names_free(d->names);
    WEFT_I_FREE_ALL(d->file, d->module, d->port, d->net, d->inst, d->conn, d->ref, d->assign, d);
}
