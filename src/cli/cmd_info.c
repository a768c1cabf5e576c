/* cli/cmd_info.c: weft info: what a file is, by its content, and its main counts. */
#include "cli/cli.h"
#include "weft/liberty.h"
#include "weft/net_model.h"
#include "weft/safetensors.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct fact { const char *name; double value; } fact_t;
typedef struct info { const char *kind; char text[4][200]; int32_t n_texts; fact_t fact[12]; int32_t n; } info_t;

static void fact(info_t *i, const char *name, double value)
{
    if (i->n < 12) i->fact[i->n++] = (fact_t){name, value};
}

static bool liberty(const char *path, info_t *o)
{
    weft_library_t *l = NULL;
    weft_lib_source_t s = {path, NULL, true, true};
    if (weft_library_read(&l, &s, 1, NULL) != WEFT_OK) return false;
    o->kind = "Liberty";
    snprintf(o->text[o->n_texts++], 200, "library %s, hash %016llx", l->n_files ? weft_names_text(l->names, l->file[0].library_name) : "", (unsigned long long)l->hash);
    fact(o, "cells", l->n_cells);
    fact(o, "arcs", l->n_arcs);
    fact(o, "tables", l->n_tables);
    fact(o, "wire loads", l->n_wire_loads);
    fact(o, "time unit, s", l->file[0].time_unit);
    fact(o, "capacitance unit, F", l->file[0].cap_unit);
    weft_library_free(l);
    return true;
}

static bool verilog(const char *path, info_t *o)
{
    weft_verilog_t *v = NULL;
    if (weft_verilog_read(&v, path, NULL) != WEFT_OK) return false;
    o->kind = "Verilog netlist";
    fact(o, "modules", v->n_modules);
    for (int32_t i = 0; i < v->n_modules && o->n_texts < 3; i++) snprintf(o->text[o->n_texts++], 200, "module %s", weft_names_text(v->names, v->module[i].name));
    weft_verilog_free(v);
    return true;
}

static bool lef(const char *path, info_t *o)
{
    weft_lef_t *l = NULL;
    if (weft_lef_read(&l, path, NULL) != WEFT_OK) return false;
    o->kind = "LEF";
    fact(o, "layers", l->n_layers);
    fact(o, "vias", l->n_vias);
    fact(o, "macros", l->n_macros);
    weft_lef_free(l);
    return true;
}

static bool def(const char *path, info_t *o)
{
    weft_def_t *d = NULL;
    if (weft_def_read(&d, path, NULL) != WEFT_OK) return false;
    o->kind = "DEF";
    if (d->design >= 0) snprintf(o->text[o->n_texts++], 200, "design %s", weft_names_text(d->names, d->design));
    fact(o, "components", d->n_components);
    fact(o, "pins", d->n_pins);
    fact(o, "nets", d->n_nets);
    fact(o, "wires and vias", d->n_wires);
    fact(o, "units per um", d->dbu);
    weft_def_free(d);
    return true;
}

static bool spef(const char *path, info_t *o)
{
    weft_spef_t *s = NULL;
    double total = 0.0;
    if (weft_spef_read(&s, path, NULL) != WEFT_OK) return false;
    for (int32_t i = 0; i < s->n_nets; i++) total += (double)s->net[i].total;
    o->kind = "SPEF";
    if (s->design) snprintf(o->text[o->n_texts++], 200, "design %s", s->design);
    fact(o, "nets", s->n_nets);
    fact(o, "capacitors", s->n_caps);
    fact(o, "couplings", (double)s->n_couplings);
    fact(o, "resistors", s->n_res);
    fact(o, "total capacitance, pF", total * 1e12);
    weft_spef_free(s);
    return true;
}

static bool sdf(const char *path, info_t *o)
{
    weft_sdf_t *s = NULL;
    if (weft_sdf_read(&s, path, NULL) != WEFT_OK) return false;
    int32_t n[WEFT_SDF_N_KINDS] = {0}, n_checks = 0;
    for (int32_t i = 0; i < s->n_entries; i++) n[s->entry[i].kind]++;
    for (int32_t k = WEFT_SDF_SETUP; k < WEFT_SDF_N_KINDS; k++) n_checks += n[k];
    o->kind = "SDF";
    if (s->design >= 0) snprintf(o->text[o->n_texts++], 200, "design %s", weft_names_text(s->names, s->design));
    fact(o, "cells", s->n_cells);
    fact(o, "arcs", n[WEFT_SDF_IOPATH] + n[WEFT_SDF_DEVICE]);
    fact(o, "wires", n[WEFT_SDF_INTERCONNECT] + n[WEFT_SDF_PORT]);
    fact(o, "checks", n_checks);
    fact(o, "time unit, s", s->time_unit);
    weft_sdf_free(s);
    return true;
}

