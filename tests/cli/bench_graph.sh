#!/bin/sh
# weft bench graph: results are stored one by one; a table that was killed goes on where it stopped and ends as one that was not; half-written lines do not count.
. "${srcdir:-.}/tests/support/cli.sh"
front=
. "$src/tests/support/rings.sh"
rings "$tmp"
cd "$tmp" || exit 1
table() { store=$1; shift; $front "$weft" bench graph --suite own --data "$tmp" --sets RINGS --models gin,gcn --set epochs=30 --set hidden=8 --runs 6 --threads 1 --quiet --store "$store" "$@"; }
table whole.tsv >whole.txt 2>err || { fail "a table fails"; cat err; }
[ "$(wc -l <whole.tsv)" = 12 ] || fail "12 results, not $(wc -l <whole.tsv)"
# killed at a time that no clock has to hit: after two results at the earliest
front=exec # in the subshell of &, so that the kill meets weft itself
table cut.tsv >/dev/null 2>&1 &
pid=$!
front=
while kill -0 $pid 2>/dev/null && { [ ! -f cut.tsv ] || [ "$(wc -l <cut.tsv)" -lt 2 ]; }; do sleep 0.01; done
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
printf 'weft-result-1\tRINGS\t\tgin\t\tepochs=30 hid' >>cut.tsv
table cut.tsv >cut.txt 2>err || { fail "a table does not go on"; cat err; }
grep -q 'not whole' cut.txt && grep -v 'not whole' cut.txt | cmp -s - whole.txt || { fail "the table that went on is another one"; diff cut.txt whole.txt; }
same() { grep '\.$' "$1" | cut -f 1-14 | sort; } # all but the seconds
same cut.tsv >a; same whole.tsv >b
cmp -s a b || { fail "stored results differ"; diff a b; }
cp whole.tsv before.tsv
table whole.tsv >again.txt 2>err
cmp -s whole.tsv before.tsv && cmp -s again.txt whole.txt || fail "a finished table does work again"
table whole.tsv --set hidden=9 --report --json - 2>err | grep -q '"runs":0' || fail "results of other options were taken"
table whole.tsv --json t.json >/dev/null 2>err && grep -q '"runs":6' t.json || fail "json"
echo nonsense >not.tsv
table not.tsv >/dev/null 2>err; [ $? = 1 ] && grep -q store-form err || fail "another file is taken for a store"
"$weft" bench graph --suite nosuch >/dev/null 2>err; [ $? = 2 ] || fail "suite nosuch"
"$weft" bench graph --suite own --sets nosuch --models gcn --runs 1 --store n.tsv >/dev/null 2>err; [ $? = 1 ] && grep -q dataset-not-found err || fail "set nosuch"
exit $bad
