/* train/presets.c: what is known about a model on a data set, as assignments. */
#include "weft/train.h"

#include <string.h>

typedef struct preset { const char *model, *data_set, *name, *set; } preset_t; /* data_set NULL: any; name NULL: the default */

/* Later rows go over earlier ones. The first is what --help states for sets that no row knows. */
static const preset_t presets[] = {
    {NULL, NULL, NULL, "layers=2 hidden=64 dropout=0.5 lr=0.01 weight_decay=5e-4 epochs=500 patience=100 normalize=row"},
    {"gat", NULL, NULL, "heads=8 activation=elu"},
    {"gatv2", NULL, NULL, "heads=8 activation=elu"},
    /* Kipf and Welling 2017 */
    {"gcn", "cora", NULL, "layers=2 hidden=16 dropout=0.5 input_dropout=0.5 lr=0.01 weight_decay=5e-4 decay_first=1 epochs=200 patience=0 normalize=row"},
    {"gcn", "citeseer", NULL, "layers=2 hidden=16 dropout=0.5 input_dropout=0.5 lr=0.01 weight_decay=5e-4 decay_first=1 epochs=200 patience=0 normalize=row"},
    {"gcn", "pubmed", NULL, "layers=2 hidden=16 dropout=0.5 input_dropout=0.5 lr=0.01 weight_decay=5e-4 decay_first=1 epochs=200 patience=0 normalize=row"},
};

const char *weft_train_defaults_text(void)
{
    return "A data set that no table knows is trained so: two layers of 64 columns, rows of features scaled to sum 1, dropout 0.5 between layers,\n"
           "Adam with rate 0.01 and weight decay 5e-4, at most 500 epochs, stopped after 100 without a better validation value or loss.\n"
           "Models other than gcn add a linear map of each layer's input to its result, which keeps a node's own features apart from its\n"
           "neighbours' and so serves sets where neighbours differ; gcn stays as published. gat and gatv2 have 8 heads and ELU.";
}

enum { N_PRESETS = sizeof presets / sizeof *presets };

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
    bool found = !name;
    const char *const *known = weft_model_names();
    while (*known && strcmp(*known, model)) known++;
    if (!*known) {
        weft_diag_add(diag, WEFT_ERROR, "train-model", NULL, 0, 0, "there is no model %s", model);
        return WEFT_EUSAGE;
    }
    *o = (weft_train_options_t){.model = weft_model_defaults(), .eval_every = 1, .batch = 32, .momentum = 0.9};
    o->model.model = *known;
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
