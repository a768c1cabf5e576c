#!/usr/bin/env python3
"""Training epochs of gcn, gat and gine on a random graph of ogbn-arxiv's size: weft against plain PyTorch.

  bench/torch_epoch.py WEFT [--models gcn,gat,gine] [--rounds 3] [--epochs 3] [--threads 2] [--nodes N] [--edges E]

Both make the same graph by the same rule (splitmix64 from 1; random pairs, both directions, merged, self loops) and the same features and labels (from 2); entries
of the matrix and the sum of a product are compared. The peer is plain PyTorch: gcn and gine by products with a CSR matrix, whose way back is the product with the
transposed matrix, here itself (autograd's own way back takes longer); gat by index_select, scatter_reduce and index_add over arcs; gine's message needs no arcs,
as there are no edge features: relu before the product. `gcn, narrow` is gcn with the peer's products on the narrower side of each layer, as weft chooses them.
Adam, cross entropy over all nodes. Each measurement is a process of its own, peer and weft in turn; medians over rounds of each process's median epoch. Seconds
on a processor stand beside the wall's, as other work on the machine disturbs them less. Peak memory is that of training alone (the graph is built before it).
Needs torch and numpy; without them it says so and skips (exit 77).
"""
import argparse, json, os, statistics, subprocess, sys, time

try:
    import numpy as np
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as e:
    print(f"skipped: {e}")
    sys.exit(77)

DIMS, HEADS = [128, 256, 256, 40], 4


