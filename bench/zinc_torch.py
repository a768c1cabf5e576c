#!/usr/bin/env python3
"""A training epoch of the ZINC preset (10,000 graphs): weft against plain PyTorch.

  bench/zinc_torch.py WEFT ZINC_LIKE [--batches 60] [--epochs 3] [--rounds 3] [--threads 1,2]

ZINC_LIKE: the folder of train_atom.npy and the rest. The peer is GPS as `--model gps --preset zinc` has it (423,717 parameters: 10 layers of GINE beside softmax
attention of 4 heads, batch norm, walks of 20 steps, AdamW, clipping, batches of 32), with attention over batches padded to their largest graph and one product
for q, k and v. Both train on the first `batches` batches of 32 training graphs, scaled to 10,000; an epoch of it is not counted, of the others the median. A set of
32 graphs stands for validation and test, so that evaluation is next to nothing (of weft's time: the peer does none). Positions come before the clock. The peer's batches,
too, are put together before it and the same in every epoch; weft draws and builds its own within. Each measurement is a process of its own, peer and weft in turn;
medians over rounds, of the clock and of the processors. Needs torch and numpy; without them, or the set, it says so and skips (exit 77).
"""
import argparse, json, os, resource, statistics, subprocess, sys, tempfile, time

try:
    import numpy as np
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as e:
    print(f"skipped: {e}")
    sys.exit(77)

D, HEADS, LAYERS, STEPS, BATCH, GRAPHS = 64, 4, 10, 20, 32, 10000


