/* cli/info_model.c: weft info model NAME: the options of a graph model and how many parameters it has. */
#include "cli/training.h"
#include "weft/train.h"

#include <stdlib.h>
#include <string.h>

typedef struct args {
    const char *preset, *dataset, *json;
    cli_settings_t settings;
    int64_t in, edge_in, out;
} args_t;

static bool take_preset(void *a, const char *v) { return (((args_t *)a)->preset = v) != NULL; }
static bool take_dataset(void *a, const char *v) { return (((args_t *)a)->dataset = v) != NULL; }
static bool take_json(void *a, const char *v) { return (((args_t *)a)->json = v) != NULL; }
static bool take_in(void *a, const char *v) { return cli_whole("in", v, 0, 1 << 24, &((args_t *)a)->in); }
static bool take_edge_in(void *a, const char *v) { return cli_whole("edge-in", v, 0, 1 << 24, &((args_t *)a)->edge_in); }
static bool take_out(void *a, const char *v) { return cli_whole("out", v, 0, 1 << 24, &((args_t *)a)->out); }
static bool take_set(void *a, const char *v) { return cli_take_setting(&((args_t *)a)->settings, "info model", v); }

static const cli_option_t options[] = {
    {"preset", "NAME", "a named configuration, with the columns of the data it was published for", take_preset},
    {"dataset", "NAME", "a data set whose defaults apply", take_dataset},
    {"set", "KEY=VALUE", "an option (weft train graph --help lists them)", take_set},
    {"in", "N", "columns of the features (default: the preset's, else 64)", take_in},
    {"edge-in", "N", "columns of the edges' features (default: the preset's, else none)", take_edge_in},
    {"out", "N", "columns of the result (default: the preset's, else 1)", take_out},
    {"json", "FILE", "as JSON; - is stdout", take_json},
    {NULL, NULL, NULL, NULL}};

static void print(const weft_train_options_t *o, const args_t *a, int64_t parameters, FILE *f)
{
    const char *key, *meaning;
    char value[64];
    fprintf(f, "{\"model\":\"%s\",\"preset\":", o->model.model);
    if (a->preset) fprintf(f, "\"%s\"", a->preset);
    else fprintf(f, "null");
    fprintf(f, ",\"in\":%lld,\"edge_in\":%lld,\"out\":%lld,\"parameters\":%lld,\"options\":{", (long long)o->model.in, (long long)o->model.edge_in, (long long)o->model.out, (long long)parameters);
    for (int32_t i = 0; weft_train_key(o, i, &key, &meaning, value, sizeof value); i++) {
        char *end;
        (void)strtod(value, &end);
        fprintf(f, *end || !*value ? "%s\"%s\":\"%s\"" : "%s\"%s\":%s", i ? "," : "", key, value);
    }
    fprintf(f, "}}\n");
}

int cli_info_model(const cli_verb_t *verb, int argc, char **argv)
{
    args_t a = {.in = -1, .edge_in = -1, .out = -1};
    const char *name = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
    const cli_option_t *const tables[] = {options, NULL};
    void *const into[] = {&a};
    int code = cli_parse(verb, tables, into, name ? argc - 1 : argc, name ? argv + 1 : argv);
    if (code >= 0) return code;
    if (!name) {
        fprintf(stderr, "weft info model: the model's name must follow\n");
        return EXIT_USAGE;
    }
    weft_train_options_t o;
    weft_model_t *model = NULL;
    weft_diag_t *diag = weft_diag_new();
    int64_t in = 64, edge_in = 0, out = 1;
    weft_status_t status = weft_train_defaults(&o, name, a.dataset, a.preset, diag);
    if (status == WEFT_OK) status = cli_apply_settings(&a.settings, &o, diag);
    if (status == WEFT_OK) {
        weft_train_preset_columns(name, a.preset, &in, &edge_in, &out);
        o.model.in = a.in >= 0 ? a.in : in;
        o.model.edge_in = a.edge_in >= 0 ? a.edge_in : edge_in;
        o.model.out = a.out >= 0 ? a.out : out;
        status = weft_model_new(&model, &o.model, 0, diag);
    }
    weft_diag_print(diag, stderr, WEFT_WARNING);
    if (status == WEFT_OK) {
        int64_t n = weft_params_count(weft_model_params(model));
        FILE *f = !a.json || !strcmp(a.json, "-") ? stdout : fopen(a.json, "w");
        if (!f) status = WEFT_EIO;
        else if (a.json) print(&o, &a, n, f);
        else {
            const char *key, *meaning;
            char value[64];
            printf("%s%s%s: %lld parameters with %lld columns of features, %lld of edges, %lld of results\n", name, a.preset ? ", preset " : "", a.preset ? a.preset : "", (long long)n, (long long)o.model.in,
                   (long long)o.model.edge_in, (long long)o.model.out);
            for (int32_t i = 0; weft_train_key(&o, i, &key, &meaning, value, sizeof value); i++) printf("  %-18s %-12s %s\n", key, value, meaning);
        }
        if (f && (f != stdout ? fclose(f) : fflush(f))) status = WEFT_EIO;
    }
    weft_model_free(model);
    weft_diag_free(diag);
    return cli_exit_code(status);
}
