#!/usr/bin/env python3
"""For every family with two designs or more: takes the fold's model, which never saw the family, and calibrates it (`weft calibrate
--truth-spef`) on one routed design of the family, the one with the most nets. Writes PREFIX-FAMILY.safetensors and PREFIX.csv (design,model for
the family's other designs), for placement_timing.py --folds PREFIX.csv DESIGN..; prints the designs.
usage: family_models.py WEFT CIRCUITS_DIR TECH FOLDS.csv PREFIX"""
import csv, os, subprocess, sys

weft, root, tech, folds, prefix = sys.argv[1:6]
folder = os.path.join(root, tech)
model = dict(l.strip().split(',', 1) for l in open(folds) if ',' in l)
family = {}
for r in csv.DictReader(open(os.path.join(folder, 'index.csv'))):
    if r['name'] in model: family.setdefault(r['family'], []).append((int(r['nets']), r['name']))
out, others = [], []
for k, (f, members) in enumerate(sorted(family.items())):
    if len(members) < 2: continue
    members.sort(reverse=True)
    first = members[0][1]
    d = os.path.join(folder, first)
    name = f'{prefix}-{k}.safetensors'
    find = lambda n: next(os.path.join(d, x) for x in (n, n + '.gz') if os.path.exists(os.path.join(d, x)))
    c = [weft, 'calibrate', '--quiet', '--out', name, '--model', model[first], '--lib', os.path.join(folder, 'cells.lib.gz'), '--lef', os.path.join(folder, 'tech.lef.gz'), '--lef', os.path.join(folder, 'cells.lef.gz'),
         '--verilog', find('design.v'), '--def', find('design.def'), '--sdc', find('design.sdc'), '--truth-spef', find('design.spef')]
    r = subprocess.run(c, capture_output=True, text=True)
    if r.returncode:
        print(f'{f}: {r.stderr[-200:]}', file=sys.stderr)
        continue
    for _, m in members[1:]:
        out.append(f'{m},{name}')
        others.append(m)
open(prefix + '.csv', 'w').write('\n'.join(out) + '\n')
print(' '.join(others))
