#!/usr/bin/env python3
"""A binary AIGER file as arcs fan-in -> gate, one a line, without the constant's: aig_arcs.py FILE.aig >arcs.txt"""
import sys

data = open(sys.argv[1], "rb").read()
at = data.index(b"\n") + 1
m, i, l, o, a = map(int, data[:at].split()[1:6])
for _ in range(l + o):
    at = data.index(b"\n", at) + 1


def number():
    global at
    x = shift = 0
    while True:
        b = data[at]
        at += 1
        x |= (b & 127) << shift
        shift += 7
        if b < 128:
            return x


out = []
for k in range(a):
    lhs = 2 * (i + l + k + 1)
    r0 = lhs - number()
    r1 = r0 - number()
    out += ["%d %d" % (r // 2 - 1, lhs // 2 - 1) for r in (r0, r1) if r > 1]
print("\n".join(out))
