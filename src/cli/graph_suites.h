/* cli/graph_suites.h: what weft bench graph trains, and what is known from elsewhere. */
#ifndef WEFT_CLI_GRAPH_SUITES_H
#define WEFT_CLI_GRAPH_SUITES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct suite_row {
    const char *suite, *sets, *models; /* names separated by spaces: every set with every model */
    const char *split, *preset;        /* NULL: the default */
    const char *settings;              /* "key=value ..", or NULL */
    int32_t runs;
    bool stated;                       /* with the stated defaults, as a set that no table knows */
} suite_row_t;
extern const suite_row_t suite_rows[]; /* ended by suite NULL */

typedef struct published {
    const char *set, *split, *model, *preset; /* split and preset NULL: the default */
    double mean, std;      /* percent; std 0: none is printed there; mean 0: none is known */
    double mark;           /* what this project asks of itself, 0: nothing */
    const char *source;    /* ends in "(recalled)": as commonly cited, the table itself was not read again for this one */
} published_t;
const published_t *cli_published(const char *set, const char *split, const char *model, const char *preset); /* NULL: none */
#endif
