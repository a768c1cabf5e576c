#!/bin/sh
# Leave one design out over the 21-design set: for every design a model is trained on the others and scored on it by the set's own script.
#   [PYTHON=python3 with numpy] bench/time21_loo.sh WEFT DATA EVAL_TIME21.PY MODEL EPOCHS WORK [DESIGN ..]
# Nothing is chosen on the design that is left out: every fold runs the same EPOCHS. Folds whose weights are in WORK already are not trained again.
set -eu
weft=$1 data=$2 score=$3 model=$4 epochs=$5 work=$6
shift 6
[ $# -gt 0 ] || set -- BM64 genericfir usb cic_decimator zipdiv usb_cdc_core wbqspiflash
mkdir -p "$work"
for design; do
    weights=$work/$model-without-$design.safetensors
    [ -f "$weights" ] || "$weft" train timing --dataset time21 --data "$data" --model "$model" --holdout "$design" --epochs "$epochs" --threads 1 --quiet --out "$weights"
    "$weft" eval timing --dataset time21 --data "$data" --design "$design" --model "$weights" --threads 1 --out "$work/$model" > "$work/$model-$design.txt"
done
done=
for design; do done=$done${done:+,}$design; done
echo "# $model, leave one design out, $epochs epochs a fold, scored by $(basename "$score")"
"${PYTHON:-python3}" "$score" --data "$data" --pred "$work/$model" --designs "$done"
