/* parsers/spef_parser.h: the state of one SPEF parser, over a whole text or a part of it. */
#ifndef WEFT_PARSERS_SPEF_PARSER_H
#define WEFT_PARSERS_SPEF_PARSER_H
#include "parsers/scan.h"
#include "weft/spef.h"

typedef struct weft_i_spef_parser {
    weft_i_scan_t s;
    weft_spef_t *doc;
    int64_t map_cap, net_cap, conn_cap, cap_cap, res_cap, text_cap;
    int32_t *map, n_map; /* index -> name id, -1: a hole */
    char *text;
    char delimiter;
    int32_t section;     /* what the line before belongs to */
    bool out_of_memory;
    bool is_part;        /* names are indices of the map, or -1 - id of one of doc's own */
    bool foreign, commented; /* a line that speaks of the whole file, a block comment was met: parts may hold neither */
} weft_i_spef_parser_t;

/* spef.c */
WEFT_MUST_CHECK weft_status_t weft_i_spef_start(weft_i_spef_parser_t *p, const char *data, size_t size, const char *file, weft_diag_t *diag);
void weft_i_spef_lines(weft_i_spef_parser_t *p);
void weft_i_spef_end(weft_i_spef_parser_t *p); /* complains of a net that is not closed */
void weft_i_spef_done(weft_i_spef_parser_t *p);

/* The document read in up to n parts, cut at *D_NET, on all threads: the same bits as one parser makes. NULL: it cannot be (an error in the text, memory),
 * and one parser must tell why. spef_parts.c */
weft_spef_t *weft_i_spef_parts(const char *data, size_t size, const char *file, int32_t n);
#endif
