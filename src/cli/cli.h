/* cli/cli.h: what the verbs share: the option table, exit codes, inputs. Public headers only. */
#ifndef WEFT_CLI_CLI_H
#define WEFT_CLI_CLI_H
#include "weft/base.h"
#include "weft/constraints.h"
#include "weft/design.h"
#include "weft/library.h"
#include "weft/spef.h"
#include "weft/timing.h"
#include "weft/verilog.h"

enum { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_RESOURCES = 3, EXIT_CHECK = 4 };
int cli_exit_code(weft_status_t status);

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

/* Reads --name value, --name=value and flags by the table (rows until name NULL; several tables: until NULL). Prints --help
 * itself. Returns -1 to go on, else the exit code. */
int cli_parse(const cli_verb_t *verb, const cli_option_t *const *tables, void *const *into, int argc, char **argv);

/* The inputs every timing command accepts. */
typedef struct cli_inputs {
    weft_lib_source_t *lib; int32_t n_libs;
    const char **verilog, **sdc, **spef;
    int32_t n_verilog, n_sdc, n_spef;
    const char *top, *corner, *clock, *delay_model;
    weft_pin_cap_t pin_cap;
    bool no_cppr, strict, quiet;
} cli_inputs_t;
extern const cli_option_t cli_input_options[];

typedef struct cli_loaded {
    weft_library_t *library;
    weft_design_t *design;
    weft_constraints_t *constraints;
    weft_parasitics_t *parasitics;
    weft_spef_coverage_t coverage;
} cli_loaded_t;
/* Reads and links everything. Diagnostics are printed to stderr by the caller. */
weft_status_t cli_load(const cli_inputs_t *in, cli_loaded_t *out, weft_diag_t *diag);
void cli_unload(cli_loaded_t *l);
void cli_inputs_free(cli_inputs_t *in);

int cmd_time(int argc, char **argv);
#endif
