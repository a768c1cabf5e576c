/* circuit/sdc_paths.c: exceptions to single-cycle timing, constants, cuts and data checks. */
#include "circuit/sdc_call.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -from and kin begin every exception's options, in this order. */
#define POINTS "from rise_from fall_from through rise_through fall_through to rise_to fall_to "
enum { FROM = 0, THROUGH = 3, TO = 6, AFTER = 9 };

/* The points of a path: "e where edges", then "o kind id" for each object. True where every point that was given has an object. */
static bool send_points(weft_i_call_t *k)
{
    bool all = true;
    for (int i = 0; i < k->n_seen; i++) {
        int place = k->seen[i].place;
        if (place >= AFTER) continue;
        int where = place / 3, edges = place % 3 ? place % 3 : 3;
        weft_i_object_ids_t o = weft_i_call_resolve(k, k->seen[i].value, where == 1 ? "Ppin" : "cPpi");
        weft_i_sdc_emit(k->run, "e %d %d", where, edges);
        for (int32_t m = 0; m < o.n; m++) weft_i_sdc_emit(k->run, "o %d %d", weft_i_object_kind(o.at[m].kind), o.at[m].id);
        all &= o.n > 0;
        free(o.at);
    }
    return all;
}

/* A record of an exception is opened, gets its points, and is withdrawn by "q" where a point that was given is empty: it would else
 * hold for every path. */
static void exception(weft_i_call_t *k, int kind, int minmax, int end_edges, int multiplier, bool start, double delay, bool ignore_latency, double weight, const char *group)
{
    bool any = false;
    for (int i = 0; i < k->n_seen; i++) any |= k->seen[i].place < AFTER;
    if (!any && kind != WEFT_GROUP_PATH) {
        weft_i_call_ignored(k, "no -from, -through or -to is given");
        return;
    }
    weft_i_sdc_emit(k->run, "E %d %d %d %d %d %d %d %.17g %d %.17g %s", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), kind, minmax, end_edges, multiplier, start, delay, ignore_latency, weight, group ? group : "");
    if (!send_points(k)) {
        weft_i_sdc_emit(k->run, "q");
        weft_i_call_ignored(k, "a part of its path matches nothing");
    }
}

static void set_false_path(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, POINTS "setup! hold! rise! fall! reset_path!")) return;
    exception(k, WEFT_FALSE_PATH, weft_i_call_minmax(k->option[AFTER + 1], k->option[AFTER]), weft_i_call_edges(k->option[AFTER + 2], k->option[AFTER + 3]), 0, false, 0, false, 0, NULL);
}

static void set_multicycle_path(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, POINTS "setup! hold! rise! fall! start! end! reset_path!") || !k->n_plain) return;
    double n = weft_i_call_number(k, k->plain[0]);
    if (isnan(n) || n != floor(n) || fabs(n) > 1e6) {
        weft_i_call_ignored(k, "the multiplier must be a whole number");
        return;
    }
    bool hold = k->option[AFTER + 1] != NULL, setup = k->option[AFTER] != NULL, start = k->option[AFTER + 4] != NULL;
    if (!start && !k->option[AFTER + 5]) start = hold && !setup; /* hold counts at the start unless told otherwise */
    exception(k, WEFT_MULTICYCLE, hold || setup ? weft_i_call_minmax(k->option[AFTER + 1], k->option[AFTER]) : 3, weft_i_call_edges(k->option[AFTER + 2], k->option[AFTER + 3]), (int)n, start, 0, false, 0, NULL);
}

static void path_delay(weft_i_call_t *k, int kind, int minmax)
{
    if (!weft_i_call_options(k, POINTS "rise! fall! ignore_clock_latency! reset_path! probe!") || !k->n_plain) return;
    double delay = weft_i_call_number(k, k->plain[0]) * k->c->time_unit;
    if (!isnan(delay)) exception(k, kind, minmax, weft_i_call_edges(k->option[AFTER], k->option[AFTER + 1]), 0, false, delay, k->option[AFTER + 2] != NULL, 0, NULL);
}
static void set_max_delay(weft_i_call_t *k) { path_delay(k, WEFT_MAX_DELAY, 2); }
static void set_min_delay(weft_i_call_t *k) { path_delay(k, WEFT_MIN_DELAY, 1); }

