/* cli/cmd_annotate.c: weft annotate: a table of subverbs; what they share. */
#include "cli/annotate.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const annotate_verb_t verbs[] = {
    {{"annotate init", "A session from recordings or annotation files: the folder is made whole or not at all.", "--session DIR --data DIR|FILE [--format voc|cvat|coco|mot|csv|recording] [--truth] [--model M] [--seed S]", NULL}, "session data format truth model seed", annotate_init},
    {{"annotate suggest", "Frames and boxes worth a look.", "--session DIR [--batch N] [--select random|uncertainty|weft] [--seed S] [--json FILE]", NULL}, "session batch select seed json", annotate_suggest},
    {{"annotate label", "Takes answers: a file edited in a usual tool, BOX=CLASS, or line by line from standard input.", "--session DIR [--recording R] [--frame F] (--from FILE [--format F] | --set BOX=CLASS .. | [--batch N] [--select S] [--seed S]) [--json FILE]", NULL}, "session recording frame from format set batch select seed json", annotate_label},
    {{"annotate undo", "Takes the last answers (or the last switch of propagation) back.", "--session DIR [--json FILE]", NULL}, "session json", annotate_undo},
    {{"annotate update", "The model learns from the labels so far, from where it stands.", "--session DIR [--steps N] [--threads N] [--json FILE]", NULL}, "session steps threads json", annotate_update},
    {{"annotate propagate", "Labels flow along tracks, from now on; conflicts are listed.", "--session DIR [--off] [--json FILE]", NULL}, "session off json", annotate_propagate},
    {{"annotate report", "Labels spent against accuracy, update by update (where the truth is known).", "--session DIR [--plot FILE.svg] [--json FILE]", NULL}, "session plot json", annotate_report},
    {{"annotate export", "Labels as files that a usual tool opens.", "--session DIR --format voc|cvat|coco|mot|csv --out DIR [--guesses]", NULL}, "session format out guesses", annotate_export},
    {{"annotate page", "One HTML file: frames as drawings, labels, confidence.", "--session DIR --out FILE.html [--frames N]", NULL}, "session out frames", annotate_page},
    {{"annotate recover", "Takes damage out of a journal: whole records stay, the damaged file too (journal.damaged).", "--session DIR [--json FILE]", NULL}, "session json", annotate_recover},
    {{"annotate simulate", "The loop with the truth in a person's place: labels against accuracy on the last quarter of the recordings, until within a point of the accuracy from every label.",
      "--data DIR [--select random|uncertainty|weft] [--propagate on|off] [--seed S] [--budget N] [--batch B] [--grow P] [--steps N] [--model M] [--format F] [--threads N] [--json FILE]", NULL}, "data select propagate seed budget batch grow steps model format threads json", annotate_simulate}};
enum { N_VERBS = sizeof verbs / sizeof *verbs };

#define TEXT(field) static bool take_##field(void *a, const char *v) { return (((annotate_args_t *)a)->field = v) != NULL; }
TEXT(session) TEXT(data) TEXT(format) TEXT(model) TEXT(json) TEXT(recording) TEXT(from) TEXT(out) TEXT(plot)
#undef TEXT
#define FLAG(field) static bool take_##field(void *a, const char *v) { return (((annotate_args_t *)a)->field = v != NULL); }
FLAG(truth) FLAG(off) FLAG(guesses)
#undef FLAG

static bool take_seed(void *a, const char *v) { return cli_whole("seed", v, 0, INT64_MAX, &((annotate_args_t *)a)->seed); }
static bool take_batch(void *a, const char *v) { return cli_whole("batch", v, 1, 1000000, &((annotate_args_t *)a)->batch); }
static bool take_budget(void *a, const char *v) { return cli_whole("budget", v, 1, INT64_MAX, &((annotate_args_t *)a)->budget); }
static bool take_steps(void *a, const char *v) { return cli_whole("steps", v, 1, 1000000, &((annotate_args_t *)a)->steps); }
static bool take_grow(void *a, const char *v) { return cli_number("grow", v, 0.0, 10.0, &((annotate_args_t *)a)->grow); }
static bool take_frame(void *a, const char *v) { return cli_whole("frame", v, 0, INT32_MAX, &((annotate_args_t *)a)->frame); }
static bool take_frames(void *a, const char *v) { return cli_whole("frames", v, 0, INT32_MAX, &((annotate_args_t *)a)->frames); }
static bool take_threads(void *a, const char *v) { return ((annotate_args_t *)a)->threads = cli_take_threads(NULL, v); }
static bool take_select(void *a, const char *v)
{
    if (weft_select_by_name(&((annotate_args_t *)a)->select, v)) return true;
    fprintf(stderr, "weft annotate: --select %s: random, uncertainty or weft\n", v);
    return false;
}
static bool take_propagate(void *a, const char *v)
{
    ((annotate_args_t *)a)->propagate = !strcmp(v, "on");
    if (!strcmp(v, "on") || !strcmp(v, "off")) return true;
    fprintf(stderr, "weft annotate: --propagate %s: on or off\n", v);
    return false;
}
static bool take_set(void *p, const char *v)
{
    annotate_args_t *a = p;
    if (!strchr(v, '=') || a->n_set == ANNOTATE_MOST_SET) {
        fprintf(stderr, strchr(v, '=') ? "weft annotate: --set %s: at most 1000 times\n" : "weft annotate: --set %s: BOX=CLASS is needed\n", v);
        return false;
    }
    a->set[a->n_set++] = v;
    return true;
}

