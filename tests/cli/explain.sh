#!/bin/sh
# weft explain on a bundled design: its stages add up to the arrival, its slack is predict's, physics and correction add up; wrong names are refused. The endpoints' CSV says what the JSON says.
. "${srcdir:-.}/tests/support/cli.sh"
osu_files
d=$src/datasets/osu018/alu16
set -- $files --verilog "$d/design.v.gz" --def "$d/design.def.gz" --sdc "$d/design.sdc" --quiet
for check in setup hold; do
    $weft explain "$@" --check $check --json "$tmp/e.json" >"$tmp/e.txt" || exit 1
    tr '{' '\n' <"$tmp/e.json" | awk -v check=$check '
        function value(key) { return match($0, "\"" key "\":[-0-9.e+]+") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : "" }
        NR == 2 { arrival = value("arrival"); slack = value("slack"); lo = value("lo"); hi = value("hi") }
        NR > 2 { a = value("arrival"); delay = value("delay"); if (delay != "" && last != "" && (a - last - delay > 2e-6 || last + delay - a > 2e-6)) { print check ": a stage does not add up: " $0; bad = 1 } last = a; n++ }
        END { if (n < 4 || last - arrival > 1e-6 || arrival - last > 1e-6 || !(lo < slack && slack < hi)) { print check ": " n " stages, " last " for " arrival ", " lo " " slack " " hi; bad = 1 } exit bad }' || bad=1
    $weft predict "$@" --json - | tr '{' '\n' >"$tmp/p.txt"
    pin=$(sed -n 's/.*"endpoint":"\([^"]*\)".*/\1/p' "$tmp/e.json"); slack=$(tr ',' '\n' <"$tmp/e.json" | sed -n 's/^"slack":\(-\{0,1\}[0-9]*\.[0-9]\{0,4\}\).*/\1/p')
    grep -F "\"$pin\"" "$tmp/p.txt" | grep -qF "$slack" || { echo "$check: predict has no slack $slack at $pin"; bad=1; }
    grep -q "Endpoint: $pin" "$tmp/e.txt" || { echo "$check: the text names another endpoint"; bad=1; }
done
$weft explain "$@" --endpoint nosuch >/dev/null 2>"$tmp/err"; [ $? = 1 ] && grep -q explain-endpoint "$tmp/err" || { echo "an unknown endpoint is not refused"; bad=1; }
$weft explain "$@" --check later >/dev/null 2>&1; [ $? = 2 ] || { echo "--check later is not a usage error"; bad=1; }
# the same rows, in the same order, in both forms of the report
$weft predict "$@" --truth-spef "$d/design.spef.gz" --json "$tmp/r.json" --endpoints-csv "$tmp/r.csv" || bad=1
sed 's/"endpoints"/\n&/' "$tmp/r.json" | tr '{' '\n' | awk '
    function value(key) { return match($0, "\"" key "\":(\"[^\"]*\"|[-0-9.e+]+)") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : "" }
    /^"pin":.*"slack"/ { s = value("pin") "," value("side") "," value("check") "," value("clock") "," value("slack") "," value("lo") "," value("hi") "," value("required") "," value("arrival") "," value("truth"); gsub("\"", "", s); print s }' >"$tmp/rows"
tail -n +2 "$tmp/r.csv" | cmp -s - "$tmp/rows" && [ "$(wc -l <"$tmp/rows")" -gt 60 ] || { echo "the CSV of endpoints and the JSON differ"; tail -n +2 "$tmp/r.csv" | diff - "$tmp/rows" | head -5; bad=1; }
head -1 "$tmp/r.csv" | grep -q '^endpoint,side,check,clock,slack,low,high,required,arrival,routed$' || { echo "header of endpoints"; bad=1; }
exit $bad
