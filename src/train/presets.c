/* train/presets.c: what is known about a model on a data set, as assignments. */
#include "train/train.h"

#include <math.h>
#include <string.h>

typedef struct preset { const char *model, *data_set, *name, *set; } preset_t; /* data_set NULL: any; GRAPHS: any set of many graphs; name NULL: the default */
#define GRAPHS "*graphs"

#define PLANETOID_GCN "layers=2 hidden=16 dropout=0.5 input_dropout=0.5 lr=0.01 weight_decay=5e-4 decay_first=1 epochs=200 patience=0 normalize=row residual=0"
#define PLANETOID_GAT "layers=2 hidden=64 heads=8 activation=elu dropout=0.6 input_dropout=0.6 attention_dropout=0.6 lr=0.005 weight_decay=5e-4 epochs=1000 residual=0"
#define PLANETOID_APPNP "layers=2 hidden=64 k=10 alpha=0.1 input_dropout=0.5 attention_dropout=0.5 weight_decay=5e-3 decay_first=1 epochs=1000"
#define PLANETOID_SAGE "layers=2 hidden=64 dropout=0.5 input_dropout=0.5"
#define PLANETOID_SGC "k=2 input_dropout=0 lr=0.2 weight_decay=1e-5 epochs=100 patience=0"
#define PLANETOID_GCNII "layers=16 hidden=64 dropout=0.6 input_dropout=0.6 alpha=0.1 lambda=0.5 lr=0.01 weight_decay=5e-4 conv_decay=20 epochs=1000"
#define PLANETOID_DEEP "dropout=0.6 input_dropout=0.6 residual=0"
#define PLATONOV_GCN "hidden=64 dropout=0.2 lr=3e-3 skip=1 norm=layer activation=gelu weight_decay=0 normalize=none epochs=500"
#define TU_GIN "layers=4 hidden=64 norm=batch dropout=0.1 jump=cat lr=2e-3 weight_decay=0 epochs=150 patience=60 batch=64 normalize=none residual=0"

#define GPS_SMALL "local=gatedgcn global=softmax norm=batch attention_dropout=0.5 dropout=0 optimizer=adamw weight_decay=1e-5 clip=1 schedule=cosine patience=0 normalize=none "
#define GPS_LRGB "local=gatedgcn global=softmax norm=batch attention_dropout=0.5 dropout=0 optimizer=adamw weight_decay=0 clip=1 schedule=cosine patience=0 normalize=none "

#define TUNED(model) {model, NULL, "tuned", "recipe=tuned"}
#define BY_GRAPH(model) {model, GRAPHS, NULL, "layers=4 norm=batch jump=cat dropout=0.1 lr=2e-3 weight_decay=0 batch=64"}

/* Candidates of a recipe (weft_train_recipe), by rising cost. Chosen on validation values of sets of all kinds (bench/results/unknown_sets.txt): strong dropout and decay where labels are few, none
 * of the decay and layer norm where they are many; maps of a layer's own input where neighbours differ; depth where the way is long. */
static const struct { weft_recipe_t recipe; const char *set[5]; } recipes[] = {
    {WEFT_RECIPE_AUTO, {"", "head=1 norm=layer dropout=0.2 weight_decay=0"}},
    {WEFT_RECIPE_TUNED, {"", "head=1 norm=layer dropout=0.2 weight_decay=0", "head=1 norm=layer residual=1 layers=3 dropout=0.5", "head=1 norm=batch residual=1 layers=6 dropout=0.2 weight_decay=0"}},
};
bool weft_i_recipe_sets(const char *key)
{
    size_t n = strlen(key);
    for (size_t k = 0; k < sizeof recipes / sizeof *recipes; k++)
        for (size_t i = 0; i < sizeof recipes->set / sizeof *recipes->set && recipes[k].set[i]; i++)
            for (const char *at = recipes[k].set[i]; *at; at += strcspn(at, " "), at += *at == ' ')
                if (!strncmp(at, key, n) && at[n] == '=') return true;
    return false;
}

