/* cli/bench_limits.h: what this machine can do at most, measured beside what is compared with it. */
#ifndef WEFT_CLI_BENCH_LIMITS_H
#define WEFT_CLI_BENCH_LIMITS_H
#include <stdint.h>

/* The best of several tries with weft_threads() threads; 0 where memory is short. The first: fused multiply-adds in registers alone, a multiply-add being two
 * operations. The second: reading 512 MiB once through, in bytes. */
double cli_fma_per_s(void);
double cli_read_per_s(void);

/* Bytes of one sparse product y [n, f] = A x with nnz entries, each row of x read for each entry: nnz (4 f + 8) + 4 n f. */
double cli_spmm_bytes(int64_t n, int64_t nnz, int64_t f);
/* What one training epoch of a stack of GCN layers cannot do without: the operations of its dense products (forward, of the weights, of the inputs but the first),
 * and the bytes of its sparse products on the narrower side of each layer, forward and back. dim [n_dims]. */
double cli_gcn_flops(int64_t n, const int64_t *dim, int32_t n_dims);
double cli_gcn_bytes(int64_t n, int64_t nnz, const int64_t *dim, int32_t n_dims);
#endif
