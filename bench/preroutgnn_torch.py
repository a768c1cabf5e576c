#!/usr/bin/env python3
"""One training epoch of preroutgnn: weft against the same model in PyTorch, on the usb design as one graph.

  bench/preroutgnn_torch.py WEFT DATA [--epochs N] [--rounds R]

The peer is plain PyTorch (index_select, index_add, scatter_reduce, nn.MultiheadAttention over the 49 entries of each table), written from the model's description:
encoder over both directions of all edges, four net convolutions of width 128, one pass over all levels on true states, joint losses, Adam. Sizes of its parts are
checked against weft's. Runs go in turn (peer with 1 thread, peer with 2, weft with 1, weft with 2), so that a busy machine disturbs all alike; the smallest
time per epoch of each counts. Needs torch and numpy; without them it says so and skips (exit 77).
"""
import argparse, csv, gzip, math, os, resource, subprocess, sys, tempfile, time

try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as e:
    print(f"skipped: {e}")
    sys.exit(77)


def table(path):
    with gzip.open(path + ".csv.gz", "rt") as f:
        return np.loadtxt(f, delimiter=",", ndmin=2).astype(np.float32)


def mlp(*width):
    layers = []
    for i in range(len(width) - 1):
        layers += [nn.Linear(width[i], width[i + 1])] + ([nn.LeakyReLU(0.2)] if i + 2 < len(width) else [])
    return nn.Sequential(*layers)


def reduce_by(x, to, n, how):
    if how == "sum":
        return torch.zeros(n, x.shape[1]).index_add(0, to, x)
    index = to[:, None].expand_as(x)
    return torch.zeros(n, x.shape[1]).scatter_reduce(0, index, x, {"mean": "mean", "min": "amin", "max": "amax"}[how], include_self=False)


class AllConv(nn.Module):
    def __init__(self, given, out):
        super().__init__()
        self.message, self.update = mlp(2 * given + 12, 64, 64, 64, 49), mlp(given + 48, 64, 64, 64, out)

    def forward(self, x, g):
        m = self.message(torch.cat([x[g.all_from], x[g.all_to], g.all_e], 1))
        k, parts = torch.sigmoid(m[:, :1]), [x]
        for i, how in enumerate(("mean", "sum", "min", "max")):
            parts.append(reduce_by(m[:, 1 + 12 * i:13 + 12 * i] * k, g.all_to, g.n, how))
        return self.update(torch.cat(parts, 1))


class Encoder(nn.Module):
    def __init__(self, given, out):
        super().__init__()
        self.layers = nn.ModuleList([AllConv(given, 32), AllConv(32 + given, 32), AllConv(32 + given, 32), AllConv(32, out)])

    def forward(self, x0, g):
        x = self.layers[0](x0, g)
        for layer in self.layers[1:3]:
            x = x + layer(torch.cat([x, x0], 1), g)
        return self.layers[3](x, g)


class NetConv(nn.Module):
    def __init__(self, f=64, w=128):
        super().__init__()
        self.to_sink, self.to_driver, self.reduce = mlp(2 * f + 2, w, w, w, w, f), mlp(2 * f + 2, w, w, w, 65), mlp(f + 64, w, w, w, f)

    def forward(self, x, g):
        u, v = x[g.net_from], x[g.net_to]
        m = self.to_driver(torch.cat([v, u, -g.net_e], 1))
        k = torch.sigmoid(m[:, :1])
        both = torch.cat([x, reduce_by(m[:, 1:33] * k, g.net_from, g.n, "sum"), reduce_by(m[:, 33:] * k, g.net_from, g.n, "max")], 1)
        y = torch.zeros_like(x).index_copy(0, g.drivers, self.reduce(both[g.drivers]))
        return y.index_copy(0, g.net_to, self.to_sink(torch.cat([u, v, g.net_e], 1)))


class PreRoutGNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder(19, 4)
        self.up, self.convs, self.head = nn.Sequential(nn.Linear(27, 64), nn.LeakyReLU(0.2)), nn.ModuleList([NetConv() for _ in range(4)]), mlp(64, 64, 4)
        self.net_step, self.query, self.attention = mlp(190, 128, 128, 128, 128, 8), mlp(190, 128, 128, 128, 256), nn.MultiheadAttention(32, 4, kdim=1, vdim=1, batch_first=True)
        self.message, self.reduce = mlp(190 + 256, 128, 128, 128, 69), mlp(91 + 64, 128, 128, 128, 8)

    def forward(self, g):
        latent = self.encoder(g.placed, g)
        given = torch.cat([g.placed, latent, latent.mean(0, keepdim=True).expand(g.n, 4)], 1)
        x = self.up(given)
        for conv in self.convs:
            x = x + conv(x, g)
        h = torch.cat([given, x], 1)
        sinks = g.state[g.net_from] + self.net_step(torch.cat([g.state[g.net_from], h[g.net_from], h[g.net_to]], 1))
        base = torch.cat([g.state[g.cell_from], h[g.cell_from], h[g.cell_to]], 1)
        q = self.query(base).view(-1, 1, 32)
        found = self.attention(q, g.keys, g.values, need_weights=False)[0].reshape(len(base), 256)
        m = self.message(torch.cat([base, found], 1))
        k = torch.sigmoid(m[:, :1])
        into = torch.cat([h[g.outputs], reduce_by(m[:, 1:33] * k, g.place, len(g.outputs), "sum"), reduce_by(m[:, 33:65] * k, g.place, len(g.outputs), "max")], 1)
        return self.head(x), sinks, self.reduce(into), m[:, 65:]


class Graph:
    def __init__(self, folder):
        node, edge, e = table(folder + "/node-feat"), table(folder + "/edge").astype(np.int64), table(folder + "/edge-feat")
        lut, state, net, cell = table(folder + "/cell-edge-feat-512"), table(folder + "/atslew"), table(folder + "/netdelay_log"), table(folder + "/celldelay")
        with gzip.open(folder + "/cell-arc.csv.gz", "rt") as f:
            on = np.array([not r["sta_type"].endswith("_off") for r in csv.DictReader(f)])
        n_net = int((e[:, 1] > 0.5).sum())
        self.n, level = len(node), np.zeros(len(node))
        for _ in range(1000):  # longest paths
            new = level.copy()
            np.maximum.at(new, edge[:, 1], level[edge[:, 0]] + 1)
            if (new == level).all():
                break
            level = new
        place = (node[:, 2:6] - node[:, 2:6].min(0)) / np.ptp(node[:, 2:6], axis=0)
        waves = [f(math.pi * 2 ** k * level / 200) for f in (np.sin, np.cos) for k in range(4)]
        placed = np.c_[node[:, :2], place, node[:, 6:], level, np.stack(waves, 1)]
        normed = lambda a: (a - a.mean(0)) / np.maximum(a.std(0), 1e-5)
        t = lambda a: torch.from_numpy(np.ascontiguousarray(a, dtype=np.float32))
        i = lambda a: torch.from_numpy(np.ascontiguousarray(a))
        self.placed, self.state, self.net_target, self.cell_target = t(normed(placed)), t(normed(state)), t(normed(net)), t(normed(cell[on]))
        self.net_from, self.net_to, self.net_e = i(edge[:n_net, 0]), i(edge[:n_net, 1]), t(e[:n_net, 10:] / e[:n_net, 10:].std(0))
        self.all_from, self.all_to, self.all_e = i(np.r_[edge[:, 0], edge[:, 1]]), i(np.r_[edge[:, 1], edge[:, 0]]), t(np.r_[e, -e])
        self.drivers = i(np.flatnonzero(node[:, 1] > 0.5))
        ce = edge[n_net:][on]
        self.cell_from, self.cell_to = i(ce[:, 0]), i(ce[:, 1])
        outputs, place = np.unique(ce[:, 1], return_inverse=True)
        self.outputs, self.place = i(outputs), i(place)
        axes = lut[on, :120].reshape(-1, 8, 15)
        self.keys = t((axes[:, :, 1:8, None] * axes[:, :, None, 8:]).reshape(-1, 49, 1))
        self.values = t(lut[on, 120:].reshape(-1, 49, 1))


