/* cli/cli.h: what the verbs share: the option table, exit codes, inputs. Public headers only. */
#ifndef WEFT_CLI_CLI_H
#define WEFT_CLI_CLI_H
#include "weft/base.h"
#include "weft/constraints.h"
#include "weft/design.h"
#include "weft/lef.h"
#include "weft/library.h"
#include "weft/placement.h"
#include "weft/report.h"
#include "weft/net_samples.h"
#include "weft/sdf.h"
#include "weft/spef.h"
#include "weft/timing.h"
#include "weft/verilog.h"

enum { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_RESOURCES = 3, EXIT_CHECK = 4 };
int cli_exit_code(weft_status_t status);
/* The end of a verb: prints and frees diag, tells the status of a command (a format) that no error tells of, unless it was stopped or a check failed; the exit code. */
int cli_end(weft_status_t status, weft_diag_t *diag, bool quiet, const char *command, ...) WEFT_PRINTF(4, 5);

typedef struct cli_option {
    const char *name;     /* without -- */
    const char *value;    /* what it takes, NULL: a flag */
    const char *help;
    /* Takes the value ("" for a flag) into the verb's own structure; false: wrong, told by the callee. */
    bool (*take)(void *into, const char *value);
} cli_option_t;

typedef struct cli_verb {
    const char *name, *summary, *usage;
    int (*run)(int argc, char **argv);
} cli_verb_t;
extern const cli_verb_t cli_verbs[];

/* A (whole) number from low to high, the value of --name; else that is said on stderr, and *to stays. */
bool cli_whole(const char *name, const char *value, int64_t low, int64_t high, int64_t *to);
bool cli_number(const char *name, const char *value, double low, double high, double *to);
bool cli_take_threads(void *unused, const char *value); /* --threads, of every verb */

/* Reads --name value, --name=value and flags by the table (rows until name NULL; several tables: until NULL). Prints --help
 * itself. Returns -1 to go on, else the exit code. */
int cli_parse(const cli_verb_t *verb, const cli_option_t *const *tables, void *const *into, int argc, char **argv);

/* The inputs every timing command accepts. */
typedef struct cli_inputs {
    weft_lib_source_t *lib; int32_t n_libs;
    struct cli_sdf { const char *path, *corner; } *sdf; int32_t n_sdf; /* corner NULL: all */
    const char **verilog, **sdc, **spef, **truth_spef, **lef, **def, **clock;
    int32_t n_verilog, n_sdc, n_spef, n_truth_spef, n_lefs, n_defs, n_clocks;
    const char *top, *corner, *delay_model, *model;
    weft_pin_cap_t pin_cap;
    bool no_cppr, strict, quiet;
} cli_inputs_t;
extern const cli_option_t cli_input_options[];
bool cli_take_input(cli_inputs_t *in, const char *option, const char *value); /* "lef" or "def", for verbs with few of them */
extern const cli_option_t cli_truth_options[]; /* --truth-spef, for predict and calibrate */
extern const cli_option_t cli_sdf_options[];   /* --sdf, for time and link */

typedef struct cli_loaded {
    weft_library_t *library;
    weft_design_t *design;
    weft_constraints_t *constraints;
    weft_parasitics_t *parasitics, *truth;
    weft_given_delays_t *given; /* of --sdf; NULL: none */
    weft_spef_coverage_t coverage;
    weft_lef_t **lef; int32_t n_lefs;
    weft_placement_report_t placement;
    bool borrowed; /* library and lef */
} cli_loaded_t;
/* Reads and links everything; library and LEFs are borrowed from `lender` (NULL: read), which must then live longer.
 * Diagnostics are printed to stderr by the caller. */
weft_status_t cli_load(const cli_inputs_t *in, const cli_loaded_t *lender, cli_loaded_t *out, weft_diag_t *diag);
weft_status_t cli_load_truth(const cli_inputs_t *in, cli_loaded_t *out, weft_diag_t *diag);
void cli_unload(cli_loaded_t *l);
void cli_inputs_free(cli_inputs_t *in);

/* --model, else the shipped model that suits the library, else physical defaults with a warning; words: which, and why. */
weft_status_t cli_choose_model(const cli_inputs_t *in, const cli_loaded_t *loaded, weft_wire_model_t **model, char *words, size_t size, weft_diag_t *diag);

/* time and predict are one run: routed wires first, then a model's over the placement, then none. */
int cli_timing_run(const cli_verb_t *verb, bool predict, int argc, char **argv);

int cmd_annotate(int argc, char **argv);
int cmd_calibrate(int argc, char **argv);
int cmd_predict(int argc, char **argv);
/* Folders laid out as docs/DATA.md says: design.v, design.def, design.sdc, design.spef (each plain, .gz or .zst) in one folder per
 * design; *.lib and *.lef in it or in its parent; families in the parent's index.csv. */
typedef struct cli_data_design {
    cli_inputs_t in; /* empty where a sample's folder is there no more */
    char *folder, *parent, *name, *family;
    char **text; int32_t n_texts;
    const weft_net_samples_t *samples; const weft_net_samples_design_t *sample; int32_t at; /* of a sample file: the file, the design and its number there; else NULL */
} cli_data_design_t;
typedef struct cli_data { cli_data_design_t *design; int32_t n; weft_net_samples_t **samples; int32_t n_samples; } cli_data_t;
/* All designs of a folder, or of a sample file. Errors: data-folder, and those of sample files. */
weft_status_t cli_data_add(cli_data_t *data, const char *folder, weft_diag_t *diag);
void cli_data_free(cli_data_t *data);

int cmd_bench(int argc, char **argv);
int cli_bench_encoding(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: encoding */
int cli_bench_attention(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: attention */
int cli_info_model(const cli_verb_t *verb, int argc, char **argv);      /* argv[0]: model */
int cli_bench_graph(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: graph */
/* "500M", "2G", "100000": bytes, 2^10 to a K; false: told under the verb's name. */
bool cli_take_bytes(const char *verb, const char *name, const char *value, int64_t *to);
int cmd_train(int argc, char **argv);
int cmd_finetune(int argc, char **argv);
int cmd_pretrain(int argc, char **argv);
int cli_train_link(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: link */
int cmd_eval(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cli_eval_graph(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: graph */
int cli_eval_scenes(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: scenes */
int cmd_time(int argc, char **argv);
int cmd_dataset(int argc, char **argv);
int cli_dataset_build(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: build */
bool cli_names_samples(const char *path); /* *.safetensors: for weft dataset info */
int cli_samples_info(const char *path);
int cli_dataset_import(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: import */
int cli_dataset_generate(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: generate */
int cli_dataset_scenes(const cli_verb_t *verb, int argc, char **argv); /* argv[0]: scenes */
int cmd_explain(int argc, char **argv);
int cmd_extract(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_link(int argc, char **argv);
const cli_verb_t *cli_verb(const char *name);
#endif
