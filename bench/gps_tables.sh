#!/bin/sh
# What each part of the graph transformer brings: bench/gps_tables.sh WEFT STORE >table
# zinc-like: the ZINC preset at 40 epochs, whole, without positions, with softmax, linear (sgformer) or no attention beside GINE. minesweeper (3 splits) and amazon-computers (3 seeds): GCN layers beside no attention
# and two linear ones (the tuned GCN is in graph.txt). Each row's JSON stays in STORE and is not run again; a training on zinc-like that was stopped goes on. Data sets by WEFT_DATASETS. One thread each: an hour
# of a processor in all.
weft=${1:-./weft} store=${2:-gps_tables}
for set in zinc-like minesweeper amazon-computers; do [ -d "${WEFT_DATASETS:-/none}/$set" ] || { echo "skipped: no $set under WEFT_DATASETS"; exit 0; }; done
mkdir -p "$store" || exit 1
field() { sed -n "s/.*\"$2\":\([-0-9.e]*\).*/\1/p" "$1" | head -1; }
row() { # row SET NAME OPTIONS..
    at=$store/$1.$2 set=$1 name=$2
    shift 2
    [ -s "$at.json" ] || "$weft" train graph --dataset "$set" --threads 1 --quiet --json "$at.json" --log "$at.log" "$@" || exit 1
    printf '%-17s %-24s %s run(s)  validation %.4f  test %.4f +- %.4f\n' "$set" "$name" "$(field "$at.json" runs)" "$(field "$at.json" val_mean)" "$(field "$at.json" test_mean)" "$(field "$at.json" test_std)"
}
mines() { name=$1; shift; row minesweeper "$name" --model gps --runs 3 --set layers=5 --set epochs=100 --set patience=0 --set dropout=0.2 "$@"; }
shop() { name=$1; shift; row amazon-computers "$name" --model gps --runs 3 --set epochs=80 --set patience=0 --set dropout=0.5 "$@"; }
zinc() { name=$1; shift; row zinc-like "$name" --model gps --preset zinc --set epochs=40 --set warmup=3 --runs 1 --checkpoint "$store/zinc-like.$name.checkpoint" --resume "$@"; }
for kind in none sgformer lightnet; do mines "gps-$kind" --set global=$kind; done
for kind in none sgformer lightnet; do shop "gps-$kind" --set global=$kind; done
zinc softmax
zinc none --set global=none
zinc sgformer --set global=sgformer
zinc without-rwse --set position=none
