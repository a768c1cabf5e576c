/* Slacks of a netlist from one's own program: library, netlist and constraints in, the five worst endpoints out.
 *     cc 02_slack.c $(pkg-config --cflags --libs weft) -o slack && ./slack cells.lib design.v design.sdc */
#include <weft/constraints.h>
#include <weft/design.h>
#include <weft/library.h>
#include <weft/timing.h>
#include <weft/verilog.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: slack CELLS.lib DESIGN.v DESIGN.sdc\n");
        return 2;
    }
    const weft_lib_source_t source = {.path = argv[1], .early = true, .late = true};
    const char *const sdc[] = {argv[3]};
    weft_diag_t *diag = weft_diag_new();
    weft_library_t *library = NULL;
    weft_verilog_t *netlist = NULL;
    weft_design_t *design = NULL;
    weft_constraints_t *constraints = weft_constraints_new();
    weft_timer_t *timer = NULL;
    weft_status_t status = weft_library_read(&library, &source, 1, diag);
    if (status == WEFT_OK) status = weft_verilog_read(&netlist, argv[2], diag);
    if (status == WEFT_OK) status = weft_design_link(&design, library, (const weft_verilog_t *const[]){netlist}, 1, NULL, diag);
    if (status == WEFT_OK) status = constraints ? weft_constraints_read(constraints, design, sdc, 1, false, NULL, diag) : WEFT_ENOMEM;
    if (status == WEFT_OK) status = weft_timer_new(&timer, design, constraints, NULL, diag);
    weft_diag_print(diag, stderr, WEFT_WARNING);
    if (status == WEFT_OK) {
        int32_t n;
        const weft_endpoint_t *end = weft_timer_endpoints(timer, 0, WEFT_LATE, &n);
        printf("%d endpoints, setup WNS %.4f ns, TNS %.4f ns\n", n, 1e9 * weft_timer_wns(timer, 0, WEFT_LATE), 1e9 * weft_timer_tns(timer, 0, WEFT_LATE));
        for (int32_t i = 0; i < n && i < 5; i++) {
            char name[256];
            weft_design_pin_name(design, end[i].pin, name, sizeof name);
            printf("%10.4f ns  %s\n", 1e9 * end[i].slack, name);
        }
    }
    weft_timer_free(timer);
    weft_constraints_free(constraints);
    weft_design_free(design);
    weft_verilog_free(netlist);
    weft_library_free(library);
    weft_diag_free(diag);
    return status == WEFT_OK ? 0 : 1;
}
