/* cli/circuit_verbs.h: the timing forms of train, finetune and eval on routed circuits; argv[0]: timing. */
#ifndef WEFT_CLI_CIRCUIT_VERBS_H
#define WEFT_CLI_CIRCUIT_VERBS_H
#include "cli/cli.h"

int cli_train_circuits(const cli_verb_t *verb, int argc, char **argv);
int cli_finetune_circuits(const cli_verb_t *verb, int argc, char **argv);
int cli_eval_circuits(const cli_verb_t *verb, int argc, char **argv);
bool cli_names_dataset(int argc, char **argv); /* --dataset stands among them */
#endif