/* Later rows go over earlier ones. The first are what --help states for sets that no row knows. */
static const preset_t presets[] = {
    {NULL, NULL, NULL, "layers=2 hidden=64 dropout=0.5 lr=0.01 weight_decay=5e-4 epochs=500 patience=100 by_size=1 rate_by_size=1 normalize=auto"},
    {"gcn", NULL, NULL, "recipe=auto"},
    {"label_propagation", NULL, NULL, "k=50 alpha=0.9"},
    {"pgnn", NULL, NULL, "k=4 p=1.5 mu=0.1 hidden=64 input_dropout=0.5 jump=auto epochs=300 patience=60 by_size=1 steps_by_size=1"},
    {"gprgnn", NULL, NULL, "k=10 alpha=0.1 input_dropout=0.5 steps_by_size=1"},
    {"appnp", NULL, NULL, "steps_by_size=1"},
    {"dagnn", NULL, NULL, "steps_by_size=1"},
    {"h2gcn", NULL, NULL, "k=2"},
    {"gat", NULL, NULL, "heads=8 activation=elu residual=1"},
    {"gatv2", NULL, NULL, "heads=8 activation=elu residual=1"},
    {"gin", NULL, NULL, "norm=auto residual=1"},
    {"gine", NULL, NULL, "norm=auto residual=1"},
    {"gatedgcn", NULL, NULL, "norm=batch residual=1"},
    {"pna", NULL, NULL, "hidden=32 norm=batch residual=1"},
    {"gps", NULL, NULL, "layers=2 hidden=64 heads=4 local=gcn global=auto position=none norm=layer activation=gelu dropout=0.3 lr=2e-3 rate_by_size=1 optimizer=adamw weight_decay=1e-3 clip=1 head_layers=1"},
    TUNED("gcn"), TUNED("sage"), TUNED("gat"), TUNED("gatv2"), TUNED("gin"), TUNED("gine"), TUNED("gatedgcn"), TUNED("pna"), TUNED("jknet"), TUNED("transformer"), TUNED("rgcn"),
    BY_GRAPH("gcn"), BY_GRAPH("sage"), BY_GRAPH("gat"), BY_GRAPH("gatv2"), BY_GRAPH("gin"), BY_GRAPH("gine"), BY_GRAPH("gatedgcn"), BY_GRAPH("pna"), BY_GRAPH("jknet"), BY_GRAPH("transformer"), BY_GRAPH("rgcn"), BY_GRAPH("mlp"),
    {"gin", GRAPHS, NULL, "residual=0"},
    {"pgnn", GRAPHS, NULL, "dropout=0.1 input_dropout=0 lr=2e-3 weight_decay=0 batch=64"},
    /* Rampasek et al. 2022, tables A.2-A.5, and their configurations */
    {"gps", NULL, "zinc", "layers=10 hidden=64 heads=4 local=gine global=softmax position=rwse position_k=20 position_width=28 embed=1 norm=batch activation=relu dropout=0 attention_dropout=0.5 head_layers=0 pooling=sum "
                          "batch=32 lr=1e-3 optimizer=adamw weight_decay=1e-5 clip=1 schedule=cosine epochs=2000 warmup=50 patience=0 normalize=none"},
    {"gps", NULL, "mnist", GPS_SMALL "layers=3 hidden=52 heads=4 position=lappe position_k=8 position_width=8 embed=0 activation=relu head_layers=3 pooling=mean batch=16 lr=1e-3 epochs=100 warmup=5"},
    {"gps", NULL, "cifar10", GPS_SMALL "layers=3 hidden=52 heads=4 position=lappe position_k=8 position_width=8 embed=0 activation=relu head_layers=2 pooling=mean batch=16 lr=1e-3 epochs=100 warmup=5"},
    {"gps", NULL, "pattern", GPS_SMALL "layers=6 hidden=64 heads=4 position=lappe position_k=16 position_width=16 embed=0 activation=relu head_layers=3 batch=32 lr=5e-4 epochs=100 warmup=5"},
    {"gps", NULL, "cluster", GPS_SMALL "layers=16 hidden=48 heads=8 position=lappe position_k=10 position_width=16 embed=0 activation=relu dropout=0.1 head_layers=3 batch=16 lr=5e-4 epochs=100 warmup=5"},
    {"gps", NULL, "molhiv", GPS_SMALL "layers=10 hidden=64 heads=4 position=rwse position_k=16 position_width=16 embed=1 activation=relu dropout=0.05 head_layers=0 pooling=mean batch=32 lr=1e-4 epochs=100 warmup=5"},
    {"gps", NULL, "peptides-func", GPS_LRGB "layers=4 hidden=96 heads=4 position=lappe position_k=10 position_width=16 embed=1 activation=relu head_layers=1 pooling=mean batch=128 lr=3e-4 epochs=200 warmup=10"},
    {"gps", NULL, "pcqm4mv2-small", GPS_LRGB "layers=5 hidden=304 heads=4 position=rwse position_k=16 position_width=20 embed=1 activation=relu head_layers=0 pooling=mean batch=256 lr=5e-4 epochs=100 warmup=5"},
    {"gps", NULL, "pcqm4mv2-medium", GPS_LRGB "layers=10 hidden=384 heads=16 position=rwse position_k=16 position_width=20 embed=1 activation=relu dropout=0.1 attention_dropout=0.1 head_layers=0 pooling=mean batch=256 lr=2e-4 epochs=150 warmup=10"},
    {"gps", NULL, "pcqm4mv2-deep", GPS_LRGB "layers=16 hidden=256 heads=8 position=rwse position_k=16 position_width=20 embed=1 activation=gelu dropout=0.1 attention_dropout=0.1 head_layers=0 pooling=mean batch=256 lr=2e-4 epochs=150 warmup=10"},
    /* Kipf and Welling 2017; Velickovic et al. 2018; Klicpera et al. 2019; Liu et al. 2020; Chen et al. 2020 */
    {"gcn", "cora", NULL, PLANETOID_GCN}, {"gcn", "citeseer", NULL, PLANETOID_GCN}, {"gcn", "pubmed", NULL, PLANETOID_GCN},
    {"gat", "cora", NULL, PLANETOID_GAT}, {"gat", "citeseer", NULL, PLANETOID_GAT}, {"gat", "pubmed", NULL, PLANETOID_GAT " out_heads=8"},
    {"gatv2", "cora", NULL, PLANETOID_GAT}, {"gatv2", "citeseer", NULL, PLANETOID_GAT}, {"gatv2", "pubmed", NULL, PLANETOID_GAT " out_heads=8"},
    {"sage", "cora", NULL, PLANETOID_SAGE}, {"sage", "citeseer", NULL, PLANETOID_SAGE}, {"sage", "pubmed", NULL, PLANETOID_SAGE},
    {"appnp", "cora", NULL, PLANETOID_APPNP}, {"appnp", "citeseer", NULL, PLANETOID_APPNP}, {"appnp", "pubmed", NULL, PLANETOID_APPNP},
    {"sgc", "cora", NULL, PLANETOID_SGC}, {"sgc", "citeseer", NULL, PLANETOID_SGC}, {"sgc", "pubmed", NULL, PLANETOID_SGC},
    {"gcnii", "cora", NULL, PLANETOID_GCNII " layers=64"}, {"gcnii", "citeseer", NULL, PLANETOID_GCNII}, {"gcnii", "pubmed", NULL, PLANETOID_GCNII " conv_decay=1"},
    {"dagnn", "cora", NULL, "layers=2 hidden=64 k=12 dropout=0.8 input_dropout=0.8 weight_decay=5e-3 epochs=1000"},
    {"dagnn", "citeseer", NULL, "layers=2 hidden=64 k=10 dropout=0.5 input_dropout=0.5 weight_decay=2e-2 epochs=1000"},
    {"dagnn", "pubmed", NULL, "layers=2 hidden=64 k=20 dropout=0.8 input_dropout=0.8 weight_decay=5e-3 epochs=1000"},
    {"transformer", "cora", NULL, PLANETOID_DEEP}, {"jknet", "cora", NULL, PLANETOID_DEEP}, {"gin", "cora", NULL, "input_dropout=0.5"}, {"gine", "cora", NULL, "input_dropout=0.5"}, {"gatedgcn", "cora", NULL, PLANETOID_DEEP},
    /* After Platonov et al. 2023, narrower and with a higher rate: norm, skip, GELU */
    {"gcn", "tolokers", NULL, PLATONOV_GCN " layers=3 patience=100"}, {"gcn", "minesweeper", NULL, PLATONOV_GCN " layers=5 patience=150"},
    /* Luo et al. 2024 */
    {"gcn", "minesweeper", "tuned", "layers=12 hidden=64 dropout=0.2 lr=0.01 head=1 norm=batch residual=1 skip=0 activation=relu weight_decay=0 normalize=none epochs=2000 patience=0"},
    {"sage", "minesweeper", "tuned", "layers=15 hidden=64 dropout=0.2 lr=0.01 head=1 norm=batch residual=1 skip=0 activation=relu weight_decay=0 normalize=none epochs=2000 patience=0"},
    {"gat", "minesweeper", "tuned", "layers=15 hidden=64 heads=4 activation=relu dropout=0.2 lr=0.01 head=1 norm=batch residual=1 weight_decay=0 normalize=none epochs=1000 patience=0"},
    {"gcn", "amazon-computers", "tuned", "layers=3 hidden=512 dropout=0.5 lr=0.001 head=1 norm=layer weight_decay=5e-5 normalize=none epochs=400 patience=100"},
    {"gcn", "coauthor-physics", "tuned", "layers=2 hidden=64 dropout=0.3 lr=0.001 head=1 norm=layer residual=1 weight_decay=5e-4 normalize=none epochs=500 patience=100"},
    {"gcn", "coauthor-cs", "tuned", "layers=2 hidden=512 dropout=0.3 lr=0.001 head=1 norm=layer residual=1 weight_decay=5e-4 normalize=none epochs=500 patience=100"},
    {"gcn", "chameleon-filtered", "tuned", "layers=5 hidden=512 dropout=0.2 lr=0.005 head=1 weight_decay=1e-3 normalize=none epochs=200 patience=0"},
    {"gcn", "squirrel-filtered", "tuned", "layers=4 hidden=256 dropout=0.7 lr=0.01 head=1 norm=batch residual=1 weight_decay=5e-4 normalize=none epochs=500 patience=200"},
    /* Errica et al. 2020 */
    {"gin", "tu-nci1", NULL, TU_GIN}, {"gin", "tu-enzymes", NULL, TU_GIN " dropout=0.5 lr=1e-3 batch=32 normalize=z"}, {"gin", "tu-proteins", NULL, TU_GIN}, {"gin", "tu-mutag", NULL, TU_GIN},
    {"gin", "tu-ptc", NULL, TU_GIN}, {"gin", "tu-imdbbinary", NULL, TU_GIN},
};
enum { N_PRESETS = sizeof presets / sizeof *presets };

