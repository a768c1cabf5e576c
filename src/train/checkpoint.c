/* train/checkpoint.c: everything that the next epoch depends on, in one safetensors file that is written beside and renamed. Dropout masks and the
 * order of batches are functions of seed and epoch, so no generator has a state to keep. Doubles are kept as hexadecimal text: exact. */
#include "base/alloc.h"
#include "base/status.h"
#include "io/safetensors.h"
#include "train/train.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const weft_i_dtype_t dtype = sizeof(weft_real_t) == 4 ? WEFT_I_F32 : WEFT_I_F64;

static void put(json_t *o, const char *key, double v)
{
    char text[64];
    snprintf(text, sizeof text, "%a", v);
    json_object_set_new(o, key, json_string(text));
}

static double get(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? strtod(text, NULL) : NAN;
}

static json_t *run_json(const weft_run_t *r)
{
    json_t *o = json_object();
    put(o, "train", r->train);
    put(o, "val", r->val);
    put(o, "test", r->test);
    put(o, "seconds", r->seconds);
    json_object_set_new(o, "best_epoch", json_integer(r->best_epoch));
    json_object_set_new(o, "epochs", json_integer(r->epochs));
    json_object_set_new(o, "recipe", json_integer(r->recipe));
    return o;
}

static weft_run_t run_of(const json_t *o)
{
    return (weft_run_t){.train = get(o, "train"), .val = get(o, "val"), .test = get(o, "test"), .seconds = get(o, "seconds"), .best_epoch = (int32_t)json_integer_value(json_object_get(o, "best_epoch")),
                        .epochs = (int32_t)json_integer_value(json_object_get(o, "epochs")), .recipe = (int32_t)json_integer_value(json_object_get(o, "recipe"))};
}

static json_t *options_json(const weft_train_options_t *o)
{
    const char *key, *meaning;
    char value[64];
    json_t *all = json_object();
    for (int32_t i = 0; weft_train_key(o, i, &key, &meaning, value, sizeof value); i++) json_object_set_new(all, key, json_string(value));
    return all;
}

weft_status_t weft_i_checkpoint_write(const weft_i_loop_t *l, double seconds, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const weft_checkpoint_t *c = l->options->checkpoint;
    weft_optim_state_t moments = weft_optim_state(l->optim);
    int64_t total = weft_params_total(l->params);
    weft_real_t *params = weft_i_malloc((size_t)total * sizeof *params + 1);
    json_t *card = json_object(), *done = json_array();
    char *text = NULL;
    json_object_set_new(card, "kind", json_string("graph-checkpoint-1"));
    json_object_set_new(card, "model", json_string(l->options->model.model));
    json_object_set_new(card, "data", json_string(l->data ? l->data : ""));
    json_object_set_new(card, "options", options_json(l->options));
    json_object_set_new(card, "seed", json_integer((json_int_t)l->options->seed));
    json_object_set_new(card, "run", json_integer(l->index));
    json_object_set_new(card, "start", json_integer(l->start));
    json_object_set_new(card, "epoch", json_integer(l->epoch));
    json_object_set_new(card, "steps", json_integer(l->steps));
    json_object_set_new(card, "optimizer_steps", json_integer(*moments.step));
    json_object_set_new(card, "last_better", json_integer(l->best.last_better));
    json_object_set_new(card, "plateau_bad", json_integer(l->plateau_bad));
    put(card, "val_loss", l->best.val_loss);
    put(card, "least_loss", l->best.least_loss);
    put(card, "rate_factor", l->rate_factor);
    put(card, "plateau_best", l->plateau_best);
    put(card, "seconds", seconds);
    json_object_set_new(card, "result", run_json(l->best.run));
    for (int32_t i = 0; i < c->n_done; i++) json_array_append_new(done, run_json(&c->done[i]));
    json_object_set_new(card, "done", done);
    text = json_dumps(card, JSON_COMPACT);
    json_decref(card);
    WEFT_TRY_ALLOC(params);
    WEFT_TRY_ALLOC(text);
    weft_params_store(l->params, params);
    weft_i_tensor_entry_t t[5];
    const char *const name[] = {"params", "best", "moments.first", "moments.second", "ema"};
    const weft_real_t *const data[] = {params, l->best.params, moments.first, moments.second, l->ema};
    const int64_t n[] = {total, total, moments.n, moments.n, total};
    int32_t n_tensors = l->ema ? 5 : 4;
    for (int32_t k = 0; k < n_tensors; k++) t[k] = (weft_i_tensor_entry_t){.name = name[k], .dtype = dtype, .n_dims = 1, .shape = {n[k]}, .data = data[k], .n_elements = n[k]};
    const char *const meta[] = {"weft", text};
    WEFT_TRY(weft_i_safetensors_write(c->path, t, n_tensors, meta, 1, diag));
done:
    free(text);
    weft_i_free(params);
    return status;
}

static weft_status_t wrong(const char *path, const char *id, weft_diag_t *diag, const char *what, const char *a, const char *b)
{
    weft_diag_add(diag, WEFT_ERROR, id, path, 0, 0, "%s%s%s%s%s", what, a ? ": " : "", a ? a : "", b ? ", not " : "", b ? b : "");
    return WEFT_EINPUT;
}

static weft_status_t card_of(json_t **card, weft_i_safetensors_t **f, const char *path, weft_diag_t *diag)
{
    json_error_t error;
    *card = NULL;
    weft_status_t status = weft_i_safetensors_read(f, path, diag);
    if (status != WEFT_OK) return status;
    const char *text = weft_i_safetensors_meta(*f, "weft");
    *card = text ? json_loads(text, 0, &error) : NULL;
    const char *kind = json_string_value(json_object_get(*card, "kind"));
    return kind && !strcmp(kind, "graph-checkpoint-1") ? WEFT_OK : wrong(path, "checkpoint-kind", diag, "not a checkpoint of weft train graph", NULL, NULL);
}

