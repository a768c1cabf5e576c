#!/usr/bin/env python3
"""Slack from placement alone against the routed truth: `weft predict` on every design, beside the plain spanning tree
mst:0.16,2.0 of the same engine. Standard library only.
usage: placement_timing.py WEFT CIRCUITS_DIR TECH [--model M | --folds FILE] [--out TABLE] [DESIGN ..]
FILE, written by `weft calibrate --folds K --fold-models PREFIX`: lines "design,model"; each design is predicted by a model
that never saw its family. Errors in ps over the endpoints that both constrain; truth: the same engine on the routed SPEF
(it agrees with the golden timing within 0.1 ps: bench/golden_timing.py)."""
import csv, json, os, subprocess, sys, time

LOOPS = {'ue1', 'fpgacell', 'riceshelley_tinyfpga', 'tinytapeout_03p5_part'}
LIBS = {'asap7': ['simple', 'invbuf', 'ao', 'oa', 'seq']}

def find(folder, name):
    for n in (name, name + '.gz'):
        if os.path.exists(os.path.join(folder, n)): return os.path.join(folder, n)
    return None

def quantile(v, q):
    v = sorted(v)
    if not v: return float('nan')
    k = q * (len(v) - 1)
    i = int(k)
    return v[i] + (v[min(i + 1, len(v) - 1)] - v[i]) * (k - i)

def main():
    args, opt = [], {}
    it = iter(sys.argv[1:])
    for a in it:
        if a.startswith('--'): opt[a[2:]] = next(it)
        else: args.append(a)
    weft, root, tech, only = args[0], args[1], args[2], args[3:]
    folder = os.path.join(root, tech)
    model = {}
    if 'folds' in opt:
        with open(opt['folds']) as f: model = dict(l.strip().split(',', 1) for l in f if ',' in l)
    lines, rows = [], []
    def say(s):
        print(s, flush=True)
        lines.append(s)
    say('%-34s %8s %8s %7s %8s %8s %7s %8s %8s %8s %8s %6s %6s' % ('design', 'setup', 'mst', 'ratio', 'hold', 'mst', 'ratio', 'wns', 'mst', 'wns_h', 'mst', 'in_lo_hi', 's'))
    for name in sorted(os.listdir(folder)):
        d = os.path.join(folder, name)
        if not os.path.isdir(d) or (only and name not in only): continue
        c = [weft, 'predict', '--quiet', '--json', '-']
        for l in LIBS.get(tech, ['cells']): c += ['--lib', os.path.join(folder, l + '.lib.gz')]
        if tech == 'asap7': c += ['--pin-cap', 'range-min']
        for l in ('tech.lef', 'cells.lef'): c += ['--lef', find(folder, l)]
        c += ['--verilog', find(d, 'design.v'), '--def', find(d, 'design.def'), '--sdc', find(d, 'design.sdc'), '--truth-spef', find(d, 'design.spef')]
        m = model.get(name, opt.get('model'))
        if m: c += ['--model', m]
        t0 = time.time()
        p = subprocess.run(c, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wall = time.time() - t0
        if p.returncode:
            say('%-34s exit %d: %s' % (name, p.returncode, p.stderr.strip()[-200:]))
            continue
        k = json.loads(p.stdout)['corners'][0]
        e = k['errors']
        a, b = e[0], [x for x in e if x['wires'] == 'mst:0.16,2.0'][-1]
        inside = [x['lo'] <= x['truth'] <= x['hi'] for x in k['endpoints'] if x.get('lo') is not None and x.get('truth') is not None]
        r = {'name': name, 'inside': sum(inside) / len(inside) if inside else float('nan')}
        for key in ('setup_mean', 'hold_mean', 'setup_wns', 'hold_wns'):
            for t, x in (('', a), ('mst_', b)): r[t + key] = float('nan') if x[key] is None else x[key] * 1e3
        r['setup_ratio'] = r['setup_mean'] / r['mst_setup_mean'] if r['mst_setup_mean'] else float('nan')
        r['hold_ratio'] = r['hold_mean'] / r['mst_hold_mean'] if r['mst_hold_mean'] else float('nan')
        r['loop'] = name in LOOPS
        rows.append(r)
        say('%-34s %8.2f %8.2f %7.2f %8.2f %8.2f %7.2f %8.2f %8.2f %8.2f %8.2f %8.2f %6.2f%s' % (name, r['setup_mean'], r['mst_setup_mean'], r['setup_ratio'], r['hold_mean'],
            r['mst_hold_mean'], r['hold_ratio'], r['setup_wns'], r['mst_setup_wns'], r['hold_wns'], r['mst_hold_wns'], r['inside'], wall, ' (loops)' if r['loop'] else ''))
    s = [r for r in rows if not r['loop']]
    say('')
    for key, text in (('setup_mean', 'setup slack MAE'), ('hold_mean', 'hold slack MAE'), ('setup_wns', 'setup WNS error'), ('hold_wns', 'hold WNS error')):
        for t, who in (('', 'model'), ('mst_', 'mst:0.16,2.0')):
            v = [r[t + key] for r in s if r[t + key] == r[t + key]]
            say('%-16s %-14s median %8.2f  p90 %8.2f  worst %8.2f  (%d designs)' % (text, who, quantile(v, .5), quantile(v, .9), max(v, default=float('nan')), len(v)))
    for key in ('setup_ratio', 'hold_ratio'):
        v = [r[key] for r in s if r[key] == r[key]]
        say('%s: median %.3f, above 1: %d of %d, above 1.1: %d' % (key, quantile(v, .5), sum(x > 1 for x in v), len(v), sum(x > 1.1 for x in v)))
    v = [r['inside'] for r in s if r['inside'] == r['inside']]
    if v: say('endpoints whose truth lies within lo..hi: median over designs %.2f, mean %.2f, worst %.2f' % (quantile(v, .5), sum(v) / len(v), min(v)))
    if 'out' in opt:
        with open(opt['out'], 'w') as f: f.write('\n'.join(lines) + '\n')

main()
