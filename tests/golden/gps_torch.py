#!/usr/bin/env python3
"""Golden values of whole GPS layers, of pruned attention and of two training steps of the ZINC preset, in plain PyTorch (double) from the papers' equations.
Writes tests/golden/gps.safetensors, which tests/nn/test_golden_gps.c reads.       usage: gps_torch.py [OUT]

Layers: as in layers_torch.py, the batch is two graphs. The ZINC model's 423,717 numbers are a formula of name and place (`formula`), as is what
gradients are held against, so that the file stays small. No dropout: its masks would be another generator's."""
import math

import torch
import torch.nn.functional as F

from layers_torch import Graph, heads_of, linear, param, store, write

torch.manual_seed(6)
D, HEADS, FIRST = 6, 2, [0, 4, 9]
pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (4, 7), (4, 6)]  # 8 hears of none
graph = Graph(9, 9, pairs + [(v, u) for u, v in pairs])


def batch_norm(p, name, d=D):
    gamma, beta = param(p, name + ".weight", 1, d), param(p, name + ".bias", 1, d)
    return lambda x: (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-5).sqrt() * gamma + beta


def by_segment(first, run, *of):
    return torch.cat([run(*[t[first[s] : first[s + 1]] for t in of]) for s in range(len(first) - 1)])


def attention(q, k, v, heads):
    q, k, v = (heads_of(t, heads).transpose(0, 1) for t in (q, k, v))
    return (torch.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[2]), 2) @ v).transpose(0, 1).flatten(1)


def softmax(p, name, first, d=D, heads=HEADS):
    q, k, v, out = (linear(p, name + "." + n, d, d) for n in ("q", "k", "v", "out"))
    return lambda x: out(by_segment(first, lambda a, b, c: attention(a, b, c, heads), q(x), k(x), v(x)))


def performer(p, name, first):
    """Features of the softmax kernel; omega is a formula: sin(1 + 0.37 i + 1.7 j + 0.011 i j)."""
    q, k, v = (linear(p, name + "." + n, D, 64 * HEADS, False) for n in ("q", "k", "v"))
    out = linear(p, name + ".out", 64 * HEADS, D)
    m = int(64 * math.log(64))
    i, j = torch.arange(64.0, dtype=torch.float64)[:, None], torch.arange(float(m), dtype=torch.float64)[None]
    omega = torch.sin(1 + 0.37 * i + 1.7 * j + 0.011 * i * j)

    def run(q, k, v):
        q, k, v = (heads_of(t, HEADS).transpose(0, 1) for t in (q, k, v))

        def features(x, dims):
            x = x * 64**-0.25
            y = x @ omega
            return (torch.exp(y - (x * x).sum(2, keepdim=True) / 2 - y.detach().amax(dims, keepdim=True)) + 1e-4) / math.sqrt(m)
        fq, fk = features(q, (2,)), features(k, (1, 2))
        return ((fq @ (fk.transpose(1, 2) @ v)) / (fq @ fk.sum(1)[:, :, None])).transpose(0, 1).flatten(1)
    return lambda x: out(by_segment(first, run, q(x), k(x), v(x)))


def sgformer(p, name, first):
    q, k, v, out = (linear(p, name + "." + n, D, D) for n in ("q", "k", "v", "out"))

    def run(q, k, v):
        q, k, v = (heads_of(t, HEADS).transpose(0, 1) for t in (q, k, v))
        q, k, n = q / q.norm(dim=2, keepdim=True), k / k.norm(dim=2, keepdim=True), q.shape[1]
        return ((n * v + q @ (k.transpose(1, 2) @ v)) / (n + q @ k.sum(1)[:, :, None])).transpose(0, 1).flatten(1)
    return lambda x: out(by_segment(first, run, q(x), k(x), v(x)))


