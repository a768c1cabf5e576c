/* A model by name on data of one's own: a folder with nodes.csv and edges.csv, or an npz, GraphML or MatrixMarket file. Training stops early, the best epoch is kept and written.
 *     cc 03_own_data.c $(pkg-config --cflags --libs weft) -o own_data && ./own_data FOLDER sage model.safetensors */
#include <weft/dataset.h>
#include <weft/train.h>

#include <stdio.h>

/* Told after every epoch; false would stop the training. */
static bool progress(void *context, const weft_epoch_t *e)
{
    (void)context;
    if (e->epoch % 20 == 0) printf("epoch %3d loss %.4f validation %.4f\n", e->epoch, e->loss, e->val);
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: own_data FOLDER|FILE MODEL OUT.safetensors\n");
        return 2;
    }
    weft_diag_t *diag = weft_diag_new();
    weft_dataset_t *data = NULL;
    weft_task_data_t *task = NULL;
    weft_model_t *model = NULL;
    weft_train_options_t options;
    weft_run_t run;
    const weft_split_t *split = NULL;
    weft_status_t status = weft_dataset_read(&data, argv[1], diag);
    if (status == WEFT_OK) status = weft_train_defaults_for(&options, argv[2], data->name, NULL, data->task != WEFT_TASK_NODE_CLASS, diag);
    if (status == WEFT_OK) status = weft_train_set(&options, "epochs=200", diag); /* every option of weft train graph --help */
    if (status == WEFT_OK) status = weft_train_set(&options, "patience=30", diag); /* so many epochs without a better validation value or loss end it */
    if (status == WEFT_OK && !(split = weft_dataset_split(data, NULL, diag))) status = WEFT_EINPUT; /* the file's own, or a random one */
    if (status == WEFT_OK) status = weft_task_new(&task, data, split, diag);
    if (status == WEFT_OK) status = weft_train_run(&run, &model, task, &options, 0, progress, NULL, diag);
    if (status == WEFT_OK) {
        const weft_stored_about_t about = {.dataset = data->name, .split = split->name, .command = "own_data", .result = &run};
        printf("%s: %lld nodes, %lld edges, %d classes; stopped after %d epochs, the best was %d: test %.4f\n", data->name, (long long)data->n_nodes, (long long)data->n_edges, data->n_classes, run.epochs, run.best_epoch, run.test);
        status = weft_stored_write(model, &options, task, &about, argv[3], diag); /* weft apply uses it on other data */
    }
    weft_diag_print(diag, stderr, WEFT_WARNING);
    weft_model_free(model);
    weft_task_free(task);
    weft_dataset_free(data);
    weft_diag_free(diag);
    return status == WEFT_OK ? 0 : 1;
}
