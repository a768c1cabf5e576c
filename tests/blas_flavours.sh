#!/bin/sh
# The parts of the suite that use OpenBLAS, with each of Debian's three flavours: `sh ../tests/blas_flavours.sh` in the build folder, after `make check` has built the tests.
# Not part of `make check`: it fetches packages (apt-get download, as an ordinary user) into a temporary folder and changes nothing of the system. FLAVOURS="pthread" takes fewer,
# DEBS=DIR packages that were fetched before. A test that was skipped, or a library that is not the flavour it should be, is a failure.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0
parts="test_kernels test_encoding" # the dense products beside their twin; eigenvectors: nothing else calls it
for part in $parts; do [ -x "tests/$part" ] || { echo "tests/$part is not built: make check first"; exit 1; }; done
echo "OpenBLAS's flavours; per part: tests passed"
for flavour in ${FLAVOURS:-pthread openmp serial}; do
    dir=$tmp/$flavour
    mkdir "$dir"
    if [ -n "$DEBS" ]; then cp "$DEBS"/libopenblas0-"$flavour"_*.deb "$dir"/ || exit 1
    else (cd "$dir" && apt-get -q download "libopenblas0-$flavour" >log 2>&1) || { cat "$dir/log"; exit 1; }; fi
    dpkg-deb -x "$dir"/*.deb "$dir/root" || exit 1
    lib=$(dirname "$(find "$dir/root" -name 'libopenblas.so.0' | head -1)")
    [ -e "$lib/libopenblas.so.0" ] || { echo "$flavour: no library in the package"; exit 1; }
    for part in $parts; do
        LD_LIBRARY_PATH="$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" LD_DEBUG=libs LD_DEBUG_OUTPUT="$dir/$part" "tests/$part" >"$dir/$part.log" 2>&1
        rc=$?
        summary=$(sed 's/\x1b\[[0-9;]*m//g' "$dir/$part.log" | grep 'Synthesis' | tail -1)
        grep -qs "calling init: $lib/" "$dir/$part".[0-9]* || { echo "$flavour, $part: its OpenBLAS was never loaded"; bad=1; }
        if [ $rc != 0 ] || grep -q SKIP "$dir/$part.log"; then bad=1; grep -v PASS "$dir/$part.log" | tail -20; fi
        rm -f "$dir/$part".[0-9]*
        echo "$flavour $(basename "$dir"/*.deb | sed 's/.*_\(.*\)_.*/\1/'), $part: exit $rc, ${summary#*] }"
    done
done
exit $bad
