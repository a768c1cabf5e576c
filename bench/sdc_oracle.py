#!/usr/bin/env python3
"""Times one routed design under many small additions to its constraints, with weft and with OpenSTA (Debian's `sta`), and
compares the four slacks of every pin. One row a case: values that only one side has, worst difference at endpoints and at all
pins (where reconvergence credit is at work, OpenSTA's slacks inside a path depend on an order of its own), mean difference, ps.
Standard library only.
usage: sdc_oracle.py WEFT CIRCUITS_DIR [CASE ..] [--out TABLE] [--verbose]"""
import csv, gzip, os, re, subprocess, sys, tempfile

# name, design, SDC text put behind the design's own ('!' in front: it stands alone), or a dict of extras
BASE = 'sky130hd/uart_transciver'
CASES = [
    ('base', BASE, ''),
    ('false_from_reg', BASE, 'set_false_path -from [get_cells _742_]'),
    ('false_from_clkpin', BASE, 'set_false_path -from [get_pins _742_/CLK]'),
    ('false_from_port', BASE, 'set_false_path -from [get_ports {ui_in[*]}]'),
    ('false_to_reg', BASE, 'set_false_path -to [get_pins _742_/D]'),
    ('false_to_port', BASE, 'set_false_path -to [get_ports {uo_out[*]}]'),
    ('false_through', BASE, 'set_false_path -through [get_pins _363_/X]'),
    ('false_through_net', BASE, 'set_false_path -through [get_nets net1]'),
    ('false_through_inst', BASE, 'set_false_path -through [get_cells _363_]'),
    ('false_from_through', BASE, 'set_false_path -from [get_cells _742_] -through [get_pins _363_/X]'),
    ('false_from_to', BASE, 'set_false_path -from [get_cells _742_] -to [get_ports {uio_out[4]}]'),
    ('false_clk', BASE, 'create_clock -name v -period 7\nset_input_delay 1 -clock v [get_ports {ui_in[*]}]\nset_false_path -from [get_clocks v] -to [get_clocks clk]'),
    ('false_setup', BASE, 'set_false_path -setup -from [get_cells _742_]'),
    ('false_hold', BASE, 'set_false_path -hold -to [get_pins _742_/D]'),
    ('false_rise_from', BASE, 'set_false_path -rise_from [get_pins _742_/CLK]'),
    ('false_rise_to', BASE, 'set_false_path -rise_to [get_pins _742_/D]'),
    ('false_fall_through', BASE, 'set_false_path -fall_through [get_pins _363_/X]'),
    ('false_rise', BASE, 'set_false_path -rise -to [get_pins _742_/D]'),
    ('multi_from', BASE, 'set_multicycle_path 3 -setup -from [get_cells _742_]'),
    ('multi_both', BASE, 'set_multicycle_path 3 -setup -from [get_cells _742_]\nset_multicycle_path 2 -hold -from [get_cells _742_]'),
    ('multi_plain', BASE, 'set_multicycle_path 2 -to [get_pins _742_/D]'),
    ('multi_clk', BASE, 'create_clock -name v -period 7\nset_input_delay 1 -clock v [get_ports {ui_in[*]}]\nset_multicycle_path 2 -setup -from [get_clocks v] -to [get_clocks clk]\nset_multicycle_path 1 -hold -from [get_clocks v] -to [get_clocks clk]'),
    ('multi_start', BASE, 'create_clock -name v -period 7\nset_input_delay 1 -clock v [get_ports {ui_in[*]}]\nset_multicycle_path 2 -setup -start -from [get_clocks v] -to [get_clocks clk]\nset_multicycle_path 1 -hold -end -from [get_clocks v] -to [get_clocks clk]'),
    ('max_delay_reg', BASE, 'set_max_delay 3 -from [get_cells _742_] -to [get_ports {uio_out[4]}]'),
    ('max_delay_to_reg', BASE, 'set_max_delay 3 -to [get_pins _742_/D]'),
    ('max_delay_ignore', BASE, 'set_max_delay 3 -ignore_clock_latency -to [get_pins _742_/D]'),
    ('min_delay', BASE, 'set_min_delay 0.5 -to [get_pins _742_/D]'),
    ('max_delay_io', BASE, 'set_max_delay 5 -from [get_ports {ui_in[*]}]'),
    ('priority', BASE, 'set_multicycle_path 2 -setup -from [get_cells _742_]\nset_max_delay 6 -to [get_ports {uio_out[*]}]\nset_multicycle_path 4 -setup -from [get_cells _742_] -to [get_ports {uo_out[*]}]'),
    ('group', BASE, 'group_path -name io -to [all_outputs]'),
    ('gen_div2', BASE, 'create_generated_clock -name g -source [get_ports clk] -divide_by 2 [get_pins _742_/Q]'),
    ('gen_div2_prop', BASE, 'create_generated_clock -name g -source [get_ports clk] -divide_by 2 [get_pins _742_/Q]\nset_propagated_clock [get_clocks g]'),
    ('gen_div3', BASE, 'create_generated_clock -name g -source [get_ports clk] -divide_by 3 [get_pins _742_/Q]\nset_propagated_clock [get_clocks g]'),
    ('gen_mul2', BASE, 'create_generated_clock -name g -source [get_ports clk] -multiply_by 2 [get_pins clkbuf_0_clk/X]\nset_propagated_clock [get_clocks g]'),
    ('gen_invert', BASE, 'create_generated_clock -name g -source [get_ports clk] -divide_by 2 -invert [get_pins _742_/Q]\nset_propagated_clock [get_clocks g]'),
    ('gen_edges', BASE, 'create_generated_clock -name g -source [get_ports clk] -edges {1 3 5} [get_pins _742_/Q]\nset_propagated_clock [get_clocks g]'),
    ('gen_tree', BASE, 'create_generated_clock -name g -source [get_ports clk] -divide_by 1 [get_pins clkbuf_0_clk/X]\nset_propagated_clock [get_clocks g]'),
    ('gen_tree_leaf', BASE, 'create_generated_clock -name g -source [get_ports clk] -divide_by 2 [get_pins clkbuf_3_1__f_clk/X]\nset_propagated_clock [get_clocks g]'),
    ('clock_internal', BASE, 'create_clock -name i -period 9 [get_pins clkbuf_3_1__f_clk/X]\nset_propagated_clock [get_clocks i]'),
    ('clock_add', BASE, 'create_clock -name c2 -add -period 11 -waveform {1 5} [get_ports clk]\nset_propagated_clock [get_clocks c2]'),
    ('clock_add_async', BASE, 'create_clock -name c2 -add -period 11 [get_ports clk]\nset_propagated_clock [get_clocks c2]\nset_clock_groups -physically_exclusive -group clk -group c2'),
    ('ideal', BASE, {'replace': ('set_propagated_clock [all_clocks]', 'set_clock_latency 1.5 [get_clocks clk]\nset_clock_transition 0.2 [get_clocks clk]')}),
    ('source_latency', BASE, 'set_clock_latency -source -early 0.3 [get_clocks clk]\nset_clock_latency -source -late 0.5 [get_clocks clk]'),
    ('uncertainty', BASE, 'set_clock_uncertainty -setup 0.5 [get_clocks clk]\nset_clock_uncertainty -hold 0.1 [get_clocks clk]'),
    ('uncertainty_pair', BASE, 'create_clock -name v -period 20\nset_input_delay 1 -clock v [get_ports {ui_in[*]}]\nset_clock_uncertainty -from [get_clocks v] -to [get_clocks clk] 0.7'),
    ('io_minmax', BASE, 'set_input_delay -min 1 -clock clk [get_ports {ui_in[*]}]\nset_output_delay -min -0.5 -clock clk [get_ports {uo_out[*]}]\nset_input_delay -add_delay 6 -clock clk -clock_fall [get_ports ena]'),
    ('derate', BASE, 'set_timing_derate -early 0.9\nset_timing_derate -late 1.1'),
    ('derate_cell', BASE, 'set_timing_derate -late -cell_delay 1.2\nset_timing_derate -early -net_delay 0.8'),
    ('derate_clock', BASE, 'set_timing_derate -late -clock 1.05\nset_timing_derate -early -clock 0.95'),
    ('derate_data', BASE, 'set_timing_derate -late -data 1.05\nset_timing_derate -late -cell_check 1.3'),
    ('derate_inst', BASE, 'set_timing_derate -late 1.5 [get_cells _363_]'),
    ('driving_cell', BASE, 'set_driving_cell -lib_cell sky130_fd_sc_hd__buf_1 [get_ports {ui_in[*]}]'),
    ('driving_cell_pin', BASE, 'set_driving_cell -lib_cell sky130_fd_sc_hd__inv_2 -pin Y -from_pin A -input_transition_rise 0.3 -input_transition_fall 0.2 [get_ports {ui_in[*]}]'),
    ('drive', BASE, 'set_drive 1.0 [get_ports {ui_in[*]}]'),
    ('case', BASE, 'set_case_analysis 0 [get_ports ena]\nset_case_analysis 1 [get_pins _742_/Q]'),
    ('logic', BASE, 'set_logic_zero [get_ports ena]'),
    ('disable_inst', BASE, 'set_disable_timing [get_cells _363_]'),
    ('disable_fromto', BASE, 'set_disable_timing -from A -to X [get_cells _363_]'),
    ('disable_pin', BASE, 'set_disable_timing [get_pins _363_/A]'),
    ('disable_lib', BASE, 'set_disable_timing -from A -to X [get_lib_cells */sky130_fd_sc_hd__or4bb_1]'),
    ('data_check', BASE, 'set_data_check -from [get_pins _740_/D] -to [get_pins _742_/D] -setup 0.2'),
    ('data_check_hold', BASE, 'set_data_check -from [get_pins _740_/D] -to [get_pins _742_/D] -hold 0.1'),
    ('ideal_plain', BASE, {'replace': ('set_propagated_clock [all_clocks]', '')}),
    ('ideal_gen', BASE, {'replace': ('set_propagated_clock [all_clocks]', 'set_clock_latency 1.5 [get_clocks clk]\ncreate_generated_clock -name g -source [get_ports clk] -divide_by 2 [get_pins _742_/Q]')}),
    ('sense_negative', BASE, 'set_sense -type clock -negative -clocks [get_clocks clk] [get_pins clkbuf_3_1__f_clk/X]'),
    ('sense_stop', BASE, 'set_sense -type clock -stop_propagation -clocks [get_clocks clk] [get_pins clkbuf_3_1__f_clk/X]'),
    ('load_minmax', BASE, 'set_load -min 0.01 [all_outputs]\nset_load -max 0.1 [all_outputs]'),
    ('no_spef', BASE, {'spef': False}),
    ('wire_load', BASE, {'spef': False, 'text': 'set_wire_load_model -name Medium'}),
    ('regexp', BASE, 'set_false_path -through [get_pins -regexp {_36[0-9]_/X}]'),
    ('filter', BASE, 'set_false_path -from [get_cells -filter "ref_name =~ *dfrtp*" *]'),
    ('of_objects', BASE, 'set_false_path -through [get_pins -of_objects [get_nets net1]]'),
    ('gating', 'sky130hd/caravel_clocking', ''),
    ('gating_set', 'sky130hd/caravel_clocking', 'set_clock_gating_check -setup 0.3 -hold 0.2'),
]

