#!/bin/sh
# From a folder of routed designs against from the sample file of that folder (weft dataset build), in turns, least of N runs: what a fit does before it fits (samples
# written anew from either), the whole fit of the trees, a fine-tuning. The models must be equal to the byte.
# usage: bench/net_samples.sh FOLDER [N]; WEFT: the command (build/weft)
folder=${1:?a folder of routed designs} n=${2:-3}
weft=${WEFT:-build/weft}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
name=$(basename "$folder")
mkdir "$tmp/folder" "$tmp/file" "$tmp/set"
file=$tmp/set/$name # the models' files tell the name that was given
$weft dataset build --data "$folder" --quiet --out "$file" 2>/dev/null || exit 1
echo "$name: $($weft dataset build --data "$file" --out "$tmp/x" | sed 's/.*: //'), folder $(du -sLk --apparent-size "$folder" | cut -f1) kB, sample file $(($(wc -c <"$file") / 1024)) kB"
printf '%-28s %10s %10s %7s %10s %10s %7s\n' "" "folder, s" "file, s" "ratio" "CPU, s" "CPU, s" "ratio"
turns() { # turns TITLE COMMAND..
    title=$1; shift
    rm -f "$tmp/folder.t" "$tmp/file.t"
    for i in $(seq "$n"); do
        for from in folder file; do
            eval "data=\$$from"
            env time -f '%e %U %S' -o "$tmp/t" $weft "$@" --quiet --data "$data" --out "$tmp/$from/m.st" >/dev/null 2>&1 || exit 1
            cat "$tmp/t" >>"$tmp/$from.t"
        done
        cmp -s "$tmp/folder/m.st" "$tmp/file/m.st" || { echo "$title: other bytes"; exit 1; }
    done
    least() { awk -v what="$2" '{ v = what ? $2 + $3 : $1 } NR == 1 || v < m { m = v } END { print m }' "$1"; }
    printf '%s %s %s %s\n' "$(least "$tmp/folder.t" 0)" "$(least "$tmp/file.t" 0)" "$(least "$tmp/folder.t" 1)" "$(least "$tmp/file.t" 1)" |
        awk -v t="$title" '{ printf "%-28s %10.2f %10.2f %7.1f %10.2f %10.2f %7.1f\n", t, $1, $2, $1 / $2, $3, $4, $3 / $4 }'
}
turns "before the fit" dataset build
turns "finetune timing" finetune timing
turns "train timing, trees" train timing --model trees --folds 0
turns "hybrid, 10 epochs" train timing --folds 0 --epochs 10
