#!/bin/sh
# Installs what is missing, builds weft, and predicts the timing of a bundled design before routing, with the truth beside it. Quick the second time.
set -e
cd "$(dirname "$0")"
tools/install-deps.sh
[ -x configure ] || ./bootstrap >/dev/null
mkdir -p build
cd build
[ -f Makefile ] || ../configure --quiet CFLAGS='-O2'
make --quiet -j"$(nproc)" weft
cd ..
design=datasets/osu018/butterfly8
files=$(tools/osu018-files.sh)
set -- $files --verilog $design/design.v.gz --def $design/design.def.gz --sdc $design/design.sdc
echo
echo "An FFT butterfly of 2,544 cells, placed, not routed. What will its slacks be after routing? The truth (its routed wires) stands beside."
echo "\$ build/weft predict $* --truth-spef $design/design.spef.gz"
echo
build/weft predict "$@" --truth-spef $design/design.spef.gz --endpoints 5
cat <<E2

The model was fitted on twenty other designs of this flow; it never saw this one.
Next: build/weft predict --help; your own design takes the same options. build/weft calibrate fits a model to your flow.
E2
