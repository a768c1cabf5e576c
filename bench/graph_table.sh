#!/bin/sh
# Trains the rows of the accuracy table, each with its runs, and prints measured beside asked. usage: graph_table.sh WEFT GRAPHS_DIR [THREADS]
weft=$1; graphs=$2; threads=${3:-1}
row() { # row SET MODEL RUNS ASKED [OPTIONS..]
    set_=$1; model=$2; runs=$3; asked=$4; shift 4
    out=$(timeout "${LIMIT:-900}" "$weft" train graph --dataset "$graphs/$set_" --model "$model" --runs "$runs" --threads "$threads" --json - "$@" 2>/dev/null | head -1)
    mean=$(echo "$out" | sed -n 's/.*"test_mean":\([0-9.]*\).*/\1/p'); std=$(echo "$out" | sed -n 's/.*"test_std":\([0-9.]*\).*/\1/p'); sec=$(echo "$out" | sed -n 's/.*"seconds":\([0-9.]*\).*/\1/p')
    printf '%-20s %-10s %-14s runs %2s  %8.2f +- %5.2f  asked %s  %6.0f s\n' "$set_" "$model" "$*" "$runs" "$(echo "${mean:-0} * 100" | bc -l)" "$(echo "${std:-0} * 100" | bc -l)" "$asked" "${sec:-0}"
}
row cora gcn 10 81.2
row cora gat 10 82.0
row cora sage 10 79.5
row cora appnp 10 83.0
row cora dagnn 10 84.0
row citeseer gcn 10 70.5
row citeseer appnp 10 71.3
row citeseer dagnn 10 72.0
row chameleon-filtered gcn 10 45 --preset tuned
row minesweeper gcn 10 89.7
row tu-enzymes gin 10 "59.6 +- 4.5"
row tu-proteins gin 10 "73.3 +- 4.0"
row tolokers gcn 3 83.6
row tu-nci1 gin 10 79
row minesweeper gcn 3 97.5 --preset tuned
row amazon-computers gcn 3 93.7 --preset tuned
row coauthor-physics gcn 3 97.2 --preset tuned
