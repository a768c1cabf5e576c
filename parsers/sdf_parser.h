/* parsers/sdf_parser.h: what the parts of the SDF parser share: the current token and how deep in parentheses it lies. Functions that return bool say
 * false after they have complained, or once memory is out (out_of_memory). */
#ifndef WEFT_PARSERS_SDF_PARSER_H
#define WEFT_PARSERS_SDF_PARSER_H
#include "parsers/scan.h"
#include "weft/sdf.h"

#include <string.h>
#include <strings.h>

typedef struct weft_i_sdf_parser {
    weft_i_scan_t s;
    weft_sdf_t *doc;
    int64_t cell_cap, entry_cap, value_cap, text_cap;
    char *text;
    char divider;
    bool out_of_memory, ended; /* ended: the text's end came early, and that was told */
    /* the current token */
    const char *at;
    int32_t length, line, depth; /* depth: parentheses open behind it */
    char kind; /* 'w' word, 's' string, '(' or ')', 0 end */
} weft_i_sdf_parser_t;

/* sdf_tokens.c */
void weft_i_sdf_next(weft_i_sdf_parser_t *p);
void weft_i_sdf_complain(weft_i_sdf_parser_t *p, const char *id, const char *what); /* at the current token */
void weft_i_sdf_leave(weft_i_sdf_parser_t *p, int32_t group); /* behind the ')' of the group that opened to this depth */
/* Into the next group inside the current one, at its first token; false behind the ')' of the current one, and at the end. */
bool weft_i_sdf_group(weft_i_sdf_parser_t *p, int32_t *group);
bool weft_i_sdf_text(weft_i_sdf_parser_t *p, int64_t *n, const char *a, int32_t length); /* appends to text, without backslashes */
int32_t weft_i_sdf_name(weft_i_sdf_parser_t *p, bool is_path); /* the current token, interned; of a path the divider becomes '/' */
/* The values up to the ')' of the group, appended to the document's. */
bool weft_i_sdf_values(weft_i_sdf_parser_t *p, uint8_t *n);

/* The current token is this keyword; SDF's are blind to case. */
static inline bool weft_i_sdf_is(const weft_i_sdf_parser_t *p, const char *word)
{
    return p->kind == 'w' && (size_t)p->length == strlen(word) && !strncasecmp(p->at, word, (size_t)p->length);
}
static inline bool weft_i_sdf_more(const weft_i_sdf_parser_t *p) { return !p->out_of_memory && !p->ended && p->s.n_errors < p->s.max_errors; }
#endif
