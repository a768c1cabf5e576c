#!/usr/bin/env python3
"""Golden values and gradients of every layer, in plain PyTorch (double) written from the papers' equations: no graph library, nothing of weft.
Writes tests/golden/layers.safetensors, which tests/nn/test_golden.c reads.       usage: layers_torch.py [OUT]

Per case: x, y, dx = d sum(r * y) / dx, and value and gradient of every parameter under the name that weft gives it. Arcs are sorted by (destination, source)."""
import json
import math
import os
import struct
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
N, IN, OUT, EDGE = 7, 4, 6, 3
store = {}


class Graph:
    def __init__(self, n_src, n_dst, arcs):
        arcs = sorted(set(arcs), key=lambda a: (a[1], a[0]))
        self.n_src, self.n_dst, self.square = n_src, n_dst, n_src == n_dst
        self.s = torch.tensor([a[0] for a in arcs])
        self.t = torch.tensor([a[1] for a in arcs])
        self.arcs = arcs

    def looped(self):
        return Graph(self.n_src, self.n_dst, [a for a in self.arcs if a[0] != a[1]] + [(v, v) for v in range(self.n_dst)]) if self.square else self

    def sum(self, message):
        return torch.zeros(self.n_dst, message.shape[1]).index_add(0, self.t, message)

    def degree(self):
        return torch.bincount(self.t, minlength=self.n_dst).double()

    def mean(self, message):
        return self.sum(message) / self.degree().clamp(min=1)[:, None]

    def extreme(self, message, largest):
        rows = []
        for v in range(self.n_dst):
            m = message[self.t == v]
            rows.append(torch.zeros(message.shape[1]) if len(m) == 0 else (m.max(0)[0] if largest else m.min(0)[0]))
        return torch.stack(rows)

    def softmax(self, score):
        out = torch.zeros_like(score)
        for v in range(self.n_dst):
            at = self.t == v
            if at.any():
                out = out.masked_scatter(at[:, None].expand_as(score), torch.softmax(score[at], 0))
        return out

    def gcn(self):
        into = self.degree()
        of = into if self.square else torch.bincount(self.s, minlength=self.n_src).double()
        root = lambda d: torch.where(d > 0, d.clamp(min=1) ** -0.5, torch.zeros_like(d))
        return (root(of)[self.s] * root(into)[self.t])[:, None]

    def own(self, x):
        return x if self.square else x[: self.n_dst]


arcs = [(0, 1), (2, 1), (3, 1), (1, 0), (4, 0), (0, 2), (1, 2), (3, 2), (4, 2), (2, 3), (2, 2), (0, 4), (3, 4), (1, 4)]  # a loop at 2; 5 hears of none, 6 is alone
arcs += [(5, 3)]
square = Graph(N, N, arcs)
bipartite = Graph(N, 4, [(0, 1), (2, 1), (6, 1), (1, 0), (5, 0), (3, 2), (4, 2), (1, 2), (2, 2)])  # destination 3 hears of none


def param(p, name, *shape):
    p[name] = torch.randn(*shape) * 0.5
    p[name].requires_grad_(True)
    return p[name]


def linear(p, name, i, o, bias=True):
    w = param(p, name + ".weight", i, o)
    b = param(p, name + ".bias", 1, o) if bias else 0.0
    return lambda x: x @ w + b


def gcn(p, g, x, e):
    g = g.looped()
    w, b = param(p, "c.weight", IN, OUT), param(p, "c.bias", 1, OUT)
    return g.sum(g.gcn() * (x @ w)[g.s]) + b


def sage(kind):
    def run(p, g, x, e):
        pool = linear(p, "c.pool", IN, IN) if kind == "max" else None
        nbr, own = linear(p, "c.nbr", IN, OUT), linear(p, "c.self", IN, OUT, False)
        h = g.extreme(F.relu(pool(x))[g.s], True) if pool else g.mean(x[g.s])
        return nbr(h) + own(g.own(x))
    return run


def sage_lstm(p, g, x, e):
    pool, lstm = linear(p, "c.pool", IN, OUT), linear(p, "c.lstm", OUT, 4 * OUT)
    hidden = param(p, "c.lstm.hidden", OUT, 4 * OUT)
    nbr, own = linear(p, "c.nbr", OUT, OUT), linear(p, "c.self", IN, OUT, False)
    z, last = lstm(F.relu(pool(x))), []
    for v in range(g.n_dst):
        h = c = torch.zeros(1, OUT)
        for u in g.s[g.t == v]:
            i, f, k, o = (z[u : u + 1] + h @ hidden).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(k)
            h = torch.sigmoid(o) * torch.tanh(c)
        last.append(h)
    return nbr(torch.cat(last)) + own(g.own(x))


