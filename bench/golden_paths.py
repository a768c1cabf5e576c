#!/usr/bin/env python3
"""Prints the worst paths of routed designs (weft time --paths) and compares them with golden_paths.txt, line by line: for each golden
path, the printed path with the same group and type. Texts must be equal, numbers within 1 ps (slews 2 ps); the column of loads is left
out where the net drives an output port (OpenSTA shows such a net without its wire) and where the library counts in fF.
usage: golden_paths.py WEFT CIRCUITS_DIR TECH [DESIGN ..]"""
import gzip, os, re, subprocess, sys
from collections import Counter

def paths(text):
    for part in re.split(r'(?=^Startpoint: )', text, flags=re.M)[1:]:
        group = re.search(r'^Path Group: (.*)$', part, re.M).group(1)
        kind = re.search(r'^Path Type: (.*)$', part, re.M).group(1)
        yield (group, kind), [l.rstrip() for l in part.splitlines() if l.strip()]

def same(a, b):
    if a == b: return True
    x, y = re.split(r'(-?\d+\.\d{4})', a), re.split(r'(-?\d+\.\d{4})', b)
    if len(x) != len(y): return False
    if re.sub(r'-?\d+\.\d{4}', '#', re.sub(r'\s+', ' ', a)) != re.sub(r'-?\d+\.\d{4}', '#', re.sub(r'\s+', ' ', b)): return False
    net = a.endswith('(net)')
    return all(abs(float(p) - float(q)) <= (0.002 if net else 0.0021) for p, q in zip(x[1::2], y[1::2]))

weft, circuits, tech, names = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
base = os.path.join(circuits, tech)
total = Counter()
for design in sorted(os.listdir(base)):
    d = os.path.join(base, design)
    if not os.path.isdir(d) or (names and design not in names): continue
    gold = os.path.join(d, 'golden_paths.txt.gz')
    libs = [f for f in sorted(os.listdir(base)) if f.endswith('.lib.gz')]
    cmd = [weft, 'time', '--verilog', d + '/design.v.gz', '--sdc', d + '/design.sdc', '--spef', d + '/design.spef.gz', '--endpoints', '0', '--paths', '100000', '--quiet']
    for l in libs: cmd += ['--lib', os.path.join(base, l)]
    if tech == 'asap7': cmd += ['--pin-cap', 'range-min']
    ports = {w for text in re.findall(r'^\s*(?:output|inout)\s+(?:wire\s+)?(?:\[[^\]]*\])?([^;]*);', gzip.open(d + '/design.v.gz', 'rt').read(), re.M) for w in re.split(r'[,\s]+', text) if w}
    ours = {}
    for key, lines in paths(subprocess.run(cmd, capture_output=True, text=True).stdout):
        ours.setdefault(key, lines)
    for key, lines in paths(gzip.open(gold, 'rt').read()):
        total['paths'] += 1
        mine = ours.get(key)
        if mine is None:
            total['missing'] += 1
            print(f'{design}: no path of group {key}')
            continue
        wrong = [(g, m) for g, m in zip(lines, mine) if not same(g, m) and not (g.endswith('(net)') and (re.sub(r'\[\d+\]$', '', g.split()[-2]) in ports or tech in ('nangate45', 'asap7')))]
        if len(lines) != len(mine) or wrong:
            total['differ'] += 1
            if lines[0] == mine[0] and lines[1] == mine[1]: total['same ends but differ'] += 1
            g, m = wrong[0] if wrong else (lines[-1], mine[-1])
            print(f'{design} {key}: {len(lines)} lines, {len(mine)} ours; first difference\n    {g}\n    {m}')
print(dict(total))
