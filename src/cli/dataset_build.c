/* cli/dataset_build.c: weft dataset build: routed designs as one sample file (weft/net_samples.h); weft dataset info of such a file. */
#include "cli/circuit_fit.h"

#include <stdlib.h>
#include <string.h>

static weft_status_t build(const cli_inputs_t *in, cli_fit_t *o, weft_diag_t *diag)
{
    weft_calibration_t *cal = weft_calibration_new();
    cli_lender_t lender = {0};
    int32_t *index = NULL, n = 0;
    char **folder = NULL;
    weft_status_t status = cal ? cli_fit_gather(cal, &lender, in, o, &index, diag) : WEFT_ENOMEM;
    if (status == WEFT_OK) n = weft_calibration_n_designs(cal);
    if (status == WEFT_OK && !n) {
        weft_diag_add(diag, WEFT_ERROR, "calibrate-few", NULL, 0, 0, "no design is left to keep");
        status = WEFT_EINPUT;
    }
    if (status == WEFT_OK && !(folder = calloc((size_t)n + 1, sizeof *folder))) status = WEFT_ENOMEM;
    for (int32_t i = 0; i < n && status == WEFT_OK; i++) {
        const char *path = o->data.design[index[i]].folder;
        char *whole = realpath(path, NULL); /* NULL: a sample's folder that is gone keeps its name */
        if (!(folder[i] = whole ? whole : strdup(path))) status = WEFT_ENOMEM;
    }
    if (status == WEFT_OK) status = weft_net_samples_write(cal, (const char *const *)folder, o->out, diag);
    if (status == WEFT_OK && !in->quiet) printf("%s: %d designs\n", o->out, n);
    for (int32_t i = 0; i < n && folder; i++) free(folder[i]);
    free(folder);
    free(index);
    weft_calibration_free(cal);
    cli_unload(&lender.loaded);
    return status;
}

int cli_dataset_build(const cli_verb_t *verb, int argc, char **argv)
{
    cli_inputs_t in = {0};
    cli_fit_t fit = {.command = "weft dataset build"};
    static const cli_option_t *const tables[] = {cli_set_options, cli_input_options, NULL};
    void *const into[] = {&fit, &in};
    int code = cli_parse(verb, tables, into, argc, argv);
    if (code < 0) {
        weft_diag_t *diag = weft_diag_new();
        weft_status_t status = WEFT_EUSAGE;
        if (!fit.out || !fit.n_folders) weft_diag_add(diag, WEFT_ERROR, "usage", NULL, 0, 0, "dataset build needs --data DIR (or several) and --out FILE");
        else status = build(&in, &fit, diag);
        code = cli_end(status, diag, in.quiet, "weft dataset build");
    }
    cli_fit_free(&fit);
    cli_inputs_free(&in);
    return code;
}

bool cli_names_samples(const char *path)
{
    static const char tail[] = ".safetensors";
    size_t n = strlen(path);
    return n >= sizeof tail && !strcmp(path + n - sizeof tail + 1, tail);
}

static void print_info(const weft_net_samples_t *s)
{
    int64_t nets = 0, labels = 0, arcs = 0;
    printf("%-34s %-24s %9s %9s %9s\n", "design", "family", "nets", "labels", "arcs");
    for (int32_t i = 0; i < weft_net_samples_n_designs(s); i++) {
        const weft_net_samples_design_t *d = weft_net_samples_design(s, i);
        printf("%-34s %-24s %9d %9d %9lld\n", d->name, d->family, d->n_nets, d->n_labels, (long long)d->n_arcs);
        nets += d->n_nets;
        labels += d->n_labels;
        arcs += d->n_arcs;
    }
    printf("%d designs: %lld nets, %lld with labels, %lld arcs\n\n%-30s %-12s %s\n", weft_net_samples_n_designs(s), (long long)nets, (long long)labels, (long long)arcs, "column of a net", "unit", "scale");
    for (int32_t i = 0; i < weft_net_samples_n_columns(); i++) {
        const char *name, *unit, *scale;
        weft_net_samples_column(i, &name, &unit, &scale);
        printf("%-30s %-12s %s\n", name, unit, scale);
    }
}

int cli_samples_info(const char *path)
{
    weft_net_samples_t *s = NULL;
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = weft_net_samples_read(&s, path, diag);
    if (status == WEFT_OK) print_info(s);
    weft_diag_print(diag, stderr, WEFT_WARNING);
    weft_diag_free(diag);
    weft_net_samples_free(s);
    return cli_exit_code(status);
}
