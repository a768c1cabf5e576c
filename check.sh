#!/bin/sh
# Installs what is missing, builds in build/ with warnings as errors and runs every test. Ends with "N passed, N failed".
set -e
cd "$(dirname "$0")"
sh tools/install-deps.sh
[ -x configure ] && [ configure -nt configure.ac ] || ./bootstrap >/dev/null 2>&1 || ./bootstrap
mkdir -p build
cd build
[ -f Makefile ] && [ Makefile -nt ../configure ] || ../configure --quiet --enable-werror
make -s -j"$(nproc)"
make -s -k -j"$(nproc)" check >check.log 2>&1 || status=$?
grep -hE '^(PASS|FAIL|ERROR|SKIP):' check.log || true
find tests -name '*.log' -exec grep -hE '^\[(FAIL|----)\]|Synthesis' {} + | grep -vE 'Synthesis.*Failing: 0 \| Crashing: 0' || true
passed=$(cat tests/*.log 2>/dev/null | sed -n 's/.*Passing: \([0-9]*\).*/\1/p' | awk '{s+=$1} END {print s+0}')
failed=$(cat tests/*.log 2>/dev/null | sed -n 's/.*Failing: \([0-9]*\) | Crashing: \([0-9]*\).*/\1 \2/p' | awk '{s+=$1+$2} END {print s+0}')
if sh ../tests/floors.sh; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
if [ "${status:-0}" != 0 ] && [ "$failed" = 0 ]; then failed=1; tail -20 check.log; fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 1 ]
