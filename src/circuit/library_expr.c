/* circuit/library_expr.c: Liberty's boolean expressions: NOT (! and '), XOR ^, AND (& * or a blank), OR (| +), in that order of
 * strength; parsed with two explicit stacks, evaluated with three values. */
#include "base/alloc.h"
#include "circuit/library_build.h"

#include <string.h>

enum { DEEPEST = 512 };

static int32_t node(weft_i_lib_build_t *b, uint8_t op, int32_t x, int32_t y)
{
    weft_library_t *l = b->lib;
    if (!WEFT_I_ROOM(l->expr, b->expr_cap, l->n_exprs + 1)) {
        b->out_of_memory = true;
        return -1;
    }
    l->expr[l->n_exprs] = (weft_expr_t){op, x, y};
    return l->n_exprs++;
}

typedef struct stacks { char op[DEEPEST]; int32_t value[DEEPEST]; int32_t n_ops, n_values; bool bad; } stacks_t;

static int strength(char op) { return op == '!' ? 4 : op == '^' ? 3 : op == '&' ? 2 : op == '|' ? 1 : 0; }

static void reduce(weft_i_lib_build_t *b, stacks_t *s)
{
    char op = s->op[--s->n_ops];
    int32_t need = op == '!' ? 1 : 2;
    if (s->n_values < need) {
        s->bad = true;
        return;
    }
    int32_t y = s->value[--s->n_values], x = need == 2 ? s->value[--s->n_values] : -1;
    s->value[s->n_values++] = op == '!' ? node(b, WEFT_EXPR_NOT, y, -1)
                            : node(b, op == '^' ? WEFT_EXPR_XOR : op == '&' ? WEFT_EXPR_AND : WEFT_EXPR_OR, x, y);
}

static void push_op(weft_i_lib_build_t *b, stacks_t *s, char op)
{
    while (op != '!' && s->n_ops && !s->bad && strength(s->op[s->n_ops - 1]) >= strength(op)) reduce(b, s);
    if (s->n_ops == DEEPEST) s->bad = true;
    else s->op[s->n_ops++] = op;
}

static void push_value(stacks_t *s, int32_t v)
{
    if (s->n_values == DEEPEST) s->bad = true;
    else s->value[s->n_values++] = v;
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '[' || c == ']' || c == '.' || c == '$' || c == '<' || c == '>';
}

int32_t weft_i_lib_expr(weft_i_lib_build_t *b, const weft_i_lib_doc_t *d, int32_t cell, const weft_liberty_item_t *x)
{
    const char *p = x->text, *end = p + x->text_length;
    stacks_t s = {.n_ops = 0};
    bool operand = false; /* the last thing read can stand left of an operator */
    if (x->text_length > 8192) s.bad = true; /* depth follows length; eval walks it */
    const char *unknown = NULL;
    int32_t unknown_length = 0;
    while (p < end && !s.bad) {
        char c = *p;
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\\' || c == '"') {
            p++;
            continue;
        }
        bool starts = c == '(' || c == '!' || c == '~' || name_char(c);
        if (starts && operand) push_op(b, &s, '&'); /* a blank is an AND */
        if (c == '(') {
            if (s.n_ops == DEEPEST) s.bad = true;
            else s.op[s.n_ops++] = '(';
            operand = false;
            p++;
        } else if (c == ')') {
            while (s.n_ops && s.op[s.n_ops - 1] != '(' && !s.bad) reduce(b, &s);
            if (!s.n_ops) s.bad = true;
            else s.n_ops--;
            operand = true;
            p++;
        } else if (c == '!' || c == '~') {
            push_op(b, &s, '!');
            operand = false;
            p++;
        } else if (c == '\'') {
            while (s.n_ops && s.op[s.n_ops - 1] == '!' && !s.bad) reduce(b, &s);
            if (!operand || !s.n_values) s.bad = true;
            else s.value[s.n_values - 1] = node(b, WEFT_EXPR_NOT, s.value[s.n_values - 1], -1);
            p++;
        } else if (c == '&' || c == '*' || c == '|' || c == '+' || c == '^') {
            if (!operand) s.bad = true;
            push_op(b, &s, c == '*' ? '&' : c == '+' ? '|' : c);
            operand = false;
            p++;
            if (p < end && *p == c && (c == '&' || c == '|')) p++;
        } else if (name_char(c)) {
            const char *a = p;
            while (p < end && name_char(*p)) p++;
            int32_t length = (int32_t)(p - a);
            if (length == 1 && (*a == '0' || *a == '1')) push_value(&s, node(b, *a == '1' ? WEFT_EXPR_ONE : WEFT_EXPR_ZERO, -1, -1));
            else {
                int32_t port = weft_library_find_port(b->lib, cell, a, (size_t)length);
                if (port < 0) {
                    unknown = a;
                    unknown_length = length;
                }
                push_value(&s, node(b, WEFT_EXPR_PORT, port, -1));
            }
            operand = true;
        } else s.bad = true;
    }
    while (s.n_ops && !s.bad) {
        if (s.op[s.n_ops - 1] == '(') s.bad = true;
        else reduce(b, &s);
    }
    if (b->out_of_memory) return -1; /* some child may be missing */
    if (!s.bad && !unknown && s.n_values == 1) return s.value[0];
    if (unknown)
        weft_diag_add(b->diag, WEFT_WARNING, "liberty-expression", d->path, x->line, 0, "%.*s is no pin of cell %s", unknown_length, unknown,
                      weft_names_text(b->lib->names, b->lib->cell[cell].name));
    else weft_diag_add(b->diag, WEFT_WARNING, "liberty-expression", d->path, x->line, 0, "cannot read \"%.*s\"", x->text_length > 80 ? 80 : x->text_length, x->text);
    return -1;
}

