#!/bin/sh
# Three routed designs against the golden timing, one per technology; skipped (77) where the data or python3 are not there.
weft=${WEFT:-./weft}
src=${srcdir:-.}
shared=${WEFT_SHARED:-$src/../shared}
[ -d "$shared/circuits/sky130hd" ] || { echo "no golden data (set WEFT_SHARED): skipped"; exit 77; }
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
python3 "$src/bench/golden_timing.py" "$weft" "$shared/circuits" sky130hd/uart_transciver sky130hd/caravel_clocking gf180mcu7t/motor_spi nangate45/gcd asap7/gcd >golden.log 2>&1 || { tail -5 golden.log; exit 1; }
# every median, worst design, worst endpoint and worst slack stands beside its limit in brackets
awk '/^(setup|hold):/ { n = 0; s = $0; gsub(/[(),]/, " ", s); k = split(s, w, " ");
       for (i = 1; i <= k; i++) if (w[i] ~ /^[0-9.]+$/) v[++n] = w[i];
       if (!(v[1] <= 0.1 && v[3] <= 0.5 && v[5] <= 5 && v[7] <= 2)) { print "out of limits: " $0; bad = 1 } seen++ }
     END { exit bad || seen != 2 }' golden.log