def text_of(path):
    for tail, op in (('', open), ('.gz', gzip.open)):
        if os.path.exists(path + tail):
            with op(path + tail, 'rt') as f: return f.read()
    return None

def libraries(folder):
    base = os.path.dirname(folder)
    return [os.path.join(base, f) for f in sorted(os.listdir(base)) if f.endswith('.lib.gz')]

def run_sta(tmp, libs, top, spef, sdc):
    tcl = os.path.join(tmp, 'run.tcl')
    with open(tcl, 'w') as f:
        for l in libs: f.write(f'read_liberty {l}\n')
        f.write(f'read_verilog {tmp}/d.v\nlink_design {top}\nread_sdc {sdc}\n')
        if spef: f.write(f'read_spef -quiet {tmp}/d.spef\n')
        f.write('sta::find_requireds\nset f [open %s/sta.csv w]\n' % tmp)
        f.write('''proc row {f name pin} { set k 0; foreach v [$pin vertices] { if {$v eq "NULL" || $v eq ""} continue; if {!$k} { puts $f "$name,[join [concat [$v slacks rise] [$v slacks fall]] ,]" }; incr k } }
foreach p [get_pins -hierarchical *] { row $f [get_full_name $p] $p }
foreach p [get_ports *] { row $f [get_full_name $p] [sta::get_port_pin_error port $p] }
close $f
exit
''')
    r = subprocess.run(['sta', '-no_splash', '-exit', tcl], capture_output=True, text=True, timeout=600)
    out, told = {}, r.stdout + r.stderr
    if not os.path.exists(f'{tmp}/sta.csv'): return None, told
    for row in csv.reader(open(f'{tmp}/sta.csv')):
        v = [float(x) if x else 1e30 for x in row[1:]]
        if len(v) == 4: out[row[0].replace('\\', '')] = [None if abs(x) > 1e20 else x * 1e12 for x in v]  # hold rise, setup rise, hold fall, setup fall
    return out, told

