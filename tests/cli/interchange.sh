#!/bin/sh
# weft dataset import and generate: archives that numpy reads, the same set when read again, exit codes.
. "${srcdir:-.}/tests/support/cli.sh"
igraph=1
$weft dataset generate --form er --nodes 10 --degree 2 --out "$tmp/er.npz" >/dev/null 2>"$tmp/err" || { grep -q igraph-absent "$tmp/err" && igraph=0; }
mkdir "$tmp/csv"
printf 'id,label,split,v\na,x,train,1.5\nb,y,val,3\nc,x,test,5\n' >"$tmp/csv/nodes.csv"
printf 'a,b\nc,b\n' >"$tmp/csv/edges.csv"
want 0 $weft dataset import "$tmp/csv" --out "$tmp/csv.npz"
want 0 $weft dataset import "$tmp/csv" --stored --out "$tmp/stored.npz"
want 0 $weft dataset import "$tmp/csv.npz" --out "$tmp/again.npz"
cmp -s "$tmp/csv.npz" "$tmp/again.npz" || { echo "imported twice it is another archive"; bad=1; }
$weft dataset info "$tmp/csv" | sed 1d >"$tmp/a"
$weft dataset info "$tmp/stored.npz" | sed 1d >"$tmp/b"
cmp -s "$tmp/a" "$tmp/b" || { echo "info tells something else of the archive"; diff "$tmp/a" "$tmp/b"; bad=1; }
want 2 $weft dataset import "$tmp/csv"
want 2 $weft dataset import --out "$tmp/x.npz"
want 2 $weft dataset import "$tmp/csv" --out "$tmp/x.zip"
want 1 $weft dataset import "$tmp/none" --out "$tmp/x.npz"
want 1 $weft dataset import "$tmp/csv" --out "$tmp/no/folder/x.npz"
want 0 $weft dataset import --help
want 0 $weft dataset generate --help
want 2 $weft dataset generate --form nosuch --out "$tmp/x.npz"
want 2 $weft dataset generate --form er
want 2 $weft dataset generate --form er --out "$tmp/x.txt"
want 2 $weft dataset generate --form er --nodes many --out "$tmp/x.npz"
if [ $igraph = 1 ]; then
    for form in er ba ws sbm; do
        want 0 $weft dataset generate --form $form --nodes 300 --seed 5 --out "$tmp/$form.npz"
        want 0 $weft dataset generate --form $form --nodes 300 --seed 5 --out "$tmp/$form.2.npz"
        cmp -s "$tmp/$form.npz" "$tmp/$form.2.npz" || { echo "$form: one seed, two graphs"; bad=1; }
        want 0 $weft dataset generate --form $form --nodes 300 --seed 5 --out "$tmp/$form.mtx"
        want 0 $weft dataset import "$tmp/$form.mtx" --out "$tmp/$form.3.npz"
        [ "$($weft dataset info "$tmp/$form.npz" | grep -o '[0-9]* edges')" = "$($weft dataset info "$tmp/$form.3.npz" | grep -o '[0-9]* edges')" ] || { echo "$form: the matrix is another graph"; bad=1; }
    done
    want 2 $weft dataset generate --form er --nodes 10 --degree 11 --out "$tmp/x.npz"
    grep -q random-option "$tmp/err" || bad=1
    want 0 $weft train graph --dataset "$tmp/sbm.npz" --model gcn --runs 1 --set epochs=20 --quiet
    want 0 $weft train link --dataset "$tmp/ws.npz" --model sage --runs 1 --set epochs=5 --quiet
    want 0 $weft train link --dataset "$tmp/ws.npz" --model sage --plan
    grep -q "^links of ws.npz, sage: [0-9.]* MiB: a step" "$tmp/out" || { echo "train link --plan: $(cat "$tmp/out")"; bad=1; }
    want 3 $weft train link --dataset "$tmp/ws.npz" --model sage --max-memory 1K --runs 1
else
    echo "without igraph: random graphs are not tried"
    want 2 $weft dataset generate --form er --out "$tmp/x.npz"
fi
if /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
    for f in csv stored; do
        /usr/bin/python3 - "$tmp/$f.npz" <<'PY' || { echo "numpy reads something else"; bad=1; }
