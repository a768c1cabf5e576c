/* A graph convolution network of one's own from the library's parts: a ring of two camps, labels known of some nodes, learned for the rest.
 *     cc 01_gcn.c $(pkg-config --cflags --libs weft) -o gcn && ./gcn */
#include <weft/nn.h>
#include <weft/ops.h>
#include <weft/train.h>

#include <stdio.h>

enum { N = 400, FEATURES = 8, HIDDEN = 16, CLASSES = 2, KNOWN = 40 };

static int wrong(weft_diag_t *diag, weft_status_t status)
{
    weft_diag_print(diag, stderr, WEFT_ERROR);
    fprintf(stderr, "%s\n", weft_status_text(status));
    return 1;
}

/* A small generator: the same graph every time. */
static double draw(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 40) / (double)(1 << 24);
}

int main(void)
{
    int32_t source[4 * N], target[4 * N], label[N], known[KNOWN];
    float x[N * FEATURES];
    for (int i = 0; i < N; i++) {
        label[i] = i < N / 2;
        for (int j = 0; j < FEATURES; j++) x[i * FEATURES + j] = (float)(draw() + (j == label[i] ? 0.2 : 0.0));
    }
    for (int i = 0; i < KNOWN; i++) known[i] = i * (N / KNOWN);
    for (int e = 0; e < 4 * N; e++) { /* nine of ten edges stay in their camp */
        source[e] = (int32_t)(draw() * N);
        int camp = draw() < 0.9 ? label[source[e]] : !label[source[e]];
        target[e] = (int32_t)(draw() * (N / 2)) + (camp ? 0 : N / 2);
    }

    weft_diag_t *diag = weft_diag_new();
    weft_graph_t *graph = NULL;
    weft_topology_t topology = {0};
    weft_status_t status = weft_graph_new(&graph, N, N, 4 * N, source, target, WEFT_GRAPH_BOTH_WAYS | WEFT_GRAPH_MERGE, diag);
    if (status == WEFT_OK) status = weft_topology_init(&topology, graph, diag);
    if (status != WEFT_OK) return wrong(diag, status);

    weft_params_t *params = weft_params_new(1);
    weft_gcn_conv_t first = weft_gcn_conv_init(params, "first", FEATURES, HIDDEN, true), second = weft_gcn_conv_init(params, "second", HIDDEN, CLASSES, true);
    weft_optim_t *optim = weft_optim_new(params, WEFT_ADAM, 5e-4, 0.0);
    weft_tape_t *tape = weft_tape_new();
    int right = 0;
    for (int epoch = 0; epoch <= 100; epoch++) {
        weft_tape_reset(tape); /* gives every value of the step before back */
        weft_tape_set_training(tape, epoch < 100);
        weft_tape_set_seed(tape, 1, (uint64_t)epoch);
        weft_var_t *h = weft_dropout(weft_relu(weft_gcn_conv(&first, &topology, weft_x_dense(weft_tape_constant(tape, x, N, FEATURES)))), 0.5);
        weft_var_t *y = weft_var_keep(weft_gcn_conv(&second, &topology, weft_x_dense(h)));
        if (epoch == 100) { /* an error before would have made y NULL; status tells which */
            if ((status = weft_tape_status(tape, diag)) != WEFT_OK) return wrong(diag, status);
            const float *score = weft_var_data(y);
            for (int i = 0; i < N; i++) right += (score[2 * i + 1] > score[2 * i]) == label[i];
            break;
        }
        weft_var_t *loss = weft_cross_entropy(y, label, known, KNOWN, NULL);
        weft_params_zero_grad(params);
        if ((status = weft_tape_backward(tape, loss, diag)) != WEFT_OK) return wrong(diag, status);
        if (epoch % 20 == 0) printf("epoch %3d loss %.4f\n", epoch, (double)weft_var_data(loss)[0]);
        weft_optim_step(optim, 0.01, 0.0);
    }
    printf("%d of %d nodes right, %d labels known\n", right, N, KNOWN);

    weft_tape_free(tape);
    weft_optim_free(optim);
    weft_params_free(params);
    weft_topology_destroy(&topology);
    weft_graph_free(graph);
    weft_diag_free(diag);
    return right > 9 * N / 10 ? 0 : 1;
}