const char *weft_train_recipe(const char *model, weft_recipe_t recipe, int32_t i)
{
    bool known = recipe == WEFT_RECIPE_AUTO && !strcmp(model, "gcn");
    for (int k = 0; k < N_PRESETS && recipe == WEFT_RECIPE_TUNED; k++) known |= presets[k].model && !strcmp(presets[k].model, model) && !strcmp(presets[k].set, "recipe=tuned");
    for (size_t k = 0; known && k < sizeof recipes / sizeof *recipes; k++)
        if (recipes[k].recipe == recipe && i >= 0 && i < (int32_t)(sizeof recipes->set / sizeof *recipes->set)) return recipes[k].set[i];
    return NULL;
}

bool weft_train_preset_columns(const char *model, const char *preset, int64_t *in, int64_t *edge_in, int64_t *out)
{
    /* Molecules: 173 atom and 13 bond codes of all kinds together, as OGB had them. */
    static const struct { const char *preset; int64_t in, edge_in, out; } row[] = {
        {"zinc", 28, 4, 1}, {"mnist", 3, 1, 10}, {"cifar10", 5, 1, 10}, {"pattern", 3, 0, 1}, {"cluster", 7, 0, 6}, {"molhiv", 173, 13, 1}, {"peptides-func", 173, 13, 10},
        {"pcqm4mv2-small", 173, 13, 1}, {"pcqm4mv2-medium", 173, 13, 1}, {"pcqm4mv2-deep", 173, 13, 1}};
    for (size_t i = 0; preset && !strcmp(model, "gps") && i < sizeof row / sizeof *row; i++)
        if (!strcmp(preset, row[i].preset)) {
            *in = row[i].in;
            *edge_in = row[i].edge_in;
            *out = row[i].out;
            return true;
        }
    return false;
}

