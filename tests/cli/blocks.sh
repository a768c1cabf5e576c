#!/bin/sh
# weft apply --max-memory (apply-blocks): layers by blocks of nodes give the bits of the whole graph for every model whose layers see neighbours alone, whatever the block, the features or the threads; the floor is
# named below it; no room for hidden states is an error; nothing is left behind.
. "${srcdir:-.}/tests/support/cli.sh"
cd "$tmp" || exit 1
mkdir set scratch
# edges to far nodes and near ones, a loop, a node alone (999), columns of both signs
awk 'BEGIN { print "id,x0,x1,x2,label,split"; for (i = 0; i < 1000; i++) printf "%d,%g,%g,%g,%d,%s\n", i, sin(i), cos(i * i), i % 5, i % 7 < 3, i % 3 == 0 ? "train" : i % 3 == 1 ? "val" : "test" }' >set/nodes.csv
awk 'BEGIN { print "source,target"; print "5,5"; for (i = 0; i < 998; i++) { printf "%d,%d\n", i, i + 1; for (k = 1; k < 12; k++) printf "%d,%d\n", i, (i * k * 37 + 11 * k) % 999 } }' >set/edges.csv
export TMPDIR=$tmp/scratch
n=0
one() { # one OPTIONS..
    "$weft" train graph --dataset set --runs 1 --quiet --set epochs=2 --set hidden=16 --out m "$@" >/dev/null 2>err || { fail "no model $*"; cat err; return; }
    rm -f a ea b eb
    "$weft" apply --model m --graph set --out a --embeddings ea 2>/dev/null
    for memory in 1G 700K 300K; do
        "$weft" apply --model m --graph set --out b --embeddings eb --max-memory $memory --threads $((n % 2 + 1)) >out 2>err
        rc=$?
        [ $rc = 3 ] && [ $memory = 300K ] && grep -q 'smallest block' err && continue # its floor
        [ -e ea ] || [ $rc = 1 ] || fail "$* $memory: exit $rc where there are no embeddings"
        cmp -s a b && { [ ! -e ea ] || cmp -s ea eb; } || { fail "$* $memory: other bits"; cat err; }
        blocks=$(sed -n 's/^\([0-9]*\) blocks.*/\1/p' out)
        [ $memory = 1G ] || [ "${blocks:-0}" -gt 3 ] || { fail "$* $memory: ${blocks:-no} blocks"; cat out; }
        n=$((n + 1))
    done
}
one --model gcn
one --model gcn --set head=1 --set norm=layer --set skip=1 --set normalize=z --set layers=3
one --model sage --set normalize=row --set norm=batch --set residual=1
one --model sage --set reduce=max --set normalize=unit
one --model gat
one --model gatv2 --set jump=cat --set head=1
one --model gin --set normalize=none
one --model jknet --set jump=max
one --model transformer
"$weft" eval graph --model m --dataset set --json a >/dev/null && "$weft" eval graph --model m --dataset set --json b --max-memory 700K >/dev/null && cmp -s a b || fail "eval graph within 700K says something else"
"$weft" apply --model m --graph set --out b --max-memory 100K 2>err; [ $? = 3 ] && grep -q train-memory err || fail "less than the floor is taken"
# a set whose reading alone takes more: 4,000,000 edges
awk 'BEGIN { print "source,target"; for (i = 0; i < 4000000; i++) print i % 1000 "," i % 997 }' >set/more.csv
mkdir large && cp set/nodes.csv large/ && mv set/more.csv large/edges.csv
"$weft" apply --model m --graph large --out b --max-memory 1M 2>err; [ $? = 3 ] && grep -q 'reading the data' err || { fail "a set that is too large to be read is taken"; cat err; }
TMPDIR=$tmp/nowhere "$weft" apply --model m --graph set --out b --max-memory 1G 2>err; [ $? = 1 ] && grep -q apply-scratch err || { fail "hidden states without a place"; cat err; }
[ -z "$(ls scratch)" ] || fail "files are left"
exit $bad
