/* train/boxes.c: a model that classifies the boxes of frames; see weft/boxes_model.h. */
#include "base/alloc.h"
#include "base/rng.h"
#include "base/status.h"
#include "data/frames.h"
#include "weft/boxes_model.h"
#include "weft/train.h"

#include <math.h>
#include <omp.h>
#include <string.h>

struct weft_box_model {
    weft_box_options_t o;
    weft_model_t *model;
    weft_param_t *mean, *over; /* scales of the columns, among the parameters so that they are stored with them */
    int32_t *mirrored;         /* [classes]; NULL: none is another in a mirror */
};

weft_box_options_t weft_box_defaults(const char *model)
{
    weft_box_options_t o = {.model = weft_model_defaults(), .lr = 1e-2, .weight_decay = 1e-4, .jitter = 0.8, .epochs = 8, .batch = 16, .seed = 1, .mirror = true};
    o.model.model = model;
    o.model.layers = 2;
    o.model.hidden = 64;
    o.model.dropout = 0.2;
    o.model.head = true;
    if (model && !strcmp(model, "impn")) {
        o.model.landmarks = 8;
        o.turn = M_PI; /* it keeps what lies where to landmarks; the others have places in the frame alone, which turns would take from them */
    }
    o.model.residual = model && strcmp(model, "impn") && strcmp(model, "mlp"); /* in a complete graph gcn's means are one and the same for all boxes: their own rows must come through */
    return o;
}

/* I-MPN looks at the graph alone and the MLP not even at that: no other forms of it are made, and in use no reverse index. */
static bool plain(const weft_box_model_t *m) { return !strcmp(m->o.model.model, "impn") || !strcmp(m->o.model.model, "mlp"); }

static weft_status_t topology_of(weft_topology_t *t, const weft_box_model_t *m, const weft_graph_t *g, weft_diag_t *diag)
{
    *t = (weft_topology_t){.graph = g};
    return !plain(m) ? weft_model_topology(t, g, m->o.model.model, 0, NULL, diag) : WEFT_OK;
}

static void prepare(const weft_box_model_t *m, weft_i_frames_t *f)
{
    int64_t c = m->o.model.in;
    for (int64_t i = 0; i < f->n; i++)
        for (int64_t j = 0; j < c; j++) f->x[i * c + j] = (f->x[i * c + j] - m->mean->value[j]) * m->over->value[j];
}

/* Mean and 1 / deviation of every column, frame after frame. */
static weft_status_t scale(weft_box_model_t *m, const weft_recordings_t *like, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    int64_t c = m->o.model.in, n = 0;
    weft_i_frames_t f = {0};
    const weft_frame_graph_t bare = {.nearest = 1, .no_relation = true};
    double *sum = weft_i_calloc(2 * (size_t)c, sizeof *sum);
    WEFT_TRY_ALLOC(sum);
    for (int32_t r = 0; r < like->n; r++)
        for (int64_t k = 0; k < like->at[r]->n_frames; k++) {
            WEFT_TRY(weft_i_frames_init(&f, like, &(weft_frame_t){r, k}, 1, &bare, NULL, false, diag));
            for (int64_t i = 0; i < f.n; i++)
                for (int64_t j = 0; j < c; j++) {
                    double x = (double)f.x[i * c + j];
                    sum[j] += x;
                    sum[c + j] += x * x;
                }
            n += f.n;
            weft_i_frames_destroy(&f);
        }
    for (int64_t j = 0; j < c && n; j++) {
        double mean = sum[j] / (double)n, variance = sum[c + j] / (double)n - mean * mean;
        m->mean->value[j] = (weft_real_t)mean;
        m->over->value[j] = (weft_real_t)(variance > 1e-8 ? 1.0 / sqrt(variance) : 1.0);
    }
done:
    weft_i_free(sum);
    return status;
}

