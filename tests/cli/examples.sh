#!/bin/sh
# The programs of examples/ against the library as users link it: they run, and a slack is what it must be. Every public header is C++ too.
. "${srcdir:-.}/tests/support/cli.sh"
./examples/01_gcn >"$tmp/gcn" || { echo "01_gcn fails"; cat "$tmp/gcn"; bad=1; }
grep -q 'nodes right' "$tmp/gcn" || bad=1
inverter
./examples/02_slack "$tmp/t.lib" "$tmp/m.v" "$tmp/m.sdc" >"$tmp/slack" || { echo "02_slack fails"; bad=1; }
grep -q '^ *0.9000 ns  y$' "$tmp/slack" || { echo "not a slack of 0.9 ns at y:"; cat "$tmp/slack"; bad=1; }
./examples/02_slack 2>/dev/null; [ $? = 2 ] || bad=1
./examples/02_slack none.lib "$tmp/m.v" "$tmp/m.sdc" 2>"$tmp/err"; [ $? = 1 ] && grep -q none.lib "$tmp/err" || { echo "a missing library is not told"; bad=1; }
mkdir "$tmp/own"
awk 'BEGIN { srand(3); print "id,label,a,b" > "'"$tmp"'/own/nodes.csv"
  for (i = 0; i < 120; i++) { c = i % 2; printf "n%d,%s,%.4f,%.4f\n", i, c ? "yes" : "no", rand() + 0.4 * c, rand() > "'"$tmp"'/own/nodes.csv"
    for (k = 0; k < 3; k++) { j = int(rand() * 60) * 2 + c; if (j != i) printf "n%d,n%d\n", i, j > "'"$tmp"'/own/edges.csv" } } }'
./examples/03_own_data "$tmp/own" sage "$tmp/own.safetensors" >"$tmp/own.txt" || { echo "03_own_data fails"; cat "$tmp/own.txt"; bad=1; }
grep -q '^own: 120 nodes, .* 2 classes; stopped after' "$tmp/own.txt" || { echo "03_own_data says something else"; cat "$tmp/own.txt"; bad=1; }
./weft apply --model "$tmp/own.safetensors" --graph "$tmp/own" --out "$tmp/own.npy" || { echo "what 03_own_data wrote is no model"; bad=1; }
./examples/03_own_data "$tmp/none" sage "$tmp/x.safetensors" 2>"$tmp/err"; [ $? = 1 ] && grep -q none "$tmp/err" || { echo "a missing folder is not told"; bad=1; }
./examples/04_random_graphs >"$tmp/random" || { echo "04_random_graphs fails"; cat "$tmp/random"; bad=1; }
grep -q 'told apart\|no igraph' "$tmp/random" || bad=1
if command -v c++ >/dev/null; then
    for header in "$src"/include/weft/*.h; do echo "#include \"weft/${header##*/}\""; done >"$tmp/all.cpp"
    c++ -I"$src/include" -Wall -Wextra -Werror -fsyntax-only "$tmp/all.cpp" || { echo "a header is not C++"; bad=1; }
fi
exit $bad