const char *weft_train_defaults_text(void)
{
    return "A data set that no table knows is trained so: two layers of 64 columns, features by columns to mean 0 and deviation 1 where one is negative or\n"
           "more than one in eight is not 0, else by rows to sum 1 (where less than a tenth of the nodes is trained on) or to length 1,\n"
           "dropout 0.5 between layers,\n"
           "Adam with rate 0.01 and weight decay 5e-4, at most 500 epochs, stopped after 100 without a better validation value or loss.\n"
           "Larger sets have fewer: beyond 100,000 nodes and arcs 300 and 60, 400,000 150 and 30, 10^6 80 and 20, 2 10^6 40 and 12, 4 10^6 25 and 10 (for\n"
           "models whose epochs cost more, of 2 times as many for gat, 4 for gatv2, pna and transformer, 5 for gps, 6 for pgnn, 8 for gatedgcn and h2gcn).\n"
           "Beyond 2 10^6 they have 40 in proportion to 2.5 10^6 (60 gprgnn and appnp, 55 dagnn, these with two steps and no input_dropout; 30 gine, 27 gat, 17 transformer, 16 pgnn, 12 gps, 11 gatv2 and pna, 7 h2gcn, 6 gatedgcn; at least 5),\n"
           "at three times the rate (gps five times, dagnn as it is, with dropout 0.2; setting lr ends that).\n"
           "Sets of many graphs: gcn, sage, gat, gatv2, gin, gine, gatedgcn, pna, jknet, transformer, rgcn and mlp have four layers whose results are joined for the head, batch norm,\n"
           "dropout 0.1, rate 0.002, no weight decay and 64 graphs a step; 300 epochs and patience 60, beyond 50,000 nodes and arcs in all 100 and 30, 300,000 60 and 20, 10^6 40 and 10,\n"
           "2 10^6 25 and 8, 3 10^6 15 and 6, 8 10^6 5 and 5 (2 times as many for gat, gatv2, gine, transformer and h2gcn, 4 for pgnn, 6 for gps, gatedgcn and pna). gin has no residual there.\n"
           "gat, gatv2, gin, gine, gatedgcn and pna add a linear map of each layer's input to its result, as sage and transformer do by\n"
           "themselves: it keeps a node's own features apart from its neighbours' and so serves sets where neighbours differ. gcn has no\n"
           "residual; two trainings of a quarter of the epochs (recipe=auto) settle on the validation part whether it is as published or has layer norm, a linear map behind\n"
           "the layers, dropout 0.2 and no weight decay, which many labels allow. gatedgcn and pna have batch norm, pna 32 columns, gin and gine layer norm; gat and gatv2 have 8 heads and ELU.\n"
           "gps: two layers of GCN beside linear attention (sgformer, 4 heads), layer norm, GELU, no positions, dropout 0.3, AdamW with rate 0.002; of the nodes of one\n"
           "graph two trainings of a quarter of the epochs settle on the validation part whether attention stays, which few labels do not\n"
           "support, or goes, with dropout and input_dropout of 0.5 at least.\n"
           "pgnn: p 1.5, mu 0.1, four steps, at most 300 epochs and patience 60; two trainings of a quarter of the epochs settle on the validation part whether its head sees the features before the\n"
           "steps beside those after, which serves sets where neighbours differ (jump=last is the model as published). Where it would have 80 epochs or less by size it has two steps, no\n"
           "input_dropout, and twice as many of them.\n"
           "--preset tuned, where no table knows the set: four such trainings (recipe=tuned) of the two above, of three layers with residuals, layer norm and dropout 0.5, and of\n"
           "six with residuals, batch norm, dropout 0.2 and no weight decay; for gcn, sage, gat, gatv2, gin, gine, gatedgcn, pna, jknet, transformer and rgcn. What a run chose stands in the JSON.";
}

