/* cli/data_dirs.c: folders of routed designs as inputs, and sample files that remember such folders. */
#include "cli/cli.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *keep(cli_data_design_t *d, const char *folder, const char *name)
{
    size_t n = strlen(folder) + strlen(name) + 2;
    char **more = realloc(d->text, ((size_t)d->n_texts + 1) * sizeof *more), *s = malloc(n);
    if (more) d->text = more;
    if (!more || !s) {
        free(s);
        return NULL;
    }
    snprintf(s, n, "%s/%s", folder, name);
    return d->text[d->n_texts++] = s;
}

/* FOLDER/NAME, plain or packed; NULL: not there. */
static char *find(cli_data_design_t *d, const char *folder, const char *name)
{
    static const char *const tail[] = {"", ".gz", ".zst"};
    for (int i = 0; i < 3; i++) {
        char with[64];
        snprintf(with, sizeof with, "%s%s", name, tail[i]);
        char *path = keep(d, folder, with);
        if (path && !access(path, R_OK)) return path;
    }
    return NULL;
}

static bool push(const char ***list, int32_t *n, const char *value)
{
    const char **more = realloc(*list, ((size_t)*n + 1) * sizeof *more);
    if (!more || !value) return false;
    *list = more;
    more[(*n)++] = value;
    return true;
}

static bool ends(const char *name, const char *tail)
{
    char with[16];
    size_t n = strlen(name);
    for (int i = 0; i < 3; i++) {
        snprintf(with, sizeof with, "%s%s", tail, i == 0 ? "" : i == 1 ? ".gz" : ".zst");
        size_t k = strlen(with);
        if (n > k && !strcmp(name + n - k, with)) return true;
    }
    return false;
}

/* Files of a kind, by name; technology LEF first, for its layers and units. */
static int32_t collect(cli_data_design_t *d, const char *folder, bool lib)
{
    struct dirent **entry = NULL;
    int32_t n = scandir(folder, &entry, NULL, alphasort), found = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int32_t i = 0; i < n; i++) {
            const char *name = entry[i]->d_name;
            if (!ends(name, lib ? ".lib" : ".lef")) continue;
            if (lib ? pass : pass == (strstr(name, "tech") != NULL)) continue;
            char *path = keep(d, folder, name);
            if (!path) continue;
            if (!lib) found += push(&d->in.lef, &d->in.n_lefs, path);
            else {
                weft_lib_source_t *more = realloc(d->in.lib, ((size_t)d->in.n_libs + 1) * sizeof *more);
                if (!more) continue;
                d->in.lib = more;
                more[d->in.n_libs++] = (weft_lib_source_t){path, NULL, true, true};
                found++;
            }
        }
    for (int32_t i = 0; i < n; i++) free(entry[i]);
    free(entry);
    return found;
}

/* Field `want` of a CSV line (quotes doubled inside quotes) into out. */
static bool csv_field(const char *p, int32_t want, char *out, size_t size)
{
    for (int32_t k = 0;; k++) {
        size_t n = 0;
        bool quoted = *p == '"';
        if (quoted) p++;
        while (*p && *p != '\n' && *p != '\r') {
            if (quoted && *p == '"' && p[1] == '"') p++;
            else if (quoted && *p == '"') {
                quoted = false;
                p++;
                continue;
            } else if (!quoted && *p == ',') break;
            if (n + 1 < size) out[n++] = *p;
            p++;
        }
        out[n] = 0;
        if (k == want) return true;
        if (*p != ',') return false;
        p++;
    }
}

static char *family_of(const char *parent, const char *name)
{
    char path[4096], field[512], *line = NULL, *family = NULL;
    size_t room = 0;
    int32_t at = -1;
    snprintf(path, sizeof path, "%s/index.csv", parent);
    FILE *f = fopen(path, "r");
    for (int32_t row = 0; f && !family && getline(&line, &room, f) > 0; row++) {
        if (row == 0) {
            for (int32_t k = 0; csv_field(line, k, field, sizeof field); k++)
                if (!strcmp(field, "family")) at = k;
            if (at < 0) break;
        } else if (csv_field(line, 0, field, sizeof field) && !strcmp(field, name) && csv_field(line, at, field, sizeof field)) family = strdup(field);
    }
    if (f) fclose(f);
    free(line);
    return family ? family : strdup(name);
}

