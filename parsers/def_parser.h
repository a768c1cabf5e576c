/* parsers/def_parser.h: what the files that read DEF share. */
#ifndef WEFT_PARSERS_DEF_PARSER_H
#define WEFT_PARSERS_DEF_PARSER_H
#include "parsers/words.h"
#include "weft/def.h"

typedef struct weft_i_def_parser {
    weft_i_scan_t s;
    weft_def_t *doc;
    int64_t component_cap, pin_cap, block_cap, net_cap, conn_cap, wire_cap, text_cap;
    char *text;
    bool out_of_memory, ended; /* ended: the statement's ';' was seen */
} weft_i_def_parser_t;

static inline bool weft_i_def_is_char(const weft_i_word_t *w, char c) { return w->n == 1 && *w->p == c; }
static inline bool weft_i_def_stop(const weft_i_def_parser_t *p) { return p->out_of_memory || p->s.n_errors >= p->s.max_errors; }

/* def_words.c. A name's id, its backslashes taken off; -1: no memory. */
int32_t weft_i_def_intern(weft_i_def_parser_t *p, const weft_i_word_t *w);
/* The next word of the statement; false at its ';' or (told) at the end of the file. */
bool weft_i_def_next(weft_i_def_parser_t *p, weft_i_word_t *w);
/* To behind the statement's ';'. */
void weft_i_def_finish(weft_i_def_parser_t *p);
/* After '(' was read: x y [extension] ')'; '*' keeps what x or y was. */
bool weft_i_def_point(weft_i_def_parser_t *p, int32_t *x, int32_t *y);
bool weft_i_def_point_at(weft_i_def_parser_t *p, int32_t *x, int32_t *y); /* with its '(' */
uint8_t weft_i_def_orientation(const weft_i_word_t *w);                   /* weft_orient_t; N for what is none */

/* def_net.c: an item of NETS, behind its '-'. */
void weft_i_def_net(weft_i_def_parser_t *p);
#endif
