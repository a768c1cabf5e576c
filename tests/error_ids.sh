#!/bin/sh
# Every id that a diagnostic can carry has a test that expects it. An id is a literal of words joined by hyphens; what else looks like one is named below.
# `open` holds the ids without a test: it may only shrink (an id in it that has a test, or that is gone, fails too).
cd "$(dirname "$0")/.." || exit 1

# No ids: options (tests drive most of them), names of data sets and presets, kinds of files, things of scenes, words of formats.
options="arcs-csv checkpoint-every delay-model fail-on-violation fold-models freeze-encoder lib-dir limit-s max-memory max-nodes no-bounds no-clock no-cppr no-relation pin-cap pins-csv
 range-max range-min teacher-forcing truth-spef via-ohm write-sdf write-spef"
names="amazon-computers chameleon-filtered coauthor-cs coauthor-physics cornell-geom molhiv-like pcqm4mv2-deep pcqm4mv2-medium pcqm4mv2-small peptides-func squirrel-filtered tu-enzymes
 tu-imdbbinary tu-mutag tu-nci1 tu-proteins tu-ptc zinc-like"
kinds="graph-checkpoint-1 graph-model-1 net-samples-1 time21-preroutgnn-coder-1 weft-annotate-1 weft-result-1 wire-model-2"
words="controller-left controller-right device-left device-right edge-in look-alikes node-label skew-symmetric tablet-left tablet-right"

open="encoding-residual igraph-failed"

tested=$(grep -rhoE '[a-z][a-z0-9]*(-[a-z0-9]+)+' tests --include='*.c' --include='*.h' --include='*.sh' --exclude=error_ids.sh | sort -u)
ids=$(grep -rhoE '"[a-z][a-z0-9]*(-[a-z0-9]+)+"' src parsers --include='*.c' --include='*.h' | tr -d '"' | sort -u)
not_ids=$(echo $options $names $kinds $words)
open=$(echo $open)
tested=$(echo $tested)
ids=$(echo $ids)
bad=0 n=0 n_open=0
for id in $ids; do
    case " $not_ids " in *" $id "*) continue;; esac
    n=$((n + 1))
    case " $tested " in *" $id "*) is_tested=1;; *) is_tested=0;; esac
    case " $open " in
    *" $id "*) n_open=$((n_open + 1)); [ $is_tested = 0 ] || { echo "$id has a test: take it off the list"; bad=1; };;
    *) [ $is_tested = 1 ] || { echo "$id has no test"; bad=1; };;
    esac
done
for id in $open $not_ids; do
    case " $ids " in *" $id "*) ;; *) echo "$id stands in no source: take it off its list"; bad=1;; esac
done
echo "$n ids, $n_open of them without a test"
exit $bad
