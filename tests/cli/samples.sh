#!/bin/sh
# weft dataset build: models and figures from the file are those from the folders, to the bit; fits need no folder any more, timing says what it misses; a kill leaves no half file.
. "${srcdir:-.}/tests/support/cli.sh"
osu_files
mkdir -p "$tmp/dirs/set" "$tmp/file"
for d in alu16 crc32 fir4; do cp -r "$src/datasets/osu018/$d" "$tmp/dirs/set/$d" || exit 1; done
printf 'name,family\nalu16,arith\ncrc32,codes\nfir4,arith\n' >"$tmp/dirs/set/index.csv"
set -- $files --quiet
dirs=$tmp/dirs/set file=$tmp/file/set # one name, which the models' files tell

$weft dataset build "$@" --data "$dirs" --threads 1 --out "$file" || { echo "no sample file was built"; exit 1; }
$weft dataset build "$@" --data "$dirs/alu16" --data "$dirs/crc32" --data "$dirs/fir4" --threads 2 --out "$tmp/again" && cmp -s "$file" "$tmp/again" || { echo "other bytes by threads or by how the designs are named"; bad=1; }
$weft dataset build "$@" --data "$file" --out "$tmp/again" && cmp -s "$file" "$tmp/again" || { echo "samples of samples are other samples"; bad=1; }
cp "$file" "$tmp/s.safetensors"
$weft dataset info "$tmp/s.safetensors" >"$tmp/info" && grep -q '^fir4  *arith ' "$tmp/info" && grep -q '^log2_mean_path_um  *um  *log2(1 + x)' "$tmp/info" || { echo "info tells other things:"; cat "$tmp/info"; bad=1; }

# same NAME FILE COMMAND..: with the folder and with the sample file in place of @ the command writes FILE with the same bytes and says the same
same() {
    name=$1 out=$2; shift 2
    for from in dirs file; do
        eval "data=\$$from"
        "$@" --data "$data" >"$tmp/$from.txt" 2>"$tmp/$from.err" && mv "$out" "$tmp/$from.out" || { echo "$name fails on $data"; cat "$tmp/$from.err"; bad=1; return; }
    done
    cmp -s "$tmp/dirs.out" "$tmp/file.out" && cmp -s "$tmp/dirs.txt" "$tmp/file.txt" || { echo "$name: the sample file gives something else"; bad=1; }
}
same "the hybrid, folds" "$tmp/m.st" $weft train timing $files --folds 2 --epochs 3 --out "$tmp/m.st"
cp "$tmp/file.out" "$tmp/base.st"
same trees "$tmp/m.st" $weft train timing "$@" --model trees --folds 0 --out "$tmp/m.st"
same "a holdout" "$tmp/m.st" $weft train timing "$@" --model trees --holdout arith --folds 0 --out "$tmp/m.st"
same finetune "$tmp/m.st" $weft finetune timing $files --model "$tmp/base.st" --out "$tmp/m.st"
same "finetune of the model that suits" "$tmp/m.st" $weft finetune timing $files --exclude fir4 --out "$tmp/m.st"
same calibrate "$tmp/m.st" $weft calibrate $files --folds 0 --out "$tmp/m.st"
same evaluation "$tmp/e.json" $weft eval timing "$@" --model "$tmp/base.st" --json "$tmp/e.json"

want() { # want CODE TEXT COMMAND..
    code=$1; text=$2; shift 2
    "$@" >/dev/null 2>"$tmp/err"; got=$?
    [ "$got" = "$code" ] && grep -q -e "$text" "$tmp/err" || { echo "exit $got, wanted $code and '$text': $*"; cat "$tmp/err"; bad=1; }
}
want 2 "data DIR" $weft dataset build --out "$tmp/x"
want 2 "out FILE" $weft dataset build --data "$dirs"
want 1 calibrate-few $weft dataset build "$@" --data "$dirs" --holdout arith --exclude crc32 --out "$tmp/x"
want 1 samples-kind $weft train timing "$@" --data "$tmp/base.st" --out "$tmp/x"
want 1 safetensors-header $weft train timing "$@" --data "$dirs/index.csv" --out "$tmp/x"
want 1 file-create $weft dataset build "$@" --data "$file" --out "$tmp/nosuch/x"
sed s/codes/cedos/ "$file" >"$tmp/x.safetensors"
want 1 samples-checksum $weft dataset info "$tmp/x.safetensors"

# killed at another moment each time: there is the file of before, or the new one, and never a half one
$weft dataset build "$@" --data "$dirs" --exclude fir4 --out "$tmp/two" && cp "$tmp/two" "$tmp/k" || bad=1
for i in 1 2 3 4 5 6 7 8; do
    $weft dataset build "$@" --data "$file" --out "$tmp/k" & pid=$!
    sleep "0.0$((i * 7 % 10))$i"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    cmp -s "$tmp/k" "$tmp/two" || cmp -s "$tmp/k" "$file" || { echo "kill $i left another file"; bad=1; }
done

# another netlist under the old name; then no folders at all
cp "$dirs/crc32/design.v.gz" "$tmp/v" && cp "$dirs/alu16"/design.* "$dirs/crc32/"
want 1 samples-stale $weft train timing "$@" --model trees --folds 2 --data "$file" --out "$tmp/x"
want 1 eval-none $weft eval timing "$@" --model "$tmp/base.st" --design crc32 --data "$file"
grep -q samples-stale "$tmp/err" || { echo "eval does not say why"; bad=1; }
rm -r "$tmp/dirs"
want 1 samples-folder $weft train timing "$@" --model trees --folds 2 --data "$file" --out "$tmp/x"
$weft train timing --quiet --model trees --folds 0 --data "$file" --out "$tmp/m.st" || { echo "a fit wants more than its sample file"; bad=1; }
$weft finetune timing --quiet --model "$tmp/base.st" --data "$file" --out "$tmp/m.st" || { echo "finetune wants more than its sample file"; bad=1; }
exit $bad
