#!/bin/sh
# Labels until within a point of the accuracy from every label, by selection, on sets of desk scenes: bench/annotate.sh [WEFT [SETS [SEEDS]]] >table
# A set: weft dataset scenes --recordings 8 --frames 100 --seed SET.
weft=${1:-./weft}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
for set in ${2:-1 2 3}; do "$weft" dataset scenes --recordings 8 --frames 100 --seed "$set" --out "$tmp/d$set" >/dev/null || exit 1; done
one() { # one SET SEED NAME OPTIONS..
    set=$1 seed=$2 name=$3
    shift 3
    "$weft" annotate simulate --data "$tmp/d$set" --seed "$seed" --batch 5 --threads 1 "$@" --json - |
        sed "s/.*\"full_accuracy\":\([0-9.]*\).*\"labels_to_target\":\(.*\)}/$name $set $seed \1 \2/"
}
all() {
    for set in ${1:-1 2 3}; do
        for seed in ${2:-1 2 3}; do
            one "$set" "$seed" random --select random
            one "$set" "$seed" random+tracks --select random --propagate on
            one "$set" "$seed" uncertainty --select uncertainty
            one "$set" "$seed" weft-tracks --select weft --propagate off
            one "$set" "$seed" weft --select weft
        done
    done
}
printf '%-14s %4s %4s %9s %7s\n' selection set seed from-all labels
all "$2" "$3" | tee "$tmp/rows" | awk '{ printf "%-14s %4s %4s %9.4f %7s\n", $1, $2, $3, $4, $5; fflush() }'
awk '{ n[$1]++; s[$1] += $5 == "null" ? 4000 : $5 } END { for (k in n) printf "mean %-14s %6.1f labels, %.2f of random\n", k, s[k] / n[k], s[k] / s["random"] }' "$tmp/rows" | sort
