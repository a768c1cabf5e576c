#!/usr/bin/env python3
"""Whole commands side by side: weft time against OpenSTA (Debian's `sta`) on the same uncompressed files and reports: read, link, time, print the
worst setup and hold path and the worst slacks. Wall seconds (best of N, alternating), processor seconds and peak memory of each; their ratio.
--stamp K: the design K times in one top module, with its own clock and ports each (netlist, SPEF and SDC are written anew).
usage: speed_sta.py WEFT CIRCUITS_DIR TECH/DESIGN [--stamp K] [--runs N] [--no-sta] [--threads T]"""
import gzip, os, re, resource, subprocess, sys, tempfile, time

def text_of(path):
    for tail, op in (('', open), ('.gz', gzip.open)):
        if os.path.exists(path + tail):
            with op(path + tail, 'rt') as f: return f.read()
    raise SystemExit(f'no {path}')

def option(name, default, kind=int):
    if name not in args: return default
    i = args.index(name); v = kind(args[i + 1]); del args[i:i + 2]
    return v

def run(cmd):
    t = time.time()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY); os.dup2(null, 1); os.dup2(null, 2)
        os.execvp(cmd[0], cmd)
    _, status, use = os.wait4(pid, 0)
    return time.time() - t, use.ru_utime + use.ru_stime, use.ru_maxrss / 1024, status

def stamp(v, spef, sdc, k):
    """K copies as instances u0.. of the design under a new top; ports p of copy i become p_i."""
    head = re.search(r'^module\s+(\S+?)\s*\((.*?)\)\s*;', v, re.M | re.S)
    name = head.group(1)
    ports = []
    for d, rng, names in re.findall(r'^\s*(input|output|inout)\s+(?:wire\s+)?(\[[^\]]*\])?\s*([^;]*);', v, re.M):
        ports += [(d, rng, n.strip()) for n in names.split(',')]
    with open(f'{tmp}/d.v', 'w') as f:
        f.write(v + f'\nmodule stamped (' + ', '.join(f'{n}_{i}' for i in range(k) for _, _, n in ports) + ');\n')
        for i in range(k):
            for d, rng, n in ports: f.write(f' {d} {rng} {n}_{i};\n')
        for i in range(k): f.write(f' {name} u{i} (' + ', '.join(f'.{n}({n}_{i})' for _, _, n in ports) + ');\n')
        f.write('endmodule\n')
    names = {n for _, _, n in ports}
    at = spef.index('*D_NET')
    head_text, body = spef[:at], spef[at:]
    maps = dict(re.findall(r'^\*(\d+)\s+(\S+)\s*$', head_text, re.M))
    stride = max(map(int, maps)) + 1
    def port_of(n):
        b = re.sub(r'\\?\[\d+\\?\]$', '', n)
        return b if b in names else None
    with open(f'{tmp}/d.spef', 'w') as f:
        f.write(re.sub(r'\*NAME_MAP.*', '', head_text, flags=re.S).replace(name, 'stamped'))
        f.write('*NAME_MAP\n')
        for i in range(k):
            for num, n in maps.items():
                b = port_of(n)
                f.write(f'*{int(num) + i * stride} ' + (n.replace(b, f'{b}_{i}', 1) if b else f'u{i}/{n}') + '\n')
        f.write('\n')
        for i in range(k): f.write(re.sub(r'\*(\d+)', lambda m: f'*{int(m.group(1)) + i * stride}', body) if i else body)
    lines = []
    for i in range(k):
        for l in sdc.splitlines():
            l = re.sub(r'\[get_ports \{([^}[]+)((?:\[[^}]*)?)\}\]', lambda m: f'[get_ports {{{m.group(1)}_{i}{m.group(2)}}}]', l)
            l = re.sub(r'\[get_pins \{([^}]+)\}\]', lambda m: f'[get_pins {{u{i}/{m.group(1)}}}]', l)
            l = re.sub(r'\[get_clocks (\w+)\]', lambda m: f'[get_clocks {m.group(1)}_{i}]', l)
            l = re.sub(r'(-name|-clock) (\S+)', lambda m: f'{m.group(1)} {m.group(2)}_{i}', l)
            if not re.search(r'all_(inputs|outputs|clocks)', l) or i == k - 1: lines.append(l)
    lines.sort(key=lambda l: not l.startswith('create_clock'))
    open(f'{tmp}/d.sdc', 'w').write('\n'.join(lines) + '\n')
    return 'stamped'

args = sys.argv[1:]
k, runs, threads = option('--stamp', 1), option('--runs', 3), option('--threads', 2)
no_sta = '--no-sta' in args
if no_sta: args.remove('--no-sta')
weft, circuits, design = args[:3]
folder, base = os.path.join(circuits, design), os.path.join(circuits, os.path.dirname(design))
with tempfile.TemporaryDirectory() as tmp:
    libs = []
    for f in sorted(os.listdir(base)):
        if f.endswith('.lib.gz'):
            libs.append(f'{tmp}/{f[:-3]}')
            open(libs[-1], 'w').write(gzip.open(os.path.join(base, f), 'rt').read())
    v, spef, sdc = (text_of(f'{folder}/design.{e}') for e in ('v', 'spef', 'sdc'))
    if k > 1: top = stamp(v, spef, sdc, k)
    else:
        top = re.search(r'^module\s+(\S+?)\s*\(', v, re.M).group(1)
        for e, t in (('v', v), ('spef', spef), ('sdc', sdc)): open(f'{tmp}/d.{e}', 'w').write(t)
    with open(f'{tmp}/t.tcl', 'w') as f:
        for l in libs: f.write(f'read_liberty {l}\n')
        f.write(f'read_verilog {tmp}/d.v\nlink_design {top}\nread_sdc {tmp}/d.sdc\nread_spef -quiet {tmp}/d.spef\nreport_checks -path_delay max\nreport_checks -path_delay min\nreport_worst_slack -max\nreport_worst_slack -min\nexit\n')
    ours = [weft, 'time', '--verilog', f'{tmp}/d.v', '--sdc', f'{tmp}/d.sdc', '--spef', f'{tmp}/d.spef', '--top', top, '--paths', '1', '--threads', str(threads)]
    for l in libs: ours += ['--lib', l]
    sizes = {e: os.path.getsize(f'{tmp}/d.{e}') for e in ('v', 'spef', 'sdc')}
    best = {}
    for _ in range(runs):
        for name, cmd in (('weft', ours), ('sta', ['sta', '-no_splash', '-exit', f'{tmp}/t.tcl'])):
            if name == 'sta' and no_sta: continue
            r = run(cmd)
            if r[3]: raise SystemExit(f'{name} failed: ' + subprocess.run(cmd, capture_output=True, text=True).stderr[-600:])
            if name not in best or r[0] < best[name][0]: best[name] = r
    print(f'{design} x {k}: netlist {sizes["v"] / 1e6:.1f} MB, SPEF {sizes["spef"] / 1e6:.1f} MB')
    for n, r in best.items(): print(f'  {n:5s} {r[0]:8.3f} s wall {r[1]:8.3f} s processor {r[2]:9.1f} MB')
    if not no_sta: print(f'  ratio {best["sta"][0] / best["weft"][0]:8.2f} times faster, memory {best["weft"][2] / best["sta"][2]:.2f} of it')
