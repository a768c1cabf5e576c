/* cli/train_report.h: what weft train graph says when its runs are done. */
#ifndef WEFT_CLI_TRAIN_REPORT_H
#define WEFT_CLI_TRAIN_REPORT_H
#include "weft/train.h"

#include <stdio.h>

typedef struct train_total { double mean, std, val, seconds; } train_total_t; /* test value's mean and deviation, validation's mean, sum of seconds */
typedef struct train_report { const char *set, *model, *split, *metric; int32_t runs; uint64_t seed; train_total_t total; } train_report_t;

train_total_t cli_train_total(const weft_run_t *run, int32_t n);
/* One object: the report, the options by name, each run. Numbers that are none are null. */
void cli_train_json(FILE *f, const train_report_t *report, const weft_train_options_t *options, const weft_run_t *run);
#endif