def heads_of(z, heads):
    return z.view(z.shape[0], heads, -1)


def gat(heads, concat):
    def run(p, g, x, e):
        g = g.looped()
        c = OUT // heads if concat else OUT
        w, a_s, a_t = param(p, "c.weight", IN, heads * c), param(p, "c.att_src", 1, heads * c), param(p, "c.att_dst", 1, heads * c)
        b = param(p, "c.bias", 1, heads * c if concat else c)
        h = x @ w
        score = heads_of(h * a_s, heads).sum(2)[g.s] + heads_of(g.own(h) * a_t, heads).sum(2)[g.t]
        a = g.softmax(F.leaky_relu(score, 0.2))
        y = g.sum((a[:, :, None] * heads_of(h, heads)[g.s]).flatten(1))
        return (y if concat else heads_of(y, heads).mean(1)) + b
    return run


def gatv2(p, g, x, e, heads=2):
    g = g.looped()
    source, target = linear(p, "c.source", IN, OUT), linear(p, "c.target", IN, OUT)
    att, b = param(p, "c.att", 1, OUT), param(p, "c.bias", 1, OUT)
    s, t = source(x), g.own(target(x))
    a = g.softmax(heads_of(att * F.leaky_relu(s[g.s] + t[g.t], 0.2), heads).sum(2))
    return g.sum((a[:, :, None] * heads_of(s, heads)[g.s]).flatten(1)) + b


def gin(p, g, x, e):
    first, second = linear(p, "c.mlp.0", IN, OUT), linear(p, "c.mlp.1", OUT, OUT)
    eps = param(p, "c.eps", 1, 1)
    return second(F.relu(first((1 + eps) * g.own(x) + g.sum(x[g.s]))))


def gine(p, g, x, e):
    first, second = linear(p, "c.mlp.0", IN, OUT), linear(p, "c.mlp.1", OUT, OUT)
    eps, edge = param(p, "c.eps", 1, 1), linear(p, "c.edge", EDGE, IN)
    return second(F.relu(first((1 + eps) * g.own(x) + g.sum(F.relu(x[g.s] + edge(e))))))


def gatedgcn(p, g, x, e):
    a, b, c, d, f = (linear(p, "c." + k, EDGE if k == "C" else IN, OUT) for k in "ABCDE")
    s = d(g.own(x))[g.t] + f(x)[g.s] + c(e)
    gate = torch.sigmoid(s)
    y = g.own(a(x)) + g.sum(gate * b(x)[g.s]) / (g.sum(gate) + 1e-6)
    return y + g.sum(s)  # the edges' own result is looked at through its sums


def pna(p, g, x, e):
    post, delta, m = linear(p, "c.post", 13 * IN, OUT), 1.1, x[g.s]
    mean, square_mean = g.mean(m), g.mean(m * m)
    var = square_mean - mean * mean
    std = torch.where(var > 1e-5, var.clamp(min=1e-5).sqrt(), torch.zeros_like(var))
    four = torch.cat([mean, g.extreme(m, False), g.extreme(m, True), std], 1)
    d = g.degree()[:, None]
    return post(torch.cat([g.own(x), four, four * (torch.log(d + 1) / delta), four * (delta / torch.log(d.clamp(min=1) + 1))], 1))


