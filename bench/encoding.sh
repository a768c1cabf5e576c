#!/bin/sh
# Time, memory and (lappe) the worst residual |L v - l v| / |L| of encodings by size: bench/encoding.sh [WEFT] [NODES..] >table
# Last of all 200,000 nodes for rwse, and hyp: the 214,591-node and-inverter graph of WEFT_DATASETS/circuit-epfl, where it and python3 are there.
weft=${1:-./weft}
[ $# -gt 0 ] && shift
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
for n in "${@:-1000}"; do
    for shape in circuit grid; do "$weft" bench encoding --kind lappe --shape $shape --nodes "$n" 2>&1; done
    for kind in rwse rrwp level; do "$weft" bench encoding --kind $kind --nodes "$n" 2>&1; done
    [ "$n" -le 1000 ] && for kind in hkdiag elstatic; do "$weft" bench encoding --kind $kind --nodes "$n" 2>&1; done
done
"$weft" bench encoding --kind rwse --nodes 200000 2>&1
hyp=${WEFT_DATASETS:-/none}/circuit-epfl/hyp.aig
[ -f "$hyp" ] && [ "${HYP:-1}" = 1 ] && python3 "$here/aig_arcs.py" "$hyp" >"$tmp/hyp" && for kind in lappe rwse; do
    (cd "$tmp" && "$weft" bench encoding --kind $kind --arcs hyp 2>&1)
done
exit 0
