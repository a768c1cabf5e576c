#!/usr/bin/env python3
"""SDF read and written, against OpenSTA (Debian's `sta`): each tool writes the SDF of a routed design, both read each file without any wires, and the four
slacks of every endpoint are compared; `itself` is weft with SPEF against weft with the SDF that it wrote. Standard library only.
usage: sdf_oracle.py WEFT CIRCUITS_DIR TECH/DESIGN .. [--out TABLE]"""
import csv, gzip, os, re, subprocess, sys, tempfile
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sdc_oracle

KEYS = ('slack_hold_rise', 'slack_setup_rise', 'slack_hold_fall', 'slack_setup_fall')

def weft_slacks(cmd, tmp):
    r = subprocess.run(cmd + ['--pins-csv', f'{tmp}/w.csv', '--quiet'], capture_output=True, text=True)
    if r.returncode: raise SystemExit(r.stderr)
    with open(f'{tmp}/w.csv', newline='') as f:
        rows = list(csv.DictReader(f))
    return {r['pin']: [float(r[k]) * 1e3 if r[k] else None for k in KEYS] for r in rows}, {r['pin'] for r in rows if r['is_endpoint'] == '1'}

def sta(tmp, load, text):
    open(f'{tmp}/run.tcl', 'w').write(load + text + 'exit\n')
    r = subprocess.run(['sta', '-no_splash', '-exit', f'{tmp}/run.tcl'], capture_output=True, text=True)
    return r.stdout + r.stderr

DUMP = '''sta::find_requireds
set f [open %s/sta.csv w]
proc row {f name pin} { set k 0; foreach v [$pin vertices] { if {$v eq "NULL" || $v eq ""} continue; if {!$k} { puts $f "$name,[join [concat [$v slacks rise] [$v slacks fall]] ,]" }; incr k } }
foreach p [get_pins -hierarchical *] { row $f [get_full_name $p] $p }
foreach p [get_ports *] { row $f [get_full_name $p] [sta::get_port_pin_error port $p] }
close $f
'''

def sta_slacks(tmp, load, sdf):
    told = sta(tmp, load, f'read_sdf {sdf}\n' + DUMP % tmp)
    out = {}
    for row in csv.reader(open(f'{tmp}/sta.csv')):
        v = [float(x) if x else 1e30 for x in row[1:]]
        if len(v) == 4: out[row[0].replace('\\', '')] = [None if abs(x) > 1e20 else x * 1e12 for x in v]
    return out, told

def compare(a, b, ends):
    worst, one_sided, n = 0.0, 0, 0
    for p in ends:
        for x, y in zip(a.get(p, [None] * 4), b.get(p, [None] * 4)):
            if (x is None) != (y is None): one_sided += 1
            elif x is not None: n += 1; worst = max(worst, abs(x - y))
    return n, one_sided, worst

def main():
    args, out = sys.argv[1:], None
    if '--out' in args: i = args.index('--out'); out = args[i + 1]; del args[i:i + 2]
    weft, circuits = args[:2]
    lines = [f'{"design":42s} {"SDF by":8s} {"slacks":>7s} {"one side":>8s} {"worst ps":>9s}']
    print(lines[0])
    for design in args[2:]:
        folder = os.path.join(circuits, design)
        with tempfile.TemporaryDirectory() as tmp:
            for e in ('v', 'sdc', 'spef'): open(f'{tmp}/d.{e}', 'w').write(sdc_oracle.text_of(f'{folder}/design.{e}'))
            top = re.search(r'^module\s+(\S+?)\s*\(', open(f'{tmp}/d.v').read(), re.M).group(1)
            base, load = [weft, 'time', '--verilog', f'{tmp}/d.v', '--sdc', f'{tmp}/d.sdc', '--top', top], ''
            for i, l in enumerate(sdc_oracle.libraries(folder)):
                open(f'{tmp}/{i}.lib', 'w').write(gzip.open(l, 'rt').read())
                base += ['--lib', f'{tmp}/{i}.lib']
                load += f'read_liberty {tmp}/{i}.lib\n'
            load += f'read_verilog {tmp}/d.v\nlink_design {top}\nread_sdc {tmp}/d.sdc\n'
            routed, ends = weft_slacks(base + ['--spef', f'{tmp}/d.spef', '--write-sdf', f'{tmp}/weft.sdf'], tmp)
            sta(tmp, load, f'read_spef -quiet {tmp}/d.spef\nwrite_sdf -digits 7 {tmp}/sta.sdf\n')
            for by in ('itself', 'weft', 'sta'):
                ours, _ = weft_slacks(base + ['--sdf', f'{tmp}/{"sta" if by == "sta" else "weft"}.sdf'], tmp)
                theirs = routed if by == 'itself' else sta_slacks(tmp, load, f'{tmp}/{by}.sdf')[0]
                lines.append(f'{design:42s} {by:8s} %7d %8d %9.4f' % compare(ours, theirs, ends))
                print(lines[-1], flush=True)
    if out: open(out, 'w').write('\n'.join(lines) + '\n')

main()
