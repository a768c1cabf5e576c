/* cli/cmd_dataset.c: weft dataset: what there is, and what is in a set. */
#include "cli/cli.h"
#include "weft/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct set_row { const char *name, *task, *metric, *split, *source; } set_row_t;
static const set_row_t catalogue[] = {
    {"cora", "node classes", "accuracy", "public, geom", "Sen et al. 2008; split of Yang et al. 2016"},
    {"citeseer", "node classes", "accuracy", "public, geom", "Sen et al. 2008; split of Yang et al. 2016"},
    {"pubmed", "node classes", "accuracy", "public, geom", "Namata et al. 2012; split of Yang et al. 2016"},
    {"chameleon", "node classes", "accuracy", "default (10)", "Rozemberczki et al. 2021; splits of Pei et al. 2020"},
    {"squirrel", "node classes", "accuracy", "default (10)", "Rozemberczki et al. 2021; splits of Pei et al. 2020"},
    {"chameleon-filtered", "node classes", "accuracy", "default (10)", "Platonov et al. 2023"},
    {"squirrel-filtered", "node classes", "accuracy", "default (10)", "Platonov et al. 2023"},
    {"actor", "node classes", "accuracy", "default (10)", "Tang et al. 2009; Pei et al. 2020"},
    {"texas", "node classes", "accuracy", "default (10)", "WebKB; Pei et al. 2020"},
    {"cornell", "node classes", "accuracy", "default (10)", "WebKB; Platonov et al. 2023"},
    {"cornell-geom", "node classes", "accuracy", "default (10)", "WebKB as Pei et al. 2020 have it"},
    {"minesweeper", "node classes", "roc_auc", "default (10)", "Platonov et al. 2023"},
    {"tolokers", "node classes", "roc_auc", "default (10)", "Platonov et al. 2023"},
    {"amazon-computers", "node classes", "accuracy", "tuned", "Shchur et al. 2018; split of Luo et al. 2024"},
    {"coauthor-cs", "node classes", "accuracy", "tuned", "Shchur et al. 2018; split of Luo et al. 2024"},
    {"coauthor-physics", "node classes", "accuracy", "tuned", "Shchur et al. 2018; split of Luo et al. 2024"},
    {"tu-mutag", "graph classes", "accuracy", "default (10 folds)", "Debnath et al. 1991"},
    {"tu-ptc", "graph classes", "accuracy", "default (10 folds)", "Helma et al. 2001"},
    {"tu-enzymes", "graph classes", "accuracy", "default (10 folds)", "Borgwardt et al. 2005; splits of Dwivedi et al. 2023"},
    {"tu-proteins", "graph classes", "accuracy", "default (10 folds)", "Borgwardt et al. 2005"},
    {"tu-imdbbinary", "graph classes", "accuracy", "default (10 folds)", "Yanardag and Vishwanathan 2015"},
    {"tu-nci1", "graph classes", "accuracy", "default (10 folds)", "Wale et al. 2008"},
    {"molhiv-like", "graph classes", "roc_auc", "scaffold", "MoleculeNet HIV (Wu et al. 2018)"},
    {"zinc-like", "graph values", "mae", "default", "ZINC; after Dwivedi et al. 2023"}};

static int list(void)
{
    printf("%-20s %-14s %-10s %-20s %s\n", "set", "task", "metric", "splits", "source");
    for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++)
        printf("%-20s %-14s %-10s %-20s %s\n", catalogue[i].name, catalogue[i].task, catalogue[i].metric, catalogue[i].split, catalogue[i].source);
    printf("\nA set is a folder: give its path, or put its parent into WEFT_DATASETS (folders separated by ':'). Sets that are not listed are read the same way.\n");
    return EXIT_DONE;
}

static void print_splits(const weft_dataset_t *d)
{
    int64_t items = weft_dataset_n_items(d);
    for (int32_t s = 0; s < d->n_splits; s++) {
        int64_t n[4] = {0};
        for (int64_t i = 0; i < items; i++) n[d->split[s].part[i] & 3]++;
        printf("  split %-12s %d variant%s; the first: train %lld, validation %lld, test %lld, unused %lld\n", d->split[s].name, d->split[s].n, d->split[s].n == 1 ? "" : "s", (long long)n[1], (long long)n[2], (long long)n[3],
               (long long)n[0]);
    }
}

static void print_info(const weft_dataset_t *d)
{
    static const char *const task[] = {"a class per node", "a class per graph", "a value per graph"};
    printf("%s: %s, metric %s\n  %lld graph%s, %lld nodes, %lld edges", d->name, task[d->task], d->metric, (long long)d->n_graphs, d->n_graphs == 1 ? "" : "s", (long long)d->n_nodes, (long long)d->n_edges);
    if (d->n_classes) printf(", %d classes", d->n_classes);
    if (!isnan(weft_dataset_homophily(d))) printf(", edge homophily %.4f", weft_dataset_homophily(d));
    printf("\n");
    if (d->x) printf("  features: %lld dense\n", (long long)d->n_features);
    if (d->x_row) printf("  features: %lld, sparse, %lld stored\n", (long long)d->n_features, (long long)d->x_row[d->n_nodes]);
    if (d->n_codes) printf("  node codes: %d column%s\n", d->n_codes, d->n_codes == 1 ? "" : "s");
    if (d->n_edge_codes) printf("  edge codes: %d column%s\n", d->n_edge_codes, d->n_edge_codes == 1 ? "" : "s");
    if (d->n_arcs) printf("  directed arcs: %lld\n", (long long)d->n_arcs);
    print_splits(d);
}

int cmd_dataset(int argc, char **argv)
{
    const cli_verb_t *verb = cli_verb("dataset");
    if (argc == 3 && !strcmp(argv[1], "info") && cli_names_samples(argv[2])) return cli_samples_info(argv[2]);
    if (argc == 3 && !strcmp(argv[1], "info")) {
        weft_dataset_t *d = NULL;
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = weft_dataset_read(&d, argv[2], diag);
        if (status == WEFT_OK) print_info(d);
        weft_diag_print(diag, stderr, WEFT_WARNING);
        weft_diag_free(diag);
        weft_dataset_free(d);
        return cli_exit_code(status);
    }
    if (argc == 2 && !strcmp(argv[1], "list")) return list();
    if (argc > 1 && !strcmp(argv[1], "build")) return cli_dataset_build(verb, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "import")) return cli_dataset_import(verb, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "generate")) return cli_dataset_generate(verb, argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "scenes")) return cli_dataset_scenes(verb, argc - 1, argv + 1);
    if (argc == 2 && !strcmp(argv[1], "--help")) {
        printf("usage: weft dataset %s\n\n%s\n\n  list           the sets whose forms and splits are known by name\n  info DIR|NAME  counts, features, splits of one\n  build          routed designs as one file that weft train timing --data takes (--data DIR --out FILE.safetensors)\n  import SRC     writes any set of one graph as npz (--out FILE.npz)\n  generate       makes a random graph (--form er|ba|ws|sbm --out FILE.npz|FILE.mtx)\n  scenes         makes recordings of desk scenes\nweft dataset build --help, import --help, generate --help and scenes --help tell more\n", verb->usage, verb->summary);
        return EXIT_DONE;
    }
    fprintf(stderr, "weft dataset: list, info DIR|NAME, build --data DIR --out FILE, import SRC --out FILE.npz, generate --form F --out FILE, or scenes --out DIR; weft dataset --help tells more\n");
    return EXIT_USAGE;
}
