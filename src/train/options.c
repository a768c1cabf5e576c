/* train/options.c: options by name. */
#include "train/train.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind { INT, REAL, FLAG, CHOICE, LIST } kind_t; /* LIST: whole numbers from 1 on, by commas; 0: none */
typedef struct key {
    const char *name;
    kind_t kind;
    size_t offset;
    const char *choices; /* of an enumeration, in its order: "a|b|c" */
    const char *meaning;
} option_key_t;
#define AT(f) offsetof(weft_train_options_t, f)

static const option_key_t keys[] = {
    {"layers", INT, AT(model.layers), NULL, "layers"},
    {"hidden", INT, AT(model.hidden), NULL, "columns of a hidden layer"},
    {"heads", INT, AT(model.heads), NULL, "attention heads of a hidden layer (hidden / heads columns each)"},
    {"out_heads", INT, AT(model.out_heads), NULL, "attention heads averaged in the last layer"},
    {"k", INT, AT(model.k), NULL, "steps of appnp, sgc, dagnn, gprgnn, pgnn; rounds of h2gcn"},
    {"dropout", REAL, AT(model.dropout), NULL, "dropout of hidden layers"},
    {"input_dropout", REAL, AT(model.input_dropout), NULL, "dropout of the features"},
    {"attention_dropout", REAL, AT(model.attention_dropout), NULL, "dropout of attention (appnp: of the matrix; gprgnn: of what walks)"},
    {"alpha", REAL, AT(model.alpha), NULL, "teleport of appnp and gcnii; where gprgnn starts"},
    {"p", REAL, AT(model.p), NULL, "pgnn: the p of its Laplacian, above 1"},
    {"mu", REAL, AT(model.mu), NULL, "pgnn: pull of the features"},
    {"beta_scale", REAL, AT(model.beta_scale), NULL, "pgnn: 2 as derived, 4 as older code had it"},
    {"eps", REAL, AT(model.eps), NULL, "pgnn: smooths the norm of a gradient, or (mask) cuts below it"},
    {"mask", FLAG, AT(model.mask), NULL, "pgnn: arcs between equal ends get weight 0"},
    {"learn_p", FLAG, AT(model.learn_p), NULL, "pgnn: p is learned"},
    {"learn_mu", FLAG, AT(model.learn_mu), NULL, "pgnn: mu is learned"},
    {"detach", FLAG, AT(model.detach), NULL, "pgnn: no gradient through the arcs' weights"},
    {"lambda", REAL, AT(model.lambda), NULL, "strength of gcnii's maps"},
    {"norm", CHOICE, AT(model.norm), "none|batch|layer|graph|auto", "norm of hidden layers; auto: layer for nodes, batch for graphs"},
    {"activation", CHOICE, AT(model.activation), "relu|elu|gelu|leaky|none", "activation"},
    {"jump", CHOICE, AT(model.jump), "last|sum|cat|max|lstm|auto", "what the head sees of the layers; pgnn: of the features after the steps (last), before and after (cat), or what validates better in two short trials (auto)"},
    {"reduce", CHOICE, AT(model.reduce), "sum|mean|max|min", "sage: the reduction"},
    {"landmarks", INT, AT(model.landmarks), NULL, "impn: pairs of landmarks per round"},
    {"aggregator", CHOICE, AT(model.aggregator), "mean|max|lstm", "impn: how the messages of a box become one"},
    {"lstm", FLAG, AT(model.lstm), NULL, "sage: an LSTM over the neighbours, in the order of their numbers, instead of the reduction"},
    {"pooling", CHOICE, AT(model.pooling), "sum|mean|max|attention", "graph tasks: from nodes to a graph"},
    {"residual", FLAG, AT(model.residual), NULL, "each layer adds a linear map of its input"},
    {"skip", FLAG, AT(model.skip), NULL, "each hidden layer adds its input"},
    {"head", FLAG, AT(model.head), NULL, "a linear map follows the last layer"},
    {"decay_first", FLAG, AT(model.decay_first), NULL, "weight decay on the first layer alone"},
    {"relations", INT, AT(model.relations), NULL, "rgcn: relations (by degree of the ends: 3; a set with types of edges has its own)"},
    {"conv_decay", REAL, AT(model.conv_decay), NULL, "gcnii: factor of the weight decay in its convolutions"},
    {"local", CHOICE, AT(model.local), "none|gcn|gin|gine|gat|gatedgcn|pna", "gps: the convolution"},
    {"global", CHOICE, AT(model.global), "none|softmax|performer|sgformer|agent|based|lightnet|polynormer|bigbird|exphormer|corecontext|routing|gaussian|auto", "gps: the attention among all nodes; auto: sgformer, or of a graph's nodes none with dropouts of at least 0.5 where that validates better in two short trials"},
    {"position", CHOICE, AT(model.position), "none|rwse|lappe|signnet|hkdiag|elstatic|stable", "gps: the encoding of positions; stable: how near two ends are, as a factor of messages (local gine or gatedgcn)"},
    {"position_k", INT, AT(model.position_k), NULL, "gps: steps of rwse, frequencies of lappe, signnet and stable, times of hkdiag"},
    {"position_width", INT, AT(model.position_width), NULL, "gps: columns of positions among the hidden ones"},
    {"groups", INT, AT(model.groups), NULL, "gps: agents, core tokens; 0: 64"},
    {"degree", INT, AT(model.degree), NULL, "gps: permutations of exphormer, random blocks of bigbird; 0: 3"},
    {"top_k", INT, AT(model.top_k), NULL, "gps: outside training softmax keeps so many blocks of 64 keys for every 32 nodes, for graphs too large to attend to in full; 0: all"},
    {"sink", FLAG, AT(model.sink), NULL, "gps: softmax may attend to nothing"},
    {"gate", FLAG, AT(model.gate), NULL, "gps: every node weighs the heads of softmax attention"},
    {"embed", FLAG, AT(model.embed), NULL, "gps: features are codes, mapped without a bias"},
    {"adapter", CHOICE, AT(model.adapter), "none|plain|p", "gps: the adapter behind global attention (see weft finetune graph)"},
    {"adapter_rule", CHOICE, AT(model.adapter_rule), "paper|code", "gps: which form of the p-adapter"},
    {"adapter_width", INT, AT(model.adapter_width), NULL, "gps: columns of the adapter's bottleneck"},
    {"head_layers", INT, AT(model.head_layers), NULL, "gps: maps of the head with rows of unit length between; 0: halving widths"},
    {"train_eps", FLAG, AT(model.train_eps), NULL, "gin: epsilon is learned"},
    {"optimizer", CHOICE, AT(optimizer), "adam|adamw|sgd", "optimiser"},
    {"schedule", CHOICE, AT(schedule), "constant|cosine|plateau", "learning rate over the epochs"},
    {"metric", CHOICE, AT(metric), "data|accuracy|roc_auc|mae|ap|f1_micro|f1_macro|rmse|r2", "what chooses the epoch and is told; data: as the set says"},
    {"loss", CHOICE, AT(loss), "auto|cross_entropy|bce|mse|mae|huber", "loss: auto is cross_entropy of classes, mae of values"},
    {"normalize", CHOICE, AT(normalize), "none|row|z|auto|unit", "features: rows to sum 1 or (unit) length 1, columns to mean 0 and deviation 1, or as they look"},
    {"lr", REAL, AT(lr), NULL, "learning rate"},
    {"weight_decay", REAL, AT(weight_decay), NULL, "weight decay"},
    {"momentum", REAL, AT(momentum), NULL, "of sgd"},
    {"clip", REAL, AT(clip), NULL, "most norm of a gradient, 0: any"},
    {"epochs", INT, AT(epochs), NULL, "epochs at most"},
    {"warmup", INT, AT(warmup), NULL, "epochs of rising rate"},
    {"patience", INT, AT(patience), NULL, "stop after so many epochs without a better validation value or loss, 0: never"},
    {"by_size", FLAG, AT(by_size), NULL, "1: epochs and patience are cut for large sets (see below); setting either ends it"},
    {"recipe", CHOICE, AT(recipe), "stated|auto|tuned", "nodes of one graph: auto, tuned: what validates best in short trials (see below); stated: as the other options say; setting one that they choose ends them"},
    {"rate_by_size", FLAG, AT(rate_by_size), NULL, "1: the rate is higher on very large sets (see below); setting lr ends it"},
    {"steps_by_size", FLAG, AT(steps_by_size), NULL, "1: pgnn has two steps and no input_dropout on large sets, gprgnn, appnp and dagnn on very large ones (see below); setting k or input_dropout ends it"},
    {"eval_every", INT, AT(eval_every), NULL, "epochs between evaluations"},
    {"batch", INT, AT(batch), NULL, "graphs per step of a graph task; nodes per step where neighbours are sampled"},
    {"sample", LIST, AT(sample), NULL, "sage: so many neighbours are drawn per node and layer, the layer next to the result first (15,10); 0: all nodes in one step"},
    {"class_weights", FLAG, AT(class_weights), NULL, "cross entropy: every class weighs the same"},
    {"huber_delta", REAL, AT(huber_delta), NULL, "huber: where the square ends"},
    {"decoder", CHOICE, AT(decoder), "dot|mlp", "links: the score of a pair of rows"},
    {"hits_k", INT, AT(hits_k), NULL, "links: K of Hits@K"},
    {"val_share", REAL, AT(val_share), NULL, "links: share of the edges for validation"},
    {"test_share", REAL, AT(test_share), NULL, "links: share of the edges for the test"},
    {"ema", REAL, AT(ema), NULL, "decay of averaged parameters, which are then what is evaluated; 0: off"},
    {"plateau_factor", REAL, AT(plateau_factor), NULL, "plateau: the rate is cut so"},
    {"plateau_patience", INT, AT(plateau_patience), NULL, "plateau: after more evaluations than this without a smaller validation loss"}};
