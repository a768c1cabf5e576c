#!/usr/bin/env python3
"""State dicts of a GCN and a GIN written in plain PyTorch, with the names that PyTorch users meet, and what the two answer on a small graph.
Writes gcn_torch.safetensors, gin_torch.safetensors (the state dicts) and import.safetensors (graph, features, answers) beside itself or into OUT; tests/nn/test_import.c reads them
through gcn_torch.map and gin_torch.map.       usage: import_torch.py [OUT]"""
import json
import os
import struct
import sys

import torch
from torch import nn

torch.manual_seed(11)
N, IN, HIDDEN, OUT = 9, 4, 5, 3
EDGES = [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (4, 5), (4, 6), (5, 6), (6, 7)]  # node 8 stands alone
ADJACENCY = torch.zeros(N, N)
for u, v in EDGES:
    ADJACENCY[u, v] = ADJACENCY[v, u] = 1.0


class GCNConv(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.lin = nn.Linear(n_in, n_out, bias=False)
        self.bias = nn.Parameter(torch.randn(n_out))

    def forward(self, x):
        a = ADJACENCY + torch.eye(N)
        d = a.sum(1) ** -0.5
        return (d[:, None] * a * d[None, :]) @ self.lin(x) + self.bias


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([GCNConv(IN, HIDDEN), GCNConv(HIDDEN, OUT)])

    def forward(self, x):
        return self.convs[1](torch.relu(self.convs[0](x)))


class GINConv(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.nn = nn.Sequential(nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.ReLU(), nn.Linear(n_out, n_out))
        self.eps = nn.Parameter(torch.randn(1) / 4)

    def forward(self, x):
        return self.nn((1 + self.eps) * x + ADJACENCY @ x)


class GIN(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([GINConv(IN, HIDDEN), GINConv(HIDDEN, HIDDEN)])
        self.norms = nn.ModuleList([nn.BatchNorm1d(HIDDEN), nn.BatchNorm1d(HIDDEN)])
        self.out = nn.Linear(HIDDEN, OUT)

    def forward(self, x):
        for conv, norm in zip(self.convs, self.norms):
            x = torch.relu(norm(conv(x)))
        return self.out(x)


def write(path, tensors):
    kind = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int64: "I64", torch.int32: "I32"}
    header, at, body = {}, 0, b""
    for k in sorted(tensors, key=lambda n: (-tensors[n].element_size(), n)):
        t = tensors[k].detach().contiguous()
        raw = (t.view(torch.int16) if t.dtype == torch.bfloat16 else t).numpy().tobytes()
        header[k] = {"dtype": kind[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        body += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 8) % 64)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + body)


out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
x = torch.randn(N, IN)
answers = {"x": x, "edges": torch.tensor(EDGES, dtype=torch.int32)}
for name, model in (("gcn", GCN()), ("gin", GIN())):
    if name == "gin":  # running statistics that are not those of a fresh layer
        for _ in range(5):
            model(torch.randn(N, IN))
    model.eval()
    with torch.no_grad():
        answers[name] = model(x)
    write(os.path.join(out, name + "_torch.safetensors"), model.state_dict())
write(os.path.join(out, "import.safetensors"), answers)
