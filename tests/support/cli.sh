# Sourced by the scripts of tests/cli: the command, the sources and a folder that goes at the end, by absolute names; each script ends with exit $bad.
src=$(cd "${srcdir:-.}" && pwd) || exit 1
weft=${WEFT:-./weft}
case $weft in /*) ;; *) weft=$PWD/$weft ;; esac
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0
fail() { echo "$1"; bad=1; }
want() { # want CODE COMMAND..: its output is left in $tmp/out and $tmp/err
    code=$1; shift
    "$@" >"$tmp/out" 2>"$tmp/err"
    rc=$?
    [ $rc = "$code" ] || { fail "exit $rc, not $code: $*"; head -3 "$tmp/err"; }
}
told() { # told CODE TEXT COMMAND..: that exit code, and the text somewhere in what is printed
    code=$1 text=$2; shift 2
    "$@" >"$tmp/out" 2>"$tmp/err"
    rc=$?
    [ $rc = "$code" ] && cat "$tmp/out" "$tmp/err" | grep -q -e "$text" || { fail "exit $rc, wanted $code and $text: $*"; head -3 "$tmp/err"; }
}
osu_files() { # files: the options that name the OSU library; the script is skipped where it is not installed
    files=$("$src/tools/osu018-files.sh" 2>/dev/null) || { echo "no osu018 library here"; exit 77; }
}
inverter() { # a design of one inverter: $tmp/t.lib, $tmp/m.v and $tmp/m.sdc; its delay is 0.1 ns, its period 1
    printf 'library (t) { time_unit : "1ns"; capacitive_load_unit (1, pf); cell (INV) { pin (A) { direction : input; capacitance : 0.002; } pin (Y) { direction : output; function : "!A";\n timing () { related_pin : "A"; timing_sense : negative_unate; cell_rise (scalar) { values ("0.1"); } cell_fall (scalar) { values ("0.1"); } rise_transition (scalar) { values ("0.05"); } fall_transition (scalar) { values ("0.05"); } } } } }\n' >"$tmp/t.lib"
    printf 'module m (a, y); input a; output y; INV g (.A(a), .Y(y)); endmodule\n' >"$tmp/m.v"
    printf 'create_clock -name c -period 1\nset_input_delay 0 -clock c a\nset_output_delay 0 -clock c y\n' >"$tmp/m.sdc"
}
