/* autograd/pick.h: the best few of many by score; of equal ones the earlier row. */
#ifndef WEFT_AUTOGRAD_PICK_H
#define WEFT_AUTOGRAD_PICK_H
#include <stdbool.h>
#include <stdint.h>

typedef struct weft_i_pick { double score; int32_t row; } weft_i_pick_t; /* score: no NaN */

static inline bool weft_i_pick_before(const weft_i_pick_t *a, const weft_i_pick_t *b) { return a->score > b->score || (a->score == b->score && a->row < b->row); }

/* Puts the `want` first ones to the front, in no order. */
static inline void weft_i_pick_first(weft_i_pick_t *p, int64_t n, int64_t want)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        weft_i_pick_t pivot = p[(low + high) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (weft_i_pick_before(&p[i], &pivot)) i++;
            while (weft_i_pick_before(&pivot, &p[j])) j--;
            if (i <= j) {
                weft_i_pick_t keep = p[i];
                p[i++] = p[j];
                p[j--] = keep;
            }
        }
        if (want - 1 <= j) high = j;
        else if (want - 1 >= i) low = i;
        else return;
    }
}
#endif
