/* circuit/sdc_call.h: one SDC command as it runs in the child: its options, and objects as tokens. A collection is a Tcl list of
 * tokens: "@p12" a pin or port, "@i3" an instance, "@n4" a net, "@c0" a clock, "@l7" a library cell, "@L9" a port of one. Plain names
 * are accepted wherever objects are. The child's memory is left to the system; where there is none it aborts and the parent tells. */
#ifndef WEFT_CIRCUIT_SDC_CALL_H
#define WEFT_CIRCUIT_SDC_CALL_H
#include "circuit/sdc_commands.h"

typedef struct weft_i_seen { int place; const char *value; } weft_i_seen_t;

typedef struct weft_i_call {
    weft_i_sdc_child_t *c;
    weft_i_sdc_run_t *run;
    const char *name;
    int argc;
    const char *const *argv;
    const char *option[32]; /* values of the options asked for, by place, the last where one repeats; "" for a flag that is there */
    weft_i_seen_t *seen;    /* options in the order given */
    int n_seen;
    const char *plain[8];
    int n_plain;
} weft_i_call_t;

/* options: words separated by blanks; a flag ends in '!'. Unique prefixes count. False after an error was told. */
bool weft_i_call_options(weft_i_call_t *k, const char *options);
/* NaN after an error was told. */
double weft_i_call_number(weft_i_call_t *k, const char *text);
void weft_i_call_ignored(weft_i_call_t *k, const char *what);

/* realloc that ends the child where memory is out. */
void *weft_i_child_grown(void *p, size_t size);

typedef struct weft_i_tokens { char *text; size_t n, room; int32_t count; } weft_i_tokens_t;
void weft_i_tokens_put(weft_i_tokens_t *l, char kind, int32_t id);
bool weft_i_token_parse(const char *text, char *kind, int32_t *id);
/* The full name of a token, in a buffer of the child's (the last four answers stay). */
const char *weft_i_token_name(const weft_i_sdc_child_t *c, char kind, int32_t id);
/* How names are matched: -regexp, -nocase, -hierarchical. NULL: globs on full names. */
typedef struct weft_i_match { bool regexp, nocase, hierarchical; } weft_i_match_t;
/* Adds what matches the pattern in the first of the kinds that has any: P port, p pin, i, n, c, l, L. */
void weft_i_call_match(weft_i_call_t *k, const char *pattern, const char *kinds, const weft_i_match_t *how, weft_i_tokens_t *out);
bool weft_i_glob(const char *pattern, const char *text);

typedef struct weft_i_object_ids { int32_t n; struct { char kind; int32_t id; } *at; } weft_i_object_ids_t; /* free(at) */
/* Objects of an argument: tokens, and names looked up in the kinds given, nested lists too. Tells of what matches nothing. */
weft_i_object_ids_t weft_i_call_resolve(weft_i_call_t *k, const char *text, const char *kinds);
/* One "S" record per object of `text` (NULL: the design); object, file and line of *s are not read. */
void weft_i_call_setting(weft_i_call_t *k, const weft_setting_t *s, const char *text, const char *kinds);
static inline int weft_i_call_edges(const char *rise, const char *fall) { return rise || fall ? (rise ? 1 : 0) | (fall ? 2 : 0) : 3; }
static inline int weft_i_call_minmax(const char *min, const char *max) { return min || max ? (min ? 1 : 0) | (max ? 2 : 0) : 3; }
int weft_i_object_kind(char kind); /* weft_object_kind_t of a token's letter */

/* One row of the command table; each file of commands has a table that ends with a NULL name. */
typedef struct weft_i_sdc_row { const char *name; void (*run)(weft_i_call_t *); } weft_i_sdc_row_t;
extern const weft_i_sdc_row_t weft_i_sdc_queries[], weft_i_sdc_clocks[], weft_i_sdc_paths[], weft_i_sdc_environment[];
#endif