def run_weft(weft, tmp, libs, spef, sdc):
    cmd = [weft, 'time', '--verilog', f'{tmp}/d.v', '--sdc', sdc, '--pins-csv', f'{tmp}/weft.csv', '--quiet']
    for l in libs: cmd += ['--lib', l]
    if spef: cmd += ['--spef', f'{tmp}/d.spef']
    r = subprocess.run(cmd, capture_output=True, text=True, timeout=600)
    if r.returncode: return None, r.stdout + r.stderr, set()
    out, ends = {}, set()
    with open(f'{tmp}/weft.csv', newline='') as f:
        rd = csv.DictReader(f)
        for row in rd:
            if row['pin'] in out: continue
            if row['is_endpoint'] == '1': ends.add(row['pin'])
            out[row['pin']] = [float(row[k]) * 1e3 if row[k] else None for k in ('slack_hold_rise', 'slack_setup_rise', 'slack_hold_fall', 'slack_setup_fall')]
    return out, r.stderr, ends

def main():
    args, out, verbose = sys.argv[1:], None, False
    if '--out' in args: i = args.index('--out'); out = args[i + 1]; del args[i:i + 2]
    if '--verbose' in args: args.remove('--verbose'); verbose = True
    weft, circuits, names = args[0], args[1], args[2:]
    lines = [f'{"case":20s} {"pins":>6s} {"ours":>5s} {"theirs":>6s} {"ends ps":>9s} {"pins ps":>9s} {"mean ps":>8s}  where']
    print(lines[0])
    bad = 0
    for name, design, extra in CASES:
        if names and name not in names: continue
        extra = extra if isinstance(extra, dict) else {'text': extra}
        folder = os.path.join(circuits, design)
        with tempfile.TemporaryDirectory() as tmp:
            v = text_of(folder + '/design.v')
            open(f'{tmp}/d.v', 'w').write(v)
            spef = extra.get('spef', True)
            if spef: open(f'{tmp}/d.spef', 'w').write(text_of(folder + '/design.spef'))
            sdc = text_of(folder + '/design.sdc')
            if 'replace' in extra: sdc = sdc.replace(*extra['replace'])
            libs = []
            for l in libraries(folder):
                libs.append(os.path.join(tmp, os.path.basename(l)[:-3]))
                open(libs[-1], 'w').write(gzip.open(l, 'rt').read())
            open(f'{tmp}/x.sdc', 'w').write(sdc + '\n' + extra.get('text', '') + '\n')
            top = re.search(r'^module\s+(\S+?)\s*\(', v, re.M).group(1)
            theirs, told = run_sta(tmp, libs, top, spef, f'{tmp}/x.sdc')
            ours, told2, ends = run_weft(weft, tmp, libs, spef, f'{tmp}/x.sdc')
        if verbose: print(told, told2)
        if ours is None or theirs is None:
            lines.append(f'{name:20s} failed: {"weft: " + told2[:200] if ours is None else "sta: " + told[:200]}')
            print(lines[-1]); bad += 1; continue
        only = [0, 0]; diff = []; n = 0; first = ''
        for pin, a in theirs.items():
            b = ours.get(pin)
            if b is None: continue
            n += 1
            for k in range(4):
                if (a[k] is None) != (b[k] is None):
                    if a[k] is None: only[0] += 1
                    else: only[1] += 1
                    if not first: first = f'{pin}[{k}] sta {a[k]} weft {b[k]}'
                elif a[k] is not None: diff.append((abs(a[k] - b[k]), pin in ends, f'{pin}[{("hold r", "setup r", "hold f", "setup f")[k]}] sta {a[k]:.2f} weft {b[k]:.2f}'))
        diff.sort(reverse=True)
        if verbose:
            for d, e, text in diff[:12]: print('   ', text)
        w = diff[0] if diff else (0, False, '')
        worst_end = max([d for d, e, _ in diff if e], default=0)
        wrong = only[0] or only[1] or worst_end > 5
        bad += bool(wrong)
        complaint = '' if not told.strip() else ' | sta says: ' + told.strip().splitlines()[0][:80]
        lines.append(f'{name:20s} {n:6d} {only[0]:5d} {only[1]:6d} {worst_end:9.2f} {w[0]:9.2f} {sum(d for d, _, _ in diff) / max(len(diff), 1):8.3f}  {(first + " " + next((t for d, e, t in diff if e), "") + complaint) if wrong else ""}')
        print(lines[-1], flush=True)
    lines.append(f'{bad} of the cases differ (a slack on one side only, or an endpoint by more than 5 ps)')
    print(lines[-1])
    if out: open(out, 'w').write('\n'.join(lines) + '\n')

if __name__ == "__main__": main()
