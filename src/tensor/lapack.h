/* tensor/lapack.h: the one door to LAPACK (there is no LAPACKE in Debian's OpenBLAS: the Fortran symbols are called directly). */
#ifndef WEFT_TENSOR_LAPACK_H
#define WEFT_TENSOR_LAPACK_H
#include "weft/base.h"

/* The k smallest eigenvalues of the symmetric a [n, n] (row-major, destroyed), ascending in value[k], with unit vectors in the rows of
 * vector [k, n]. Works in double, on one thread: the same bits for any number of threads. O(n^3). False: out of memory, no convergence, or OpenBLAS is not installed. */
bool weft_i_eigen_smallest(int32_t n, double *a, int32_t k, double *value, double *vector);
#endif
