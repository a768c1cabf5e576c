#!/bin/sh
# usage: impn_speed.sh BUILD [threads] [landmarks]: builds impn_speed.c beside the library of BUILD and runs it
set -e
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift
${CC:-gcc} -std=gnu11 -O2 -I"$here/../include" -I"$build/include" "$here/impn_speed.c" -o "$build/impn_speed" -L"$build/.libs" -lweft
LD_LIBRARY_PATH="$build/.libs" "$build/impn_speed" "$@"
