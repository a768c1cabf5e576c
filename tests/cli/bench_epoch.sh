#!/bin/sh
# weft bench gcn|gat|gine: the graph that its PyTorch peer makes too (bench/torch_epoch.py computed entries and sum), bounds only where they are asked for.
. "${srcdir:-.}/tests/support/cli.sh"
field() { sed -n "s/.*\"$1\":\\([-0-9.e+]*\\).*/\\1/p" "$2"; }
holds() { awk "BEGIN { exit !($1) }" || { echo "$2: $1 does not hold"; bad=1; }; }
for kind in gcn gat gine; do
    $weft bench $kind --nodes 3000 --edges 20000 --epochs 1 --json "$tmp/$kind" || { echo "bench $kind failed"; bad=1; continue; }
    [ "$(field nnz "$tmp/$kind")" = 42918 ] || { echo "$kind: another graph than the peer's: $(cat "$tmp/$kind")"; bad=1; }
    sum=$(field spmm_sum "$tmp/$kind")
    holds "$sum > 605101.970 * 0.99999 && $sum < 605101.970 * 1.00001" "$kind"
    holds "$(field epoch_s "$tmp/$kind") > 0 && $(field cpu_s "$tmp/$kind") > 0 && $(field infer_s "$tmp/$kind") > 0 && $(field spmm_s "$tmp/$kind") > 0" "$kind"
    grep -q bound "$tmp/$kind" && { echo "$kind: bounds that nobody asked for"; bad=1; }
done
$weft bench gcn --nodes 3000 --edges 20000 --dims 64,128,10 --epochs 1 --limits --json "$tmp/limits" || bad=1
# 4 * 3000 * 64 * 128 + 6 * 3000 * 128 * 10 operations; one product of 64 columns, two of 10; by the rates that stand beside it
fma=$(field fma_gflops "$tmp/limits") read=$(field read_gbs "$tmp/limits") epoch=$(field epoch_bound_s "$tmp/limits") spmm=$(field spmm_bound_s "$tmp/limits")
holds "$fma > 0 && $read > 0" limits
holds "($epoch - 0.12134400 / $fma - (42918 * 264 + 3000 * 256 + 2 * (42918 * 48 + 3000 * 40)) * 1e-9 / $read) ^ 2 < (0.02 * $epoch) ^ 2" "bound of an epoch"
holds "($spmm - (42918 * 520 + 3000 * 512) * 1e-9 / $read) ^ 2 < (0.02 * $spmm) ^ 2" "bound of a product"
$weft bench gcn --dims 64 2>/dev/null
[ $? = 2 ] || { echo "one width was taken"; bad=1; }
$weft bench plaplacian --dims 64,64 2>/dev/null
[ $? = 2 ] || { echo "two widths were taken"; bad=1; }
exit $bad
