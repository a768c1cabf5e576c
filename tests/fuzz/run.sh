#!/bin/sh
# Fuzzes every reader with libFuzzer, one after the other, FUZZ_SECONDS (60) each. Builds with clang into build-fuzz. New findings land in
# build-fuzz/findings and make the run fail; keep them, made small, in tests/fuzz/corpus/TARGET. Real files under WEFT_SHARED (../shared) seed it, cut.
# usage: tests/fuzz/run.sh [TARGET ..]
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
shared=${WEFT_SHARED:-$root/../shared}
command -v clang >/dev/null || { echo "clang is needed (packages clang, libomp-dev)"; exit 3; }
mkdir -p build-fuzz/findings
cd build-fuzz || exit 1
[ -f Makefile ] || ../configure --quiet --enable-fuzzing --disable-shared CC=clang CFLAGS='-O1 -g' || exit 1
make -s -j"$(nproc)" tests/fuzz/fuzz || exit 1
seed() { # seed TARGET BYTES FILE..
    t=$1; n=$2; shift 2; mkdir -p "work/$t"
    for f in "$@"; do
        [ -r "$f" ] || continue
        case $f in *.gz) zcat "$f" ;; *) cat "$f" ;; esac 2>/dev/null | head -c "$n" > "work/$t/$(echo "$f" | cksum | cut -d' ' -f1)"
    done
}
for tech in sky130hd gf180mcu7t nangate45 asap7; do
    c=$shared/circuits/$tech
    [ -d "$c" ] || continue
    d=$(ls -d "$c"/*/ | head -1)
    seed liberty 20000 "$c"/*.lib.gz
    seed lef 8000 "$c"/*.lef.gz
    seed verilog 6000 "$d"design.v.gz
    seed spef 6000 "$d"design.spef.gz
    seed def 8000 "$d"design.def.gz
done
bad=0
targets=${*:-liberty verilog spef lef def extract sdc_records sdf safetensors net_samples npy npz graphml matrix_market voc cvat coco mot csv journal}
for t in $targets; do
    mkdir -p "work/$t"
    WEFT_FUZZ_TARGET=$t ASAN_OPTIONS=detect_leaks=1 tests/fuzz/fuzz -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2500 -max_len=60000 -print_final_stats=1 \
        -artifact_prefix="findings/$t-" "work/$t" "../tests/fuzz/corpus/$t" >"$t.log" 2>&1
    rc=$?
    echo "$t: $(sed -n 's/stat::number_of_executed_units: *//p' "$t.log") executions in ${FUZZ_SECONDS:-60} s, exit $rc"
    [ $rc = 0 ] || { bad=1; grep -E "ERROR|SUMMARY|Test unit" "$t.log" | head -5; }
done
exit $bad
