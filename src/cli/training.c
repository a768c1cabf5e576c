/* cli/training.c: what the verbs that train graph models share. */
#include "cli/training.h"

#include <string.h>

bool cli_take_setting(cli_settings_t *to, const char *verb, const char *value)
{
    const int32_t most = sizeof to->key / sizeof to->key[0];
    if (to->n == most) {
        fprintf(stderr, "weft %s: more than %d --set\n", verb, most);
        return false;
    }
    to->key[to->n++] = value;
    return true;
}

weft_status_t cli_apply_settings(const cli_settings_t *s, weft_train_options_t *o, weft_diag_t *diag)
{
    weft_status_t status = WEFT_OK;
    for (int32_t i = 0; status == WEFT_OK && i < s->n; i++) status = weft_train_set(o, s->key[i], diag);
    return status;
}

bool cli_take_dataset(void *a, const char *v) { return (((cli_training_t *)a)->dataset = v) != NULL; }
bool cli_take_model(void *a, const char *v) { return (((cli_training_t *)a)->model = v) != NULL; }
bool cli_take_set(void *a, const char *v) { return cli_take_setting(&((cli_training_t *)a)->settings, ((cli_training_t *)a)->verb, v); }
static bool take_json(void *a, const char *v) { return (((cli_training_t *)a)->json = v) != NULL; }
static bool take_log(void *a, const char *v) { return (((cli_training_t *)a)->log = v) != NULL; }
static bool take_plot(void *a, const char *v) { return (((cli_training_t *)a)->plot = v) != NULL; }
static bool take_quiet(void *a, const char *v) { return (void)v, ((cli_training_t *)a)->quiet = true; }
static bool take_plan(void *a, const char *v) { return (void)v, ((cli_training_t *)a)->plan = true; }
static bool take_max_memory(void *a, const char *v) { return cli_take_bytes(((cli_training_t *)a)->verb, "max-memory", v, &((cli_training_t *)a)->max_memory); }
static bool take_seed(void *a, const char *v) { return cli_whole("seed", v, 0, UINT32_MAX, &((cli_training_t *)a)->seed); }
static bool take_runs(void *a, const char *v)
{
    int64_t n;
    if (!cli_whole("runs", v, 1, 100000, &n)) return false;
    ((cli_training_t *)a)->runs = (int32_t)n;
    return true;
}

const cli_option_t cli_training_options[] = {
    {"runs", "N", "runs; run i uses seed S + i, and split i mod n where a set has several (default 10)", take_runs},
    {"seed", "S", "first seed (default 0)", take_seed},
    {"json", "FILE", "results as JSON; - is stdout, which then holds nothing else", take_json},
    {"log", "FILE", "one JSON line per evaluated epoch", take_log},
    {"plot", "FILE", "curves of loss and validation value over the epochs, SVG", take_plot},
    {"threads", "N", "threads (default: WEFT_THREADS, else those available); results do not depend on it", cli_take_threads},
    {"plan", NULL, "tell the memory that a step, an evaluation, parameters and data take, and train nothing", take_plan},
    {"max-memory", "SIZE", "refuse to train (exit code 3) where that plan is above SIZE, as 500M or 2G", take_max_memory},
    {"quiet", NULL, "no line per run", take_quiet},
    {NULL, NULL, NULL, NULL}};

const char *cli_base_name(const char *path, char *to, size_t size)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    size_t b = n;
    while (b > 0 && path[b - 1] != '/') b--;
    snprintf(to, size, "%.*s", (int)(n - b), path + b);
    return to;
}

void cli_tell_plan(const char *what, const weft_plan_t *p)
{
    const double mib = 1024.0 * 1024.0;
    printf("%s: %.1f MiB: a step %.1f, an evaluation %.1f (the larger counts), parameters %.1f, data %.1f\n", what, (double)p->total / mib, (double)p->step / mib, (double)p->evaluation / mib, (double)p->parameters / mib,
           (double)p->data / mib);
}

void cli_command_line(char *to, size_t size, const char *head, int argc, char **argv)
{
    snprintf(to, size, "%s", head);
    for (int i = 1; i < argc; i++) {
        const char *slash = strrchr(argv[i], '/');
        size_t n = strlen(to);
        snprintf(to + n, size - n, " %s", slash ? slash + 1 : argv[i]);
    }
}