/* Children have smaller ids than their parent (they are made first), so depth is bounded by the parser's stack. */
static uint8_t eval(const weft_library_t *l, int32_t e, int32_t first, const uint8_t *v)
{
    const weft_expr_t *x = &l->expr[e];
    uint8_t a, b;
    switch (x->op) {
    case WEFT_EXPR_ZERO: return 0;
    case WEFT_EXPR_ONE: return 1;
    case WEFT_EXPR_PORT: return v[x->a - first];
    case WEFT_EXPR_NOT: a = eval(l, x->a, first, v); return a == 2 ? 2 : !a;
    case WEFT_EXPR_AND:
        a = eval(l, x->a, first, v);
        b = eval(l, x->b, first, v);
        return a == 0 || b == 0 ? 0 : a == 1 && b == 1 ? 1 : 2;
    case WEFT_EXPR_OR:
        a = eval(l, x->a, first, v);
        b = eval(l, x->b, first, v);
        return a == 1 || b == 1 ? 1 : a == 0 && b == 0 ? 0 : 2;
    default:
        a = eval(l, x->a, first, v);
        b = eval(l, x->b, first, v);
        return a == 2 || b == 2 ? 2 : a ^ b;
    }
}

uint8_t weft_expr_eval(const weft_library_t *library, int32_t expr, int32_t first_port, const uint8_t *value_of)
{
    return eval(library, expr, first_port, value_of);
}

bool weft_i_expr_uses(const weft_library_t *l, int32_t e, int32_t port)
{
    if (e < 0) return false;
    const weft_expr_t *x = &l->expr[e];
    if (x->op == WEFT_EXPR_PORT) return x->a == port;
    if (x->op <= WEFT_EXPR_ONE) return false;
    return weft_i_expr_uses(l, x->a, port) || (x->op != WEFT_EXPR_NOT && weft_i_expr_uses(l, x->b, port));
}

uint8_t weft_i_expr_sense(const weft_library_t *l, int32_t function, int32_t port, int32_t first, int32_t n_ports)
{
    int32_t other[16], n = 0;
    if (function < 0 || n_ports > 256) return WEFT_NON_UNATE;
    uint8_t v[256];
    memset(v, 2, sizeof v);
    for (int32_t p = first; p < first + n_ports; p++)
        if (p != port && weft_i_expr_uses(l, function, p)) {
            if (n == 12) return WEFT_NON_UNATE;
            other[n++] = p;
        }
    bool up = false, down = false;
    for (int32_t m = 0; m < 1 << n; m++) {
        for (int32_t i = 0; i < n; i++) v[other[i] - first] = m >> i & 1;
        v[port - first] = 0;
        uint8_t a = eval(l, function, first, v);
        v[port - first] = 1;
        uint8_t b = eval(l, function, first, v);
        up |= a == 0 && b == 1;
        down |= a == 1 && b == 0;
    }
    return up == down ? WEFT_NON_UNATE : up ? WEFT_POSITIVE_UNATE : WEFT_NEGATIVE_UNATE;
}
