#!/bin/sh
# The p-adapter against the plain adapter and none, behind a frozen graph transformer, on three adaptation tasks: bench/p_adapter.sh [WEFT] >table
# Data sets by WEFT_DATASETS: tu-nci1, tu-mutag, tu-ptc, minesweeper, tolokers. Every row: runs over the set's splits, seeds 0, 1, ..
weft=${1:-./weft}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
for set in tu-nci1 tu-mutag tu-ptc minesweeper tolokers; do [ -d "${WEFT_DATASETS:-/none}/$set" ] || { echo "skipped: no $set under WEFT_DATASETS"; exit 0; }; done
row() { # row TASK NAME FROM DATASET RUNS EPOCHS OPTIONS..
    task=$1 name=$2 from=$3 set=$4 runs=$5 epochs=$6
    shift 6
    "$weft" finetune graph --from "$from" --dataset "$set" --runs "$runs" --set epochs="$epochs" --set patience=0 --threads 1 --quiet "$@" >"$tmp/$task.$name" 2>"$tmp/err.$task" || cat "$tmp/err.$task" >>"$tmp/$task.$name"
    printf '%-24s %-16s %s\n' "$task" "$name" "$(cat "$tmp/$task.$name")"
}
rows() { # rows TASK FROM DATASET RUNS EPOCHS: widths at equal counts: 2 d w + w + d (plain 16: 2128; p paper 16: 2130; p code, 3 d w + 2 w + d, 8: 1618, 12: 2394)
    row "$1" none "$2" "$3" "$4" "$5" --adapter none
    row "$1" plain-16 "$2" "$3" "$4" "$5" --adapter plain
    row "$1" p-paper-16 "$2" "$3" "$4" "$5" --adapter p
    row "$1" p-code-12 "$2" "$3" "$4" "$5" --adapter p --set adapter_rule=code --set adapter_width=12
    row "$1" all "$2" "$3" "$4" "$5" --all
}
"$weft" train graph --dataset tu-nci1 --model gps --set global=softmax --set local=gin --set position=rwse --set epochs=30 --set patience=0 --runs 1 --out "$tmp/nci1" --threads 1 --quiet &
graphs=$!
"$weft" train graph --dataset minesweeper --model gps --set global=bigbird --set epochs=100 --set patience=0 --runs 1 --out "$tmp/mines" --threads 1 --quiet
(rows minesweeper-tolokers "$tmp/mines" tolokers 4 60) &
nodes=$!
wait $graphs
rows nci1-mutag "$tmp/nci1" tu-mutag 10 40
rows nci1-ptc "$tmp/nci1" tu-ptc 10 40
wait $nodes
