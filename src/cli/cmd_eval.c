/* cli/cmd_eval.c: weft eval timing, graph, scenes: models against the truth. */
#include "cli/circuit_verbs.h"
#include "cli/time21_run.h"

#include <string.h>

int cmd_eval(int argc, char **argv)
{
    const cli_verb_t *verb = cli_verb("eval");
    if (argc > 1 && !strcmp(argv[1], "timing")) return (cli_names_dataset(argc, argv) ? cli_eval_timing : cli_eval_circuits)(verb, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "scenes")) return cli_eval_scenes(verb, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "graph")) return cli_eval_graph(verb, argc - 1, argv + 1);
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) return cli_eval_timing(verb, argc, argv);
    fprintf(stderr, "weft eval: what to evaluate must follow: weft eval timing, weft eval graph, weft eval scenes\n");
    return EXIT_USAGE;
}
