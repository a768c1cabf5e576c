#!/bin/sh
# usage: impn.sh WEFT WORKDIR table|ablation|validate|test RUNS SEED..
# Boxes of desk scenes (weft dataset scenes, default size; develop seeds only, but for `test`): look-alike accuracy, percent, mean over runs.
#   test      the issue's six models with their defaults; for the test seeds, once
#   table     every model on the test quarter (novel views)    validate  the same on the validation part: test recordings left aside
#   ablation  I-MPN with one thing changed, on the test quarter
# WEFT_THREADS sets the threads; results do not depend on it.
weft=$1 work=$2 what=$3 runs=$4
shift 4
mkdir -p "$work"
for s in "$@"; do
    test "$what" = test || case $s in 20[1-9] | 210) echo "seed $s is a test seed" >&2; exit 2 ;; esac
    test -d "$work/d$s" || "$weft" dataset scenes --seed "$s" --out "$work/d$s" >/dev/null || exit 1
done
one() { # name, options..
    name=$1
    shift
    line=$(printf '%-34s' "$name") sum=0 n=0
    for s in $seeds; do
        x=$("$weft" eval scenes --data "$work/d$s" --runs "$runs" --json - "$@" | sed 's/.*"lookalike_accuracy":\([0-9.]*\),"lookalike_std".*/\1/')
        line="$line $(printf '%6.1f' "$(echo "100 * $x" | bc -l)")"
        sum=$(echo "$sum + 100 * $x" | bc -l) n=$((n + 1))
    done
    echo "$line $(printf '%7.1f' "$(echo "$sum / $n" | bc -l)")"
}
seeds=$*
line=$(printf '%-34s' "$what, runs $runs, seeds:")
for s in $seeds; do line="$line $(printf '%6s' "$s")"; done
echo "$line    mean"
v=
test "$what" != validate || v=--validate
if test "$what" = ablation; then
    one "impn (mean, K = 2, complete)" --model impn $v
    one "  no relation vector (no landmarks)" --model impn --no-relation $v
    one "  no landmarks" --model impn --set landmarks=0 $v
    one "  no landmarks, no turns" --model impn --set landmarks=0 --turn 0 $v
    one "  max" --model impn --set aggregator=max $v
    one "  lstm" --model impn --set aggregator=lstm $v
    one "  K = 1" --model impn --set layers=1 $v
    one "  K = 3" --model impn --set layers=3 $v
    one "  4 nearest" --model impn --nearest 4 $v
    one "  no mirror" --model impn --mirror 0 $v
    one "  no turns" --model impn --turn 0 $v
    one "  no jitter" --model impn --jitter 0 $v
    exit
fi
if test "$what" = test; then
    for m in oracle impn mlp tracks gcn gat; do one "$m" --model $m; done
    exit
fi
one "oracle (layout rule, types told)" --model oracle $v
one "impn" --model impn $v
one "mlp" --model mlp $v
one "mlp, no mirror, no jitter, 30 ep." --model mlp --mirror 0 --jitter 0 --epochs 30 --lr 0.003 $v
one "mlp, turns as impn" --model mlp --turn 3.14 $v
one "mlp, majority over tracks" --model tracks $v
one "gcn" --model gcn $v
one "gat" --model gat $v
