/* cli/train_report.c: see train_report.h. */
#include "cli/train_report.h"

#include <math.h>

static void number(FILE *f, const char *key, double v)
{
    if (isfinite(v)) fprintf(f, ",\"%s\":%.9g", key, v);
    else fprintf(f, ",\"%s\":null", key);
}

static void text(FILE *f, const char *s)
{
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') fprintf(f, "\\%c", *s);
        else if ((unsigned char)*s < 0x20) fprintf(f, "\\u%04x", (unsigned)*s);
        else fputc(*s, f);
    }
    fputc('"', f);
}

void cli_train_json(FILE *f, const train_report_t *a, const weft_train_options_t *o, const weft_run_t *run)
{
    const char *key, *meaning;
    char value[64];
    fputs("{\"dataset\":", f);
    text(f, a->set);
    fputs(",\"model\":", f);
    text(f, a->model);
    fputs(",\"split\":", f);
    text(f, a->split);
    fprintf(f, ",\"metric\":\"%s\",\"runs\":%d,\"seed\":%llu", a->metric, a->runs, (unsigned long long)a->seed);
    number(f, "test_mean", a->total.mean);
    number(f, "test_std", a->total.std);
    number(f, "val_mean", a->total.val);
    number(f, "seconds", a->total.seconds);
    fputs(",\"options\":{", f);
    for (int32_t i = 0; weft_train_key(o, i, &key, &meaning, value, sizeof value); i++) fprintf(f, "%s\"%s\":\"%s\"", i ? "," : "", key, value);
    fputs("},\"each\":[", f);
    for (int32_t i = 0; i < a->runs; i++) {
        fprintf(f, "%s\n{\"run\":%d,\"epochs\":%d,\"best_epoch\":%d", i ? "," : "", i, run[i].epochs, run[i].best_epoch);
        number(f, "train", run[i].train);
        number(f, "val", run[i].val);
        number(f, "test", run[i].test);
        number(f, "seconds", run[i].seconds);
        if (run[i].recipe) {
            const char *set = weft_train_recipe(a->model, o->recipe, run[i].recipe - 1);
            fputs(",\"chosen\":", f);
            text(f, set ? set : "");
        }
        fputc('}', f);
    }
    fputs("]}\n", f);
}

train_total_t cli_train_total(const weft_run_t *run, int32_t n)
{
    train_total_t r = {0};
    for (int32_t i = 0; i < n; i++) {
        r.mean += run[i].test / n;
        r.val += run[i].val / n;
        r.seconds += run[i].seconds;
    }
    for (int32_t i = 0; i < n; i++) r.std += (run[i].test - r.mean) * (run[i].test - r.mean) / (n > 1 ? n - 1 : 1);
    r.std = sqrt(r.std);
    return r;
}
