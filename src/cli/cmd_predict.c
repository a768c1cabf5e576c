/* cli/cmd_predict.c: weft predict: the slacks that routing will leave. */
#include "cli/cli.h"

int cmd_predict(int argc, char **argv) { return cli_timing_run(cli_verb("predict"), true, argc, argv); }
