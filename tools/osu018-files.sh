#!/bin/sh
# Prints the options that name the OSU 0.18 um library and LEF of Debian's package qflow-tech-osu018; fails where it is not installed.
dir=${WEFT_OSU018:-/usr/share/qflow/tech/osu018}
[ -r "$dir/osu018_stdcells.lib" ] && [ -r "$dir/osu018_stdcells.lef" ] || { echo "no OSU library in $dir: install the package qflow-tech-osu018" >&2; exit 1; }
echo "--lib $dir/osu018_stdcells.lib --lef $dir/osu018_stdcells.lef"
