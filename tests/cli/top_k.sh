#!/bin/sh
# Pruned attention from the command: a trained model prunes where it is told to, or where it was trained to; enough blocks change no bit, threads neither; what makes no sense is refused.
. "${srcdir:-.}/tests/support/cli.sh"
cd "$tmp" || exit 1
mkdir ring
awk 'BEGIN { print "id,x0,x1,label,split"; for (i = 0; i < 300; i++) printf "%d,%g,%g,%d,%s\n", i, sin(i), cos(i * i), i % 7 < 3, i % 3 == 0 ? "train" : i % 3 == 1 ? "val" : "test" }' >ring/nodes.csv
awk 'BEGIN { print "source,target"; for (i = 0; i < 300; i++) printf "%d,%d\n", i, (i + 1) % 300 }' >ring/edges.csv
train="$weft train graph --dataset ring --runs 1 --quiet --set epochs=1 --set hidden=8 --set heads=2 --set layers=2"
$train --model gps --set global=softmax --out all >/dev/null || fail "no model"
$train --model gps --set global=softmax --set top_k=2 --out some >/dev/null || fail "no model that prunes"
apply() { out=$1; shift; $weft apply --graph ring --out "$out" "$@" >/dev/null || fail "apply $*"; }
apply y --model all
apply y5 --model all --top-k 5
apply y2 --model all --top-k 2 --threads 1
apply y2t --model all --top-k 2 --threads 2
apply s --model some
apply s0 --model some --top-k 0
cmp -s y y5 || fail "five blocks are all there are, and change something"
cmp -s y y2 && fail "two of five blocks change nothing"
cmp -s y2 y2t || fail "threads change something"
cmp -s y2 s || fail "a model trained to prune does otherwise than one told to"
cmp -s y s0 || fail "--top-k 0 does not end it"
$weft eval graph --model all --dataset ring --top-k 2 >/dev/null || fail "eval graph --top-k"
want() { code=$1 word=$2; shift 2; "$@" >/dev/null 2>err; [ $? = "$code" ] && grep -q -- "$word" err || { fail "not exit $code with $word: $*"; cat err; }; }
$train --model gcn --out gcn >/dev/null || fail "no gcn"
want 2 model-option $weft apply --model gcn --graph ring --out x --top-k 2
want 2 attention-top-k $train --model gps --set global=agent --set top_k=2
want 2 attention-top-k $weft finetune graph --from some --dataset ring --adapter p --runs 1
want 2 train-value $train --model gps --set top_k=-1
want 2 top-k $weft bench attention --kind softmax --top-k 0
want 2 top-k $weft bench attention --kind agent --top-k 2
$weft bench attention --kind softmax --nodes 500 --dims 8 --heads 2 --top-k 2 --json - | grep -q '"top_k":2,.*"backward_s":0.000000' || fail "bench attention --top-k"
exit $bad