enum { N_KEYS = sizeof keys / sizeof *keys };

static int choice_of(const char *choices, const char *value)
{
    size_t n = strlen(value);
    for (int i = 0; *choices; i++) {
        size_t m = strcspn(choices, "|");
        if (m == n && !memcmp(choices, value, n)) return i;
        choices += m + (choices[m] == '|');
    }
    return -1;
}

static bool take_list(int32_t *at, const char *value)
{
    int32_t list[WEFT_SAMPLE_LAYERS] = {0}, n = 0;
    char *end;
    for (const char *p = value; strcmp(value, "0"); p = end + 1) {
        long v = strtol(p, &end, 10);
        if (end == p || v < 1 || v > WEFT_SAMPLE_FAN_OUT || n == WEFT_SAMPLE_LAYERS || (*end && *end != ',')) return false;
        list[n++] = (int32_t)v;
        if (!*end) break;
    }
    memcpy(at, list, sizeof list);
    return true;
}

static bool take(void *at, const option_key_t *k, const char *value)
{
    char *end;
    errno = 0;
    if (k->kind == CHOICE) {
        int c = choice_of(k->choices, value);
        if (c >= 0) *(unsigned *)at = (unsigned)c;
        return c >= 0;
    }
    if (k->kind == FLAG) {
        if (strcmp(value, "0") && strcmp(value, "1")) return false;
        *(bool *)at = value[0] == '1';
        return true;
    }
    if (k->kind == INT) {
        long v = strtol(value, &end, 10);
        if (end == value || *end || errno || v < 0 || v > INT32_MAX) return false;
        *(int32_t *)at = (int32_t)v;
        return true;
    }
    if (k->kind == LIST) return take_list(at, value);
    double v = strtod(value, &end);
    if (end == value || *end || !isfinite(v) || v < 0.0) return false;
    *(double *)at = v;
    return true;
}

