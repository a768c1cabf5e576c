/* The whole p-adapter, attention before it and bottleneck behind it, against values and gradients that tests/golden/adapter_torch.py made with plain PyTorch;
 * built twice, in double and in float. */
#include "nn/golden.h"
#include "weft/adapter.h"

enum { VALUES = 7, QUERIES = 5, D = 6, HEADS = 2, WIDTH = 4, MOST_ARCS = VALUES * VALUES, N_IN = 4 };
static const char *const input[N_IN] = {"q", "k", "v", "own"};

static weft_graph_t *attention_graph(const weft_i_safetensors_t *f, bool self)
{
    const weft_i_tensor_entry_t *arcs = weft_i_safetensors_find(f, self ? "graph/self" : "graph/sides");
    int32_t source[MOST_ARCS], target[MOST_ARCS];
    weft_graph_t *g;
    cr_assert(arcs && arcs->shape[0] <= MOST_ARCS);
    for (int64_t i = 0; i < arcs->shape[0]; i++) source[i] = golden_integer(arcs, 2 * i), target[i] = golden_integer(arcs, 2 * i + 1);
    cr_assert_eq(weft_graph_new(&g, VALUES, self ? VALUES : QUERIES, arcs->shape[0], source, target, 0, NULL), WEFT_OK);
    return g;
}

static void check(const weft_i_safetensors_t *f, weft_adapter_rule_t rule, bool self, bool mask)
{
    const weft_adapter_options_t o = {.kind = WEFT_ADAPTER_P, .rule = rule, .width = WIDTH, .heads = HEADS, .p = 1.4, .mu = 0.3, .eps = mask ? 1e-3 : 0.05, .mask = mask};
    char name[64];
    snprintf(name, sizeof name, "%s_%s_%s", rule == WEFT_ADAPTER_CODE ? "code" : "paper", self ? "self" : "sides", mask ? "mask" : "smooth");
    weft_graph_t *graph = attention_graph(f, self);
    weft_attention_graph_t attention;
    weft_params_t *params = weft_params_new(1);
    weft_tape_t *tape = weft_tape_new();
    cr_assert_eq(weft_attention_graph_init(&attention, graph, self, NULL), WEFT_OK);
    weft_adapter_t a = weft_adapter_init(params, "a", D, &o);
    weft_linear_t out = weft_linear_init(params, "out", D, D, true, WEFT_INIT_FAN_IN);
    golden_read_values(name, params, f);
    weft_params_zero_grad(params);
    weft_real_t *value[N_IN] = {0}, grad[N_IN][VALUES * D] = {{0}}, *r = golden_numbers(golden_find(f, name, "r", ""), NULL, NULL), *ones = NULL;
    weft_var_t *in[N_IN] = {0};
    int n_in = self ? 3 : 4;
    for (int i = 0; i < n_in; i++) {
        int64_t rows, cols;
        value[i] = golden_numbers(golden_find(f, name, input[i], ""), &rows, &cols);
        in[i] = weft_tape_leaf(tape, value[i], grad[i], rows, cols);
    }
    weft_var_t *y = weft_p_attention(&a, &attention, in[0], in[1], in[2], self ? in[2] : in[3], &out, 0.0);
    cr_assert_eq(weft_tape_status(tape, NULL), WEFT_OK, "%s", name);
    golden_compare(name, "y", weft_var_data(y), golden_find(f, name, "y", ""));
    cr_assert_eq(weft_tape_backward(tape, golden_weighed(tape, y, r, &ones), NULL), WEFT_OK, "%s", name);
    for (int i = 0; i < n_in; i++) {
        golden_compare(name, input[i], grad[i], golden_find(f, name, "d", input[i]));
        free(value[i]);
    }
    golden_compare_gradients(name, params, f);
    free(r);
    free(ones);
    weft_tape_free(tape);
    weft_params_free(params);
    weft_attention_graph_destroy(&attention);
    weft_graph_free(graph);
}

Test(golden_adapter, values_and_gradients_as_pytorch_has_them)
{
    weft_i_safetensors_t *f;
    cr_assert_eq(weft_i_safetensors_read(&f, WEFT_SOURCE_DIR "/tests/golden/adapter.safetensors", NULL), WEFT_OK);
    for (int rule = 0; rule < 2; rule++)
        for (int self = 0; self < 2; self++)
            for (int mask = 0; mask < 2; mask++) check(f, (weft_adapter_rule_t)rule, self, mask);
    weft_i_safetensors_free(f);
}
