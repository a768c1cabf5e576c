/* predict/net_samples.h: parts and columns of a sample file (weft/net_samples.h), shared by its writer and its reader. */
#ifndef WEFT_PREDICT_NET_SAMPLES_H
#define WEFT_PREDICT_NET_SAMPLES_H
#include "io/safetensors.h"
#include "predict/calibration.h"
#include "weft/net_samples.h"

#define WEFT_I_NET_SAMPLES_KIND "net-samples-1"
enum { WEFT_I_N_LABELS = 6 };
typedef struct weft_i_about { const char *name, *unit, *scale; } weft_i_about_t;
extern const weft_i_about_t weft_i_net_samples_label[WEFT_I_N_LABELS];

enum { WEFT_I_OF_NETS = 0, WEFT_I_OF_LABELS, WEFT_I_OF_ARCS };
enum { WEFT_I_NET_COLUMNS = 0, WEFT_I_NET_ID, WEFT_I_LABEL_NET, WEFT_I_LABEL_VALUES, WEFT_I_ARC_FROM, WEFT_I_ARC_TO, WEFT_I_N_PARTS };
typedef struct weft_i_net_samples_part { const char *name; weft_i_dtype_t dtype; int32_t of, columns; /* 0: one dimension */ } weft_i_net_samples_part_t;
extern const weft_i_net_samples_part_t weft_i_net_samples_part[WEFT_I_N_PARTS];

/* crc32 over the card's text and the bytes of the parts, in eight hexadecimal digits. */
void weft_i_net_samples_sum(const char *card, const weft_i_tensor_entry_t *const part[WEFT_I_N_PARTS], char sum[9]);
/* samples-number where one of the parts holds a number that is not finite. */
WEFT_MUST_CHECK weft_status_t weft_i_net_samples_finite(const weft_i_tensor_entry_t *const part[WEFT_I_N_PARTS], const char *path, weft_diag_t *diag);
/* Without `summed` the checksum is not looked at, so that a fuzzer comes further. */
WEFT_MUST_CHECK weft_status_t weft_i_net_samples_parse(weft_net_samples_t **samples, const void *data, size_t size, bool summed, const char *path, weft_diag_t *diag);
#endif
