/* base/status.h: WEFT_TRY and friends. */
#ifndef WEFT_BASE_STATUS_H
#define WEFT_BASE_STATUS_H
#include "weft/base.h"

/* On failure keeps the status in a local `status` and goes to `done`. */
#define WEFT_TRY(expr)                   \
    do {                                 \
        status = (expr);                 \
        if (status != WEFT_OK) goto done; \
    } while (0)

/* On a NULL allocation: status = WEFT_ENOMEM, goto done. */
#define WEFT_TRY_ALLOC(p)          \
    do {                           \
        if (!(p)) {                \
            status = WEFT_ENOMEM;  \
            goto done;             \
        }                          \
    } while (0)
#endif