def peer(model, optim, g):
    start, cpu = time.monotonic(), time.process_time()
    net, sinks, outputs, cell = model(g)
    mse = nn.functional.mse_loss
    loss = mse(net, g.net_target) + mse(sinks, g.state[g.net_to]) + mse(outputs, g.state[g.outputs]) + mse(cell, g.cell_target)
    optim.zero_grad()
    loss.backward()
    optim.step()
    return time.monotonic() - start, time.process_time() - cpu, float(loss)


def weft(command, data, threads, epochs):
    """Smallest wall seconds of an epoch, and the process's seconds on a processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as d:
        subprocess.run([command, "train", "timing", "--dataset", "time21", "--data", data, "--design", "usb", "--model", "preroutgnn", "--budget", "1000000", "--draws", "1", "--epochs", str(epochs + 1),
                        "--threads", str(threads), "--quiet", "--log", d + "/log", "--out", d + "/w", "--checkpoint-every", "10000"], check=True, env=dict(os.environ, OMP_NUM_THREADS=str(threads)))
        seconds = [float(line.split()[3]) for line in open(d + "/log")]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return min(b - a for a, b in zip(seconds, seconds[1:])), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("weft")
    a.add_argument("data")
    a.add_argument("--epochs", type=int, default=4)
    a.add_argument("--rounds", type=int, default=2)
    a = a.parse_args()
    torch.manual_seed(0)
    g, model = Graph(a.data + "/usb"), PreRoutGNN()
    encoder = sum(p.numel() for p in model.encoder.parameters())
    print(f"peer: {sum(p.numel() for p in model.parameters()) - encoder} parameters and {encoder} in the encoder; {g.n} nodes, {len(g.net_from)} net edges, {len(g.cell_from)} cell edges; torch {torch.__version__}")
    optim = torch.optim.Adam(model.parameters(), 5e-4)
    best, cpu, losses = {}, {}, []
    for _ in range(a.rounds):
        for threads in (1, 2):
            torch.set_num_threads(threads)
            for k in range(a.epochs + 1):  # the first is not timed
                seconds, busy, loss = peer(model, optim, g)
                losses.append(loss)
                if k and threads == 1:
                    cpu["torch"] = min(cpu.get("torch", 1e9), busy)
                if k:
                    best["torch", threads] = min(best.get(("torch", threads), 1e9), seconds)
        for threads in (1, 2):
            seconds, busy = weft(a.weft, a.data, threads, a.epochs)
            best["weft", threads] = min(best.get(("weft", threads), 1e9), seconds)
            if threads == 1:  # what reading and setting up take falls out of a difference
                cpu["weft"] = min(cpu.get("weft", 1e9), (weft(a.weft, a.data, 1, 2 * a.epochs)[1] - busy) / a.epochs)
    for (who, threads), seconds in best.items():
        print(f"{who}, {threads} thread{'s' if threads > 1 else ''}: {seconds:.3f} s an epoch")
    print(f"peer's loss: {losses[0]:.3f} at first, {losses[-1]:.3f} after {len(losses)} epochs")
    print(f"seconds on a processor, one thread, an epoch (what other work on the machine disturbs least): torch {cpu['torch']:.3f}, weft {cpu['weft']:.3f}: {cpu['torch'] / cpu['weft']:.2f} times")
    peer_best = min(best["torch", 1], best["torch", 2])
    for threads in (1, 2):
        print(f"weft with {threads} thread{'s' if threads > 1 else ''} is {peer_best / best['weft', threads]:.2f} times as fast as the better of the peer's")


main()