import sys, zipfile, numpy as np
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
z = np.load(sys.argv[1])
assert sorted(z.files) == ['edges', 'split', 'x', 'y'], z.files
assert z['edges'].tolist() == [[0, 1], [1, 2]] and z['edges'].dtype == np.int32
assert z['x'].tolist() == [[1.5], [3.0], [5.0]] and z['x'].dtype == np.float32
assert z['y'].tolist() == [0, 1, 0] and z['split'].tolist() == [[1, 2, 3]]
PY
    done
else
    echo "no numpy: what it reads was not looked at"
fi
# sampled neighbourhoods: whatever the threads, and on from a checkpoint, the same bits
want 0 $weft train graph --dataset "$tmp/csv" --model sage --runs 1 --sample 2,1 --batch 1 --set epochs=6 --threads 1 --quiet --out "$tmp/s1.safetensors"
cp "$tmp/out" "$tmp/one"
want 0 $weft train graph --dataset "$tmp/csv" --model sage --runs 1 --set sample=2,1 --set batch=1 --set epochs=6 --threads 3 --quiet
[ "$(sed 's/,[^,]* s$//' "$tmp/one")" = "$(sed 's/,[^,]* s$//' "$tmp/out")" ] || { echo "threads or the way of saying it change the sample"; bad=1; }
want 0 $weft apply --model "$tmp/s1.safetensors" --graph "$tmp/csv" --out "$tmp/s1.npy"
want 2 $weft train graph --dataset "$tmp/csv" --model sage --sample 2,,1
want 2 $weft train graph --dataset "$tmp/csv" --model gcn --sample 2,1
grep -q train-sample "$tmp/err" || bad=1
# plans: told, and refused above a limit
want 0 $weft train graph --dataset "$tmp/csv" --model gcn --plan
grep -q 'MiB: a step' "$tmp/out" || { echo "--plan tells nothing"; bad=1; }
want 3 $weft train graph --dataset "$tmp/csv" --model gcn --runs 1 --max-memory 1K
grep -q 'train-memory' "$tmp/err" || bad=1
want 0 $weft train graph --dataset "$tmp/csv" --model gcn --runs 1 --set epochs=2 --max-memory 1G --quiet
want 2 $weft train graph --dataset "$tmp/csv" --model gcn --max-memory much
want 3 $weft apply --model "$tmp/s1.safetensors" --graph "$tmp/csv" --out "$tmp/x.npy" --max-memory 1K
[ -e "$tmp/x.npy" ] && { echo "refused, and written"; bad=1; }
# parameters of another file, by name: the same scores, and nothing where a name is wrong
want 0 $weft train graph --dataset "$tmp/csv" --model gcn --runs 1 --set epochs=5 --quiet --out "$tmp/a.safetensors"
for p in conv.0.weight conv.0.bias conv.1.weight conv.1.bias; do echo "$p $p"; done >"$tmp/map"
want 0 $weft train graph --dataset "$tmp/csv" --model gcn --runs 1 --seed 9 --set epochs=0 --quiet --init "$tmp/a.safetensors" --map "$tmp/map" --out "$tmp/b.safetensors"
for m in a b; do want 0 $weft apply --model "$tmp/$m.safetensors" --graph "$tmp/csv" --out "$tmp/$m.npy"; done
cmp -s "$tmp/a.npy" "$tmp/b.npy" || { echo "parameters taken by name give other scores"; bad=1; }
sed -i 's/^conv.1.bias.*/conv.1.bias -/' "$tmp/map"
want 1 $weft train graph --dataset "$tmp/csv" --model gcn --runs 1 --set epochs=0 --quiet --init "$tmp/a.safetensors" --map "$tmp/map"
grep -q 'conv.1.bias.*params-missing' "$tmp/err" || { echo "a missing parameter is not named"; bad=1; }
want 2 $weft train graph --dataset "$tmp/csv" --model gcn --init "$tmp/a.safetensors"
want 2 $weft finetune graph --dataset "$tmp/csv" --from "$tmp/a.safetensors" --init "$tmp/a.safetensors" --map "$tmp/map"
ls "$tmp" | grep -q tmp && { echo "a temporary file was left"; bad=1; }
exit $bad