static weft_status_t mirrors(weft_box_model_t *m, const weft_classes_t *classes)
{
    weft_status_t status = WEFT_OK;
    bool any = false;
    WEFT_TRY_ALLOC(m->mirrored = weft_i_malloc((size_t)classes->n * sizeof *m->mirrored));
    for (int32_t c = 0; c < classes->n; c++) any |= (m->mirrored[c] = weft_classes_mirrored(classes, c)) != c;
    m->o.mirror &= any;
done:
    return status;
}

weft_status_t weft_box_model_new(weft_box_model_t **out, const weft_box_options_t *o, const weft_recordings_t *like, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_box_model_t *m = NULL;
    *out = NULL;
    if (!like->n || o->batch < 1) {
        weft_diag_add(diag, WEFT_ERROR, "boxes-options", NULL, 0, 0, "there must be a recording, and frames per step");
        return WEFT_EUSAGE;
    }
    WEFT_TRY_ALLOC(m = weft_i_calloc(1, sizeof *m));
    m->o = *o;
    m->o.model.in = weft_profile_columns(like->at[0]);
    m->o.model.out = like->at[0]->classes.n;
    m->o.model.edge_in = o->graph.no_relation || strcmp(o->model.model, "impn") ? 0 : WEFT_RELATION_COLUMNS;
    if (!m->o.model.edge_in) m->o.graph.no_relation = true;
    WEFT_TRY(weft_model_new(&m->model, &m->o.model, o->seed, diag));
    for (const char *const *name = weft_model_names(); *name; name++)
        if (!strcmp(*name, o->model.model)) m->o.model.model = *name; /* the caller's text may go */
    weft_params_t *p = weft_model_params(m->model);
    m->mean = weft_params_add_state(p, "columns.mean", m->o.model.in, 0);
    m->over = weft_params_add_state(p, "columns.over", m->o.model.in, 1);
    WEFT_TRY(weft_params_status(p));
    WEFT_TRY(scale(m, like, diag));
    WEFT_TRY(mirrors(m, &like->at[0]->classes));
    *out = m;
    m = NULL;
done:
    weft_box_model_free(m);
    return status;
}

void weft_box_model_free(weft_box_model_t *m)
{
    if (!m) return;
    weft_model_free(m->model);
    weft_i_free(m->mirrored);
    weft_i_free(m);
}

weft_params_t *weft_box_model_params(const weft_box_model_t *m) { return weft_model_params(m->model); }

/* Normal noise on what is not geometry, so that no thing is learned by heart. */
static void jitter(const weft_box_model_t *m, weft_i_frames_t *f, uint64_t seed, uint64_t number)
{
    int64_t c = m->o.model.in, n = c - WEFT_GEOMETRY_COLUMNS;
    weft_i_rng_t rng = {seed, (uint64_t)1 << 32 | number, 0};
    for (int64_t i = 0; i < f->n; i++)
        for (int64_t j = 0; j < n; j += 2) {
            double r = m->o.jitter * sqrt(-2.0 * log(1.0 - weft_i_rng_uniform(&rng))), angle = 2.0 * M_PI * weft_i_rng_uniform(&rng);
            f->x[i * c + j] += (float)(r * cos(angle));
            if (j + 1 < n) f->x[i * c + j + 1] += (float)(r * sin(angle));
        }
}

/* ---- training ------------------------------------------------------------------------------------------------------------------------------ */
typedef struct step { weft_frame_t *frame; weft_i_view_t *view; bool viewed; int32_t *label; int64_t labels; weft_tape_t *tape; weft_optim_t *optim; } step_t;

