#!/usr/bin/env python3
"""Times every routed design with its SPEF and compares with the golden timing: one row per design, then the limits.
Standard library only.
usage: golden_timing.py WEFT CIRCUITS_DIR [TECH[/DESIGN] ..] [--out TABLE] [--keep DIR]
Columns: endpoint slack error (mean, worst) in ps for setup and hold, worst-slack error, coefficients of determination of
arrival and slew, mean error of arc delays, pins missing and extra, wall seconds. '-': no such value in the golden file."""
import csv, gzip, math, os, subprocess, sys, tempfile, time

LOOPS = {'ue1', 'fpgacell', 'riceshelley_tinyfpga', 'tinytapeout_03p5_part'}
TECHS = ['sky130hd', 'gf180mcu7t', 'gf180mcu', 'nangate45', 'asap7']
LIBS = {'asap7': ['simple', 'invbuf', 'ao', 'oa', 'seq']}

def rows(path):
    with (gzip.open if path.endswith('.gz') else open)(path, 'rt', newline='') as f:
        r = csv.reader(f)
        head = next(r)
        return head, list(r)

def internal(name):
    return name.rsplit('/', 1)[-1].startswith('IQ')

def keyed(data):
    seen, out = {}, {}
    for r in data:
        k = seen.get(r[0], 0)
        seen[r[0]] = k + 1
        out[(r[0], k)] = r
    return out

def r2(pairs):
    if not pairs: return float('nan')
    m = sum(g for g, _ in pairs) / len(pairs)
    tot = sum((g - m) ** 2 for g, _ in pairs)
    return 1 - sum((g - w) ** 2 for g, w in pairs) / tot if tot else 1.0

def worst(*texts):
    v = [float(x) for x in texts if x != '']
    return min(v) if v else None

def find(folder, name):
    for n in (name, name + '.gz'):
        if os.path.exists(os.path.join(folder, n)): return os.path.join(folder, n)
    return None

def command(weft, folder, tech, pins, arcs):
    parent = os.path.dirname(folder)
    c = [weft, 'time', '--quiet']
    for l in LIBS.get(tech, ['cells']): c += ['--lib', os.path.join(parent, l + '.lib.gz')]
    c += ['--verilog', find(folder, 'design.v'), '--sdc', find(folder, 'design.sdc'), '--spef', find(folder, 'design.spef'),
          '--pins-csv', pins, '--arcs-csv', arcs]
    return c + (['--pin-cap', 'range-min'] if tech == 'asap7' else [])

def compare(folder, pins, arcs):
    head, mine = rows(pins)
    ghead, gold = rows(find(folder, 'golden_pins.csv'))
    assert head == ghead, 'headers differ'
    W, G = keyed(mine), keyed([r for r in gold if not internal(r[0])])
    at = {n: i for i, n in enumerate(head)}
    r = {'missing': len(G.keys() - W.keys()), 'extra': len(W.keys() - G.keys()), 'holes': 0, 'flags': 0}
    for side in ('setup', 'hold'):
        err, wns_g, wns_w = [], None, None
        for k, g in G.items():
            w = W.get(k)
            if w is None: continue
            gs, ws = (worst(x[at['slack_%s_rise' % side]], x[at['slack_%s_fall' % side]]) for x in (g, w))
            if g[2] != '1': continue
            if (gs is None) != (ws is None): r['holes'] += 1
            if gs is None or ws is None: continue
            err.append((abs(gs - ws) * 1e3, k[0]))
            wns_g = gs if wns_g is None else min(gs, wns_g)
            wns_w = ws if wns_w is None else min(ws, wns_w)
        r[side + '_mean'] = sum(e for e, _ in err) / len(err) if err else None
        r[side + '_max'], r[side + '_pin'] = max(err) if err else (None, '')
        r[side + '_wns'] = abs(wns_g - wns_w) * 1e3 if err else None
    for what in ('arrival', 'slew'):
        pairs, holes = [], 0
        for k, g in G.items():
            w = W.get(k)
            if w is None: continue
            for i, n in enumerate(head):
                if not n.startswith(what): continue
                if (g[i] == '') != (w[i] == ''): holes += 1
                elif g[i]: pairs.append((float(g[i]), float(w[i])))
        r[what], r[what + '_holes'] = r2(pairs), holes
    for k, g in G.items():
        if k in W: r['flags'] += g[1] != W[k][1] or g[2] != W[k][2]
    def delays(path, names, drop):
        out = {}
        for f, t, kind, a, b, x, y in rows(path)[1]:
            p, q = names[int(f)], names[int(t)]
            if not (drop and (internal(p) or internal(q))): out[(p, q, kind, a, b)] = (x, y)
        return out
    A = delays(arcs, [x[0] for x in mine], False)
    B = delays(find(folder, 'golden_arcs.csv'), [x[0] for x in gold], True)
    total = n = 0
    top = (0, '')
    for k, b in B.items():
        for x, y in zip(b, A.get(k, ('', ''))):
            if x and y:
                e = abs(float(x) - float(y)) * 1e3
                total += e
                n += 1
                if e > top[0]: top = (e, '%s->%s %s' % (k[0], k[1], k[2]))
    r['arc'], r['arc_max'], r['arc_at'] = total / max(1, n), top[0], top[1]
    r['arcs_missing'], r['arcs_extra'] = len(B.keys() - A.keys()), len(A.keys() - B.keys())
    return r

