/* train/presets.c: what is known about a model on a data set, as assignments. */
#include "weft/train.h"

#include <string.h>

typedef struct preset { const char *model, *data_set, *name, *set; } preset_t; /* data_set NULL: any; name NULL: the default */

#define PLANETOID_GCN "layers=2 hidden=16 dropout=0.5 input_dropout=0.5 lr=0.01 weight_decay=5e-4 decay_first=1 epochs=200 patience=0 normalize=row residual=0"
#define PLANETOID_GAT "layers=2 hidden=64 heads=8 activation=elu dropout=0.6 input_dropout=0.6 attention_dropout=0.6 lr=0.005 weight_decay=5e-4 epochs=1000 residual=0"
#define PLANETOID_APPNP "layers=2 hidden=64 k=10 alpha=0.1 input_dropout=0.5 attention_dropout=0.5 weight_decay=5e-3 decay_first=1 epochs=1000"
#define PLANETOID_SAGE "layers=2 hidden=64 dropout=0.5 input_dropout=0.5"
#define PLANETOID_SGC "k=2 input_dropout=0 lr=0.2 weight_decay=1e-5 epochs=100 patience=0"
#define PLANETOID_GCNII "layers=16 hidden=64 dropout=0.6 input_dropout=0.6 alpha=0.1 lambda=0.5 lr=0.01 weight_decay=5e-4 epochs=1000"
#define PLANETOID_DEEP "dropout=0.6 input_dropout=0.6 residual=0"
#define PLATONOV_GCN "hidden=64 dropout=0.2 lr=3e-3 skip=1 norm=layer activation=gelu weight_decay=0 normalize=none epochs=500"
#define TU_GIN "layers=4 hidden=64 norm=batch dropout=0.1 jump=cat lr=2e-3 weight_decay=0 epochs=150 patience=60 batch=64 normalize=none residual=0"

/* Later rows go over earlier ones. The first are what --help states for sets that no row knows. */
static const preset_t presets[] = {
    {NULL, NULL, NULL, "layers=2 hidden=64 dropout=0.5 lr=0.01 weight_decay=5e-4 epochs=500 patience=100 by_size=1 normalize=auto"},
    {"label_propagation", NULL, NULL, "k=50 alpha=0.9"},
    {"pgnn", NULL, NULL, "k=4 p=1.5 mu=0.1 hidden=64"},
    {"gprgnn", NULL, NULL, "k=10 alpha=0.1 input_dropout=0.5"},
    {"h2gcn", NULL, NULL, "k=2"},
    {"gat", NULL, NULL, "heads=8 activation=elu residual=1"},
    {"gatv2", NULL, NULL, "heads=8 activation=elu residual=1"},
    {"gin", NULL, NULL, "norm=auto residual=1"},
    {"gine", NULL, NULL, "norm=auto residual=1"},
    {"gatedgcn", NULL, NULL, "norm=batch residual=1"},
    {"pna", NULL, NULL, "norm=auto residual=1"},
    /* Kipf and Welling 2017; Velickovic et al. 2018; Klicpera et al. 2019; Liu et al. 2020; Chen et al. 2020 */
    {"gcn", "cora", NULL, PLANETOID_GCN}, {"gcn", "citeseer", NULL, PLANETOID_GCN}, {"gcn", "pubmed", NULL, PLANETOID_GCN},
    {"gat", "cora", NULL, PLANETOID_GAT}, {"gat", "citeseer", NULL, PLANETOID_GAT}, {"gat", "pubmed", NULL, PLANETOID_GAT " out_heads=8"},
    {"gatv2", "cora", NULL, PLANETOID_GAT}, {"gatv2", "citeseer", NULL, PLANETOID_GAT}, {"gatv2", "pubmed", NULL, PLANETOID_GAT " out_heads=8"},
    {"sage", "cora", NULL, PLANETOID_SAGE}, {"sage", "citeseer", NULL, PLANETOID_SAGE}, {"sage", "pubmed", NULL, PLANETOID_SAGE},
    {"appnp", "cora", NULL, PLANETOID_APPNP}, {"appnp", "citeseer", NULL, PLANETOID_APPNP}, {"appnp", "pubmed", NULL, PLANETOID_APPNP},
    {"sgc", "cora", NULL, PLANETOID_SGC}, {"sgc", "citeseer", NULL, PLANETOID_SGC}, {"sgc", "pubmed", NULL, PLANETOID_SGC},
    {"gcnii", "cora", NULL, PLANETOID_GCNII}, {"gcnii", "citeseer", NULL, PLANETOID_GCNII}, {"gcnii", "pubmed", NULL, PLANETOID_GCNII},
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

const char *weft_train_defaults_text(void)
{
    return "A data set that no table knows is trained so: two layers of 64 columns, features scaled by rows to sum 1 where they are sparse and not\n"
           "negative, else by columns to mean 0 and deviation 1, dropout 0.5 between layers,\n"
           "Adam with rate 0.01 and weight decay 5e-4, at most 500 epochs, stopped after 100 without a better validation value or loss.\n"
           "Larger sets have fewer: beyond 100,000 nodes and arcs 300 and 60, beyond 400,000 150 and 30; sets of many graphs 300 and 60, beyond 50,000\n"
           "nodes and arcs in all 100 and 30, beyond 1,000,000 40 and 10.\n"
           "gat, gatv2, gin, gine, gatedgcn and pna add a linear map of each layer's input to its result, as sage and transformer do by\n"
           "themselves: it keeps a node's own features apart from its neighbours' and so serves sets where neighbours differ. gcn stays as\n"
           "published. gatedgcn has batch norm, gin, gine and pna layer norm (for graphs: batch norm); gat and gatv2 have 8 heads and ELU.";
}

weft_train_options_t weft_train_neutral(void)
{
    return (weft_train_options_t){.model = weft_model_defaults(), .eval_every = 1, .batch = 32, .momentum = 0.9, .huber_delta = 1.0, .plateau_factor = 0.5, .plateau_patience = 10, .hits_k = 50, .val_share = 0.05, .test_share = 0.1};
}

weft_train_options_t weft_train_sized(const weft_train_options_t *options, bool many_graphs, int64_t size)
{
    static const struct { int64_t above; int32_t epochs, patience; } cut[2][3] = {{{100000, 300, 60}, {400000, 150, 30}, {INT64_MAX, 0, 0}}, {{-1, 300, 60}, {50000, 100, 30}, {1000000, 40, 10}}};
    weft_train_options_t o = *options;
    for (int k = 0; k < 3 && options->by_size; k++) {
        if (size <= cut[many_graphs][k].above) continue;
        o.epochs = options->epochs < cut[many_graphs][k].epochs ? options->epochs : cut[many_graphs][k].epochs;
        o.patience = options->patience < cut[many_graphs][k].patience ? options->patience : cut[many_graphs][k].patience;
    }
    return o;
}

static weft_status_t apply(weft_train_options_t *o, const char *set, weft_diag_t *diag)
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
        if ((p->model && strcmp(p->model, model)) || (p->data_set && (!data_set || strcmp(p->data_set, data_set)))) continue;
        if (p->name && (!name || strcmp(p->name, name))) continue;
        found |= p->name != NULL;
        weft_status_t status = apply(o, p->set, diag);
        if (status != WEFT_OK) return status;
    }
    if (found) return WEFT_OK;
    weft_diag_add(diag, WEFT_ERROR, "train-preset", NULL, 0, 0, "there is no preset %s for %s on %s", name, model, data_set ? data_set : "this set");
    return WEFT_EUSAGE;
}
