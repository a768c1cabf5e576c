#!/bin/sh
# Labels until within a point of the accuracy from every label, by selection, on sets of desk scenes: bench/annotate.sh [WEFT [SETS [MODELS [SCENES]]]] >table
# A set: weft dataset scenes --recordings 8 --frames 100 --seed SET (or what SCENES says: "--recordings R --frames N"). Everything else is as weft annotate simulate has it by default; results do not depend on threads.
# Rows come set by set, so that a run which is stopped still compares like with like; the means are over the sets that are complete.
weft=${1:-./weft}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
one() { # one SET MODEL NAME OPTIONS..
    set=$1 model=$2 name=$3
    shift 3
    "$weft" annotate simulate --data "$tmp/d" --model "$model" --threads 1 "$@" --json - |
        sed "s/.*\"full_accuracy\":\([0-9.]*\),\"full_lookalike_accuracy\":\([0-9.]*\).*\"labels_to_target\":\(.*\)}/$model $name $set \1 \2 \3/"
}
all() {
    for set in $1; do
        rm -rf "$tmp/d"
        "$weft" dataset scenes ${3:---recordings 8 --frames 100} --seed "$set" --out "$tmp/d" >/dev/null || exit 1
        for model in $2; do
            one "$set" "$model" weft --select weft
            one "$set" "$model" random --select random
            one "$set" "$model" random+tracks --select random --propagate on
            one "$set" "$model" uncertainty --select uncertainty
        done
    done
}
printf '%-6s %-14s %4s %9s %11s %7s\n' model selection set from-all look-alikes labels
all "${2:-41 42 43 44 45 46}" "${3:-impn mlp}" "$4" | tee "$tmp/rows" | while read -r model name set full look labels; do printf '%-6s %-14s %4s %9.4f %11.4f %7s\n' "$model" "$name" "$set" "$full" "$look" "$labels"; done
# 4000 labels, the budget, stand for what was not reached
awk '{ k = $1 " " $2; n[k]++; s[k] += $6 == "null" ? 4000 : $6; by[$1]; } END { for (k in n) { split(k, w, " "); printf "mean %-6s %-14s %7.1f labels, %.2f of random\n", w[1], w[2], s[k] / n[k], s[k] / s[w[1] " random"] } }' "$tmp/rows" | sort
