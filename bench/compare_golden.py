#!/usr/bin/env python3
"""Compares a pins CSV (and an arcs CSV) of weft with the golden ones by pin names. Standard library only.
usage: compare_golden.py PINS.csv GOLDEN_PINS.csv[.gz] [ARCS.csv GOLDEN_ARCS.csv[.gz]] [--worst N]"""
import csv, gzip, sys

def rows(path):
    with (gzip.open if path.endswith('.gz') else open)(path, 'rt', newline='') as f:
        r = list(csv.reader(f))
    return r[0], r[1:]

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
    return 1 - sum((g - w) ** 2 for g, w in pairs) / tot if tot else float('nan')

args = [a for a in sys.argv[1:] if not a.startswith('--')]
n_worst = int(sys.argv[sys.argv.index('--worst') + 1]) if '--worst' in sys.argv else 0
if n_worst: args.remove(str(n_worst))
head, mine = rows(args[0]); ghead, gold = rows(args[1])
assert head == ghead, 'headers differ'
W, G = keyed(mine), keyed([r for r in gold if not internal(r[0])])
print('pins: golden %d, ours %d, missing %d, extra %d' % (len(G), len(W), len(G.keys() - W.keys()), len(W.keys() - G.keys())))
for k in list(G.keys() - W.keys())[:3]: print('  missing', k)
for k in list(W.keys() - G.keys())[:3]: print('  extra', k)
for i, col in enumerate(head):
    if i < 1: continue
    pairs, one = [], [0, 0]
    worst = []
    for k in G.keys() & W.keys():
        g, w = G[k][i], W[k][i]
        if i < 3:
            one[0] += g != w
            continue
        if (g == '') != (w == ''):
            one[w == ''] += 1
            if n_worst: worst.append((1e9, k, g, w))
        elif g: pairs.append((float(g), float(w))); worst.append((abs(float(g) - float(w)), k, g, w))
    if i < 3: print('%-20s differs on %d' % (col, one[0])); continue
    e = sorted(abs(g - w) for g, w in pairs)
    print('%-20s n %6d only-ours %d only-golden %d  mean %.4f ps  max %.3f ps  r2 %.8f' % (col, len(pairs), one[0], one[1], 1e3 * sum(e) / max(1, len(e)), 1e3 * (e[-1] if e else 0), r2(pairs)))
    for x in sorted(worst, reverse=True)[:n_worst]: print('     ', x)
if len(args) > 2:
    def arcs(path, names, drop):
        out = {}
        for f, t, kind, a, b, x, y in rows(path)[1]:
            p, q = names[int(f)], names[int(t)]
            if drop and (internal(p) or internal(q)): continue
            out[(p, q, kind, a, b)] = (x, y)
        return out
    A = arcs(args[2], [r[0] for r in mine], False); B = arcs(args[3], [r[0] for r in gold], True)
    by = {}
    for k in B.keys() & A.keys():
        for x, y in zip(B[k], A[k]):
            if x and y: by.setdefault(k[2], []).append((abs(float(x) - float(y)), k, x, y))
    print('arcs: golden %d ours %d missing %d extra %d' % (len(B), len(A), len(B.keys() - A.keys()), len(A.keys() - B.keys())))
    for k in sorted(B.keys() - A.keys())[:n_worst]: print('   missing', k, B[k])
    for k in sorted(A.keys() - B.keys())[:n_worst]: print('   extra', k, A[k])
    for kind, l in sorted(by.items()):
        l.sort(reverse=True)
        print('  %-18s n %6d mean %.4f ps max %.3f ps' % (kind, len(l), 1e3 * sum(x[0] for x in l) / len(l), 1e3 * l[0][0]))
        for x in l[:n_worst]: print('       ', x)
