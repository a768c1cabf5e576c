#!/bin/sh
# Fails on any include that looks upward: what a room may include is the table in MAP.md.
cd "$(dirname "$0")/.." || exit 1
bad=0
allow() { # allow ROOM-FOLDER "rooms it may include"
    dir=$1; rooms=" $2 "
    [ -d "$dir" ] || return 0
    for file in "$dir"/*.c "$dir"/*.h; do
        [ -f "$file" ] || continue
        for room in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
            case "$rooms" in *" $room "*) ;; *) echo "$file includes $room/, which its room may not"; bad=1;; esac
        done
    done
}
allow src/base "base weft"
allow src/io "io base weft"
allow src/tensor "tensor base weft"
allow src/graph "graph base weft"
allow parsers "parsers base weft"
allow src/trees "trees io base weft"
allow src/autograd "autograd tensor graph base weft"
allow src/circuit "circuit parsers io base weft"
allow src/timing "timing circuit graph trees parsers io base weft"
allow src/nn "nn autograd tensor graph io base weft"
allow src/encoding "encoding tensor graph io base weft"
allow src/models "models nn autograd tensor graph io base weft"
allow src/data "data encoding tensor graph parsers io base weft"
allow src/features "features timing circuit graph trees data encoding tensor parsers io base weft"
allow src/train "train models data nn autograd encoding tensor graph parsers io base weft"
allow src/annotate "annotate train models data nn autograd encoding tensor graph parsers io base weft"
allow src/predict "predict features train timing circuit models data nn autograd encoding tensor graph trees parsers io base weft"
allow src/cli "cli weft"
for file in $(grep -l "^#include <igraph" src/*/* parsers/* include/weft/*); do
    [ "$file" = src/graph/igraph_bridge.c ] || { echo "$file includes igraph; the bridge alone may"; bad=1; }
done
# a program defined twice loses the sources of its first definition, and their tests with them
twice=$(sed -n 's/^\([a-z0-9_]*_\(SOURCES\|CPPFLAGS\|LDADD\)\) = .*/\1/p' Makefile.am | sort | uniq -d)
[ -z "$twice" ] || { echo "Makefile.am defines twice: $twice"; bad=1; }
exit $bad