def softmax_gated(p, name, first):
    q, k, v, out = (linear(p, name + "." + n, D, D) for n in ("q", "k", "v", "out"))
    gate = linear(p, name + ".gate", D, HEADS)

    def run(x):
        share = HEADS * torch.softmax(gate(x).clamp(-5, 5), 1)
        return out(by_segment(first, lambda a, b, c: attention(a, b, c, HEADS), q(x), k(x), v(x)) * share.repeat_interleave(D // HEADS, 1))
    return run


def gaussian(p, name, first):
    gamma, beta, alpha = (param(p, name + ".score." + n, 1, D) for n in ("weight", "bias", "mean_scale"))
    out = linear(p, name + ".out", D, D)

    def run(x):
        y = x - alpha * x.mean(0)
        z = gamma * y / ((y * y).mean(0) + 1e-5).sqrt() + beta
        bell = torch.exp(-z * z / 2)
        return x * bell / bell.mean(0)
    return lambda x: out(by_segment(first, run, x))


def agent(p, name, first, groups=2):
    q, k, v, out = (linear(p, name + "." + n, D, D) for n in ("q", "k", "v", "out"))

    def run(q, k, v):
        group = torch.arange(len(q)) * groups // len(q)
        a = torch.stack([q[group == i].mean(0) for i in range(groups)])
        return attention(q, a, attention(a, k, v, HEADS), HEADS)
    return lambda x: out(by_segment(first, run, q(x), k(x), v(x)))


def gcn(p, g):
    w, b = param(p, "gps.local.weight", D, D), param(p, "gps.local.bias", 1, D)
    g = g.looped()
    return lambda x, e: g.sum(g.gcn() * (x @ w)[g.s]) + b


def gin(p, g):
    first, second = linear(p, "gps.local.mlp.0", D, D), linear(p, "gps.local.mlp.1", D, D)
    return lambda x, e: second(F.relu(first(x + g.sum(x[g.s]))))


def gine(p, g, name="gps.local", d=D):
    first, second = linear(p, name + ".mlp.0", d, d), linear(p, name + ".mlp.1", d, d)
    return lambda x, e: second(F.relu(first(x + g.sum(F.relu(x[g.s] + e)))))


def gat(p, g):
    w, a_s, a_t, b = param(p, "gps.local.weight", D, D), param(p, "gps.local.att_src", 1, D), param(p, "gps.local.att_dst", 1, D), param(p, "gps.local.bias", 1, D)
    g = g.looped()

    def run(x, e):
        h = x @ w
        a = g.softmax(F.leaky_relu(heads_of(h * a_s, HEADS).sum(2)[g.s] + heads_of(h * a_t, HEADS).sum(2)[g.t], 0.2))
        return g.sum((a[:, :, None] * heads_of(h, HEADS)[g.s]).flatten(1)) + b
    return run


def pna(p, g):
    post, delta = linear(p, "gps.local.post", 13 * D, D), 1.1

    def run(x, e):
        m = x[g.s]
        mean = g.mean(m)
        var = g.mean(m * m) - mean * mean
        std = torch.where(var > 1e-5, var.clamp(min=1e-5).sqrt(), torch.zeros_like(var))
        four = torch.cat([mean, g.extreme(m, False), g.extreme(m, True), std], 1)
        d = g.degree()[:, None]
        return post(torch.cat([x, four, four * (torch.log(d + 1) / delta), four * (delta / torch.log(d.clamp(min=1) + 1))], 1))
    return run


def gatedgcn(p, g):
    """Returns the activated nodes and what goes on along the edges."""
    a, b, c, d, f = (linear(p, "gps.local." + k, D, D) for k in "ABCDE")
    node, edge = batch_norm(p, "gps.local.node_norm"), batch_norm(p, "gps.local.edge_norm")

    def run(x, e):
        s = d(x)[g.t] + f(x)[g.s] + c(e)
        gate = torch.sigmoid(s)
        y = a(x) + g.sum(gate * b(x)[g.s]) / (g.sum(gate) + 1e-6)
        return F.relu(node(y)), e + F.relu(edge(s))
    return run


def layer(p, name, g, local, attend, d=D):
    """Rampasek et al. 2022, eq. 1-5; parameters of local and attend are there already."""
    n1, n2, n3 = (batch_norm(p, name + "." + n, d) for n in ("local_norm", "global_norm", "out_norm"))
    up, down = linear(p, name + ".up", d, 2 * d), linear(p, name + ".down", 2 * d, d)

    def run(x, e):
        y = local(x, e)
        y, e = y if isinstance(y, tuple) else (y, e)
        z = n1(x + y) + n2(x + attend(x))
        return n3(z + down(F.relu(up(z)))), e
    return run


def case(name, local, attend):
    x, e = torch.randn(9, D, requires_grad=True), torch.randn(len(graph.arcs), D, requires_grad=True)
    p = {}
    y, out = layer(p, "gps", graph, local(p, graph), attend(p, "gps.global", FIRST))(x, e)
    if local is gatedgcn:
        y = y + graph.sum(out)  # what goes on along the edges is looked at through its sums
    r = torch.randn_like(y)
    (r * y).sum().backward()
    for key, v in (("x", x), ("e", e), ("y", y), ("r", r), ("dx", x.grad)):
        store[name + "/" + key] = v.detach().clone()
    if local in (gine, gatedgcn):
        store[name + "/de"] = e.grad
    for key, v in p.items():
        store[name + "/value/" + key] = v.detach().clone()
        store[name + "/grad/" + key] = v.grad


# ---- encoders of eigenvectors: x is the vectors [9, 3], the last of them missing in the first graph ---------------------------------------------
K = 3


def sign_net(set_):
    def run(p, v, e):
        layers = []
        for i, d in enumerate((1, D)):
            name = "s.phi.%d" % i
            first = linear(p, name + ".0", d, D)
            layers.append((first, batch_norm(p, name + ".norm"), linear(p, name + ".1", D, D)))
        rho = [linear(p, "s.rho.0", D if set_ else K * D, D), linear(p, "s.rho.1", D, 4)]
        h = torch.stack([v, -v])[:, :, :, None]  # sign, node, frequency, column
        for i, (first, norm, second) in enumerate(layers):
            near = torch.zeros_like(h).index_add(1, graph.t, h[:, graph.s])
            z = first((h + near).reshape(-1, h.shape[3]))
            h = second(F.relu(norm(z))).view(2, 9, K, D)
            h = F.relu(h) if i == 0 else h
        there = torch.ones(9, K, 1)
        there[: FIRST[1], K - 1] = 0
        h = (h[0] + h[1]) * there
        return rho[1](F.relu(rho[0](h.sum(1) if set_ else h.flatten(1))))
    return run


def stable(kind, map_):
    def run(p, v, e):
        point = linear(p, "r.map", K, D) if map_ else lambda v: v
        first, second = linear(p, "r.first", 1, D), linear(p, "r.second", D, 1)
        d = ((point(v)[graph.s] - point(v)[graph.t]) ** 2).sum(1, keepdim=True)
        r, x = torch.sigmoid(second(F.relu(first(d)))), torch.cat([v, v * v], 1)
        if kind == "gine":
            one, two = linear(p, "c.mlp.0", D, D), linear(p, "c.mlp.1", D, D)
            return two(F.relu(one(x + graph.sum(r * F.relu(x[graph.s] + e)))))
        a, b, c, d, f = (linear(p, "c." + k, D, D) for k in "ABCDE")
        gate = torch.sigmoid(d(x)[graph.t] + f(x)[graph.s] + c(e)) * r
        return a(x) + graph.sum(gate * b(x)[graph.s]) / (graph.sum(gate) + 1e-6)
    return run


def encoder(name, run):
    v, e, p = torch.randn(9, K), torch.randn(len(graph.arcs), D), {}
    v[: FIRST[1], K - 1] = 0
    v.requires_grad_(True)
    y = run(p, v, e)
    r = torch.randn_like(y)
    (r * y).sum().backward()
    for key, t in (("x", v), ("e", e), ("y", y), ("r", r), ("dx", v.grad)):
        store[name + "/" + key] = t.detach().clone()
    for key, t in p.items():
        store[name + "/value/" + key] = t.detach().clone()
        store[name + "/grad/" + key] = t.grad


# ---- two steps of the ZINC preset ------------------------------------------------------------------------------------------------------------
def formula(name, salt, n):
    """n numbers in -0.5 .. 0.5 from a name: FNV-1a of it, then an integer mix of it and the place."""
    h = 2166136261
    for c in name.encode():
        h = (h ^ c) * 16777619 % 2**32
    x = (h + (torch.arange(n, dtype=torch.int64) + salt * 1000003) * 2654435769) % 2**32
    x = (x ^ (x >> 15)) * 739982445 % 2**32
    x = (x ^ (x >> 12)) * 695872825 % 2**32
    return (x ^ (x >> 15)).double() / 2**32 - 0.5


def by_formula(p):
    for name, v in p.items():
        u = formula(name, 0, v.numel()).view(v.shape)
        v.data = 1 + 0.4 * u if name.endswith("norm.weight") else 0.4 * u if v.shape[0] == 1 else 2 * u / math.sqrt(v.shape[0])


def molecules():
    """Five of our own making: atoms by code, bonds (from, to, code)."""
    ring = lambda n, at=0: [(at + i, at + (i + 1) % n, 1 + i % 2) for i in range(n)]
    return [([0, 0, 0, 0, 0, 2, 1, 0], ring(5) + [(4, 5, 1), (5, 6, 2), (5, 7, 1)]), ([0, 1, 3], [(0, 1, 1), (1, 2, 3)]),
            ([0, 0, 0, 7, 0, 0, 12, 0, 4, 0, 0], ring(6) + [(2, 6, 1)] + ring(3, 7) + [(6, 7, 1), (9, 10, 2)]), ([5], []),
            ([0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 18, 0], ring(6) + ring(5, 5)[:-1] + [(9, 4, 1), (1, 10, 1), (10, 11, 2)])]


def zinc():
    d, k, sets = 64, 20, molecules()
    first, atom, bond = [0], [], []
    for atoms, bonds in sets:
        bond += [(first[-1] + a, first[-1] + b, c) for a, b, c in bonds]
        atom += atoms
        first.append(len(atom))
    n = len(atom)
    kind = {}
    for a, b, c in bond:
        kind[a, b] = kind[b, a] = c
    g = Graph(n, n, list(kind))
    adjacent = torch.zeros(n, n)
    adjacent[g.t, g.s] = 1
    walk = adjacent / adjacent.sum(1, keepdim=True).clamp(min=1)
    power, rwse = torch.eye(n), []
    for _ in range(k):
        power = power @ walk
        rwse.append(power.diagonal())
    rwse = torch.stack(rwse, 1)
    x, e = F.one_hot(torch.tensor(atom), 28).double(), F.one_hot(torch.tensor([kind[a] for a in g.arcs]), 4).double()
    target = torch.tensor([[0.3], [-1.2], [2.5], [0.0], [-0.4]])
    p = {}
    node, norm, place, edge = linear(p, "node", 28, 36, False), batch_norm(p, "position.norm", k), linear(p, "position.linear", k, 28), linear(p, "edge", 4, d, False)
    layers = [layer(p, "layer.%d" % i, g, gine(p, g, "layer.%d.local" % i, d), softmax(p, "layer.%d.global" % i, first, d, 4), d) for i in range(10)]
    head = [linear(p, "head.%d" % i, a, b) for i, (a, b) in enumerate(((64, 32), (32, 16), (16, 1)))]
    by_formula(p)
    member = torch.repeat_interleave(torch.arange(len(sets)), torch.tensor(first).diff())

    def forward():
        h, f = torch.cat([node(x), place(norm(rwse))], 1), edge(e)
        for one in layers:
            h, _ = one(h, f)
        h = torch.zeros(len(sets), d).index_add(0, member, h)
        return head[2](F.relu(head[1](F.relu(head[0](h)))))
    optim = torch.optim.AdamW(p.values(), lr=1e-3, weight_decay=1e-5)
    losses = []
    for step in range(3):
        y = forward()
        loss = (y - target).abs().mean()
        losses.append(loss.item())
        optim.zero_grad()
        loss.backward()
        if step == 0:
            store["zinc/y"] = y.detach()
            for name, v in p.items():
                store["zinc/look/" + name] = torch.stack([v.grad.norm()] + [(v.grad.flatten() * formula(name, s, v.numel())).sum() for s in (1, 2, 3)])[None]
        torch.nn.utils.clip_grad_norm_(list(p.values()), 1.0)
        optim.step()
    store["zinc/loss"] = torch.tensor([losses])
    store["zinc/rwse"], store["zinc/target"] = rwse, target
    for key, v in (("first", first), ("atom", atom), ("bond", bond)):
        store["zinc/" + key] = torch.tensor(v, dtype=torch.int32).view(len(v), -1)


# ---- softmax over the best blocks of keys: queries by 32, keys by 64, three segments of which one is kept whole ---------------------------------
def blocks_kept(q, k, kept):
    """Of one block of queries and one head: from chunks of 64 2^l keys down to blocks of 64."""
    n, size = len(k), 64
    count = lambda: -(-n // size)
    while count() > 2 * kept:
        size *= 2
    chunks = list(range(count()))
    while True:
        if len(chunks) > kept:
            score = [(q @ k[c * size : (c + 1) * size].mean(0)).max().item() for c in chunks]
            chunks = sorted(sorted(chunks, key=lambda c: -score[chunks.index(c)])[:kept])
        if size == 64:
            return chunks
        size //= 2
        chunks = [c for p in chunks for c in (2 * p, 2 * p + 1) if c < count()]


def top_k(kept=3, heads=2, c=4, queries=(0, 40, 40 + 33, 40 + 33 + 50), keys=(0, 1350, 1350 + 250, 1350 + 250 + 180)):
    q, k, v = (3 * formula("top_k/" + n, 0, rows * heads * c).view(rows, heads, c) for n, rows in (("q", queries[-1]), ("k", keys[-1]), ("v", keys[-1])))
    y = torch.zeros(queries[-1], heads, c)
    for s in range(len(queries) - 1):
        ks, vs = k[keys[s] : keys[s + 1]], v[keys[s] : keys[s + 1]]
        for i in range(queries[s], queries[s + 1], 32):
            rows = slice(i, min(i + 32, queries[s + 1]))
            for h in range(heads):
                there = torch.full((len(ks),), -math.inf)
                for b in blocks_kept(q[rows, h], ks[:, h], kept):
                    there[b * 64 : (b + 1) * 64] = 0
                y[rows, h] = torch.softmax(q[rows, h] @ ks[:, h].T / math.sqrt(c) + there, 1) @ vs[:, h]
    store["top_k/y"] = y.flatten(1)


for local in (gcn, gin, gine, gat, gatedgcn, pna):
    case(local.__name__ + "_softmax", local, softmax)
for attend in (performer, sgformer, agent):
    case("gatedgcn_" + attend.__name__, gatedgcn, attend)
encoder("sign_net_set", sign_net(True))
encoder("sign_net_side", sign_net(False))
for kind in ("gine", "gatedgcn"):
    encoder("stable_" + kind, stable(kind, False))
    encoder("stable_map_" + kind, stable(kind, True))
for attend in (softmax_gated, gaussian):
    case("gatedgcn_" + attend.__name__, gatedgcn, attend)
store["graph"] = torch.tensor(graph.arcs, dtype=torch.int32)
zinc()
top_k()
write(store, "gps.safetensors")