def show(x, digits=3):
    return '-' if x is None or (isinstance(x, float) and math.isnan(x)) else '%.*f' % (digits, x)

def median(v):
    v = sorted(v)
    return float('nan') if not v else (v[(len(v) - 1) // 2] + v[len(v) // 2]) / 2

def main():
    args, out, keep = [], None, None
    it = iter(sys.argv[1:])
    for a in it:
        if a == '--out': out = next(it)
        elif a == '--keep': keep = next(it)
        else: args.append(a)
    weft, root = args[0], args[1]
    wanted = args[2:] or TECHS
    lines, results = [], []
    def say(s):
        print(s, flush=True)
        lines.append(s)
    say('%-36s %8s %8s %8s %8s %7s %7s %11s %11s %8s %5s %5s %6s %6s %5s %5s %6s' % ('design', 'setup', 'worst', 'hold', 'worst', 'wns_s', 'wns_h',
        'arrival R2', 'slew R2', 'arcs', 'miss', 'extra', 'holes', 'aholes', 'flags', 'amiss', 's'))
    for w in wanted:
        tech, _, one = w.partition('/')
        names = [one] if one else sorted(d for d in os.listdir(os.path.join(root, tech)) if os.path.isdir(os.path.join(root, tech, d)))
        for name in names:
            folder = os.path.join(root, tech, name)
            with tempfile.TemporaryDirectory() as tmp:
                d = keep or tmp
                pins, arcs = os.path.join(d, name + '.pins.csv'), os.path.join(d, name + '.arcs.csv')
                t0 = time.time()
                p = subprocess.run(command(weft, folder, tech, pins, arcs), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                wall = time.time() - t0
                if p.returncode:
                    say('%-36s exit %d: %s' % (tech + '/' + name, p.returncode, p.stderr.strip()[-200:]))
                    continue
                r = compare(folder, pins, arcs)
            r['name'], r['loop'] = name, name in LOOPS
            results.append(r)
            say('%-36s %8s %8s %8s %8s %7s %7s %11s %11s %8s %5d %5d %6d %6d %5d %5d %6.2f%s' % (tech + '/' + name, show(r['setup_mean']), show(r['setup_max']),
                show(r['hold_mean']), show(r['hold_max']), show(r['setup_wns']), show(r['hold_wns']), show(r['arrival'], 8), show(r['slew'], 8),
                show(r['arc']), r['missing'], r['extra'], r['holes'], r['arrival_holes'] + r['slew_holes'], r['flags'], r['arcs_missing'], wall, ' (loops)' if r['loop'] else ''))
    scored = [r for r in results if not r['loop']]
    for side in ('setup', 'hold'):
        v = [r[side + '_mean'] for r in scored if r[side + '_mean'] is not None]
        say('%s: median over designs %s ps (limit 0.1), worst design %s (0.5), worst endpoint %s (5), worst slack off by %s (2)' % (side, show(median(v)),
            show(max(v, default=None)), show(max((r[side + '_max'] for r in scored if r[side + '_max'] is not None), default=None)),
            show(max((r[side + '_wns'] for r in scored if r[side + '_wns'] is not None), default=None))))
    say('arrival R2 at least %s (limit .99999), slew R2 at least %s (.9999), arc delays off by at most %s ps on the mean of a design (0.1)' % (
        show(min((r['arrival'] for r in scored if not math.isnan(r['arrival'])), default=None), 8), show(min((r['slew'] for r in scored), default=None), 8), show(max((r['arc'] for r in scored), default=None))))
    say('designs with every pin %d of %d; with a slack on one side only: %d; clock or endpoint flags differ: %d; arcs missing in %d' % (sum(not r['missing'] and not r['extra'] for r in results),
        len(results), sum(r['holes'] > 0 for r in scored), sum(r['flags'] > 0 for r in scored), sum(r['arcs_missing'] > 0 for r in scored)))
    say('worst disagreements:')
    for r in sorted(scored, key=lambda r: -max(r['setup_max'] or 0, r['hold_max'] or 0))[:12]:
        say('  %-32s setup %s at %s; hold %s at %s; arc %s at %s' % (r['name'], show(r['setup_max']), r['setup_pin'], show(r['hold_max']), r['hold_pin'], show(r['arc_max']), r['arc_at']))
    if out: open(out, 'w').write('\n'.join(lines) + '\n')

main()