def random(seed, n):
    """n numbers of splitmix64, as weft's cli_random draws them."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        return z ^ z >> np.uint64(31)


class Graph:
    def __init__(self, n, pairs):
        s, t = (random(1, 2 * pairs).reshape(-1, 2) % np.uint64(n)).astype(np.int64).T
        plain = np.unique(np.r_[t * n + s, s * n + t])
        keep = plain // n != plain % n
        looped = np.unique(np.r_[plain[keep], np.arange(n, dtype=np.int64) * (n + 1)])
        self.n = n
        self.row, self.col = (torch.from_numpy(a.copy()) for a in (looped // n, looped % n))
        degree = torch.bincount(self.row, minlength=n).float()
        self.gcn = self.matrix(looped, 1.0 / torch.sqrt(degree[self.row] * degree[self.col]))
        self.plain = self.matrix(plain, torch.ones(len(plain)))
        drawn = random(2, n * (DIMS[0] + 1))
        self.x = torch.from_numpy((drawn[:n * DIMS[0]] >> np.uint64(40)).astype(np.float32).reshape(n, -1) * np.float32(2.0 ** -24) - np.float32(0.5))
        self.label = torch.from_numpy((drawn[n * DIMS[0]:] % np.uint64(DIMS[-1])).astype(np.int64))

    def matrix(self, entries, value):
        at = torch.from_numpy(np.stack([entries // self.n, entries % self.n]))
        return torch.sparse_coo_tensor(at, value, (self.n, self.n)).coalesce().to_sparse_csr()


class Product(torch.autograd.Function):
    """A x for a symmetric A."""
    @staticmethod
    def forward(ctx, a, x):
        ctx.a = a
        return a @ x

    @staticmethod
    def backward(ctx, g):
        return None, ctx.a @ g.contiguous()


class Gcn(nn.Module):
    def __init__(self, narrow):
        super().__init__()
        self.narrow = narrow
        self.layers = nn.ModuleList(nn.Linear(i, o, bias=False) for i, o in zip(DIMS, DIMS[1:]))
        self.bias = nn.ParameterList(nn.Parameter(torch.zeros(o)) for o in DIMS[1:])

    def forward(self, g):
        x = g.x
        for k, (w, b) in enumerate(zip(self.layers, self.bias)):
            if self.narrow and w.in_features <= w.out_features:
                x = w(Product.apply(g.gcn, x) if x.requires_grad else g.gcn @ x) + b
            else:
                x = Product.apply(g.gcn, w(x)) + b
            x = F.relu(x) if k + 1 < len(self.layers) else x
        return x


class Gat(nn.Module):
    def __init__(self):
        super().__init__()
        ends = [(HEADS, o // HEADS) for o in DIMS[1:-1]] + [(1, DIMS[-1])]
        self.layers = nn.ModuleList(nn.Linear(i, h * c, bias=False) for i, (h, c) in zip(DIMS, ends))
        self.att = nn.ParameterList(nn.Parameter(torch.randn(2, h, c) * (1.0 / (h + c)) ** 0.5) for h, c in ends)
        self.bias = nn.ParameterList(nn.Parameter(torch.zeros(h * c)) for h, c in ends)

    def forward(self, g):
        x = g.x
        for k, (w, att, b) in enumerate(zip(self.layers, self.att, self.bias)):
            h = w(x).view(g.n, *att.shape[1:])
            e = F.leaky_relu((h * att[0]).sum(-1)[g.col] + (h * att[1]).sum(-1)[g.row], 0.2)
            to = g.row[:, None].expand_as(e)
            with torch.no_grad():
                most = torch.full((g.n, e.shape[1]), -1e30).scatter_reduce(0, to, e, "amax")
            e = torch.exp(e - most[g.row])
            a = e / torch.zeros(g.n, e.shape[1]).index_add(0, g.row, e)[g.row]
            y = torch.zeros(g.n, *att.shape[1:]).index_add(0, g.row, h[g.col] * a[:, :, None])
            x = y.flatten(1) + b
            x = F.relu(x) if k + 1 < len(self.layers) else x
        return x


class Gine(nn.Module):
    def __init__(self):
        super().__init__()
        self.edge = nn.ParameterList(nn.Parameter(torch.zeros(i)) for i in DIMS[:-1])
        self.mlp = nn.ModuleList(nn.Sequential(nn.Linear(i, o), nn.ReLU(), nn.Linear(o, o)) for i, o in zip(DIMS, DIMS[1:]))

    def forward(self, g):
        x = g.x
        for k, (edge, mlp) in enumerate(zip(self.edge, self.mlp)):
            x = mlp(x + Product.apply(g.plain, F.relu(x + edge)))
            x = F.relu(x) if k + 1 < len(self.mlp) else x
        return x


def high_water():
    return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))


def peer(kind, a):
    torch.manual_seed(0)
    torch.set_num_threads(a.threads)
    g = Graph(a.nodes, a.edges)
    model = {"gcn": lambda: Gcn(False), "gcn, narrow": lambda: Gcn(True), "gat": Gat, "gine": Gine}[kind]()
    optim = torch.optim.Adam(model.parameters(), 0.01)
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")  # the high-water mark begins anew
    wall, cpu = [], []
    for _ in range(a.epochs + 1):  # the first is not counted
        start, busy = time.monotonic(), time.process_time()
        optim.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(g), g.label)
        loss.backward()
        optim.step()
        wall.append(time.monotonic() - start)
        cpu.append(time.process_time() - busy)
    result = {"nnz": len(g.row), "epoch_s": statistics.median(wall[1:]), "cpu_s": sum(cpu[1:]) / a.epochs, "peak_mb": high_water()}
    x = (torch.arange(a.nodes * DIMS[1]) % 17).float().view(a.nodes, -1) * 0.1
    wall = []
    for _ in range(5):
        start = time.monotonic()
        y = g.gcn @ x
        wall.append(time.monotonic() - start)
    return dict(result, spmm_s=statistics.median(wall), spmm_sum=float(y.double().sum()))


def run(command, a):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ, OMP_NUM_THREADS=str(a.threads))).stdout)


def sizes(a):
    return ["--nodes", str(a.nodes), "--edges", str(a.edges), "--epochs", str(a.epochs), "--threads", str(a.threads)]


def row(who, runs):
    m = {k: statistics.median(r[k] for r in runs) for k in runs[0] if isinstance(runs[0][k], (int, float))}
    spread = [r["epoch_s"] for r in runs]
    print(f"  {who:18} {m['epoch_s']:8.3f} s ({min(spread):.3f} to {max(spread):.3f}) {m['cpu_s']:8.3f} s {m['peak_mb']:8.0f} MiB   product {m['spmm_s']:.3f} s", flush=True)
    return m


def compare(kind, a):
    peers = [kind] + (["gcn, narrow"] if kind == "gcn" else [])
    runs = {who: [] for who in peers + ["weft"]}
    for _ in range(a.rounds):
        for who in peers:
            runs[who].append(run([sys.executable, __file__, a.weft, "--peer", who] + sizes(a), a))
        runs["weft"].append(run([a.weft, "bench", kind, "--limits", "--json", "-"] + sizes(a), a))
    one, other = runs[kind][0], runs["weft"][0]
    assert one["nnz"] == other["nnz"], "the graphs are not the same"
    assert abs(one["spmm_sum"] - other["spmm_sum"]) < 1e-4 * abs(other["spmm_sum"]), "the products are not the same"
    print(f"{kind}: an epoch, median (range over rounds); on processors; peak; product at {DIMS[1]} columns; {one['nnz']} entries")
    m = {who: row("torch " + who if who != "weft" else who, r) for who, r in runs.items()}
    w = m["weft"]
    for who in peers:
        print(f"  epoch: {m[who]['epoch_s'] / w['epoch_s']:.2f} times as fast as torch {who} ({m[who]['cpu_s'] / w['cpu_s']:.2f} by processor seconds); memory {w['peak_mb'] / m[who]['peak_mb']:.2f} of its")
    if kind == "gcn":
        print(f"  product: {m[kind]['spmm_s'] / w['spmm_s']:.2f} times as fast; {w['spmm_s'] / w['spmm_bound_s']:.2f} times its bound")
        print(f"  epoch: {w['epoch_s'] / w['epoch_bound_s']:.2f} times its bound ({w['cpu_s'] / a.threads / w['epoch_bound_s']:.2f} by processor seconds over threads); "
              f"measured {w['fma_gflops']:.0f} G operations, {w['read_gbs']:.1f} GB read a second")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("weft")
    a.add_argument("--models", default="gcn,gat,gine")
    for name, value in (("rounds", 3), ("epochs", 3), ("threads", 2), ("nodes", 169343), ("edges", 1166243)):
        a.add_argument("--" + name, type=int, default=value)
    a.add_argument("--peer", help="one measurement of the peer, as JSON")
    a = a.parse_args()
    if a.peer:
        return print(json.dumps(peer(a.peer, a)))
    print(f"torch {torch.__version__}, {a.threads} threads each, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    for kind in a.models.split(","):
        compare(kind, a)
    print(f"load {os.getloadavg()[0]:.1f} after, {a.threads} of it these runs'")


main()
