#!/usr/bin/env python3
"""Golden values of the whole p-adapter, softmax attention before it and bottleneck behind it, in plain PyTorch (double) from the paper's equations and from
what its authors' code does. Writes tests/golden/adapter.safetensors, which tests/nn/test_golden_adapter.c reads.      usage: adapter_torch.py [OUT]

Dense matrices over queries and values, -inf where there is no arc: nothing of how weft walks a graph. Both rules; among the same nodes and between two
sides (bipartite); the norm smoothed and masked; two values are the same rows, so that a gradient of length 0 is met. No dropout."""
import math

import torch
import torch.nn.functional as F

from layers_torch import heads_of, param, store, write

torch.manual_seed(8)
VALUES, QUERIES, D, HEADS, WIDTH, P0, MU0 = 7, 5, 6, 2, 4, 1.4, 0.3
square = torch.tensor([[(3 * i + 5 * j) % 4 != 0 for j in range(VALUES)] for i in range(VALUES)])
sides = square[:QUERIES].clone()
square[3, :] = False  # this node attends to itself alone: with one set of nodes a difference of exactly 0
square[3, 3] = True


def attention(q, k, arcs):
    """[heads, n, m], rows sum to 1."""
    q, k = heads_of(q, HEADS).transpose(0, 1), heads_of(k, HEADS).transpose(0, 1)
    score = q @ k.transpose(1, 2) / math.sqrt(q.shape[2])
    return torch.softmax(score.masked_fill(~arcs, -math.inf), 2)


def step(m, arcs, v, own, p, mu, self_, degrees, eps, mask):
    """One step of p-Laplacian message passing among the columns of each head. m [heads, n, m]."""
    v, own = heads_of(v, HEADS).transpose(0, 1), heads_of(own, HEADS).transpose(0, 1)
    of = m.sum(1) if degrees and not self_ else torch.ones(m.shape[0], m.shape[2])  # of a source; of a destination always 1
    scaled = v / (of + 1e-12).sqrt()[:, :, None] if degrees and not self_ else v
    square = m * ((own[:, :, None] - scaled[:, None]) ** 2).sum(3)
    if mask:
        keep = (square > eps**2) & arcs
        bar = torch.where(keep, m * torch.where(keep, square, torch.ones_like(square)) ** ((p - 2) / 2), torch.zeros_like(m))
    else:
        bar = torch.where(arcs, m * (square + eps**2) ** ((p - 2) / 2), torch.zeros_like(m))
    alpha = 1 / (bar.sum(2) + 2 * mu / p)
    return (alpha[:, :, None] * (bar @ scaled + 2 * mu / p * own)).transpose(0, 1).flatten(1)


def adapter(a, arcs, q, k, v, own, code, self_, eps, mask):
    columns = lambda name, n, m: (param(a, name + ".weight", n, m), param(a, name + ".bias", 1, m))
    down, up = columns("a.down", D, WIDTH), columns("a.up", WIDTH, D)
    gate = columns("a.gate", D, WIDTH) if code else None
    p = 1 + F.softplus(param(a, "a.p", 1, 1) + math.log(math.expm1(P0 - 1)))
    theta = param(a, "a.mu", 1, 1)
    mu = MU0 * (2 + torch.tanh(theta)) if code else F.softplus(theta + math.log(math.expm1(MU0)))
    out = columns("out", D, D)
    m = attention(q, k, arcs)
    if not code:
        u = step(m, arcs, v, own, p, mu, self_, True, eps, mask) @ out[0] + out[1]
        return u + torch.relu(u @ down[0] + down[1]) @ up[0] + up[1]
    h = (m @ heads_of(v, HEADS).transpose(0, 1)).transpose(0, 1).flatten(1) @ out[0] + out[1]
    f = step(m, arcs, v @ out[0] @ down[0], own @ out[0] @ down[0], p, mu, self_, False, eps, mask) + down[1]
    return h + (F.gelu(h @ gate[0] + gate[1], approximate="tanh") * f) @ up[0] + up[1]


def case(name, code, self_, mask):
    arcs = square if self_ else sides
    n = arcs.shape[0]
    put = lambda key, t: store.__setitem__(name + "/" + key, t.detach().clone())
    q, k, v, own = (torch.randn(rows, D) for rows in (n, VALUES, VALUES, n))
    v[1] = v[4]
    given = {"q": q, "k": k, "v": v} if self_ else {"q": q, "k": k, "v": v, "own": own}
    for t in given.values():
        t.requires_grad_(True)
    a = {}
    y = adapter(a, arcs, q, k, v, v if self_ else own, code, self_, 0.05 if not mask else 1e-3, mask)
    r = torch.randn_like(y)
    (r * y).sum().backward()
    for key, t in given.items():
        put(key, t)
        put("d" + key, t.grad)
    put("y", y)
    put("r", r)
    for key, t in a.items():
        put("value/" + key, t)
        put("grad/" + key, t.grad)


if __name__ == "__main__":
    for code in (False, True):
        for self_ in (False, True):
            for mask in (False, True):
                case(f"{'code' if code else 'paper'}_{'self' if self_ else 'sides'}_{'mask' if mask else 'smooth'}", code, self_, mask)
    for name, arcs in (("self", square), ("sides", sides)):
        store["graph/" + name] = torch.tensor([[j, i] for i in range(arcs.shape[0]) for j in range(VALUES) if arcs[i, j]], dtype=torch.int32)
    write(store, "adapter.safetensors")
