#!/bin/sh
# One epoch of the ZINC preset (10,000 graphs, then validation and test) by each of the given commands, in turn: bench/zinc_epoch.sh WEFT.. >table
# Data set zinc-like by WEFT_DATASETS. Threads: WEFT_THREADS. Seconds of the clock and of the processors, with reading and encodings.
[ -d "${WEFT_DATASETS:-/none}/zinc-like" ] || { echo "skipped: no zinc-like under WEFT_DATASETS"; exit 0; }
for weft in "${@:-./weft}"; do
    LC_ALL=C bash -c 'TIMEFORMAT="%R s, processors %U s"; time "$0" train graph --dataset zinc-like --model gps --preset zinc --set epochs=1 --runs 1 --quiet >/dev/null' "$weft" 2>&1 | sed "s|^|$weft: |"
done