static void group_path(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, POINTS "name weight default! critical_range priority")) return;
    if (!k->option[AFTER] && !k->option[AFTER + 2]) {
        weft_i_call_ignored(k, "neither -name nor -default is given");
        return;
    }
    exception(k, WEFT_GROUP_PATH, 3, 3, 0, false, 0, false, k->option[AFTER + 1] ? weft_i_call_number(k, k->option[AFTER + 1]) : 1.0, k->option[AFTER]);
}

static void set_case_analysis(weft_i_call_t *k)
{
    static const struct { const char *word; int value; } words[] = {{"0", 0}, {"zero", 0}, {"1", 1}, {"one", 1}, {"rise", 2}, {"rising", 2}, {"fall", 3}, {"falling", 3}};
    int value = -1;
    if (!weft_i_call_options(k, "") || k->n_plain < 2) return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(k->plain[0], words[i].word)) value = words[i].value;
    if (value < 0) weft_i_sdc_report(k->run, WEFT_ERROR, "sdc-case", "set_case_analysis takes 0, 1, rising or falling, not '%s'", k->plain[0]);
    else weft_i_call_setting(k, &(weft_setting_t){.kind = WEFT_SET_CASE, .edges = 3, .minmax = 3, .el = 3, .object2 = -1, .value = value}, k->plain[1], "Pp");
}

static void set_logic(weft_i_call_t *k, int value)
{
    if (weft_i_call_options(k, "") && k->n_plain) weft_i_call_setting(k, &(weft_setting_t){.kind = WEFT_SET_LOGIC, .edges = 3, .minmax = 3, .el = 3, .object2 = -1, .value = value}, k->plain[0], "Pp");
}
static void set_logic_zero(weft_i_call_t *k) { set_logic(k, 0); }
static void set_logic_one(weft_i_call_t *k) { set_logic(k, 1); }
static void set_logic_dc(weft_i_call_t *k) { set_logic(k, 2); }

static void set_disable_timing(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "from to") || !k->n_plain) return;
    weft_i_object_ids_t o = weft_i_call_resolve(k, k->plain[0], "PpilL");
    for (int32_t i = 0; i < o.n; i++)
        weft_i_sdc_emit(k->run, "X %d %d %d %d %.200s %.200s", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), weft_i_object_kind(o.at[i].kind), o.at[i].id, k->option[0] ? k->option[0] : "*", k->option[1] ? k->option[1] : "*");
    free(o.at);
}

static void set_data_check(weft_i_call_t *k)
{
    if (!weft_i_call_options(k, "from rise_from fall_from to rise_to fall_to setup! hold! clock") || !k->n_plain) return;
    double v = weft_i_call_number(k, k->plain[0]) * k->c->time_unit;
    int from = k->option[1] ? 1 : k->option[2] ? 2 : 0, to = k->option[4] ? 4 : k->option[5] ? 5 : 3;
    if (!k->option[from] || !k->option[to] || isnan(v)) {
        weft_i_call_ignored(k, "-from, -to and a margin are needed");
        return;
    }
    weft_i_object_ids_t f = weft_i_call_resolve(k, k->option[from], "Pp"), t = weft_i_call_resolve(k, k->option[to], "Pp"), c = weft_i_call_resolve(k, k->option[8], "c");
    for (int32_t i = 0; i < f.n; i++)
        for (int32_t m = 0; m < t.n; m++)
            if (f.at[i].kind == 'p' && t.at[m].kind == 'p')
                weft_i_sdc_emit(k->run, "V %d %d %d %d %d %d %d %d %.17g", weft_i_sdc_file(k->run), weft_i_sdc_line(k->run), f.at[i].id, t.at[m].id, from ? from : 3, to == 3 ? 3 : to - 3, weft_i_call_minmax(k->option[7], k->option[6]), c.n ? c.at[0].id : -1, v);
    free(f.at);
    free(t.at);
    free(c.at);
}

const weft_i_sdc_row_t weft_i_sdc_paths[] = {
    {"set_false_path", set_false_path}, {"set_multicycle_path", set_multicycle_path}, {"set_max_delay", set_max_delay}, {"set_min_delay", set_min_delay}, {"group_path", group_path},
    {"set_case_analysis", set_case_analysis}, {"set_logic_zero", set_logic_zero}, {"set_logic_one", set_logic_one}, {"set_logic_dc", set_logic_dc}, {"set_disable_timing", set_disable_timing},
    {"set_data_check", set_data_check}, {NULL, NULL}};
