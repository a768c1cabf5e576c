#!/bin/sh
# Robustness of p-Laplacian message passing where edges tell less and less, beside GCN and a network that sees no edge: bench/rewire.sh [WEFT [STORE]] >table
# Data sets by WEFT_DATASETS; ten splits of 60/20/20 (cora: geom), five of them run; presets where there are some.
weft=${1:-./weft}
store=$2 # goes on there where it was stopped
[ "$store" ] || { store=$(mktemp) || exit 1; trap 'rm -f "$store"' EXIT; }
[ -d "${WEFT_DATASETS:-/none}/cora" ] || { echo "skipped: no cora under WEFT_DATASETS"; exit 0; }
for share in 0 0.25 0.5 1; do
    "$weft" bench graph --suite own --sets cora --split geom --models gcn,pgnn,mlp --runs 5 --rewire $share --store "$store" --quiet | { [ $share = 0 ] && sed -n '1,$p' || sed 1,3d; }
    "$weft" bench graph --suite own --sets chameleon-filtered,texas,cornell --models gcn,pgnn,mlp --runs 5 --rewire $share --store "$store" --quiet | sed 1,3d
done
