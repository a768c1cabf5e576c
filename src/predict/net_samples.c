/* predict/net_samples.c: see samples.h. */
#include "predict/net_samples.h"

#include <string.h>
#include <zlib.h>

static const char logarithm[] = "log2(1 + x)";
static const weft_i_about_t column[WEFT_I_N_NET_COLUMNS] = { /* names of the first: weft_i_wire_feature_name */
    {NULL, "um", logarithm}, {NULL, "pins", "log2(x)"}, {NULL, "um", logarithm}, {NULL, "1", "x"}, {NULL, "um", logarithm}, {NULL, "um", logarithm},
    {NULL, "um/um^2", "x"}, {NULL, "um/um^2", "x"}, {NULL, "pins/um^2", "x"}, {NULL, "um", logarithm}, {NULL, "1", "x"}, {NULL, "ports", "x"}, {NULL, "um", logarithm},
    {NULL, "um", logarithm}, {NULL, "um", logarithm}, {NULL, "um/um^2", "x"}, {NULL, "um/um^2", "x"}, {NULL, "pins/um^2", "x"}, {NULL, "pins/um^2", "x"},
    {NULL, "um/um^2", "x"}, {NULL, "um/um^2", "x"}, {NULL, "um/um^2", "x"}, {NULL, "um/um^2", "x"},
    {NULL, "um", logarithm}, {NULL, "um", logarithm}, {NULL, "um", "x"}, {NULL, "um", "x"}, {NULL, "um", "x"}, {NULL, "um", "x"}, {"log2_load_fF", "fF", logarithm}, {"log2_most_load_fF", "fF", logarithm}};

const weft_i_about_t weft_i_net_samples_label[WEFT_I_N_LABELS] = {{"length", "m", "x"}, {"pins", "pins", "x"}, {"cap", "F", "x"}, {"mean_elmore", "s", "x"}, {"elmore_per_length", "s m/ohm", "x"}, {"elmore_per_edge", "s/ohm", "x"}};

const weft_i_net_samples_part_t weft_i_net_samples_part[WEFT_I_N_PARTS] = {
    [WEFT_I_NET_COLUMNS] = {"net.columns", WEFT_I_F32, WEFT_I_OF_NETS, WEFT_I_N_NET_COLUMNS}, [WEFT_I_NET_ID] = {"net.id", WEFT_I_I32, WEFT_I_OF_NETS, 0},
    [WEFT_I_LABEL_NET] = {"label.net", WEFT_I_I32, WEFT_I_OF_LABELS, 0}, [WEFT_I_LABEL_VALUES] = {"label.values", WEFT_I_F32, WEFT_I_OF_LABELS, WEFT_I_N_LABELS},
    [WEFT_I_ARC_FROM] = {"arc.from", WEFT_I_I32, WEFT_I_OF_ARCS, 0}, [WEFT_I_ARC_TO] = {"arc.to", WEFT_I_I32, WEFT_I_OF_ARCS, 0}};

int32_t weft_net_samples_n_columns(void) { return WEFT_I_N_NET_COLUMNS; }

void weft_net_samples_column(int32_t i, const char **name, const char **unit, const char **scale)
{
    *name = column[i].name ? column[i].name : weft_i_wire_feature_name(i);
    *unit = column[i].unit;
    *scale = column[i].scale;
}

void weft_i_net_samples_sum(const char *card, const weft_i_tensor_entry_t *const part[WEFT_I_N_PARTS], char sum[9])
{
    uLong crc = crc32_z(0, (const Bytef *)card, strlen(card));
    for (int32_t k = 0; k < WEFT_I_N_PARTS; k++)
        if (part[k]->n_elements) crc = crc32_z(crc, part[k]->data, (size_t)part[k]->n_elements * weft_i_dtype_size(part[k]->dtype));
    snprintf(sum, 9, "%08x", (unsigned)crc);
}