static weft_status_t one_step(weft_box_model_t *m, step_t *s, const weft_recordings_t *set, int64_t n_frames, int32_t *const *label, double lr, uint64_t seed, uint64_t number, double *loss, int64_t *boxes, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_frames_t f = {0};
    weft_topology_t topology = {0};
    int64_t labelled = 0;
    WEFT_TRY(weft_i_frames_init(&f, set, s->frame, n_frames, &m->o.graph, s->viewed ? s->view : NULL, true, diag));
    prepare(m, &f);
    if (m->o.jitter > 0.0) jitter(m, &f, seed, number);
    WEFT_TRY_ALLOC(WEFT_I_ROOM(s->label, s->labels, f.n + 1));
    for (int64_t i = 0; i < f.n; i++) {
        int32_t c = label[f.recording[i]][f.box[i]];
        labelled += (s->label[i] = c >= 0 && f.mirrored[i] ? m->mirrored[c] : c) >= 0;
    }
    *boxes = labelled;
    if (!labelled) goto done;
    WEFT_TRY(topology_of(&topology, m, f.graph, diag));
    weft_tape_reset(s->tape);
    weft_tape_set_training(s->tape, true);
    weft_tape_set_seed(s->tape, seed, number);
    weft_params_zero_grad(weft_model_params(m->model));
    weft_batch_t batch = {.topology = &topology, .x = f.x, .n_nodes = f.n, .edge_x = f.relation};
    weft_var_t *l = weft_cross_entropy(weft_model_forward(m->model, s->tape, &batch), s->label, NULL, 0, NULL);
    WEFT_TRY(weft_tape_backward(s->tape, l, diag));
    *loss = (double)weft_var_data(l)[0];
    weft_optim_step(s->optim, lr, 1.0);
done:
    if (s->tape) weft_tape_reset(s->tape); /* it borrows the batch */
    weft_topology_destroy(&topology);
    weft_i_frames_destroy(&f);
    return status;
}

