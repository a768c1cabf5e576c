#!/usr/bin/env python3
"""A placed design K times in a row of dies, for the growth of time and memory: netlist (copies u0.. under a new top), DEF and SDC, each copy with its own
ports and clock. usage: stamp_placed.py DESIGN_DIR K OUT_DIR (files design.v, design.def, design.sdc, plain or .gz)"""
import gzip, os, re, sys

def text_of(path):
    for tail, op in (('', open), ('.gz', gzip.open)):
        if os.path.exists(path + tail):
            with op(path + tail, 'rt') as f: return f.read()
    raise SystemExit(f'no {path}')

def netlist(v, k, out):
    name, _ = re.search(r'^module\s+(\S+?)\s*\((.*?)\)\s*;', v, re.M | re.S).groups()
    ports = []
    for d, rng, names in re.findall(r'^\s*(input|output|inout)\s+(?:wire\s+)?(\[[^\]]*\])?\s*([^;]*);', v, re.M): ports += [(d, rng, n.strip()) for n in names.split(',')]
    with open(out, 'w') as f:
        f.write(v + '\nmodule stamped (' + ', '.join(f'{n}_{i}' for i in range(k) for _, _, n in ports) + ');\n')
        for i in range(k):
            for d, rng, n in ports: f.write(f' {d} {rng} {n}_{i};\n')
        for i in range(k): f.write(f' {name} u{i} (' + ', '.join(f'.{n}({n}_{i})' for _, _, n in ports) + ');\n')
        f.write('endmodule\n')
    return {n for _, _, n in ports}

def placement(text, k, out):
    """Components and pins only: wires are what is to be predicted. Copies stand in a square of dies."""
    x0, y0, x1, y1 = map(int, re.search(r'^DIEAREA\s*\(\s*(-?\d+)\s+(-?\d+)\s*\)\s*\(\s*(-?\d+)\s+(-?\d+)\s*\)', text, re.M).groups())
    side = 1
    while side * side < k: side += 1
    w, h = x1 - x0, y1 - y0
    comps = re.search(r'^COMPONENTS\s+(\d+)\s*;(.*?)^END COMPONENTS', text, re.M | re.S)
    pins = re.search(r'^PINS\s+(\d+)\s*;(.*?)^END PINS', text, re.M | re.S)
    with open(out, 'w') as f:
        f.write('VERSION 5.8 ;\nDIVIDERCHAR "/" ;\nBUSBITCHARS "[]" ;\nDESIGN stamped ;\n' + re.search(r'^UNITS.*$', text, re.M).group(0) + '\n')
        f.write(f'DIEAREA ( {x0} {y0} ) ( {x0 + side * w} {y0 + side * h} ) ;\n')
        for what, m in (('COMPONENTS', comps), ('PINS', pins)):
            f.write(f'{what} {int(m.group(1)) * k} ;\n')
            for i in range(k):
                dx, dy = (i % side) * w, (i // side) * h
                s = re.sub(r'((?:PLACED|FIXED)\s*\(\s*)(-?\d+)\s+(-?\d+)', lambda q: f'{q.group(1)}{int(q.group(2)) + dx} {int(q.group(3)) + dy}', m.group(2))
                if what == 'COMPONENTS': s = re.sub(r'^(\s*-\s+)(\S+)', lambda q: f'{q.group(1)}u{i}/{q.group(2)}', s, flags=re.M)
                else: s = re.sub(r'^(\s*-\s+)([^\s\[]+)(\S*)(\s+\+\s+NET\s+)(\S+)', lambda q: f'{q.group(1)}{q.group(2)}_{i}{q.group(3)}{q.group(4)}{q.group(2)}_{i}{q.group(3)}', s, flags=re.M)
                f.write(s)
            f.write(f'END {what}\n')
        f.write('END DESIGN\n')

def constraints(sdc, k, out):
    lines = []
    for i in range(k):
        for l in sdc.splitlines():
            l = re.sub(r'\[get_ports \{([^}[]+)((?:\[[^}]*)?)\}\]', lambda m: f'[get_ports {{{m.group(1)}_{i}{m.group(2)}}}]', l)
            l = re.sub(r'\[get_pins \{([^}]+)\}\]', lambda m: f'[get_pins {{u{i}/{m.group(1)}}}]', l)
            l = re.sub(r'\[get_clocks (\w+)\]', lambda m: f'[get_clocks {m.group(1)}_{i}]', l)
            l = re.sub(r'(-name|-clock) (\S+)', lambda m: f'{m.group(1)} {m.group(2)}_{i}', l)
            if not re.search(r'all_(inputs|outputs|clocks)', l) or i == k - 1: lines.append(l)
    lines.sort(key=lambda l: not l.startswith('create_clock'))
    with open(out, 'w') as f: f.write('\n'.join(lines) + '\n')

folder, k, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.makedirs(out, exist_ok=True)
netlist(text_of(f'{folder}/design.v'), k, f'{out}/design.v')
placement(text_of(f'{folder}/design.def'), k, f'{out}/design.def')
constraints(text_of(f'{folder}/design.sdc'), k, f'{out}/design.sdc')
