#!/bin/sh
# Ids that the command tells, each with the exit code that goes with it (notes, which are not printed, stand in the JSON of weft time).
. "${srcdir:-.}/tests/support/cli.sh"
inverter
printf '*SPEF "IEEE"\n*D_NET a 0.1\n*CONN\n*P a I\n*I g:A I\n*CAP\n1 g:A 0.1\n*RES\n1 a g:A 1\n*END\n' >"$tmp/m.spef"
printf 'DESIGN m ;\nUNITS DISTANCE MICRONS 1000 ;\nCOMPONENTS 1 ;\n- g INV + PLACED ( 0 0 ) N ;\nEND COMPONENTS\nEND DESIGN\n' >"$tmp/m.def"
printf 'MACRO INV\nSIZE 2 BY 2 ;\nEND INV\nEND LIBRARY\n' >"$tmp/m.lef"
base="--lib $tmp/t.lib --verilog $tmp/m.v --sdc $tmp/m.sdc"
placed="$base --lef $tmp/m.lef --def $tmp/m.def"
mkdir "$tmp/none"

told 1 file-read $weft time --lib "$tmp/none" --verilog "$tmp/m.v"
told 0 spef-wins $weft time $placed --spef "$tmp/m.spef" --json -
told 0 spef-wins $weft time $placed --spef "$tmp/m.spef" --model mst:0.16,2.0
told 0 model-unknown-library env WEFT_MODELS="$tmp/none" $weft predict $placed
$weft time $base --write-sdf "$tmp/m.sdf" >/dev/null || bad=1
told 0 sdf-given $weft time $base --sdf "$tmp/m.sdf" --json -
told 1 info-unknown $weft info "$tmp/m.sdc"
told 1 data-folder $weft train timing --lib "$tmp/t.lib" --data "$tmp/none" --out "$tmp/x"
printf 'module m (a, y); input a; output y; wire n; INV g (.A(a), .Y(n)); INV h (.A(n), .Y(y)); endmodule\n' >"$tmp/two.v"
printf 'DESIGN m ;\nUNITS DISTANCE MICRONS 1000 ;\nCOMPONENTS 2 ;\n- g INV + PLACED ( 0 0 ) N ;\n- h INV + PLACED ( 1000000000 0 ) N ;\nEND COMPONENTS\nEND DESIGN\n' >"$tmp/far.def"
printf 'MACRO INV\nSIZE 2 BY 2 ;\nPIN A\nDIRECTION INPUT ;\nPORT\nLAYER m1 ;\nRECT 0 0 0.2 0.2 ;\nEND\nEND A\nPIN Y\nDIRECTION OUTPUT ;\nPORT\nLAYER m1 ;\nRECT 1.8 1.8 2 2 ;\nEND\nEND Y\nEND INV\nEND LIBRARY\n' >"$tmp/pins.lef"
told 0 model-beyond $weft predict --lib "$tmp/t.lib" --verilog "$tmp/two.v" --sdc "$tmp/m.sdc" --lef "$tmp/pins.lef" --def "$tmp/far.def" --model "$src/models/sky130hd.safetensors"
mkdir -p "$tmp/set/good" "$tmp/set/broken" "$tmp/set/loose"
for d in good broken loose; do cp "$tmp/m.v" "$tmp/set/$d/design.v"; cp "$tmp/m.sdc" "$tmp/set/$d/design.sdc"; cp "$tmp/m.def" "$tmp/set/$d/design.def"; cp "$tmp/m.spef" "$tmp/set/$d/design.spef"; done
echo 'module' >"$tmp/set/broken/design.v"
sed 's/PLACED ( 0 0 ) N/UNPLACED/' "$tmp/m.def" >"$tmp/set/loose/design.def"
learn="--lib $tmp/t.lib --lef $tmp/m.lef --data $tmp/set"
told 1 calibrate-left-out $weft train timing $learn --out "$tmp/x"
told 1 calibrate-placement $weft train timing $learn --exclude broken --out "$tmp/x"
told 1 eval-left-out $weft eval timing $learn --design broken --model mst:0.16,2.0
if truncate -s 10T "$tmp/huge.lib" 2>/dev/null && [ "$(cat /proc/sys/vm/overcommit_memory 2>/dev/null)" != 1 ]; then # else the system promises the memory
    told 3 file-memory $weft time --lib "$tmp/huge.lib" --verilog "$tmp/m.v"
