/* cli/training.h: what the verbs that train graph models share: their common options, the name of a set, the plan, the command for the record. */
#ifndef WEFT_CLI_TRAINING_H
#define WEFT_CLI_TRAINING_H
#include "cli/cli.h"
#include "weft/train.h"

typedef struct cli_settings { const char *key[64]; int32_t n; } cli_settings_t; /* KEY=VALUE, as given */
bool cli_take_setting(cli_settings_t *to, const char *verb, const char *value); /* false: too many, told under the verb's name */
weft_status_t cli_apply_settings(const cli_settings_t *s, weft_train_options_t *o, weft_diag_t *diag);

/* Begins each structure that these options are read into; .verb, .runs and .model by the caller. */
typedef struct cli_training {
    const char *verb, *dataset, *model, *json, *log, *plot;
    cli_settings_t settings;
    int32_t runs;
    int64_t seed, max_memory;
    bool quiet, plan;
} cli_training_t;
bool cli_take_dataset(void *training, const char *value); /* these three for rows of the verb's own */
bool cli_take_model(void *training, const char *value);
bool cli_take_set(void *training, const char *value);
extern const cli_option_t cli_training_options[]; /* --seed --json --log --plot --threads --plan --max-memory --quiet, --runs */

/* The last name of a path. */
const char *cli_base_name(const char *path, char *to, size_t size);
/* One line: what a plan asks for. */
void cli_tell_plan(const char *what, const weft_plan_t *p);
/* A command as a file may keep it: folders, which are nobody's business, are cut off. */
void cli_command_line(char *to, size_t size, const char *head, int argc, char **argv);
#endif
