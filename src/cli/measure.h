/* cli/measure.h: what benches and evaluations measure with. */
#ifndef WEFT_CLI_MEASURE_H
#define WEFT_CLI_MEASURE_H
#include <stdint.h>

double cli_now(void);                  /* seconds of a clock that only goes forward */
double cli_cpu(void);                  /* seconds that all threads of this process have computed */
double cli_peak_mb(void);              /* the most memory this process has held, MiB */
uint64_t cli_random(uint64_t *state);  /* splitmix64: graphs that every machine makes alike */
#endif
