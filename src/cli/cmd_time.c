/* cli/cmd_time.c: weft time: the slacks of a design with the wires it has. */
#include "cli/cli.h"

int cmd_time(int argc, char **argv) { return cli_timing_run(cli_verb("time"), false, argc, argv); }
