#!/bin/sh
# weft train, finetune and eval timing on bundled routed designs: the same bits for any number of threads, better than constants on what was fitted, a second model for one
# flow, clear refusals.
. "${srcdir:-.}/tests/support/cli.sh"
osu_files
mkdir "$tmp/set"
for d in alu16 crc32; do cp -r "$src/datasets/osu018/$d" "$tmp/set/$d" || exit 1; done
set -- $files --quiet
number() { tr -d ' ",' <"$1" | awk -F: -v part="$2" -v key="$3" '$0 == part ":{" { on = 1 } on && $1 == key { print $2; exit }'; } # number FILE PART KEY: the first KEY after PART

$weft train timing "$@" --data "$tmp/set" --folds 2 --epochs 3 --threads 1 --out "$tmp/one.st" || { echo "training failed"; exit 1; }
$weft train timing "$@" --data "$tmp/set" --folds 2 --epochs 3 --threads 2 --out "$tmp/two.st" || exit 1
# the command that made it is told in the file
$weft train timing "$@" --data "$tmp/set" --folds 2 --epochs 3 --seed 1 --threads 2 --out "$tmp/seed.st" || exit 1
strip() { sed 's/threads [12] --out [a-z]*.st/threads/' "$1"; }
strip "$tmp/one.st" >"$tmp/a"; strip "$tmp/two.st" >"$tmp/b"; strip "$tmp/seed.st" >"$tmp/c"
cmp -s "$tmp/a" "$tmp/b" || { echo "other bits with 2 threads"; bad=1; }
cmp -s "$tmp/a" "$tmp/c" && { echo "another seed gives the same bits"; bad=1; }

$weft train timing "$@" --data "$tmp/set" --folds 0 --epochs 60 --out "$tmp/good.st" || exit 1
$weft eval timing "$@" --data "$tmp/set" --model "$tmp/good.st" --json "$tmp/e.json" >"$tmp/e.txt" || { echo "evaluation failed"; exit 1; }
model=$(number "$tmp/e.json" model mae_ps); plain=$(number "$tmp/e.json" constants mae_ps); zero=$(number "$tmp/e.json" zerowire mae_ps)
awk -v m="$model" -v p="$plain" -v z="$zero" 'BEGIN { exit !(m > 0 && m < p && p < z) }' || { echo "errors in ps: model $model, constants $plain, zero wire $zero"; bad=1; }
grep -q '^setup ratio to constants' "$tmp/e.txt" || { echo "no summary"; bad=1; }
$weft eval timing "$@" --data "$tmp/set" --design alu16 --model "$tmp/one.st" --json - >"$tmp/j.json" || bad=1
[ "$(head -c 1 "$tmp/j.json")" = "{" ] && ! grep -q crc32 "$tmp/j.json" || { echo "--json - or --design is not obeyed"; bad=1; }

d=$src/datasets/osu018/crc32
$weft finetune timing "$@" --model "$tmp/one.st" --verilog "$d/design.v.gz" --def "$d/design.def.gz" --truth-spef "$d/design.spef.gz" --out "$tmp/fine.st" || { echo "finetune failed"; bad=1; }
$weft finetune timing "$@" --model "$tmp/one.st" --data "$tmp/set" --exclude alu16 --out "$tmp/fine2.st" || { echo "finetune --data failed"; bad=1; }
cmp -s "$tmp/fine.st" "$tmp/fine2.st" || { echo "one design by options or by --data: other bits"; bad=1; }
cmp -s "$tmp/fine.st" "$tmp/one.st" && { echo "finetune changed nothing"; bad=1; }
$weft predict "$@" --model "$tmp/fine.st" --verilog "$d/design.v.gz" --def "$d/design.def.gz" --sdc "$d/design.sdc" >"$tmp/p.txt" || { echo "predict refuses the model"; bad=1; }

told 2 "data DIR" $weft train timing --out "$tmp/x"
told 2 "model gcn" $weft train timing --data "$tmp/set" --model gcn --out "$tmp/x"
told 2 "data DIR" $weft eval timing
told 1 eval-none $weft eval timing "$@" --data "$tmp/set" --design nosuch
told 1 eval-fold $weft eval timing "$@" --data "$tmp/set" --fold-models "$tmp/nosuch.csv"
told 1 calibrate-few $weft finetune timing "$@" --data "$tmp/set" --exclude alu16 --exclude crc32 --out "$tmp/x"
sed 's/net.head.weight/net.heed.weight/' "$tmp/one.st" >"$tmp/other.st"
told 1 model-content $weft eval timing "$@" --data "$tmp/set" --model "$tmp/other.st"
told 2 NAME=FILE $weft eval timing "$@" --data "$tmp/set" --beside trees
told 2 NAME=FILE $weft eval timing "$@" --data "$tmp/set" --beside model="$tmp/one.st"
told 2 NAME=FILE $weft eval timing "$@" --data "$tmp/set" --beside a="$tmp/one.st" --beside a="$tmp/two.st"
told 1 model-file $weft eval timing "$@" --data "$tmp/set" --model "$tmp/one.st" --beside other=nosuch

# a perceptron per net, and other models beside the one that is scored: each as it scores by itself
$weft train timing "$@" --data "$tmp/set" --model mlp --members 1 --epochs 60 --folds 2 --fold-models "$tmp/m" --out "$tmp/mlp.st" >/dev/null || { echo "mlp does not train"; bad=1; }
$weft eval timing "$@" --data "$tmp/set" --model "$tmp/good.st" --beside alone="$tmp/mlp.st" --beside folds="$tmp/m.csv" --json "$tmp/b.json" >"$tmp/b.txt" || bad=1
$weft eval timing "$@" --data "$tmp/set" --model "$tmp/mlp.st" --json "$tmp/m.json" >/dev/null || bad=1
alone=$(number "$tmp/b.json" alone mae_ps); folds=$(number "$tmp/b.json" folds mae_ps)
[ "$(number "$tmp/b.json" model mae_ps)" = "$model" ] && [ -n "$alone" ] && [ "$alone" = "$(number "$tmp/m.json" model mae_ps)" ] || { echo "beside others a model scores otherwise: $alone"; bad=1; }
awk -v m="$alone" -v f="$folds" -v p="$plain" 'BEGIN { exit !(m > 0 && m < p && f > m) }' || { echo "errors in ps: mlp $alone, held out $folds, constants $plain"; bad=1; }
grep -q '^setup ratio to folds  *[0-9.]* ' "$tmp/b.txt" || { echo "no line for what stands beside"; bad=1; }
exit $bad
