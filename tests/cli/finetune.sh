#!/bin/sh
# weft finetune graph: layers of the stored model stay bit for bit, adapters and the head learn; a model that does not fit is refused; threads change nothing.
. "${srcdir:-.}/tests/support/cli.sh"
. "$src/tests/support/rings.sh"
rings "$tmp"
cd "$tmp" || exit 1
tensor() { # tensor FILE NAME: the bytes of one tensor, by the header's offsets
    n=$(od -An -t u8 -N 8 "$1" | tr -d ' ')
    at=$(head -c $((n + 8)) "$1" | tail -c +9 | sed 's/.*"'"$2"'":{[^}]*"data_offsets":\[\([0-9]*\),\([0-9]*\)\].*/\1 \2/')
    case $at in *[!0-9\ ]*) return ;; esac # no such tensor
    from=${at% *} to=${at#* }
    tail -c +$((n + 9 + from)) "$1" | head -c $((to - from))
}
small="--runs 1 --quiet --set epochs=6"
$weft train graph --dataset RINGS --model gps --set global=softmax --set local=gin --set hidden=8 --set heads=2 --set layers=1 --out base $small >/dev/null || fail "no base"
for kind in none plain p; do
    $weft finetune graph --from base --dataset RINGS --adapter $kind --set adapter_width=4 --out "$kind" --json "$kind.json" $small >/dev/null 2>err || { fail "$kind fails"; cat err; continue; }
    for name in layer.0.up.weight layer.0.global.q.weight layer.0.local.mlp.0.weight; do
        tensor base $name >a; tensor "$kind" $name >b
        [ -s a ] && cmp -s a b || fail "$kind: $name is not as it was"
    done
    tensor base head.0.weight >a; tensor "$kind" head.0.weight >b
    [ -s b ] && cmp -s a b && fail "$kind: the head has not learned"
    [ $kind = none ] && continue
    tensor "$kind" layer.0.adapter.up.weight | od -An -t x1 | grep -q '[1-9a-f]' || fail "$kind: the adapter has not learned"
done
$weft finetune graph --from base --dataset RINGS --adapter p --set adapter_rule=code --set adapter_width=4 --out one --threads 1 $small >/dev/null || fail "the code's rule fails"
$weft finetune graph --from base --dataset RINGS --adapter p --set adapter_rule=code --set adapter_width=4 --out two --threads 2 $small >/dev/null
for name in layer.0.adapter.gate.weight layer.0.adapter.p head.0.weight; do tensor one $name >a; tensor two $name >b; [ -s a ] && cmp -s a b || fail "threads change $name"; done
$weft finetune graph --from base --dataset RINGS --all --out all $small >/dev/null || fail "full fine-tuning fails"
tensor base layer.0.up.weight >a; tensor all layer.0.up.weight >b; cmp -s a b && fail "--all: a layer has not learned"
$weft eval graph --model p --dataset RINGS >/dev/null || fail "an adapted model cannot be used"
want() { code=$1 word=$2; shift 2; "$@" >/dev/null 2>err; [ $? = "$code" ] && grep -q -- "$word" err || { fail "not exit $code with $word: $*"; cat err; }; }
want 2 finetune-model $weft finetune graph --from base --dataset RINGS --set hidden=16 $small
want 2 model-option $weft finetune graph --from base --dataset RINGS --adapter p --set p=2.5 $small
want 2 model-option $weft finetune graph --from base --dataset RINGS --adapter p --set global=sgformer $small
want 2 --from $weft finetune graph --dataset RINGS
want 1 '' $weft finetune graph --from none-such --dataset RINGS
exit $bad
