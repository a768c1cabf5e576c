/* cli/annotate.h: the subverbs of weft annotate and what they share. */
#ifndef WEFT_CLI_ANNOTATE_H
#define WEFT_CLI_ANNOTATE_H
#include "cli/cli.h"
#include "cli/json_out.h"
#include "weft/annotate.h"

enum { ANNOTATE_MOST_SET = 1000 };
typedef struct annotate_args {
    const char *session, *data, *format, *model, *json, *recording, *from, *out, *plot, *set[ANNOTATE_MOST_SET];
    int32_t n_set;
    weft_select_t select;
    int64_t seed, frame, frames, budget, batch, steps;
    double grow;
    bool truth, off, guesses, threads;
    int propagate; /* -1: not said */
} annotate_args_t;
typedef weft_status_t (*annotate_fn)(const annotate_args_t *a, weft_diag_t *diag);
typedef struct annotate_verb { cli_verb_t about; const char *takes; annotate_fn run; } annotate_verb_t; /* takes: names of its options */

weft_status_t annotate_init(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_suggest(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_label(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_undo(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_update(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_propagate(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_report(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_export(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_page(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_recover(const annotate_args_t *a, weft_diag_t *diag);
weft_status_t annotate_simulate(const annotate_args_t *a, weft_diag_t *diag);

void annotate_one_thread(const annotate_args_t *a);
static inline const char *annotate_s(int64_t n) { return n == 1 ? "" : "s"; } /* 1 label, 2 labels */
static inline bool annotate_speaks(const annotate_args_t *a) { return !a->json || a->json[0] != '-' || a->json[1]; } /* words on stdout */
#endif