def transformer(p, g, x, e, heads=2):
    q, k, v, skip = (linear(p, "c." + n, IN, OUT) for n in ("query", "key", "value", "skip"))
    a = g.softmax((heads_of(q(g.own(x)), heads)[g.t] * heads_of(k(x), heads)[g.s]).sum(2) / math.sqrt(OUT // heads))
    return g.sum((a[:, :, None] * heads_of(v(x), heads)[g.s]).flatten(1)) + skip(g.own(x))


def rgcn(p, g, x, e):
    own = linear(p, "c.self", IN, OUT)
    y = own(g.own(x))
    for r in range(2):
        w = param(p, "c.relation.%d" % r, IN, OUT)
        sub = Graph(g.n_src, g.n_dst, [a for a in g.arcs if (a[0] + a[1]) % 2 == r])
        y = y + sub.mean((x @ w)[sub.s])
    return y


def mapped(then):
    def run(p, g, x, e):
        return then(p, g.looped(), linear(p, "map", IN, OUT)(x), g)
    return run


def walk(g, z):
    return g.sum(g.gcn() * z[g.s])


def appnp(p, g, h, plain):
    z = h
    for _ in range(3):
        z = 0.9 * walk(g, z) + 0.1 * h
    return z


def sgc(p, g, h, plain):
    return walk(g, walk(g, h))


def dagnn(p, g, z, plain):
    gate = linear(p, "d.gate", OUT, 1)
    y = torch.sigmoid(gate(z)) * z
    for _ in range(3):
        z = walk(g, z)
        y = y + torch.sigmoid(gate(z)) * z
    return y


def gcnii(p, g, h, plain):
    w = param(p, "g.weight", OUT, OUT)
    m = 0.9 * walk(g, F.relu(h)) + 0.1 * h
    return 0.6 * m + 0.4 * m @ w


def gpr(p, g, z, plain):
    gamma = param(p, "g.gamma", 1, 4)
    y = gamma[0, 0] * z
    for k in range(1, 4):
        z = walk(g, z)
        y = y + gamma[0, k] * z
    return y


def plaplacian(p, g, x, plain, power=1.5, mu=0.2, eps=0.1, steps=3, detach=False):
    g = plain
    pf, mf = param(p, "plap.p", 1, 1), param(p, "plap.mu", 1, 1)
    power = 1 + F.softplus(pf + math.log(math.expm1(power - 1)))
    mu = F.softplus(mf + math.log(math.expm1(mu)))
    d = (g.degree() + 1e-12)[:, None]
    f = x
    for _ in range(steps):
        scaled = f / d.sqrt()
        m = (((scaled[g.s] - scaled[g.t]) ** 2).sum(1, keepdim=True) + eps**2) ** ((power - 2) / 2)
        m = m.detach() if detach else m
        alpha = 1 / (g.sum(m) / d + 2 * mu / power)
        f = alpha * (g.sum(m * scaled[g.s]) / d.sqrt() + 2 * mu / power * x)
    return f


def plaplacian_detached(p, g, x, plain):
    return plaplacian(p, g, x, plain, detach=True)


def h2gcn(p, g, x, e):
    head = linear(p, "head", 28, OUT)
    one = Graph(N, N, [a for a in g.arcs if a[0] != a[1]])
    near = {v: {a[0] for a in one.arcs if a[1] == v} for v in range(N)}
    two = Graph(N, N, [(w, v) for v in range(N) for u in near[v] for w in near[u] if w != v and w not in near[v]])
    r = [x]
    for _ in range(2):
        r.append(torch.cat([walk(one, r[-1]), walk(two, r[-1])], 1))
    return head(torch.cat(r, 1))


def three(p, x):
    first, second, third = linear(p, "one", IN, OUT), linear(p, "two", IN, OUT), linear(p, "three", IN, OUT)
    return [first(x), second(x), third(x)]


def jump_max(p, g, x, e):
    return torch.stack(three(p, x)).max(0)[0]


def jump_lstm(p, g, x, e):
    each, hidden = three(p, x), 3 * OUT // 2

    def run(name, order):
        wi, wh, b = param(p, name + ".weight_ih", OUT, 4 * hidden), param(p, name + ".weight_hh", hidden, 4 * hidden), param(p, name + ".bias", 1, 4 * hidden)
        h = c = torch.zeros(x.shape[0], hidden)
        out = [None] * 3
        for k in order:
            i, f, z, o = (each[k] @ wi + h @ wh + b).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(z)
            h = torch.sigmoid(o) * torch.tanh(c)
            out[k] = h
        return out
    forth, back = run("j.forth", (0, 1, 2)), run("j.back", (2, 1, 0))
    att = linear(p, "j.att", 2 * hidden, 1)
    share = torch.softmax(torch.cat([att(torch.cat([forth[k], back[k]], 1)) for k in range(3)], 1), 1)
    return sum(share[:, k : k + 1] * each[k] for k in range(3))


GRAPH_OF = torch.tensor([0, 0, 0, 1, 1, 1, 1])


def graph_norm(p, g, x, e):
    gamma, beta, alpha = param(p, "n.weight", 1, IN), param(p, "n.bias", 1, IN), param(p, "n.mean_scale", 1, IN)
    parts = []
    for k in range(2):
        z = x[GRAPH_OF == k]
        z = z - alpha * z.mean(0)
        parts.append(z / ((z * z).mean(0) + 1e-5).sqrt())
    return gamma * torch.cat(parts) + beta


def attention_pool(p, g, x, e):
    gate = linear(p, "a.gate", IN, 1)
    return torch.cat([(torch.softmax(gate(x[GRAPH_OF == k]), 0) * x[GRAPH_OF == k]).sum(0, keepdim=True) for k in range(2)])


def embedding(p, g, x, e):
    return param(p, "e.weight", 5, IN)[torch.tensor([0, 3, 3, 1, 0, 4, 3])] * x


def batch_norm(p, g, x, e):
    gamma, beta = param(p, "n.weight", 1, IN), param(p, "n.bias", 1, IN)
    return (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-5).sqrt() * gamma + beta


def layer_norm(p, g, x, e):
    gamma, beta = param(p, "n.weight", 1, IN), param(p, "n.bias", 1, IN)
    return (x - x.mean(1, keepdim=True)) / (x.var(1, unbiased=False, keepdim=True) + 1e-5).sqrt() * gamma + beta


def mlp(p, g, x, e):
    return linear(p, "m.1", 5, OUT)(F.leaky_relu(linear(p, "m.0", IN, 5)(x), 0.1))


def impn(kind):
    """SAGE with gated messages; the LSTM is torch's cell run over each node's arcs by itself, its two biases as one."""
    def run(p, g, x, e):
        m, gate = F.relu(linear(p, "c.message", IN, OUT)(x)), torch.sigmoid(linear(p, "c.gate", EDGE, OUT)(e))
        message = m[g.s] * gate
        if kind == "lstm":
            w, b, u = param(p, "c.lstm.weight", OUT, 4 * OUT), param(p, "c.lstm.bias", 1, 4 * OUT), param(p, "c.lstm.hidden", OUT, 4 * OUT)
            rows = []
            for v in range(g.n_dst):
                state = (torch.zeros(1, OUT), torch.zeros(1, OUT))
                for one in message[g.t == v]:
                    state = torch.lstm_cell(one[None], state, w.T, u.T, b[0], torch.zeros(4 * OUT))
                rows.append(state[0][0])
            a = torch.stack(rows)
        else:
            a = g.mean(message) if kind == "mean" else g.extreme(message, True)
        y = F.relu(linear(p, "c.update", IN + OUT, OUT)(torch.cat([g.own(x), a], 1)))
        return y / y.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return run


def case(name, layer, g):
    x = torch.randn(g.n_src, IN, requires_grad=True)
    e = torch.randn(len(g.arcs), EDGE)
    p = {}
    y = layer(p, g, x, e)
    r = torch.randn_like(y)
    (r * y).sum().backward()
    put = lambda key, v: store.__setitem__(name + "/" + key, v.detach().clone())
    for key, v in (("x", x), ("e", e), ("y", y), ("r", r), ("dx", x.grad)):
        put(key, v)
    for key, v in p.items():
        put("value/" + key, v)
        put("grad/" + key, v.grad)


def write(store, name):
    """Safetensors: the header padded to 64 bytes, tensors of doubles first."""
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    names = sorted(store, key=lambda k: (store[k].dtype != torch.float64, k))
    header, at, body = {}, 0, b""
    for k in names:
        t = store[k].contiguous()
        raw = t.numpy().tobytes()
        header[k] = {"dtype": "F64" if t.dtype == torch.float64 else "I32", "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        body += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(out, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + body)


if __name__ == "__main__":
    both = {"gcn": gcn, "sage": sage("mean"), "sage_max": sage("max"), "sage_lstm": sage_lstm, "gat": gat(2, True), "gat_mean": gat(2, False), "gatv2": gatv2, "gin": gin, "gine": gine, "gatedgcn": gatedgcn, "pna": pna,
            "transformer": transformer, "rgcn": rgcn}
    for name, layer in both.items():
        case(name, layer, square)
        case(name + "_bipartite", layer, bipartite)
    for name, then in (("appnp", appnp), ("sgc", sgc), ("dagnn", dagnn), ("gcnii", gcnii), ("gpr", gpr), ("plaplacian", plaplacian)):
        case(name, mapped(then), square)
    for layer in (h2gcn, jump_max, jump_lstm, graph_norm, attention_pool, embedding, batch_norm, layer_norm, mlp):
        case(layer.__name__, layer, square)
    for kind in ("mean", "max", "lstm"):
        case("impn_" + kind, impn(kind), square)
    case("plaplacian_detached", mapped(plaplacian_detached), square)
    for name, g in (("square", square), ("bipartite", bipartite)):
        store["graph/" + name] = torch.tensor(g.arcs, dtype=torch.int32)
    write(store, "layers.safetensors")