static bool model(const char *path, info_t *o)
{
    weft_wire_model_t *m = NULL;
    double interval[2];
    if (weft_wire_model_new(&m, path, NULL, 0, NULL) != WEFT_OK) return false;
    weft_wire_model_interval(m, interval);
    o->kind = "wire model";
    snprintf(o->text[o->n_texts++], 200, "%s", weft_wire_model_name(m));
    fact(o, "interval of setup slacks, ps", interval[1] * 1e12);
    fact(o, "interval of hold slacks, ps", interval[0] * 1e12);
    if (weft_wire_model_n_parameters(m)) fact(o, "parameters of its nets", (double)weft_wire_model_n_parameters(m));
    weft_wire_model_free(m);
    return true;
}

static bool tensors(const char *path, info_t *o)
{
    weft_safetensors_about_t a;
    if (weft_safetensors_about(&a, path, NULL) != WEFT_OK) return false;
    o->kind = "safetensors";
    if (*a.kind) snprintf(o->text[o->n_texts++], 200, "%s", a.kind);
    if (*a.trained_on) snprintf(o->text[o->n_texts++], 200, "trained on %.180s", a.trained_on);
    if (*a.command) snprintf(o->text[o->n_texts++], 200, "%s", a.command);
    fact(o, "tensors", a.n_tensors);
    fact(o, "numbers", (double)a.n_numbers);
    return true;
}

/* Rows are tried in order, those first whose words stand at the beginning of the file. */
static const struct { const char *word; bool (*read)(const char *, info_t *); } kinds[] = {
    {"*SPEF", spef}, {"DELAYFILE", sdf}, {"library", liberty}, {"COMPONENTS", def}, {"DESIGN ", def}, {"MACRO", lef}, {"LAYER", lef}, {"module", verilog}, {"safetensors", model}, {"safetensors", tensors}};
enum { N_KINDS = sizeof kinds / sizeof *kinds, N_TEXTS = N_KINDS - 2 }; /* the last two are binary: told by the brace of their header */

static bool has_word(const char *head, const char *word)
{
    const char *p = strstr(head, word);
    return p && (p == head || !isalnum((unsigned char)p[-1]));
}

static weft_status_t look(const char *path, info_t *o, weft_diag_t *diag)
{
    char head[4097] = "";
    struct stat s;
    if (stat(path, &s)) {
        weft_diag_add(diag, WEFT_ERROR, "file-open", path, 0, 0, "cannot be opened");
        return WEFT_EINPUT;
    }
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(head, 1, sizeof head - 1, f) : 0;
    if (f) fclose(f);
    bool packed = n > 2 && (((unsigned char)head[0] == 0x1f && (unsigned char)head[1] == 0x8b) || ((unsigned char)head[0] == 0x28 && (unsigned char)head[1] == 0xb5));
    for (size_t i = 0; i < n; i++)
        if (!head[i]) head[i] = ' ';
    for (size_t k = 0; k < N_KINDS; k++)
        if (!packed && (has_word(head, kinds[k].word) || (k >= N_TEXTS && n > 9 && head[8] == '{')) && kinds[k].read(path, o)) return WEFT_OK;
    for (size_t k = 0; packed && k < N_TEXTS; k++) { /* packed: by what its reader finds */
        *o = (info_t){0};
        if (kinds[k].read(path, o) && o->n && o->fact[0].value > 0) return WEFT_OK;
    }
    weft_diag_add(diag, WEFT_ERROR, "info-unknown", path, 0, 0, "none of the readers knows this file");
    return WEFT_EINPUT;
}

int cmd_info(int argc, char **argv)
{
    const cli_verb_t *verb = cli_verb("info");
    const char *path = NULL, *json = NULL;
    if (argc > 1 && !strcmp(argv[1], "model")) return cli_info_model(verb, argc - 1, argv + 1);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help")) {
            printf("usage: weft info %s\n\n%s\n", verb->usage, verb->summary);
            return EXIT_DONE;
        }
        if (!strcmp(argv[i], "--json") && i + 1 < argc) json = argv[++i];
        else if (argv[i][0] != '-' && !path) path = argv[i];
        else {
            fprintf(stderr, "weft info: %s is not understood; weft info --help tells more\n", argv[i]);
            return EXIT_USAGE;
        }
    }
    if (!path) {
        fprintf(stderr, "weft info: a file is needed\n");
        return EXIT_USAGE;
    }
    info_t o = {0};
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = look(path, &o, diag);
    if (status == WEFT_OK && json) {
        FILE *f = strcmp(json, "-") ? fopen(json, "w") : stdout;
        if (f) {
            fprintf(f, "{\"schema\":\"weft-info-1\",\"kind\":\"%s\"", o.kind);
            for (int32_t i = 0; i < o.n; i++) fprintf(f, ",\"%s\":%.10g", o.fact[i].name, o.fact[i].value);
            fprintf(f, "}\n");
            if (f != stdout) fclose(f);
        }
    } else if (status == WEFT_OK) {
        printf("%s: %s\n", path, o.kind);
        for (int32_t i = 0; i < o.n_texts; i++) printf("  %s\n", o.text[i]);
        for (int32_t i = 0; i < o.n; i++) printf("  %-26s %.10g\n", o.fact[i].name, o.fact[i].value);
    }
    weft_diag_print(diag, stderr, WEFT_WARNING);
    weft_diag_free(diag);
    return cli_exit_code(status);
}