/* Every option as it was; more (or fewer) epochs are sound where the rate does not depend on them. An option that the writer did not know was what it is where nothing is said. */
static weft_status_t same_options(const weft_i_loop_t *l, const json_t *there, const char *path, weft_diag_t *diag)
{
    const weft_train_options_t neutral = weft_train_neutral();
    json_t *here = options_json(l->options), *unsaid = options_json(&neutral), *value;
    weft_status_t status = WEFT_OK;
    const char *key;
    json_object_foreach(here, key, value)
    {
        const char *a = json_string_value(value), *b = json_string_value(json_object_get(json_object_get(there, key) ? there : unsaid, key));
        if (!strcmp(key, "epochs") && l->options->schedule != WEFT_COSINE) continue;
        if (!b || strcmp(a, b)) status = wrong(path, "checkpoint-options", diag, key, b ? b : "not said", a);
    }
    json_decref(here);
    json_decref(unsaid);
    return status;
}

static weft_status_t tensor(weft_real_t *to, const weft_i_safetensors_t *f, const char *name, int64_t n, const char *path, weft_diag_t *diag)
{
    const weft_i_tensor_entry_t *t = weft_i_safetensors_find(f, name);
    if (!t || t->dtype != dtype || t->n_elements != n) return wrong(path, "checkpoint-shape", diag, "missing or of another size", name, NULL);
    memcpy(to, t->data, (size_t)n * sizeof *to);
    return WEFT_OK;
}

weft_status_t weft_i_checkpoint_read(weft_i_loop_t *l, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    const char *path = l->options->checkpoint->path;
    weft_i_safetensors_t *f = NULL;
    json_t *card = NULL;
    weft_optim_state_t moments = weft_optim_state(l->optim);
    int64_t total = weft_params_total(l->params);
    weft_real_t *params = NULL;
    WEFT_TRY(card_of(&card, &f, path, diag));
    const char *model = json_string_value(json_object_get(card, "model")), *data = json_string_value(json_object_get(card, "data"));
    if (!model || strcmp(model, l->options->model.model)) WEFT_TRY(wrong(path, "checkpoint-options", diag, "model", model ? model : "not said", l->options->model.model));
    if (!data || strcmp(data, l->data ? l->data : "")) WEFT_TRY(wrong(path, "checkpoint-options", diag, "data", data ? data : "not said", l->data));
    WEFT_TRY(same_options(l, json_object_get(card, "options"), path, diag));
    if (json_integer_value(json_object_get(card, "run")) != l->index || (uint64_t)json_integer_value(json_object_get(card, "seed")) != l->options->seed) WEFT_TRY(wrong(path, "checkpoint-options", diag, "another run or seed", NULL, NULL));
    const json_t *start = json_object_get(card, "start"); /* older ones do not say */
    if (start && json_integer_value(start) != l->start) WEFT_TRY(wrong(path, "checkpoint-options", diag, "it set out from other parameters (another --from or --init)", NULL, NULL));
    WEFT_TRY_ALLOC(params = weft_i_malloc((size_t)total * sizeof *params + 1));
    WEFT_TRY(tensor(params, f, "params", total, path, diag));
    WEFT_TRY(tensor(l->best.params, f, "best", total, path, diag));
    WEFT_TRY(tensor(moments.first, f, "moments.first", moments.n, path, diag));
    WEFT_TRY(tensor(moments.second, f, "moments.second", moments.n, path, diag));
    if (l->ema) WEFT_TRY(tensor(l->ema, f, "ema", total, path, diag));
    weft_params_load(l->params, params);
    l->epoch = (int32_t)json_integer_value(json_object_get(card, "epoch"));
    l->steps = json_integer_value(json_object_get(card, "steps"));
    *moments.step = json_integer_value(json_object_get(card, "optimizer_steps"));
    l->best.last_better = (int32_t)json_integer_value(json_object_get(card, "last_better"));
    l->plateau_bad = (int32_t)json_integer_value(json_object_get(card, "plateau_bad"));
    l->best.val_loss = get(card, "val_loss");
    l->best.least_loss = get(card, "least_loss");
    l->rate_factor = get(card, "rate_factor");
    l->plateau_best = get(card, "plateau_best");
    l->before = get(card, "seconds");
    *l->best.run = run_of(json_object_get(card, "result"));
    if (l->epoch < 0 || l->steps < 0 || *moments.step < 0 || !(l->rate_factor >= 0.0) || !(l->before >= 0.0)) WEFT_TRY(wrong(path, "checkpoint-shape", diag, "counts are absurd", NULL, NULL));
done:
    json_decref(card);
    weft_i_safetensors_free(f);
    weft_i_free(params);
    return status;
}

weft_status_t weft_checkpoint_about(const char *path, weft_run_t *done, int32_t most, int32_t *n_done, int32_t *epoch, weft_diag_t *diag)
{
    weft_i_safetensors_t *f = NULL;
    json_t *card = NULL;
    weft_status_t status = card_of(&card, &f, path, diag);
    *n_done = *epoch = 0;
    if (status == WEFT_OK) {
        const json_t *list = json_object_get(card, "done");
        *epoch = (int32_t)json_integer_value(json_object_get(card, "epoch"));
        for (size_t i = 0; i < json_array_size(list) && *n_done < most; i++) done[(*n_done)++] = run_of(json_array_get(list, i));
    }
    json_decref(card);
    weft_i_safetensors_free(f);
    return status;
}
