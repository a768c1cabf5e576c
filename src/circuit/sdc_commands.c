/* circuit/sdc_commands.c: the table of commands. */
#include "circuit/sdc_call.h"

#include <stdlib.h>
#include <string.h>

bool weft_i_sdc_command(void *context, weft_i_sdc_run_t *run, int argc, const char *const *argv)
{
    static const weft_i_sdc_row_t *const tables[] = {weft_i_sdc_queries, weft_i_sdc_clocks, weft_i_sdc_paths, weft_i_sdc_environment};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const weft_i_sdc_row_t *row = tables[t]; row->name; row++)
            if (!strcmp(argv[0], row->name)) {
                weft_i_call_t k = {.c = context, .run = run, .name = argv[0], .argc = argc, .argv = argv};
                row->run(&k);
                free(k.seen);
                return true;
            }
    return false;
}
