/* tests/support/toy_time21.h: a made-up design in the form of the 21-design set, on a library of two cells with 7 x 7 tables in two corners: inverters and
 * nands that read drivers near and far behind, so that windows of levels miss edges unless they ask for them. */
#ifndef WEFT_TESTS_TOY_TIME21_H
#define WEFT_TESTS_TOY_TIME21_H
#include "base/alloc.h"
#include "base/rng.h"
#include "support/tiny.h"
#include "weft/time21.h"

#include <math.h>

static inline void toy_table(FILE *f, const char *name, double base, double by_slew, double by_load)
{
    fprintf(f, "%s (t) { index_1 (\"0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1\"); index_2 (\"0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1\"); values (", name);
    static const double slew[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1}, load[] = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1};
    for (int i = 0; i < 7; i++) {
        fprintf(f, "%s\"", i ? ", " : "");
        for (int j = 0; j < 7; j++) fprintf(f, "%s%g", j ? ", " : "", base + by_slew * slew[i] + by_load * load[j]);
        fprintf(f, "\"");
    }
    fprintf(f, "); }\n");
}

static inline char *toy_liberty(double scale)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    fprintf(f, "library (toy) { time_unit : \"1ns\"; capacitive_load_unit (1, pf); lu_table_template (t) { variable_1 : input_net_transition; variable_2 : total_output_net_capacitance; }\n");
    for (int cell = 0; cell < 2; cell++) {
        fprintf(f, "cell (%s) { pin (A) { direction : input; capacitance : 0.002; } %s pin (Y) { direction : output; function : \"!A\";\n", cell ? "NAND" : "INV", cell ? "pin (B) { direction : input; capacitance : 0.003; }" : "");
        for (int arc = 0; arc <= cell; arc++) {
            fprintf(f, "timing () { related_pin : \"%s\"; timing_sense : negative_unate;\n", arc ? "B" : "A");
            toy_table(f, "cell_rise", scale * (0.05 + 0.02 * arc), 0.2, 3.0 * scale);
            toy_table(f, "cell_fall", scale * (0.04 + 0.02 * cell), 0.25, 2.0 * scale);
            toy_table(f, "rise_transition", scale * 0.03, 0.1, 5.0 * scale);
            toy_table(f, "fall_transition", scale * 0.02, 0.1, 4.0 * scale);
            fprintf(f, "}\n");
        }
        fprintf(f, "} }\n");
    }
    fprintf(f, "}\n");
    fclose(f);
    char *path = tiny_file(text, size);
    free(text);
    return path;
}

static inline weft_library_t *toy_library(void)
{
    weft_library_t *l = NULL;
    char *early = toy_liberty(1.0), *late = toy_liberty(2.0);
    const weft_lib_source_t source[2] = {{early, NULL, true, false}, {late, NULL, false, true}};
    cr_assert_eq(weft_library_read(&l, source, 2, NULL), WEFT_OK);
    cr_assert_eq(l->n_arcs, 3);
    remove(early);
    remove(late);
    return l;
}