fi
rm -f "$tmp/huge.lib"
told 2 train-preset $weft info model gcn --preset nosuch
many=$(i=0; while [ $i -lt 64 ]; do printf ' --set layers=2'; i=$((i + 1)); done)
told 0 "" $weft info model gcn $many
told 2 "more than 64" $weft info model gcn $many --set layers=2
told 3 attention-limit $weft bench attention --kind softmax --nodes 1000000 --dims 8 --heads 1 --limit-s 0.001
told 2 bench-rows $weft bench graph --suite nosuch
told 2 bench-rows $weft bench graph --suite own

printf 'id,x0,x1,label,split\n0,0,1,0,train\n1,1,0,1,train\n2,1,1,0,val\n3,0,0,1,test\n' >"$tmp/none/nodes.csv"
printf 'source,target\n0,1\n1,2\n2,3\n' >"$tmp/none/edges.csv"
train="$weft train graph --dataset $tmp/none --model gcn --runs 1 --set epochs=1"
told 0 "" $train --out "$tmp/gcn.st"
told 2 dataset-split $train --split nosuch
told 1 model-kind $weft apply --model "$src/models/osu018.safetensors" --graph "$tmp/none" --out "$tmp/p.npy"
$weft train graph --dataset "$tmp/none" --model sgc --runs 1 --set epochs=1 --out "$tmp/sgc.st" >/dev/null 2>&1 || bad=1
mkdir "$tmp/wide"
cp "$tmp/none/edges.csv" "$tmp/wide"
printf 'id,x0,x1,x2,label\n0,0,1,0,0\n1,1,0,1,1\n2,1,1,0,0\n3,0,0,1,1\n' >"$tmp/wide/nodes.csv"
told 1 model-contract $weft apply --model "$tmp/gcn.st" --graph "$tmp/wide" --out "$tmp/p.npy"
$weft train graph --dataset "$tmp/none" --model gps --set global=softmax --set hidden=8 --runs 1 --set epochs=1 --out "$tmp/gps.st" >/dev/null 2>&1 || bad=1
$weft dataset generate --form sbm --nodes 12000 --features 2 --out "$tmp/many.npz" >/dev/null 2>&1 && # no igraph, no random graph
    told 2 attention-pairs $weft finetune graph --from "$tmp/gps.st" --dataset "$tmp/many.npz" --adapter p --out "$tmp/x"
told 1 time21-file $weft eval timing --dataset time21 --data "$tmp/none" --design d --model sta
mkdir "$tmp/two"
printf '1, 2\n2, 1\n3, 4\n4, 3\n' >"$tmp/two/two_A.txt"
printf '1\n1\n2\n2\n' >"$tmp/two/two_graph_indicator.txt"
printf '1\n2\n' >"$tmp/two/two_graph_labels.txt"
told 1 task-form $weft train link --dataset "$tmp/two" --runs 1
told 1 model-embeddings $weft apply --model "$tmp/sgc.st" --graph "$tmp/none" --out "$tmp/p.npy" --embeddings "$tmp/e.npy"
told 0 "numbers  *224[0-9]*" $weft info "$src/models/time21-timinggcn.safetensors"
mkdir "$tmp/lib"
: >"$tmp/lib/libxml2.so.2"
printf '<graphml><graph><node id="a"/></graph></graphml>\n' >"$tmp/g.graphml"
: >"$tmp/lib/libopenblas.so.0"
told 2 xml-absent env LD_LIBRARY_PATH="$tmp/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" $weft dataset info "$tmp/g.graphml"
told 3 encoding-eigen env LD_LIBRARY_PATH="$tmp/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" $weft bench encoding --kind lappe --nodes 40 --k 4
exit $bad
