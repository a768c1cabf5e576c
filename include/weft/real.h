/* weft/real.h: the number type of the learning tower. The library is built with float; the tests build it a second time with
 * double (WEFT_REAL_DOUBLE) to check gradients by finite differences. */
#ifndef WEFT_REAL_H
#define WEFT_REAL_H

#ifdef WEFT_REAL_DOUBLE
typedef double weft_real_t;
#else
typedef float weft_real_t;
#endif
#endif
