/* predict/time21_model.c: see weft/time21_model.h. */
#include "weft/time21_model.h"
#include "base/alloc.h"
#include "base/model_path.h"
#include "base/status.h"
#include "features/time21.h"
#include "io/safetensors.h"
#include "timing/wire_model.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef enum row { STA = 0, HYBRID, TIMINGGCN, PREROUTGNN, N_ROWS } row_t;
static const struct { const char *name, *what; } rows[N_ROWS] = {
    {"sta", "the timing engine on Steiner wires with two constants"},
    {"hybrid", "message passing over placement and netlist corrects wires; the engine carries it through exact tables"},
    {"timinggcn", "net convolutions, then states level by level with learned table look-up (Guo et al. 2022)"},
    {"preroutgnn", "auto-encoder, level encoding, residual steps, attention over tables (Zhong et al. 2024)"}};

struct weft_time21_model {
    row_t row;
    weft_wire_model_t *wires;
    weft_hybrid_t *hybrid;
    weft_level_net_t *net;
    char *trained_on, *command;
    uint64_t library_hash;
};

bool weft_time21_model_row(int32_t i, const char **name, const char **what)
{
    if (i < 0 || i >= N_ROWS) return false;
    *name = rows[i].name;
    *what = rows[i].what;
    return true;
}

static int32_t find_row(const char *name, size_t length)
{
    for (int32_t i = 0; i < N_ROWS; i++)
        if (strlen(rows[i].name) == length && !memcmp(rows[i].name, name, length)) return i;
    return -1;
}

void weft_time21_model_free(weft_time21_model_t *m)
{
    if (!m) return;
    weft_wire_model_free(m->wires);
    weft_hybrid_free(m->hybrid);
    weft_level_net_free(m->net);
    weft_i_free(m->trained_on);
    weft_i_free(m->command);
    weft_i_free(m);
}

static weft_status_t names_of(char **text, const weft_time21_t *const *designs, int32_t n)
{
    size_t size = 1;
    for (int32_t i = 0; i < n; i++) size += strlen(designs[i]->name) + 1;
    if (!(*text = weft_i_calloc(size, 1))) return WEFT_ENOMEM;
    for (int32_t i = 0; i < n; i++) {
        if (i) strcat(*text, " ");
        strcat(*text, designs[i]->name);
    }
    return WEFT_OK;
}

weft_status_t weft_time21_model_train(weft_time21_model_t **model, const char *name, const weft_time21_t *const *designs, int32_t n, const weft_time21_training_t *training, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_time21_model_t *m = NULL;
    int32_t row = find_row(name, strlen(name));
    *model = NULL;
    if (row <= STA) {
        weft_diag_add(diag, WEFT_ERROR, "train-model", NULL, 0, 0, row < 0 ? "no timing model %s; there are: hybrid, timinggcn, preroutgnn" : "%s has nothing to train", name);
        return WEFT_EUSAGE;
    }
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    m->row = (row_t)row;
    m->library_hash = n ? designs[0]->library->hash : 0;
    WEFT_TRY(names_of(&m->trained_on, designs, n));
    if (training && training->command) WEFT_TRY_ALLOC(m->command = weft_i_strndup(training->command, strlen(training->command)));
    if (row == HYBRID) WEFT_TRY(weft_hybrid_train_time21(&m->hybrid, designs, n, training ? &training->hybrid : NULL, diag));
    else WEFT_TRY(weft_level_net_train(&m->net, name, designs, n, training ? &training->net : NULL, diag));
    *model = m;
    m = NULL;
done:
    weft_time21_model_free(m);
    return status;
}

weft_status_t weft_time21_model_write(const weft_time21_model_t *m, const char *path, weft_diag_t *diag)
{
    char hash[20], kind[64];
    if (m->row == STA) return WEFT_EUSAGE;
    snprintf(hash, sizeof hash, "%016" PRIx64, m->library_hash);
    snprintf(kind, sizeof kind, "time21-%s-1", rows[m->row].name);
    json_t *card = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "kind", kind, "library_hash", hash, "trained_on", m->trained_on ? m->trained_on : "", "command", m->command ? m->command : "", "units",
                             "ns, pF, sites of 0.46 um", "parameters", (json_int_t)weft_time21_model_n_parameters(m));
    char *text = card ? json_dumps(card, JSON_COMPACT) : NULL;
    json_decref(card);
    if (!text) return WEFT_ENOMEM;
    const char *const meta[] = {"weft", text};
    weft_status_t status = m->row == HYBRID ? weft_hybrid_write(m->hybrid, path, meta, 1, diag) : weft_level_net_write(m->net, path, meta, 1, diag);
    free(text);
    return status;
}

/* Kind and contract of a file. */
static weft_status_t read_card(weft_time21_model_t *m, const char *path, const weft_library_t *library, weft_diag_t *diag)
{
    weft_i_safetensors_t *f = NULL;
    json_t *card = NULL;
    json_error_t error;
    weft_status_t status = weft_i_safetensors_read(&f, path, diag);
    const char *text = status == WEFT_OK ? weft_i_safetensors_meta(f, "weft") : NULL;
    if (text) card = json_loads(text, 0, &error);
    const char *kind = json_string_value(json_object_get(card, "kind")), *hash = json_string_value(json_object_get(card, "library_hash"));
    size_t n = kind ? strlen(kind) : 0;
    int32_t row = n > 9 && !strncmp(kind, "time21-", 7) && !strcmp(kind + n - 2, "-1") ? find_row(kind + 7, n - 9) : -1;
    if (status == WEFT_OK && row <= STA) {
        weft_diag_add(diag, WEFT_ERROR, "model-kind", path, 0, 0, "not a timing model of the 21-design set%s%s", kind ? ": " : "", kind ? kind : "");
        status = WEFT_EINPUT;
    }
    if (status == WEFT_OK && hash) {
        m->library_hash = strtoull(hash, NULL, 16);
        if (library && m->library_hash != library->hash) weft_diag_add(diag, WEFT_WARNING, "model-library", path, 0, 0, "the weights were fitted with other libraries than these");
    }
    m->row = row > STA ? (row_t)row : STA;
    json_decref(card);
    weft_i_safetensors_free(f);
    return status;
}