/* n gates behind `inputs` primary inputs. Labels: delays by tables at a slew and a load that distance and pins make, arrivals added up. */
static inline weft_time21_t *toy_time21(const weft_library_t *l, const char *name, int32_t n, int32_t inputs, uint64_t seed)
{
    weft_i_rng_t rng = {seed, 21, 0};
    weft_time21_t *t = weft_i_calloc(1, sizeof *t);
    int32_t most = inputs + 3 * n, edges = 2 * n, *driver = malloc((size_t)(inputs + n) * sizeof *driver), n_drivers = 0, cell = 0;
    t->name = weft_i_strndup(name, strlen(name));
    t->library = l;
    t->period = 10.0;
    t->clock_node = -1;
    t->node = weft_i_calloc((size_t)most * 10, sizeof *t->node);
    t->from = weft_i_calloc((size_t)edges * 2, sizeof *t->from);
    t->to = weft_i_calloc((size_t)edges * 2, sizeof *t->to);
    t->arc = weft_i_calloc((size_t)edges, sizeof *t->arc);
    t->label_arc = weft_i_calloc((size_t)edges, sizeof *t->label_arc);
    t->arc_kind = weft_i_calloc((size_t)edges, 1);
    t->level = weft_i_calloc((size_t)most, sizeof *t->level);
    t->endpoint = weft_i_calloc((size_t)most, 1);
    t->invalid = weft_i_calloc((size_t)most, 1);
    t->is_input = weft_i_calloc((size_t)most, 1);
    t->at_slew = weft_i_calloc((size_t)most * 8, sizeof *t->at_slew);
    t->net_delay = weft_i_calloc((size_t)most * 4, sizeof *t->net_delay);
    t->cell_delay = weft_i_calloc((size_t)edges * 4, sizeof *t->cell_delay);
    t->slack = weft_i_calloc((size_t)most * 2, sizeof *t->slack);
    int32_t *cell_from = malloc((size_t)edges * sizeof *cell_from), *cell_to = malloc((size_t)edges * sizeof *cell_to);
    for (int32_t i = 0; i < inputs; i++) {
        t->is_input[t->n_nodes] = 1;
        driver[n_drivers++] = t->n_nodes++;
    }
    for (int32_t g = 0; g < n; g++) {
        int32_t pins = 1 + (int32_t)weft_i_rng_below(&rng, 2), sink[2];
        for (int32_t k = 0; k < pins; k++) { /* now and then from far behind */
            int32_t reach = weft_i_rng_below(&rng, 5) ? (n_drivers < 12 ? n_drivers : 12) : n_drivers;
            sink[k] = t->n_nodes++;
            t->from[t->n_net] = driver[n_drivers - 1 - (int32_t)weft_i_rng_below(&rng, reach)];
            t->to[t->n_net++] = sink[k];
        }
        int32_t out = t->n_nodes++;
        for (int32_t k = 0; k < pins; k++, cell++) {
            cell_from[cell] = sink[k];
            cell_to[cell] = out;
            t->arc[cell] = t->label_arc[cell] = pins == 1 ? 0 : 1 + k;
        }
        driver[n_drivers++] = out;
    }
    t->n_cell = cell;
    memcpy(t->from + t->n_net, cell_from, (size_t)cell * sizeof *cell_from);
    memcpy(t->to + t->n_net, cell_to, (size_t)cell * sizeof *cell_to);
    cr_assert_eq(weft_levels_find(t->level, &t->n_levels, t->n_nodes, t->n_net + t->n_cell, t->from, t->to, NULL), WEFT_OK);
    for (int32_t i = 0; i < t->n_nodes; i++) {
        float *f = t->node + 10 * i;
        f[0] = t->is_input[i];
        f[1] = (float)(t->level[i] % 2 == 0);
        f[2] = (float)weft_i_rng_below(&rng, 100), f[3] = 100 - f[2], f[4] = (float)weft_i_rng_below(&rng, 100), f[5] = 100 - f[4];
        for (int32_t k = 6; k < 10; k++) f[k] = f[1] > 0.5f ? 0.0f : 0.002f;
        for (int32_t k = 0; k < 4; k++) t->net_delay[4 * i + k] = logf(1e-4f) + 7.6f, t->at_slew[8 * i + k] = t->is_input[i] ? 0.5f : k < 2 ? 1e9f : 0.0f, t->at_slew[8 * i + 4 + k] = logf(1e-4f + 0.05f) + 3;
    }
    for (int32_t level = 1; level < t->n_levels; level++)
        for (int32_t e = 0; e < t->n_net + t->n_cell; e++) {
            int32_t u = t->from[e], v = t->to[e];
            if (t->level[v] != level) continue;
            for (int32_t k = 0; k < 4; k++) {
                float far = fabsf(t->node[10 * u + 2] - t->node[10 * v + 2]) + fabsf(t->node[10 * u + 4] - t->node[10 * v + 4]), *at = &t->at_slew[8 * v + k];
                float d = e < t->n_net ? 0.0005f * far : (k < 2 ? 0.1f : 0.2f) + 0.03f * (float)t->arc[e - t->n_net] + 0.01f * (float)(k & 1), sum = t->at_slew[8 * u + k] + d;
                if (e < t->n_net) t->net_delay[4 * v + k] = logf(1e-4f + d) + 7.6f;
                else t->cell_delay[4 * (e - t->n_net) + k] = d;
                if (k < 2 ? sum < *at : sum > *at) *at = sum;
            }
        }
    free(driver);
    free(cell_from);
    free(cell_to);
    return t;
}
#endif