weft_train_options_t weft_train_neutral(void)
{
    return (weft_train_options_t){.model = weft_model_defaults(), .eval_every = 1, .batch = 32, .momentum = 0.9, .huber_delta = 1.0, .plateau_factor = 0.5, .plateau_patience = 10, .hits_k = 50, .val_share = 0.05, .test_share = 0.1};
}

/* What an epoch costs beside one of gcn, roughly, where arcs are most of the work (13,752 nodes, 491,722 arcs, 64 columns); beside one of gin on many graphs (4,110 of 30 nodes, four layers). */
static int64_t cost_of(const char *model, bool many_graphs)
{
    static const struct { const char *model; int64_t cost, by_graph; } dear[] = {{"gat", 2, 2}, {"pgnn", 6, 4}, {"gatv2", 4, 2}, {"transformer", 4, 2}, {"gine", 1, 2}, {"gps", 5, 6}, {"gatedgcn", 8, 6}, {"pna", 4, 6}, {"h2gcn", 8, 2}};
    for (size_t i = 0; i < sizeof dear / sizeof *dear; i++)
        if (!strcmp(model, dear[i].model)) return many_graphs ? dear[i].by_graph : dear[i].cost;
    return 1;
}

/* Very large graphs: epochs that 38 s hold at 2.5 10^6 nodes and arcs on two processors (169,343 nodes, 40 classes), in proportion to the size. So few steps ask for a higher rate (validation there: gcn 0.915 ->
 * 0.942, sage 0.907 -> 0.940, gat 0.815 -> 0.919, gps 0.480 -> 0.755), which smaller sets do not. Models that map rows first and walk then do better with two steps and more epochs (gprgnn 0.397 -> 0.954, appnp
 * 0.406 -> 0.726, dagnn 0.041 -> 0.386; at a higher rate dagnn closes its gates for good). */