static const cli_option_t options[] = {
    {"session", "DIR", "the session's folder", take_session},
    {"data", "DIR|FILE", "recordings (weft/recording.h says what is in a folder), or annotation files", take_data},
    {"format", "F", "voc, cvat, coco, mot, csv, recording (default: by content; a folder is recordings)", take_format},
    {"truth", NULL, "init: labels of the files are the truth, not only a detector's guesses", take_truth},
    {"model", "M", "impn (default), mlp, gcn, gat", take_model},
    {"seed", "S", "of the model and of every choice (default 1)", take_seed},
    {"batch", "N", "boxes per round; simulate: at least (default 10)", take_batch},
    {"select", "S", "random, uncertainty or weft (default weft)", take_select},
    {"recording", "NAME", "which recording; not needed where there is one", take_recording},
    {"frame", "F", "the frame's number", take_frame},
    {"from", "FILE", "an edited file; every box in it is an answer to the box that it overlaps most", take_from},
    {"set", "BOX=CLASS", "the frame's box (from 0) and its class; repeatable", take_set},
    {"steps", "N", "training steps (update: default 200 for mlp, 150 else, twice that the first time; simulate: 800)", take_steps},
    {"off", NULL, "propagate: labels no longer flow", take_off},
    {"plot", "FILE.svg", "report: the curve", take_plot},
    {"out", "PATH", "export: a folder; page: a file", take_out},
    {"guesses", NULL, "export: the model's guesses where there is no label", take_guesses},
    {"frames", "N", "page: of each recording N frames, evenly taken, beside those with a person's label (default 40; 0: all)", take_frames},
    {"budget", "N", "simulate: labels at most (default 4000)", take_budget},
    {"grow", "P", "simulate: a round asks for this part of the labels so far where that is more than the batch (default 0.1; 0: rounds stay as they are)", take_grow},
    {"propagate", "on|off", "simulate: labels flow along tracks (default: on with weft, else off)", take_propagate},
    {"threads", "N", "threads (default: one where a model learns); results do not depend on it", take_threads},
    {"json", "FILE", "results as JSON; - is stdout, which then holds nothing else", take_json},
    {NULL, NULL, NULL, NULL}};

/* A box model's matrices are so small that threads wait for one another longer than they work. */
void annotate_one_thread(const annotate_args_t *a)
{
    if (!a->threads && !getenv("WEFT_THREADS")) weft_threads_set(1);
}

/* The rows of the table that the verb takes. */
static void options_of(const annotate_verb_t *v, cli_option_t *to)
{
    for (const cli_option_t *o = options; o->name; o++) {
        size_t n = strlen(o->name);
        for (const char *p = v->takes; (p = strstr(p, o->name)); p += n)
            if ((p == v->takes || p[-1] == ' ') && (p[n] == ' ' || !p[n])) {
                *to++ = *o;
                break;
            }
    }
    *to = (cli_option_t){0};
}

static int usage(FILE *f)
{
    const cli_verb_t *v = cli_verb("annotate");
    fprintf(f, "usage: weft annotate %s\n\n%s\n\n", v->usage, v->summary);
    for (int i = 0; i < N_VERBS; i++) fprintf(f, "  %-10s %s\n", verbs[i].about.name + 9, verbs[i].about.summary);
    fprintf(f, "\nweft annotate SUBVERB --help tells more\nexit: 0 done, 1 input wrong, 2 usage, 3 resources, or stopped by Ctrl-C\n");
    return f == stdout ? EXIT_DONE : EXIT_USAGE;
}

int cmd_annotate(int argc, char **argv)
{
    annotate_args_t a = {.select = WEFT_SELECT_WEFT, .seed = 1, .frame = -1, .frames = 40, .budget = 4000, .batch = 10, .grow = 0.1, .propagate = -1};
    cli_option_t mine[sizeof options / sizeof *options];
    const cli_option_t *const tables[] = {mine, NULL};
    void *const into[] = {&a};
    int i = 0;
    signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is then an error of the write, not the end */
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) return usage(stdout);
    while (argc > 1 && i < N_VERBS && strcmp(argv[1], verbs[i].about.name + 9)) i++;
    if (argc < 2 || i == N_VERBS) return usage(stderr);
    options_of(&verbs[i], mine);
    int code = cli_parse(&verbs[i].about, tables, into, argc - 1, argv + 1);
    if (code >= 0) return code;
    bool simulates = verbs[i].run == annotate_simulate, needs_data = simulates || verbs[i].run == annotate_init;
    if ((!simulates && !a.session) || (needs_data && !a.data)) {
        fprintf(stderr, "weft %s: --%s is needed\n", verbs[i].about.name, !simulates && !a.session ? "session" : "data");
        return EXIT_USAGE;
    }
    weft_diag_t *diag = weft_diag_new();
    weft_status_t status = verbs[i].run(&a, diag);
    if (status == WEFT_OK && (ferror(stdout) || fflush(stdout))) status = cli_json_end(stdout, diag);
    return cli_end(status, diag, false, "weft %s", verbs[i].about.name);
}
