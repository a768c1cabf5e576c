/* cli/main.c: the table of verbs. */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const cli_verb_t cli_verbs[] = {
    {"time", "Static timing analysis: setup and hold slack of every endpoint, with parasitics where SPEF is given.",
     "--lib L.. --verilog V.. [--top T] --sdc S.. [--spef P..] [--lef F.. --def D [--model M]] [options]", cmd_time},
    {"predict", "Slack before routing: every endpoint's setup and hold slack from a placed design, with the wires a model expects.",
     "--lib L.. --lef F.. --verilog V.. --def D --sdc S.. [--model M] [--truth-spef P] [options]", cmd_predict},
    {"explain", "Why an endpoint's slack is what it is: its worst path, and of every stage what physics says, what the wire model corrects, and how sure that is.",
     "--endpoint NAME [--check setup|hold] --lib L.. --lef F.. --verilog V.. --def D --sdc S.. [--model M] [--json FILE]", cmd_explain},
    {"calibrate", "Fits a wire model to routed designs, or a model's offsets to one routed design of your own flow.",
     "--out M (--data DIR.. | --lib L.. --lef F.. --verilog V.. --def D --truth-spef P.. [--model BASE])", cmd_calibrate},
    {"link", "What of each file found its place in the design, what did not, and what it may have meant.", "--lib L.. --verilog V.. [--sdc S..] [--spef P..] [--sdf F..] [--lef F.. --def D] [--constraints] [--json FILE]", cmd_link},
    {"info", "What a file is, by its content, and its main counts.", "FILE [--json FILE]\n       weft info model NAME [--preset NAME] [--set KEY=VALUE ..] [--json FILE]", cmd_info},
    {"extract", "Parasitics from the routed wires of a DEF and the constants of the LEF, as SPEF.", "--lef L.. --def ROUTED --write-spef S [--via-ohm OHM]", cmd_extract},
    {"dataset", "Graph data sets: those known by name, what is in one, any as npz; routed designs as one file; random graphs, made-up desk scenes.", "list | info DIR|NAME|FILE | build --data DIR.. --out FILE.safetensors | import SRC --out FILE.npz | generate --form er|ba|ws|sbm --out FILE | scenes --recordings R --frames N --seed S --out DIR", cmd_dataset},
    {"bench", "Times training epochs of a graph network on a random graph, and the sparse product in it; or (graph) the table of data sets x models beside published numbers.",
     "attention --kind K [--nodes N] [--dims D] [--json FILE]\n       weft bench encoding --kind K [--nodes N] [--shape S] [--k K] [--json FILE]\n       weft bench gcn|gat|gine|plaplacian [--nodes N] [--edges E] [--dims A,B,..] [options]\n       weft bench graph [--suite NAME] [--sets A,B,..] [--models A,B,..] [--store FILE] [options]", cmd_bench},
    {"train", "Trains a graph network on a data set over several seeds (the epoch with the best validation value counts), or a timing model.",
     "graph --dataset NAME|DIR --model M [--set KEY=VALUE ..] [options]\n       weft train link --dataset NAME|DIR [--model M] [--set KEY=VALUE ..] [options]\n       weft train timing --data DIR.. [--model hybrid|trees|mlp] [--folds K] --out W [options]\n       weft train timing --dataset time21 --data DIR --model hybrid|timinggcn|preroutgnn --out W [options]", cmd_train},
    {"finetune", "Adapts a trained graph transformer to another data set: its layers stay, the input's maps, the head and small adapters learn; or a wire model to routed designs of one flow.",
     "graph --from W --dataset NAME|DIR [--adapter none|plain|p] [--all] [--set KEY=VALUE ..] [options]\n       weft finetune timing [--model W] (--data DIR.. | --lib L.. --lef F.. --verilog V.. --def D --truth-spef P..) --out W2", cmd_finetune},
    {"pretrain", "Trains preroutgnn's graph auto-encoder, which needs no labels.", "timing --dataset time21 --data DIR --out FILE [options]", cmd_pretrain},
    {"eval", "Scores a model against the truth: a timing model, beside the plain timing engine, or a stored graph model.", "timing --data DIR.. [--model W | --fold-models PREFIX.csv] [--design D] [--json FILE]\n       weft eval timing --dataset time21 --data DIR [--design D] [--model M|FILE] [--out DIR] [options]\n       weft eval graph --model W --dataset NAME|DIR [--split NAME] [--json FILE]\n       weft eval scenes --data DIR --model impn|mlp|gcn|gat|tracks|oracle [--runs N] [--json FILE]", cmd_eval},
    {"apply", "A trained graph model on new data.", "--model W --graph NAME|DIR --out pred.npy [--embeddings e.npy]", cmd_apply},
    {"annotate", "Labelling boxes with a model in the loop: a session that no kill can harm, questions worth asking, learning from few answers.",
     "init|suggest|label|undo|update|propagate|report|export|page|recover|simulate [options]", cmd_annotate},
    {NULL, NULL, NULL, NULL}};

const cli_verb_t *cli_verb(const char *name)
{
    const cli_verb_t *v = cli_verbs;
    while (v->name && strcmp(v->name, name)) v++;
    return v;
}

static void help(FILE *f)
{
    fprintf(f, "usage: weft VERB [options]   (weft VERB --help tells more)\n\n");
    for (const cli_verb_t *v = cli_verbs; v->name; v++) fprintf(f, "  %-10s %s\n", v->name, v->summary);
    fprintf(f, "\n  --version  --help\n\nexit: 0 done, 1 input wrong, 2 usage, 3 resources, or stopped by Ctrl-C, 4 a check asked for has failed\n");
}

/* libgomp's threads spin for a millisecond at every barrier before they sleep, which on a busy machine makes two threads slower than one. It reads
 * its environment before main, so a run without a say of the user's starts itself anew with a short spin. */
static void wait_politely(char **argv)
{
    if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY") || setenv("GOMP_SPINCOUNT", "4000", 0)) return;
    execv("/proc/self/exe", argv); /* where that fails, nothing is lost but politeness */
}

int main(int argc, char **argv)
{
    wait_politely(argv);
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        help(stdout);
        return EXIT_DONE;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("weft %s\n", weft_version());
        return EXIT_DONE;
    }
    for (const cli_verb_t *v = cli_verbs; v->name; v++)
        if (!strcmp(argv[1], v->name)) return v->run(argc - 1, argv + 1);
    fprintf(stderr, "weft: there is no verb %s; weft --help lists them\n", argv[1]);
    return EXIT_USAGE;
}