static void size_very_large(weft_train_options_t *o, int64_t size)
{
    static const struct { const char *model; int32_t epochs; } dear[] = {{"gine", 30}, {"gat", 27}, {"dagnn", 25}, {"gprgnn", 24}, {"transformer", 17}, {"pgnn", 16}, {"gps", 12}, {"gatv2", 11}, {"pna", 11}, {"h2gcn", 7}, {"gatedgcn", 6}};
    static const struct { const char *model; int32_t epochs; } walk[] = {{"gprgnn", 60}, {"appnp", 60}, {"dagnn", 55}};
    double epochs = 40.0;
    for (size_t i = 0; i < sizeof dear / sizeof *dear; i++)
        if (!strcmp(o->model.model, dear[i].model)) epochs = dear[i].epochs;
    for (size_t i = 0; i < sizeof walk / sizeof *walk && o->steps_by_size; i++) {
        if (strcmp(o->model.model, walk[i].model)) continue;
        o->model.k = 2;
        o->model.input_dropout = 0.0;
        epochs = walk[i].epochs;
    }
    epochs = fmax(5.0, floor(epochs * 2.5e6 / (double)size));
    if (o->by_size && epochs < o->epochs) o->epochs = (int32_t)epochs;
    if (o->by_size && o->patience > 12) o->patience = 12;
    if (o->rate_by_size) o->lr *= !strcmp(o->model.model, "gps") ? 5.0 : !strcmp(o->model.model, "dagnn") ? 1.0 : 3.0;
    if (o->steps_by_size && !strcmp(o->model.model, "dagnn")) o->model.dropout = fmin(o->model.dropout, 0.2);
}

