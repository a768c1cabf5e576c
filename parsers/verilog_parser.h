/* parsers/verilog_parser.h: what the parts of the Verilog parser share: the current token, and where refs go. Every function that returns bool says false
 * after it has complained, or once memory is out (out_of_memory). */
#ifndef WEFT_PARSERS_VERILOG_PARSER_H
#define WEFT_PARSERS_VERILOG_PARSER_H
#include "parsers/scan.h"
#include "weft/verilog.h"

#include <string.h>

typedef struct weft_i_verilog_parser {
    weft_i_scan_t s;
    weft_verilog_t *doc;
    int64_t module_cap, port_cap, net_cap, inst_cap, conn_cap, ref_cap, assign_cap;
    bool out_of_memory;
    /* the current token */
    const char *at;
    int32_t length, line;
    char kind; /* 'n' name, '0' number, 's' string, 0 end, else the character */
    bool escaped;
} weft_i_verilog_parser_t;

enum { WEFT_I_VERILOG_MOST_BITS = 1 << 20 };

/* verilog_tokens.c */
void weft_i_verilog_next(weft_i_verilog_parser_t *p);
void weft_i_verilog_complain(weft_i_verilog_parser_t *p, const char *id, const char *what); /* at the current token */
void weft_i_verilog_resync(weft_i_verilog_parser_t *p); /* behind the next ';' (or before endmodule) */
bool weft_i_verilog_expect(weft_i_verilog_parser_t *p, char c, const char *what);
bool weft_i_verilog_number(weft_i_verilog_parser_t *p, int64_t *v);
int32_t weft_i_verilog_intern(weft_i_verilog_parser_t *p); /* the current token's name */

/* The current token is this keyword. */
static inline bool weft_i_verilog_is(const weft_i_verilog_parser_t *p, const char *word)
{
    return p->kind == 'n' && !p->escaped && (size_t)p->length == strlen(word) && !memcmp(p->at, word, (size_t)p->length);
}

/* verilog_expression.c */
bool weft_i_verilog_put_ref(weft_i_verilog_parser_t *p, int32_t name, int32_t msb, int32_t lsb);
/* An expression made of nets, constants, {..} and n{..}; refs are appended. */
bool weft_i_verilog_expression(weft_i_verilog_parser_t *p);
#endif