class Block:
    """One batch: nodes in a row, arcs both ways, the place of each node in the padded batch."""
    def __init__(self, z, begin, end):
        first, edge = z["node_ptr"][begin:end + 1], slice(z["edge_ptr"][begin], z["edge_ptr"][end])
        sizes = np.diff(first)
        shift = np.repeat(first[:-1] - first[0], np.diff(z["edge_ptr"][begin:end + 1]))[:, None]
        pairs, bond = z["edges"][edge].astype(np.int64) + shift, z["bond"][edge]
        self.source, self.target = (torch.from_numpy(np.r_[pairs[:, a], pairs[:, 1 - a]]) for a in (0, 1))
        self.bond = F.one_hot(torch.from_numpy(np.r_[bond, bond].astype(np.int64)), 4).float()
        self.atom = F.one_hot(torch.from_numpy(z["atom"][first[0]:first[-1]].astype(np.int64)), 28).float()
        self.graph = torch.from_numpy(np.repeat(np.arange(end - begin), sizes))
        self.n, self.most = end - begin, int(sizes.max())
        place = np.arange(first[-1] - first[0]) - (first[:-1] - first[0])[self.graph]
        self.slot = self.graph * self.most + torch.from_numpy(place)
        there = torch.zeros(self.n * self.most, dtype=torch.bool)
        there[self.slot] = True
        self.absent = torch.zeros(self.n, 1, 1, self.most).masked_fill(~there.view(self.n, 1, 1, self.most), float("-inf"))
        self.walk = self.walks()
        self.y = torch.from_numpy(z["y"][begin:end].astype(np.float32)).view(-1, 1)

    def walks(self):
        a = torch.zeros(self.n, self.most, self.most)
        row = self.slot % self.most
        a[self.graph[self.target], row[self.target], row[self.source]] = 1
        a /= a.sum(2, keepdim=True).clamp(min=1)
        power, out = a, []
        for _ in range(STEPS):
            out.append(power.diagonal(dim1=1, dim2=2).flatten()[self.slot])
            power = power @ a
        return torch.stack(out, 1)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(D, D), nn.ReLU(), nn.Linear(D, D))
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.near, self.far, self.last = (nn.BatchNorm1d(D) for _ in range(3))
        self.feed = nn.Sequential(nn.Linear(D, 2 * D), nn.ReLU(), nn.Linear(2 * D, D))

    def attention(self, x, b):
        qkv = x.new_zeros(b.n * b.most, 3 * D).index_copy(0, b.slot, self.qkv(x))
        q, k, v = qkv.view(b.n, b.most, 3, HEADS, D // HEADS).permute(2, 0, 3, 1, 4)
        p = torch.softmax(q @ k.transpose(2, 3) * (D // HEADS) ** -0.5 + b.absent, 3)
        y = F.dropout(p, 0.5, self.training) @ v
        return self.out(y.transpose(1, 2).reshape(-1, D)[b.slot])

    def forward(self, x, e, b):
        near = torch.zeros_like(x).index_add(0, b.target, F.relu(x[b.source] + e))
        z = self.near(x + self.mlp(x + near)) + self.far(x + self.attention(x, b))
        return self.last(z + self.feed(z))


class Gps(nn.Module):
    def __init__(self):
        super().__init__()
        self.atom, self.bond = nn.Linear(28, 36, bias=False), nn.Linear(4, D, bias=False)
        self.norm, self.place = nn.BatchNorm1d(STEPS), nn.Linear(STEPS, 28)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = nn.Sequential(nn.Linear(D, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, b):
        x, e = torch.cat([self.atom(b.atom), self.place(self.norm(b.walk))], 1), self.bond(b.bond)
        for layer in self.layers:
            x = layer(x, e, b)
        return self.head(torch.zeros(b.n, D).index_add(0, b.graph, x))


def load(folder, part):
    return {k: np.load(f"{folder}/{part}_{k}.npy") for k in ("atom", "bond", "edges", "node_ptr", "edge_ptr", "y")}


def peer(a, threads):
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    z, model = load(a.zinc, "train"), Gps()
    assert sum(p.numel() for p in model.parameters()) == 423717
    blocks = [Block(z, i * BATCH, (i + 1) * BATCH) for i in range(a.batches)]
    optim = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-5)
    wall, cpu = [], []
    for _ in range(a.epochs + 1):
        start = time.monotonic(), time.process_time()
        for b in blocks:
            loss = F.l1_loss(model(b), b.y)
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
        wall.append(time.monotonic() - start[0])
        cpu.append(time.process_time() - start[1])
    return {"wall": statistics.median(wall[1:]), "cpu": statistics.median(cpu[1:]), "loss": loss.item()}


def share(a, folder):
    """The first batches of the training graphs as a set of its own."""
    for part, n in (("train", a.batches * BATCH), ("val", BATCH), ("test", BATCH)):
        z = load(a.zinc, part)
        nodes, edges = z["node_ptr"][n], z["edge_ptr"][n]
        for key, end in (("atom", nodes), ("bond", edges), ("edges", edges), ("node_ptr", n + 1), ("edge_ptr", n + 1), ("y", n)):
            np.save(f"{folder}/{part}_{key}.npy", z[key][:end])


def weft(a, folder, threads):
    def train(epochs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([a.weft, "train", "graph", "--dataset", folder, "--model", "gps", "--preset", "zinc", "--set", f"epochs={epochs}", "--set", "warmup=1", "--runs", "1",
                        "--threads", str(threads), "--quiet", "--log", folder + "/log"], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        at = [json.loads(line)["seconds"] for line in open(folder + "/log")]
        return [t - s for s, t in zip(at, at[1:])], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    _, base = train(1)
    wall, cpu = train(a.epochs + 1)
    return {"wall": statistics.median(wall), "cpu": (cpu - base) / a.epochs}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("weft")
    a.add_argument("zinc")
    for name, value in (("batches", 60), ("epochs", 3), ("rounds", 3)):
        a.add_argument("--" + name, type=int, default=value)
    a.add_argument("--threads", default="1,2")
    a.add_argument("--peer", type=int, help="one measurement of the peer with so many threads, as JSON")
    a = a.parse_args()
    if not os.path.exists(a.zinc + "/train_atom.npy"):
        print(f"skipped: no {a.zinc}/train_atom.npy")
        sys.exit(77)
    if a.peer:
        return print(json.dumps(peer(a, a.peer)))
    threads, scale = [int(t) for t in a.threads.split(",")], GRAPHS / (a.batches * BATCH)
    who = [(name, t) for t in threads for name in ("torch", "weft")]
    runs = {w: [] for w in who}
    print(f"torch {torch.__version__}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before; {a.batches} batches of {BATCH}, scaled to {GRAPHS} graphs")
    with tempfile.TemporaryDirectory() as folder:
        share(a, folder)
        for _ in range(a.rounds):
            for name, t in who:
                command = [sys.executable, __file__, a.weft, a.zinc, "--batches", str(a.batches), "--epochs", str(a.epochs), "--peer", str(t)]
                runs[name, t].append(weft(a, folder, t) if name == "weft" else json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    m = {w: {k: scale * statistics.median(r[k] for r in runs[w]) for k in ("wall", "cpu")} for w in who}
    for w in who:
        walls = [scale * r["wall"] for r in runs[w]]
        print(f"  {w[0]:5} {w[1]} thread{'s' if w[1] > 1 else ' '}  {m[w]['wall']:7.2f} s ({min(walls):.2f} to {max(walls):.2f}), processors {m[w]['cpu']:7.2f} s")
    best = {name: min((m[w] for w in who if w[0] == name), key=lambda r: r["wall"]) for name in ("torch", "weft")}
    print(f"an epoch, better of the threads each: {best['torch']['wall'] / best['weft']['wall']:.2f} times as fast; by processor seconds, better of each: "
          f"{min(m[w]['cpu'] for w in who if w[0] == 'torch') / min(m[w]['cpu'] for w in who if w[0] == 'weft'):.2f}")
    print(f"load {os.getloadavg()[0]:.1f} after")


main()