weft_train_options_t weft_train_sized(const weft_train_options_t *options, bool many_graphs, int64_t size)
{
    enum { N_CUTS = 7, VERY_LARGE = 2000000 };
    static const struct { int64_t above; int32_t epochs, patience; } cut[2][N_CUTS] = {{{100000, 300, 60}, {400000, 150, 30}, {1000000, 80, 20}, {2000000, 40, 12}, {4000000, 25, 10}, {INT64_MAX, 0, 0}, {INT64_MAX, 0, 0}},
                                                                                      {{-1, 300, 60}, {50000, 100, 30}, {300000, 60, 20}, {1000000, 40, 10}, {2000000, 25, 8}, {3000000, 15, 6}, {8000000, 5, 5}}};
    weft_train_options_t o = *options;
    const int64_t plain = size;
    bool very_large = !many_graphs && plain > VERY_LARGE;
    if (size < INT64_MAX / 8) size *= cost_of(options->model.model, many_graphs);
    if (!many_graphs && o.steps_by_size && !strcmp(o.model.model, "pgnn") && size > cut[0][2].above) {
        o.model.k = 2;
        o.model.input_dropout = 0.0;
        size /= 2;
    }
    if (very_large) size_very_large(&o, plain);
    o.steps_by_size = o.rate_by_size = false;
    for (int k = 0; k < N_CUTS && options->by_size && !very_large; k++) {
        if (size <= cut[many_graphs][k].above) continue;
        o.epochs = options->epochs < cut[many_graphs][k].epochs ? options->epochs : cut[many_graphs][k].epochs;
        o.patience = options->patience < cut[many_graphs][k].patience ? options->patience : cut[many_graphs][k].patience;
    }
    return o;
}

weft_status_t weft_i_train_apply(weft_train_options_t *o, const char *set, weft_diag_t *diag)
{
    while (*set) {
        char one[64];
        size_t n = strcspn(set, " ");
        snprintf(one, sizeof one, "%.*s", (int)n, set);
        weft_status_t status = weft_train_set(o, one, diag);
        if (status != WEFT_OK) return status;
        set += n + (set[n] == ' ');
    }
    return WEFT_OK;
}

weft_status_t weft_train_defaults(weft_train_options_t *o, const char *model, const char *data_set, const char *name, weft_diag_t *diag)
{
    return weft_train_defaults_for(o, model, data_set, name, false, diag);
}

weft_status_t weft_train_defaults_for(weft_train_options_t *o, const char *model, const char *data_set, const char *name, bool many_graphs, weft_diag_t *diag)
{
    if (name && !strcmp(name, "published")) name = NULL; /* the default by its name */
    bool found = !name;
    const char *const *known = weft_model_names();
    while (*known && strcmp(*known, model)) known++;
    const char *own = *known ? *known : !strcmp(model, "label_propagation") ? "label_propagation" : NULL;
    if (!own) {
        weft_diag_add(diag, WEFT_ERROR, "train-model", NULL, 0, 0, "there is no model %s", model);
        return WEFT_EUSAGE;
    }
    *o = weft_train_neutral();
    o->model.model = own;
    for (int i = 0; i < N_PRESETS; i++) {
        const preset_t *p = &presets[i];
        bool meant = !p->data_set || (!strcmp(p->data_set, GRAPHS) ? many_graphs : data_set && !strcmp(p->data_set, data_set));
        if ((p->model && strcmp(p->model, model)) || !meant) continue;
        if (p->name && (!name || strcmp(p->name, name))) continue;
        found |= p->name != NULL;
        weft_status_t status = weft_i_train_apply(o, p->set, diag);
        if (status != WEFT_OK) return status;
    }
    if (found) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "train-preset", NULL, 0, 0, "there is no preset %s for %s on %s", name, model, data_set ? data_set : "this set");
    return WEFT_EUSAGE;
}