/* name and family NULL: as the folder and its parent's index have them. A design without `inputs` has those of an empty folder. */
static weft_status_t add_design(cli_data_t *data, const char *folder, const char *name, const char *family, bool inputs)
{
    cli_data_design_t *more = realloc(data->design, ((size_t)data->n + 1) * sizeof *more);
    if (!more) return WEFT_ENOMEM;
    data->design = more;
    cli_data_design_t *d = &more[data->n];
    const char *slash = strrchr(folder, '/');
    *d = (cli_data_design_t){.folder = strdup(folder), .parent = slash ? strndup(folder, (size_t)(slash - folder)) : strdup("."), .name = strdup(name ? name : slash ? slash + 1 : folder)};
    d->family = family ? strdup(family) : d->name && d->parent ? family_of(d->parent, d->name) : NULL;
    data->n++;
    if (!d->folder || !d->parent || !d->name || !d->family) return WEFT_ENOMEM;
    if (!inputs) return WEFT_OK;
    const char *sdc = find(d, folder, "design.sdc");
    bool ok = push(&d->in.verilog, &d->in.n_verilog, find(d, folder, "design.v"))
           && push(&d->in.def, &d->in.n_defs, find(d, folder, "design.def")) && push(&d->in.truth_spef, &d->in.n_truth_spef, find(d, folder, "design.spef"));
    if (ok && sdc) ok = push(&d->in.sdc, &d->in.n_sdc, sdc);
    if (!collect(d, folder, true)) collect(d, d->parent, true);
    if (!collect(d, folder, false)) collect(d, d->parent, false);
    return ok ? WEFT_OK : WEFT_EINPUT;
}

static bool is_design(const char *folder)
{
    cli_data_design_t d = {0};
    bool yes = find(&d, folder, "design.v") && find(&d, folder, "design.def") && find(&d, folder, "design.spef");
    for (int32_t i = 0; i < d.n_texts; i++) free(d.text[i]);
    free(d.text);
    return yes;
}

static weft_status_t add_samples(cli_data_t *data, const char *path, weft_diag_t *diag)
{
    weft_net_samples_t **more = realloc(data->samples, ((size_t)data->n_samples + 1) * sizeof *more), *s;
    if (!more) return WEFT_ENOMEM;
    data->samples = more;
    weft_status_t status = weft_net_samples_read(&s, path, diag);
    if (status != WEFT_OK) return status;
    data->samples[data->n_samples++] = s;
    for (int32_t i = 0; i < weft_net_samples_n_designs(s) && status == WEFT_OK; i++) {
        const weft_net_samples_design_t *a = weft_net_samples_design(s, i);
        status = add_design(data, a->folder, a->name, a->family, is_design(a->folder));
        if (status != WEFT_OK) break;
        cli_data_design_t *d = &data->design[data->n - 1];
        d->samples = s;
        d->sample = a;
        d->at = i;
    }
    return status;
}

weft_status_t cli_data_add(cli_data_t *data, const char *folder, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    char path[4096];
    struct stat st;
    int32_t before = data->n;
    size_t k = strlen(folder);
    if (!stat(folder, &st) && S_ISREG(st.st_mode)) return add_samples(data, folder, diag);
    while (k > 1 && folder[k - 1] == '/') k--;
    snprintf(path, sizeof path, "%.*s", (int)k, folder);
    if (is_design(path)) return add_design(data, path, NULL, NULL, true);
    struct dirent **entry = NULL;
    int32_t n = scandir(path, &entry, NULL, alphasort);
    for (int32_t i = 0; i < n; i++) {
        char sub[8192];
        snprintf(sub, sizeof sub, "%s/%s", path, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.' && is_design(sub) && status == WEFT_OK) status = add_design(data, sub, NULL, NULL, true);
        free(entry[i]);
    }
    free(entry);
    if (status == WEFT_OK && data->n == before) {
        weft_diag_add(diag, WEFT_ERROR, "data-folder", folder, 0, 0, "no folder here holds design.v, design.def and design.spef");
        return WEFT_EINPUT;
    }
    return status;
}

void cli_data_free(cli_data_t *data)
{
    for (int32_t i = 0; i < data->n; i++) {
        cli_data_design_t *d = &data->design[i];
        for (int32_t k = 0; k < d->n_texts; k++) free(d->text[k]);
        free(d->text);
        free(d->folder);
        free(d->parent);
        free(d->name);
        free(d->family);
        cli_inputs_free(&d->in);
    }
    free(data->design);
    for (int32_t i = 0; i < data->n_samples; i++) weft_net_samples_free(data->samples[i]);
    free(data->samples);
}
