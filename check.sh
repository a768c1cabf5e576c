#!/bin/sh
# Installs what is missing, builds in build/ with warnings as errors and runs every test, then once more in build-asan/ with the address and
# undefined-behaviour sanitizers (CHECK_ASAN=0 leaves that out). Ends with "N passed, N failed".
cd "$(dirname "$0")" || exit 1
sh tools/install-deps.sh || exit 3
[ -x configure ] && [ configure -nt configure.ac ] || ./bootstrap >/dev/null 2>&1 || ./bootstrap || exit 1
passed=0
failed=0
run() { # run FOLDER CONFIGURE-OPTIONS..
    dir=$1; shift
    mkdir -p "$dir" && cd "$dir" || exit 1
    [ -f Makefile ] && [ Makefile -nt ../configure ] || ../configure --quiet "$@" || exit 1
    if ! make -s -j"$(nproc)"; then
        failed=$((failed + 1))
        cd ..
        return
    fi
    rm -f sanitizer.log.*
    ASAN_OPTIONS=log_path=$PWD/sanitizer.log UBSAN_OPTIONS=log_path=$PWD/sanitizer.log:print_stacktrace=1 make -s -k -j"$(nproc)" check >check.log 2>&1
    grep -hE '^(PASS|FAIL|ERROR|SKIP):' check.log | sed "s|^|$dir |"
    grep -hE '^\[(FAIL|----)\]' $(find tests -name '*.log') 2>/dev/null
    n=$(grep -hoE 'Passing: [0-9]+' $(find tests -name '*.log') 2>/dev/null | awk '{ s += $2 } END { print s + 0 }')
    scripts=$(grep -cE '^PASS: .*(\.sh|replay)$' check.log)
    wrong=$(grep -hoE '(Failing|Crashing): [0-9]+' $(find tests -name '*.log') 2>/dev/null | awk '{ s += $2 } END { print s + 0 }')
    other=$(grep -cE '^(FAIL|ERROR): ' check.log)
    [ "$other" -gt "$wrong" ] && wrong=$other
    for log in sanitizer.log.*; do
        [ -f "$log" ] || continue
        wrong=$((wrong + 1))
        head -12 "$log"
    done
    passed=$((passed + n + scripts))
    failed=$((failed + wrong))
    cd ..
}
run build --enable-werror --disable-static CFLAGS='-O2 -g1' # each file is compiled once
[ "${CHECK_ASAN:-1}" = 0 ] || run build-asan --enable-asan --disable-shared CFLAGS='-O1 -g1'
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 1 ]
