/* parsers/verilog_expression.c: what stands for a net: names with ranges, constants, concatenations and replications; no recursion on input (nested
 * concatenations are flattened with a counter). */
#include "parsers/verilog_parser.h"
#include "base/alloc.h"

bool weft_i_verilog_put_ref(weft_i_verilog_parser_t *p, int32_t name, int32_t msb, int32_t lsb)
{
    if (!WEFT_I_ROOM(p->doc->ref, p->ref_cap, p->doc->n_refs + 1)) {
        p->out_of_memory = true;
        return false;
    }
    p->doc->ref[p->doc->n_refs++] = (weft_verilog_ref_t){name, msb, lsb};
    return true;
}

static int32_t digit_bits(char c, int32_t base_bits, int32_t *bits)
{
    int32_t v = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    bool x = (c | 32) == 'x' || (c | 32) == 'z' || c == '?';
    if (!x && (v < 0 || v >= 1 << base_bits)) return 0;
    for (int32_t i = 0; i < base_bits; i++) bits[i] = x ? WEFT_VERILOG_X : v >> (base_bits - 1 - i) & 1 ? WEFT_VERILOG_ONE : WEFT_VERILOG_ZERO;
    return base_bits;
}

/* 8'hA5, 1'b0, 'd12, 3: bits, most significant first. */
static bool constant(weft_i_verilog_parser_t *p)
{
    const char *q = p->at, *end = p->at + p->length;
    int64_t width = 32;
    if (*q != '\'' && !weft_i_parse_int(&q, end, &width)) goto bad;
    if (q < end && *q == '_') goto bad;
    if (q == end) { /* a plain decimal: the value, 32 bits */
        int64_t v = width;
        for (int32_t i = 31; i >= 0; i--)
            if (!weft_i_verilog_put_ref(p, v >> i & 1 ? WEFT_VERILOG_ONE : WEFT_VERILOG_ZERO, 0, 0)) return false;
        weft_i_verilog_next(p);
        return true;
    }
    if (*q != '\'' || width < 1 || width > 65536) goto bad;
    q++;
    if (q < end && (*q | 32) == 's') q++;
    if (q >= end) goto bad;
    char base = *q++ | 32;
    int32_t per = base == 'b' ? 1 : base == 'o' ? 3 : base == 'h' ? 4 : base == 'd' ? 0 : -1;
    if (per < 0) goto bad;
    if (q == end) { /* blanks may stand between base and digits */
        weft_i_verilog_next(p);
        q = p->at;
        end = q + p->length;
        if (p->kind != '0' && p->kind != 'n') goto bad;
    }
    int32_t first = p->doc->n_refs;
    if (per == 0) {
        int64_t v;
        bool x = (*q | 32) == 'x' || (*q | 32) == 'z';
        if (!x && !weft_i_parse_int(&q, end, &v)) goto bad;
        for (int64_t i = width - 1; i >= 0; i--)
            if (!weft_i_verilog_put_ref(p, x ? WEFT_VERILOG_X : i < 62 && v >> i & 1 ? WEFT_VERILOG_ONE : WEFT_VERILOG_ZERO, 0, 0)) return false;
        weft_i_verilog_next(p);
        return true;
    }
    int64_t n_bits = 0;
    for (const char *c = q; c < end; c++) n_bits += *c == '_' ? 0 : per;
    for (int64_t i = n_bits; i < width; i++)
        if (!weft_i_verilog_put_ref(p, WEFT_VERILOG_ZERO, 0, 0)) return false;
    int64_t drop = n_bits > width ? n_bits - width : 0;
    for (; q < end; q++) {
        int32_t bits[4];
        if (*q == '_') continue;
        int32_t n = digit_bits(*q, per, bits);
        if (!n) {
            p->doc->n_refs = first;
            goto bad;
        }
        for (int32_t i = 0; i < n; i++) {
            if (drop) drop--;
            else if (!weft_i_verilog_put_ref(p, bits[i], 0, 0)) return false;
        }
    }
    weft_i_verilog_next(p);
    return true;
bad:
    weft_i_verilog_complain(p, "verilog-constant", "cannot read the constant");
    return false;
}

static bool net_ref(weft_i_verilog_parser_t *p)
{
    int32_t name = weft_i_verilog_intern(p);
    int64_t msb, lsb;
    weft_i_verilog_next(p);
    if (p->kind != '[') return weft_i_verilog_put_ref(p, name, WEFT_VERILOG_WHOLE, WEFT_VERILOG_WHOLE);
    weft_i_verilog_next(p);
    if (!weft_i_verilog_number(p, &msb)) return false;
    lsb = msb;
    if (p->kind == ':') {
        weft_i_verilog_next(p);
        if (!weft_i_verilog_number(p, &lsb)) return false;
    }
    return weft_i_verilog_expect(p, ']', "']' expected") && weft_i_verilog_put_ref(p, name, (int32_t)msb, (int32_t)lsb);
}

bool weft_i_verilog_expression(weft_i_verilog_parser_t *p)
{
    enum { DEEPEST = 64 };
    struct { int32_t start, times; } open[DEEPEST];
    int32_t depth = 0;
    for (;;) {
        if (p->kind == '{') {
            if (depth == DEEPEST) {
                weft_i_verilog_complain(p, "verilog-syntax", "concatenations nested too deep");
                return false;
            }
            open[depth].start = p->doc->n_refs;
            open[depth++].times = 1;
            weft_i_verilog_next(p);
            if (p->kind == '0') { /* maybe a replication */
                const char *q = p->at;
                int64_t n;
                weft_i_scan_t saved = p->s;
                weft_i_verilog_parser_t before = *p;
                if (weft_i_parse_int(&q, p->at + p->length, &n) && q == p->at + p->length) {
                    weft_i_verilog_next(p);
                    if (p->kind == '{') {
                        if (depth == DEEPEST || n > 65536) {
                            weft_i_verilog_complain(p, "verilog-syntax", "replication too large");
                            return false;
                        }
                        open[depth].start = p->doc->n_refs;
                        open[depth++].times = (int32_t)n;
                        weft_i_verilog_next(p);
                    } else {
                        p->s = saved;
                        p->at = before.at;
                        p->length = before.length;
                        p->line = before.line;
                        p->kind = before.kind;
                        p->escaped = before.escaped;
                    }
                }
            }
            continue;
        }
        if (p->kind == 'n') {
            if (!net_ref(p)) return false;
        } else if (p->kind == '0') {
            if (!constant(p)) return false;
        } else {
            weft_i_verilog_complain(p, "verilog-syntax", "a net, a constant or '{' expected");
            return false;
        }
        while (depth && p->kind == '}') {
            int32_t start = open[--depth].start, n = p->doc->n_refs - start;
            if ((int64_t)n * open[depth].times > WEFT_I_VERILOG_MOST_BITS) {
                weft_i_verilog_complain(p, "verilog-syntax", "replication too large");
                return false;
            }
            for (int32_t k = 1; k < open[depth].times; k++)
                for (int32_t i = 0; i < n; i++) {
                    weft_verilog_ref_t r = p->doc->ref[start + i];
                    if (!weft_i_verilog_put_ref(p, r.name, r.msb, r.lsb)) return false;
                }
            weft_i_verilog_next(p);
        }
        if (!depth) return true;
        if (!weft_i_verilog_expect(p, ',', "',' or '}' expected")) return false;
    }
}
