#!/bin/sh
# The command as a user meets it: exit codes, help, clean standard output, the same bytes for any number of threads, no half-written files.
. "${srcdir:-.}/tests/support/cli.sh"
inverter
printf 'create_clock -name c -period 0.05\nset_input_delay 0 -clock c a\nset_output_delay 0 -clock c y\n' >"$tmp/fast.sdc"
base="--lib $tmp/t.lib --verilog $tmp/m.v"
want 0 $weft --help
want 0 $weft --version
want 2 $weft
want 2 $weft nosuchverb
for verb in time predict explain calibrate link info extract dataset train finetune pretrain bench eval apply annotate; do want 0 $weft $verb --help; grep -q usage "$tmp/out" || { echo "$verb --help says no usage"; bad=1; }; done
want 2 $weft time --nosuch
want 2 $weft time --lib
want 0 $weft time $base --sdc "$tmp/m.sdc"
want 1 $weft time --lib "$tmp/none.lib" --verilog "$tmp/m.v"
want 1 $weft time --lib "$tmp/t.lib" --verilog "$tmp/none.v"
: >"$tmp/empty.v"
want 1 $weft time --lib "$tmp/t.lib" --verilog "$tmp/empty.v"
gzip -c "$tmp/m.v" | head -c 40 >"$tmp/cut.v.gz"
want 1 $weft time --lib "$tmp/t.lib" --verilog "$tmp/cut.v.gz"
want 0 $weft time $base --sdc "$tmp/fast.sdc"
want 0 $weft link $base --sdc "$tmp/m.sdc" --constraints
want 0 $weft info "$tmp/t.lib"
want 1 $weft info "$tmp/fast.sdc"
want 4 $weft time $base --sdc "$tmp/fast.sdc" --fail-on-violation
want 0 $weft time $base --sdc "$tmp/m.sdc" --write-sdf "$tmp/m.sdf" --pins-csv "$tmp/p0.csv"
want 0 $weft time $base --sdc "$tmp/m.sdc" --sdf "$tmp/m.sdf" --pins-csv "$tmp/p9.csv" --strict
cmp -s "$tmp/p0.csv" "$tmp/p9.csv" || { echo "the SDF does not read back"; bad=1; }
want 0 $weft info "$tmp/m.sdf"
sed 's/(INSTANCE g)/(INSTANCE h)/' "$tmp/m.sdf" >"$tmp/h.sdf"
want 0 $weft time $base --sdc "$tmp/m.sdc" --sdf "$tmp/h.sdf"
want 1 $weft time $base --sdc "$tmp/m.sdc" --sdf "$tmp/h.sdf" --strict
want 0 $weft link $base --sdf "$tmp/m.sdf" --json "$tmp/link.json"
grep -q '^SDF entries in the design *\([0-9]*\) of *\1  100.00 %' "$tmp/out" && ! grep -q '[0-9] x SDF' "$tmp/out" && grep -q '"findings":\[\]' "$tmp/link.json" || { echo "link finds fault with a good SDF"; bad=1; }
sed 's/(INSTANCE g)/(INSTANCE gg)/' "$tmp/m.sdf" >"$tmp/gg.sdf"
want 0 $weft link $base --sdf "$tmp/gg.sdf"
grep -q '^1 x SDF instance$' "$tmp/out" && grep -q '^  gg  .*: g$' "$tmp/out" && ! grep -q 'SDF entries.*100.00 %' "$tmp/out" || { echo "link does not tell an unknown instance of an SDF"; bad=1; }
sed 's/(IOPATH A Y/(IOPATH Y A/' "$tmp/m.sdf" >"$tmp/ya.sdf"
want 0 $weft link $base --sdf "$tmp/ya.sdf"
grep -q '^1 x SDF arc, check or wire$' "$tmp/out" || { echo "link does not tell an unknown arc of an SDF"; bad=1; }
want 2 $weft time $base --sdc "$tmp/m.sdc" --corner nosuch --sdf "$tmp/m.sdf"
want 1 $weft time $base --sdc "$tmp/m.sdc" --sdf "$tmp/m.v"
printf 'set_false_path -from nothing\n' >>"$tmp/m.sdc"
want 0 $weft time $base --sdc "$tmp/m.sdc"
want 1 $weft time $base --sdc "$tmp/m.sdc" --strict
want 1 $weft time $base --clock nosuch:1
want 2 $weft time $base --clock nonsense
want 0 $weft time $base --sdc "$tmp/m.sdc" --json -
head -c 1 "$tmp/out" | grep -q '{' && tail -c 2 "$tmp/out" | grep -q '}' || { echo "--json - prints more than JSON"; bad=1; }
for n in 1 2; do want 0 $weft time $base --sdc "$tmp/m.sdc" --threads $n --pins-csv "$tmp/p$n.csv" --arcs-csv "$tmp/a$n.csv" --endpoints-csv "$tmp/e$n.csv" --json "$tmp/j$n.json"; done
cmp -s "$tmp/p1.csv" "$tmp/p2.csv" && cmp -s "$tmp/a1.csv" "$tmp/a2.csv" && cmp -s "$tmp/e1.csv" "$tmp/e2.csv" && cmp -s "$tmp/j1.json" "$tmp/j2.json" || { echo "threads change the output"; bad=1; }
head -1 "$tmp/p1.csv" | grep -q '^pin,is_clock,is_endpoint,slew_early_rise,arrival_early_rise,slew_early_fall,arrival_early_fall,slew_late_rise,arrival_late_rise,slew_late_fall,arrival_late_fall,slack_hold_rise,slack_setup_rise,slack_hold_fall,slack_setup_fall$' || { echo "header of pins"; bad=1; }
grep -q '^y,setup,output setup,c,0\.9,,,' "$tmp/e1.csv" || { echo "not the endpoint of the inverter: $(cat "$tmp/e1.csv")"; bad=1; }
for form in pins endpoints; do
    want 1 $weft time $base --sdc "$tmp/m.sdc" --$form-csv "$tmp/no/folder/p.csv"
    if [ -w /dev/full ]; then want 3 sh -c "$weft time $base --sdc $tmp/m.sdc --$form-csv - >/dev/full"; fi
done
ls "$tmp" | grep -q tmp && { echo "a temporary file was left"; bad=1; }
exit $bad