weft_status_t weft_train_set(weft_train_options_t *o, const char *assignment, weft_diag_t *diag)
{
    const char *eq = strchr(assignment, '=');
    size_t n = eq ? (size_t)(eq - assignment) : strlen(assignment);
    for (int i = 0; i < N_KEYS; i++)
        if (strlen(keys[i].name) == n && !memcmp(keys[i].name, assignment, n)) {
            if (eq && take((char *)o + keys[i].offset, &keys[i], eq + 1)) {
                if (keys[i].offset == AT(epochs) || keys[i].offset == AT(patience)) o->by_size = false;
                if (keys[i].offset == AT(lr)) o->rate_by_size = false;
                if (weft_i_recipe_sets(keys[i].name)) o->recipe = WEFT_RECIPE_STATED;
                if (keys[i].offset == AT(model.k) || keys[i].offset == AT(model.input_dropout)) o->steps_by_size = false;
                return WEFT_OK;
            }
            weft_diag_add(diag, WEFT_ERROR, "train-value", NULL, 0, 0, "%s: %s", assignment, keys[i].kind == CHOICE ? keys[i].choices : keys[i].kind == FLAG ? "0 or 1" : keys[i].kind == LIST ? "1 to 8 whole numbers from 1 to 65535, by commas; or 0" : "a number from 0 on");
            return WEFT_EUSAGE;
        }
    weft_diag_add(diag, WEFT_ERROR, "train-key", NULL, 0, 0, "there is no option %.*s; --help lists them", (int)n, assignment);
    return WEFT_EUSAGE;
}

bool weft_train_key(const weft_train_options_t *o, int32_t i, const char **key, const char **meaning, char *value, size_t size)
{
    if (i < 0 || i >= N_KEYS) return false;
    const option_key_t *k = &keys[i];
    const char *at = (const char *)o + k->offset;
    *key = k->name;
    *meaning = k->meaning;
    if (k->kind == INT) snprintf(value, size, "%d", *(const int32_t *)at);
    if (k->kind == FLAG) snprintf(value, size, "%d", *(const bool *)at);
    if (k->kind == REAL) snprintf(value, size, "%g", *(const double *)at);
    if (k->kind == LIST) {
        const int32_t *list = (const int32_t *)(const void *)at;
        size_t n = (size_t)snprintf(value, size, "%d", list[0]);
        for (int32_t j = 1; list[0] && j < WEFT_SAMPLE_LAYERS && list[j] && n < size; j++) n += (size_t)snprintf(value + n, size - n, ",%d", list[j]);
    }
    if (k->kind == CHOICE) {
        const char *c = k->choices;
        for (unsigned j = *(const unsigned *)at; j; j--) c += strcspn(c, "|") + 1;
        snprintf(value, size, "%.*s", (int)strcspn(c, "|"), c);
    }
    return true;
}