weft_status_t weft_box_model_train(weft_box_model_t *m, const weft_recordings_t *set, const weft_frame_t *frame, int64_t n_frames, int32_t *const *label, int32_t epochs, double lr, uint64_t seed, double *loss,
                                   weft_progress_fn progress, void *context, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    step_t s = {.viewed = m->o.turn > 0.0 || m->o.drop > 0.0 || m->o.mirror};
    weft_frame_t *order = NULL;
    int64_t steps = (n_frames + m->o.batch - 1) / m->o.batch, done_steps = 0;
    weft_i_rng_t rng = {seed, 77, 0};
    WEFT_TRY_ALLOC(order = weft_i_malloc((size_t)(n_frames + 1) * sizeof *order));
    WEFT_TRY_ALLOC(s.view = weft_i_malloc((size_t)m->o.batch * sizeof *s.view));
    WEFT_TRY_ALLOC(s.tape = weft_tape_new());
    WEFT_TRY_ALLOC(s.optim = weft_optim_new(weft_model_params(m->model), WEFT_ADAMW, m->o.weight_decay, 0.0));
    if (n_frames) memcpy(order, frame, (size_t)n_frames * sizeof *order);
    for (int32_t e = 0; e < epochs; e++) {
        double sum = 0.0;
        int64_t n = 0;
        for (int64_t i = n_frames - 1; i > 0; i--) {
            int64_t j = weft_i_rng_below(&rng, i + 1);
            weft_frame_t swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        for (int64_t at = 0; at < n_frames; at += m->o.batch, done_steps++) {
            int64_t some = n_frames - at < m->o.batch ? n_frames - at : m->o.batch, boxes = 0;
            double rate = lr * 0.5 * (1.0 + cos(M_PI * (double)done_steps / (double)(steps * epochs))), l = 0.0;
            s.frame = order + at;
            for (int64_t k = 0; k < some && s.viewed; k++) {
                float turn = (float)(m->o.turn * (2.0 * weft_i_rng_uniform(&rng) - 1.0));
                bool mirror = m->o.mirror && weft_i_rng_u32(&rng) & 1;
                s.view[k] = (weft_i_view_t){turn, (float)m->o.drop, mirror, weft_i_rng_u32(&rng)};
            }
            WEFT_TRY(one_step(m, &s, set, some, label, rate, seed, (uint64_t)done_steps, &l, &boxes, diag));
            sum += l * (double)boxes;
            n += boxes;
        }
        if (loss) *loss = n ? sum / (double)n : 0.0;
        if (progress && !progress(context, "training", (double)(e + 1) / epochs)) {
            status = WEFT_ECANCEL;
            goto done;
        }
    }
done:
    weft_i_free(order);
    weft_i_free(s.view);
    weft_i_free(s.label);
    weft_optim_free(s.optim);
    weft_tape_free(s.tape);
    return status;
}

/* ---- using --------------------------------------------------------------------------------------------------------------------------------- */
enum { FRAMES_AT_ONCE = 32 };

static weft_status_t apply_some(const weft_box_model_t *m, weft_tape_t *tape, const weft_recordings_t *one, const weft_frame_t *frame, int64_t n, float *probability, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    weft_i_frames_t f = {0};
    weft_topology_t topology = {0};
    int64_t c = m->o.model.out;
    WEFT_TRY(weft_i_frames_init(&f, one, frame, n, &m->o.graph, NULL, !plain(m), diag));
    prepare(m, &f);
    WEFT_TRY(topology_of(&topology, m, f.graph, diag));
    weft_tape_reset(tape);
    weft_batch_t batch = {.topology = &topology, .x = f.x, .n_nodes = f.n, .edge_x = f.relation};
    weft_var_t *y = weft_model_forward(m->model, tape, &batch);
    WEFT_TRY(weft_tape_status(tape, diag));
    for (int64_t i = 0; i < f.n; i++) {
        const weft_real_t *z = weft_var_data(y) + i * c;
        float *p = probability + f.box[i] * c, top = z[0], sum = 0.0f;
        for (int64_t j = 1; j < c; j++) top = fmaxf(top, z[j]);
        for (int64_t j = 0; j < c; j++) sum += p[j] = expf(z[j] - top);
        for (int64_t j = 0; j < c; j++) p[j] /= sum;
    }
done:
    weft_tape_reset(tape);
    weft_topology_destroy(&topology);
    weft_i_frames_destroy(&f);
    return status;
}

weft_status_t weft_box_model_apply(const weft_box_model_t *m, const weft_recording_t *r, float *probability, weft_diag_t *diag)
{
    weft_recording_t *at[1] = {(weft_recording_t *)r};
    const weft_recordings_t one = {at, 1};
    int64_t n = r->n_frames, chunks = (n + FRAMES_AT_ONCE - 1) / FRAMES_AT_ONCE;
    weft_status_t worst = WEFT_OK;
    if (weft_profile_columns(r) != m->o.model.in || r->classes.n != m->o.model.out) {
        weft_diag_add(diag, WEFT_ERROR, "boxes-columns", NULL, 0, 0, "%s has %lld columns and %d classes, the model %lld and %lld", r->name, (long long)weft_profile_columns(r), r->classes.n, (long long)m->o.model.in,
                      (long long)m->o.model.out);
        return WEFT_EINPUT;
    }
#pragma omp parallel num_threads(weft_threads())
    {
        weft_tape_t *tape = weft_tape_new();
        weft_diag_t *mine = weft_diag_new();
        if (tape) weft_tape_set_training(tape, false);
#pragma omp for schedule(dynamic)
        for (int64_t k = 0; k < chunks; k++) {
            weft_frame_t frame[FRAMES_AT_ONCE];
            int64_t some = n - k * FRAMES_AT_ONCE < FRAMES_AT_ONCE ? n - k * FRAMES_AT_ONCE : FRAMES_AT_ONCE;
            for (int64_t i = 0; i < some; i++) frame[i] = (weft_frame_t){0, k * FRAMES_AT_ONCE + i};
            weft_status_t status = tape ? apply_some(m, tape, &one, frame, some, probability, mine) : WEFT_ENOMEM;
            if (status == WEFT_OK) continue;
#pragma omp critical(weft_box_model_apply)
            {
                worst = status;
                weft_diag_append(diag, mine);
            }
        }
        weft_tape_free(tape);
        weft_diag_free(mine);
    }
    return worst;
}

weft_status_t weft_box_model_write(const weft_box_model_t *m, const char *path, weft_diag_t *diag)
{
    const char *meta[] = {"weft", "{\"kind\":\"box-model-1\"}"};
    return weft_params_write(weft_model_params(m->model), path, meta, 1, diag);
}

weft_status_t weft_box_model_read(weft_box_model_t *m, const char *path, weft_diag_t *diag) { return weft_params_read(weft_model_params(m->model), path, diag); }