weft_status_t weft_time21_model_read(weft_time21_model_t **model, const char *spec, const weft_library_t *library, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_time21_model_t *m = NULL;
    char path[4096], name[300];
    *model = NULL;
    int32_t row = find_row(spec, strlen(spec));
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    if (row == STA) WEFT_TRY(weft_wire_model_new(&m->wires, "steiner:0.16,2.0", NULL, 0, diag));
    else {
        snprintf(name, sizeof name, row > STA ? "time21-%.200s" : "%.250s", spec);
        if (strlen(spec) > 250 ? (snprintf(path, sizeof path, "%s", spec), false) : !weft_i_model_find(name, path, sizeof path)) {
            weft_diag_add(diag, WEFT_ERROR, "model-file", NULL, 0, 0, "no timing model %s: not sta, hybrid, timinggcn, preroutgnn with shipped weights, nor a file", spec);
            WEFT_TRY(WEFT_EINPUT);
        }
        WEFT_TRY(read_card(m, path, library, diag));
        if (m->row == HYBRID) WEFT_TRY(weft_hybrid_read(&m->hybrid, path, diag));
        else WEFT_TRY(weft_level_net_read(&m->net, rows[m->row].name, path, diag));
    }
    *model = m;
    m = NULL;
done:
    weft_time21_model_free(m);
    return status;
}

static weft_status_t by_engine(const weft_time21_model_t *m, const weft_time21_t *t, weft_time21_answer_t *a, weft_diag_t *diag)
{
    weft_wires_t *wires = NULL;
    weft_timer_t *timer = NULL;
    weft_status_t status = weft_wires_new(&wires, m->wires, t->design, 0.0, diag);
    if (status == WEFT_OK) status = weft_i_time21_time(t, wires, &timer, a, diag);
    weft_timer_free(timer);
    weft_wires_free(wires);
    return status;
}

weft_status_t weft_time21_model_answer(const weft_time21_model_t *m, const weft_time21_t *t, const weft_level_run_t *run, weft_time21_answer_t *a, int64_t *peak, weft_diag_t *diag)
{
    if (peak) *peak = 0;
    if (m->net) return weft_level_net_answer(m->net, t, run, a, peak, diag);
    if (run) {
        weft_diag_add(diag, WEFT_ERROR, "train-model", NULL, 0, 0, "%s has no states to go by blocks or to be fed true ones", rows[m->row].name);
        return WEFT_EUSAGE;
    }
    return m->row == STA ? by_engine(m, t, a, diag) : weft_hybrid_time21(m->hybrid, t, a, diag);
}

const weft_level_net_t *weft_time21_model_net(const weft_time21_model_t *m) { return m->net; }

static const char coder_kind[] = "time21-preroutgnn-coder-1";

weft_status_t weft_time21_coder_write(const weft_level_coder_t *c, const weft_time21_t *const *designs, int32_t n, const char *command, const char *path, weft_diag_t *diag)
{
    char *names = NULL;
    weft_status_t status = names_of(&names, designs, n);
    if (status != WEFT_OK) return status;
    json_t *card = json_pack("{s:s, s:s, s:s, s:I}", "kind", coder_kind, "trained_on", names, "command", command ? command : "", "parameters", (json_int_t)weft_level_coder_n_parameters(c, NULL));
    char *text = card ? json_dumps(card, JSON_COMPACT) : NULL;
    json_decref(card);
    weft_i_free(names);
    if (!text) return WEFT_ENOMEM;
    const char *const meta[] = {"weft", text};
    status = weft_level_coder_write(c, path, meta, 1, diag);
    free(text);
    return status;
}

weft_status_t weft_time21_coder_read(weft_level_coder_t **coder, const char *path, weft_diag_t *diag)
{
    weft_i_safetensors_t *f = NULL;
    json_error_t error;
    *coder = NULL;
    weft_status_t status = weft_i_safetensors_read(&f, path, diag);
    const char *text = status == WEFT_OK ? weft_i_safetensors_meta(f, "weft") : NULL;
    json_t *card = text ? json_loads(text, 0, &error) : NULL;
    const char *kind = json_string_value(json_object_get(card, "kind"));
    if (status == WEFT_OK && (!kind || strcmp(kind, coder_kind))) {
        weft_diag_add(diag, WEFT_ERROR, "model-kind", path, 0, 0, "not an auto-encoder of weft pretrain timing%s%s", kind ? ": " : "", kind ? kind : "");
        status = WEFT_EINPUT;
    }
    json_decref(card);
    weft_i_safetensors_free(f);
    return status == WEFT_OK ? weft_level_coder_read(coder, path, diag) : status;
}

const char *weft_time21_model_name(const weft_time21_model_t *m) { return rows[m->row].name; }

int64_t weft_time21_model_n_parameters(const weft_time21_model_t *m) { return m->net ? weft_level_net_n_parameters(m->net, NULL) : m->hybrid ? weft_hybrid_n_parameters(m->hybrid) : 0; }
